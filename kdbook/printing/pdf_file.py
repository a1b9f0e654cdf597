"""The little that is read from and changed in the PDF that Chromium writes, by pypdf."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from kdbook.project import BookError

if TYPE_CHECKING:
    from pypdf import PdfReader

_DATES = ("/CreationDate", "/ModDate")


def destinations(pdf: bytes) -> dict[str, int]:
    """Return the page, from 1, of each place that a link of the document leads to, by the name of its anchor."""
    reader = _reader(pdf)
    pages = {page.indirect_reference: number for number, page in enumerate(reader.pages, start=1)}
    return {name.removeprefix("/"): pages[place.page] for name, place in reader.named_destinations.items()}


def page_count(pdf: bytes) -> int:
    """Return the number of pages."""
    return len(_reader(pdf).pages)


def with_date(pdf: bytes, date: str) -> bytes:
    """Return the document with the given date (``YYYYMMDDhhmmss``, UTC) in place of the clock's.

    The digits alone are replaced, by as many: to write the whole file anew would take longer than to print it.
    """
    metadata = dict(_reader(pdf).metadata or {})
    stamps = [str(metadata[name]) for name in _DATES if name in metadata]
    clocks = [stamp.removeprefix("D:")[: len(date)] for stamp in stamps]
    for clock in set(clocks):
        if not (clock.isdigit() and len(clock) == len(date)) or pdf.count(clock.encode()) != clocks.count(clock):
            raise BookError(f"the date of the PDF cannot be set: it says {' and '.join(stamps)}")
        pdf = pdf.replace(clock.encode(), date.encode())
    return pdf


def _reader(pdf: bytes) -> PdfReader:
    from pypdf import PdfReader  # of the extra pdf

    return PdfReader(io.BytesIO(pdf))
