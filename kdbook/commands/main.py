"""The ``kdcore`` command; ``python -m kdcore`` is the same."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import kdcore
from kdbook import notebooks
from kdbook.commands.build import add_build
from kdbook.commands.classroom import add_classroom
from kdbook.commands.doctor import add_doctor
from kdbook.commands.run import add_running
from kdbook.commands.slides import add_slides
from kdbook.commands.sweep import add_sweep
from kdbook.course.handout import add_handout
from kdbook.execution.verify import add_verify
from kdbook.printing.pdf import add_pdf
from kdbook.project import BookError, Project
from kdcore._workers import SchedulerError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 a problem that it explains, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (BookError, SchedulerError) as error:
        print(f"kdcore: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\nkdcore: interrupted{options.interrupted}", file=sys.stderr)
        return 130
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        print(f"kdcore: {error}{'; free some space and run the command again' if full else ''}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kdcore", description="Build the executable companion book and look after its notebooks."
    )
    parser.add_argument("--version", action="version", version=f"kdcore {kdcore.__version__}")
    parser.add_argument(
        "--project", type=Path, metavar="DIR", help="a folder in the book's checkout (default: the working folder)"
    )
    parser.set_defaults(interrupted="")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    add_build(commands)
    add_running(commands)
    add_verify(commands)
    add_sweep(commands)
    add_pdf(commands)
    add_slides(commands)
    add_handout(commands)
    add_classroom(commands)
    add_doctor(commands)

    normal = commands.add_parser("normalise", help="bring notebooks into the form that is committed")
    normal.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="(default: all chapters)")
    normal.add_argument("--check", action="store_true", help="change nothing; fail if a notebook is not normal")
    normal.set_defaults(run=_normalise)
    return parser


def _normalise(options: argparse.Namespace) -> int:
    paths = options.notebooks or [chapter.path for chapter in Project.find(options.project).chapters()]
    changed = []
    for path in paths:
        normal = notebooks.to_text(notebooks.normalise(notebooks.read(path)))
        if path.read_text(encoding="utf-8") == normal:
            continue
        changed.append(path)
        if not options.check:
            notebooks.write_atomic(path, normal)
    for path in changed:
        print(f"{path}: {'not in normal form' if options.check else 'normalised'}")
    if changed and options.check:
        print("run 'kdcore normalise' on them")
        return 1
    return 0
