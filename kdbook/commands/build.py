"""``kdcore build``: execute the chapters that changed and render the book."""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from kdbook.arguments import positive, split
from kdbook.execution import notebooks
from kdbook.execution.chapters import Executed, Request, execute_chapters
from kdbook.execution.parameters import parse_value, read_parameters
from kdbook.execution.progress import Progress
from kdbook.folders import locked
from kdbook.project import BookError, Chapter, Project
from kdbook.site.checks import names
from kdbook.site.render import render
from kdcore._workers import connect

BUILD_EXAMPLES = """\
examples:
  kdcore build --profile paper
  kdcore build --set figure-2.n_inputs=20 --set '*.seed=1'
  kdcore build --only figure-1,figure-2 --profile mine.yml
  kdcore build --scheduler tcp://192.0.2.7:8786 --share
"""


def add_build(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    build = commands.add_parser(
        "build",
        help="execute the chapters that changed and render the book",
        epilog=BUILD_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_execution(build)
    build.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="CHAPTER.PARAM=VALUE",
        help="a parameter on top of the profile; *.PARAM sets it in every chapter that has it (repeatable)",
    )
    add_only(build, "run these alone; the others stay as they last ran")
    build.add_argument(
        "--jobs",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="chapters that run side by side (the number of cores)",
    )
    build.add_argument("--force", action="store_true", help="run chapters although they have not changed")
    pages = build.add_mutually_exclusive_group()
    pages.add_argument(
        "--no-render", action="store_true", help="run chapters and record them; leave the pages as they are"
    )
    pages.add_argument("--strict", action="store_true", help="treat warnings and dead links as errors")
    build.add_argument(
        "--share", action="store_true", help="with --scheduler: sweeps inside chapters use the cluster, too"
    )
    volume = build.add_mutually_exclusive_group()
    volume.add_argument("--quiet", action="store_const", const="quiet", dest="style", help="print the result only")
    volume.add_argument("--json", action="store_const", const="json", dest="style", help="one JSON object a line")
    kept = "; finished chapters are kept and not run again"
    build.set_defaults(run=_build, style="text", interrupted=kept)


def add_execution(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command that runs chapters has."""
    parser.add_argument(
        "--profile", default="quick", metavar="NAME|FILE", help="a profile of book/profiles.yml, or a .yml file (quick)"
    )
    parser.add_argument("--timeout", type=positive, metavar="SECONDS", help="how long one cell may take (no limit)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, e.g. tcp://127.0.0.1:8786")


def _build(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    progress = Progress(options.style)
    only = chosen(project, options.only)
    request = Request(
        profile=options.profile,
        settings=_settings(project, options.settings, only),
        only=only,
        jobs=options.jobs,
        force=options.force,
        timeout=options.timeout,
        scheduler=options.scheduler,
        share=options.share,
    )
    if options.share and options.scheduler is None:
        raise BookError("--share needs --scheduler: it says that sweeps use the cluster, too")
    names.check(project)
    if options.scheduler is not None:
        with connect(options.scheduler):
            pass  # it answers and has workers, or an error says what is wrong
    with locked(project):
        try:
            executed = execute_chapters(project, request, progress)
            if options.no_render:
                return _tell_executed(project, executed, request, progress)
            progress.note("Rendering ...")
            rendered = render(project, executed, options.strict)
        except BookError as error:
            if (project.html / "index.html").is_file():
                raise BookError(f"{error}\n  the last good book is unchanged: {project.html / 'index.html'}") from None
            raise
    _tell_unchosen(executed, request, progress)
    progress.note("The book is ready." if rendered else "Nothing changed: the book is up to date.")
    page = project.html / "index.html"
    progress.result(f"Open {page}", page=str(page), rendered=rendered)
    return 0


def _tell_executed(project: Project, executed: Sequence[Executed], request: Request, progress: Progress) -> int:
    _tell_unchosen(executed, request, progress)
    folder = project.build / "executed"
    progress.result(f"Executed chapters are in {folder}", folder=str(folder), rendered=False)
    return 0


def _tell_unchosen(executed: Sequence[Executed], request: Request, progress: Progress) -> None:
    others = [result for result in executed if request.only and result.chapter.name not in request.only]
    never = [result.chapter.name for result in others if not result.record]
    older = [result.chapter.name for result in others if result.record and not result.current]
    if never:
        progress.note(f"Not run, shown with the committed numbers and without figures: {', '.join(never)}")
    if older:
        progress.note(f"Shown as they last ran, with other code or parameters: {', '.join(older)}")


def add_only(parser: argparse.ArgumentParser, meaning: str) -> None:
    """Add the option ``--only``."""
    parser.add_argument("--only", action="append", default=[], metavar="CHAPTER[,...]", help=meaning)


def chosen(project: Project, words: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the chapters that ``--only`` means; none if it was not given.

    Raises
    ------
    BookError
        If a word means no chapter.
    """
    names = split(words, "--only needs names of chapters")
    return tuple(dict.fromkeys(project.chapter(name).name for name in names))


def _settings(project: Project, words: Sequence[str], only: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return parameters by chapter; a pattern means those of the chapters that run which have the parameter."""
    running = [chapter for chapter in project.chapters() if not only or chapter.name in only]
    settings: dict[str, dict[str, Any]] = defaultdict(dict)
    for word in words:
        target, equals, text = word.partition("=")
        where, dot, name = target.rpartition(".")
        if not (equals and dot and where and name):
            raise BookError(f"--set must read CHAPTER.PARAM=VALUE, as in figure-2.n_repeats=500, got {word!r}")
        if "*" in where:
            matching = [chapter for chapter in running if fnmatchcase(chapter.name, where)]
            chapters = [chapter.name for chapter in matching if _has(chapter, name)]
            if not chapters:
                which = "no chapter that runs and" if only else "no chapter that"
                raise BookError(f"--set {word}: {which} matches {where!r} has a parameter {name!r}")
        else:
            chapters = [project.chapter(where).name]
        for chapter in chapters:
            settings[chapter][name] = parse_value(text)
    return dict(settings)


def _has(chapter: Chapter, name: str) -> bool:
    return name in {parameter.name for parameter in read_parameters(notebooks.read(chapter.path), chapter.name)}
