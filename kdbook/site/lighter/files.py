"""Styles and scripts that all pages load, joined into one file of each kind; a page's own stay as they are."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import accumulate
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

from kdbook.files import digest
from kdbook.markup import html
from kdbook.site import assets, mathjax
from kdbook.site.lighter import styles

STATIC = "_static"
JOINED = {"style": "pages.css", "script": "pages.js", "later": "pages-later.js"}
"""The files that are made, by kind: scripts run before the page is shown, or later."""
IN_PAGE = "documentation_options.js"
"""A short script that is put into the page: what stands between the scripts there needs it."""
_ALONE = (f"{STATIC}/{assets.ONLY}/", f"{STATIC}/{mathjax.FOLDER}/")
"""What is loaded by itself, for one page or because it loads more."""
_END = "</head>"
_WORD = re.compile(r"[\w-]+")
_CLASSES, _ANCHORS = (etree.XPath(f"//@{name}", smart_strings=False) for name in ("class", "id"))


@dataclass(frozen=True)
class Tag:
    """A tag in the head of a page that loads a file of the book.

    Attributes
    ----------
    kind : str
        One of ``JOINED``.
    address : str
        Of the file, as seen from the page, without what follows a question mark.
    start, end : int
        The place of the tag in the text of the page.
    """

    kind: str
    address: str
    start: int
    end: int


class _Head(HTMLParser):
    """Collects the tags in the head of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self._lines = [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]
        self._script: tuple[str, str, int] | None = None
        self.feed(text)

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        address = unquote(urlsplit(values.get("src" if tag == "script" else "href") or "").path)
        start, text = self._place(), self.get_starttag_text() or ""
        if tag == "script" and address:
            self._script = ("later" if "defer" in values else "script", address, start)
        elif tag == "link" and values.get("rel") == "stylesheet":
            self.tags.append(Tag("style", address, start, start + len(text)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script:
            self.tags.append(Tag(*self._script, self._place() + len("</script>")))
            self._script = None


def join(folder: Path) -> None:
    """Join the styles and scripts of a rendered book, and let its pages load the joined files.

    Parameters
    ----------
    folder : Path
        The rendered book; only the pages at its top are looked at.
    """
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.html"))}
    heads = {path: _Head(text.partition(_END)[0]).tags for path, text in pages.items()}
    shared = {kind: _shared(kind, [*heads.values()]) for kind in JOINED}
    made = {kind: _made(kind, addresses, folder, pages) for kind, addresses in shared.items() if addresses}
    for kind, text in made.items():
        (folder / STATIC / JOINED[kind]).write_text(text, encoding="utf-8")
    in_page = folder / STATIC / IN_PAGE
    settings = in_page.read_text(encoding="utf-8").strip() if in_page.is_file() else ""
    loading = {kind: _loading(kind, digest([text])[:8]) for kind, text in made.items()}
    joined = {address for addresses in shared.values() for address in addresses}
    for path, text in pages.items():
        path.write_text(_with_joined(text, heads[path], joined, loading, settings), encoding="utf-8")
    for address in joined:
        (folder / address).unlink()


def _shared(kind: str, heads: Sequence[Sequence[Tag]]) -> list[str]:
    """Return the files of a kind that all pages load, in order."""
    every = [[tag.address for tag in head if tag.kind == kind] for head in heads]
    common = set.intersection(*map(set, every)) if every else set()
    return [
        address
        for address in dict.fromkeys(every[0] if every else [])
        if address in common and address.startswith(f"{STATIC}/") and not address.startswith(_ALONE)
    ]


def _made(kind: str, addresses: Sequence[str], folder: Path, pages: Mapping[Path, str]) -> str:
    files = [folder / address for address in addresses]
    if kind == "style":
        whole = {folder / STATIC / assets.STYLESHEET}
        return styles.join(files, folder / STATIC, whole, set(_words(folder, pages.values())))
    # What begins with "use strict" must not make all of them strict: it is no longer the first statement.
    scripts = [path.read_text(encoding="utf-8") for path in files if path.name != IN_PAGE]
    return ";\n" + "\n;\n".join(scripts)


def _words(folder: Path, pages: Iterable[str]) -> Iterator[str]:
    """Yield the names of elements, classes and anchors in pages, and all words in scripts."""
    for text in pages:
        tree = html.page(text)
        yield from {element.tag for element in tree.iter("*")}
        for value in {*_CLASSES(tree), *_ANCHORS(tree)}:
            yield from value.split()
    for path in sorted((folder / STATIC).rglob("*.js")):
        if mathjax.FOLDER not in path.parts or path.name == mathjax.BUNDLE:
            yield from _words_of_script(path.read_text(encoding="utf-8"))


@functools.cache  # most scripts are the same in every book
def _words_of_script(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


def _loading(kind: str, version: str) -> str:
    address = f"{STATIC}/{JOINED[kind]}?v={version}"
    if kind == "style":
        return f'<link rel="stylesheet" href="{address}" />'
    return f'<script{" defer" if kind == "later" else ""} src="{address}"></script>'


def _with_joined(text: str, head: Sequence[Tag], joined: set[str], loading: Mapping[str, str], settings: str) -> str:
    """Return a page that loads the joined files: styles where the first stood, scripts where the last one did."""
    parts: list[str] = []
    done = 0
    tags = [tag for tag in head if tag.address in joined]
    place = {kind: [tag for tag in tags if tag.kind == kind] for kind in JOINED}
    for tag in tags:
        parts.append(text[done : tag.start].rstrip(" \n"))
        done = tag.end
        if Path(tag.address).name == IN_PAGE:
            parts.append(f"\n<script>{settings}</script>")
        if tag is place[tag.kind][0 if tag.kind == "style" else -1]:
            parts.append(f"\n{loading[tag.kind]}")
    return "".join([*parts, text[done:]])
