"""Bounds for soft labels, and the minimax risk: against enumeration, other optimisers, and exact risks."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

import kdcore as kd
from kdcore import bounds
from tests.kdcore import oracles
from tests.kdcore.strategies import laws, teachers


def deterministic(n_inputs, n_labels, rho):
    """The prior of the lower bounds: every deterministic policy, with equal weights."""
    rows = [[float(a == b) for a in range(n_labels)] for b in range(n_labels)]
    tables = list(itertools.product(rows, repeat=n_inputs))
    return [(1 / len(tables), rho, table) for table in tables]


@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 10**9))
def test_theorem_5_1_in_another_form_and_its_least_n(n_inputs, n_labels, beyond):
    n = n_inputs + beyond
    expected = (n_inputs - 1) / (n + 1) / math.exp(1 + math.log(2))
    assert bounds.theorem_5_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ValueError, match=f"holds for n_samples >= {n_inputs} here, got {n_inputs - 1}$"):
        bounds.theorem_5_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=[n, n_inputs - 1])


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 10**9), st.floats(1e-9, 0.1))
def test_theorem_5_2_in_another_form(n_inputs, n_labels, n, delta):
    mean = n_inputs / (2.25 * n)
    assert bounds.theorem_5_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) == pytest.approx(mean, rel=1e-12)
    quantile = mean - math.sqrt(9 * n_inputs) * math.log(delta) / n
    assert bounds.theorem_5_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n, delta=delta) == pytest.approx(
        quantile, rel=1e-12
    )


def test_the_numbers_in_the_book():
    assert bounds.soft_minimax(n_inputs=10, n_labels=5, n_samples=[50, 5]).round(6).tolist() == [0.052451, 0.472392]
    assert bounds.soft_minimax(n_inputs=100, n_labels=10, n_samples=1000).round(6) == 0.032762
    assert (
        bounds.theorem_5_1(n_inputs=10, n_labels=5, n_samples=50).round(4),
        bounds.theorem_5_2(n_inputs=10, n_labels=5, n_samples=50).round(4),
    ) == (0.0325, 0.0889)


@pytest.mark.parametrize("n_letters", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 20, 60])
def test_max_missing_mass_against_laws_of_two_values_and_a_general_optimiser(n_letters, n):
    value = float(bounds.max_missing_mass(n_letters=n_letters, n_samples=n))
    best = 0.0
    for equal in range(n_letters + 1):  # letters that share the first mass; the others share the rest
        share = np.linspace(0, 1, 4001) if 0 < equal < n_letters else np.array([float(equal == n_letters)])
        groups = [(share, equal), (1 - share, n_letters - equal)]
        best = max(best, float(sum(mass * (1 - mass / size) ** n for mass, size in groups if size).max()))
    assert value >= best * (1 - 1e-12)
    assert value <= best * (1 + 1e-4)  # the grid of shares misses the peak by a little

    rng = np.random.default_rng(n)
    for _ in range(5 if n > 0 else 0):
        start = np.log(rng.dirichlet(np.ones(n_letters)) + 1e-3)
        found = minimize(lambda logit: -missing(np.exp(logit) / np.exp(logit).sum(), n), start)
        assert -found.fun <= value * (1 + 1e-9)


def missing(law, n):
    return float(np.sum(law * (1 - law) ** n))


@given(st.integers(1, 8), st.integers(0, 40), st.data())
def test_max_missing_mass_is_above_that_of_every_law(n_letters, n, data):
    law = data.draw(laws(n_letters))
    assert missing(law, n) <= float(bounds.max_missing_mass(n_letters=n_letters, n_samples=n)) * (1 + 1e-12)


@pytest.mark.parametrize("n_letters", [2, 10, 1000])
def test_max_missing_mass_is_below_what_lemma_e_5_gives_and_tends_to_one_letter_less(n_letters):
    n = np.unique(np.geomspace(1, 10**9, 60).astype(np.int64))
    value = bounds.max_missing_mass(n_letters=n_letters, n_samples=n)
    assert (value <= n_letters * bounds.lemma_e_5(n_samples=n)).all()
    assert (np.diff(value) < 0).all()
    large = n >= n_letters
    assert (value[large] >= ((n_letters - 1) * bounds.lemma_e_5(n_samples=n[large])) * (1 - 1e-12)).all()
    assert value[-1] * n[-1] * math.e == pytest.approx(n_letters - 1, rel=1e-5)


@pytest.mark.parametrize(
    ("n_inputs", "n_labels", "n", "rho"),
    [
        (1, 3, 0, [1.0]),
        (2, 2, 3, [0.3, 0.7]),
        (2, 3, 2, [0.25, 0.75]),
        (3, 2, 1, [1 / 3] * 3),
        (3, 2, 4, [0.2, 0.2, 0.6]),
    ],
)
def test_the_bayes_risk_over_deterministic_policies_is_what_the_proof_says(n_inputs, n_labels, n, rho):
    bayes = oracles.bayes_risk(deterministic(n_inputs, n_labels, rho), n, "soft")
    assert bayes == pytest.approx((1 - 1 / n_labels) * missing(np.array(rho), n), rel=1e-12)
    assert bayes <= float(bounds.soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)) * (1 + 1e-12)
    if n >= n_inputs > 1:
        assert float(bounds.theorem_5_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)) <= float(
            bounds.soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)
        )


def test_soft_minimax_is_the_bayes_risk_at_the_best_input_law():
    """n + 1 < S, where the uniform law is best, and S = 2, n = 2, where sum p (1 - p)^2 = p (1 - p) is, too."""
    for n_inputs, n_labels, n in [(3, 2, 1), (4, 2, 1), (2, 3, 2)]:
        bayes = oracles.bayes_risk(deterministic(n_inputs, n_labels, [1 / n_inputs] * n_inputs), n, "soft")
        assert bounds.soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) == pytest.approx(bayes, rel=1e-12)


@given(teachers(), st.integers(0, 60))
def test_ce_ful_is_never_above_the_minimax_risk(teacher, n):
    exact = kd.exact.expected_risk(teacher, n, "ce_ful")
    assert (
        exact
        <= float(bounds.soft_minimax(n_inputs=teacher.n_inputs, n_labels=teacher.n_labels, n_samples=n)) * (1 + 1e-12)
        + 1e-15
    )
    if n > 0:
        assert exact <= bounds.theorem_5_2(n_inputs=teacher.n_inputs, n_labels=teacher.n_labels, n_samples=n)


@pytest.mark.parametrize(("n_inputs", "n_labels"), [(2, 2), (10, 5), (100, 10), (3, 50)])
def test_order_and_ratios_of_the_bounds(n_inputs, n_labels):
    """Lower <= minimax <= upper, by the factors 2 (1 - 1/A) and 4 e S / (9 (1 - 1/A) (S - 1)) in the limit."""
    n = np.unique(np.geomspace(n_inputs, 10**8, 50).astype(np.int64))
    lower, upper = (
        bound(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) for bound in (bounds.theorem_5_1, bounds.theorem_5_2)
    )
    exact = bounds.soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)
    assert (lower <= exact * (1 + 1e-12)).all()
    assert (exact <= upper).all()
    guess = 1 - 1 / n_labels
    assert exact[-1] / lower[-1] == pytest.approx(2 * guess, rel=1e-5)
    assert upper[-1] / exact[-1] == pytest.approx(4 * math.e / 9 * n_inputs / (n_inputs - 1) / guess, rel=1e-5)
    assert (exact / lower < 4.1 * guess).all()


@pytest.mark.parametrize(("n_inputs", "n_labels", "n"), [(3, 3, 9), (10, 5, 50), (10, 11, 1000)])
def test_instance_3_is_hard_but_not_the_worst(n_inputs, n_labels, n):
    exact = kd.exact.expected_risk(kd.instance_3(n_inputs, n_labels, n), n, "ce_ful")
    assert exact <= bounds.soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)
    worst = [1 / (n + 1)] * (n_inputs - 1) + [1 - (n_inputs - 1) / (n + 1)]
    vertex = kd.Teacher(worst, [[1.0] + [0.0] * (n_labels - 1)] * n_inputs)
    attained = kd.exact.expected_risk(vertex, n, "ce_ful")
    assert (
        bounds.theorem_5_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)
        <= attained
        <= bounds.soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)
    )


@pytest.mark.parametrize("delta", [0.01, 0.1])
@pytest.mark.parametrize("weights", [[1, 1], [97, 1, 1, 1], [90, 4, 3, 2, 1]])
def test_theorem_5_2_fails_at_most_as_often_as_delta(weights, delta):
    law = [Fraction(w, sum(weights)) for w in weights]
    for n in [30, 60, 300]:
        bound = float(bounds.theorem_5_2(n_inputs=len(law), n_labels=7, n_samples=n, delta=delta))
        assert math.fsum(p for p, mass in oracles.missing_mass_law(law, n) if mass > bound) <= delta


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: bounds.theorem_5_1(n_inputs=1, n_labels=2, n_samples=9),
            "n_inputs must be an integer of at least 2, got 1",
        ),
        (
            lambda: bounds.theorem_5_1(n_inputs=2, n_labels=1, n_samples=9),
            "n_labels must be an integer of at least 2, got 1",
        ),
        (
            lambda: bounds.theorem_5_1(n_inputs=5, n_labels=2, n_samples=4),
            "theorem_5_1 holds for n_samples >= 5 here, got 4",
        ),
        (
            lambda: bounds.theorem_5_2(n_inputs=0, n_labels=2, n_samples=9),
            "n_inputs must be an integer of at least 1, got 0",
        ),
        (
            lambda: bounds.theorem_5_2(n_inputs=2, n_labels=2.0, n_samples=9),
            "n_labels must be an integer of at least 1, got 2.0",
        ),
        (
            lambda: bounds.theorem_5_2(n_inputs=2, n_labels=2, n_samples=0),
            "theorem_5_2 holds for n_samples >= 1 here, got 0",
        ),
        (
            lambda: bounds.theorem_5_2(n_inputs=2, n_labels=2, n_samples=9, delta=0.2),
            "delta must be above 0 and at most 0.1 here, got 0.2",
        ),
        (
            lambda: bounds.soft_minimax(n_inputs=2, n_labels=0, n_samples=9),
            "n_labels must be an integer of at least 1, got 0",
        ),
        (
            lambda: bounds.soft_minimax(n_inputs=0, n_labels=2, n_samples=9),
            "n_inputs must be an integer of at least 1, got 0",
        ),
        (
            lambda: bounds.soft_minimax(n_inputs=2, n_labels=2, n_samples=-1),
            "soft_minimax holds for n_samples >= 0 here, got -1",
        ),
        (
            lambda: bounds.max_missing_mass(n_letters=0, n_samples=9),
            "n_letters must be an integer of at least 1, got 0",
        ),
        (
            lambda: bounds.max_missing_mass(n_letters=2, n_samples=[3, -1]),
            "max_missing_mass holds for n_samples >= 0 here, got -1",
        ),
        (
            lambda: bounds.soft_minimax(n_inputs=2, n_labels=2, n_samples=0.5),
            "n_samples must hold integers, got dtype float64",
        ),
    ],
)
def test_refuses_what_its_statement_does_not_cover(call, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


@pytest.mark.parametrize(
    "bound",
    [
        lambda n: bounds.theorem_5_1(n_inputs=5, n_labels=3, n_samples=n),
        lambda n: bounds.theorem_5_2(n_inputs=5, n_labels=3, n_samples=n),
        lambda n: bounds.theorem_5_2(n_inputs=5, n_labels=3, n_samples=n, delta=0.1),
        lambda n: bounds.soft_minimax(n_inputs=15, n_labels=3, n_samples=n),
    ],
)
def test_takes_an_array_of_sample_sizes_and_falls_with_n(bound):
    n = np.array([[10, 20, 50], [100, 1000, 10**9]])
    values = bound(n)
    assert isinstance(values, np.ndarray)
    assert values.shape == n.shape
    assert values.tolist() == [[float(bound(int(one))) for one in row] for row in n]
    assert (np.diff(values.ravel()) < 0).all()
