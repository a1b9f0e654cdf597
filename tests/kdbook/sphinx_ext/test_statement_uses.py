"""What the list says that proofs use, against what the proofs say.

A proof that follows the box of its statement is compared with that statement alone.  Where proofs stand further below,
under headings of their own, nothing in the text says whose they are: there the page as a whole is compared.
"""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from kdbook.markup.elements import Directive, Heading
from kdbook.markup.myst import directives, elements
from kdbook.project import Project
from kdbook.sphinx_ext.statements.listed import read_statements

PROJECT = Project.find()
LISTED = {one.anchor: one for one in read_statements(PROJECT.book)}
PAGES = sorted({one.chapter for one in LISTED.values()})
LINK = re.compile(r"\{(?:prf:ref|ref|eq)\}`(?:[^`]*<)?([\w-]+)>?`|\]\(#?([\w-]+)\)")
EQUATION = re.compile(r"^ *\$\$ \((eq-[\w-]+)\)$", re.MULTILINE)
BOX = re.compile(r"\{prf:(?!ref\b)")
STEP = re.compile(r"\bstep (\d+)")

UNBOXED = {"figure-2": {"rem-6-1"}}
"""What a proof uses whose claim stands in no box."""


@cache
def texts(page):
    """The prose of a page, without what only slides show; of a chapter, up to the exercises."""
    path = PROJECT.book / f"{page}.md"
    if path.is_file():
        return [path.read_text(encoding="utf-8")]
    found = []
    for cell in json.loads((PROJECT.book / f"{page}.ipynb").read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown" and "remove-cell" not in cell["metadata"].get("tags", []):
            source = "".join(cell["source"])
            if "## Exercises" in source:
                break
            found.append(source)
    return found


def is_statement(box):
    return box.name.startswith("prf:") and box.name != "prf:proof" and box.label


def is_proof(box):
    return box.name == "prf:proof" or (box.name == "fold" and box.argument.startswith("Proof"))


def inside(text):
    """The boxes in a text that state something, in folds, too."""
    return [box for box in directives(text, lambda box: not is_statement(box)) if is_statement(box)]


@cache
def statements(page):
    """The boxes of a page that state something."""
    with_some = [text for text in texts(page) if BOX.search(text)]
    return [box for text in with_some for box in inside(text)]


@cache
def states():
    """What each label states: the boxes of statements, those that state one again, and equations inside of boxes."""
    found = {label: {label} for label in LISTED}
    for one in LISTED.values():
        for again in one.also:
            found.setdefault(again, set()).add(one.anchor)
    for page in PAGES:
        for box in statements(page):
            found |= {label: found.get(box.label, set()) for label in EQUATION.findall(box.body)}
    return found


def linked(text):
    """The statements that a text links to."""
    return set().union(*(states().get(one or other, set()) for one, other in LINK.findall(text)))


@cache
def proofs(page):
    """What the boxes of a page link to, each with the proof right after it; and what other proofs link to."""
    found, others, now, steps = {}, set(), None, None
    for text in texts(page):
        for element in elements(text):
            content = element.content
            if isinstance(content, Heading):
                now = None
            elif isinstance(content, Directive) and is_statement(content):
                now, steps = content.label, 0
                found[now] = linked(content.body)
            elif isinstance(content, Directive) and content.name in ("fold", "prf:proof"):
                inner = inside(content.body)
                found |= {box.label: linked(box.body) for box in inner}
                step = STEP.search(content.argument)
                if not is_proof(content):
                    continue
                if now and not inner and steps is not None and (int(step[1]) == steps + 1 if step else steps == 0):
                    found[now] |= linked(content.body)
                    steps = int(step[1]) if step else None
                else:
                    others |= linked(content.body)
                    now = None
    return found, others


def test_every_statement_of_the_book_is_in_the_list():
    pages = [page for page in PROJECT.pages() if list(PROJECT.book.glob(f"{page}.*"))]
    missing = [f"{page}: {box.label}" for page in pages for box in statements(page) if box.label not in states()]
    assert missing == [], "add a line to book/statements.yml for each (CONTRIBUTING.md says how)"


@pytest.mark.parametrize("page", PAGES)
def test_what_a_proof_links_to_is_in_the_list(page):
    """Definitions apart: a link to one may say what a word means."""
    found, others = proofs(page)
    definitions = {one.anchor for one in LISTED.values() if one.checked == ("definition",)}
    wrong = []
    for label, links in found.items():
        own = states()[label]
        uses = {used for one in own for used in LISTED[one].uses}
        users = {other for other in LISTED if own & set(LISTED[other].uses)}  # what uses it, it cannot use
        wrong += [f"{label} links to {used}" for used in sorted(links - uses - users - own - definitions)]
    here = {one.anchor for one in LISTED.values() if one.chapter == page}
    uses = {used for anchor in here for used in LISTED[anchor].uses}
    wrong += [
        f"a proof links to {used}" for used in sorted(others - uses - here - definitions - UNBOXED.get(page, set()))
    ]
    assert wrong == [], "not in `uses`; or the link says something else, and stands better outside of the proof"


@pytest.mark.parametrize("page", PAGES)
def test_what_is_used_is_linked_on_the_page_or_stands_there(page):
    boxes = set().union(*(states().get(box.label, set()) for box in statements(page)))
    known = boxes | {one.anchor for one in LISTED.values() if one.chapter == page} | linked("\n".join(texts(page)))
    uses = [(one, used) for one in LISTED.values() if one.chapter == page for used in one.uses]
    assert [f"{one.anchor} uses {used}" for one, used in uses if used not in known] == []
