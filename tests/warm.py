"""Processes that begin where the slow imports are done: they are forked by a server that has imported them.

What a process does is the same, and it starts from the same state each time; only the start is quicker.  Kernels of
chapters begin so, too, but for those of builds that are killed.  The tests' one small book, and the book itself, are
built without this, as is what tests of the kernel run.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import chdir
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kdbook.execution import forked, kernel

gc.set_threshold(kernel.NEW_OBJECTS)  # also in what is forked from the server, which imports this
CONTEXT = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
IMPORTS = (
    *forked.IMPORTS,
    "docutils.writers.manpage",
    "jupyter_book.cli.main",
    "jupyter_book.sphinx",
    "myst_nb.ext.execution_tables",
    "myst_nb.ext.glue.domain",
    "myst_nb.sphinx_",
    "myst_nb.sphinx_ext",
    "papermill",
    "pydata_sphinx_theme",
    "pytest",
    "sphinx.builders.epub3",
    "sphinx.builders.html",
    "sphinx.builders.linkcheck",
    "sphinx.builders.manpage",
    "sphinx.builders.singlehtml",
    "sphinx.builders.texinfo",
    "sphinx.builders.text",
    "sphinx.builders.xml",
    "sphinx.cmd.build",
    "sphinx.domains.c",
    "sphinx.domains.cpp",
    "sphinx.domains.javascript",
    "sphinx.domains.python",
    "sphinx.domains.rst",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "sphinx_book_theme",
    "sphinx_comments",
    "sphinx_copybutton",
    "sphinx_design.extension",
    "sphinx_external_toc",
    "sphinx_external_toc.collectors",
    "sphinx_jupyterbook_latex.transforms",
    "sphinx_multitoc_numbering",
    "sphinx_proof",
    "sphinx_thebe",
    "sphinx_togglebutton",
    "sphinxcontrib.bibtex",
    "sphinxcontrib.serializinghtml",
    "kdbook.execution.job",
    "kdbook.execution.kernel",
    "kdbook.site.pages",
    "kdbook.site.record_directive",
    "tests.remembered",
)
if CONTEXT.get_start_method() == "forkserver":
    CONTEXT.set_forkserver_preload(list(IMPORTS))


def _serve() -> None:
    """Start the server, if none runs, in the project's folder: in a book with a folder ``tests`` it would find that."""
    if CONTEXT.get_start_method() == "forkserver":
        from multiprocessing import forkserver

        with chdir(Path(__file__).parents[1]):
            forkserver.ensure_running()


def call(function: Callable[..., Any], *arguments: Any, merged: bool = False) -> subprocess.CompletedProcess[str]:
    """Call a function in a process; return the status that it ends with and what it printed, errors apart or merged."""
    with tempfile.TemporaryDirectory(prefix="kdcore-warm-") as folder:
        logs = Path(folder) / "out", Path(folder) / ("out" if merged else "err")
        _serve()
        process = CONTEXT.Process(target=_called, args=(_surroundings(), logs, function, arguments))
        process.start()
        process.join()
        out, err = (log.read_text(encoding="utf-8") for log in logs)
    return subprocess.CompletedProcess(list(arguments), process.exitcode or 0, out, "" if merged else err)


def sphinx(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Do what ``python -m sphinx`` does."""
    return call(_sphinx, arguments)


def run_jupyter_book(command: Sequence[str], **_options: Any) -> subprocess.CompletedProcess[str]:
    """Stand for ``subprocess.run`` in ``kdbook.site.jupyter_book``, which calls Python with ``-c`` and code."""
    return call(_jupyter_book, list(command[3:]), merged=True)


SUBPROCESS = SimpleNamespace(run=run_jupyter_book, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT)
"""Stands for ``subprocess`` there."""


def pool(width: int, _context: Any, start: Callable[..., None], arguments: Sequence[Any]) -> ProcessPoolExecutor:
    """Return a pool whose processes begin as those that a new Python would be, with ``start`` called in each."""
    _serve()
    return ProcessPoolExecutor(width, CONTEXT, _begin, (_surroundings(), start, arguments))


def pool_with_kernels(
    width: int, context: Any, start: Callable[..., None], arguments: Sequence[Any]
) -> ProcessPoolExecutor:
    """Return such a pool for chapters whose kernels begin as forks of its processes, where the book's are forked."""
    if sys.platform != "linux":
        return pool(width, context, start, arguments)
    return pool(width, context, _start_with_kernels, (start, *arguments))


def _start_with_kernels(start: Callable[..., None], *arguments: Any) -> None:
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    start(*arguments)
    LocalProvisioner.launch_kernel = forked.ForkedProvisioner.launch_kernel
    forked.Server = _ServerHere


class _ServerHere(forked.Server):
    """Kernels are forked from a fork of this process, which has made the imports."""

    def _start(self, replies: int, environment: Mapping[str, str]) -> Any:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(writing)
            os.dup2(reading, 0)
            os.dup2(2, 1)
            os.environ.clear()
            os.environ.update(environment)
            try:
                if forked.serve(replies):
                    asyncio.set_event_loop_policy(None)
                    _matplotlib_begins()
                    kernel.run()
            finally:
                os._exit(0)
        os.close(reading)
        return SimpleNamespace(stdin=os.fdopen(writing, "wb"), poll=lambda: os.waitpid(pid, os.WNOHANG)[0] or None)


def _matplotlib_begins() -> None:
    """Let Matplotlib have what it would take from the environment when it is imported."""
    import matplotlib as mpl

    mpl.rc_file(os.environ["MATPLOTLIBRC"])
    mpl.rcParams["backend"] = os.environ.get("MPLBACKEND", "module://matplotlib_inline.backend_inline")


def _surroundings() -> tuple[dict[str, str], str]:
    return dict(os.environ), os.getcwd()


def _begin(surroundings: tuple[Mapping[str, str], str], start: Callable[..., None], arguments: Sequence[Any]) -> None:
    """Give this process the environment and the folder that it would have had from its parent."""
    environment, folder = surroundings
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    start(*arguments)


def _called(surroundings: Any, logs: Sequence[Path], function: Callable[..., Any], arguments: Sequence[Any]) -> None:
    _begin(surroundings, _print_to, logs)
    sys.exit(function(*arguments))


def _print_to(*logs: Path) -> None:
    for standard, log in enumerate(logs, start=1):
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, standard)
        os.close(descriptor)


def _sphinx(arguments: Sequence[str]) -> Any:
    from sphinx.cmd.build import main

    return main(list(arguments))


def _jupyter_book(arguments: Sequence[str]) -> Any:
    from jupyter_book.cli.main import main

    sys.argv = ["jupyter-book", *arguments]
    return main()
