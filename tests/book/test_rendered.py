"""The rendered book: links, anchors, pictures and hosts.  Builds the book if it is not up to date."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from lxml import html as lxml_html
from pybtex.database import parse_string
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils
from sphinx.util.inventory import InventoryFile

import kdcore
from kdbook.project import Project
from kdbook.sphinx_ext.statements.listed import read_statements

PROJECT = Project.find()
NOT_OURS = {"search.html", "py-modindex.html"}
INDEXES = {"genindex", "modindex", "prf-prf", "py-modindex", "search"}
LEADING = {
    "eq": r"Equation \((\d+\.)?\d+\)",
    "ex": r"Exercise (\d+\.)?\d+",
    "fig": r"Fig\. (\d+\.)?\d+|Figure \d \([a-f]\)",
    "quiz": r"Question \d+",
    "thm": r"Theorem .+",
}
"""How the names of labels begin, by the first word of the label."""


class Page(HTMLParser):
    """The ids, links, pictures, loaded files and visible text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.loaded: list[str] = []
        self.text: list[str] = []
        self.headings: list[int] = []
        self._hidden: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(values["id"])
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "img":
            self.pictures.append(values)
        if tag in ("img", "script", "iframe") and values.get("src"):
            self.loaded.append(values["src"])
        if tag == "link" and values.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(values["href"])
        if tag in ("script", "style", "pre", "code"):
            self._hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)


@cache
def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def pages(html):
    return [html / f"{page}.html" for page in PROJECT.pages()]


def test_every_page_of_the_table_of_contents_is_there(html):
    assert [page.name for page in pages(html) if not page.is_file()] == []


def test_no_page_shows_a_warning_of_its_code(html):
    warned = 'class="output stderr'
    assert [page.name for page in pages(html) if warned in page.read_text(encoding="utf-8")] == []


def test_chapters_have_the_numbers_that_their_pages_show(html):
    numbered = re.compile(r'class="current reference internal" href="#">\s*(?:(\d+)\. )?')
    shown = {}
    for chapter in PROJECT.chapters():
        shown[chapter.name] = numbered.search((html / f"{chapter.name}.html").read_text(encoding="utf-8"))[1]
    assert shown["setting"] == "1"
    numbers = {chapter.name: str(chapter.number) for chapter in PROJECT.chapters()}
    assert {name: number for name, number in shown.items() if number and number != numbers[name]} == {}


def test_every_internal_link_and_anchor_resolves(html):
    dead = []
    for page in pages(html):
        for link in read(page).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or link in ("#", ""):
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            is_there = target.is_file() and (
                not parts.fragment or target.suffix != ".html" or unquote(parts.fragment) in read(target).ids
            )
            if not is_there and target.name not in NOT_OURS:
                dead.append(f"{page.name}: {link}")
    assert dead == []


def test_every_statement_is_where_the_map_says(html):
    for one in read_statements(PROJECT.book):
        assert one.anchor in read(html / f"{one.chapter}.html").ids, one.anchor


def test_no_page_loads_anything_from_another_host(html):
    for page in pages(html):
        assert [source for source in read(page).loaded if urlsplit(source).netloc] == [], page.name


def test_every_page_is_light_and_makes_few_requests(html):
    """The page and what it loads at once, as on disk, without MathJax, of whose fonts no page needs more than ten."""
    heavy = {}
    for page in sorted(html.glob("*.html")):
        files = {page, *((page.parent / unquote(urlsplit(source).path)).resolve() for source in read(page).loaded)}
        own = [path for path in files if "mathjax" not in path.parts]
        megabytes = sum(path.stat().st_size for path in own) / 1e6
        if megabytes >= 1.2 or len(files) + 10 > 30:
            heavy[page.name] = (megabytes, len(files))
    assert heavy == {}


def test_every_picture_is_there_and_says_what_it_shows(html):
    for page in pages(html):
        for picture in read(page).pictures:
            assert (page.parent / unquote(picture["src"])).is_file(), f"{page.name}: {picture['src']}"
            if "figures" in picture["src"] or "_images" in picture["src"]:
                assert len(picture.get("alt") or "") > 40, f"{page.name}: {picture['src']}"


def test_no_level_of_headings_is_skipped(html):
    for page in pages(html):
        levels = read(page).headings
        assert levels[0] == 1, page.name
        assert all(below - above <= 1 for above, below in pairwise(levels)), page.name


def test_the_index_names_people_topics_and_statements(html):
    text = "".join(read(html / "genindex.html").text)
    assert [name for name in ("Lopez-Paz", "missing mass", "Theorem 3.1", "expectation of") if name not in text] == []


def test_no_markup_is_left_over(html):
    for page in pages(html):
        text = "".join(read(page).text)
        left = re.findall(
            r"```|\{(?:prf:ref|ref|eq|numref|glue:text|cite:[tp]|download|doc|term|index|margin)\}|:label:|:nonumber:",
            text,
        )
        assert left == [], page.name


