"""Symbols: the list, its tables, and the links from formulas, in small Sphinx projects."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

import kdcore as kd
from kdbook import pages
from kdbook.project import Project
from kdbook.sphinx_ext.symbols import normal_form, read_symbols
from tests import warm

PROJECT = Project.find()
SECTIONS = read_symbols(PROJECT.book)
SYMBOLS = [symbol for symbols in SECTIONS.values() for symbol in symbols]
NAME = r'<span class="visually-hidden"> \(notation: [a-z ]+\)</span>'
LINK = re.compile(
    rf'<a class="symbol reference internal" href="([^"]*)"><span class="math[^>]*>\\\((.*?)\\\)</span>{NAME}</a>'
)
CONF = """\
extensions = ["myst_parser", "kdbook.site.pages"]
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
"""
LIST = r"""
- section: Letters
  symbols:
    - {anchor: sym-rho, tex: ['\rho'], says: "law of *inputs*", code: rho}
    - {anchor: sym-pi-hat, tex: ['\hat\pi'], also: ['\hat\pi(a\mid s)'], says: "a student"}
    - {anchor: sym-n, tex: ['n'], says: "samples", link: page}
    - {anchor: sym-p, tex: ['p'], says: "many things", link: never}
    - {anchor: sym-k, tex: ['K'], says: "letters", not_in: [other]}
- section: Not shown
  symbols:
    - {anchor: sym-xi, tex: ['\xi'], says: "hidden"}
