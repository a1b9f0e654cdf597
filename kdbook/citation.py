"""How the book is cited: what ``CITATION.cff`` says, in words and as BibTeX."""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = "CITATION.cff"
"""The file at the root of a book that says how it is cited; it is staged with the pages."""
_SHOWN = 12
"""How many digits of a commit are shown."""
_SPECIAL = re.compile(r"([&%#_])")


@dataclass(frozen=True)
class Page:
    """A page to cite.

    Attributes
    ----------
    name, title : str
        Its file's name, and its title without a number.
    number : str
        Of the chapter; empty for a page without one.
    commit : str
        From which its numbers were computed; empty if it computes none, or there is no commit.
    address : str
        The public one; empty as long as there is none.
    """

    name: str
    title: str
    number: str = ""
    commit: str = ""
    address: str = ""


def read(folder: Path) -> dict[str, Any]:
    """Return what ``CITATION.cff`` says, read once for all pages; nothing in a book without one."""
    path = folder / FILE
    return _read(path, path.stat().st_mtime_ns if path.is_file() else None)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: int | None) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def words(source: Mapping[str, Any], page: Page) -> tuple[str, str, str]:
    """Return how to cite a page in words: what comes before the title of the book, this title, and what comes after."""
    part = f"Chapter {page.number} of" if page.number else "In"
    released = datetime.date.fromisoformat(str(source["date-released"]))
    after = [f"version {source['version']}", f"{released.day} {released:%B %Y}"]
    if page.commit:
        after.append(f"commit {page.commit[:_SHOWN]}")
    by = " and ".join(_name(author) for author in source["authors"])
    end = f" {page.address}" if page.address else ""
    return f"“{page.title}.” {part}: {by}, ", str(source["title"]), f", {', '.join(after)}.{end}"


def bibtex(source: Mapping[str, Any], page: Page) -> list[str]:
    """Return the entries of a page of the book, and of the paper that it accompanies."""
    paper = source["preferred-citation"]
    commit = f", commit {page.commit[:_SHOWN]}" if page.commit else ""
    own = {
        "author": " and ".join(_bibtex_name(author) for author in source["authors"]),
        "title": f"{{{_tex(page.title)}}}",
        "booktitle": f"{{{_tex(source['title'])}}}",
        "chapter": page.number,
        "year": str(source["date-released"])[:4],
        "note": f"Version {source['version']}{commit}",
        "url": page.address,
    }
    theirs = {
        "author": " and ".join(_bibtex_name(author) for author in paper["authors"]),
        "title": f"{{{_tex(paper['title'])}}}",
        "booktitle": _tex(paper["collection-title"]),
        "year": str(paper["year"]),
        "note": ", ".join(one["value"] for one in paper.get("identifiers", [])),
    }
    key = re.sub(r"\W", "", f"{paper['authors'][0]['family-names']}{paper['year']}").lower()
    return [_entry("incollection", f"companion-{page.name}", own), _entry("inproceedings", key, theirs)]


def _name(author: Mapping[str, str]) -> str:
    """Return a person as one writes them, an entity by its name."""
    return author.get("name") or f"{author['given-names']} {author['family-names']}"


def _bibtex_name(author: Mapping[str, str]) -> str:
    return f"{{{_tex(author['name'])}}}" if "name" in author else f"{author['family-names']}, {author['given-names']}"


def _tex(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])
