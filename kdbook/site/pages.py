"""A Sphinx extension: what the pages of the book need beyond the theme."""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

from kdbook import citation, pages
from kdbook.course import decks
from kdbook.execution import notebooks
from kdbook.markup import svg
from kdbook.site import assets, icons, record
from kdbook.sphinx_ext.doctrees import read_again_with
from kdbook.sphinx_ext.figures import live

CITED = "cite-page"
"""The class of the fold at a page's end that says how to cite it."""
KEPT = "with-punctuation"
"""The class of a formula and what follows it; look.css forbids a line break in it."""
DRAWN = ("figures", "benchmarks")
"""The folders of pictures that kdcore.figures has saved."""
_PUNCTUATION = re.compile(r"[.,;:!?)\]’”]+")


class KeepPunctuation(SphinxPostTransform):
    """Wrap each inline formula that punctuation follows, together with it."""

    default_priority = 900

    def run(self, **_: Any) -> None:
        """Transform one document."""
        for formula in list(self.document.findall(nodes.math)):
            parent = formula.parent
            place = parent.index(formula)
            after = parent[place + 1] if place + 1 < len(parent) else None
            match = _PUNCTUATION.match(after) if isinstance(after, nodes.Text) else None
            if match is None:
                continue
            together = nodes.inline(classes=[KEPT])
            parent[place : place + 2] = [together, nodes.Text(str(after)[match.end() :])]
            together += [formula, nodes.Text(match[0])]


class InlineFigures(SphinxPostTransform):
    """Put figures into the page itself, so that they follow it into the dark and cost no request."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Transform one document."""
        glyphs: set[str] = set()
        for image in list(self.document.findall(nodes.image)):
            path = Path(self.app.srcdir) / image["uri"]
            if path.suffix == ".svg" and path.parent.name in DRAWN:
                drawing = svg.inline(path.read_text(encoding="utf-8"), path.stem, image.get("alt", ""), glyphs)
                image.replace_self(nodes.raw("", drawing, format="html"))


def give_icon(app: Sphinx, config: Config) -> None:
    """Give tabs an icon, if the chapter whose figure it is drawn from is in the book."""
    icon = Path("_static") / icons.ICON
    if (Path(app.srcdir) / icon).is_file():
        config["html_favicon"] = icon.as_posix()


