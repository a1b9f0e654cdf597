"""Risks in KL: the definition in plain loops, exact values against enumeration, and infinity where it belongs."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kdcore as kd
from kdcore._numerics import sparse
from tests.kdcore import oracles
from tests.kdcore.strategies import lessons, policies, teachers

KEYS = list(kd.LEARNERS)
TEACHER = kd.Teacher([0.5, 0.5], [[1.0, 0.0], [0.5, 0.5]])


def conditional_kl(policy, rho, pi):
    risk = 0.0
    for mass, mine, row in zip(rho, policy, pi, strict=True):
        for p, q in zip(mine, row, strict=True):
            if mass > 0 and q > 0:
                risk += mass * q * math.log(q / p) if p > 0 else math.inf
    return risk


@settings(max_examples=50)
@given(st.data(), teachers())
def test_conditional_kl_is_its_definition_and_bounds_tv_by_pinsker(data, teacher):
    policy = data.draw(policies(*teacher.pi.shape))
    value = float(kd.conditional_kl(policy, teacher))
    assert value == pytest.approx(conditional_kl(policy.tolist(), teacher.rho, teacher.pi), rel=1e-10, abs=1e-12)
    assert 2 * float(kd.conditional_tv(policy, teacher)) ** 2 <= value + 1e-12
    assert float(kd.conditional_kl(teacher.pi, teacher)) == 0


def test_an_input_that_is_never_drawn_costs_nothing_and_nan_stays_in_its_place():
    teacher = kd.Teacher([1.0, 0.0], [[0.5, 0.5], [1.0, 0.0]])
    stack = [[[0.5, 0.5], [0.0, 1.0]], [[0.5, 0.5], [math.nan, 1.0]], [[0.0, 1.0], [1.0, 0.0]]]
    np.testing.assert_array_equal(kd.conditional_kl(stack, teacher), [0.0, math.nan, math.inf])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kd.conditional_kl([[1.0, 0.0]], TEACHER), "student must have shape (..., 2, 2) for this teacher"),
        (lambda: kd.conditional_kl(TEACHER, TEACHER.pi), "teacher must be a Teacher, got ndarray: conditional_kl("),
        (lambda: kd.conditional_kl([[0.7, 0.7]] * 2, TEACHER), "student[0] does not sum to 1"),
        (lambda: kd.expected_risk(TEACHER, 3, "ce_sgl", divergence="l2"), "unknown divergence 'l2': known are tv, kl"),
        (lambda: kd.simulate_risk(TEACHER, 3, divergence="KL"), "unknown divergence 'KL': known are tv, kl"),
        (lambda: kd.risk_curve(lambda n: TEACHER, [3], divergence=1), "unknown divergence 1: known are tv, kl"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


@settings(max_examples=50)
@given(teachers(max_inputs=2, max_labels=4), st.integers(0, 5), st.sampled_from(KEYS))
def test_exact_risks_agree_with_enumeration(teacher, n, key):
    expected = math.fsum(
        probability * conditional_kl(oracles.student(key, counts, teacher.pi), teacher.rho, teacher.pi)
        for probability, counts in oracles.data_sets(teacher.rho, teacher.pi, n)
    )
    if key == "sel_ptl" and expected == math.inf:  # the oracle's fill is 1 minus the sum of the labels seen, rounded
        return
    assert kd.expected_risk(teacher, n, key, divergence="kl") == pytest.approx(expected, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("key", ["ce_sgl", "ce_ptl"])
def test_a_counter_is_infinitely_wrong_after_one_draw_unless_rows_are_deterministic(key):
    sure = kd.Teacher([0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]])
    assert kd.expected_risk(TEACHER, 1, key, "kl") == math.inf
    assert kd.expected_risk(TEACHER, 0, key, "kl") == pytest.approx(math.log(2) / 2)
    assert kd.expected_risk(sure, 3, key, "kl") == pytest.approx(math.log(2) / 8)
    many = kd.Teacher([1.0], [np.arange(1, 6) / 15])
    assert kd.expected_risk(many, 9, key, "kl") == math.inf


@settings(max_examples=50)
@given(lessons())
def test_every_answer_of_the_matcher_and_the_copier_has_finite_kl(lesson):
    teacher, counts = lesson
    for key in ("sel_ptl", "ce_ful"):
        answer = kd.LEARNERS[key].fit(kd.reveal(teacher, counts, oracles.PROTOCOL_OF[key]))
        assert kd.conditional_kl(answer, teacher) < 50


@pytest.mark.parametrize("n", [30, 70])
def test_simulations_agree_with_exact_risks_on_both_sides_of_the_choice(n):
    teacher = kd.instance_2(20, 25, 300)
    assert sparse.pays(teacher, n) == (n == 30)
    table = kd.simulate_risk(teacher, n, n_repeats=400, seed=3, divergence="kl").set_index("learner")
    assert table.loc["ce_sgl", "risk"] == table.loc["ce_ptl", "risk"] == math.inf
    assert math.isnan(table.loc["ce_sgl", "std_error"])
    for key in ("sel_ptl", "ce_ful"):
        exact = kd.expected_risk(teacher, n, key, "kl")
        assert abs(table.loc[key, "risk"] - exact) <= 4.5 * table.loc[key, "std_error"]


def test_data_sets_do_not_depend_on_the_divergence():
    asked = ["sel_ptl", "ce_ful"]
    both = [kd.sample_risk(TEACHER, 1, asked, 40, seed=5, divergence=divergence) for divergence in ("tv", "kl")]
    for key in asked:
        assert np.array_equal(both[0][key] == 0, both[1][key] == 0)


def test_many_labels_and_large_n_settle():
    for n in (10, 10**4, 10**8):
        teacher = kd.instance_2(10, 101, max(n, 600))
        value = kd.expected_risk(teacher, n, "sel_ptl", "kl")
        assert 0 < value < math.log(101)
    hidden = 50 * 10 / (600 + 1)  # of 101 labels 50 share this mass per input, none seen, and 50 are 0
    none = kd.expected_risk(kd.instance_2(10, 101, 600), 0, "sel_ptl", "kl")
    row = [hidden / 50] * 50 + [1 - hidden]
    assert none == pytest.approx(math.log(101) + sum(p * math.log(p) for p in row), rel=1e-12)
