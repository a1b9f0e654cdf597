"""What other systems do otherwise with files and consoles, imitated on this one, as far as Python shows it."""

from __future__ import annotations

import builtins
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

CONSOLE = "cp1252"
"""The encoding of texts on Windows, in western countries, unless a program says another."""
_open, _replace, _rename, _unlink = builtins.open, os.replace, os.rename, os.unlink


def _opened(
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    encoding: Any = None,
    errors: Any = None,
    newline: Any = None,
    *rest: Any,
) -> Any:
    """Open a file; a text in the console's encoding, with lines that end in two characters, unless it is told."""
    if "b" not in mode:
        encoding = CONSOLE if encoding in (None, "locale") else encoding
        newline = "\r\n" if newline is None and set(mode) & set("wax") else newline
    return _open(file, mode, buffering, encoding, errors, newline, *rest)


def _refuse_open(*paths: Any) -> None:
    """Raise what Windows raises where this process has a file open, or one in a folder."""
    places = [os.path.realpath(path) for path in paths]
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            held = os.readlink(f"/proc/self/fd/{descriptor}")
        except OSError:
            continue
        if os.path.isfile(held) and any(held == place or held.startswith(f"{place}/") for place in places):
            raise PermissionError(13, "Permission denied", held)


def _replaced(source: Any, target: Any) -> None:
    _refuse_open(source, target)
    if os.path.isdir(target):
        raise PermissionError(13, "Permission denied", str(target))
    _replace(source, target)


def _renamed(source: Any, target: Any) -> None:
    _refuse_open(source, target)
    if os.path.exists(target):
        raise FileExistsError(17, "File exists", str(target))
    _rename(source, target)


def _unlinked(path: Any, **named: Any) -> None:
    _refuse_open(path)
    _unlink(path, **named)


@contextmanager
def windows_files() -> Iterator[None]:
    """Let this process find files as on Windows: see the functions above.  It needs /proc."""
    with (
        patch.object(builtins, "open", _opened),
        patch.object(io, "open", _opened),
        patch.object(os, "replace", _replaced),
        patch.object(os, "rename", _renamed),
        patch.object(os, "unlink", _unlinked),
        patch.object(os, "remove", _unlinked),
        patch.object(shutil, "_use_fd_functions", False),
    ):
        yield


@contextmanager
def files_of_any_case() -> Iterator[None]:
    """Let a path be that of a file that is called the same but for capital letters, as on Windows and macOS."""
    is_file = Path.is_file

    def found(path: Path) -> bool:
        folder = path.parent
        return is_file(path) or any(
            one.casefold() == path.name.casefold() for one in (os.listdir(folder) if folder.is_dir() else ())
        )

    with patch.object(Path, "is_file", found):
        yield


class Console(io.TextIOWrapper):
    """Standard output that knows few characters; ``said`` is what was printed, as bytes."""

    def __init__(self, encoding: str = CONSOLE) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    @property
    def said(self) -> bytes:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()
