"""Pin what pyproject.toml asks for: one resolution, split into requirements.txt and what each extra adds to it.

``requirements.txt`` is the book's.  ``requirements/NAME.txt`` begins with it and holds the rest of one extra, that of
``dev`` the rest of all extras.  What two files hold is the same, as both were taken from one resolution.
``requirements/pip.txt`` is the pip that installs them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOOK, EVERYTHING, PIP = "book", "dev", "pip"
FROM = " from pyproject.toml"
HEADER = "# Made by `make lock`{source}: {what}.\n"
OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--fork-strategy",
    "fewest",
    "--no-strip-extras",
    "--generate-hashes",
    "--no-header",
    "--quiet",
]


def blocks(text: str) -> dict[str, str]:
    """Return the requirements of a lock file: the line with name and version, with all of its lines.

    Comments and options of the file itself are left out, and that a requirement stands in a file of constraints.
    """
    found: dict[str, str] = {}
    name = None
    for line in text.splitlines(keepends=True):
        if line[0] not in " #-\n":
            name = line.rstrip(" \\\n")
            found[name] = line
        elif line[0] == " " and name is not None:
            if not line.startswith("    #   -c "):
                found[name] += line
        else:
            name = None
    return found


def split(book: str, more: str) -> str:
    """Return the requirements of ``more`` that ``book`` has not, both being the text of lock files."""
    have = blocks(book)
    return "".join(block for name, block in blocks(more).items() if name not in have)


def path(root: Path, extra: str) -> Path:
    """Return where the lock of an extra is."""
    return root / "requirements.txt" if extra == BOOK else root / "requirements" / f"{extra}.txt"


def resolve(extras: Sequence[str], output: Path, *options: str) -> str:
    """Return what uv pins for the package with some of its extras, written to ``output``."""
    chosen = [word for extra in extras for word in ("--extra", extra)]
    return compile_pins(["pyproject.toml", *chosen, *options], output)


def compile_pins(asked: Sequence[str], output: Path, given: str = "") -> str:
    """Return what uv pins for a file, or for ``given`` if the file is ``-``; it prefers what the output holds."""
    command = ["uv", "pip", "compile", *asked, *OPTIONS, "--output-file", str(output)]
    subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, input=given, text=True
    )
    return output.read_text(encoding="utf-8")


def write(target: Path, text: str) -> None:
    """Write a lock file, the same to the byte on every system: its hash says whether an environment is up to date."""
    target.write_text(text, encoding="utf-8", newline="\n")


def main() -> int:
    """Write all lock files."""
    parser = argparse.ArgumentParser(description="Pin the dependencies of pyproject.toml.")
    parser.add_argument("--keep", action="store_true", help="keep the pinned versions that pyproject.toml still allows")
    keep = parser.parse_args().keep
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = list(project["optional-dependencies"])
    locks = {}
    with tempfile.TemporaryDirectory() as folder:
        everything = Path(folder) / "all.txt"
        if keep:  # uv prefers the versions that its output file has
            old = [file for extra in (BOOK, EVERYTHING) if (file := path(ROOT, extra)).exists()]
            pins = ["".join(blocks(file.read_text(encoding="utf-8")).values()) for file in old]
            everything.write_text("".join(pins), encoding="utf-8")
        whole = resolve(extras, everything, *([] if keep else ["--upgrade"]))
        for extra in extras:
            wanted = [extra] if extra == BOOK else [BOOK, extra]
            part = Path(folder) / f"{extra}.txt"
            locks[extra] = whole if extra == EVERYTHING else resolve(wanted, part, "--constraint", str(everything))
        installer = Path(folder) / "pip.txt"
        if keep and path(ROOT, PIP).exists():
            shutil.copy(path(ROOT, PIP), installer)
        pip = compile_pins(["-", *([] if keep else ["--upgrade"])], installer, PIP)
    for extra, text in locks.items():
        target = path(ROOT, extra)
        target.parent.mkdir(exist_ok=True)
        if extra == BOOK:
            write(target, HEADER.format(source=FROM, what="what the book needs") + split("", text))
            continue
        what = "all extras" if extra == EVERYTHING else f"the extra {extra!r}"
        start = (
            HEADER.format(source=FROM, what=f"what {what} adds to the book's requirements") + "-r ../requirements.txt\n"
        )
        write(target, start + split(locks[BOOK], text))
    write(path(ROOT, PIP), HEADER.format(source="", what="the pip that installs the rest") + split("", pip))
    return 0


if __name__ == "__main__":
    sys.exit(main())
