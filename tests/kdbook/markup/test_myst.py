"""Markdown as data: what is found, where, and that code and mathematics are never taken for anything else."""

from __future__ import annotations

import itertools

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kdbook.markup import myst
from kdbook.markup.elements import Code, Directive, Element, Equation, Heading, Item, Link, Role, Target
from tests.committed import PROJECT, TEXTS

PAGES = [path.read_text(encoding="utf-8") for path in sorted(PROJECT.book.glob("*.md"))]
CELLS = [text for texts in TEXTS.values() for text in texts]


def kinds(text, inside=True):
    return [type(element.content) for element in myst.elements(text, inside)]


def shown(text, kind, inside=True):
    """What the text itself has at the places of the elements of a kind."""
    return [text[e.start : e.end] for e in myst.elements(text, inside) if isinstance(e.content, kind)]


def test_the_parser_knows_the_syntax_that_sphinx_reads_the_book_with():
    config = yaml.safe_load((PROJECT.root / "_config.yml").read_text(encoding="utf-8"))
    assert set(config["parse"]["myst_enable_extensions"]) == myst.EXTENSIONS | {"smartquotes"}


def test_everything_is_found_at_its_place():
    text = """\
# Title

(sec-a)=
## Part {term}`a`

See {prf:ref}`Theorem 3
<thm>`, [the *page*](/page.ipynb#x) and ![drawing](figures/a.svg).

$$
x
$$ (eq-a)

+ one
  1. two
"""
    found = [(element.content, text[element.start : element.end]) for element in myst.elements(text)]
    link = text.index("](/page")
    assert found == [
        (Heading(1, "Title"), "# Title"),
        (Target("sec-a"), "(sec-a)="),
        (Heading(2, "Part {term}`a`"), "## Part {term}`a`"),
        (Role("term", "", "a"), "{term}`a`"),
        (Role("prf:ref", "Theorem 3", "thm"), "{prf:ref}`Theorem 3\n<thm>`"),
        (Link("the *page*", link, "/page.ipynb#x", False), "[the *page*](/page.ipynb#x)"),
        (Link("drawing", text.index("](figures"), "figures/a.svg", True), "![drawing](figures/a.svg)"),
        (Equation("eq-a"), "$$\nx\n$$ (eq-a)"),
        (Item("+"), "+"),
        (Item("1."), "1."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "``{eq}`x` `` and `[a](b.md)` and `(a)=`",
        "    {eq}`x`\n\n    (a)=",
        "~~~\n{eq}`x`\n```{note}\n~~~",
        "````\n```{note}\n{eq}`x`\n```\n`````",
        "$\\text{ {eq}`x` }$ and $[0,\\infty)$ [",
        "$$\n[a](b.md) {eq}`x`\n$$",
        "\\begin{align}\n[a](b.md)\n\\end{align}",
        "```{raw} html\n{eq}`x`\n\n(a)=\n```",
        "% {eq}`x`",
        "---\nkey: '{eq}`x`'\n---",
    ],
)
def test_code_mathematics_and_comments_hold_nothing(text):
    assert set(kinds(text)) <= {Code, Directive}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "```{note} T\n:class: a b\n:name: n\n\nBody\n```",
            Directive("note", "T", {"class": "a b", "name": "n"}, "Body"),
        ),
        (
            "```{note}\n---\nclass: a\nname: 'n'\n---\nBody\n```",
            Directive("note", "", {"class": "a", "name": "n"}, "Body"),
        ),
        ("```{note}\nBody\n`````", Directive("note", "", {}, "Body")),
        ("~~~{note}\n```{tip}\n```\n~~~~", Directive("note", "", {}, "```{tip}\n```")),
        (":::{note} *T*\nBody\n:::::", Directive("note", "*T*", {}, "Body")),
        ("- a\n\n  ```{note}\n  Body\n    more\n  ```", Directive("note", "", {}, "Body\n  more")),
        ("> ```{note}\n> Body\n> ```", Directive("note", "", {}, "Body")),
        ("```{note}\nOne\n\n---\n\nTwo\n```", Directive("note", "", {}, "One\n\n---\n\nTwo")),
    ],
)
def test_a_directive_is_read_whatever_fence_it_has_and_wherever_it_stands(text, expected):
    assert [part for part in myst.parts(text) if isinstance(part, Directive)] == [expected]


def test_a_rule_between_blocks_is_no_option():
    text = "Above\n\n---\n\n```{note}\nx\n```\n\n---\n\nBelow"
    assert myst.parts(text) == ["Above\n\n---\n\n", Directive("note", "", {}, "x"), "\n---\n\nBelow"]


