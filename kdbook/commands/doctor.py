"""``kdcore doctor``: what is installed, what is missing for which feature, and the line that installs it."""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kdbook.extras import Extra, extras
from kdbook.project import BookError, Project
from kdcore._workers import cores

EXTRAS = {
    "": "the mathematics: teachers, students, risks, bounds, figures",
    "book": "executes the chapters, renders the book, its slides and handouts",
    "pdf": "prints the book as PDF, with Chromium",
    "jupyter": "opens chapters and handouts in the browser, to run and change them by hand",
    "distributed": "sweeps and builds on a Dask cluster",
    "parquet": "sweeps written as Parquet",
    "logs": "students, audits and certificates from a model's answers",
    "dev": "tests, lint and types",
}
"""What each extra is for; its packages are those of the metadata."""
NEEDED = ("", "book")
LEAST_FREE_GB = 1.0
_TIE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes
    ----------
    feature : str
        What needs it.
    what : str
        What was looked for, and what was found.
    cure : str or None
        The line that mends it; None if all is well.
    needed : bool
        Whether the book cannot be built without it.
    use : str
        What it is for, in a line.
    """

    feature: str
    what: str
    cure: str | None = None
    needed: bool = False
    use: str = ""


def add_doctor(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser("doctor", help="what is installed, what is missing, and how to install it")
    parser.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    findings = list(examine(options.project))
    width = max(len(finding.feature) for finding in findings)
    for title, needed in (("Needed for the book", True), ("Optional", False)):
        print(f"{title}:")
        for finding in findings:
            if finding.needed == needed:
                print(_lines(finding, width))
    broken = [finding for finding in findings if finding.needed and finding.cure is not None]
    print("The book cannot be built yet: see MISSING." if broken else "The book can be built.")
    return 1 if broken else 0


def _lines(finding: Finding, width: int) -> str:
    mark = "ok     " if finding.cure is None else "MISSING" if finding.needed else "absent "
    indent = " " * (len(mark) + 2 + width + 2)
    packages = finding.what.replace(" ", _TIE).replace(f",{_TIE}", ", ")  # a name stays with its version
    lines = textwrap.wrap(packages, 118 - len(indent), break_long_words=False, break_on_hyphens=False)
    told = [finding.use, *(line.replace(_TIE, " ") for line in lines)] if finding.use else [finding.what]
    if finding.cure is not None:
        told.append(f"-> {finding.cure}")
    return f"  {mark}  {finding.feature:<{width}}  " + f"\n  {indent}".join(told)


def examine(start: Path | None) -> Iterator[Finding]:
    """Yield what was found, feature by feature."""
    fits = (3, 11) <= sys.version_info[:2] <= (3, 14)
    python = f"Python {platform.python_version()}, {cores()} cores"
    yield Finding("Python", python, None if fits else "install Python 3.11 to 3.14, then: make setup", needed=True)
    try:
        for extra in extras():
            yield _packages(extra, start)
    except BookError as error:
        yield Finding("kdcore", str(error), "pip install -e '.[book]'", needed=True)
    if importlib.util.find_spec("ipykernel") is not None:
        yield _kernel()
    yield _program("provenance", "git", _install("git", "git"))
    yield _program("make", "make", f"{_install('make', 'make')}, or use python -m kdcore in its place")
    yield _chromium()
    yield from examine_folder(start)


def _packages(extra: Extra, start: Path | None) -> Finding:
    absent = [f"no {missing}" for missing in extra.missing]
    feature = f"kdcore[{extra.name}]" if extra.name else "kdcore"
    return Finding(
        feature,
        ", ".join([*absent, *extra.found]),
        _installs(extra.name, start) if absent else None,
        extra.name in NEEDED,
        EXTRAS.get(extra.name, "an extra that this list does not know"),
    )


def _installs(extra: str, start: Path | None) -> str:
    """Return the line that installs an extra: in the environment of a checkout by its lock file."""
    try:
        root = Project.find(start).root
    except BookError:
        root = None
    script = Path("scripts") / "bootstrap.py"
    if root is not None and (root / script).is_file() and Path(sys.prefix).resolve() == (root / ".venv").resolve():
        return f"{sys.executable} {root / script} {extra or 'book'}"
    return f"{sys.executable} -m pip install '{f'kdcore[{extra}]' if extra else 'kdcore'}'"


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager

    found = "python3" in KernelSpecManager().find_kernel_specs()
    what = "kernel python3" if found else "no kernel python3"
    cure = None if found else f"{sys.executable} -m ipykernel install --sys-prefix"
    return Finding("kernel", what, cure, needed=True)


def _install(program: str, package: str) -> str:
    return f"install {program} (Debian and Ubuntu: apt-get install {package})"


def _program(feature: str, name: str, cure: str) -> Finding:
    path = shutil.which(name)
    if path is None:
        return Finding(feature, f"no {name}", cure)
    result = subprocess.run([name, "--version"], capture_output=True, encoding="utf-8", errors="replace")
    lines = result.stdout.splitlines()
    return Finding(feature, lines[0] if lines else name)


def _chromium() -> Finding:
    try:
        from kdbook.printing import chromium  # it needs what the extra 'book' holds
    except ModuleNotFoundError as error:
        return Finding("PDF, browser tests", f"not looked for: there is no {error.name}", "install kdcore[book] first")
    try:
        return Finding("PDF, browser tests", Path(chromium.find()).name, None)
    except BookError:
        return Finding("PDF, browser tests", "no Chromium", _install("Chromium or Chrome", "chromium"))


def examine_folder(start: Path | None) -> Iterator[Finding]:
    """Yield whether there is a book here, with room to build it."""
    try:
        project = Project.find(start)
    except BookError as error:
        yield Finding("checkout", str(error), "change to a clone of the book, or give --project DIR", needed=True)
        return
    writable = os.access(project.build if project.build.exists() else project.root, os.W_OK)
    cure = None if writable else f"chmod u+w {project.build}"
    yield Finding("checkout", f"{project.root}, {'writable' if writable else 'not writable'}", cure, needed=True)
    free = shutil.disk_usage(project.root).free / 1e9
    cure = None if free >= LEAST_FREE_GB else f"free some space: a build takes up to {LEAST_FREE_GB:g} GB"
    yield Finding("disk", f"{free:.1f} GB free", cure, needed=True)