def test_every_statement_can_be_linked_from_another_project(html):
    with (html / "objects.inv").open("rb") as file:
        labels = InventoryFile.load(file, "", posixpath.join)["std:label"]
    found = 0
    for path in sorted(html.glob("*.html")):
        for statement in lxml_html.parse(path).xpath(
            "//div[contains(@class, 'proof') and contains(@class, 'admonition')]"
        ):
            name = statement.get("id", "")
            if name and not re.fullmatch(r"[a-z]+-\d+", name):  # those without a name are counted
                assert labels[name][2] == f"{path.name}#{name}"
                found += 1
    assert found > 60
    assert labels["thm-3-1"][3] == "Theorem 3.1"
    assert labels["lem-hard-bh"][3] == "Lemma (Bretagnolle and Huber)"


def test_every_label_leads_to_a_place_and_has_the_name_that_stands_there(html):
    with (html / "objects.inv").open("rb") as file:
        labels = InventoryFile.load(file, "", posixpath.join)["std:label"]
    assert [name for name, (*_, place, _) in labels.items() if "#" not in place and name not in INDEXES] == []
    kinds = Counter()
    for name, (book, version, place, shown) in labels.items():
        assert (book, version) == ("The limits of knowledge transfer", "0.1.0")
        page, _, anchor = place.partition("#")
        if not anchor:
            continue
        assert anchor in read(html / page).ids, name
        kind = name.partition("-")[0]
        kinds[kind] += 1
        if kind in LEADING:
            assert re.fullmatch(LEADING[kind], shown), f"{name}: {shown}"
        elif kind in ("ex", "lem", "prop", "step"):
            assert shown not in ("", "-", name)
            assert name not in shown
    assert min(kinds[kind] for kind in ("eq", "ex", "fig", "prop", "step")) > 40
    (title,) = lxml_html.parse(html / "hard-labels.html").xpath("//*[@id='ex-hard-1']/p/span/text()")
    assert title.strip() == labels["ex-hard-1"][3]


def test_another_project_links_to_it_by_its_labels(html, tmp_path):
    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_parser', 'sphinx.ext.intersphinx']\n"
        f"intersphinx_mapping = {{'kd': ('https://example.org/kd/', {str(html / 'objects.inv')!r})}}\n"
    )
    (tmp_path / "index.md").write_text(
        "# Elsewhere\n\n{external+kd:std:ref}`thm-4-3`, {external+kd:std:ref}`our bound <eq-hard-exact>`, "
        "[](inv:kd:std:label#ex-hard-1), [](inv:kd:std:label#step-hard-1), {external+kd:std:term}`missing mass`\n"
    )
    warnings = StringIO()
    with patch_docutils(), docutils_namespace():
        out = tmp_path / "out"
        app = Sphinx(tmp_path, tmp_path, out, tmp_path / "trees", "html", status=None, warning=warnings)
        app.build()
    assert warnings.getvalue() == ""
    links = lxml_html.parse(out / "index.html").xpath("//a[starts-with(@href, 'https://example.org/kd/')]")
    shown = {link.get("href").rpartition("#")[2]: link.text_content() for link in links}
    assert shown["thm-4-3"] == "Theorem 4.3"
    assert shown["equation-eq-hard-exact"] == "our bound"
    assert shown["ex-hard-1"].startswith("Exercise ")
    assert shown["step-hard-1"].startswith("Proof, step 1")
    assert len(links) == 5
    assert all((html / urlsplit(link.get("href")).path.removeprefix("/kd/")).is_file() for link in links)


def test_every_page_says_what_it_is_and_how_it_is_cited(html):
    described = set()
    for name in ("index", "hard-labels", "glossary", "errata"):
        page = lxml_html.parse(html / f"{name}.html")
        tags = {tag.get("name"): tag.get("content") for tag in page.xpath("//meta[@name]")}
        assert 40 < len(tags["description"]) <= 162
        described.add(tags["description"])
        title = re.sub(r"^\d+\. ", "", page.xpath("string(//title)")).partition(" — ")[0]
        assert title == tags["citation_title"]
        assert tags["citation_publication_date"].startswith("20")
        (fold,) = page.xpath("//details[@class='cite-page']")
        (words,) = fold.xpath("p[cite]")
        assert f"“{title}.”" in words.text_content()
        assert "version 0.1.0" in words.text_content()
        found = [parse_string(entry.text_content(), "bibtex").entries for entry in fold.xpath(".//div/pre")]
        (own, paper) = [dict(entries) for entries in found]
        assert own[f"companion-{name}"].fields["title"] == f"{{{title}}}"
        assert own[f"companion-{name}"].fields.get("chapter") == ("7" if name == "hard-labels" else None)
        assert "url" not in own[f"companion-{name}"].fields  # there is no address yet
        assert [str(person) for person in paper["zhao2024"].persons["author"]] == ["Zhao, Qingyue", "Zhu, Banghua"]
    assert len(described) == 4


def test_the_citation_is_of_this_version():
    cited = yaml.safe_load((PROJECT.root / "CITATION.cff").read_text())
    assert cited["version"] == kdcore.__version__
    assert {"cff-version", "message", "title", "authors"} <= set(cited)  # what the format asks for
    assert cited["preferred-citation"]["title"] in (PROJECT.book / "references.bib").read_text()
