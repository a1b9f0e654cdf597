"""``kdcore normalise``: notebooks in the form that is committed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kdbook.execution import notebooks
from kdbook.files import write_atomic
from kdbook.project import Project


def add_normalise(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    normal = commands.add_parser("normalise", help="bring notebooks into the form that is committed")
    normal.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="(default: all chapters)")
    normal.add_argument("--check", action="store_true", help="change nothing; fail if a notebook is not normal")
    normal.set_defaults(run=_normalise)


def _normalise(options: argparse.Namespace) -> int:
    paths = options.notebooks or [chapter.path for chapter in Project.find(options.project).chapters()]
    changed = []
    for path in paths:
        normal = notebooks.to_text(notebooks.normalise(notebooks.read(path)))
        if path.read_text(encoding="utf-8") == normal:
            continue
        changed.append(path)
        if not options.check:
            write_atomic(path, normal)
    for path in changed:
        print(f"{path}: {'not in normal form' if options.check else 'normalised'}")
    if changed and options.check:
        print("run 'kdcore normalise' on them")
        return 1
    return 0
