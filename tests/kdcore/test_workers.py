"""Where tasks run: what the environment says, and that an empty variable says nothing."""

from __future__ import annotations

import pytest

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
