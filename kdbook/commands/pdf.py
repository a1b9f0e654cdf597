"""``kdcore pdf``: the built book, and its summary sheet, as PDF."""

from __future__ import annotations

import argparse
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from kdbook.commands.build import add_only, chosen
from kdbook.folders import locked
from kdbook.printing import chromium, pdf_file
from kdbook.printing.pdf import BOOK, FINGERPRINT, SUMMARY, Edition, fingerprint, print_chapters, print_to
from kdbook.project import BookError, Project

CHAPTERS = "pdf-chapters"
"""The folder in ``_build/`` for chapters that are printed without the rest."""


def add_pdf(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "pdf",
        help="print the built book, and its summary sheet, or some chapters, as PDF",
        description=f"Print the built book as _build/pdf/{BOOK}, and its summary sheet as _build/pdf/{SUMMARY}. "
        f"With --only, print those chapters alone into _build/{CHAPTERS}: with a title page, contents and page numbers "
        "of their own; links to other chapters are text. "
        f"Needs Chromium or Chrome, from PATH or {chromium.VARIABLE}, and the extra: pip install 'kdcore[pdf]'.",
    )
    add_only(parser, "print these alone, in the book's order")
    parser.add_argument("--force", action="store_true", help="print although nothing has changed")
    parser.set_defaults(run=_pdf, interrupted="; the last good PDF is unchanged")


def _pdf(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    only = chosen(project, options.only)
    target = project.build / "pdf"
    chromium.require()
    program = chromium.find()
    with locked(project):
        if not (project.html / "index.html").is_file():
            raise BookError("there is no book to print yet: run 'make book' (or 'kdcore build') first")
        edition = Edition.of(project)
        if only:
            return _chapters(project, edition, program, only)
        wanted = fingerprint(project, edition, chromium.version(program))
        stored = target / FINGERPRINT
        if not options.force and stored.is_file() and stored.read_text(encoding="utf-8") == wanted:
            print("Nothing changed: the PDF is up to date.")
        else:
            start = time.perf_counter()
            print("Printing ...", flush=True)
            print_to(project, edition, program, target, wanted)
            print(f"Printed in {time.perf_counter() - start:.0f} s.")
    for path in sorted(target.glob("*.pdf")):
        _tell(path)
    return 0


def _chapters(project: Project, edition: Edition, program: str, only: Collection[str]) -> int:
    pages = [page for page in project.pages() if page in only]
    path = project.build / CHAPTERS / (f"{pages[0]}.pdf" if len(pages) == 1 else f"{len(pages)}-chapters.pdf")
    print(f"Printing {', '.join(pages)} ...", flush=True)
    print_chapters(project, edition, program, pages, path)
    _tell(path)
    return 0


def _tell(path: Path) -> None:
    data = path.read_bytes()
    count = pdf_file.page_count(data)
    print(f"Open {path} ({count} page{'s' if count > 1 else ''}, {len(data) / 1e6:.1f} MB)")
