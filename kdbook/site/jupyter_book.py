"""Running Jupyter Book on a staged book."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kdbook.execution.kernel import NEW_OBJECTS
from kdbook.files import write_atomic
from kdbook.project import BookError, Project


def run_jupyter_book(
    project: Project, source: Path, output: Path, strict: bool = False, tell: bool = True, builder: str = "html"
) -> list[str]:
    """Let Jupyter Book make pages.

    Parameters
    ----------
    project : Project
        The book, whose ``_build/render.log``, or the log of the other builder, gets what Jupyter Book says.
    source, output : Path
        The staged book, and where its pages go.
    strict : bool
        Whether a warning is an error.
    tell : bool
        Whether to print warnings.
    builder : str
        ``"html"``, or the name of another one that Sphinx knows.

    Returns
    -------
    list of str
        Its warnings.

    Raises
    ------
    BookError
        If it fails; the message has its warnings, or the end of what it said.
    """
    start = f"import gc, sys; gc.set_threshold({NEW_OBJECTS}); from jupyter_book.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "build", str(source), "--path-output", str(output), "-q"]
    if builder != "html":
        command += ["--builder", "custom", "--custom-builder", builder]
    if strict:
        command += ["-W", "--keep-going"]
    environment = os.environ | {"PYTHONUTF8": "1"}
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment
    )
    log = project.build / ("render.log" if builder == "html" else f"{builder}.log")
    write_atomic(log, result.stdout)
    warnings = [line for line in result.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
    if result.returncode != 0:
        tail = warnings or result.stdout.strip().splitlines()[-15:]
        raise BookError("rendering failed:\n" + "\n".join(f"  {line}" for line in tail) + f"\n  full log: {log}")
    for line in warnings if tell else []:
        print(line, file=sys.stderr)
    return warnings
