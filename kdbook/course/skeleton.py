"""A chapter to begin with: it runs, and holds one of each thing that a chapter has, with words on what goes there.

``skeleton.md`` holds its cells, in MyST-NB's form of a notebook as text.  There ``@name@`` and ``@title@`` stand for
those of the chapter, and ``@prefix@`` for what labels its exercises.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files

from nbformat import NotebookNode
from nbformat.v4 import new_output

from kdbook.execution import notebooks
from kdbook.markup import myst
from kdbook.markup.elements import Directive, Equation

_OUTPUTS = {
    "teacher = ": "one row of the teacher: [0.625 0.125 0.125 0.125]\n",
    "grid = ": "exact risks: 0.446 0.2963 0.1479 0.084 0.0457\n",
    "simulated = ": "simulated: 0.149 ± 0.001\nexact:     0.148\n",
    "certain = ": "distances from certainty: 1.0 0.5 0.0\n",
}
"""What cells print, by how each begins; a test compares it with a run."""
_CHECK = re.compile(r"\n\nprint\(kd\.check\(.*\)\)(?=\n)")
_DRAWN = "<Figure size 704x506 with 1 Axes>"


def prefix(name: str) -> str:
    """Return what labels the exercises of a chapter, and is called its module of checkers."""
    return name.replace("-", "")


def notebook(name: str, title: str, checked: bool) -> NotebookNode:
    """Return the chapter in the form that is committed.

    Parameters
    ----------
    name, title : str
        Of the chapter.
    checked : bool
        Whether :func:`checkers` are written beside it, so that ``kd.check`` knows its exercise.
    """
    from myst_nb.core.read import read_myst_markdown_notebook  # slow to import

    text = _filled((files(__package__) / "skeleton.md").read_text(encoding="utf-8"), name, title)
    if not checked:
        text = _CHECK.sub("", text)
    made = read_myst_markdown_notebook(text)
    for number, cell in enumerate(made.cells):
        cell["id"] = f"c{number:02d}"
        if cell.cell_type == "code":
            cell.outputs = _outputs(cell.source)
    return notebooks.normalise(made)


def _outputs(source: str) -> list[NotebookNode]:
    """Return what a cell leaves when it runs."""
    if "figures.save" in source:
        return [new_output("display_data", {"text/plain": _DRAWN})]  # type: ignore[no-untyped-call]
    printed = (text for start, text in _OUTPUTS.items() if source.startswith(start))
    return [new_output("stream", name="stdout", text=text) for text in printed]  # type: ignore[no-untyped-call]


def labels(name: str) -> list[str]:
    """Return the labels of the chapter, each of which ends with its name or has its prefix."""
    prose = (cell.source for cell in notebook(name, "", checked=False).cells if cell.cell_type == "markdown")
    found = (element.content for text in prose for element in myst.elements(text, inside=True))
    defining = (content for content in found if isinstance(content, Directive | Equation))
    return [content.label for content in defining if content.label]


def checkers(name: str) -> str:
    """Return the module of checkers for its exercise with code."""
    return _filled(_CHECKERS, name)


def statement(name: str, title: str) -> str:
    """Return the line of its statement in ``statements.yml``."""
    item = json.dumps(f"Theorem ({title})", ensure_ascii=False)  # which is YAML, too
    return f"- {{item: {item}, {_filled(_STATEMENT, name)}}}\n"


def wrong(name: str) -> str:
    """Return the module of wrong answers to it, for the tests."""
    return _filled(_WRONG, name)


def _filled(text: str, name: str, title: str = "") -> str:
    for word, value in (("@name@", name), ("@prefix@", prefix(name)), ("@title@", title)):
        text = text.replace(word, value)
    return text


_STATEMENT = (
    "says: here stands what it says, anchor: thm-@name@, chapter: @name@, checked: [proof, exact], uses: [], ours: true"
)

_CHECKERS = '''\
"""Checkers of the exercises in book/@name@.ipynb."""

from __future__ import annotations

from typing import Any

from kdbook.checkers.compare import number
from kdbook.checkers.registry import checker


@checker("ex-@prefix@-2")
def one_draw(answer: Any) -> str:
    """Check the expected risk after one draw, added up over both draws."""
    rows = {0.7: 1 - 0.7, 0.3: 1 - 0.3}  # the probability of a label, and the risk once it was drawn
    number(
        answer,
        sum(chance * risk for chance, risk in rows.items()),
        mistakes=[
            (0.3, "that is the risk if the likely label was drawn: take the mean over both"),
            (0.84, "that is twice the right value, as total variation has a factor 1/2"),
        ],
    )
    return "right"
'''

_WRONG = """\
WRONG = {
    "ex-@prefix@-2": [
        (0.3, "if the likely label was drawn"),
        (0.84, "a factor 1/2"),
        (0.9, "too large"),
    ],
}
"""
