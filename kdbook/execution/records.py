"""What a build records of itself, and whether what it stored is still what it recorded."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

import kdcore
from kdbook.files import digest, write_atomic
from kdbook.project import BookError, Project

NOTEBOOK = "notebook.ipynb"
MANIFEST = "manifest.json"
FORMAT = 1


ROOT = Path(kdcore.__file__).parents[1]
"""The folder that holds both packages."""
PACKAGES = ("kdbook", "kdcore")
COMPUTING = ("kdcore", "kdbook/classroom", "kdbook/execution")
"""The folders whose code a chapter's numbers pass through; a test compares them with what chapters import."""


@functools.cache
def package_digest() -> str:
    """Return the hash of the source of both packages and of the Python version."""
    return _digest(PACKAGES)


@functools.cache
def source_digest() -> str:
    """Return the hash of what every number depends on, and the Python: the source in the folders ``COMPUTING``."""
    return _digest(COMPUTING)


def _digest(folders: Iterable[str]) -> str:
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    parts: list[str | bytes] = [platform.python_version()]
    for file in files:
        parts += [file.relative_to(ROOT).as_posix(), file.read_bytes()]
    return digest(parts)


def dependencies_digest(project: Project) -> str:
    """Return the hash of what every chapter depends on: :func:`source_digest` and the lock file."""
    lock = project.root / "requirements.txt"
    return digest([source_digest(), lock.read_bytes() if lock.exists() else ""])


def git_state(project: Project) -> dict[str, Any]:
    """Return the commit, whether the tree was clean, and where there is no commit why (``no_commit``).

    A repository counts if its top is the project's folder: sources that lie inside somebody else's repository have
    none of their own.
    """
    try:
        if _git(project, "rev-parse", "--show-prefix"):  # the way down from the repository's top; empty there
            return {
                "commit": None,
                "clean": None,
                "no_commit": "the repository around this folder is not its own",
            }
        return {"commit": _git(project, "rev-parse", "HEAD"), "clean": _git(project, "status", "--porcelain") == ""}
    except OSError:
        why = "git is not installed"
    except subprocess.CalledProcessError as error:
        why = "no repository"
        if "dubious ownership" in error.stderr:
            why = "git refuses a folder of somebody else's, until told: `git config --global --add safe.directory DIR`"
        elif "HEAD" in error.cmd:
            why = "no commit yet"
    return {"commit": None, "clean": None, "no_commit": why}


def commit_time(project: Project) -> tuple[int, int, int, int, int, int] | None:
    """Return when the commit of the sources was made, in UTC; None if they are not in git."""
    try:
        seconds = int(_git(project, "log", "-1", "--format=%ct"))
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None
    return time.gmtime(seconds)[:6]


def _git(project: Project, *arguments: str) -> str:
    environment = os.environ | {"LC_ALL": "C"}
    command = ["git", *arguments]
    done = subprocess.run(
        command, cwd=project.root, capture_output=True, encoding="utf-8", errors="replace", check=True, env=environment
    )
    return done.stdout.strip()


def output_hashes(notebook: NotebookNode, figures: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the hashes of what a chapter computed: the outputs of its cells, and each figure's files."""
    outputs = [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]
    text = json.dumps(outputs, sort_keys=True, ensure_ascii=False)
    return {
        "cells": hashlib.sha256(text.encode()).hexdigest(),
        "figures": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(figures.items())},
    }


def read_figures(folder: Path) -> dict[str, bytes]:
    """Return the figure files of a stored chapter by name."""
    files = sorted((folder / "figures").glob("*")) if (folder / "figures").is_dir() else []
    return {path.name: path.read_bytes() for path in files if path.is_file()}


def read_record(notebook: NotebookNode) -> dict[str, Any]:
    """Return the record that an executed notebook carries; empty if it carries none."""
    record = notebook.metadata.get("kdcore", {})
    return dict(record) if isinstance(record, Mapping) else {}


def damage(notebook: NotebookNode, figures: Mapping[str, bytes]) -> list[str]:
    """Return what of a stored chapter is not what was recorded when it ran: an empty list if all is well."""
    recorded = read_record(notebook).get("outputs")
    if not isinstance(recorded, Mapping):
        return ["it carries no record"]
    now = output_hashes(notebook, figures)
    found = [] if now["cells"] == recorded.get("cells") else ["outputs of its cells were changed"]
    before = recorded.get("figures", {})
    for name in sorted(set(before) | set(now["figures"])):
        if name not in now["figures"]:
            found.append(f"{name} is missing")
        elif name not in before:
            found.append(f"{name} was added")
        elif before[name] != now["figures"][name]:
            found.append(f"{name} was changed")
    return found


def write_manifest(project: Project, chapters: Mapping[str, dict[str, Any]]) -> None:
    """Write ``_build/manifest.json``: the record of each chapter, by name."""
    manifest = {"format": FORMAT, "kdcore": kdcore.__version__, "chapters": dict(chapters)}
    write_atomic(project.build / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def read_manifest(path: Path) -> dict[str, dict[str, Any]]:
    """Return the records of a manifest by chapter, or say in one line why it cannot be read."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        form, chapters = manifest["format"], manifest["chapters"]
    except FileNotFoundError:
        raise BookError(f"there is no {path}: build the book first, or give the path of a manifest") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BookError(f"{path} is not a manifest of a build: {error}") from None
    if form != FORMAT:
        raise BookError(f"{path} has format {form!r}; this kdcore reads format {FORMAT}")
    if not isinstance(chapters, dict) or not all(isinstance(record, dict) for record in chapters.values()):
        raise BookError(f"{path} is not a manifest of a build: its chapters are not records by name")
    return chapters
