"""``kdcore pdf``: the built book, and its summary sheet, as PDF."""

from __future__ import annotations

import argparse
import time
from typing import Any

from kdbook.folders import locked
from kdbook.printing import chromium, pdf_file
from kdbook.printing.pdf import BOOK, FINGERPRINT, SUMMARY, Edition, fingerprint, print_to
from kdbook.project import BookError, Project


def add_pdf(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "pdf",
        help="print the built book, and its summary sheet, as PDF",
        description=f"Print the built book as _build/pdf/{BOOK}, and its summary sheet as _build/pdf/{SUMMARY}. "
        f"Needs Chromium or Chrome, from PATH or {chromium.VARIABLE}, and the extra: pip install 'kdcore[pdf]'.",
    )
    parser.add_argument("--force", action="store_true", help="print although nothing has changed")
    parser.set_defaults(run=_pdf, interrupted="; the last good PDF is unchanged")


def _pdf(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    target = project.build / "pdf"
    chromium.require()
    program = chromium.find()
    with locked(project):
        if not (project.html / "index.html").is_file():
            raise BookError("there is no book to print yet: run 'make book' (or 'kdcore build') first")
        edition = Edition.of(project)
        wanted = fingerprint(project, edition, chromium.version(program))
        stored = target / FINGERPRINT
        if not options.force and stored.is_file() and stored.read_text() == wanted:
            print("Nothing changed: the PDF is up to date.")
        else:
            start = time.perf_counter()
            print("Printing ...", flush=True)
            print_to(project, edition, program, target, wanted)
            print(f"Printed in {time.perf_counter() - start:.0f} s.")
    for path in sorted(target.glob("*.pdf")):
        data = path.read_bytes()
        count = pdf_file.page_count(data)
        print(f"Open {path} ({count} page{'s' if count > 1 else ''}, {len(data) / 1e6:.1f} MB)")
    return 0
