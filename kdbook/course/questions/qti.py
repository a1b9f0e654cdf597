"""QTI 2.1: a content package with one item a file, and a test that holds them in order.

Formulas are MathML.  Each question has one point, its answers are shuffled, and the feedback on each answer that was
chosen is shown after a try.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from kdbook.course.questions.worded import RIGHT, WRONG, Worded, letter
from kdbook.files import zipped

QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
TEST, MANIFEST = "test.xml", "imsmanifest.xml"
_Q = ElementMaker(namespace=QTI, nsmap={None: QTI})
_P = ElementMaker(namespace=PACKAGE, nsmap={None: PACKAGE})
_L = ElementMaker(namespace=LOM, nsmap={"lom": LOM})
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def package(title: str, questions: Sequence[Worded], credit: str) -> bytes:
    """Return questions as a content package.

    Parameters
    ----------
    title : str
        Of the test.
    questions : sequence of Worded
        The questions, with formulas in MathML.
    credit : str
        Who is to be named, and the licence.
    """
    files = {_place(question): _written(item(question)) for question in questions}
    files[TEST] = _written(_test(title, questions))
    files[MANIFEST] = _written(_manifest(title, questions, credit))
    return zipped(files)


def item(question: Worded) -> Any:
    """Return a question as an ``assessmentItem``."""
    source = question.source
    letters = [letter(place) for place in range(len(question.answers))]
    cardinality = "multiple" if source.several else "single"
    right = [name for name, answer in zip(letters, question.answers, strict=True) if answer.right]
    shares = [
        _Q.mapEntry(mapKey=name, mappedValue=f"{share:.6g}")
        for name, share in zip(letters, question.shares, strict=True)
    ]
    response = _Q.responseDeclaration(
        _Q.correctResponse(*(_Q.value(name) for name in right)),
        _Q.mapping(*shares, lowerBound="0", upperBound="1", defaultValue="0"),
        identifier="RESPONSE",
        cardinality=cardinality,
        baseType="identifier",
    )
    choices = [
        _filled(_Q.simpleChoice(identifier=name), answer.text)
        for name, answer in zip(letters, question.answers, strict=True)
    ]
    interaction = _Q.choiceInteraction(
        _filled(_Q.prompt(), question.asks),
        *choices,
        responseIdentifier="RESPONSE",
        shuffle="true",
        maxChoices="0" if source.several else "1",
    )
    body = _filled(_Q.itemBody(), question.more)
    body.append(interaction)
    feedback = [
        _filled(_feedback(name, RIGHT if answer.right else WRONG), answer.judged)
        for name, answer in zip(letters, question.answers, strict=True)
    ]
    return _Q.assessmentItem(
        response,
        _outcome("SCORE", "0"),
        _outcome("MAXSCORE", "1"),
        _Q.outcomeDeclaration(identifier="FEEDBACK", cardinality=cardinality, baseType="identifier"),
        body,
        _Q.responseProcessing(
            _Q.setOutcomeValue(_Q.mapResponse(identifier="RESPONSE"), identifier="SCORE"),
            _Q.setOutcomeValue(_Q.variable(identifier="RESPONSE"), identifier="FEEDBACK"),
        ),
        *feedback,
        identifier=source.label,
        title=question.title,
        adaptive="false",
        timeDependent="false",
        **{_LANGUAGE: "en"},
    )


def _outcome(name: str, value: str) -> Any:
    default = _Q.defaultValue(_Q.value(value))
    return _Q.outcomeDeclaration(default, identifier=name, cardinality="single", baseType="float")


def _feedback(name: str, verdict: str) -> Any:
    title = verdict.removesuffix(".")
    return _Q.modalFeedback(outcomeIdentifier="FEEDBACK", identifier=name, showHide="show", title=title)


def _filled(element: Any, html: str) -> Any:
    """Return an element with HTML put into it, which is well formed as markdown-it writes it."""
    inside = etree.fromstring(f'<div xmlns="{QTI}">{html}</div>')
    element.text = inside.text
    element.extend(inside)
    return element


def _test(title: str, questions: Sequence[Worded]) -> Any:
    sections: list[Any] = []
    for (page, section), found in groupby(questions, key=lambda one: (one.source.page_title, one.source.section)):
        names = [question.source.label for question in found]
        items = [_Q.assessmentItemRef(identifier=name, href=f"items/{name}.xml") for name in names]
        place = f"section-{len(sections) + 1}"
        sections.append(_Q.assessmentSection(*items, identifier=place, title=section or page, visible="true"))
    part = _Q.testPart(
        _Q.itemSessionControl(maxAttempts="0", showFeedback="true"),
        *sections,
        identifier="part-1",
        navigationMode="nonlinear",
        submissionMode="individual",
    )
    return _Q.assessmentTest(part, identifier="questions", title=title)


def _manifest(title: str, questions: Sequence[Worded], credit: str) -> Any:
    about = _L.lom(
        _L.general(_L.title(_L.string(title, language="en"))),
        _L.rights(_L.description(_L.string(credit, language="en"))),
    )
    items = [_resource(question.source.label, "imsqti_item_xmlv2p1", _place(question), []) for question in questions]
    names = [question.source.label for question in questions]
    return _P.manifest(
        _P.metadata(_P.schema("QTIv2.1 Package"), _P.schemaversion("1.0.0"), about),
        _P.organizations(),
        _P.resources(_resource("questions", "imsqti_test_xmlv2p1", TEST, names), *items),
        identifier="package",
    )


def _resource(name: str, kind: str, place: str, needs: Sequence[str]) -> Any:
    needed = [_P.dependency(identifierref=f"resource-{need}") for need in needs]
    return _P.resource(_P.file(href=place), *needed, identifier=f"resource-{name}", type=kind, href=place)


def _place(question: Worded) -> str:
    return f"items/{question.source.label}.xml"


def _written(tree: Any) -> bytes:
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8"))
