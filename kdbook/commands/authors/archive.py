"""``kdcore archive``: the built book as one file to deposit."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from kdbook.archive import contents
from kdbook.files import write_atomic
from kdbook.folders import locked
from kdbook.project import BookError, Project

FOLDER = "archive"


def add_archive(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "archive",
        help="pack the built book, its records and its sources into one zip file to deposit",
        description="Write one zip file with the rendered book, the executed chapters with their figures and data, "
        "their records, kdcore as a wheel, the sources of the commit with the lock file, checksums, a description as "
        "RO-Crate, and a README.md that says how to verify it all. The same commit and build give the same bytes. "
        "Whoever unpacks it runs 'kdcore verify FOLDER'.",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.zip", help=f"where to (_build/{FOLDER}/NAME.zip)")
    parser.set_defaults(run=_archive, interrupted="; no archive was written")


def _archive(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    target: Path = options.output or project.build / FOLDER / f"{contents.name(project)}.zip"
    if target.suffix != ".zip" or target.is_dir():
        raise BookError(f"the archive is a zip file: --output must name one that ends in .zip, got {target}")
    with locked(project):
        packed = contents.pack(project)
    write_atomic(target, packed.data)
    if not packed.clean:
        print(
            "the working tree has changes that are not committed: they are not in the archive's sources, and the "
            "archive says so",
            file=sys.stderr,
        )
    print(f"{packed.n_files} files, {len(packed.data) / 1e6:.1f} MB, sources of commit {packed.commit[:12]}")
    print(f"Deposit {target}")
    return 0
