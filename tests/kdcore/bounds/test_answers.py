"""Bounds for what an API shows and in KL, against exact risks, enumerated Bayes risks and direct sums."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma
from scipy.stats import beta, betabinom, binom

import kdcore as kd
from kdcore import bounds
from kdcore.bounds import _cube, kl
from tests.kdcore import oracles
from tests.kdcore.strategies import teachers

SIZES = {"n_inputs": 4, "n_labels": 12}


def zipf(n_labels, power=1.0):
    row = np.arange(1, n_labels + 1.0) ** -power
    return row / row.sum()


# ---- the top k


@settings(max_examples=30)
@given(teachers(max_inputs=3, max_labels=5), st.integers(0, 5), st.integers(1, 40))
def test_students_of_top_k_answers_are_below_their_upper_bounds(teacher, k, n):
    n_labels = teacher.n_labels
    if n_labels < 2 or k > n_labels:
        return
    sizes = {"n_inputs": teacher.n_inputs, "n_labels": n_labels, "k": k}
    risk = kd.expected_risk(teacher, n, kd.top_k_matcher(k))
    assert risk <= float(bounds.top_k_upper(**sizes, n_samples=n)) + 1e-12
    risk = kd.expected_risk(teacher, n, kd.censored_counter(k))
    assert risk <= float(bounds.censored_upper(**sizes, n_samples=n)) + 1e-12
    for student, renormalised in [(kd.top_k_matcher(k, "hidden"), False), (kd.renormaliser(k), True)]:
        asked = 1 - teacher.rho @ (1 - teacher.rho) ** n
        never = kd.expected_risk(teacher, n, "ce_ful")
        bias = bounds.top_k_only_bias(n_labels=n_labels, k=k, renormalised=renormalised).value
        assert kd.expected_risk(teacher, n, student) <= never + asked * bias + 1e-12


@pytest.mark.parametrize("k", [1, 3, 8, 11, 12])
def test_top_k_lower_is_the_matchers_risk_on_a_teacher_but_for_samples_that_miss_dummies(k):
    for n in (30, 200, 3000):
        lower = float(bounds.top_k_lower(**SIZES, k=k, n_samples=n))
        worst = float(bounds.soft_minimax(**SIZES, n_samples=n))
        light = 12 - k
        for m, t in itertools.product(range(1, light), np.linspace(0.2, 3, 15)):
            x = min(t * 4 / n, 1 / (m + k) - 1e-9)
            row = [x] * m + [0.0] * (light - m) + [x * (1 + 1e-9)] * (k - 1)
            teacher = kd.Teacher([0.25] * 4, [[*row, 1 - sum(row)]] * 4)
            worst = max(worst, kd.expected_risk(teacher, n, kd.top_k_matcher(k)))
        assert lower <= worst * (1 + 1e-2)
        assert lower >= 0.75 * worst or n < 100
        assert lower <= float(bounds.top_k_upper(**SIZES, k=k, n_samples=n))


def test_top_k_lower_is_a_bayes_risk():
    """One input, k = 1, by enumeration: what the dummy shows changes nothing, and k = 0 is partial_lower."""
    n, found = 4, []
    for m, x in itertools.product((1, 2), np.linspace(0.05, 0.32, 8)):
        rows = [
            [1 - m * x, *(x if a in heavy else 0.0 for a in range(3))] for heavy in itertools.combinations(range(3), m)
        ]
        prior = [(1 / len(rows), [1.0], [row]) for row in rows]
        found.append(oracles.bayes_risk(prior, n, "partial"))
    lower = float(bounds.top_k_lower(n_inputs=1, n_labels=4, k=1, n_samples=n))
    assert max(found) * 0.98 <= lower <= max(found) * 1.02
    few = bounds.top_k_lower(**SIZES, k=0, n_samples=[9, 90])
    assert few.tolist() == bounds.partial_lower(**SIZES, n_samples=[9, 90]).tolist()


def test_top_k_bounds_have_the_constants_that_they_say():
    n = 10**7
    lower = float(bounds.top_k_lower(n_inputs=3, n_labels=500, k=100, n_samples=n))
    assert lower * n / (3 * 400) == pytest.approx(bounds.partial_constant().value, rel=5e-3)
    for k in (1, 5, 60):
        sizes = {"n_inputs": 10, "n_labels": 101, "k": k}
        n = 10 * (k + (101 - k) // 2)
        proved = 10 * 2 * ((101 - k) // 2) / (4 * math.e * (n + 1))
        assert float(bounds.top_k_lower(**sizes, n_samples=n)) >= proved
    assert bounds.top_k_upper(n_inputs=2, n_labels=7, k=3, n_samples=50) == pytest.approx(10 / (50 * math.e))
    assert bounds.top_k_upper(n_inputs=2, n_labels=7, k=0, n_samples=50) == pytest.approx(14 / (50 * math.e))


@pytest.mark.parametrize(("n_labels", "k"), [(4, 1), (6, 1), (7, 3)])
def test_the_bias_in_kl_is_the_worst_row_of_a_search_and_of_the_student_itself(n_labels, k):
    value, m = bounds.top_k_only_bias(n_labels=n_labels, k=k, divergence="kl")
    steps, worst = 2 * (k + m), 0.0
    for tail in itertools.combinations_with_replacement(range(steps // k + 1), n_labels - k):
        if sum(tail) > 0 and sum(tail) + k * max(tail) <= steps:
            mean = sum(tail) / len(tail)
            worst = max(worst, sum(v * math.log(v / mean) for v in tail if v) / steps)
    assert worst == pytest.approx(value, rel=1e-12)
    row = [1.0 + 1e-9] * k + [1.0] * m + [0.0] * (n_labels - k - m)
    teacher = kd.Teacher([1.0], [np.array(row) / sum(row)])
    student = kd.top_k_matcher(k, "hidden")
    assert kd.expected_risk(teacher, 5, student, "kl") == pytest.approx(value, rel=1e-6)
    assert bounds.top_k_only_bias(n_labels=n_labels, k=k, renormalised=True, divergence="kl").value == math.inf
    assert bounds.top_k_only_bias(n_labels=n_labels, k=0, divergence="kl") == (pytest.approx(math.log(n_labels)), 1)


@pytest.mark.parametrize(("n_labels", "k"), [(4, 1), (5, 2), (6, 1), (7, 3), (9, 4)])
def test_the_bias_of_the_top_k_alone_is_the_worst_row_of_a_search(n_labels, k):
    """No row on a grid is worse for even spreading, and the worst one is."""
    value, m = bounds.top_k_only_bias(n_labels=n_labels, k=k)
    steps, worst = 2 * (k + m), 0.0
    hidden = n_labels - k
    for tail in itertools.combinations_with_replacement(range(steps // k + 1), hidden):
        if sum(tail) + k * max(tail) <= steps:
            tail = np.array(tail) / steps
            worst = max(worst, np.abs(tail - tail.mean()).sum() / 2)
    assert worst == pytest.approx(value, rel=1e-12)
    limit = (math.sqrt(n_labels) - math.sqrt(k)) / (math.sqrt(n_labels) + math.sqrt(k))
    exact = math.isqrt(k * n_labels) ** 2 == k * n_labels
    assert value == pytest.approx(limit, rel=1e-12) if exact else value < limit
    uniform = kd.Teacher([1.0], [np.full(n_labels, 1 / n_labels)])
    renormalised = bounds.top_k_only_bias(n_labels=n_labels, k=k, renormalised=True).value
    assert kd.expected_risk(uniform, 3, kd.renormaliser(k)) == pytest.approx(renormalised, rel=1e-12)


# ---- censored answers


@pytest.mark.parametrize("k", [0, 3, 10])
def test_censored_bounds_enclose_each_other_and_the_rate(k):
    n = np.unique(np.geomspace(12, 10**8, 3).astype(np.int64))
    low, high, rate = (
        call(**SIZES, k=k, n_samples=n) for call in (bounds.censored_lower, bounds.censored_upper, bounds.censored_rate)
    )
    assert (low <= high).all()
    assert (np.diff(low) < 0).all()
    pairs = 2 * ((12 - k) // 2)
    assert low[-1] / rate[-1] == pytest.approx(bounds.assouad_constant().value * math.sqrt(pairs / (12 - k)), rel=0.4)
    assert high[-1] / rate[-1] == pytest.approx(math.sqrt(0.5), rel=0.02)
    assert rate[0] == pytest.approx((1 - k / 12) * math.sqrt(48 / 12))
    if k == 0:
        hard = bounds.theorem_3_1_improved(**SIZES, n_samples=n)
        soft = bounds.soft_minimax(**SIZES, n_samples=n)
        np.testing.assert_allclose(low, np.maximum(hard, soft), rtol=1e-3)


def test_censored_lower_is_a_bayes_risk():
    """One input, k = 1, two hidden labels (1 +- gap) mu, a dummy just above: signs enumerated."""
    n, found = 3, []
    for gap in np.linspace(0.1, 1, 19):
        mu = 1 / (2 + (1 + gap))
        rows = [[(1 + gap) * mu, (1 + sign * gap) * mu, (1 - sign * gap) * mu] for sign in (1, -1)]
        found.append(oracles.bayes_risk([(0.5, [1.0], [row]) for row in rows], n, "hard"))
    lower = float(bounds.censored_lower(n_inputs=1, n_labels=3, k=1, n_samples=n))
    assert lower == pytest.approx(max(found), rel=5e-3)
    assert lower >= max(found) * (1 - 1e-9)


@pytest.mark.parametrize(("n", "mass", "gap"), [(0, 0.5, 0.3), (7, 0.4, 0.3), (40, 1.0, 0.05), (20_000, 0.9, 0.03)])
def test_the_error_of_the_best_test_of_a_pair(n, mass, gap):
    """The smaller likelihood, summed over counts; or, for many draws, a little less."""
    draws = np.arange(0, n + 1)
    weights = binom.pmf(draws, n, mass)
    some = np.flatnonzero(weights > 1e-12)[:: max(1, n // 500)]
    error = [np.minimum(*(binom.pmf(np.arange(d + 1), d, (1 + s * gap) / 2) for s in (1, -1))).sum() / 2 for d in some]
    expected = float(weights[some] @ error / weights[some].sum())
    assert _cube.wrong(n, mass, gap) == pytest.approx(expected, rel=1e-9 if n < 100 else 2e-3)


# ---- rounding, several draws, temperature


def rounded_matcher(teacher, counts, shown):
    seen = counts > 0
    known = np.where(seen, shown, 0.0)
    total = known.sum(axis=-1, keepdims=True)
    unseen = (~seen).sum(axis=-1, keepdims=True)
    policy = np.where(seen, known, np.maximum(1 - total, 0.0) / np.maximum(unseen, 1))
    return policy / policy.sum(axis=-1, keepdims=True)


@settings(max_examples=30)
@given(teachers(max_inputs=2, max_labels=4), st.integers(0, 25), st.floats(0, 0.9), st.integers(0, 10**6))
def test_a_matcher_of_rounded_numbers_errs_by_the_hidden_mass_and_the_error_at_most(teacher, n, error, seed):
    rng = np.random.default_rng(seed)
    counts = teacher.draw(n, 20, rng=rng)
    shown = teacher.pi * (1 + error * rng.uniform(-1, 1, size=counts.shape))
    hidden = (teacher.joint * (counts == 0)).sum(axis=(-2, -1))
    assert (kd.conditional_tv(rounded_matcher(teacher, counts, shown), teacher) <= hidden + error + 1e-9).all()


def test_rounded_bounds_enclose_each_other_and_the_hard_ones():
    n = np.unique(np.geomspace(12, 10**8, 3).astype(np.int64))
    exact = bounds.partial_lower(**SIZES, n_samples=n)
    hard = bounds.theorem_3_2(**SIZES, n_samples=n)
    cube = float(bounds.theorem_3_1_improved(**SIZES, n_samples=n[-1]))
    for error in (0.0, 0.01, 0.3):
        low = bounds.rounded_lower(**SIZES, n_samples=n, error=error)
        high = bounds.rounded_upper(**SIZES, n_samples=n, error=error)
        assert (low <= high).all(), error
        assert (low >= exact).all(), error
        assert (high <= hard).all(), error
        if error:
            assert low[-1] == pytest.approx(cube, rel=1e-3), error
    assert float(bounds.rounded_lower(**SIZES, n_samples=4 * 10**5, error=1e-4)) > 1e-5 * 2


@settings(max_examples=30)
@given(teachers(max_inputs=2, max_labels=4), st.integers(1, 30), st.integers(1, 8))
def test_several_draws_an_input(teacher, n, m):
    """The hidden mass is exact: an input hides a label with probability (1 - v)^m."""
    if teacher.n_labels < 2:
        return
    shows = teacher.rho[:, np.newaxis] * (1 - (1 - teacher.pi) ** m)
    hidden = float((teacher.joint * (1 - shows) ** n).sum())
    sizes = {"n_inputs": teacher.n_inputs, "n_labels": teacher.n_labels}
    assert hidden <= float(bounds.several_draws_upper(**sizes, n_samples=n, draws=m)) + 1e-12


@pytest.mark.parametrize("m", [1, 3, 40])
def test_several_draws_lower_is_below_the_risk_on_its_own_teachers(m):
    for n in (20, 100, 3000):
        sizes = {"n_inputs": 4, "n_labels": 11}
        lower = float(bounds.several_draws_lower(**sizes, n_samples=n, draws=m))
        assert lower <= float(bounds.several_draws_upper(**sizes, n_samples=n, draws=m))
        v = 4 / (m * (n + 1))
        if 5 * v <= 1:
            unseen = (1 - (1 - (1 - v) ** m) / 4) ** n
            assert lower <= max(5 * v / 2 * unseen, float(bounds.soft_minimax(**sizes, n_samples=n))) * (1 + 1e-12)
    one = bounds.several_draws_lower(**sizes, n_samples=1000, draws=1)
    assert one == pytest.approx(float(bounds.theorem_4_1(**sizes, n_samples=1000)))


@settings(max_examples=30)
@given(st.integers(1, 3), st.integers(2, 6), st.floats(1, 3), st.integers(1, 500), st.floats(0.1, 6))
def test_drawn_at_a_higher_temperature(n_inputs, n_labels, temperature, n, power):
    row = zipf(n_labels, power)
    drawn = row ** (1 / temperature) / (row ** (1 / temperature)).sum()
    hidden = float((row * (1 - drawn / n_inputs) ** n).sum())
    bound = bounds.temperature_upper(n_inputs=n_inputs, n_labels=n_labels, n_samples=n, temperature=temperature)
    assert hidden <= float(bound) * (1 + 1e-9)


# ---- KL


def test_the_constant_of_kl_against_a_grid():
    t = np.geomspace(1e-8, 50, 20_001)
    value = {c: max(c, (np.exp(-t) * (t * np.log(t / c) - t + c)).max()) for c in np.linspace(0.28, 0.31, 301)}
    assert bounds.partial_kl_constant() == pytest.approx(0.2920365, abs=5e-8)
    assert min(value.values()) == pytest.approx(bounds.partial_kl_constant(), abs=2e-4)
    assert all(one >= bounds.partial_kl_constant() - 1e-9 for one in value.values())


@settings(max_examples=30)
@given(teachers(max_inputs=3, max_labels=4), st.integers(0, 200))
def test_uniform_fill_is_below_its_bound_in_kl(teacher, n):
    bound = bounds.partial_kl_upper(n_inputs=teacher.n_inputs, n_labels=teacher.n_labels, n_samples=n)
    assert kd.expected_risk(teacher, n, "sel_ptl", "kl") <= float(bound) * (1 + 1e-9) + 1e-12


def test_the_constant_of_kl_is_sharp():
    n = 10**7
    value = float(bounds.partial_minimax(n_inputs=1, n_labels=400, n_samples=n, divergence="kl"))
    assert 0.985 < value * n / 400 / bounds.partial_kl_constant() < 1


@settings(max_examples=30)
@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=5), st.integers(1, 3), st.integers(0, 40))
def test_the_student_that_adds_one_is_below_its_bound(weights, n_inputs, n):
    row = np.array(weights) / sum(weights)
    rho = np.arange(1, n_inputs + 1) / sum(range(1, n_inputs + 1))
    risk = 0.0
    for mass in rho:
        for draws in range(n + 1):
            x = np.arange(draws + 1)
            mean = [binom.pmf(x, draws, p) @ np.log((x + 1) / (draws + len(row))) for p in row]
            risk += mass * binom.pmf(draws, n, mass) * float(row @ (np.log(row) - mean))
    bound = float(bounds.hard_kl_upper(n_inputs=n_inputs, n_labels=len(row), n_samples=n))
    assert risk <= bound + 1e-12
    assert bound <= n_inputs * (len(row) - 1) / (n + 1)


@pytest.mark.parametrize(("n_labels", "n", "a"), [(3, 5, 1.0), (11, 10, 0.5), (5, 200, 0.7), (2, 0, 1.0)])
def test_hard_kl_lower_is_at_most_the_exact_bayes_risk_of_a_dirichlet_law(n_labels, n, a):
    """One input: entropies by digamma functions, and a sum over the beta-binomial law of a count."""
    x = np.arange(n + 1)
    q = (x + a) / (n + n_labels * a)
    mean = n_labels * float(betabinom.pmf(x, n, a, (n_labels - 1) * a) @ (q * np.log(q)))
    exact = float(digamma(a + 1) - digamma(n_labels * a + 1)) - mean
    found = kl._dirichlet(1, n_labels, n, a)
    assert found <= exact * (1 + 1e-9)
    assert found >= (0.7 if n < 100 else 0.9) * exact
    jensen = exact_after_jensen(n_labels, n, a)
    assert found == pytest.approx(jensen, rel=1e-3)


def exact_after_jensen(n_labels, n, a):
    """The same bound by the quantiles of P."""
    p = beta(a + 1, (n_labels - 1) * a).ppf((np.arange(20_000) + 0.5) / 20_000)
    delta = [float(np.mean(digamma(z + 1) - np.log(z))) for z in (n * p + a, n + n_labels * a)]
    return delta[0] - delta[1]


@pytest.mark.parametrize("size", [(1, 2), (4, 12), (30, 3)])
def test_hard_kl_bounds_enclose_each_other_and_have_their_first_orders(size):
    sizes = dict(zip(["n_inputs", "n_labels"], size, strict=True))
    n = np.unique(np.geomspace(1, 10**8, 4).astype(np.int64))
    low, high = bounds.hard_kl_lower(**sizes, n_samples=n), bounds.hard_kl_upper(**sizes, n_samples=n)
    assert (low <= high).all()
    assert (low >= bounds.soft_minimax(**sizes, n_samples=n, divergence="kl")).all()
    order = size[0] * (size[1] - 1) / n[-1]
    assert low[-1] / order == pytest.approx(0.5, rel=5e-3)
    assert high[-1] / order == pytest.approx(1, rel=1e-5)


def test_soft_minimax_in_kl_is_a_bayes_risk_and_the_copiers_on_deterministic_rows():
    n, n_labels = 3, 3
    value = float(bounds.soft_minimax(n_inputs=2, n_labels=n_labels, n_samples=n, divergence="kl"))
    worst = max(
        kd.expected_risk(kd.Teacher([x, 1 - x], [[1.0, 0, 0]] * 2), n, "ce_ful", "kl")
        for x in np.linspace(0.01, 0.5, 99)
    )
    assert value == pytest.approx(worst, rel=1e-3)
    assert value >= worst


# ---- arguments

TOP = {"n_inputs": 2, "n_labels": 4, "k": 1, "n_samples": 9}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bounds.top_k_lower(**TOP | {"k": 5}), "k must be at most n_labels = 4, got 5"),
        (lambda: bounds.top_k_upper(**TOP | {"k": -1}), "k must be a non-negative integer, got -1"),
        (lambda: bounds.censored_lower(**TOP | {"n_labels": 1}), "n_labels must be an integer of at least 2, got 1"),
        (
            lambda: bounds.censored_upper(**TOP | {"n_samples": 0}),
            "censored_upper holds for n_samples >= 1 here, got 0",
        ),
        (lambda: bounds.censored_rate(**TOP | {"k": 1.0}), "k must be a non-negative integer, got 1.0; write 1"),
        (lambda: bounds.top_k_only_bias(n_labels=3, k=1, divergence="l2"), "unknown divergence 'l2'"),
        (lambda: bounds.top_k_only_bias(n_labels=3, k=4), "k must be at most n_labels = 3, got 4"),
        (lambda: bounds.rounded_lower(**SIZES, n_samples=9, error=-0.1), "error must be at least 0 and at most 1"),
        (lambda: bounds.rounded_upper(**SIZES, n_samples=9, error=2), "error must be at least 0 and at most 1, got 2"),
        (lambda: bounds.several_draws_lower(**SIZES, n_samples=9, draws=0), "draws must be an integer of at least 1"),
        (lambda: bounds.several_draws_upper(**SIZES, n_samples=9, draws=1.5), "draws must be an integer of at least 1"),
        (lambda: bounds.temperature_upper(**SIZES, n_samples=9, temperature=0.5), "temperature must be at least 1"),
        (lambda: bounds.partial_kl_upper(**SIZES, n_samples=-1), "partial_kl_upper holds for n_samples >= 0 here"),
        (
            lambda: bounds.hard_kl_lower(n_inputs=1, n_labels=1, n_samples=3),
            "n_labels must be an integer of at least 2",
        ),
        (lambda: bounds.hard_kl_upper(**SIZES, n_samples=1.0), "n_samples must hold integers, got dtype float64"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


@pytest.mark.parametrize(
    "bound",
    [
        lambda n: bounds.top_k_lower(**SIZES, k=2, n_samples=n),
        lambda n: bounds.top_k_upper(**SIZES, k=2, n_samples=n),
        lambda n: bounds.censored_lower(**SIZES, k=2, n_samples=n),
        lambda n: bounds.censored_upper(**SIZES, k=2, n_samples=n),
        lambda n: bounds.rounded_lower(**SIZES, n_samples=n, error=0.01),
        lambda n: bounds.rounded_upper(**SIZES, n_samples=n, error=0.01),
        lambda n: bounds.several_draws_lower(**SIZES, n_samples=n, draws=3),
        lambda n: bounds.several_draws_upper(**SIZES, n_samples=n, draws=3),
        lambda n: bounds.temperature_upper(**SIZES, n_samples=n, temperature=1.5),
        lambda n: bounds.partial_kl_upper(**SIZES, n_samples=n),
        lambda n: bounds.hard_kl_lower(**SIZES, n_samples=n),
        lambda n: bounds.hard_kl_upper(**SIZES, n_samples=n),
        lambda n: bounds.partial_minimax(**SIZES, n_samples=n),
    ],
)
def test_takes_an_array_of_sample_sizes_and_falls_with_n(bound):
    n = np.array([[200, 500], [3000, 10**6]])
    values = bound(n)
    assert isinstance(values, np.ndarray)
    assert values.shape == n.shape
    assert values[1, 0] == bound(3000)
    assert (np.diff(values.ravel()) < 0).all()
