"""Questions of the book as a file for another platform."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kdbook.course.questions.gift import gift
from kdbook.course.questions.outside import Outside
from kdbook.course.questions.page import page
from kdbook.course.questions.qti import package
from kdbook.course.questions.read import Question
from kdbook.course.questions.worded import delimited, mathml, worded
from kdbook.project import Project

FORMATS = {"gift": (".gift", ".txt"), "qti": (".zip",), "html": (".html",)}
"""The formats, each with the endings of its files."""
_CREDIT = re.compile(r'^Credit line: "(.+)"\.$', re.MULTILINE)


def export(project: Project, outside: Outside, questions: Sequence[Question], form: str) -> bytes:
    """Return questions in a format.

    Parameters
    ----------
    project : Project
        The book.
    outside : Outside
        Writes its references.
    questions : sequence of Question
        The questions, in the order that they are to have.
    form : str
        A key of FORMATS.

    Raises
    ------
    BookError
        If a question cannot be written.
    """
    credit = _credit(project)
    found = [worded(question, outside, delimited if form == "gift" else mathml) for question in questions]
    if form == "qti":
        return package(f"{project.title()}: questions", found, credit)
    if form == "html":
        return page(project, found, credit).encode()
    categories = [
        tuple(filter(None, [project.title(), question.page_title, question.section])) for question in questions
    ]
    return gift(found, categories, _remarks(credit, len(found))).encode()


def _remarks(credit: str, count: int) -> list[str]:
    return [
        f"{credit}.",
        f"{count} questions in the book's order, a category for each section. Numbers of figures are the book's.",
        "A question has one point. Where several answers may be chosen, the right ones share it and the wrong ones",
        "take shares away. Whether answers are shuffled, the platform decides: no answer speaks of its place.",
    ]


def _credit(project: Project) -> str:
    """Return the credit line of the licence of the book's prose, or else its title."""
    licence = project.root / "LICENSE-PROSE"
    found = _CREDIT.search(licence.read_text(encoding="utf-8")) if licence.is_file() else None
    return found[1] if found else project.title()
