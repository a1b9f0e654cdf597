"""Folders that are never half made: replaced by two renamings, and mended after a build that was killed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kdbook.files import move
from kdbook.project import BookError, Project


@contextmanager
def locked(project: Project) -> Iterator[None]:
    """Hold the book's ``_build``: a second build waits, and says so on standard error.

    The lock is the system's own, so that it ends with its process, however that ends.

    Raises
    ------
    BookError
        If ``_build`` cannot be made or written to.
    """
    try:
        project.build.mkdir(parents=True, exist_ok=True)
        lock = FileLock(project.build / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print("another build of this book is running: waiting until it ends", file=sys.stderr, flush=True)
            lock.acquire()
    except (FileExistsError, NotADirectoryError):
        raise BookError(f"{project.build} is not a folder: move it out of the way") from None
    except PermissionError as error:
        raise BookError(f"cannot write to {error.filename or project.build}: no permission") from None
    with lock:
        clean_up(project)
        yield


def clean_up(project: Project) -> None:
    """Remove what a killed build left half made, and bring back what it had moved aside."""
    for leftover in project.build.glob(".running-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    for folder in (project.build, project.build / "executed"):
        for old in folder.glob(".*.old"):
            target = old.with_name(old.name[1:].removesuffix(".old"))
            if target.exists():
                shutil.rmtree(old, ignore_errors=True)
            else:
                move(old, target)


def replace_folder(new: Path, target: Path) -> None:
    """Put ``new`` in the place of ``target``, which is never half made.

    What was there is moved aside first.  Between the two renamings, usually microseconds, there is no ``target``: a
    reader who looks then finds nothing, and if the process is killed then, it is missing until :func:`clean_up`, with
    which the next build begins, brings the old folder back.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        move(target, old)
    move(new, target)
    shutil.rmtree(old, ignore_errors=True)
