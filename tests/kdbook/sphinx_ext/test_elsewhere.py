"""A book that leaves pages out: references to them become words, and those to nothing still fail."""

from __future__ import annotations

import shutil

import pytest

from kdbook.markup import html as markup
from kdbook.markup.elsewhere import Elsewhere
from kdbook.markup.labels import Labels
from kdbook.markup.plain import Plain
from kdbook.project import Project
from tests.mini import CONFIG, TOC, kdcore, write_book

pytestmark = pytest.mark.usefixtures("each_chapter_once")

MORE = (
    "[sphinx_proof, sphinx_exercise, kdbook.site.pages]\n  config: {numfig: true, bibtex_reference_style: author_year}"
)
ABSENT = """\
(sec-more)=
# More *pages*

$$
a = b
$$ (eq-more)

```{prf:theorem} 9.1, of nothing
:label: thm-more
:nonumber:

True.
```

```{exercise} Try it
:label: ex-more

Try.
```

```{solution} ex-more
Done.
```

```{figure} _static/dot.svg
:name: fig-more

A dot.
```
"""
WORDS = """\
Long word
  One that the {term}`short word` is not.

short word
other word
  Two.
"""
GLOSSARY = f"# Words\n\n```{{glossary}}\n{WORDS}```\n\n## Works\n\n```{{bibliography}}\n```\n"
BIB = "@article{one, author = {Ada One and Bo Two}, title = {T}, journal = {J}, year = {1999}}\n"
REFERENCES = {
    "{ref}`sec-more`": "More *pages*",
    "{prf:ref}`thm-more`": "Theorem 9.1",
    "{prf:ref}`said so <thm-more>`": "said so",
    "{ref}`ex-more`": "Exercise “Try it”",
    "by {eq}`eq-more`": "an equation in More *pages*",
    "{eq}`eq-more` says": "An equation in More *pages*",
    "{numref}`fig-more`": "A figure in More *pages*",
    "{numref}`Figure {number} <fig-more>`": "A figure in More *pages*",
    "{term}`LONG  word`": "Long word",
    "{term}`words <other word>`": "words",
    "{cite:t}`one`": "One and Two (1999)",
    "{cite}`one`": "(One and Two 1999)",
    "[](absent.md)": "More *pages*",
    "[a *page*](/absent.md)": "a page",
    "{doc}`absent`": "More *pages*",
    "[](second.ipynb)": "Second",
    "[](#thm-more)": "Theorem 9.1",
}
PAGE = "# All\n\n" + "\n\n".join(REFERENCES) + '\n\nIn HTML <a href="absent.html#x">a link</a>.\n'
GONE = [
    "{ref}`x <gone-1>`",
    "{eq}`gone-2`",
    "{prf:ref}`x <gone-3>`",
    "{term}`gone-4`",
    "[](gone-5.ipynb)",
    "{cite}`gone-6`",
]
MAP = "- {item: Theorem 9.1, says: x, anchor: thm-more, chapter: absent, checked: [proof], uses: [], tight: loose}\n"
SLIDE = "## Slide\n\n{prf:ref}`thm-more`, {eq}`eq-more` and [](second.ipynb)"


def write(root):
    """A book of a title page, the first chapter and the page ``all``, which refers to three pages that are left out."""
    write_book(root)
    (root / "_config.yml").write_text(
        CONFIG.replace("[kdbook.site.mathjax]", MORE) + "bibtex_bibfiles: [references.bib]\n"
    )
    (root / "_toc.yml").write_text(TOC.replace("second", "all"))
    book = root / "book"
    (book / "_static").mkdir()
    (book / "_static" / "dot.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>')
    (book / "references.bib").write_text(BIB)
    for name, text in {"absent": ABSENT, "words": GLOSSARY, "all": PAGE}.items():
        (book / f"{name}.md").write_text(text)
    (book / "pages.yml").write_text(
        "bibliography: words\nsummary: absent\nno_uses: [absent, all]\nsections: {second: x}\n"
    )
    (book / "profiles.yml").write_text("quick: {}\npaper: {second: {n: 8}, first: {n: 4}}\n")
    (book / "statements.yml").write_text(MAP)
    (book / "symbols.yml").write_text(
        "- section: A\n  symbols:\n    - {anchor: sym-a, tex: [a], says: x, not_in: [absent]}\n"
    )
    return root


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = write(tmp_path_factory.mktemp("elsewhere"))
    built = kdcore(root, "build", "--strict")
    assert built.returncode == 0, built.stderr
    return root


def shown(root):
    """The paragraphs of the page ``all``."""
    page = markup.page((root / "_build" / "html" / "all.html").read_text(encoding="utf-8"))
    return page.xpath("//article//section/p")


def test_references_to_pages_that_are_left_out_become_words(book):
    paragraphs = shown(book)
    for (reference, words), paragraph in zip(REFERENCES.items(), paragraphs, strict=False):
        (found,) = paragraph.find_class("elsewhere")
        assert " ".join(found.text_content().split()) == words, reference
    assert [link for paragraph in paragraphs for link in paragraph.xpath(".//a/@href")] == []
    assert paragraphs[-1].text_content() == "In HTML a link."


def test_words_are_links_where_the_whole_book_has_an_address_and_what_is_nowhere_is_told(book, tmp_path):
    root = shutil.copytree(book, tmp_path / "book")
    config = (root / "_config.yml").read_text()
    (root / "_config.yml").write_text(config + "html: {baseurl: https://example.org/book}\n")
    (root / "book" / "index.md").write_text("# Title\n\n" + "\n\n".join(GONE) + "\n")
    told = kdcore(root, "build")
    assert told.returncode == 0
    for number in range(1, len(GONE) + 1):
        assert f"gone-{number}" in told.stderr
    assert "all.md" not in told.stderr
    links = dict(zip(REFERENCES, (p.xpath(".//a/@href") for p in shown(root)), strict=False))
    where = "https://example.org/book/"
    assert links["{prf:ref}`thm-more`"] == links["[](#thm-more)"] == [f"{where}absent.html#thm-more"]
    assert links["{eq}`eq-more` says"] == [f"{where}absent.html#equation-eq-more"]
    assert links["{term}`LONG  word`"] == [f"{where}words.html#term-Long-word"]
    assert links["[](second.ipynb)"] == [f"{where}second.html"]
    assert links["{cite}`one`"] == [f"{where}words.html"]
    assert shown(root)[-1].xpath(".//a/@href") == [f"{where}absent.html#x"]


def test_the_address_is_where_the_whole_book_really_has_these_places(html):
    there = Elsewhere.of(Project.find(), own=())
    places = [*there.labels.values(), *there.terms.values()]
    ids = {
        page: set(markup.page((html / f"{page}.html").read_text(encoding="utf-8")).xpath("//@id"))
        for page in there.pages
    }
    assert [place for place in places if place.anchor not in ids[place.page]] == []
    assert len(places) > 500


def test_a_chapter_that_is_left_out_may_be_in_profiles(book):
    assert Project(book).profile("paper") == {"first": {"n": 4}}


def test_an_address_that_is_none_is_refused(tmp_path):
    root = write(tmp_path / "book")
    (root / "_config.yml").write_text((root / "_config.yml").read_text() + "html: {baseurl: example.org}\n")
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert (
        "html: baseurl: the address of the book must begin with https:// or http://, got 'example.org'" in result.stderr
    )


def test_decks_name_what_is_left_out(book, tmp_path):
    plain = Plain(Labels.of(Project(book), {}), {})
    assert plain.markdown(SLIDE) == "## Slide\n\nTheorem 9.1, an equation in More *pages* and *Second*"
