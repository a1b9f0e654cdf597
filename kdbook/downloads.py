"""What makes a downloaded notebook run elsewhere: a first cell that says how to get kdcore, and kdcore as a wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import kdcore
from kdbook.project import BookError, Project

CELL_ID = "get-kdcore"
BUILD = """\
import sys, sysconfig
sys.prefix = sys.exec_prefix = sys.base_prefix
sysconfig.get_config_vars().update(prefix=sys.prefix, exec_prefix=sys.prefix)
from setuptools import build_meta
build_meta.build_wheel(sys.argv[1])
"""
"""Make a wheel as pip does, without the environment's path: setuptools takes ``$name`` in it for a variable."""


def wheel_name() -> str:
    """Return the file name of kdcore as a wheel."""
    return f"kdcore-{kdcore.__version__}-py3-none-any.whl"


def first_cell(address: str, beside: bool = False) -> NotebookNode:
    """Return the cell that a downloaded notebook begins with; pages do not show it.

    Parameters
    ----------
    address : str
        Of the repository, or empty as long as there is none.
    beside : bool
        Whether the wheel lies beside the notebook; then the address is not needed.
    """
    how = f'%pip install "./{wheel_name()}[book]"'
    if beside:
        comment = ["# If kdcore is not installed, run the next line once, and restart the kernel:", f"# {how}"]
    elif address:
        how = f'%pip install "kdcore[book] @ git+{address}"'
        comment = ["# Outside a checkout of the book, this installs kdcore once; then restart the kernel:", f"# {how}"]
    else:
        comment = [
            f"# Outside a checkout of the book, install kdcore once. Download {wheel_name()} from the",
            "# book's page Reproducibility into this folder, run the next line, and restart the kernel:",
            f"# {how}",
        ]
    code = [
        "try:",
        "    import kdcore",
        "except ModuleNotFoundError:",
        f"    raise ModuleNotFoundError({f'kdcore is not installed here: {how}'!r}) from None",
    ]
    cell = nbformat.v4.new_code_cell("\n".join([*comment, *code]), metadata={"tags": ["remove-cell"]})  # type: ignore[no-untyped-call]
    cell["id"] = CELL_ID
    return cell  # type: ignore[no-any-return]


def build_wheel(project: Project, package_digest: str) -> bytes:
    """Return kdcore as a wheel, the same to the byte for the same source; it is made once for each source.

    Raises
    ------
    BookError
        If setuptools cannot make it.
    """
    stored = project.build / "wheel" / package_digest / wheel_name()
    if not stored.is_file():
        root = Path(kdcore.__file__).parents[1]
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "source"
            for package in ("kdbook", "kdcore"):
                shutil.copytree(root / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
            for name in ("pyproject.toml", "README.md", "LICENSE"):
                shutil.copy(root / name, tree / name)
            out = Path(folder) / "out"
            out.mkdir()
            command = [sys.executable, "-c", BUILD, str(out)]
            environment = {"SOURCE_DATE_EPOCH": "1577836800"}  # 2020: a zip file holds times, and here they say nothing
            done = subprocess.run(command, cwd=tree, capture_output=True, env=os.environ | environment)
            if done.returncode != 0:
                raise BookError(f"kdcore cannot be packed as a wheel:\n{done.stderr.decode(errors='replace').strip()}")
            shutil.rmtree(project.build / "wheel", ignore_errors=True)
            stored.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(out / wheel_name(), stored)
    return stored.read_bytes()
