"""``kdcore slides``: the decks of the built book, one line each; or one deck with parameters of one's own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kdbook.commands.build import add_execution
from kdbook.commands.run import add_parameters, folder_for, given
from kdbook.course import deck_files, decks
from kdbook.execution.chapters import Request, as_last_run, run_one
from kdbook.folders import locked
from kdbook.project import BookError, Chapter, Project
from kdbook.site.numbers import labels

EXAMPLES = """\
examples:
  kdcore slides
  kdcore slides hard-labels -p n_labels 4
  kdcore slides "missing mass" -p seed 7 -o talk
"""


def add_slides(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "slides",
        help="list the decks of slides in the built book, or make one with other parameters",
        description="List the decks that the last build has made, with their length. With a chapter and -p, run the "
        "chapter with other parameters and make its deck, in a folder with all that it loads: it can be copied. The "
        "command says which figures of the deck are of other chapters and stay as they are. In a deck, S opens the "
        "speaker's view, ? the list of keys; ?print-pdf after its address lays it out for paper.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("chapter", nargs="?", metavar="CHAPTER", help="number, name or part of a title")
    add_parameters(parser)
    add_execution(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where to (_build/runs/CHAPTER)")
    parser.set_defaults(run=_slides)


def _slides(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    chapter = project.chapter(options.chapter) if options.chapter else None
    if chapter is None and (options.parameter or options.output):
        raise BookError("-p and --output need a chapter, as in 'kdcore slides hard-labels -p n_labels 4'")
    folder = project.html / decks.FOLDER
    built = [made for made in decks.committed(project) if (folder / f"{made.name}.html").is_file()]
    if not built:
        raise BookError("no deck has been built yet: run 'make book' (or 'kdcore build') first")
    if chapter is not None:
        if chapter.name not in {made.name for made in built}:
            raise BookError(f"{chapter.name} has no slides: there are {', '.join(made.name for made in built)}")
        if options.parameter or options.output or options.profile != "quick":
            return _make(project, chapter, options)
    for made in built:
        if chapter is None or made.name == chapter.name:
            print(f"{folder / made.name}.html  {made.n_slides:2d} slides, {made.minutes:3.0f} min  {made.title}")
    return 0


def _make(project: Project, chapter: Chapter, options: argparse.Namespace) -> int:
    folder = folder_for(options.output or project.build / "runs" / chapter.name)
    parameters = given(options)
    request = Request(options.profile, {chapter.name: parameters}, timeout=options.timeout, scheduler=options.scheduler)
    mine = run_one(project, chapter, request, folder)
    values = mine.record["parameters"]
    said = ", ".join(f"{name} = {value}" for name, value in values.items()) or "as in the book"
    with locked(project):
        executed = [mine if result.chapter.name == chapter.name else result for result in as_last_run(project, {})]
        path, elsewhere = deck_files.write_alone(
            project, executed, chapter.name, labels(project), said, folder / decks.FOLDER
        )
    print(f"{chapter.title}, {said}: {mine.record['duration_s']:.1f} s")
    print(f"  deck  {path}")
    if values:
        for drawing, title in elsewhere.items():
            print(f"  {drawing} is of the chapter {title!r} and does not follow {', '.join(values)}")
        print("  Statements, live figures and numbers in the text of slides are those of the book.")
    return 0
