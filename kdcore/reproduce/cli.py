"""The ``kdcore`` command; ``python -m kdcore`` is the same."""

from __future__ import annotations

import argparse
import errno
import functools
import http.server
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import kdcore
from kdcore._engines import SchedulerError
from kdcore.reproduce import notebooks
from kdcore.reproduce.execute import execute_chapters
from kdcore.reproduce.progress import Progress
from kdcore.reproduce.project import BookError, Project
from kdcore.reproduce.render import render
from kdcore.reproduce.sweeping import add_sweep, positive


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 a problem that it explains, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (BookError, SchedulerError) as error:
        print(f"kdcore: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nkdcore: interrupted; finished chapters are kept and not run again", file=sys.stderr)
        return 130
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
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    build = commands.add_parser("build", help="execute the chapters that changed and render the book")
    build.add_argument("--profile", default="quick", metavar="NAME", help="parameters of book/profiles.yml (quick)")
    build.add_argument(
        "--jobs",
        type=positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="chapters that run side by side (the number of cores)",
    )
    build.add_argument("--force", action="store_true", help="run every chapter, changed or not")
    build.add_argument("--strict", action="store_true", help="treat warnings of the rendering as errors")
    build.set_defaults(run=_build)

    serve = commands.add_parser("serve", help="preview the built book on a local port")
    serve.add_argument("--port", type=_port, default=8000, metavar="N", help="the port to try first (8000)")
    serve.set_defaults(run=_serve)

    add_sweep(commands)

    normal = commands.add_parser("normalise", help="bring notebooks into the form that is committed")
    normal.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK", help="(default: all chapters)")
    normal.add_argument("--check", action="store_true", help="change nothing; fail if a notebook is not normal")
    normal.set_defaults(run=_normalise)
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"must lie between 1 and 65535, got {number}")
    return number


def _build(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    try:
        executed = execute_chapters(project, options.profile, options.jobs, options.force, Progress())
        print("Rendering ...", flush=True)
        rendered = render(project, executed, options.strict)
    except BookError as error:
        if (project.html / "index.html").is_file():
            raise BookError(f"{error}\n  the last good book is unchanged: {project.html / 'index.html'}") from None
        raise
    print("The book is ready." if rendered else "Nothing changed: the book is up to date.")
    print(f"Open {project.html / 'index.html'}")
    return 0


def _serve(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    if not (project.html / "index.html").is_file():
        raise BookError("there is no book to serve yet: run 'make book' (or 'kdcore build') first")
    handler = functools.partial(_QuietHandler, directory=str(project.html))
    for port in range(options.port, min(options.port + 20, 65536)):
        try:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError:
            continue
        print(f"Serving the book on http://127.0.0.1:{port}/ (Ctrl-C stops)", flush=True)
        with server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print()
        return 0
    raise BookError(f"ports {options.port} to {options.port + 19} are all taken: choose another with --port")


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and does not log each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


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
