"""Chapters that ran once in a run of the tests, and are taken from there when the same job comes again.

The project's rule is that an outcome depends on the job alone; tests of what is run, stored, compared and shown need no
second run to see that.  Tests of the running itself do not use this.
"""

from __future__ import annotations

import pickle
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from kdbook.execution.job import Job, Outcome
from kdbook.files import digest, write_atomic
from kdcore._workers import JOBS_VARIABLE
from tests import warm


class RememberingPool:
    """Stands for ``ProcessPoolExecutor`` in ``kdbook.execution.chapters``; starts processes for unknown jobs alone.

    Parameters
    ----------
    folder : Path
        Where outcomes are kept, one file for each job.
    *arguments
        Those of ``ProcessPoolExecutor``.
    """

    begin = staticmethod(warm.pool_with_kernels)

    def __init__(self, folder: Path, *arguments: Any) -> None:
        self._folder, self._arguments = folder, arguments
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, function: Any, job: Job) -> Future[Outcome]:
        path = self._folder / _name(job)
        if path.is_file():
            known: Future[Outcome] = Future()
            known.set_result(pickle.loads(path.read_bytes()))
            return known
        self._pool = self._pool or self.begin(*self._arguments)
        future = self._pool.submit(function, job)
        future.add_done_callback(partial(_keep, path))
        return future

    def shutdown(self, **options: Any) -> None:
        if self._pool is not None:
            self._pool.shutdown(**options)

    def __enter__(self) -> RememberingPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown(wait=True)


def _name(job: Job) -> str:
    """The hash of all that the outcome of a job depends on: not where and how it runs, nor on how many cores it may."""
    environment = sorted((key, value) for key, value in job.environment.items() if key != JOBS_VARIABLE)
    return digest([pickle.dumps(replace(job, scratch=None, forked=False, environment=dict(environment)))])


def _keep(path: Path, future: Future[Outcome]) -> None:
    if not future.cancelled() and future.exception() is None:
        write_atomic(path, pickle.dumps(future.result()))
