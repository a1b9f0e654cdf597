"""What the book knows about its own pages: ``book/pages.yml``.  A book without the file has nothing set."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kdbook.project import BookError, Project

FILE = "pages.yml"


@dataclass(frozen=True)
class Pages:
    """Which pages are special, by name.

    Attributes
    ----------
    bibliography, summary, statement_map : str
        The page of each kind; empty if the book has none.  A chapter that is rendered alone has the bibliography
        with it; the summary is printed on a sheet of its own; the map has a row for each statement.
    workshops : tuple of str
        Chapters that are handed out although they may have no exercises.
    no_uses : tuple of str
        Pages that list statements, or ask about them: that one of them stands there says nothing.
    no_symbol_links : tuple of str
        Pages whose formulas do not link to the table of symbols.
    sections : mapping of str to str
        The sections of the paper that a page follows, as the line under its title says them.
    icon : str
        The figure from whose data the icon of the tab and the card for other sites are drawn.
    """

    bibliography: str = ""
    summary: str = ""
    statement_map: str = ""
    workshops: tuple[str, ...] = ()
    no_uses: tuple[str, ...] = ()
    no_symbol_links: tuple[str, ...] = ()
    sections: Mapping[str, str] = field(default_factory=dict)
    icon: str = ""

    @property
    def icon_data(self) -> str:
        """The file with the data of the figure ``icon``; empty if there is none."""
        return f"{self.icon}.csv" if self.icon else ""

    def named(self) -> dict[str, tuple[str, ...]]:
        """Return the pages that each entry names."""
        single = {name: (page,) * bool(page) for name, page in self._values(str) if name != "icon"}
        return single | {name: tuple(pages) for kind in (tuple, dict) for name, pages in self._values(kind)}

    def only(self, known: Collection[str]) -> Pages:
        """Return what is said of some pages."""
        kept: dict[str, Any] = {
            name: value if value in known else "" for name, value in self._values(str) if name != "icon"
        }
        kept |= {name: tuple(page for page in value if page in known) for name, value in self._values(tuple)}
        kept |= {name: {k: v for k, v in value.items() if k in known} for name, value in self._values(dict)}
        return replace(self, **kept)

    def _values(self, kind: type) -> list[tuple[str, Any]]:
        values = [(entry.name, getattr(self, entry.name)) for entry in fields(self)]
        return [(name, value) for name, value in values if isinstance(value, kind)]


def of(project: Project) -> Pages:
    """Return what a book says of its pages, without those that lie in ``book/`` and that ``_toc.yml`` leaves out.

    Raises
    ------
    BookError
        If ``pages.yml`` cannot be read, has an entry that is not known, or names a page that the book has not.
    """
    pages = read(project.book)
    known, left_out = project.pages(), project.left_out()
    for entry, names in pages.named().items():
        for name in names:
            if name not in known and name not in left_out:
                raise BookError(f"{FILE}: {entry} names the page {name!r}, which _toc.yml has not: {', '.join(known)}")
    return pages.only(known) if left_out else pages


def read(folder: Path) -> Pages:
    """Return what ``pages.yml`` in a folder says, without asking whether there are such pages.

    Raises
    ------
    BookError
        If it cannot be read, or has an entry that is not known.
    """
    path = folder / FILE
    try:
        return _parsed(path.read_text(encoding="utf-8")) if path.is_file() else Pages()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BookError(f"cannot read {path}: {error}") from None


_KINDS: dict[type, tuple[type, str]] = {
    str: (str, "one name"),
    tuple: (list, "a list of names"),
    dict: (dict, "a text for each name"),
}
"""What an entry is in the file, and in words, by what it is here."""


@cache
def _parsed(text: str) -> Pages:
    entries: Any = yaml.safe_load(text) or {}
    if not isinstance(entries, dict):
        raise BookError(f"{FILE} must map entries to pages, as in 'summary: summary', got {entries!r}")
    default = Pages()
    values: dict[str, Any] = {}
    for entry, value in entries.items():
        if entry not in {known.name for known in fields(Pages)}:
            allowed = ", ".join(known.name for known in fields(Pages))
            raise BookError(f"{FILE}: unknown entry {entry!r}: allowed are {allowed}")
        kind, rule = _KINDS[type(getattr(default, entry))]
        texts = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        if not isinstance(value, kind) or not all(isinstance(text, str) for text in texts):
            raise BookError(f"{FILE}: {entry} must be {rule}, got {value!r}")
        values[entry] = tuple(value) if isinstance(value, list) else value
    return Pages(**values)
