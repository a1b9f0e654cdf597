"""Where tasks run: here one by one, on local cores (joblib), or on a Dask cluster.  Results keep their order."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from kdcore._checks import check_integer

Task = TypeVar("Task")
Result = TypeVar("Result")

FOLDER_VARIABLE = "KDCORE_FIGURES"
"""The environment variable with the folder that :func:`kdcore.figures.save` writes to; ``figures`` without it."""
JOBS_VARIABLE = "KDCORE_JOBS"
"""The environment variable that says how many local processes a sweep may use when it is not told."""
SCHEDULER_VARIABLE = "KDCORE_SCHEDULER"
"""The environment variable with the address of a Dask scheduler for sweeps that are not told where to run."""
CONNECT_SECONDS = 5
"""How long to wait for a scheduler, and for its first worker."""


class SchedulerError(ConnectionError):
    """A Dask cluster that cannot be used, with what to do in one line."""


def variable(name: str) -> str | None:
    """Return an environment variable; None if it is not set or empty."""
    return os.environ.get(name) or None


def run(
    function: Callable[[Task], Result], tasks: Sequence[Task], n_jobs: int, scheduler: str | None, unit: str
) -> Iterator[Result]:
    """Yield ``function(task)`` for each task, in their order, computed where it is asked for.

    On a terminal a run that takes more than two seconds shows a progress bar; elsewhere it is silent.

    Raises
    ------
    SchedulerError
        If the cluster cannot be reached, has no workers or other versions than this process, or keeps losing workers.
    """
    scheduler = scheduler or variable(SCHEDULER_VARIABLE)
    if not tasks:
        return
    if scheduler is not None:
        results = _on_cluster(function, tasks, scheduler)
    elif n_jobs == 1 or len(tasks) == 1:
        results = map(function, tasks)
    else:
        results = Parallel(n_jobs=n_jobs, return_as="generator")(delayed(function)(task) for task in tasks)
    silent = not sys.stderr.isatty()
    yield from tqdm(results, total=len(tasks), unit=unit, disable=silent, delay=2, leave=False)


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local_jobs(n_jobs: int | None) -> int:
    """Return how many local processes to use: what is asked for, or ``KDCORE_JOBS``, or one for each core."""
    if n_jobs is not None:
        return check_integer(n_jobs, "n_jobs", minimum=1)
    told = variable(JOBS_VARIABLE)
    if told is None:
        return cores()
    if not told.isdecimal() or int(told) < 1:
        raise ValueError(f"the environment variable {JOBS_VARIABLE} must be a positive integer, got {told!r}")
    return int(told)


def _versions() -> dict[str, str]:
    """Return what must be the same here and on a worker for results to be the same to the bit."""
    return {"kdcore": metadata.version("kdcore"), "numpy": np.__version__}


def _checked(function: Callable[[Task], Result], versions: dict[str, str], task: Task) -> Result:
    """Run a task on a worker, unless the worker has other versions."""
    if _versions() != versions:
        raise SchedulerError(f"a worker has {_versions()}, this process {versions}: install the same versions on both")
    return function(task)


@contextmanager
def connect(address: str) -> Iterator[Any]:
    """Yield a Dask client of a cluster that has a worker.

    Raises
    ------
    SchedulerError
        If Dask is not installed, the scheduler does not answer, or it has no workers.
    """
    try:
        import distributed
    except ImportError:
        raise SchedulerError("a cluster needs Dask: install it with pip install 'kdcore[distributed]'") from None
    client: Any = distributed.Client.__new__(distributed.Client)
    try:
        client.__init__(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        # Left open, it would be closed when it is collected: in whatever thread that happens, and in the one that the
        # next client starts it would wait for a lock which that client holds.
        client.close()
        raise SchedulerError(
            f"no Dask scheduler answers at {address} ({type(error).__name__}): start one with 'dask scheduler' and "
            "give its address, for example tcp://127.0.0.1:8786"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise SchedulerError(
                f"the Dask scheduler at {address} has no workers: start one with 'dask worker {address}'"
            ) from None
        yield client


def _on_cluster(function: Callable[[Task], Result], tasks: Iterable[Task], address: str) -> Iterator[Result]:
    with connect(address) as client:
        import distributed

        versions = _versions()
        futures = [client.submit(_checked, function, versions, task, pure=False, retries=2) for task in tasks]
        try:
            for future in futures:
                yield future.result()
                future.release()
        except distributed.KilledWorker as error:
            raise SchedulerError(f"a task was lost with one worker after the other: {error}") from None
        except ModuleNotFoundError as error:
            raise SchedulerError(f"a worker cannot run the tasks ({error}): install what it lacks") from None
        finally:
            client.cancel(futures)
