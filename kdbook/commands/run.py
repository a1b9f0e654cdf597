"""``kdcore run``: one chapter with parameters of one's own."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kdbook.commands.build import add_execution
from kdbook.course.decks import FOLDER as SLIDES
from kdbook.execution import notebooks, records
from kdbook.execution.chapters import Request, run_one
from kdbook.execution.parameters import parse_value
from kdbook.project import BookError, Project
from kdbook.site.render import OWN_PAGE, render_page

RUN_EXAMPLES = """\
examples:
  kdcore run figure-2 -p n_inputs 50 -p n_last 1000000 -o wide
  kdcore run 9 --html
  kdcore run "sharp const" -p seed 7
"""


def add_run(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    run = commands.add_parser(
        "run",
        help="execute one chapter with other parameters",
        description="Execute one chapter and leave its notebook and its figures (SVG, CSV) in a folder.",
        epilog=RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("chapter", metavar="CHAPTER", help="number, name or part of a title; see 'kdcore list'")
    add_parameters(run)
    add_execution(run)
    run.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where to (_build/runs/CHAPTER)")
    run.add_argument("--html", action="store_true", help="also render a page to open")
    run.set_defaults(run=_run)


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Add the option ``-p``."""
    parser.add_argument(
        "-p",
        "--parameter",
        nargs="+",
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter on top of the profile, also as NAME=VALUE (repeatable)",
    )


def given(options: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters that ``-p`` gives, by name.

    Raises
    ------
    BookError
        If one is given twice, or is no name with a value.
    """
    found: dict[str, Any] = {}
    for words in options.parameter:
        name, text = words if len(words) == 2 else _split(words)
        if name in found:
            raise BookError(f"-p {name} is given twice")
        found[name] = parse_value(text)
    return found


def folder_for(folder: Path) -> Path:
    """Return where the result of a run goes, as an absolute path.

    Raises
    ------
    BookError
        If something else is there.
    """
    absolute = folder.absolute()
    if absolute.exists() and not _is_ours(absolute):
        raise BookError(f"{folder} exists and is not the result of a run: choose another folder with --output")
    return absolute


def _run(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    chapter = project.chapter(options.chapter)
    folder = folder_for(options.output or project.build / "runs" / chapter.name)
    parameters = given(options)
    request = Request(options.profile, {chapter.name: parameters}, timeout=options.timeout, scheduler=options.scheduler)
    executed = run_one(project, chapter, request, folder)
    figures = sorted(name for name in executed.figures if name.endswith(".svg"))
    print(f"{chapter.title}: {executed.record['duration_s']:.1f} s")
    print(f"  notebook  {folder / records.NOTEBOOK}")
    if figures:
        print(f"  figures   {folder / 'figures'}: {', '.join(figures)}, each with its data as .csv")
    if options.html:
        print(f"  page      {render_page(project, executed, folder)}")
    return 0


def _split(words: Sequence[str]) -> tuple[str, str]:
    """Return name and value of NAME=VALUE."""
    name, equals, text = words[0].partition("=")
    if len(words) != 1 or not equals:
        raise BookError(f"-p must read NAME VALUE or NAME=VALUE, got {' '.join(words)!r}")
    return name, text


def _is_ours(folder: Path) -> bool:
    """Return whether a folder is empty or holds nothing but the result of a run, as its record says."""
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    if not names <= {records.NOTEBOOK, "figures", "html", SLIDES, "failed.ipynb"}:
        return False
    try:
        record = records.read_record(notebooks.read(folder / records.NOTEBOOK))
    except BookError:
        return names == {"failed.ipynb"}
    known = set(record.get("outputs", {}).get("figures", {}))
    own_page = not (folder / "html").exists() or (folder / "html" / OWN_PAGE).is_file()
    return own_page and set(records.read_figures(folder)) <= known
