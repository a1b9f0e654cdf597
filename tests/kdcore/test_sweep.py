"""Risk curves: the points of a grid, each as if it were simulated alone."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import kdcore as kd
from kdcore import _workers, sweep
from tests.kdcore.own import smoother

COLUMNS = ["learner", "n_inputs", "n_labels", "n_samples", "risk", "std_error", "n_repeats"]


def instance_1(n):
    return kd.instance_1(2, 4, n)


@pytest.mark.parametrize("learners", [None, ["ce_ful", "ce_sgl"]])
def test_each_point_is_what_simulate_risk_gives_for_it(learners):
    grid = [50, 3, 50, 200]
    table = kd.risk_curve(instance_1, grid, learners, n_repeats=30, seed=8)
    points = [
        kd.simulate_risk(instance_1(n), n, learners, n_repeats=30, seed=8, point=point) for point, n in enumerate(grid)
    ]
    assert table.columns.tolist() == COLUMNS
    sizes = table[["n_inputs", "n_labels"]].drop_duplicates()
    assert sizes.to_numpy().tolist() == [[2, 4]]
    alone = pd.concat(points, ignore_index=True)
    pd.testing.assert_frame_equal(table.drop(columns=["n_inputs", "n_labels"]), alone, check_exact=True)
    names = learners or ["ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"]
    assert table["learner"].tolist() == names * 4
    assert table["n_samples"].tolist() == [n for n in grid for _ in names]
    assert table.index.tolist() == list(range(len(table)))


def test_points_with_the_same_n_do_not_share_random_numbers():
    table = kd.risk_curve(instance_1, [50, 50], ["ce_sgl"], n_repeats=30)
    assert table["risk"].nunique() == 2


def test_family_is_asked_for_each_n_in_order_as_a_plain_integer():
    asked = []

    def family(n):
        asked.append(n)
        return instance_1(n)

    kd.risk_curve(family, (n for n in np.array([5, 1, 9])), n_repeats=1)
    assert asked == [5, 1, 9]
    assert {type(n) for n in asked} == {int}


def test_a_fixed_teacher_gives_the_learning_curve_of_its_closed_form():
    teacher = kd.Teacher([0.2, 0.8], [[1.0, 0.0, 0.0], [0.5, 0.25, 0.25]])
    table = kd.risk_curve(lambda _n: teacher, [0, 1, 2, 4, 8], ["ce_ful"], n_repeats=20_000, seed=2)
    for row in table.itertuples():
        # An input that was not drawn is answered Uniform: 2/3 and 1/6 away from the two rows.
        exact = 0.2 * 0.8**row.n_samples * 2 / 3 + 0.8 * 0.2**row.n_samples / 6
        assert abs(row.risk - exact) <= 4 * row.std_error + 1e-14


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ([], "n_grid must hold at least one sample size, got none"),
        ([10, -1], "n_grid must be a non-negative integer, got -1"),
        ([10, 20.0], "n_grid must be a non-negative integer, got 20.0; write 20"),
        ([True], "n_grid must be a non-negative integer, got True"),
        (np.geomspace(1, 100, 3), "n_grid must be a non-negative integer, got np.float64(1.0); write 1"),
        (["10"], "n_grid must be a non-negative integer, got '10'"),
    ],
)
def test_refuses_a_grid_that_holds_no_sample_sizes(grid, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        kd.risk_curve(instance_1, grid)


def test_passes_refusals_on():
    with pytest.raises(ValueError, match=r"n_samples >= 1, got n_samples=0"):
        kd.risk_curve(instance_1, [10, 0], n_repeats=2)
    with pytest.raises(ValueError, match="unknown learner 'mle': known are ce_sgl, ce_ptl, sel_ptl, ce_ful"):
        kd.risk_curve(instance_1, [10], ["mle"])
    with pytest.raises(ValueError, match="n_repeats must be an integer of at least 1, got 0"):
        kd.risk_curve(instance_1, [10], n_repeats=0)


@pytest.mark.parametrize("learners", [None, ["sel_ptl", "ce_sgl"]])
def test_exact_points_are_expected_risks(learners):
    table = kd.risk_curve(instance_1, [50, 3], learners, method="exact")
    assert table.columns.tolist() == COLUMNS
    for row in table.itertuples():
        assert row.risk == kd.expected_risk(instance_1(row.n_samples), row.n_samples, row.learner)
    assert (table[["std_error", "n_repeats"]] == 0).all(axis=None)
    assert table["n_samples"].tolist() == [n for n in (50, 3) for _ in learners or kd.LEARNERS]


def test_sizes_and_sample_sizes_make_a_grid_whose_points_have_their_own_streams():
    table = kd.risk_curve(kd.instance_1, [40, 90], ["ce_sgl"], n_repeats=20, seed=3, sizes=[(2, 4), (3, 2)])
    assert table[["n_inputs", "n_labels", "n_samples"]].to_numpy().tolist() == [
        [2, 4, 40],
        [2, 4, 90],
        [3, 2, 40],
        [3, 2, 90],
    ]
    for point, row in enumerate(table.itertuples()):
        teacher = kd.instance_1(row.n_inputs, row.n_labels, row.n_samples)
        alone = kd.simulate_risk(teacher, row.n_samples, ["ce_sgl"], 20, seed=3, point=point)
        assert row.risk == alone["risk"][0]


def test_simulated_and_exact_curves_agree_within_4_standard_errors():
    learners = ["ce_sgl", "ce_ptl", "sel_ptl"]  # ce_ful's errors are too rare here to have a standard error
    exact = kd.risk_curve(kd.instance_2, [60, 500], learners, method="exact", sizes=[(4, 5)])
    simulated = kd.risk_curve(kd.instance_2, [60, 500], learners, n_repeats=20_000, sizes=[(4, 5)])
    apart = (simulated["risk"] - exact["risk"]).abs()
    assert (apart <= 4 * simulated["std_error"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"method": "guess"}, "unknown method 'guess': known are auto, exact, simulate"),
        ({"method": "exact", "n_repeats": 5}, "n_repeats belongs to method='simulate'"),
        ({"sizes": []}, "sizes must hold at least one pair"),
        ({"sizes": [(0, 2)]}, "sizes must be an integer of at least 1, got 0"),
        ({"n_jobs": 0}, "n_jobs must be an integer of at least 1, got 0"),
        ({"seed": -1}, "seed must be a non-negative integer, got -1"),
    ],
)
def test_refuses_what_makes_no_sweep(arguments, message):
    with pytest.raises(ValueError, match=message):
        kd.risk_curve(kd.instance_1, [100], **arguments)


def large(n):
    """A sweep of some twenty tasks, on both the dense and the sparse way."""
    return kd.instance_0(40, 25)


def test_local_processes_change_no_bit():
    curves = [kd.risk_curve(large, [50, 1500], n_repeats=6_000, seed=5, n_jobs=n_jobs) for n_jobs in (1, 2)]
    pd.testing.assert_frame_equal(*curves, check_exact=True)


def test_the_environment_says_how_many_local_processes(monkeypatch):
    monkeypatch.setenv("KDCORE_JOBS", "3")
    assert _workers.local_jobs(None) == 3
    assert _workers.local_jobs(2) == 2
    monkeypatch.setenv("KDCORE_JOBS", "many")
    with pytest.raises(ValueError, match="KDCORE_JOBS must be a positive integer, got 'many'"):
        _workers.local_jobs(None)


def test_a_sweep_is_silent_where_nobody_watches(capfd):
    kd.risk_curve(large, [50], n_repeats=3000, n_jobs=1)
    assert capfd.readouterr() == ("", "")


GENERAL = kd.Teacher([0.3, 0.7], [[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.5, 0.0]])


def test_auto_is_exact_where_it_can_be_and_simulates_the_rest_as_a_simulation_does():
    asked = [*kd.LEARNERS, smoother()]
    table = kd.risk_curve(lambda n: GENERAL, [4, 60], asked, method="auto", n_repeats=50, seed=3)
    exact = table["n_repeats"] == 0
    assert table["learner"][~exact].tolist() == ["ce_ptl", "add one"] * 2
    for row in table[exact].itertuples():
        assert (row.risk, row.std_error) == (kd.expected_risk(GENERAL, row.n_samples, row.learner), 0)
    whole = kd.risk_curve(lambda n: GENERAL, [4, 60], asked, n_repeats=50, seed=3)
    pd.testing.assert_frame_equal(table[~exact], whole[~exact], check_exact=True)


def test_auto_takes_fewer_data_sets_of_a_large_table_and_never_less_than_30():
    for size, repeats in ((10, 1000), (2**9, 1000), (2**10, 256), (2**12, 30)):
        teacher = kd.Teacher(np.full(size, 1 / size), np.full((size, size), 1 / size))
        assert sweep._usual_repeats(sweep._Point(0, teacher, 10**9), "auto") == repeats


def test_an_exact_curve_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(sweep, "expected_risk", None)
    with pytest.raises(ValueError, match=r"ce_ptl needs rows .* but pi\[0\] has 4: .* method='auto'"):
        kd.risk_curve(lambda n: GENERAL, [10], method="exact")


class Interrupted(Exception):
    """What a test raises in the middle of a sweep."""


@pytest.mark.parametrize("method", ["simulate", "exact", "auto"])
def test_an_interrupted_sweep_goes_on_from_its_checkpoint(tmp_path, monkeypatch, method):
    def table(**arguments):
        repeats = None if method == "exact" else 40
        return kd.risk_curve(instance_1, [50, 60, 70], ["ce_sgl", "sel_ptl"], method, repeats, seed=3, **arguments)

    whole, path, work = table(), tmp_path / "sweep.partial", {"simulate": "_simulate", "exact": "_compute"}
    name = work.get(method, "_compute")
    compute, calls = getattr(sweep, name), []

    def stops(task):
        calls.append(task)
        if len(calls) == 3:
            raise Interrupted
        return compute(task)

    with monkeypatch.context() as patched:
        patched.setattr(sweep, name, stops)
        with pytest.raises(Interrupted):
            table(checkpoint=path)
    kept = path.read_bytes()
    done = len(kept.splitlines()) - 1
    assert done == (4 if method == "simulate" else 2)  # two points of two learners, or two exact risks
    path.write_bytes(kept + b'[2, "sel_ptl", {"ri')  # as a process that was killed leaves it
    calls.clear()
    monkeypatch.setattr(sweep, name, lambda task: (calls.append(task), compute(task))[1])
    pd.testing.assert_frame_equal(table(checkpoint=path), whole, check_exact=True)
    assert len(calls) == (1 if method == "simulate" else 4)
    assert path.read_bytes().startswith(kept)
    calls.clear()
    pd.testing.assert_frame_equal(table(checkpoint=path), whole, check_exact=True)
    assert not calls


def test_a_checkpoint_of_another_sweep_is_refused_and_kept(tmp_path):
    path = tmp_path / "sweep.partial"
    kd.risk_curve(instance_1, [50], ["ce_sgl"], n_repeats=5, seed=1, checkpoint=path)
    kept = path.read_bytes()
    for arguments, words in [
        ({"seed": 2}, "with {'seed': 1}; this one has {'seed': 2}"),
        ({"seed": 1, "learners": ["sel_ptl"]}, "with {'learners': ['ce_sgl']}; this one has {'learners': ['sel_ptl']}"),
        ({"seed": 1, "family": lambda n: kd.instance_1(2, 5, n)}, "with {'teachers': "),
    ]:
        given = {"family": instance_1, "n_grid": [50], "learners": ["ce_sgl"], "n_repeats": 5} | arguments
        with pytest.raises(ValueError, match=re.escape(words)):
            kd.risk_curve(**given, checkpoint=path)
    assert path.read_bytes() == kept
    for text in ["a,b\n1,2\n", "[1]\n", '{"seed": 1}\n[1]\n', "1\n"]:
        path.write_text(text)
        with pytest.raises(ValueError, match="is not a file of a sweep: give another name"):
            kd.risk_curve(instance_1, [50], ["ce_sgl"], n_repeats=5, seed=1, checkpoint=path)
        assert path.read_text() == text


def test_a_sweep_that_is_refused_leaves_no_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(_workers, "CONNECT_SECONDS", 1)
    path = tmp_path / "sweep.partial"
    with pytest.raises(ValueError, match="n_grid must hold at least one sample size"):
        kd.risk_curve(instance_1, [], checkpoint=path)
    with pytest.raises(ConnectionError):
        kd.risk_curve(instance_1, [50], n_repeats=5, scheduler="tcp://127.0.0.1:9", checkpoint=path)
    assert not path.exists()
