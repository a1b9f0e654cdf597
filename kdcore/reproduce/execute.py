"""Executing chapters with papermill: in parallel, into ``_build``, and only those that changed."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

import kdcore
from kdcore.figures import FOLDER_VARIABLE
from kdcore.reproduce import notebooks
from kdcore.reproduce.progress import Progress
from kdcore.reproduce.project import BookError, Chapter, Project

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Executed:
    """A chapter that has run: its notebook with outputs, and the folder of its figures."""

    chapter: Chapter
    notebook: NotebookNode
    figures: Path


def execute_chapters(project: Project, profile: str, jobs: int, force: bool, progress: Progress) -> list[Executed]:
    """Execute the chapters that changed since their last run and return all of them, in reading order.

    Raises
    ------
    BookError
        If a chapter raises: with the chapter, the cell, the error, and where the partly executed copy is.
    """
    parameters = project.parameters(profile)
    dependencies = package_digest(project)
    chapters = project.chapters()
    sources = {chapter: notebooks.read(chapter.path) for chapter in chapters}
    keys = {c: notebooks.code_key(sources[c], parameters.get(c.name, {}), dependencies) for c in chapters}
    stale = [c for c in chapters if force or _stored_key(_result(project, c)) != keys[c]]
    progress.start(total=len(chapters), cached=len(chapters) - len(stale))
    provenance = _provenance(project, profile)
    with ProcessPoolExecutor(max(1, min(jobs, len(stale))), mp_context=get_context("spawn")) as pool:
        waiting = list(stale)
        running: dict[Future[float], Chapter] = {}
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    chapter = waiting.pop(0)
                    record = provenance | {"key": keys[chapter], "parameters": parameters.get(chapter.name, {})}
                    job = pool.submit(_execute, chapter, project.build, record)
                    running[job] = chapter
                    progress.running([c.name for c in running.values()])
                for job in wait(running, return_when=FIRST_COMPLETED).done:
                    chapter = running.pop(job)
                    progress.done(chapter.name, job.result(), [c.name for c in running.values()])
        except BrokenProcessPool:
            names = ", ".join(c.name for c in running.values())
            raise BookError(f"a process that executed {names} died (killed, or out of memory?)") from None
        finally:
            progress.close()
            pool.shutdown(wait=True, cancel_futures=True)
    return [_load(project, chapter, sources[chapter]) for chapter in chapters]


def _result(project: Project, chapter: Chapter) -> Path:
    """Return the folder that holds an executed chapter: notebook.ipynb and figures/."""
    return project.build / "executed" / chapter.name


def _stored_key(folder: Path) -> str | None:
    """Return the key that a stored result was made with, or None if there is none that can be read."""
    try:
        stored = json.loads((folder / "notebook.ipynb").read_text(encoding="utf-8"))
        return str(stored["metadata"]["kdcore"]["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _load(project: Project, chapter: Chapter, source: NotebookNode) -> Executed:
    folder = _result(project, chapter)
    executed = notebooks.read(folder / "notebook.ipynb")
    return Executed(chapter, notebooks.with_outputs(source, executed), folder / "figures")


def _execute(chapter: Chapter, build: Path, record: dict[str, Any]) -> float:
    """Run one chapter in a process of its own; returns the seconds it took."""
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError
    from traitlets.config import Config

    started = time.monotonic()
    work = build / f".running-{chapter.name.replace('/', '-')}-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    (work / "figures").mkdir(parents=True)
    os.environ[FOLDER_VARIABLE] = str(work / "figures")
    for variable in THREAD_VARIABLES:  # chapters run side by side: one core each
        os.environ.setdefault(variable, "1")
    copy = work / "notebook.ipynb"
    try:
        try:
            papermill.execute_notebook(
                chapter.path,
                copy,
                parameters=record["parameters"],
                kernel_name="python3",
                cwd=str(work),
                progress_bar=False,
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
                log_output=False,
            )
        except PapermillExecutionError as error:
            failed = build / "failed" / f"{chapter.name}.ipynb"
            failed.parent.mkdir(parents=True, exist_ok=True)
            os.replace(copy, failed)
            raise BookError(_failure(chapter, error, failed)) from None
        except DeadKernelError:
            raise BookError(f"chapter {chapter.name!r}: its kernel died (killed, or out of memory?)") from None
        except NoSuchKernel as error:
            raise BookError(f"chapter {chapter.name!r} cannot start: {error}; is ipykernel installed?") from None
        seconds = time.monotonic() - started
        executed = notebooks.read(copy)
        executed.metadata["kdcore"] = record | {"duration_s": round(seconds, 3)}
        notebooks.write_atomic(copy, notebooks.to_text(executed))
        _replace_folder(work, build / "executed" / chapter.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return seconds


def _failure(chapter: Chapter, error: Any, failed: Path) -> str:
    source = (error.source or "").strip().splitlines()
    line = f"\n    {source[0]}{' …' if len(source) > 1 else ''}" if source else ""
    return (
        f"chapter {chapter.name!r} failed in cell {error.cell_index} (In [{error.exec_count}]):{line}\n"
        f"  {error.ename}: {error.evalue}\n"
        f"  partly executed copy: {failed}"
    )


def _replace_folder(new: Path, target: Path) -> None:
    """Put ``new`` in the place of ``target``; what was there is removed last."""
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old-{os.getpid()}")
    if target.exists():
        os.replace(target, old)
    os.replace(new, target)
    shutil.rmtree(old, ignore_errors=True)


def package_digest(project: Project) -> str:
    """Return the hash of what every page depends on: kdcore's source, the lock and the Python version."""
    package = Path(kdcore.__file__).parent
    files = sorted(package.rglob("*.py"))
    lock = project.root / "requirements.txt"
    parts: list[str | bytes] = [platform.python_version()]
    for file in files:
        parts += [file.relative_to(package).as_posix(), file.read_bytes()]
    if lock.exists():
        parts.append(lock.read_bytes())
    return notebooks.digest(parts)


def _provenance(project: Project, profile: str) -> dict[str, Any]:
    """Return what is recorded in every executed notebook, apart from its key, parameters and duration."""
    return {
        "profile": profile,
        "python": platform.python_version(),
        "platform": f"{sys.platform} {platform.machine()}",
        "versions": {name: metadata.version(name) for name in ("kdcore", "numpy", "scipy", "pandas", "matplotlib")},
        "commit": _git(project, "rev-parse", "HEAD"),
        "clean": _git(project, "status", "--porcelain") == "",
    }


def _git(project: Project, *arguments: str) -> str | None:
    """Return what git prints, or None where there is no git or no repository."""
    try:
        result = subprocess.run(["git", *arguments], cwd=project.root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return result.stdout.strip()
