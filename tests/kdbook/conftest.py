"""One built book and one folder of executed chapters for all tests of a run, in whatever process they are."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock

from kdbook.execution import chapters
from tests.mini import kdcore, snapshot, write_book
from tests.remembered import RememberingPool


@dataclass(frozen=True)
class Built:
    """A small book that was built once: nobody may write to it.

    Attributes
    ----------
    root : Path
        Its folder.
    result : CompletedProcess
        What ``kdcore build --strict`` did and printed.
    sources : dict
        The files of book/ before it was built.
    """

    root: Path
    result: subprocess.CompletedProcess[str]
    sources: dict[str, bytes]

    def copy(self, target: Path) -> Path:
        """Return a copy to change."""
        return shutil.copytree(self.root, target)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of the tests have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def built(shared: Path) -> Built:
    """The small book, built by the command line as a process, with real kernels."""
    root, record = shared / "small-book", shared / "small-book.pickle"
    with FileLock(shared / "small-book.lock"):
        if not record.is_file():
            shutil.rmtree(root, ignore_errors=True)
            sources = snapshot(write_book(root) / "book")
            result = kdcore(root, "build", "--strict", "--jobs", "2")
            record.write_bytes(pickle.dumps((result, sources)))
    return Built(root, *pickle.loads(record.read_bytes()))


@pytest.fixture(scope="session")
def outcomes(shared: Path) -> Path:
    """The folder of chapters that ran."""
    return shared / "outcomes"


@pytest.fixture(scope="module")
def each_chapter_once(outcomes: Path) -> Iterator[None]:
    """In a module that uses this, a chapter does not run in this process if it ran so in this run of the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(chapters, "ProcessPoolExecutor", partial(RememberingPool, outcomes))
        yield
