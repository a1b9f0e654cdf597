"""``kdcore slides``: the decks of the built book, one line each."""

from __future__ import annotations

import argparse
from typing import Any

from kdbook.course import decks
from kdbook.project import BookError, Project


def add_slides(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "slides",
        help="list the decks of slides in the built book",
        description="List the decks that the last build has made, with their length. In a deck, S opens the speaker's "
        "view, ? the list of keys; ?print-pdf after its address lays it out for paper.",
    )
    parser.set_defaults(run=_slides)


def _slides(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    folder = project.html / decks.FOLDER
    built = [made for made in decks.committed(project) if (folder / f"{made.name}.html").is_file()]
    if not built:
        raise BookError("no deck has been built yet: run 'make book' (or 'kdcore build') first")
    for made in built:
        print(f"{folder / made.name}.html  {made.n_slides:2d} slides, {made.minutes:3.0f} min  {made.title}")
    return 0
