"""Folders that are whole at any moment: swapped in one step, and mended after a build that was killed."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kdbook.project import BookError, Project

_EXCHANGE = 2  # RENAME_EXCHANGE of linux/fs.h
_WORKING_FOLDER = -100  # AT_FDCWD of fcntl.h


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
                os.replace(old, target)


def replace_folder(new: Path, target: Path) -> None:
    """Put ``new`` in the place of ``target``, so that there is a whole folder at any moment.

    Where the system cannot swap two folders in one step, what was there is moved aside first, and :func:`clean_up`
    knows where to.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and _exchange(new, target):
        shutil.rmtree(new, ignore_errors=True)
        return
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    os.replace(new, target)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, and return whether that worked."""
    if not sys.platform.startswith("linux"):
        return False
    swap = getattr(ctypes.CDLL(None), "renameat2", None)
    if swap is None:
        return False
    return bool(swap(_WORKING_FOLDER, os.fsencode(one), _WORKING_FOLDER, os.fsencode(other), _EXCHANGE) == 0)