@pytest.mark.parametrize(
    "text",
    ["```{note} T\nnever", "```{note} T\nshort\n``", "- ```{note} T\n  x\n\n```", "````{note} T\n```{tip}\n```"],
)
def test_a_directive_that_is_not_closed_is_named(text):
    with pytest.raises(ValueError, match=r"the directive \{note\} T is not closed"):
        myst.elements(text)


def test_options_that_cannot_be_read_are_named():
    with pytest.raises(ValueError, match=r"the options of the directive \{note\} T"):
        myst.elements("```{note} T\n:name: 'a\n```")


@pytest.mark.parametrize("label", ["$$x$$ (eq)", "$$\nx \\text{ if $y$, cost \\$2}\n$$ (eq)", "$$\n\nx\n\n$$  (eq)"])
def test_an_equation_with_a_label_may_hold_text(label):
    assert [e.content for e in myst.elements(f"- a\n\n  {label}".replace("\n", "\n  "))][1:] == [Equation("eq")]


def test_things_inside_boxes_are_found_at_their_places_in_the_whole():
    text = """\
> ::::{note} On {term}`a`
> :name: n
>
> 1. In {eq}`b`
>
>    ~~~{tip}
>    And [c](d.md), {eq}`e`
>    ~~~
> ::::

| x {eq}`f` | y |
|--|--|
| {eq}`f` | `\\|` {eq}`f` |
"""
    assert shown(text, Role) == ["{term}`a`", "{eq}`b`", "{eq}`e`", "{eq}`f`", "{eq}`f`", "{eq}`f`"]
    assert shown(text, Link) == ["[c](d.md)"]
    assert kinds(text, inside=False).count(Role) == 3
    last = [e for e in myst.elements(text) if isinstance(e.content, Role)][-1]
    assert text[last.start - 5 : last.start] == "`\\|` "


def test_rewriting_leaves_all_else_as_it_is():
    text = "a {eq}`x`  \n\tb `{eq}`x`` {eq}`x`\n"
    changes = [(e.start, e.end, "!") for e in myst.elements(text)]
    assert myst.rewritten(text, changes) == "a !  \n\tb `{eq}`x`` !\n"
    assert myst.rewritten(text, []) == text


@pytest.mark.parametrize("text", [*CELLS, *PAGES], ids=itertools.count())
def test_the_book_is_cut_without_loss_and_every_element_is_where_it_says(text):
    for element in myst.elements(text, inside=True):
        written, content = text[element.start : element.end], element.content
        if isinstance(content, Role):
            assert written.startswith(f"{{{content.name}}}`")
            assert written.endswith("`")
        elif isinstance(content, Link):
            assert written.startswith("![" if content.image else "[")
            assert text[: content.words_end].endswith(content.words)
        elif isinstance(content, Directive):
            assert f"{{{content.name}}}" in written.split("\n")[0]
            assert written.rstrip()[-3:] in ("```", ":::", "~~~")
        elif isinstance(content, (Target, Heading)):
            assert written.strip().startswith("(" if isinstance(content, Target) else "#")
        elif isinstance(content, Equation):
            assert written.rstrip().endswith(f"({content.label})")
    place = 0
    for part in myst.parts(text):
        if isinstance(part, str):
            place = text.index(part, place) + len(part)
        else:
            place = text.index(f"{{{part.name}}}", place)
            assert all(line.strip() in text[place:] for line in part.body.split("\n"))


FRAGMENTS = [
    *("{eq}`x`", "[a](b.md)", "![i](j)", "`", "``", "$", "$$", "\n", "\n\n", "> ", "- ", "1. ", "    ", "~~~", "```"),
    *("```{note} t\n", "(a)=", "|", "\\", "a", " ", "\t", "% ", "---\n", ":::{tip}\n", "<b>", "# ", ": ", "é"),
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
def test_whatever_the_text_elements_lie_in_it_in_order_and_are_what_they_say(text):
    try:
        found = myst.elements(text, inside=True)
    except ValueError as error:
        assert "is not closed" in str(error)  # noqa: PT017 - either outcome is right
        return
    assert [e.start for e in found] == sorted(e.start for e in found)
    for element in found:
        assert isinstance(element, Element)
        assert 0 <= element.start <= element.end <= len(text)
        if isinstance(element.content, Role):
            assert text[element.start : element.end].startswith(f"{{{element.content.name}}}`")
    assert myst.rewritten(text, []) == text


def test_the_title_is_the_first_heading_of_its_level_and_not_a_comment_in_code():
    assert myst.title("```python\n# no\n```\n\n## Nor this\n\n# *Yes*, $x$ #\n\n# Later") == "*Yes*, $x$"
    assert myst.title("Words\n=====") == "Words"
    assert myst.title("no heading") is None
