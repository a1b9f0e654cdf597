"""Instances 0 to 3: the masses that section 6 of the paper gives, written out label by label in exact fractions."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import kdcore as kd

N_INPUTS, N_LABELS, BEYOND = st.integers(1, 12), st.integers(3, 13), st.one_of(st.integers(0, 3), st.integers(4, 10**9))
FEWEST_LABELS = {kd.instance_0: 1, kd.instance_1: 2, kd.instance_2: 3, kd.instance_3: 3}
HARD = [kd.instance_1, kd.instance_2, kd.instance_3]


def assert_is_law(teacher, n_inputs, n_labels):
    assert teacher.rho.shape == (n_inputs,)
    assert teacher.pi.shape == (n_inputs, n_labels)
    assert math.fsum(teacher.rho) == pytest.approx(1, abs=1e-12)
    for row in teacher.pi:
        assert math.fsum(row) == pytest.approx(1, abs=1e-12)


def assert_equal(actual, fractions):
    """Masses to relative precision, however small, and zeros that are zero."""
    expected = np.array([float(f) for f in fractions])
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-16)
    assert np.array_equal(actual == 0, expected == 0)


def buddies(n_inputs, n_labels, n):
    """Instance 2's row, labels j = 1, 2, ... as in the paper."""
    used = n_labels if n_labels % 2 == 1 else n_labels - 1
    row = {}
    for j in range(1, (used - 1) // 2 + 1):
        row[2 * j - 1] = Fraction(n_inputs, n + 1)
        row[2 * j] = Fraction(0)
    row[used] = 1 - Fraction(n_inputs * (used - 1), 2 * (n + 1))
    return [row.get(label, Fraction(0)) for label in range(1, n_labels + 1)]


def fewest_samples(instance, n_inputs, n_labels):
    """The least n for which every mass is in [0, 1], by the paper's formulas."""
    odd = n_labels - (n_labels + 1) % 2
    even = n_labels - n_labels % 2
    least = {
        kd.instance_1: math.ceil(Fraction(n_inputs * even, 16)),
        kd.instance_2: n_inputs * (odd - 1) // 2 - 1,
        kd.instance_3: max(n_inputs * (odd - 1) // 2 - 1, n_inputs - 2),
    }
    return max(0, least[instance])


@given(N_INPUTS, st.integers(1, 13))
def test_instance_0_is_half_uniform_half_one_label(n_inputs, n_labels):
    teacher = kd.instance_0(n_inputs, n_labels)
    assert_is_law(teacher, n_inputs, n_labels)
    assert_equal(teacher.rho, [Fraction(1, n_inputs)] * n_inputs)
    for s in range(n_inputs):
        extra = [Fraction(int(a == s % n_labels), 2) for a in range(n_labels)]
        assert_equal(teacher.pi[s], [Fraction(1, 2 * n_labels) + more for more in extra])


@given(N_INPUTS, st.integers(2, 13), BEYOND)
def test_instance_1_pairs_labels_around_uniform(n_inputs, n_labels, beyond):
    n = fewest_samples(kd.instance_1, n_inputs, n_labels) + beyond
    teacher = kd.instance_1(n_inputs, n_labels, n)
    assert_is_law(teacher, n_inputs, n_labels)
    assert_equal(teacher.rho, [Fraction(1, n_inputs)] * n_inputs)
    used = n_labels if n_labels % 2 == 0 else n_labels - 1
    gap = math.sqrt(n_inputs * used / n) / 4
    for row in teacher.pi:
        for j in range(1, used // 2 + 1):
            assert row[2 * j - 2] == pytest.approx((1 + gap) / used, rel=1e-12)
            assert row[2 * j - 1] == pytest.approx((1 - gap) / used, rel=1e-12, abs=1e-16)
        assert row[used:].tolist() == [0.0] * (n_labels - used)


@given(N_INPUTS, N_LABELS, BEYOND)
def test_instance_2_gives_one_of_each_pair_of_buddies_s_over_n_plus_1(n_inputs, n_labels, beyond):
    n = fewest_samples(kd.instance_2, n_inputs, n_labels) + beyond
    teacher = kd.instance_2(n_inputs, n_labels, n)
    assert_is_law(teacher, n_inputs, n_labels)
    assert_equal(teacher.rho, [Fraction(1, n_inputs)] * n_inputs)
    for row in teacher.pi:
        assert_equal(row, buddies(n_inputs, n_labels, n))


@given(N_INPUTS, N_LABELS, BEYOND)
def test_instance_3_has_one_heavy_input_and_the_policy_of_instance_2(n_inputs, n_labels, beyond):
    n = fewest_samples(kd.instance_3, n_inputs, n_labels) + beyond
    teacher = kd.instance_3(n_inputs, n_labels, n)
    assert_is_law(teacher, n_inputs, n_labels)
    light = [Fraction(1, n + 1)] * (n_inputs - 1)
    assert_equal(teacher.rho, [*light, 1 - sum(light)])
    for row in teacher.pi:
        assert_equal(row, buddies(n_inputs, n_labels, n))


@pytest.mark.parametrize("instance", HARD)
@given(n_inputs=st.integers(1, 40), n_labels=st.integers(3, 40))
def test_too_few_samples_are_refused_with_the_least_that_would_do(instance, n_inputs, n_labels):
    assume(fewest_samples(instance, n_inputs, n_labels) > 0)
    with pytest.raises(ValueError, match=f"n_inputs={n_inputs} and n_labels={n_labels}.* got n_samples=0$") as refused:
        instance(n_inputs, n_labels, 0)
    least = int(re.search(r"n_samples >= (\d+)", str(refused.value)).group(1))
    assert_is_law(instance(n_inputs, n_labels, least), n_inputs, n_labels)
    with pytest.raises(ValueError, match=f"n_samples >= {least}, got n_samples={least - 1}$"):
        instance(n_inputs, n_labels, least - 1)


def test_instances_2_and_3_need_no_sample_where_no_mass_would_be_negative():
    for instance in (kd.instance_2, kd.instance_3):
        teacher = instance(1, 3, 0)
        assert teacher.rho.tolist() == [1.0]
        assert teacher.pi.tolist() == [[1.0, 0.0, 0.0]]


@pytest.mark.parametrize("instance", list(FEWEST_LABELS))
@pytest.mark.parametrize("wrong", [0, -1, 2.0, True, "2", None])
def test_sizes_that_are_no_positive_integers_are_refused(instance, wrong):
    samples = () if instance is kd.instance_0 else (100,)
    with pytest.raises(ValueError, match=re.escape(f"n_inputs must be an integer of at least 1, got {wrong!r}")):
        instance(wrong, 5, *samples)
    rule = f"n_labels must be an integer of at least {FEWEST_LABELS[instance]}"
    for n_labels in (wrong, FEWEST_LABELS[instance] - 1):
        with pytest.raises(ValueError, match=re.escape(f"{rule}, got {n_labels!r}")):
            instance(5, n_labels, *samples)


@pytest.mark.parametrize("instance", HARD)
@pytest.mark.parametrize("wrong", [-1, 100.0, True, "100", None])
def test_sample_sizes_that_are_no_integers_are_refused(instance, wrong):
    with pytest.raises(ValueError, match=re.escape(f"n_samples must be a non-negative integer, got {wrong!r}")):
        instance(2, 5, wrong)


def test_the_table_of_instances_builds_what_the_functions_build():
    assert list(kd.INSTANCES) == [0, 1, 2, 3]
    functions = [lambda S, A, n: kd.instance_0(S, A), kd.instance_1, kd.instance_2, kd.instance_3]
    for (number, instance), function in zip(kd.INSTANCES.items(), functions, strict=True):
        assert instance.name == f"Instance {number}"
        for n in instance.n_samples:
            size = instance.n_inputs, instance.n_labels, n
            built, expected = instance.build(*size), function(*size)
            assert np.array_equal(built.joint, expected.joint)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_instance_is_hardest_for_the_learner_that_it_is_said_to_be_hard_for(number):
    """Of the three that the paper makes for its lower bounds."""
    size = 10, 11, 5000
    victim = kd.INSTANCES[number].hard_for
    risks = {other: kd.expected_risk(kd.INSTANCES[other].build(*size), 5000, victim) for other in (1, 2, 3)}
    assert max(risks, key=risks.get) == number


def test_instance_0_is_hard_for_ce_ptl_whose_risk_does_not_vanish():
    risks = {key: kd.expected_risk(kd.INSTANCES[0].build(10, 10, 0), 100_000, key) for key in kd.LEARNERS}
    assert kd.INSTANCES[0].hard_for == max(risks, key=risks.get) == "ce_ptl"
    assert risks["ce_ptl"] > 0.3
