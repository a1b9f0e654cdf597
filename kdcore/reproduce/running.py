"""``kdcore list`` and ``kdcore run``: what can be run, and one chapter with parameters of one's own."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kdcore.reproduce import notebooks, records
from kdcore.reproduce.building import add_execution
from kdcore.reproduce.execute import Request, run_one
from kdcore.reproduce.parameters import Parameter, parse_value, read_parameters
from kdcore.reproduce.project import BookError, Chapter, Project
from kdcore.reproduce.render import render_page

RUN_EXAMPLES = """\
examples:
  kdcore run figure-2 -p n_inputs 50 -p n_last 1000000 -o wide
  kdcore run 9 --html
  kdcore run "sharp const" -p seed 7
"""


def add_running(commands: Any) -> None:
    """Add the commands to the parser's sub-commands."""
    listing = commands.add_parser("list", help="chapters and their parameters")
    listing.add_argument("chapters", nargs="*", metavar="CHAPTER", help="number, name or part of a title (all)")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=_list)

    run = commands.add_parser(
        "run",
        help="execute one chapter with other parameters",
        description="Execute one chapter and leave its notebook and its figures (SVG, CSV) in a folder.",
        epilog=RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("chapter", metavar="CHAPTER", help="number, name or part of a title; see 'kdcore list'")
    run.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="a parameter on top of the profile (repeatable)",
    )
    add_execution(run)
    run.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where to (_build/runs/CHAPTER)")
    run.add_argument("--html", action="store_true", help="also render a page to open")
    run.set_defaults(run=_run)


def _list(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    chapters = [project.chapter(text) for text in options.chapters] or project.chapters()
    profiles = {name: project.profile(name) for name in project.profiles() if name != "quick"}
    described = []
    for chapter in chapters:
        known = read_parameters(notebooks.read(chapter.path), chapter.name)
        others = {name: values.get(chapter.name, {}) for name, values in profiles.items()}
        described.append(_described(chapter, known, others))
        if not options.json:
            print(f"{chapter.number:2d}  {chapter.name}: {chapter.title}")
            _print_table(known, others)
            print()
    if options.json:
        print(json.dumps(described, indent=1))
    else:
        print("Run one with other parameters: kdcore run CHAPTER -p NAME VALUE")
    return 0


def _described(chapter: Chapter, known: Sequence[Parameter], others: dict[str, dict[str, Any]]) -> dict[str, Any]:
    parameters = [
        {
            "name": p.name,
            "type": p.type,
            "default": p.default,
            "help": p.help,
            "rules": list(p.rules),
            "profiles": {name: values[p.name] for name, values in others.items() if p.name in values},
        }
        for p in known
    ]
    return {"number": chapter.number, "name": chapter.name, "title": chapter.title, "parameters": parameters}


def _print_table(known: Sequence[Parameter], profiles: dict[str, dict[str, Any]]) -> None:
    rows = [["parameter", "type", "default", *profiles, "what it is"]]
    for p in known:
        rules = f" [{', '.join(p.rules)}]" if p.rules else ""
        values = (str(profile.get(p.name, "")) for profile in profiles.values())
        rows.append([p.name, p.type, str(p.default), *values, p.help + rules])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        print("    " + "  ".join([*cells, row[-1]]).rstrip())


def _run(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    chapter = project.chapter(options.chapter)
    folder: Path = (options.output or project.build / "runs" / chapter.name).absolute()
    if folder.exists() and not (folder.is_dir() and _is_ours(folder)):
        raise BookError(f"{folder} exists and is not the result of a run: choose another folder with --output")
    given: dict[str, Any] = {}
    for name, text in options.parameter:
        if name in given:
            raise BookError(f"-p {name} is given twice")
        given[name] = parse_value(text)
    request = Request(options.profile, {chapter.name: given}, timeout=options.timeout, scheduler=options.scheduler)
    executed = run_one(project, chapter, request, folder)
    figures = sorted(name for name in executed.figures if name.endswith(".svg"))
    print(f"{chapter.title}: {executed.record['duration_s']:.1f} s")
    print(f"  notebook  {folder / records.NOTEBOOK}")
    if figures:
        print(f"  figures   {folder / 'figures'}: {', '.join(figures)}, each with its data as .csv")
    if options.html:
        print(f"  page      {render_page(project, executed, folder)}")
    return 0


def _is_ours(folder: Path) -> bool:
    """Return whether a folder is empty or holds nothing but the result of a run."""
    return {path.name for path in folder.iterdir()} <= {records.NOTEBOOK, "figures", "html", "failed.ipynb"}
