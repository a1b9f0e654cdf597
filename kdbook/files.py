"""Files that are whole at any moment, how one replaces another, many in one, and the hash of what they hold."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import zipfile
from collections.abc import Collection, Iterable, Mapping
from io import BytesIO
from pathlib import Path

Time = tuple[int, int, int, int, int, int]
OLDEST: Time = (1980, 1, 1, 0, 0, 0)
"""A zip file holds times: this is the oldest that it can hold, for files whose time says nothing."""
WAITS = (0.05, 0.1, 0.2, 0.4, 0.8) if os.name == "nt" else ()
"""Seconds between attempts to move what another program has open, which Windows alone refuses."""


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write a file so that a killed process leaves the old one or the new one, never half of one.

    An OSError names this file, not the temporary one beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        os.chmod(temporary, 0o644)
        move(Path(temporary), path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from None
        raise


def move(source: Path, target: Path) -> None:
    """Put a file in the place of ``target``, or a folder where there is none.

    Windows refuses this while a program has either open.  A virus scanner or an index does so for moments, so it is
    tried again; after that an error names the target and says what to do.
    """
    for seconds in WAITS:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            time.sleep(seconds)
    try:
        os.replace(source, target)
    except PermissionError as error:
        if not WAITS:
            raise
        what = f"{error.strerror}: close the program that has it open, and run the command again"
        raise PermissionError(error.errno, what, str(target)) from None


def zipped(
    files: Mapping[str, bytes], folder: str = "", when: Time = OLDEST, executable: Collection[str] = ()
) -> bytes:
    """Return a zip file of files, by their paths in a folder of it: the same to the byte for the same files."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{name}" if folder else name, when)
            entry.create_system = 3  # permissions are those of Unix, whatever packs it
            entry.external_attr = (0o755 if name in executable else 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return buffer.getvalue()


def digest(parts: Iterable[str | bytes]) -> str:
    """Return the SHA-256 of a sequence of texts, each with its length so that they cannot run into each other."""
    state = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()
