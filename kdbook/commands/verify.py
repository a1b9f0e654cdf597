"""``kdcore verify``: whether the stored book is what this code computes."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

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
        metavar="MANIFEST",
        help="manifest.json beside executed/ (_build/manifest.json)",
    )
    parser.add_argument("--sample", type=positive, metavar="N", help="run N chapters again, not all")
    parser.add_argument("--sample-seed", type=int, default=0, metavar="SEED", help="which N (0)")
    parser.add_argument("--only", metavar="CHAPTER[,...]", help="run these again, not all")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="side by side (cores)")
    parser.add_argument("--timeout", type=positive, metavar="SECONDS", help="how long one cell may take (no limit)")
    parser.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    only = tuple(project.chapter(word).name for word in options.only.split(",")) if options.only else ()
    sample = Sample(only, options.sample, options.sample_seed, options.jobs, options.timeout)
    if options.manifest is not None and not options.manifest.exists():
        names = [chapter.name for chapter in project.chapters()]
        if str(options.manifest) in names:
            raise BookError(f"MANIFEST is a file; to run one chapter again: kdcore verify --only {options.manifest}")
    found = verify(project, options.manifest or project.build / records.MANIFEST, sample)
    print(f"{found.n_stored} stored chapters compared with their record, {found.n_again} of them run again")
    for problem in found.problems:
        print(f"  {problem}")
    if found.problems:
        print(f"NOT verified: {len(found.problems)} differences")
        return 1
    print("verified: no number differs")
    return 0
