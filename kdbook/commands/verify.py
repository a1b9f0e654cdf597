"""``kdcore verify``: whether the stored book is what this code computes."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kdbook.archive import checksums
from kdbook.archive.contents import SOURCE
from kdbook.arguments import positive
from kdbook.execution import records
from kdbook.execution.verify import RELATIVE_TOLERANCE, Sample, verify
from kdbook.project import BookError, Project


def add_verify(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "verify",
        help="run chapters again and compare their numbers with the stored ones",
        description="Compare a built book with its record, run its chapters again with the recorded parameters, and "
        f"compare numbers (relative tolerance {RELATIVE_TOLERANCE:g}). Exit status 1 if anything differs.",
    )
    parser.add_argument(
        "manifest",
        nargs="?",
        type=Path,
        metavar="MANIFEST|FOLDER",
        help="manifest.json beside executed/ (_build/manifest.json), or the folder of an unpacked archive, whose "
        "checksums and sources are then taken",
    )
    parser.add_argument("--sample", type=positive, metavar="N", help="run N chapters again, not all")
    parser.add_argument("--sample-seed", type=int, default=0, metavar="SEED", help="which N (0)")
    parser.add_argument("--only", metavar="CHAPTER[,...]", help="run these again, not all")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="side by side (cores)")
    parser.add_argument("--timeout", type=positive, metavar="SECONDS", help="how long one cell may take (no limit)")
    parser.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    archive = options.manifest if options.manifest is not None and options.manifest.is_dir() else None
    if archive is not None:
        options.manifest = archive / records.MANIFEST
        if changed := _changed(archive):
            return _tell(changed)
    project = Project.find(archive / SOURCE if archive and options.project is None else options.project)
    only = tuple(project.chapter(word).name for word in options.only.split(",")) if options.only else ()
    sample = Sample(only, options.sample, options.sample_seed, options.jobs, options.timeout)
    if options.manifest is not None and not options.manifest.exists():
        names = [chapter.name for chapter in project.chapters()]
        if str(options.manifest) in names:
            raise BookError(f"MANIFEST is a file; to run one chapter again: kdcore verify --only {options.manifest}")
    found = verify(project, options.manifest or project.build / records.MANIFEST, sample)
    print(f"{found.n_stored} stored chapters compared with their record, {found.n_again} of them run again")
    return _tell(found.problems)


def _changed(archive: Path) -> list[str]:
    """Return what of an unpacked archive is not as it was packed."""
    if not (archive / checksums.FILE).is_file():
        raise BookError(f"{archive} is not an unpacked archive: there is no {checksums.FILE} in it")
    changed = checksums.differences(archive)
    print(f"{archive / checksums.FILE}: {'not all' if changed else 'all'} files are those of the archive", flush=True)
    return changed


def _tell(problems: Sequence[str]) -> int:
    for problem in problems:
        print(f"  {problem}")
    if problems:
        print(f"NOT verified: {len(problems)} difference{'s' if len(problems) > 1 else ''}")
        return 1
    print("verified: no number differs")
    return 0
