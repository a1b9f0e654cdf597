"""Chapters on a Dask cluster: the same bits as here, also when it is too small for a chapter and its own sweeps."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import distributed
import pytest

import kdcore as kd
from kdbook.execution import notebooks
from kdcore import _workers
from tests.mini import FIGURE, kdcore, snapshot, write_book, write_chapter

pytestmark = [
    pytest.mark.usefixtures("each_chapter_once"),
    pytest.mark.filterwarnings("default"),  # Dask's own warnings are not ours
]

SWEEP = """\
import kdcore as kd
table = kd.risk_curve(lambda k: kd.instance_1(4, 4, k), [50, 100], ["ce_sgl"], n_repeats=200, seed=n)
print(table["risk"].tolist())
"""


@contextmanager
def process(kind, *words):
    """A scheduler or a worker, as the documentation starts it; it and all that it started are killed at the end."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words]
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=null, stderr=null, start_new_session=True) as running:
        try:
            yield
        finally:
            os.killpg(running.pid, signal.SIGKILL)


@contextmanager
def worker(address, folder, n_workers):
    """One more worker, with which there are so many."""
    options = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
    with process("worker", address, *options):
        with distributed.Client(address, timeout=60) as client:
            client.wait_for_workers(n_workers, timeout=60)
        yield


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler with one worker that has one thread."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    port = address.rpartition(":")[2]
    with (
        process("scheduler", "--host", "127.0.0.1", "--port", port, "--dashboard-address", "127.0.0.1:0"),
        worker(address, tmp_path_factory.mktemp("worker"), 1),
    ):
        yield address


@pytest.fixture(scope="module")
def ran(tmp_path_factory, each_chapter_once):
    """A book with two sweeps that ran here, not to be changed."""
    root = write_book(tmp_path_factory.mktemp("ran") / "book")
    write_chapter(root / "book" / "first.ipynb", "First", SWEEP)
    write_chapter(root / "book" / "second.ipynb", "Second", FIGURE, SWEEP)
    result = kdcore(root, "build", "--no-render")
    assert result.returncode == 0, result.stderr
    return root


@pytest.fixture
def book(ran, tmp_path):
    return shutil.copytree(ran, tmp_path / "book")


def results(root):
    figures = snapshot(root / "_build" / "executed" / "second" / "figures")
    stored = [notebooks.read(root / "_build" / "executed" / name / "notebook.ipynb") for name in ("first", "second")]
    return figures, [notebooks.printed(notebook) for notebook in stored]


def test_a_single_thread_runs_chapters_and_their_sweeps_without_waiting_for_itself(book, ran, cluster):
    def transitions():
        with distributed.Client(cluster, timeout=60) as client:
            return client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)

    before = transitions()
    options = ["--force", "--share", "--timeout", "60", "--scheduler", cluster]
    result = kdcore(book, "build", "--no-render", "--only", "first", *options)
    assert result.returncode == 0, result.stderr
    assert "done    first" in result.stdout
    assert results(book) == results(ran)
    assert transitions() - before > 10  # more than the chapter alone makes: its sweep ran there


def test_a_chapter_that_fails_on_a_worker_is_told_as_here(book, cluster):
    write_chapter(book / "book" / "first.ipynb", "First", "print('finished')")
    write_chapter(book / "book" / "second.ipynb", "Second", "print('before')", "1 / 0")
    result = kdcore(book, "build", "--no-render", "--scheduler", cluster)
    assert result.returncode == 1
    assert "chapter 'second' failed in cell 3" in result.stderr
    assert "ZeroDivisionError: division by zero" in result.stderr
    assert "before" in (book / "_build" / "failed" / "second.ipynb").read_text()
    assert "Traceback" not in result.stderr
    assert kdcore(book, "build", "--no-render", "--only", "first").stdout.count("1 of 1 chapters unchanged") == 1


def test_two_workers_give_the_same_bits_as_this_machine(book, ran, cluster, tmp_path):
    with worker(cluster, tmp_path / "worker", 2):
        result = kdcore(book, "build", "--no-render", "--force", "--scheduler", cluster)
    assert result.returncode == 0, result.stderr
    assert "2/2" in result.stdout
    assert results(book) == results(ran)
    manifest = json.loads((book / "_build" / "manifest.json").read_text())
    assert set(manifest["chapters"]["first"]["versions"]) >= {"numpy", "kdcore"}


def test_a_scheduler_that_does_not_answer_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(_workers, "CONNECT_SECONDS", 1)
    root = write_book(tmp_path / "book")
    result = kdcore(root, "build", "--scheduler", "tcp://127.0.0.1:1")
    assert result.returncode == 1
    assert re.fullmatch(r"kdcore: no Dask scheduler answers at tcp://127.0.0.1:1 .*\n", result.stderr)
    assert not (root / "_build" / "html").exists()


def test_sweeps_that_are_not_told_where_to_run_use_the_cluster_of_the_environment(cluster, monkeypatch):
    def sweep():
        return kd.risk_curve(lambda k: kd.instance_1(4, 4, k), [50, 100], ["ce_sgl"], n_repeats=200, seed=3)

    monkeypatch.delenv(_workers.SCHEDULER_VARIABLE, raising=False)
    here = sweep()
    monkeypatch.setenv(_workers.SCHEDULER_VARIABLE, cluster)
    assert sweep().equals(here)
    monkeypatch.setattr(_workers, "CONNECT_SECONDS", 1)
    monkeypatch.setenv(_workers.SCHEDULER_VARIABLE, "tcp://127.0.0.1:1")
    with pytest.raises(_workers.SchedulerError):
        sweep()
