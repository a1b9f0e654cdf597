"""A chapter's numbers do not depend on the person: nothing personal reaches the kernel that it runs on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import nbformat
import pytest

from kdbook.execution import kernel
from tests.mini import write_book, write_chapter

ASKED = """\
import os, sys
import matplotlib, numpy as np, pandas as pd
from kdcore import figures
print(np.get_printoptions()["precision"], pd.get_option("display.max_rows"))
print(matplotlib.rcParams["figure.autolayout"], matplotlib.rcParams["savefig.bbox"])
print("inline" in matplotlib.get_backend().lower(), sys.executable)
print([name for name in ("told", "started", "profiled", "of_the_system") if name in globals()])
"""
STARTUP = """\
import numpy as np, pandas as pd
np.set_printoptions(precision=3, suppress=True)
pd.set_option("display.max_rows", 5)
started = 1
"""
OTHER_KERNEL = {"argv": ["/bin/false"], "display_name": "Another Python", "language": "python"}


@pytest.fixture
def hostile(tmp_path):
    """The variables of somebody who has configured everything that can be configured."""
    home = tmp_path / "home"
    files = {
        ".ipython/profile_default/startup/00-mine.py": STARTUP,
        ".ipython/profile_default/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['profiled = 1']\n",
        ".ipython/profile_default/ipython_kernel_config.py": "c.InteractiveShellApp.exec_lines = ['profiled = 1']\n",
        ".config/matplotlib/matplotlibrc": "figure.autolayout: True\nsavefig.bbox: tight\nbackend: svg\n",
        "mine.rc": "figure.autolayout: True\nsavefig.bbox: tight\n",
        ".jupyter/jupyter_config.json": json.dumps({"KernelManager": {"cache_ports": False}}),
        ".local/share/jupyter/kernels/python3/kernel.json": json.dumps(OTHER_KERNEL),
        "other/kernels/python3/kernel.json": json.dumps(OTHER_KERNEL),
        "startup.py": "told = 1\n",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    unset = (
        "IPYTHONDIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_NO_CONFIG",
        "XDG_CONFIG_HOME",
        "MPLCONFIGDIR",
        "KDCORE_FIGURES",
    )
    return {name: value for name, value in os.environ.items() if name not in unset} | {
        "HOME": str(home),
        "MATPLOTLIBRC": str(home / "mine.rc"),
        "MPLBACKEND": "svg",
        "JUPYTER_PATH": str(home / "other"),
        "PYTHONSTARTUP": str(home / "startup.py"),
    }


def printed(path):
    cells = nbformat.read(path, as_version=4).cells
    return "".join(
        output.text for cell in cells for output in cell.get("outputs", []) if output.output_type == "stream"
    )


def test_nothing_personal_reaches_a_chapter(tmp_path, hostile):
    root = write_book(tmp_path / "book of mine")
    write_chapter(root / "book" / "first.ipynb", "First", ASKED)
    command = [sys.executable, "-m", "kdcore", "run", "first", "-o", "out"]
    done = subprocess.run(command, cwd=root, env=hostile, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    notebook = root / "out" / "notebook.ipynb"
    assert printed(notebook).splitlines() == ["8 60", "False None", f"True {sys.executable}", "[]"]
    record = nbformat.read(notebook, as_version=4).metadata["kdcore"]
    assert {key: record[key] for key in ("python", "platform", "versions")} == kernel.machine()


def test_kernels_of_this_test_run_are_the_same_kernel():
    """What nbval starts is found by its name, through the environment that conftest.py has set."""
    from jupyter_client.kernelspec import KernelSpecManager

    assert KernelSpecManager().get_kernel_spec(kernel.NAME).argv == kernel.specification()["argv"]


def test_a_kernel_inherits_what_is_not_personal(tmp_path):
    given = {"PATH": "/bin", "PYTHONPATH": "/mine", "PYTHONSTARTUP": "x", "MPLBACKEND": "svg", "MATPLOTLIBRC": "/mine"}
    told = kernel.kernel_environment(tmp_path, given)
    assert {"PATH", "PYTHONPATH"} <= set(told)
    assert not {"PYTHONSTARTUP", "MPLBACKEND"} & set(told)
    assert told["MATPLOTLIBRC"].endswith("mpl-data/matplotlibrc")
