"""The kernel that chapters run on: this interpreter's own, and nothing personal reaches it.

A kernel of Jupyter reads IPython's profile and its start-up files, configuration of the user and of the system, a
``matplotlibrc`` and the variables that name a backend or a start-up file; and its name, ``python3``, may stand for
another interpreter.  Each of these can change what a chapter prints.  So the kernel is this module, started by the
interpreter that runs the book (:func:`specification`), which reads no configuration at all; and
:func:`kernel_environment` names an empty folder for IPython and Matplotlib's own defaults.
"""

from __future__ import annotations

import gc
import json
import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdbook.files import write_atomic

if TYPE_CHECKING:
    from ipykernel.kernelapp import IPKernelApp

NAME = "python3"
"""What notebooks call the kernel that they want."""
FORKED = "kdcore-forked"
"""How pyproject.toml calls :class:`kdbook.execution.forked.ForkedProvisioner`."""
MACHINE_VARIABLE = "KDCORE_MACHINE"
"""The environment variable with the file in which the kernel says what it is."""
PARENT_VARIABLE = "JPY_PARENT_PID"
"""The environment variable with the process whose end a kernel does not outlive; ipykernel reads it."""
NEW_OBJECTS = 20_000
"""After how many new objects Python looks for cycles: after 700 it would, and takes a fifth of a rendering for it."""
RECORDED_VERSIONS = ("kdcore", "numpy", "scipy", "pandas", "matplotlib", "papermill")
_PERSONAL = ("PYTHONSTARTUP", "MPLBACKEND", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_CONFIG_PATH")


def specification(forked: bool = False) -> dict[str, Any]:
    """Return what a kernelspec, a ``kernel.json``, holds for this kernel, started anew or forked."""
    command = [sys.executable, "-m", __spec__.name if __spec__ else __name__, "-f", "{connection_file}"]
    how = {"metadata": {"kernel_provisioner": {"provisioner_name": FORKED}}} if forked else {}
    return {"argv": command, "display_name": "Python 3", "language": "python", **how}


def kernel_environment(folder: Path, inherited: Mapping[str, str], forked: bool = False) -> dict[str, str]:
    """Return the environment variables of a kernel: those inherited, without what would make its numbers personal.

    Parameters
    ----------
    folder : Path
        An empty folder, for what IPython writes, and for the kernelspec.
    inherited : mapping of str to str
        The variables of the process that starts the kernel.
    forked : bool
        Whether the kernel is to be forked: see :mod:`kdbook.execution.forked`.
    """
    import matplotlib as mpl

    specs = folder / "jupyter" / "kernels" / NAME
    write_atomic(specs / "kernel.json", json.dumps(specification(forked)))
    kept = {name: value for name, value in inherited.items() if name not in _PERSONAL}
    return kept | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_PATH": str(folder / "jupyter"),
        "MATPLOTLIBRC": str(Path(mpl.get_data_path()) / "matplotlibrc"),
    }


def machine() -> dict[str, Any]:
    """Return what is recorded of the place where a chapter ran."""
    return {
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "versions": {name: metadata.version(name) for name in RECORDED_VERSIONS},
    }


def application() -> type[IPKernelApp]:
    """Return the application that is the kernel."""
    from ipykernel.kernelapp import IPKernelApp

    class BookKernelApp(IPKernelApp):
        """A kernel that reads no configuration and runs no start-up file, neither the user's nor the system's."""

        def load_config_file(self, *_: Any, **__: Any) -> None:
            """Read nothing."""

        def _run_startup_files(self) -> None:
            """Run nothing."""

    return BookKernelApp


def forget_folder() -> None:
    """Take from the path of imports the folder that ``-m`` put there; IPython adds the working folder as a string."""
    if sys.path and Path(sys.path[0]).resolve() == Path.cwd():
        del sys.path[0]


def run() -> None:
    """Say what this kernel is, where the environment asks for it, and serve until it is told to end."""
    target = os.environ.get(MACHINE_VARIABLE)
    if target:
        write_atomic(Path(target), json.dumps(machine()))
    gc.set_threshold(NEW_OBJECTS)
    application().launch_instance()


if __name__ == "__main__":
    forget_folder()
    run()
