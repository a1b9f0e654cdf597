"""Links and names that lead nowhere: each kind fails a strict build, with the page and the target."""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from kdbook.execution import notebooks
from kdbook.execution.chapters import Executed
from kdbook.project import BookError, Chapter, Project
from kdbook.site.checks import links, names
from tests.mini import CONFIG, TOC, kdcore, write_book

pytestmark = pytest.mark.usefixtures("each_chapter_once")

BY_SPHINX = {
    "gone-1.ipynb": "[text](gone-1.ipynb)",
    "gone-2.md": "[](gone-2.md)",
    "gone-3": "[text](gone-3)",
    "gone-4.html": "[text](gone-4.html)",
    "gone-5": "[](#gone-5)",
    "gone-6": "[text](first.ipynb#gone-6)",
    "gone-7": "{doc}`gone-7`",
    "gone-8": "{ref}`text <gone-8>`",
    "gone-9": "{prf:ref}`text <gone-9>`",
    "gone-10": "{numref}`gone-10`",
    "gone-11": "{eq}`gone-11`",
    "gone-12": "{term}`gone-12`",
    "gone-13.csv": "{download}`data <gone-13.csv>`",
}
IN_HTML = {
    "gone-1.html": '<div><a href="gone-1.html">a block</a></div>',
    "first.html#gone-2": 'A link <a href="first.html#gone-2">in a line</a>.',
    "#gone-3": '<a href="#gone-3">on this page</a>',
    "gone-4.png": '<img src="gone-4.png" alt="A picture">',
}


def put(root, page, text):
    (root / "book" / f"{page}.md").write_text(text)


def mark(root, label):
    """Give the heading of the first chapter a label."""
    path = root / "book" / "first.ipynb"
    notebook = notebooks.read(path)
    notebook.cells[0].source = f"({label})=\n# First"
    path.write_text(notebooks.to_text(notebook))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A book that was built strictly; the page ``linking`` links to a place in the first chapter."""
    root = write_book(tmp_path_factory.mktemp("links"))
    (root / "_config.yml").write_text(CONFIG.replace("kdbook.site.mathjax", "sphinx_proof, kdbook.site.pages"))
    (root / "_toc.yml").write_text(TOC + "  - file: linking\n  - file: more\n")
    mark(root, "here")
    put(root, "linking", "# Linking\n\n[text](#here), [](second.ipynb), <a href='first.html?x=1#here'>too</a>\n")
    put(root, "more", "# More\n")
    built = kdcore(root, "build", "--strict")
    assert built.returncode == 0, built.stderr
    return root


def test_what_pages_link_to_in_html_and_places_that_were_renamed_are_named(book):
    """Sphinx reads the page ``linking`` no second time, and says nothing."""
    put(book, "more", "# More\n\n" + "\n\n".join(IN_HTML.values()) + "\n")
    mark(book, "there")
    result = kdcore(book, "build", "--strict")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    for target in IN_HTML:
        assert f"more: WARNING: the link to '{target}' leads nowhere: " in result.stderr
    assert "linking: WARNING: the link to 'first.html#here' leads nowhere: first.html has no place" in result.stderr
    assert "last good book is unchanged" in result.stderr


def test_what_markdown_links_to_is_named(book):
    put(book, "more", "# More\n\n" + "\n\n".join(BY_SPHINX.values()) + "\n")
    mark(book, "here")
    result = kdcore(book, "build", "--strict")
    assert result.returncode == 1
    found = [line for line in result.stderr.splitlines() if "WARNING" in line]
    for target in BY_SPHINX:
        assert [line for line in found if "more." in line and re.search(rf"{re.escape(target)}(?!\d)", line)], target


def dead(root, pages, *slides):
    """Check a rendered book of some pages, whose first chapter has some cells of slides."""
    for name, text in pages.items():
        (root / "made" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "made" / name).write_text(f"<html><body>{text}</body></html>")
    cells = [new_markdown_cell(text, metadata={"tags": ["slide", "remove-cell"]}) for text in slides]
    executed = Executed(Chapter("first", root / "book/first.ipynb", 1), new_notebook(cells=cells), {}, {}, True)
    return [(link.page, link.target) for link in links.dead(Project(root), [executed], root / "made")]


def test_what_is_there_or_elsewhere_is_not_dead(tmp_path):
    text = '<h1 id="a b">A</h1><a name="old"></a><a href="#a%20b"></a><a href="#"></a><a href="slides/first.html?x#s">'
    text += '</a><a href="https://example.org/gone.html#x"></a><a href="mailto:a@b.c"></a><img src="data:image/png,x">'
    deck = '<section id="s"></section><a href="../first.html#old"></a><img src="../my%20figure.svg">'
    pages = {"first.html": text, "slides/first.html": deck, "my figure.svg": "", "_static/x.html": '<a href="gone">'}
    assert dead(write_book(tmp_path), pages, "{ref}`x <s>`, [](second.ipynb), [y](https://example.org)") == []


def test_what_slides_lead_to_is_named_too(tmp_path):
    pages = {"first.html": '<p id="equation-eq-a"></p>', "slides/first.html": '<a href="../gone.html">x</a>'}
    cells = ["{eq}`eq-a`, [](gone.ipynb)", "- {prf:ref}`Theorem 9 <thm-9>`\n\n```python\n# [](code.ipynb)\n```"]
    found = dead(write_book(tmp_path), pages, *cells)
    slides = [("slides of first", "gone"), ("slides of first", "thm-9")]
    assert found == [("slides/first", "../gone.html"), *slides]


ITEM = "{{item: Lemma 9, says: x, anchor: {anchor}, chapter: {chapter}, checked: [proof], uses: [], tight: loose}}"


def test_a_statement_that_is_not_where_the_list_says_is_named(tmp_path):
    root = write_book(tmp_path)
    items = [ITEM.format(anchor=anchor, chapter="first") for anchor in ("lem-9", "lem-10")]
    (root / "book" / "statements.yml").write_text("".join(f"- {item}\n" for item in items))
    pages = {"first.html": '<p id="lem-9"></p>', "second.html": '<p id="lem-10"></p>'}
    assert dead(root, pages) == [("statements.yml, Lemma 9", "lem-10")]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("pages.yml", "summary: frist", "summary names the page 'frist', which _toc.yml has not"),
        ("profiles.yml", "quick: {}\nlarge:\n  frist: {n: 8}\n", "profiles.yml: large: no chapter 'frist'"),
        (
            "statements.yml",
            "- " + ITEM.format(anchor="lem-9", chapter="frist"),
            "statements.yml: Lemma 9 names 'frist'",
        ),
        (
            "symbols.yml",
            "- section: A\n  symbols:\n    - {anchor: sym-a, tex: [a], says: x, not_in: [first, frist]}",
            "symbols.yml: sym-a, not_in names 'frist', which is no page of _toc.yml (near: first)",
        ),
        ("_static/only/frist/x.js", "", "the folder _static/only/frist names 'frist'"),
    ],
)
def test_a_file_that_names_no_page_stops_the_build_before_a_chapter_runs(tmp_path, file, text, said):
    root = write_book(tmp_path)
    path = root / "book" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert said in result.stderr
    assert not (root / "_build").exists()


def test_all_wrong_names_are_told_at_once(tmp_path):
    root = write_book(tmp_path)
    (root / "book" / "profiles.yml").write_text("large: {third: {}, 2: {}, first: {}}\n")
    (root / "book" / "_static" / "only" / "fourth").mkdir(parents=True)
    with pytest.raises(BookError, match=r"only/fourth.*'fourth'.*: index, first, second; .*no chapter 'third'"):
        names.check(Project(root))
