"""Running one chapter: in this process, or in a process of its own on a worker of a Dask cluster."""

from __future__ import annotations

import json
import logging
import os
import pickle
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any

import nbformat

from kdbook.execution.kernel import MACHINE_VARIABLE, NAME, kernel_environment
from kdbook.project import BookError
from kdcore._workers import FOLDER_VARIABLE, JOBS_VARIABLE

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """What is needed to run a chapter anywhere.

    Attributes
    ----------
    chapter : str
        Its name.
    source : str
        The text of its notebook.
    parameters : dict
        Those that differ from the notebook's own.
    timeout : int or None
        Seconds that a cell may take.
    environment : dict
        Environment variables of its kernel, on top of the usual ones.
    scratch : str or None
        Where to put a temporary folder; None for the system's place.
    forked : bool
        Whether its kernel is forked from a process that has made its imports, for all jobs that run in this process.
    """

    chapter: str
    source: str
    parameters: dict[str, Any]
    timeout: int | None
    environment: dict[str, str]
    scratch: str | None = None
    forked: bool = False


@dataclass(frozen=True)
class Outcome:
    """A chapter that has run.

    Attributes
    ----------
    notebook : str
        The text of the executed notebook.
    figures : dict
        Bytes of the SVG and CSV files that it saved, by name.
    seconds : float
        How long it took.
    machine : dict
        Python, platform and versions that it ran with, as its kernel says.
    """

    notebook: str
    figures: dict[str, bytes]
    seconds: float
    machine: dict[str, Any]


class ChapterError(BookError):
    """A chapter that did not run to its end, with the partly executed notebook if there is one."""

    def __init__(self, message: str, notebook: str | None = None) -> None:
        super().__init__(message, notebook)
        self.message = message
        self.notebook = notebook

    def __str__(self) -> str:
        """Return the message alone."""
        return self.message


def _saving_once() -> str:
    """Return the name under which papermill knows its own engine, which here saves the notebook once, at the end.

    Otherwise it does so before and after each cell, which takes as long as many a chapter.
    """
    from papermill.engines import NBClientEngine, papermill_engines

    class SavesOnce(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            path, nb_man.output_path = nb_man.output_path, None
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **options)
            finally:
                nb_man.output_path = path

    papermill_engines.register("kdcore", SavesOnce)
    return "kdcore"