"""
NOTATION = "# Notation\n\n```{symbols} Letters\n```\n\nHere $\\rho$ is at home.\n"


def build(root: Path, notation: str | None = NOTATION, builder: str = "html", **pages: str) -> dict[str, str]:
    """Build pages with Sphinx; return what came out, by page, and the warnings under an empty name."""
    if notation is not None:
        pages["notation"] = notation
    names = [name for name in pages if name != "index"]
    contents = "```{toctree}\n" + "\n".join(names) + "\n```\n" if names else ""
    pages["index"] = pages.get("index", "# Start\n") + "\n" + contents
    for name, text in pages.items():
        (root / f"{name}.md").write_text(text)
    (root / "conf.py").write_text(CONF)
    (root / "symbols.yml").write_text(LIST)
    result = warm.sphinx("-q", "-N", "-b", builder, str(root), str(root / "out"))
    assert result.returncode == 0, result.stderr
    suffix = "html" if builder == "html" else "txt"
    return {name: (root / "out" / f"{name}.{suffix}").read_text() for name in pages} | {"": result.stderr}


IN_THE_WAY = {
    "heading": r"## The law $\rho$",
    "link": r"[the law $\rho$](notation.md)",
    "table": r"| law |" + "\n|:--|\n" + r"| $\rho$ |",
    "caption": "```{figure} nothing.svg\n:alt: x\n\n" + r"The law $\rho$." + "\n```",
    "title-of-a-box": "```{admonition} " + r"The law $\rho$" + "\nText.\n```",
    "closed-box": "```{note}\n:class: dropdown\n\n" + r"The law $\rho$." + "\n```",
    "rubric": "```{rubric} " + r"The law $\rho$" + "\n```",
}
PAGES = {
    name: f"# Page\n\n## Section\n\n{text}\n\nLater $\\rho + 0$ and $\\rho$, as said.\n"
    for name, text in IN_THE_WAY.items()
} | {
    "punctuation": "# Page\n\nLet $\\rho$, then ($n$).\n",
    "heard": "# Page\n\nLet $\\hat\\pi$.\n",
    "not-shown": "# Page\n\nThe $\\xi$ and $\\rho$.\n",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Pages that need nothing but the list, built together; no page's links depend on another page."""
    root = tmp_path_factory.mktemp("pages")
    (root / "nothing.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    built = build(root, **PAGES)
    assert built[""] == ""
    return built


def links(html: str) -> list[tuple[str, str]]:
    return LINK.findall(html)


def public_arguments() -> set[str]:
    public = [getattr(module, name) for module in (kd, kd.bounds) for name in module.__all__]
    functions = [value for value in public if inspect.isfunction(value)]
    functions += [function for _, function in inspect.getmembers(kd.Teacher, inspect.isfunction)]
    return {name for function in functions for name in inspect.signature(function).parameters}


def exists(code: str) -> bool:
    """Whether ``code`` names a learner, something of the package, or an argument of one of its functions."""
    if code.startswith('"'):
        return code.strip('"') in kd.LEARNERS
    if code.startswith("teacher."):
        teacher = kd.instance_0(n_inputs=2, n_labels=2)
        return hasattr(teacher, code.removeprefix("teacher."))
    if code.startswith("bounds."):
        return hasattr(kd.bounds, code.removeprefix("bounds."))
    if code == "fit(data)":
        return all(list(inspect.signature(learner.fit).parameters) == ["data"] for learner in kd.LEARNERS.values())
    return hasattr(kd, code) or code in public_arguments()


@pytest.mark.parametrize("symbol", [symbol for symbol in SYMBOLS if symbol.code], ids=lambda symbol: symbol.anchor)
def test_every_name_in_the_code_is_in_the_code(symbol):
    assert exists(symbol.code)


def test_a_name_that_is_not_in_the_code_would_be_found():
    assert not any(map(exists, ['"ce_xyz"', "teacher.omega", "bounds.theorem_9_9", "n_teachers"]))


def test_the_page_notation_shows_every_section_once():
    shown = re.findall(r"^```\{symbols\} (.+)$", (PROJECT.book / "notation.md").read_text(), re.MULTILINE)
    assert shown == list(SECTIONS)


def test_pages_where_a_symbol_means_something_else_exist():
    assert {page for symbol in SYMBOLS for page in symbol.not_in} <= set(PROJECT.pages())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\hat{\pi}", r"\hat\pi"),
        (r"\hat \pi", r"\hat\pi"),
        ("n_{s}", "n_s"),
        (r"{\rho}", r"\rho"),
        (r"\mathcal{{S}}", r"\mathcal S"),
        (r"\pi^{\star}(a\mid s)", r"\pi^\star (a \mid s)"),
        (r"\rho\,\times\,\pi^\star", r"\rho \times \pi^\star"),
    ],
)
def test_spellings_that_look_the_same_are_the_same(one, other):
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("n_s", "n_{s,a}"), (r"\pi", r"\pi_c"), ("sa", r"\sa"), (r"\{a\}", "a"), ("n_{sa}", "n_sa"), ("S", "s")],
)
def test_spellings_that_look_different_are_different(one, other):
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{anchor: sym-a, tex: [a]}", "must have the fields anchor, says, tex"),
        ("{anchor: sym-a, tex: [a], says: x, colour: red}", "others are also, code, link, not_in"),
        ("{anchor: a, tex: [a], says: x}", "an anchor must be sym- and small letters, got a"),
        ("{anchor: sym-a, tex: [a], says: x, link: often}", "allowed are section, page, never"),
        ("{anchor: sym-a, tex: [a], says: '$a|s$'}", "has a |, which ends a cell"),
        ("{anchor: sym-a, tex: [a], says: x}\n    - {anchor: sym-a, tex: [b], says: y}", "sym-a stands in sym-a"),
        (
            "{anchor: sym-a, tex: [a], says: x}\n    - {anchor: sym-b, tex: ['{a}'], says: y}",
            "a stands in sym-a and in",
        ),
    ],
)
def test_what_is_wrong_in_a_list_is_named(tmp_path, text, message):
    (tmp_path / "symbols.yml").write_text(f"- section: One\n  symbols:\n    - {text}\n")
    with pytest.raises(ConfigError, match=re.escape(message)):
        read_symbols(tmp_path)


def test_a_book_without_a_list_has_no_symbols(tmp_path):
    assert read_symbols(tmp_path) == {}


