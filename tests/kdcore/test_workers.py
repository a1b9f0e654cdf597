"""Where tasks run: what the environment says, and that an empty variable says nothing."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import pandas as pd
import pytest

import kdcore as kd
from kdcore import _workers, figures


@pytest.mark.parametrize("name", [_workers.JOBS_VARIABLE, _workers.SCHEDULER_VARIABLE, _workers.FOLDER_VARIABLE])
def test_an_empty_variable_is_not_set(monkeypatch, name):
    monkeypatch.setenv(name, "")
    assert _workers.variable(name) is None
    monkeypatch.setenv(name, "x")
    assert _workers.variable(name) == "x"


def test_an_empty_scheduler_and_an_empty_number_of_jobs_mean_this_machine(monkeypatch):
    monkeypatch.setenv(_workers.SCHEDULER_VARIABLE, "")
    monkeypatch.setenv(_workers.JOBS_VARIABLE, "")
    assert _workers.local_jobs(None) == _workers.cores()
    assert list(_workers.run(abs, [-1, 2], 1, None, "task")) == [1, 2]


def test_figures_start_from_defaults(monkeypatch):
    import matplotlib as mpl

    with mpl.rc_context({"figure.autolayout": True, "savefig.bbox": "tight", "lines.linewidth": 9}):
        figures.use_style()
        assert mpl.rcParams["figure.autolayout"] is False
        assert mpl.rcParams["savefig.bbox"] is None
        assert mpl.rcParams["lines.linewidth"] < 3


class Spawned:
    """For joblib's ``Parallel``: a process that starts afresh, as on Windows and macOS, told by plain pickles."""

    done = 0

    def __init__(self, n_jobs, return_as):
        assert (n_jobs, return_as) == (2, "generator")

    def __call__(self, calls):
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            for function, positional, named in list(calls):
                result = pool.submit(function, *positional, **named).result()
                type(self).done += 1
                yield result


def test_a_process_that_starts_afresh_gives_the_same_bits(monkeypatch):
    def sweep(n_jobs):
        family = partial(kd.instance_1, 2, 4)
        return kd.risk_curve(family, [3, 50], n_repeats=3000, method="simulate", seed=5, n_jobs=n_jobs)

    here = sweep(n_jobs=1)
    monkeypatch.setattr(_workers, "Parallel", Spawned)
    pd.testing.assert_frame_equal(sweep(n_jobs=2), here, check_exact=True)
    assert Spawned.done > 1
