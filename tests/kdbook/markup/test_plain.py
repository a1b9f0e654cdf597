"""MyST as plain Markdown: every cell of the book, what becomes of each box and role, and what is refused."""

from __future__ import annotations

import re

import pytest

from kdbook.execution import notebooks
from kdbook.markup.plain import Labels, Plain, glued, parts
from kdbook.project import BookError, Project
from tests.book.browser import LEFT_OVER

LABELS = Labels(
    names={"thm-3-1": "Theorem 3.1", "eq-risk": "(1.1)", "fig-a": "Fig. 1.2", "ex-a-1": "Exercise “One”"},
    titles={"setting": "The setting"},
    works={"zhao2024": ("Zhao and Zhu", "2024"), "hoeffding1963": ("Hoeffding", "1963")},
)


@pytest.fixture(scope="module")
def labels():
    return Labels.of(Project.find())


def plain(text, **values):
    return Plain(LABELS, values).markdown(text)


@pytest.mark.parametrize("chapter", Project.find().chapters(), ids=lambda chapter: chapter.name)
def test_no_cell_of_the_book_keeps_markup_that_jupyter_does_not_know(labels, chapter):
    notebook = notebooks.read(chapter.path)
    turn = Plain(labels, glued(notebook))
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "slide" not in cell.metadata.get("tags", []):
            text = re.sub(r"```python.*?```", "", turn.markdown(cell.source), flags=re.DOTALL)
            assert not [m for m in LEFT_OVER.findall(text) if m != "```"], cell.source[:80]
            assert not re.search(r"\$\$ *\([\w-]+\)", text)


def test_labels_are_numbered_as_the_book_numbers_them(labels):
    assert labels.names["eq-3-4"] == "(2.1)"
    assert labels.names["fig-hard-row"] == "Fig. 2.1"
    assert labels.names["fig-three-rates"] == "Fig. 1.3"
    assert labels.names["thm-5-2"] == "Theorem 5.2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see {prf:ref}`Theorem 3.1 <thm-3-1>`", "see Theorem 3.1"),
        ("see {prf:ref}`thm-3-1`", "see Theorem 3.1"),
        ("by {eq}`eq-risk`,", "by (1.1),"),
        ("the {term}`policies <policy>`", "the policies"),
        ("{cite:t}`zhao2024` prove", "Zhao and Zhu (2024) prove"),
        ("known {cite:p}`zhao2024,hoeffding1963`", "known (Zhao and Zhu 2024; Hoeffding 1963)"),
        ("[](setting.ipynb) and [it](/setting.ipynb#x)", "*The setting* and it"),
        ("[a page](https://example.org/a.md)", "[a page](https://example.org/a.md)"),
        ("(sec-a)=\n## Heading", "## Heading"),
        ("$$\nx\n$$ (eq-risk)", "$$\nx\n\\tag{1.1}\n$$"),
        ("about {glue:text}`speed:.2f` times", "about 1.23 times"),
        ("```{index} a, b\n```\ntext", "text"),
        ("````{prf:theorem} 3.1, hard\n:label: thm-3-1\n\n$x$\n````", "> **Theorem (3.1, hard).**\n>\n> $x$"),
        ("```{margin} Aside\nWords.\n```", "> **Aside.**\n>\n> Words."),
        ("````{prf:proof}\nClear.\n````", "*Proof.* Clear. ∎"),
        (
            "```{figure} a.svg\n:name: fig-a\n:alt: A.\nA line. {download}`SVG <a.svg>`, {download}`CSV <a.csv>`.\n```",
            "*Fig. 1.2.* A line.",
        ),
    ],
)
def test_each_role_and_box_has_a_plain_form(text, expected):
    assert plain(text, speed="1.2345") == expected


def test_code_is_left_alone():
    text = '```python\nx = "{eq}"\n(a)=1\n```'
    assert plain(text) == text


def test_a_directive_inside_another_is_part_of_its_body():
    (box,) = parts("````{solution} ex-a-1\n:class: dropdown\n\n```python\n1\n```\n````")
    assert (box.name, box.argument, box.options) == ("solution", "ex-a-1", {"class": "dropdown"})
    assert box.body == "```python\n1\n```"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{eq}`eq-nothing`", "eq-nothing"),
        ("{cite:t}`nobody1900`", "nobody1900"),
        ("{glue:text}`unknown`", "unknown"),
        ("{sound}`bang`", "sound"),
        ("```{sound} bang\n```", "sound"),
        ("```{note}\nnever closed", "not closed"),
    ],
)
def test_what_has_no_plain_form_is_named(text, message):
    with pytest.raises(BookError, match=message):
        plain(text)
