"""Links that lead nowhere: Sphinx names those in Markdown that it reads anew; here are all, in what was made.

Those are links in HTML, links from slides, links from pages that were not made anew when a label elsewhere changed, and
the places that ``statements.yml`` names.  Links to pages that the book leaves out are words by then.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from docutils.nodes import make_id  # type: ignore[import-untyped]

from kdbook.course import decks
from kdbook.execution.chapters import Executed
from kdbook.markup import html, myst
from kdbook.markup.elements import Link, Role
from kdbook.markup.elsewhere import Elsewhere
from kdbook.project import Project
from kdbook.sphinx_ext.statements import listed

_REFERENCES = ("prf:ref", "ref", "numref", "eq")
Places = Mapping[str, frozenset[str]]
"""The ids on each page, by its file in the book."""


@dataclass(frozen=True)
class Dead:
    """A link that leads nowhere: on which page, as it is written there, and why."""

    page: str
    target: str
    why: str

    def __str__(self) -> str:
        """Return it as a warning."""
        return f"{self.page}: WARNING: the link to {self.target!r} leads nowhere: {self.why}"


def dead(project: Project, executed: Sequence[Executed], folder: Path) -> list[Dead]:
    """Return what leads nowhere in a rendered book.

    Parameters
    ----------
    project : Project
        The book.
    executed : sequence of Executed
        Its chapters.
    folder : Path
        Its pages and decks, with all files that they load.
    """
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    shown = [name for name in names if name.endswith(".html") and not name.startswith("_static/")]
    trees = {name: html.page((folder / name).read_text(encoding="utf-8")) for name in shown}
    places = {name: frozenset(tree.xpath("//@id | //a/@name")) for name, tree in trees.items()}
    found = [link for name, tree in trees.items() for link in _on_page(name, tree, frozenset(names), places)]
    there = Elsewhere.of(project)
    found += [link for result in executed for link in _in_slides(project, result, places, there)]
    return found + list(_statements(project, places, there))


def _on_page(page: str, tree: Any, files: frozenset[str], places: Places) -> Iterator[Dead]:
    for address in sorted(set(tree.xpath("//@href | //@src"))):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
        target, place = path if parts.path else page, unquote(parts.fragment)
        if target not in files:
            yield Dead(page.removesuffix(".html"), address, f"the book has no {target}{_near(target, places)}")
        elif place and target in places and place not in places[target]:
            yield Dead(page.removesuffix(".html"), address, f"{target} has no place {place!r}")


def _in_slides(project: Project, result: Executed, places: Places, there: Elsewhere) -> Iterator[Dead]:
    """Yield the references of cells that slides alone show, where they become words."""
    known = frozenset[str](there.labels).union(*places.values())
    pages = {*project.pages(), *there.pages}
    for cell in result.notebook.cells:
        if cell.cell_type != "markdown" or decks.TAG not in cell.metadata.get("tags", []):
            continue
        for element in myst.elements(cell.source, inside=True):
            content = element.content
            if isinstance(content, Link) and content.page and content.page not in pages:
                target = content.page
            elif isinstance(content, Role) and content.name in _REFERENCES:
                target = content.target
            else:
                continue
            if not {target, make_id(target), make_id(f"equation-{target}")} & known:
                near = _near(f"{target}.html", places)
                yield Dead(f"slides of {result.chapter.name}", target, f"the book has no such page or place{near}")


def _statements(project: Project, places: Places, there: Elsewhere) -> Iterator[Dead]:
    if not (project.book / listed.FILE).is_file():
        return
    for statement in listed.read_statements(project.book):
        page, place = f"{statement.chapter}.html", statement.anchor
        if statement.chapter not in there.pages and place not in places.get(page, ()):
            yield Dead(f"{listed.FILE}, {statement.item}", place, f"{page} has no place {place!r}")


def _near(target: str, places: Places) -> str:
    near = get_close_matches(target, list(places), n=1)
    return f" (near: {near[0]})" if near else ""
