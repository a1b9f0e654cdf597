"""The command line in a process that kills itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from kdbook.commands import main
from kdbook.execution import chapters, records
from kdbook.site import jupyter_book, render
from tests import warm
from tests.remembered import RememberingPool


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(module: ModuleType, name: str, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Die instead of calling a function of a module, when its arguments are such."""
    real = getattr(module, name)

    def dies(*arguments: Any, **options: Any) -> Any:
        if when(*arguments, **options):
            die()
        return real(*arguments, **options)

    setattr(module, name, dies)


def after(module: ModuleType, name: str, when: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Die when a function of a module has done its work, when its arguments are such."""
    real = getattr(module, name)

    def dies(*arguments: Any, **options: Any) -> Any:
        result = real(*arguments, **options)
        if when(*arguments, **options):
            die()
        return result

    setattr(module, name, dies)


def while_jupyter_book_runs() -> None:
    """Die when Jupyter Book has been started, which goes on alone."""
    real = render.run_jupyter_book

    def start_and_die(command: list[str], **options: Any) -> None:
        subprocess.Popen(command, **options)
        die()

    def dies(*arguments: Any, **options: Any) -> None:
        with patch.object(subprocess, "run", start_and_die):
            real(*arguments, **options)

    render.run_jupyter_book = dies


def half_a_copy() -> None:
    """Die when the first page has been copied to where the new book is gathered."""

    def copy(source: str, target: str) -> None:
        shutil.copy2(source, target)
        if source.endswith(".html"):
            die()

    real = shutil.copytree

    def copytree(source: Any, target: Any, *inner: Any, **options: Any) -> Any:
        """Copy as asked; folders inside have their arguments from the outermost one, by place."""
        return real(source, target, *inner, **options if inner else options | {"copy_function": copy})

    shutil.copytree = copytree


def between_two_renames(name: str) -> None:
    """Die when the old folder of that name is aside and the new one not yet in its place."""
    after(os, "replace", lambda source, target: Path(target).name == f".{name}.old")


POINTS: dict[str, Callable[[], None]] = {
    "a result is half written": partial(before, chapters, "write_atomic"),
    "a result is written and not in its place": partial(before, chapters, "replace_folder"),
    "an old result is moved aside": partial(between_two_renames, "first"),
    "one chapter is stored": partial(after, chapters, "_store"),
    "all chapters are stored": partial(before, records, "write_manifest"),
    "the manifest is half written": partial(
        before, os, "replace", lambda source, target: Path(target).name == records.MANIFEST
    ),
    "Jupyter Book runs": while_jupyter_book_runs,
    "pages are rendered": partial(after, render, "run_jupyter_book"),
    "pages are half copied": half_a_copy,
    "the old book is moved aside": partial(between_two_renames, "html"),
    "the new book is in its place": partial(after, os, "replace", lambda source, target: Path(target).name == "html"),
}
"""Where a build may die, in the order of a build."""


def rendered_before(pages: Path) -> Callable[..., list[str]]:
    """Return what stands for ``run_jupyter_book`` where the book was rendered before, and its output kept."""

    copytree = shutil.copytree

    def copy(_project: Any, _source: Path, output: Path, *_: Any, **__: Any) -> list[str]:
        shutil.rmtree(output)
        copytree(pages, output)
        return []

    return copy


def main_dying(point: str, outcomes: Path, pages: Path | None, words: Sequence[str]) -> int:
    """Do what the command line does, and die at a point; a process of its own calls this, in a session of its own.

    Chapters are taken from ``outcomes``, and pages, if they are given, from where they are kept.
    """
    os.setsid()
    RememberingPool.begin = staticmethod(warm.pool)  # kernels are looked for by their command
    chapters.ProcessPoolExecutor = partial(RememberingPool, outcomes)
    if point != "Jupyter Book runs":  # there a process of its own is started, and goes on
        jupyter_book.subprocess = warm.SUBPROCESS
    if pages is not None:
        render.run_jupyter_book = rendered_before(pages)
    POINTS[point]()
    return main(words)
