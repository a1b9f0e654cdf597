"""A small book in a temporary folder, and the command line run on it as a user would."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import nbformat
import pytest
from filelock import FileLock
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kdbook.commands import main

FIGURE = """\
import matplotlib.pyplot as plt
import pandas as pd
from kdcore import figures
fig, ax = plt.subplots()
ax.plot([1, 2], [3, 4])
figures.save(fig, "fig-line", pd.DataFrame({"x": [1, 2], "y": [3, 4]}))
"""

PRINT = "print('n is', n)"

CONFIG = """\
title: A small book
author: nobody
only_build_toc_files: true
execute:
  execute_notebooks: "off"
sphinx:
  extra_extensions: [kdbook.site.mathjax]
"""

TOC = """\
format: jb-book
root: index
chapters:
  - file: first
  - file: second
"""


CITATION = """\
cff-version: 1.2.0
message: Cite it.
title: A small book
abstract: A book with two chapters.
version: 1.5.0
date-released: 2026-02-03
license: [BSD-3-Clause, CC-BY-4.0]
authors:
  - name: Nobody
preferred-citation:
  type: article
  title: A small paper
  authors: [{family-names: Doe, given-names: Jo}]
  collection-title: A small journal
  year: 2025
"""


def write_chapter(path: Path, title: str, *code: str) -> None:
    """Write a notebook: a title, a parameters cell, and the given code cells; the same ones give the same bytes."""
    cells = [
        new_markdown_cell(f"# {title}"),
        new_code_cell("n = 3  # how many [>= 1]", metadata={"tags": ["parameters"]}),
    ]
    cells += [new_code_cell(source) for source in code]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)


def write_book(root: Path) -> Path:
    """Make a book with a title page and two chapters that print their parameter; the second saves a figure."""
    (root / "book").mkdir(parents=True)
    (root / "_config.yml").write_text(CONFIG)
    (root / "_toc.yml").write_text(TOC)
    (root / "CITATION.cff").write_text(CITATION)
    (root / "book" / "index.md").write_text("# Title\n\nMathematics: $x^2$.\n")
    write_chapter(root / "book" / "first.ipynb", "First", PRINT)
    write_chapter(root / "book" / "second.ipynb", "Second", FIGURE, PRINT)
    return root


def kdcore(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Do what ``python -m kdcore`` does in a folder, in this process: starting another takes longer than most commands.

    Chapters and Jupyter Book run in processes of their own, as always.
    """
    told, said = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told), redirect_stderr(said):
        patch.chdir(root)
        patch.delenv("KDCORE_FIGURES", raising=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a command prints them, where this run of tests makes them errors
            try:
                status = main(arguments)
            except SystemExit as end:  # argparse
                status = int(end.code or 0)
    return subprocess.CompletedProcess(["kdcore", *arguments], status, told.getvalue(), said.getvalue())


def kdcore_process(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m kdcore`` in a folder."""
    environment = {key: value for key, value in os.environ.items() if key != "KDCORE_FIGURES"}
    return subprocess.run(
        [sys.executable, "-m", "kdcore", *arguments], cwd=root, env=environment, capture_output=True, text=True
    )


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all workers of this run of tests share."""
    base = factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@contextmanager
def made_once(factory: pytest.TempPathFactory, name: str) -> Iterator[tuple[Path, bool]]:
    """Yield a folder that all workers of this run of tests share, and whether it has still to be filled.

    The others wait until whoever fills it is done.  Tests copy what is in it.
    """
    folder = shared_folder(factory) / f"shared-{name}"
    with FileLock(f"{folder}.lock"):
        folder.mkdir(exist_ok=True)
        done = folder / ".done"
        yield folder, not done.is_file()
        done.touch()


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def shows_a_figure(output):
    """Whether an output is a figure's place on a screen, which a build leaves out."""
    return str(output.get("data", {}).get("text/plain", "")).startswith("<Figure size")