def run(job: Job) -> Outcome:
    """Run a chapter in this process, whose environment variables are set for it.

    Raises
    ------
    ChapterError
        If a cell raises or takes too long, or the kernel dies or cannot start.
    """
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    logging.getLogger("papermill").setLevel(logging.ERROR)  # it knows fewer ways to write a number than Python
    started = time.monotonic()
    prefix = f".running-{job.chapter.replace('/', '-')}-"
    # A kernel that does not end holds the folder on Windows: it is left, and the next build removes it.
    with tempfile.TemporaryDirectory(prefix=prefix, dir=job.scratch, ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        source, copy, figures = work / "source.ipynb", work / "notebook.ipynb", work / "figures"
        source.write_text(job.source, encoding="utf-8")
        figures.mkdir()
        # Chapters run side by side: each has one core, for its kernels as for its sweeps, unless the caller says more.
        for variable in (*THREAD_VARIABLES, JOBS_VARIABLE):
            os.environ.setdefault(variable, "1")
        os.environ[FOLDER_VARIABLE] = str(figures)
        told = work / "machine.json"
        inherited = os.environ | {MACHINE_VARIABLE: str(told)}
        cleaned = kernel_environment(work / "kernel", inherited, job.forked) | job.environment
        os.environ.clear()
        os.environ.update(cleaned)
        failure: str
        try:
            papermill.execute_notebook(
                source,
                copy,
                engine_name=_saving_once(),
                parameters=job.parameters,
                kernel_name=NAME,
                cwd=str(work),
                progress_bar=False,
                execution_timeout=job.timeout,
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
                log_output=False,
            )
            executed = copy.read_text(encoding="utf-8")
            saved = {path.name: path.read_bytes() for path in sorted(figures.iterdir())}
            return Outcome(executed, saved, time.monotonic() - started, json.loads(told.read_text(encoding="utf-8")))
        except PapermillExecutionError as error:
            failure = _raised(job.chapter, error)
        except CellTimeoutError:
            failure = _too_long(job, copy)
        except DeadKernelError:
            failure = f"chapter {job.chapter!r}: its kernel died (killed, or out of memory?)"
        except NoSuchKernel as error:
            failure = f"chapter {job.chapter!r} cannot start: {error}; is ipykernel installed? ('kdcore doctor' looks)"
        raise ChapterError(failure, copy.read_text(encoding="utf-8") if copy.is_file() else None)


def _first_line(source: str) -> str:
    lines = source.strip().splitlines()
    return f"\n    {lines[0]}{' …' if len(lines) > 1 else ''}" if lines else ""


def _raised(chapter: str, error: Any) -> str:
    where = f"cell {error.cell_index} (In [{error.exec_count}]):{_failing_line(error)}"
    return f"chapter {chapter!r} failed in {where}\n  {error.ename}: {error.evalue}"


def _failing_line(error: Any) -> str:
    """Return the line that raised, as IPython's traceback points to it, or else the first line of the cell."""
    plain = (re.sub(r"\x1b\[[0-9;]*m", "", line) for entry in error.traceback or [] for line in entry.splitlines())
    pointed = [match[1] for line in plain if (match := re.match(r"-+> \d+ (.*)", line))]
    return f"\n    {pointed[0].strip()}" if pointed else _first_line(error.source or "")


def _too_long(job: Job, copy: Path) -> str:
    """Say which cell did not end: the last one that papermill began."""
    began = []
    if copy.is_file():
        cells = nbformat.read(copy, as_version=4).cells  # type: ignore[no-untyped-call]
        began = [(i, cell) for i, cell in enumerate(cells) if cell.metadata.get("papermill", {}).get("start_time")]
    where = f"cell {began[-1][0]}:{_first_line(began[-1][1].source)}\n " if began else "a cell"
    return f"chapter {job.chapter!r} was stopped: more than {job.timeout} s in {where} (see --timeout)"


def start_worker(log: str) -> None:
    """Prepare a local worker process: its kernels' messages go to a log, and it does not outlive its parent."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    """End this process when the parent's process has ended; its kernels notice by themselves."""
    connection.wait([sentinel])
    os._exit(1)


def run_on_cluster(job: Job, source_digest: str, share: bool) -> Outcome:
    """Run a chapter on a Dask worker, in a process of its own, as environment variables belong to a process.

    Parameters
    ----------
    job : Job
        The chapter.
    source_digest : str
        :func:`kdbook.execution.records.source_digest` of the process that asks; the worker's must be the same.
    share : bool
        Whether the chapter's own sweeps run on this cluster, too.  Then the chapter leaves the worker's thread to them,
        so that a cluster with a single thread does not wait for itself.
    """
    from kdbook.execution import records

    if records.source_digest() != source_digest:
        raise BookError("a worker has another source of kdcore or another Python: install the same, restart it")
    if share:
        import distributed

        distributed.secede()  # type: ignore[no-untyped-call]
    command = [sys.executable, "-c", "from kdbook.execution.job import serve; serve()"]
    done = subprocess.run(command, input=pickle.dumps(job), capture_output=True)
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise BookError(f"chapter {job.chapter!r}: its process on a worker ended with status {done.returncode}: {last}")
    result = pickle.loads(done.stdout)
    if isinstance(result, ChapterError):
        raise result
    return result  # type: ignore[no-any-return]


def serve() -> None:
    """Read a job from standard input, run it, and write its outcome or its error to standard output."""
    job = pickle.load(sys.stdin.buffer)
    output, sys.stdout = sys.stdout.buffer, sys.stderr
    try:
        result: Outcome | ChapterError = run(job)
    except ChapterError as error:
        result = error
    output.write(pickle.dumps(result))
    output.flush()
