"""Executing the chapters that need it, side by side, on local cores or on a Dask cluster, into ``_build/executed``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from kdbook.execution import notebooks, records
from kdbook.execution.job import ChapterError, Job, Outcome, run_on_cluster, start_worker
from kdbook.execution.job import run as run_job
from kdbook.execution.parameters import check_values, read_parameters
from kdbook.execution.progress import Progress
from kdbook.execution.stand_ins import stand_ins
from kdbook.files import move, write_atomic
from kdbook.folders import replace_folder
from kdbook.project import BookError, Chapter, Project
from kdcore._workers import JOBS_VARIABLE, SCHEDULER_VARIABLE, SchedulerError, connect, local_jobs


@dataclass(frozen=True)
class Request:
    """Which chapters to run, with what, and where.

    Attributes
    ----------
    profile : str
        A profile of ``book/profiles.yml``, or the path of a file that maps chapters to parameters.
    settings : dict
        Parameters on top of the profile, by chapter.
    only : tuple of str
        Names of the chapters that may run; empty for all.
    jobs : int
        How many run side by side.
    force : bool
        Whether chapters run that need not.
    timeout : int or None
        Seconds that a cell may take.
    scheduler : str or None
        Address of a Dask scheduler whose workers run the chapters.
    share : bool
        Whether sweeps inside chapters run on that cluster, too.
    """

    profile: str = "quick"
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    jobs: int = 1
    force: bool = False
    timeout: int | None = None
    scheduler: str | None = None
    share: bool = False


@dataclass(frozen=True)
class Executed:
    """A chapter with outputs.

    Attributes
    ----------
    chapter : Chapter
        Which.
    notebook : NotebookNode
        Its prose as it is now, its outputs from the last run.
    figures : dict
        Bytes of its figures' files by name.
    record : dict
        What was recorded when it ran; empty if it has not run and shows the committed outputs.
    current : bool
        Whether it would run the same again: same code, parameters and kdcore.
    """

    chapter: Chapter
    notebook: NotebookNode
    figures: Mapping[str, bytes]
    record: Mapping[str, Any]
    current: bool


@dataclass(frozen=True)
class _Task:
    """A chapter, its notebook as it is, and what it would run with."""

    chapter: Chapter
    source: NotebookNode
    parameters: dict[str, Any]
    record: dict[str, Any]

    @property
    def key(self) -> str:
        """The hash of all that its results depend on."""
        return str(self.record["key"])


@dataclass(frozen=True)
class _Stored:
    """A chapter as its last run left it, and what of it was changed since."""

    notebook: NotebookNode
    figures: dict[str, bytes]
    record: dict[str, Any]
    problems: list[str]


def execute_chapters(project: Project, request: Request, progress: Progress) -> list[Executed]:
    """Execute the chapters that changed since their last run and return all of them, in reading order.

    Raises
    ------
    BookError
        If a parameter is wrong, before anything runs; if a chapter raises: with the chapter, the cell, the error, and
        where the partly executed copy is.
    """
    tasks = _tasks(project, request)
    stored = {task.chapter.name: _stored(folder_of(project, task.chapter.name)) for task in tasks}
    chosen = [task for task in tasks if not request.only or task.chapter.name in request.only]
    for task in tasks:
        result = stored[task.chapter.name]
        for what in result.problems if result else []:
            then = "it runs again" if task in chosen else "its page shows the committed numbers until it runs again"
            progress.note(f"{task.chapter.name}: {what} since it ran: {then}")
    stale = [task for task in chosen if request.force or not _is_current(stored[task.chapter.name], task)]
    progress.start(total=len(chosen), cached=[task.chapter.name for task in chosen if task not in stale])
    if stale:
        _run_all(project, request, stale, progress)
        stored |= {task.chapter.name: _stored(folder_of(project, task.chapter.name)) for task in stale}
    executed = [_executed(task, stored[task.chapter.name]) for task in tasks]
    # Also what was changed since it ran stays in the manifest, so that 'kdcore verify' finds it.
    kept = {name: result.record for name, result in stored.items() if result is not None and result.record}
    records.write_manifest(project, kept)
    return executed


def _tasks(project: Project, request: Request, chapters: Sequence[Chapter] | None = None) -> list[_Task]:
    profile = project.profile(request.profile)
    dependencies = records.dependencies_digest(project)
    common = {"profile": request.profile, "source": records.source_digest(), **records.git_state(project)}
    tasks = []
    for chapter in project.chapters() if chapters is None else chapters:
        source = notebooks.read(chapter.path)
        known = read_parameters(source, chapter.name)
        given = {**profile.get(chapter.name, {}), **request.settings.get(chapter.name, {})}
        parameters = check_values(known, given, chapter.name)
        values = {parameter.name: parameter.default for parameter in known} | parameters
        record = {
            "title": chapter.title,
            "key": notebooks.code_key(source, parameters, dependencies),
            "parameters": parameters,
            "values": values,
            "seed": values.get("seed"),
            **common,
        }
        tasks.append(_Task(chapter, source, parameters, record))
    return tasks


def folder_of(project: Project, chapter: str) -> Path:
    """Return the folder that holds an executed chapter: notebook.ipynb and figures/."""
    return project.build / "executed" / chapter


def _stored(folder: Path) -> _Stored | None:
    """Return the result that a folder holds, or None if there is none that can be read."""
    try:
        notebook, figures = notebooks.read(folder / records.NOTEBOOK), records.read_figures(folder)
    except (BookError, OSError):
        return None
    return _Stored(notebook, figures, records.read_record(notebook), records.damage(notebook, figures))


def _is_current(stored: _Stored | None, task: _Task) -> bool:
    return stored is not None and stored.record.get("key") == task.key and not stored.problems


def _executed(task: _Task, stored: _Stored | None) -> Executed:
    if stored is not None and not stored.problems and notebooks.same_code(task.source, stored.notebook):
        notebook = notebooks.with_outputs(task.source, stored.notebook)
        return Executed(task.chapter, notebook, stored.figures, stored.record, _is_current(stored, task))
    return Executed(task.chapter, task.source, stand_ins(task.source), {}, False)


def as_last_run(project: Project, settings: Mapping[str, Mapping[str, Any]]) -> list[Executed]:
    """Return the chapters as they last ran, if that was with these parameters by chapter: nothing runs."""
    tasks = _tasks(project, Request(settings={name: dict(given) for name, given in settings.items()}))
    return [_executed(task, _stored(folder_of(project, task.chapter.name))) for task in tasks]


def as_committed(project: Project) -> list[Executed]:
    """Return the chapters as they are committed, with stand-ins for their figures: nothing runs."""
    sources = [(chapter, notebooks.read(chapter.path)) for chapter in project.chapters()]
    return [Executed(chapter, source, stand_ins(source), {}, False) for chapter, source in sources]


def _run_all(project: Project, request: Request, tasks: Sequence[_Task], progress: Progress) -> None:
    project.build.mkdir(parents=True, exist_ok=True)
    environment = {"MPLBACKEND": "agg"}  # pages show the files of figures: nothing is drawn for a screen as well
    if request.share and request.scheduler is not None:
        environment[SCHEDULER_VARIABLE] = request.scheduler
    with _engine(project, request, len(tasks)) as (pool, function, width):
        # A process that runs several chapters imports once for all of them.
        forked = request.scheduler is None and len(tasks) > width and sys.platform == "linux"
        waiting = list(tasks)
        running: dict[Future[Outcome], _Task] = {}
        failure: BookError | None = None
        try:
            while running or (waiting and failure is None):
                while waiting and len(running) < width and failure is None:
                    task = waiting.pop(0)
                    running[pool.submit(function, _job(project, request, task, environment, forked))] = task
                    progress.running([t.chapter.name for t in running.values()])
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    task = running.pop(future)
                    try:
                        outcome = future.result()
                    except ChapterError as error:
                        failure = failure or BookError(f"{error}{_keep(project, task.chapter, error.notebook)}")
                        continue
                    _store(project, task, outcome)
                    progress.done(task.chapter.name, outcome.seconds, [t.chapter.name for t in running.values()])
        except BrokenProcessPool:
            names = ", ".join(task.chapter.name for task in running.values()) or task.chapter.name
            raise BookError(f"a process that executed {names} died (killed, or out of memory?)") from None
        finally:
            progress.close()
    if failure is not None:
        raise failure


def _job(project: Project, request: Request, task: _Task, environment: dict[str, str], forked: bool) -> Job:
    scratch = None if request.scheduler is not None else str(project.build)
    text = notebooks.to_text(task.source)
    return Job(task.chapter.name, text, task.parameters, request.timeout, environment, scratch, forked)


@contextmanager
def _engine(
    project: Project, request: Request, n_tasks: int
) -> Iterator[tuple[Executor, Callable[[Job], Outcome], int]]:
    """Yield what runs functions, the function that runs a chapter there, and how many run side by side."""
    if request.scheduler is None:
        width = max(1, min(request.jobs, n_tasks))
        log = str(project.build / "kernels.log")
        pool = ProcessPoolExecutor(width, get_context("spawn"), start_worker, (log,))
        try:
            yield pool, run_job, width
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return
    with connect(request.scheduler) as client:
        import distributed

        width = max(1, sum(client.nthreads().values()))
        function = partial(run_on_cluster, source_digest=records.source_digest(), share=request.share)
        executor = client.get_executor(pure=False)
        try:
            yield executor, function, width
        except distributed.KilledWorker as error:
            raise SchedulerError(f"a chapter was lost with one worker after the other: {error}") from None
        except ModuleNotFoundError as error:
            raise SchedulerError(
                f"a worker cannot run chapters ({error}): install the book's lock file on it"
            ) from None
        finally:
            executor.shutdown(wait=False)


def _store(project: Project, task: _Task, outcome: Outcome) -> None:
    """Write an executed chapter, with its record, in the place of the one before."""
    folder = folder_of(project, task.chapter.name)
    new = folder.with_name(f".{folder.name}.new")
    write_result(new, outcome, task.record)
    replace_folder(new, folder)


def write_result(folder: Path, outcome: Outcome, record: Mapping[str, Any]) -> None:
    """Write an executed chapter as a folder: notebook.ipynb, which carries the record, and figures/."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "figures").mkdir(parents=True)
    notebook = notebooks.from_text(outcome.notebook)
    outputs = records.output_hashes(notebook, outcome.figures)
    duration = {"duration_s": round(outcome.seconds, 3)}
    notebook.metadata["kdcore"] = {**record, **outcome.machine, **duration, "outputs": outputs}
    for name, data in outcome.figures.items():
        (folder / "figures" / name).write_bytes(data)
    write_atomic(folder / records.NOTEBOOK, notebooks.to_text(notebook))


