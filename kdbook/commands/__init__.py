"""The command line: ``main``, and one module for each command; ``python -m kdcore`` is the same.

May import: every room.
Begin with the command that you look for; it is a function ``add_NAME`` that adds it to the parser.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import kdcore
from kdbook.commands.build import add_build
from kdbook.commands.classroom import add_classroom
from kdbook.commands.doctor import add_doctor
from kdbook.commands.handout import add_handout
from kdbook.commands.list import add_list
from kdbook.commands.normalise import add_normalise
from kdbook.commands.pdf import add_pdf
from kdbook.commands.run import add_run
from kdbook.commands.serve import add_serve
from kdbook.commands.slides import add_slides
from kdbook.commands.sweep import add_sweep
from kdbook.commands.verify import add_verify
from kdbook.project import BookError
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

    for add in (
        add_list,
        add_run,
        add_build,
        add_serve,
        add_verify,
        add_sweep,
        add_pdf,
        add_slides,
        add_handout,
        add_classroom,
        add_doctor,
        add_normalise,
    ):
        add(commands)
    return parser
