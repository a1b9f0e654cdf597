"""``kdcore doctor``: what is installed, what is missing for which feature, and the line that installs it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from kdbook.printing import chromium
from kdbook.project import BookError, Project
from kdcore._workers import cores

FEATURES = {
    "mathematics": ("numpy", "scipy", "pandas", "matplotlib", "seaborn", "joblib", "tqdm"),
    "book": ("jupyter-book", "papermill", "ipykernel", "nbformat", "sympy", "pyyaml", "filelock", "sphinx-proof"),
    "cluster": ("distributed",),
    "Parquet": ("pyarrow",),
    "tests": ("pytest", "nbval", "hypothesis", "ruff", "mypy"),
}
EXTRAS = {"mathematics": "", "book": "[book]", "cluster": "[distributed]", "Parquet": "[parquet]", "tests": "[dev]"}
NEEDED = ("mathematics", "book")
LEAST_FREE_GB = 1.0


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
    """

    feature: str
    what: str
    cure: str | None = None
    needed: bool = False


def add_doctor(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser("doctor", help="what is installed, what is missing, and how to install it")
    parser.set_defaults(run=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    findings = list(examine(options.project))
    width = max(len(finding.feature) for finding in findings)
    for finding in findings:
        mark = "ok     " if finding.cure is None else "MISSING" if finding.needed else "absent "
        print(f"{mark}  {finding.feature:<{width}}  {finding.what}")
        if finding.cure is not None:
            print(f"{'':9}{'':<{width}}  -> {finding.cure}")
    broken = [finding for finding in findings if finding.needed and finding.cure is not None]
    print("The book cannot be built yet: see MISSING." if broken else "The book can be built.")
    return 1 if broken else 0


def examine(start: Path | None) -> Iterator[Finding]:
    """Yield what was found, feature by feature."""
    fits = (3, 11) <= sys.version_info[:2] <= (3, 14)
    python = f"Python {platform.python_version()}, {cores()} cores"
    yield Finding("Python", python, None if fits else "install Python 3.11 to 3.14, then: make setup", needed=True)
    for feature, names in FEATURES.items():
        yield _packages(feature, names)
    if "ipykernel" not in missing(("ipykernel",)):
        yield _kernel()
    yield _program("provenance", "git", "apt-get install git")
    yield _program("make", "make", "apt-get install make (or use python -m kdcore in its place)")
    yield _chromium()
    yield from examine_folder(start)


def missing(names: tuple[str, ...]) -> list[str]:
    """Return those of the packages that are not installed."""
    absent = []
    for name in names:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            absent.append(name)
    return absent


def _packages(feature: str, names: tuple[str, ...]) -> Finding:
    absent = missing(names)
    needed = feature in NEEDED
    if absent:
        return Finding(feature, f"no {', '.join(absent)}", f"pip install -e '.{EXTRAS[feature]}'", needed)
    return Finding(feature, ", ".join(f"{name} {metadata.version(name)}" for name in names), None, needed)


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager

    found = "python3" in KernelSpecManager().find_kernel_specs()
    what = "kernel python3" if found else "no kernel python3"
    cure = None if found else f"{sys.executable} -m ipykernel install --sys-prefix"
    return Finding("kernel", what, cure, needed=True)


def _program(feature: str, name: str, cure: str) -> Finding:
    path = shutil.which(name)
    if path is None:
        return Finding(feature, f"no {name}", cure)
    result = subprocess.run([name, "--version"], capture_output=True, text=True)
    lines = result.stdout.splitlines()
    return Finding(feature, lines[0] if lines else name)


def _chromium() -> Finding:
    try:
        return Finding("PDF, browser tests", Path(chromium.find()).name, None)
    except BookError:
        return Finding("PDF, browser tests", "no Chromium", "apt-get install chromium")


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
