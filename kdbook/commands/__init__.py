"""The command line: ``main``, and one module for each command; ``python -m kdcore`` is the same.

May import: every room.
Begin with the command that you look for; it is a function ``add_NAME`` that adds it to the parser.
"""

from __future__ import annotations

import argparse
import errno
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import kdcore
from kdbook.execution.kernel import NEW_OBJECTS
from kdbook.project import BookError
from kdcore._workers import SchedulerError

COMMANDS = (
    "list",
    "run",
    "build",
    "serve",
    "verify",
    "sweep",
    "answers.learn",
    "answers.audit",
    "answers.certify",
    "pdf",
    "teaching.slides",
    "teaching.handout",
    "teaching.quiz",
    "teaching.course",
    "teaching.classroom",
    "doctor",
    "authors.archive",
    "authors.new_chapter",
    "authors.normalise",
)
"""The commands, each a module of this package with a function ``add_NAME``; on the command line ``_`` is ``-``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 a problem that it explains, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a character that the console has not is shown by its number
            stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(NEW_OBJECTS)
    options = _parser().parse_args(_with_negative_values(sys.argv[1:] if arguments is None else arguments))
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


def _with_negative_values(words: Sequence[str]) -> list[str]:
    """Join ``-p NAME VALUE`` where the value looks like an option, as -1e3 and -inf do, to ``-p NAME=VALUE``."""
    joined: list[str] = []
    for word in words:
        if len(joined) >= 2 and joined[-2] in ("-p", "--parameter") and "=" not in joined[-1] and _is_negative(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _is_negative(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return word.startswith("-")


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

    for place in COMMANDS:
        name = place.rpartition(".")[2]
        try:
            module = importlib.import_module(f"{__name__}.{place}")
        except ModuleNotFoundError as error:
            _add_absent(commands, name.replace("_", "-"), str(error.name))
            continue
        getattr(module, f"add_{name}")(commands)
    return parser


def _add_absent(commands: Any, name: str, package: str) -> None:
    """Add a command that says which package it lacks: kdcore is also installed without what the book needs."""
    if package.partition(".")[0] in ("kdbook", "kdcore"):
        raise ModuleNotFoundError(f"no module named {package!r}", name=package)

    def explain(_options: argparse.Namespace) -> int:
        raise BookError(
            f"'kdcore {name}' needs {package}, which is not installed: {sys.executable} -m pip install 'kdcore[book]'; "
            "'kdcore doctor' lists all that is missing"
        )

    # no character begins an option here: whatever follows the command's name is taken
    absent = commands.add_parser(name, help="(needs what 'kdcore doctor' lists)", add_help=False, prefix_chars="\0")
    absent.add_argument("arguments", nargs="*")
    absent.set_defaults(run=explain)
