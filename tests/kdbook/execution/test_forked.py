"""Kernels that are forked are as those that start anew, of one process, and end as these do."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import pytest

from kdbook.execution import notebooks
from kdbook.execution.job import ChapterError, Job, run, start_worker
from tests.mini import write_chapter

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")

ASKED = """\
import json, os, signal, sys, threading
import matplotlib
print(json.dumps({
    "environment": {name: value for name, value in os.environ.items() if name != "JPY_PARENT_PID"},
    "parent": os.environ["JPY_PARENT_PID"] == str(os.getppid()),
    "folder": os.getcwd(), "path": sys.path, "arguments": sys.argv[0], "flags": list(sys.flags),
    "leads": [os.getsid(0), os.getpgid(0)] == [os.getpid()] * 2, "input": os.read(0, 1).decode(),
    "open": [os.readlink(f"/proc/self/fd/{n}").split(":")[0] for n in (0, 1, 2)],
    "signals": [str(signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    "backend": matplotlib.get_backend(), "main": [sys.modules["__main__"].__name__, __name__],
    "names": sorted(name for name in globals() if not name.startswith("_")),
}))
"""
ITS_PARENT = "import os; print(os.getppid(), os.getpid())"


def job(folder: Path, *code: str, forked: bool) -> Job:
    """Write a chapter and return what runs it."""
    write_chapter(folder / "chapter.ipynb", "Chapter", *code)
    text = (folder / "chapter.ipynb").read_text()
    return Job("chapter", text, {}, None, {"MPLBACKEND": "agg"}, str(folder), forked)


def printed(outcome) -> str:
    return notebooks.printed(notebooks.from_text(outcome.notebook))[-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("forked")


@pytest.fixture(scope="module")
def worker(folder):
    """A process that runs one chapter after the other, as a build has."""
    with ProcessPoolExecutor(1, get_context("spawn"), start_worker, (str(folder / "kernels.log"),)) as pool:
        yield lambda *code, forked=True: pool.submit(run, job(folder, *code, forked=forked))


def without(text: str, folder: Path) -> str:
    """Take from a text the name of the temporary folder of a run."""
    for made in {part for part in text.replace('"', "/").split("/") if part.startswith(".running-")}:
        text = text.replace(made, "RUN")
    return text.replace(str(folder), "FOLDER")


def test_a_forked_kernel_is_as_one_that_starts_anew(worker, folder):
    anew, first = (worker("x = 1", ASKED, forked=forked).result() for forked in (False, True))
    told = [json.loads(without(printed(outcome), folder)) for outcome in (anew, first, worker(ASKED).result())]
    assert told[0]["parent"]
    assert told[0]["leads"]
    assert told[1] == told[0]
    assert told[2].pop("names") == [name for name in told[0].pop("names") if name != "x"]  # which the kernel before had
    assert told[2] == told[0]
    assert anew.machine == first.machine


def test_kernels_of_one_process_have_one_parent_that_is_replaced_when_it_dies_and_neither_outlives_it(worker, folder):
    server, kernel = printed(worker(ITS_PARENT).result()).split()
    assert b"kdbook.execution.forked" in Path(f"/proc/{server}/cmdline").read_bytes()
    with pytest.raises(ChapterError, match="its kernel died"):
        worker(f"import os, signal; os.kill(os.getpid(), {signal.SIGKILL:d})").result()
    same = f"import os, time; assert os.getppid() == {server} and os.getpid() != {kernel}"
    with pytest.raises(ChapterError, match="its kernel died"):
        worker(same, f"os.kill(os.getppid(), {signal.SIGKILL:d}); time.sleep(60)").result()
    told = folder / "told"
    tell = f"open({str(told)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}} ')"
    running = worker("import os, time", tell, "time.sleep(60)")
    until = time.monotonic() + 60
    while not (told.exists() and told.read_text().endswith(" ")):
        assert time.monotonic() < until
        time.sleep(0.05)
    started = told.read_text().split()
    assert started[1] != server
    os.kill(int(parent_of(started[1])), signal.SIGKILL)
    with pytest.raises(BrokenProcessPool):
        running.result()
    while any(os.path.exists(f"/proc/{pid}") for pid in started):
        assert time.monotonic() < until
        time.sleep(0.05)


def parent_of(pid: str) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
