"""Risk curves: the points of a grid, each as if it were simulated alone."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

import kdcore as kd


def instance_1(n):
    return kd.instance_1(2, 4, n)


@pytest.mark.parametrize("learners", [None, ["ce_ful", "ce_sgl"]])
def test_each_point_is_what_simulate_risk_gives_for_it(learners):
    grid = [50, 3, 50, 200]
    table = kd.risk_curve(instance_1, grid, learners, n_repeats=30, seed=8)
    points = [
        kd.simulate_risk(instance_1(n), n, learners, n_repeats=30, seed=8, point=point) for point, n in enumerate(grid)
    ]
    pd.testing.assert_frame_equal(table, pd.concat(points, ignore_index=True), check_exact=True)
    assert table.columns.tolist() == ["learner", "n_samples", "risk", "std_error", "n_repeats"]
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
