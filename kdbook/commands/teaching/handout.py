"""``kdcore handout``: notebooks for a course."""

from __future__ import annotations

import argparse
from typing import Any

from kdbook.commands.build import add_only, chosen
from kdbook.course.handout import FOLDER, NBGRADER, README, STUDENT, TEACHER, write_handout
from kdbook.folders import locked
from kdbook.project import Project
from kdbook.site.numbers import labels


def add_handout(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "handout",
        help="make notebooks for a course: the students' without solutions, the teacher's with",
        description=f"Write into _build/{FOLDER}: {STUDENT}/ and {TEACHER}/, each with a notebook for each chapter "
        "that has exercises, kdcore as a wheel and a README.md; and each of the two folders as a zip file.",
    )
    add_only(parser, "hand out these alone")
    parser.add_argument(
        "--nbgrader",
        action="store_true",
        help=f"write {NBGRADER}/ as well: a course whose assignments nbgrader grades by the exercises' checks",
    )
    parser.set_defaults(run=_handout, interrupted="; the last good handout is unchanged")


def _handout(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    only = chosen(project, options.only)
    with locked(project):
        target = write_handout(project, labels(project), only, options.nbgrader)
    counts = {who: len(list((target / who).glob("*.ipynb"))) for who in (STUDENT, TEACHER)}
    for who, count in counts.items():
        print(f"{who:8s} {count} notebooks  {target / who / README}")
        print(f"{'':8s} all in one    {target / f'{who}.zip'}")
    if options.nbgrader:
        count = len(list((target / NBGRADER / "source").iterdir()))
        print(f"{NBGRADER} {count} assignments  {target / NBGRADER / README}")
        print(f"{'':8s} all in one    {target / f'{NBGRADER}.zip'}")
    return 0
