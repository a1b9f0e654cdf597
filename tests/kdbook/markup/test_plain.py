"""MyST as plain Markdown: every cell of the book, what becomes of each box and role, and what is refused."""

from __future__ import annotations

import re

import pytest

from kdbook.execution import notebooks
from kdbook.markup.elements import Directive
from kdbook.markup.labels import Labels
from kdbook.markup.plain import Plain, glued
from kdbook.project import BookError, Project
from tests.book.browser import LEFT_OVER
from tests.labels import unnumbered

PROJECT = Project.find()
LABELS = Labels(
    names={"thm-3-1": "Theorem 3.1", "eq-risk": "(1.1)", "fig-a": "Fig. 1.2", "ex-a-1": "Exercise “One”"},
    titles={"setting": "The setting"},
    works={"zhao2024": ("Zhao and Zhu", "2024"), "hoeffding1963": ("Hoeffding", "1963")},
)


def plain(text, **values):
    return Plain(LABELS, values).markdown(text)


@pytest.mark.parametrize("chapter", PROJECT.chapters(), ids=lambda chapter: chapter.name)
def test_no_cell_of_the_book_keeps_markup_that_jupyter_does_not_know(chapter):
    notebook = notebooks.read(chapter.path)
    turn = Plain(unnumbered(PROJECT), glued(notebook))
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "slide" not in cell.metadata.get("tags", []):
            text = re.sub(r"```python.*?```", "", turn.markdown(cell.source), flags=re.DOTALL)
            assert not [m for m in LEFT_OVER.findall(text) if m != "```"], cell.source[:80]
            assert not re.search(r"\$\$ *\([\w-]+\)", text)


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


@pytest.mark.parametrize(
    "text",
    [
        '```python\nx = "{eq}"\n(a)=1\n```',
        "```python\ndef f():\n    pass\n\n\ndef g():\n    pass\n`````",
        "~~~\n```{note}\n{eq}`x`\n~~~",
        "Words\n\n    {eq}`eq-risk`\n    [a](setting.md)",
        "``{eq}`eq-risk` `` and `[a](setting.md)`",
        "$[0,\\infty)$ and $x](setting.md)$",
        "$$\n\\text{see [a](setting.md), {eq}`x`}\n$$",
        "a\n\n---\n\nb\n\n---\n\nc",
        "![a drawing](setting.md)",
    ],
)
def test_code_mathematics_and_rules_are_left_alone(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("````{note} A\nb\n```python\n1\n```\n``````\nc", "> **A.**\n>\n> b\n> ```python\n> 1\n> ```\n\nc"),
        ("~~~{margin} A\n```\n~~~~\n", "> **A.**\n>\n> ```"),
        ("$$x \\text{ if $y$}$$ (eq-risk)", "$$x \\text{ if $y$}\n\\tag{1.1}\n$$"),
        ("- a\n\n  $$\n  x\n  $$ (eq-risk)\n\n- b", "- a\n\n  $$\n  x\n  \\tag{1.1}\n  $$\n\n- b"),
        ("> $$\n> x\n>\n> $$ (eq-risk)", "> $$\n> x\n> \\tag{1.1}\n> $$"),
        ("1. a\n\n   ```{margin} B\n   c\n   ```\n\n   d", "1. a\n\n   > **B.**\n   >\n   > c\n\n   d"),
        ("> a\n>\n> (sec-a)=\n> ## B", "> a\n>\n> \n> ## B"),
        ("[{eq}`eq-risk` there](setting.md)", "(1.1) there"),
        ("[there](setting)", "there"),
        ("[](fig-a)", "*Fig. 1.2*"),
        ("[a][b]\n\n[b]: setting.md", "a\n\n[b]: setting.md"),
        ("A. {download}`x <x>`, {download}`y <y>`.\n\nB. {download}`z <z>`. C", "A.\n\nB. C"),
        ("{download}`x <x>`.\nB", "B"),
        ("| a |\n|--|\n| {eq}`eq-risk` \\| `{eq}` |", "| a |\n|--|\n| (1.1) \\| `{eq}` |"),
        ("a  \n\n\n\nb", "a  \n\nb"),
    ],
)
def test_what_is_rewritten_stays_in_its_place(text, expected):
    assert plain(text) == expected


def test_a_text_is_cut_at_the_boxes_that_are_set_apart():
    text = "a {eq}`eq-risk`\n\n````{exercise} T\n:label: ex-a-1\nb\n````\n\n```{note}\nc\n```\n"
    before, box, after = Plain(LABELS, {}).pieces(text, ("exercise",))
    assert (before, after) == ("a (1.1)", "> c")
    assert box == Directive("exercise", "T", {"label": "ex-a-1"}, "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{eq}`eq-nothing`", "eq-nothing"),
        ("{cite:t}`nobody1900`", "nobody1900"),
        ("{glue:text}`unknown`", "unknown"),
        ("{sound}`bang`", "sound"),
        ("```{sound} bang\n```", "sound"),
        ("```{note}\nnever closed", "not closed"),
        ("see {download}`x <x>` for more", "without a comma or a full stop"),
    ],
)
def test_what_has_no_plain_form_is_named(text, message):
    with pytest.raises(BookError, match=message):
        plain(text)
