"""How many samples a student needs: against searches through all n, closed forms, and what it must refuse."""

import math

import numpy as np
import pytest

import kdcore as kd
from kdcore._numerics import losses
from kdcore.needed import _between

TEACHER = kd.Teacher([0.5, 0.3, 0.2], [[0.8, 0.2, 0.0], [0.4, 0.3, 0.3], [1.0, 0.0, 0.0]])


@pytest.mark.parametrize(
    ("learner", "target"), [("ce_sgl", 0.1), ("ce_sgl", 0.31), ("sel_ptl", 0.03), ("ce_ful", 0.01)]
)
def test_it_is_the_least_n_from_which_the_risk_stays_below(learner, target):
    risks = [kd.expected_risk(TEACHER, n, learner) for n in range(400)]
    expected = max((n for n in range(400) if risks[n] > target), default=0) + 1
    found = kd.samples_needed(TEACHER, target, learner)
    assert (found.n_samples, found.interval, found.limit) == (expected, (expected, expected), 0.0)


def test_one_input_under_soft_labels_needs_one_sample_and_two_need_a_logarithm():
    assert kd.samples_needed(kd.Teacher([1.0], [[0.9, 0.1]]), 1e-9, "ce_ful").n_samples == 1
    teacher, target = kd.Teacher([0.75, 0.25], [[0.5, 0.5], [1.0, 0.0]]), 1e-4
    expected = math.ceil(math.log(target / (0.5 * 0.25)) / math.log(0.75))  # half of rho (1 - rho)^n at the second
    assert kd.samples_needed(teacher, target, "ce_ful").n_samples == expected


def test_the_weigher_has_a_floor():
    limit = kd.exact.ce_ptl_limit(TEACHER)
    never = kd.samples_needed(TEACHER, limit, "ce_ptl")
    assert (never.n_samples, never.interval, never.limit) == (None, None, limit)
    assert str(never) == f"never: the risk does not fall below {limit:.4g}"


def test_where_risks_are_simulated_the_exact_number_is_in_the_interval():
    """4 standard errors are twice the interval, which has 2."""
    key, target = "sel_ptl", 0.04
    teacher = kd.Teacher([0.5, 0.5], np.random.default_rng(0).dirichlet(np.ones(6), 2))
    own = kd.Learner("mine", "partial", kd.LEARNERS[key].fit)
    exact, found = kd.samples_needed(teacher, target, key), kd.samples_needed(teacher, target, own)
    low, high = found.interval
    assert low < high
    assert math.isnan(found.limit)
    assert low**2 / found.n_samples <= exact.n_samples <= high**2 / found.n_samples
    assert str(found).startswith(f"{found.n_samples:,} ({low:,} to {high:,})")


def test_in_kl_the_counter_never_gets_there_and_the_matcher_does():
    assert str(kd.samples_needed(TEACHER, 1.0, "ce_sgl", "kl")) == "never: the risk does not fall below inf"
    found = kd.samples_needed(TEACHER, 0.05, "sel_ptl", "kl").n_samples
    risks = [kd.expected_risk(TEACHER, n, "sel_ptl", "kl") for n in (found - 1, found)]
    assert risks[0] > 0.05 >= risks[1]


@pytest.mark.parametrize("learner", ["ce_sgl", "sel_ptl", "ce_ful"])
def test_bounds_hold_the_risk(learner):
    for n in (0, 1, 2, 7, 50, 3000):
        low, high = losses.bounds(list(losses.inputs_of(TEACHER)), n, learner)
        assert low <= kd.expected_risk(TEACHER, n, learner) <= high


def test_bounds_are_attained():
    """One draw from a fair coin: the deviation is the standard deviation; no draw: all mass is missing."""
    coin = list(losses.inputs_of(kd.Teacher([1.0], [[0.5, 0.5]])))
    assert losses.bounds(coin, 1, "ce_sgl")[1] == pytest.approx(losses.expected(coin, 1, "ce_sgl"), rel=1e-11)
    assert losses.bounds(coin, 0, "sel_ptl")[1] == pytest.approx(1)
    assert losses.bounds(coin, 5, "ce_ptl")[1] == losses.bounds(coin, 5, "ce_sgl", "kl")[1] == math.inf


@pytest.mark.parametrize("learner", ["ce_sgl", "sel_ptl"])
def test_many_long_rows_agree_with_risks_at_both_sides(learner):
    """Against the risks themselves, which come from sums that make no use of bounds or of the search."""
    teacher = kd.Teacher(np.full(12, 1 / 12), np.random.default_rng(3).dirichlet(np.full(10, 0.5), 12))
    for target in (0.3, 0.05):
        n = kd.samples_needed(teacher, target, learner).n_samples
        here, before, later = (kd.expected_risk(teacher, m, learner) for m in (n, n - 1, 3 * n))
        assert later < here <= target < before


def test_the_search_takes_few_steps():
    """On a power law it takes as many for a large n as for a small one; where the risk jumps it halves."""
    for wanted in (137, 10**6 + 3, 10**9 + 7):
        asked = []

        def power(n, wanted=wanted, asked=asked):
            asked.append(n)
            return (wanted / n) ** 0.5, 0.0

        low = 4 ** int(math.log(wanted, 4))
        assert _between(power, 1.0, low, 4 * low) == wanted
        assert len(set(asked)) <= 12
        asked.clear()

        def jump(n, wanted=wanted, asked=asked):
            asked.append(n)
            return (2.0 if n < wanted else 1e-9), 0.0

        assert _between(jump, 1.0, low, 4 * low) == wanted
        assert len(set(asked)) <= 4 * math.log2(wanted)


def test_what_is_not_reached_where_the_search_ends():
    found = kd.samples_needed(TEACHER, 1e-3, "ce_sgl", most=1000)
    assert (found.n_samples, str(found)) == (None, "not within the search")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kd.samples_needed(TEACHER, 0, "ce_sgl"), "target must be a number above 0, got 0"),
        (lambda: kd.samples_needed(TEACHER, math.nan, "ce_sgl"), "target must be a number above 0, got nan"),
        (lambda: kd.samples_needed(TEACHER, 0.1, "best"), "unknown learner 'best'"),
        (lambda: kd.samples_needed(TEACHER, 0.1, "ce_sgl", "hellinger"), "unknown divergence 'hellinger'"),
        (lambda: kd.samples_needed(TEACHER, 0.1, "ce_sgl", most=0), "most must be an integer of at least 1, got 0"),
    ],
)
def test_bad_calls(call, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call()
    assert message in str(caught.value)
