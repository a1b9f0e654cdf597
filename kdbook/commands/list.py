"""``kdcore list``: the chapters and what each can be told."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from kdbook.execution import notebooks
from kdbook.execution.parameters import Parameter, read_parameters
from kdbook.project import Chapter, Project


def add_list(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    listing = commands.add_parser("list", help="chapters and their parameters")
    listing.add_argument("chapters", nargs="*", metavar="CHAPTER", help="number, name or part of a title (all)")
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=_list)


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