def test_the_table_has_an_anchor_for_each_row_and_a_class_for_each_cell(made):
    row = re.search(r'<tr[^>]* id="sym-rho">(.*?)</tr>', made["notation"], re.DOTALL)[1]
    assert re.findall(r'<td class="[^"]*symbol-(\w+)"', row) == ["tex", "says", "code"]
    assert "law of <em>inputs</em>" in row
    assert re.findall(r'id="(sym-[\w-]+)"', made["notation"]) == ["sym-rho", "sym-pi-hat", "sym-n", "sym-p", "sym-k"]
    assert links(made["notation"]) == []


def test_the_first_in_each_section_is_linked_or_the_first_on_the_page(tmp_path):
    page = r"""# Page

With $\rho$, $\rho$ and $n$.

## One

With $\rho$, $n$, $\hat{\pi}$ and $\hat\pi(a \mid s)$.

### Part of one

Again $\rho$.

## Two

With $p$, $\rho$, $K$, $\rho+1$ and $\rho$.
"""
    made = build(tmp_path, page=page, other=page)
    assert made[""] == ""
    rho, n, student = (f"notation.html#sym-{name}" for name in ("rho", "n", "pi-hat"))
    before = [(rho, r"\rho"), (n, "n"), (rho, r"\rho"), (student, r"\hat{\pi}"), (rho, r"\rho")]
    assert links(made["page"]) == [*before, ("notation.html#sym-k", "K")]
    assert links(made["other"]) == before
    assert len(links(made["page"])) == made["page"].count('class="symbol reference')


@pytest.mark.parametrize("page", IN_THE_WAY)
def test_no_link_where_it_would_be_in_the_way_and_the_next_one_is_the_first(made, page):
    before, after = made[page].split("Later")
    assert r"\(\rho\)" in before
    assert links(before) == []
    assert links(after) == [("notation.html#sym-rho", r"\rho")]


def test_punctuation_stays_with_a_formula_that_is_linked(made):
    kept = re.findall(rf'<span class="with-punctuation">({LINK.pattern})(.*?)</span>', made["punctuation"])
    assert [(tex, after) for _, _, tex, after in kept] == [(r"\rho", ","), ("n", ").")]


def test_a_link_has_a_name_of_its_own_for_those_who_hear_it(made):
    assert '<span class="visually-hidden"> (notation: pi hat)</span></a>.' in made["heard"]


def test_pages_that_explain_words_or_the_package_or_must_fit_on_a_sheet_have_no_links(tmp_path):
    assert set(pages.of(PROJECT).no_symbol_links) == {"api", "glossary", "summary"}
    (tmp_path / pages.FILE).write_text("no_symbol_links: [words, sheet]\n")
    made = build(tmp_path, **dict.fromkeys(("words", "sheet", "other"), "# Page\n\nThe $\\rho$.\n"))
    assert all(r"\(\rho\)" in made[page] and links(made[page]) == [] for page in ("words", "sheet"))
    assert len(links(made["other"])) == 1


def test_a_symbol_that_no_table_shows_is_not_linked(made):
    assert links(made["not-shown"]) == [("notation.html#sym-rho", r"\rho")]


def test_a_chapter_alone_has_no_links_and_no_warnings(tmp_path):
    made = build(tmp_path, notation=None, index="# Alone\n\nThe $\\rho$.\n")
    assert made[""] == ""
    assert r"\(\rho\)" in made["index"]
    assert links(made["index"]) == []


def test_rows_can_be_referred_to_by_name_and_unknown_ones_are_named(tmp_path):
    made = build(tmp_path, page="# Page\n\n{ref}`the law <sym-rho>` and {ref}`this <sym-none>`.\n")
    assert 'href="notation.html#sym-rho"' in made["page"]
    assert "sym-none" in made[""]
    assert "sym-rho" not in made[""]


def test_a_section_that_the_list_lacks_is_named(tmp_path):
    assert (
        "symbols.yml has no section 'Digits', but Letters, Not shown"
        in (build(tmp_path, notation="# Notation\n\n```{symbols} Digits\n```\n")[""])
    )


def test_other_writers_show_the_formula_as_it_was(tmp_path):
    made = build(tmp_path, builder="text", page="# Page\n\nThe $\\rho$, as said.\n")
    assert "The \\rho, as said." in made["page"]