def run_one(project: Project, chapter: Chapter, request: Request, folder: Path) -> Executed:
    """Run one chapter with all local cores for its sweeps, and leave its result in ``folder``.

    Raises
    ------
    BookError
        As :func:`execute_chapters`, or if ``folder`` cannot be written to, before anything runs.
    """
    (task,) = _tasks(project, request, [chapter])
    try:
        environment = {JOBS_VARIABLE: str(local_jobs(None))}
    except ValueError as error:  # the variable that the caller set is not a number
        raise BookError(str(error)) from None
    if request.scheduler is not None:
        environment[SCHEDULER_VARIABLE] = request.scheduler
        with connect(request.scheduler):
            pass  # it answers and has workers, or an error says what is wrong
    job = Job(chapter.name, notebooks.to_text(task.source), task.parameters, request.timeout, environment)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(prefix=".new-", dir=folder, ignore_cleanup_errors=True)
    except OSError as error:
        raise BookError(f"cannot write to {folder}: {error.strerror}") from None
    with scratch as made:
        log = str(Path(made) / "kernel.log")
        with ProcessPoolExecutor(1, get_context("spawn"), start_worker, (log,)) as pool:
            try:
                outcome = pool.submit(run_job, job).result()
            except ChapterError as error:
                raise BookError(f"{error}{_keep_copy(folder / 'failed.ipynb', error.notebook)}") from None
            except BrokenProcessPool:
                raise BookError(f"the process that executed {chapter.name} died (killed, or out of memory?)") from None
        result = Path(made) / "result"
        write_result(result, outcome, task.record)
        for name in (records.NOTEBOOK, "figures"):
            _take_place(result / name, folder / name)
    return _executed(task, _stored(folder))


def _take_place(new: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    move(new, target)


def _keep(project: Project, chapter: Chapter, notebook: str | None) -> str:
    return _keep_copy(project.build / "failed" / f"{chapter.name}.ipynb", notebook)


def _keep_copy(path: Path, notebook: str | None) -> str:
    """Keep the partly executed copy of a chapter that failed, and say where."""
    if notebook is None:
        return ""
    write_atomic(path, notebook)
    return f"\n  partly executed copy: {path}"
