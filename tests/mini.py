"""A small book in a temporary folder, and the command line run on it as a user would."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from kdbook.commands import main
from kdcore.figures import FOLDER_VARIABLE

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
  extra_extensions: [sphinx-mathjax-offline]
"""

TOC = """\
format: jb-book
root: index
chapters:
  - file: first
  - file: second
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
    (root / "book" / "index.md").write_text("# Title\n\nMathematics: $x^2$.\n")
    write_chapter(root / "book" / "first.ipynb", "First", PRINT)
    write_chapter(root / "book" / "second.ipynb", "Second", FIGURE, PRINT)
    return root


def kdcore(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m kdcore`` in a folder, as a process of its own."""
    command = [sys.executable, "-m", "kdcore", *arguments]
    return subprocess.run(command, cwd=root, env=_environment(), capture_output=True, text=True)


def run_main(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Do what :func:`kdcore` does without a process of its own: an error that is not told in a line is raised here."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(root), patch.dict(os.environ, _environment(), clear=True), redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as ended:  # argparse: wrong usage, --help, --version
            status = ended.code
    return subprocess.CompletedProcess(list(arguments), status, out.getvalue(), err.getvalue())


def _environment() -> dict[str, str]:
    """The variables of this process without the folder of figures that tests of notebooks use."""
    return {key: value for key, value in os.environ.items() if key != FOLDER_VARIABLE}


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
