"""Sweeps on a Dask cluster: the same bits as here, also when a worker dies, and clear errors when there is none."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pandas as pd
import pytest

import kdcore as kd
from kdcore import _workers
from tests.kdcore.logs import writing
from tests.kdcore.own import copy_of, gambler, smoother

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")  # Dask's own warnings are not ours


HERE = {"protocol": "tcp", "host": "127.0.0.1", "dashboard_address": ":0"}


def sweep(scheduler=None, method="simulate"):
    """Some twenty tasks."""
    repeats = 20_000 if method == "simulate" else None
    return kd.risk_curve(
        lambda n: kd.instance_0(40, 25), [50, 1500], method=method, n_repeats=repeats, scheduler=scheduler, n_jobs=1
    )


@pytest.fixture(scope="module")
def local():
    return sweep()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(*command):
    """A process of the command line that Dask installs, killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-m", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.fixture(scope="module")
def scheduler():
    """The address of a real scheduler process."""
    address = f"tcp://127.0.0.1:{free_port()}"
    port = address.rsplit(":", 1)[1]
    options = ["--host", "127.0.0.1", "--port", port, "--no-dashboard", "--no-show"]
    with process("distributed.cli.dask_scheduler", *options):
        yield address


@pytest.fixture(scope="module")
def workers(scheduler, tmp_path_factory):
    """Two workers of the scheduler, as processes; a test may kill the second one."""
    folder = tmp_path_factory.mktemp("workers")
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
    with ExitStack() as stack:
        command = ["distributed.cli.dask_worker", scheduler, *options]
        started = [stack.enter_context(process(*command)) for _ in range(2)]
        with distributed.Client(scheduler, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        yield started


@pytest.fixture(scope="module")
def cluster(scheduler, workers):
    """The address of the scheduler, when its workers are there."""
    assert workers[0].poll() is None
    return scheduler


def test_a_local_cluster_changes_no_bit(local):
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **HERE) as alone:
        pd.testing.assert_frame_equal(sweep(alone.scheduler_address), local, check_exact=True)


def test_a_log_of_many_files_is_the_same(cluster, tmp_path):
    teacher = kd.instance_2(3, 5, 60)
    pairs = writing.draws(teacher, 90, seed=1)
    folder = tmp_path / "it's a log"
    folder.mkdir()
    for part in range(3):
        writing.write_table(folder / f"part-{part}.csv", teacher, pairs[30 * part : 30 * part + 30])
    here, there = kd.read_log(folder), kd.read_log(folder, scheduler=cluster, scratch=tmp_path)
    pd.testing.assert_frame_equal(there.counts(), here.counts(), check_exact=True)
    assert (there.hidden() == here.hidden()).all()
    (folder / "part-3.csv").write_text("input,label,probability\nx,a,2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"part-3\.csv, row 1: the label 'a' has the probability 2"):
        kd.read_log(folder, scheduler=cluster, scratch=tmp_path)


def test_real_processes_change_no_bit_and_another_does_the_tasks_of_a_worker_that_is_killed(
    cluster, workers, local, monkeypatch
):
    results, second = 0, workers[1]

    def kill_one(iterator, **_options):
        nonlocal results
        for result in iterator:
            results += 1
            if results == 2:
                os.kill(second.pid, signal.SIGKILL)
            yield result

    monkeypatch.setattr(_workers, "tqdm", kill_one)
    pd.testing.assert_frame_equal(sweep(cluster), local, check_exact=True)
    assert results > 10
    assert second.wait(timeout=10) == -signal.SIGKILL


def test_exact_risks_on_a_cluster_change_no_bit(cluster):
    pd.testing.assert_frame_equal(sweep(cluster, method="exact"), sweep(method="exact"), check_exact=True)


def test_learners_and_protocols_of_ones_own_on_a_cluster_change_no_bit(cluster):
    asked = ["sel_ptl", copy_of("sel_ptl"), smoother(), gambler()]

    def own(address=None):
        teacher = kd.instance_0(40, 25)
        return kd.risk_curve(lambda n: teacher, [50, 1500], asked, n_repeats=4000, scheduler=address, n_jobs=1)

    pd.testing.assert_frame_equal(own(cluster), own(), check_exact=True)


def test_an_unreachable_scheduler_is_one_clear_error_within_seconds(monkeypatch):
    monkeypatch.setattr(_workers, "CONNECT_SECONDS", 1)
    began = time.monotonic()
    with pytest.raises(ConnectionError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:\d+ .*dask scheduler"):
        sweep(f"tcp://127.0.0.1:{free_port()}")
    assert time.monotonic() - began < 25  # Dask alone tries for 30


@pytest.mark.parametrize("address", ["nonsense://x", "tcp://127.0.0.1:x"])
def test_an_address_that_is_none_is_one_clear_error_and_leaves_nothing_open(address):
    with pytest.raises(ConnectionError, match=f"no Dask scheduler answers at {address}"):
        sweep(address)
    left = [thing for thing in gc.get_objects() if type(thing) is distributed.Client]
    assert {client.status for client in left} <= {"closed"}


def test_a_scheduler_without_workers_is_one_clear_error_within_seconds(monkeypatch):
    monkeypatch.setattr(_workers, "CONNECT_SECONDS", 1)
    with distributed.LocalCluster(n_workers=0, **HERE) as empty:
        address = empty.scheduler_address
        assert address.startswith("tcp://")
        with pytest.raises(
            ConnectionError, match=f"scheduler at {address} has no workers: start one with 'dask worker"
        ):
            sweep(address)


def test_a_worker_with_other_versions_is_refused(cluster, monkeypatch):
    monkeypatch.setattr(_workers, "_versions", lambda: {"kdcore": "0.0.0", "numpy": "0.0.0"})
    with pytest.raises(ConnectionError, match="install the same versions on both"):
        sweep(cluster)


def test_errors_of_a_task_are_passed_on(cluster):
    def fit(data):
        raise ValueError(f"no answer to {data.counts.sum()} samples")

    unable = kd.Learner("unable", "hard", fit)
    with pytest.raises(ValueError, match="no answer to 5 samples"):
        kd.risk_curve(lambda n: kd.Teacher([1.0], [[0.5, 0.5]]), [5], unable, n_repeats=1, scheduler=cluster)
