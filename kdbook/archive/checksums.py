"""The checksums in an archive, in the form that ``sha256sum -c`` reads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

FILE = "SHA256SUMS"


def write(files: Mapping[str, bytes]) -> bytes:
    """Return the checksums of files by name."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    return "".join(lines).encode()


def differences(folder: Path) -> list[str]:
    """Return in one line each what an unpacked archive has otherwise than when it was made; empty if it is the same.

    Files that were added beside those of the archive, such as an environment, are not looked at.
    """
    found = []
    for number, line in enumerate((folder / FILE).read_text(encoding="utf-8").splitlines(), start=1):
        wanted, two_spaces, name = line.partition("  ")
        if not two_spaces or len(wanted) != 64:
            found.append(f"{FILE}: line {number} is no checksum: {line[:80]!r}")
            continue
        try:
            data = (folder / name).read_bytes()
        except OSError:
            found.append(f"{name} is missing")
            continue
        if hashlib.sha256(data).hexdigest() != wanted:
            found.append(f"{name} was changed")
    return found