def describe(app: Sphinx, page: str, _template: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell search engines and libraries what a page is, and readers how to cite it."""
    if doctree is None:
        return
    tags = {"description": _beginning(doctree)}
    book = Path(app.srcdir)
    source = citation.read(book)
    if source:
        address = f"{app.config.html_baseurl}{page}.html" if app.config.html_baseurl else ""
        shown = re.sub("<.*?>", "", html.unescape(str(context.get("title", ""))))
        number, title = (found[1], found[2]) if (found := re.match(r"(\d+)\. (.*)", shown)) else ("", shown)
        cited = citation.Page(page, title, number, _commits(book).get(page, ""), address)
        tags |= {
            "citation_title": title,
            "citation_inbook_title": source["title"],
            "citation_author": source["authors"][0]["name"],
            "citation_publication_date": str(source["date-released"]).replace("-", "/"),
        }
        if address:
            tags["citation_public_url"] = address
        context["body"] += f"\n{_how_to_cite(source, cited)}"
    lines = [f'<meta name="{name}" content="{html.escape(value)}" />' for name, value in tags.items() if value]
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines])


def _how_to_cite(source: Mapping[str, Any], page: citation.Page) -> str:
    """Return the fold at the end of a page: in words, and as BibTeX with a button that copies it."""
    before, title, after = map(html.escape, citation.words(source, page))
    own, paper = (
        f'<div class="highlight-none notranslate"><div class="highlight"><pre>{html.escape(entry)}</pre></div></div>'
        for entry in citation.bibtex(source, page)
    )
    return (
        f'<details class="{CITED}"><summary>Cite this page</summary>\n'
        f"<p>{before}<cite>{title}</cite>{after}</p>\n{own}\n<p>The paper that it accompanies:</p>\n{paper}</details>"
    )


def name_project(app: Sphinx, config: Config) -> None:
    """Say in the inventory which book it is of, and which version."""
    if "project" not in config.overrides:
        config["project"] = config["html_title"]
    for name in ("version", "release"):
        config[name] = config[name] or str(citation.read(Path(app.srcdir)).get("version", ""))


def _beginning(doctree: nodes.document) -> str:
    """Return the first sentences of a page's text before a formula, as far as 160 characters hold whole words.

    A single letter is no formula here.
    """
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section):
            continue
        text = ""
        for part in paragraph.findall(nodes.Text):
            if isinstance(part.parent, nodes.math) and len(part) > 1:
                text = text[: text.rfind(". ") + 1]
                break
            if "visually-hidden" not in part.parent.get("classes", ()):
                text += part.astext().replace("\n", " ")
        text = " ".join(text.split())
        if len(text) > 40:
            return text if len(text) <= 160 else f"{text[:159].rpartition(' ')[0]} …"
    return ""


def _commits(book: Path) -> Mapping[str, str]:
    """Return the commit from which each chapter's numbers were computed, if all of it was committed."""
    path = book / record.FILE
    return _read_commits(path, path.stat().st_mtime_ns) if path.is_file() else {}


@functools.lru_cache(maxsize=1)
def _read_commits(path: Path, _changed: int) -> dict[str, str]:
    runs = record.from_text(path.read_text(encoding="utf-8"))
    return {run.name: run.record["commit"] for run in runs if run.record.get("commit") and run.record.get("clean")}


def offer_card(app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Tell other sites what to show beside a link to this page, once the book has a public address."""
    address = app.config.html_baseurl
    if address:
        kinds = {
            "og:type": "article",
            "og:site_name": context.get("docstitle", ""),
            "og:title": context.get("title", ""),
            "og:url": f"{address}{page}.html",
            "og:image": f"{address}_static/{icons.CARD}",
        }
        tags = [f'<meta property="{key}" content="{html.escape(str(value))}" />' for key, value in kinds.items()]
        context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(tags)


def introduce(app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Say under a title which sections of the paper a page follows, and where its slides are and how long they take."""
    book = Path(app.srcdir)
    said = pages.read(book).sections.get(page, "")
    line = [f"In the paper: {html.escape(said)}"] if said else []
    notebook = book / f"{page}.ipynb"
    if (book / decks.TEMPLATE).is_dir() and notebook.is_file():
        made = decks.deck(page, context.get("title", page), notebooks.read(notebook))
        if made is not None:
            link = f'<a href="{decks.FOLDER}/{page}.html">Slides</a>'
            line.append(f"{link}: {made.n_slides}, about {made.minutes:.0f} minutes")
    if line:
        paragraph = f'<p class="under-title">{" · ".join(line)}</p>'
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{paragraph}", 1)


def choose_files(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Leave out what a page has no use for.

    These are sphinx-thebe (no page runs code in the browser, and its scripts declare a constant twice), the tabs of
    sphinx-design where there are none, and the styles and scripts under ``_static/only`` of other pages.
    """

    def has_use(file: Any) -> bool:
        name = str(getattr(file, "filename", None) or "")
        if name.startswith(f"_static/{assets.ONLY}/"):
            return PurePosixPath(name).parent.name == page
        if name.startswith(f"_static/{live.FOLDER}/"):
            return False  # they are in the pages that need them
        if "design-tabs" in name:
            return "sd-tab" in context.get("body", "")
        return "thebe" not in f"{name} {getattr(file, 'attributes', {}).get('body', '')}".lower()

    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if has_use(file)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(KeepPunctuation)
    app.add_post_transform(InlineFigures)
    app.connect("config-inited", give_icon)
    app.connect("config-inited", name_project)
    app.connect("source-read", read_again_with(pages.FILE))
    app.connect("html-page-context", choose_files, priority=900)
    app.connect("html-page-context", introduce)
    app.connect("html-page-context", offer_card)
    app.connect("html-page-context", describe)
    app.setup_extension("kdbook.site.mathjax")
    app.setup_extension("kdbook.site.lighter.code")
    first = ("boxes", "chapter_tables", "exercise_lines", "folds", "previews", "quiz")
    figures = ("figures.live", "figures.steps")
    statements = ("statements.directives", "statements.inventory")
    others = ("references.numbered", "search_entries", "symbols", "tables.limits", "used_in")
    for name in (*first, *figures, *statements, *others):
        app.setup_extension(f"kdbook.sphinx_ext.{name}")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
