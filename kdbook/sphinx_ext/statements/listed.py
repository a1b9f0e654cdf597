"""The list of statements, ``statements.yml``: read, and refused where it contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

from kdbook.project import BookError

FILE = "statements.yml"
WAYS = ("definition", "proof", "symbolic", "exact", "simulation")
_FIELDS = {"item", "says", "anchor", "chapter", "checked", "uses"}
_TEXTS, _LISTS = {"item", "says", "anchor", "chapter", "tight"}, {"checked", "uses", "also"}
_KINDS = {str: "text", list: "list", bool: "truth value"}
_ALLOWED = _FIELDS | {"tight", "also", "ours"}


@dataclass(frozen=True)
class Statement:
    """A statement of the book.

    Attributes
    ----------
    item, says, anchor, chapter : str
        What it is called, what it says, its label, and the page of its box.
    checked : tuple of str
        How: some of ``WAYS``.
    uses : tuple of str
        The anchors of the statements that its proof rests on.
    tight : str
        How far it is from tight; statements of the book itself have nothing there.
    also : tuple of str
        Labels of boxes that state it once more.
    ours : bool
        Whether it is the book's own, and not the paper's.
    """

    item: str
    says: str
    anchor: str
    chapter: str
    checked: tuple[str, ...]
    uses: tuple[str, ...]
    tight: str = ""
    also: tuple[str, ...] = ()
    ours: bool = False


def read_statements(book: Path) -> list[Statement]:
    """Return the statements of ``statements.yml`` in its order.

    Raises
    ------
    BookError
        If an entry has other fields than it should, an unknown way to be checked or an anchor that another one has; if
        it uses what is not in the list; or if statements use each other in a circle.
    """
    return list(_parsed((book / FILE).read_text(encoding="utf-8")))


@lru_cache(maxsize=2)
def _parsed(text: str) -> tuple[Statement, ...]:
    """Return the statements of a text; each page of the book asks for them."""
    entries: list[dict[str, Any]] = yaml.safe_load(text) or []
    for problem in (problem for entry in entries for problem in _problems(entry)):
        raise BookError(f"{FILE}: {problem}")
    listed = [_statement(entry) for entry in entries]
    for problem in _contradictions(listed):
        raise BookError(f"{FILE}: {problem}")
    return tuple(listed)


def users(listed: Sequence[Statement]) -> dict[str, list[Statement]]:
    """Return the statements that use each one, by its anchor."""
    return {one.anchor: [other for other in listed if one.anchor in other.uses] for one in listed}


def only(listed: Sequence[Statement], pages: set[str]) -> list[Statement]:
    """Return the statements of some pages; what they use on others is left out."""
    kept = [statement for statement in listed if statement.chapter in pages]
    anchors = {statement.anchor for statement in kept}
    return [replace(one, uses=tuple(used for used in one.uses if used in anchors)) for one in kept]


def _statement(entry: dict[str, Any]) -> Statement:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Statement(**values)


def _problems(entry: dict[str, Any]) -> Iterator[str]:
    missing, unknown = _FIELDS - set(entry), set(entry) - _ALLOWED
    if missing or unknown:
        yield (
            f"an entry must have the fields {', '.join(sorted(_FIELDS))} and may have "
            f"{', '.join(sorted(_ALLOWED - _FIELDS))}, got {entry}"
        )
        return
    for kind, fields in ((str, _TEXTS), (list, _LISTS), (bool, {"ours"})):
        for field in sorted(fields & set(entry)):
            if not isinstance(entry[field], kind):
                yield f"{field!r} must be a {_KINDS[kind]}, got {entry[field]!r} in {entry}"
                return
    ways = set(entry["checked"]) - set(WAYS)
    if ways:
        yield f"{entry['item']} is checked by {ways}; known are {', '.join(WAYS)}"
    if bool(entry.get("ours")) == ("tight" in entry):
        yield f"{entry['item']} must have one of 'tight' (the paper's) and 'ours: true' (the book's own), got {entry}"


def _contradictions(listed: Sequence[Statement]) -> Iterator[str]:
    anchors = [statement.anchor for statement in listed]
    for statement in listed:
        if anchors.count(statement.anchor) > 1:
            yield f"{statement.item} has the anchor {statement.anchor!r}, as another entry has"
        for used in statement.uses:
            if used not in anchors:
                near = ", ".join(get_close_matches(used, anchors, n=3)) or "none"
                yield f"{statement.item} uses {used!r}, which is no anchor of the list (near: {near})"
    try:
        TopologicalSorter({statement.anchor: statement.uses for statement in listed}).prepare()
    except CycleError as error:
        yield f"statements use each other in a circle: {' uses '.join(reversed(error.args[1]))}"
