"""The little that is read from and changed in the PDF that Chromium writes."""

from __future__ import annotations

import re

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_DATES = re.compile(rb"/(?:CreationDate|ModDate) \(D:(\d{14})")


def destinations(pdf: bytes) -> dict[str, int]:
    """Return the page, from 1, of each place that a link of the document leads to, by the name of its anchor.

    Chromium writes the objects that are read here as plain text, one dictionary of names to ``[page /XYZ x y zoom]``.
    """
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    pages = {reference: number for number, reference in enumerate(_pages(objects), start=1)}
    found: dict[str, int] = {}
    for body in objects.values():
        for name, reference in re.findall(rb"/([^\s/\[\]<>()]+) \[(\d+) 0 R\s*/XYZ", body):
            if int(reference) in pages:
                found[_plain(name)] = pages[int(reference)]
    return found


def page_count(pdf: bytes) -> int:
    """Return the number of pages."""
    return len(_pages({int(number): body for number, body in _OBJECT.findall(pdf)}))


def with_date(pdf: bytes, date: str) -> bytes:
    """Return the document with the given date (``YYYYMMDDhhmmss``, UTC) in place of the clock's."""

    def dated(match: re.Match[bytes]) -> bytes:
        return match[0].replace(match[1], date.encode())

    return _DATES.sub(dated, pdf)


def _pages(objects: dict[int, bytes]) -> list[int]:
    """Return the numbers of the page objects in order."""
    root = next(body for body in objects.values() if b"/Type /Catalog" in body)
    match = re.search(rb"/Pages (\d+) 0 R", root)
    return _leaves(objects, int(match[1])) if match else []


def _leaves(objects: dict[int, bytes], number: int) -> list[int]:
    kids = re.search(rb"/Kids\s*\[(.*?)\]", objects[number], re.DOTALL)
    if kids is None:
        return [number]
    return [leaf for kid in re.findall(rb"(\d+) 0 R", kids[1]) for leaf in _leaves(objects, int(kid))]


def _plain(name: bytes) -> str:
    """Return a name of PDF without its escapes, ``#2E`` for a full stop."""
    return re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes([int(match[1], 16)]), name).decode("utf-8", "replace")
