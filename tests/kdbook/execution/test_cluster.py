"""Chapters on a Dask cluster: the same bits as here, also when it is too small for a chapter and its own sweeps."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time

import distributed
import pytest

from kdbook.execution import notebooks
from tests.mini import FIGURE, kdcore, snapshot, write_book, write_chapter

SWEEP = """\
import kdcore as kd
table = kd.risk_curve(lambda k: kd.instance_1(4, 4, k), [50, 100], ["ce_sgl"], n_repeats=200, seed=n)
print(table["risk"].tolist())
"""


@pytest.fixture
def cluster(tmp_path):
    """Start a scheduler and workers as processes, as the documentation says; ends them all."""
    processes = []

    def start(n_workers: int) -> str:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
        port = address.rpartition(":")[2]
        words = [["scheduler", "--host", "127.0.0.1", "--port", port, "--dashboard-address", "127.0.0.1:0"]]
        words += [["worker", address, "--nthreads", "1", "--no-dashboard"]] * n_workers
        for arguments in words:
            command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
            null = subprocess.DEVNULL
            processes.append(subprocess.Popen(command, cwd=tmp_path, stdout=null, stderr=null))
        with distributed.Client(address, timeout=60) as client:
            client.wait_for_workers(n_workers, timeout=60)
        return address

    yield start
    for process in reversed(processes):
        process.terminate()
    for process in processes:
        process.wait(30)


@pytest.fixture
def book(tmp_path):
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "first.ipynb", "First", SWEEP)
    write_chapter(root / "book" / "second.ipynb", "Second", FIGURE, SWEEP)
    return root


def results(root):
    figures = snapshot(root / "_build" / "executed" / "second" / "figures")
    stored = [notebooks.read(root / "_build" / "executed" / name / "notebook.ipynb") for name in ("first", "second")]
    return figures, [notebooks.printed(notebook) for notebook in stored]


def test_two_workers_give_the_same_bits_as_this_machine(book, cluster):
    assert kdcore(book, "build").returncode == 0
    here = results(book)
    result = kdcore(book, "build", "--force", "--scheduler", cluster(2))
    assert result.returncode == 0, result.stderr
    assert "2/2" in result.stdout
    assert results(book) == here
    assert "0." in (book / "_build" / "html" / "second.html").read_text()
    manifest = json.loads((book / "_build" / "manifest.json").read_text())
    assert set(manifest["chapters"]["first"]["versions"]) >= {"numpy", "kdcore"}


def test_a_single_thread_runs_chapters_and_their_sweeps_without_waiting_for_itself(book, cluster):
    assert kdcore(book, "build", "--no-render").returncode == 0
    here = results(book)
    address = cluster(1)
    began = time.monotonic()
    result = kdcore(book, "build", "--no-render", "--force", "--share", "--timeout", "60", "--scheduler", address)
    assert result.returncode == 0, result.stderr
    assert results(book) == here
    assert time.monotonic() - began < 300
    with distributed.Client(address, timeout=60) as client:
        tasks = client.run_on_scheduler(lambda dask_scheduler: dask_scheduler.transition_counter)
    assert tasks > 20  # more than two chapters alone make: their sweeps ran there


def test_a_chapter_that_fails_on_a_worker_is_told_as_here(book, cluster):
    write_chapter(book / "book" / "second.ipynb", "Second", "print('before')", "1 / 0")
    result = kdcore(book, "build", "--no-render", "--scheduler", cluster(1))
    assert result.returncode == 1
    assert "chapter 'second' failed in cell 3" in result.stderr
    assert "ZeroDivisionError: division by zero" in result.stderr
    assert "before" in (book / "_build" / "failed" / "second.ipynb").read_text()
    assert "Traceback" not in result.stderr
    assert kdcore(book, "build", "--no-render", "--only", "first").stdout.count("1 of 1 chapters unchanged") == 1


def test_a_scheduler_that_does_not_answer_is_one_line(book):
    result = kdcore(book, "build", "--scheduler", "tcp://127.0.0.1:1")
    assert result.returncode == 1
    assert re.fullmatch(r"kdcore: no Dask scheduler answers at tcp://127.0.0.1:1 .*\n", result.stderr)
    assert not (book / "_build" / "html").exists()


def test_sweeps_that_are_not_told_where_to_run_use_the_cluster_of_the_environment(cluster):
    code = SWEEP.replace("seed=n", "seed=3")
    outputs = []
    for extra in ({}, {"KDCORE_SCHEDULER": cluster(1)}, {"KDCORE_SCHEDULER": "tcp://127.0.0.1:1"}):
        environment = {key: value for key, value in os.environ.items() if key != "KDCORE_SCHEDULER"} | extra
        outputs.append(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment))
    assert outputs[0].stdout == outputs[1].stdout != ""
    assert "SchedulerError" in outputs[2].stderr
