"""What the book knows about its own pages: ``book/pages.yml``.  A book without the file has nothing set."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
    icon : str
        The figure from whose data the icon of the tab and the card for other sites are drawn.
    """

    bibliography: str = ""
    summary: str = ""
    statement_map: str = ""
    workshops: tuple[str, ...] = ()
    no_uses: tuple[str, ...] = ()
    no_symbol_links: tuple[str, ...] = ()
    icon: str = ""

    @property
    def icon_data(self) -> str:
        """The file with the data of the figure ``icon``; empty if there is none."""
        return f"{self.icon}.csv" if self.icon else ""

    def named(self) -> dict[str, tuple[str, ...]]:
        """Return the pages that each entry names."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "icon"}
        return {name: value if isinstance(value, tuple) else (value,) * bool(value) for name, value in values.items()}


def of(project: Project) -> Pages:
    """Return what a book says of its pages.

    Raises
    ------
    BookError
        If ``pages.yml`` cannot be read, has an entry that is not known, or names a page that the book has not.
    """
    pages = read(project.book)
    known = project.pages()
    for entry, names in pages.named().items():
        for name in names:
            if name not in known:
                raise BookError(f"{FILE}: {entry} names the page {name!r}, which _toc.yml has not: {', '.join(known)}")
    return pages


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


@cache
def _parsed(text: str) -> Pages:
    entries: Any = yaml.safe_load(text) or {}
    if not isinstance(entries, dict):
        raise BookError(f"{FILE} must map entries to pages, as in 'summary: summary', got {entries!r}")
    default = Pages()
    values: dict[str, Any] = {}
    for entry, value in entries.items():
        if entry not in {field.name for field in fields(Pages)}:
            allowed = ", ".join(field.name for field in fields(Pages))
            raise BookError(f"{FILE}: unknown entry {entry!r}: allowed are {allowed}")
        several = isinstance(getattr(default, entry), tuple)
        if several and isinstance(value, list) and all(isinstance(name, str) for name in value):
            values[entry] = tuple(value)
        elif not several and isinstance(value, str):
            values[entry] = value
        else:
            raise BookError(f"{FILE}: {entry} must be {'a list of names' if several else 'one name'}, got {value!r}")
    return Pages(**values)
