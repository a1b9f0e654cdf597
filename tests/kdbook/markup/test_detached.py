"""A chapter alone: references to other pages become their words, all else stays as it is."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kdbook.execution.chapters import Executed
from kdbook.markup.detached import detached
from kdbook.project import BookError, Chapter, Project
from tests.mini import write_book


@pytest.fixture
def turn(tmp_path):
    project = Project(write_book(tmp_path))

    def turned(*sources):
        notebook = new_notebook(cells=[new_code_cell("{eq}"), *(new_markdown_cell(source) for source in sources)])
        chapter = Chapter("first", project.book / "first.ipynb", 1)
        cells = detached(project, Executed(chapter, notebook, {}, {}, True)).cells
        assert [cell.source for cell in cells[:1]] == ["{eq}"]
        return "\n".join(cell.source for cell in cells[1:])

    return turned


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by {prf:ref}`Theorem 3.1 <thm-3-1>`", "by Theorem 3.1"),
        ("by {eq}`eq-1` and {numref}`fig-1`", "by (eq-1) and (fig-1)"),
        ("the {term}`policies <policy>` of a {term}`teacher`", "the policies of a teacher"),
        ("[](/second.ipynb), [it *all*](second.md#part), [so](second)", "Second, it *all*, so"),
        ("[out](https://example.org/a.md), [here](#part), ![drawn](figures/a.svg)",) * 2,
        ("$[0,\\infty)$ and `[a](second.md)`\n\n    {eq}`eq-1`",) * 2,
        (
            ":::{note} On {term}`x`\n- {eq}`eq-1`\n\n  [](second.ipynb)\n:::",
            ":::{note} On x\n- (eq-1)\n\n  Second\n:::",
        ),
        ("```{raw} html\n{eq}`eq-1`\n```",) * 2,
    ],
)
def test_what_leads_elsewhere_becomes_words(turn, text, expected):
    assert turn(text) == expected


@pytest.mark.parametrize(
    "home",
    [
        "$$\nx\n$$ (a)",
        "(a)=\n# Part",
        ":::{figure} figures/x.svg\n:name: a\n:::",
        "> :::{prf:lemma} L\n> :label: a\n> :::",
    ],
)
def test_what_leads_to_the_chapter_itself_stays(turn, home):
    text = "see {ref}`a`, {eq}`a`, {prf:ref}`L <a>`"
    assert turn(home, text).endswith(text)


def test_a_box_that_is_not_closed_is_named(turn):
    with pytest.raises(BookError, match=r"chapter first: the directive \{note\} T is not closed"):
        turn("```{note} T\nx")
