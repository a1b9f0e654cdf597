"""The lemmas behind the bounds: true over their whole range, and tight where they claim to be."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special, stats

from kdcore import bounds
from tests.kdcore import oracles
from tests.kdcore.strategies import laws

PROBABILITIES = st.floats(1e-6, 1)


@st.composite
def two_laws(draw):
    size = draw(st.integers(1, 6))
    return draw(laws(size)), draw(laws(size))


def divergence(p, q):
    return math.fsum(a * math.log(a / b) if b > 0 else math.inf for a, b in zip(p, q, strict=True) if a > 0)


@given(two_laws())
def test_lemma_e_2_bounds_the_distance_of_any_two_laws(pair):
    p, q = pair
    distance = 0.5 * math.fsum(abs(a - b) for a, b in zip(p, q, strict=True))
    assert distance <= float(bounds.lemma_e_2(max(0.0, divergence(p, q)))) + 1e-15


def test_lemma_e_2_is_below_1_and_nearly_attained_by_laws_that_are_nearly_disjoint():
    """P is on one letter, Q has eps there: TV = 1 - eps = 1 - exp(-KL), so 1 - TV is twice what the lemma leaves."""
    eps = np.geomspace(1e-12, 1, 50)
    left = 1 - bounds.lemma_e_2(-np.log(eps))
    np.testing.assert_allclose(left, eps / 2, rtol=1e-3)
    assert bounds.lemma_e_2([0, math.inf]).tolist() == [0.5, 1]


@given(laws(3), st.integers(1, 7))
def test_lemma_e_3_bounds_the_expected_distance_of_the_empirical_law(law, n):
    expected = oracles.expected_risk("ce_sgl", [1.0], [law.tolist()], n)
    assert expected <= bounds.lemma_e_3(n_letters=3, n_samples=n)
    assert expected <= 0.5 * math.sqrt(2 / n) + 1e-15  # with K - 1 for K, as the docstring says


@pytest.mark.parametrize(("n", "delta", "share"), [(5, 0.33, 0.189), (3, 0.9, 0.278)])
def test_lemma_e_4_fails_on_a_fair_coin_with_a_known_share_of_delta(n, delta, share):
    x = np.arange(n + 1)
    bound = float(bounds.lemma_e_4(n_letters=2, n_samples=n, delta=delta))
    failing = stats.binom.pmf(x, n, 0.5)[np.abs(x / n - 0.5) > bound].sum()
    assert failing / delta == pytest.approx(share, abs=5e-4)


@given(laws(3), st.integers(1, 12), st.floats(1e-6, 1, exclude_max=True))
def test_lemma_e_4_fails_with_less_than_delta_as_two_sets_never_exceed(law, n, delta):
    for p in ([law[0], 1 - law[0]], law.tolist()):
        size = len(p)
        bound = float(bounds.lemma_e_4(n_letters=size, n_samples=n, delta=delta))
        table = np.array([c for c in np.ndindex(*[n + 1] * size) if sum(c) == n])
        distances = np.abs(table / n - np.array(p)).sum(axis=1) / 2
        failing = stats.multinomial.pmf(table, n, p)[distances > bound].sum()
        assert failing <= (1 - 2.0 ** (1 - size)) * delta + 1e-12


def test_where_the_tail_of_the_missing_mass_loses_at_400_letters():
    """Chernoff for independent letters, then for Poisson numbers in their place: 0.429, 0.444; the bound 0.450."""
    n_letters, n, delta = 400, 4000, 0.05
    k = np.arange(n_letters)
    best = {"independent": 0.0, "Poisson": 0.0}
    for t in (0.7, 0.85, 1.0, 1.2, 1.5, 2.0):
        missed = math.exp(-t)
        unseen = {
            "independent": stats.binom.logpmf(k, n_letters - 1, (1 - t / n) ** n),
            "Poisson": stats.poisson.logpmf(np.arange(3000), (n_letters - 1) * missed),
        }
        for name, law in unseen.items():
            number = np.arange(len(law))

            def chernoff(theta, law=law, number=number, t=t):
                return (special.logsumexp(law + theta * t * number) - math.log(delta)) / theta

            found = optimize.minimize_scalar(chernoff, bounds=(1e-3, 1), method="bounded")
            best[name] = max(best[name], found.fun / n_letters)
    assert best["independent"] == pytest.approx(0.429, abs=5e-4)
    assert best["Poisson"] == pytest.approx(0.444, abs=5e-4)
    ours = float(bounds.missing_mass_tail(n_letters=n_letters, n_samples=n, delta=delta)) * n / n_letters
    assert ours == pytest.approx(0.450, abs=5e-4)


def test_lemma_e_3_is_loose_by_the_factor_root_of_2_over_pi_for_many_letters():
    """E TV of the empirical law of K equal letters, exactly, as a sum over one count."""
    for n_letters, n in [(50, 20_000), (200, 50_000)]:
        k = np.arange(n + 1)
        exact = n_letters / 2 * stats.binom.pmf(k, n, 1 / n_letters) @ np.abs(k / n - 1 / n_letters)
        ratio = float(bounds.lemma_e_3(n_letters=n_letters, n_samples=n)) / exact
        assert ratio == pytest.approx(math.sqrt(math.pi / 2 * n_letters / (n_letters - 1)), rel=2e-3)


@pytest.mark.parametrize("law", [[1], [0.5, 0.5], [0.9, 0.1], [0.6, 0.3, 0.1], [0.3, 0.3, 0.4]])
@pytest.mark.parametrize("delta", [0.001, 0.05, 0.3, 0.9])
@pytest.mark.parametrize("n", [1, 10, 40])
def test_lemma_e_4_fails_at_most_as_often_as_delta(law, n, delta):
    bound = float(bounds.lemma_e_4(n_letters=len(law), n_samples=n, delta=delta))
    assert bound**2 * 2 * n == pytest.approx(math.log(2 ** len(law) / delta), rel=1e-12)
    fails = math.fsum(p for p, risk in oracles.risk_law("ce_sgl", [1.0], [law], n) if risk > bound)
    assert fails <= delta


def test_lemma_e_5_is_the_largest_value_and_its_simpler_forms_are_above_it():
    x = np.linspace(0, 1, 100_001)
    for n in [0, 1, 2, 3, 10, 100, 1000]:
        largest = float(np.max(x * (1 - x) ** n))
        assert bounds.lemma_e_5(n_samples=n) == pytest.approx(
            float(Fraction(n) ** n / Fraction(n + 1) ** (n + 1)), rel=1e-13
        )
        assert largest <= float(bounds.lemma_e_5(n_samples=n)) * (1 + 1e-12)
        assert bounds.lemma_e_5(n_samples=n) <= largest * (1 + 1e-3)  # the grid misses the peak by a little
    n = np.unique(np.geomspace(1, 10**12, 200).astype(np.int64))
    exact, e, four_ninths = (bounds.lemma_e_5(n_samples=n, form=form) for form in ("exact", "simple", "stated"))
    assert (exact < e).all()
    assert (e < four_ninths).all()
    np.testing.assert_allclose(four_ninths * n, 4 / 9, rtol=1e-14)
    np.testing.assert_allclose(e * n, math.exp(-1), rtol=1e-14)
    # The ratio is 1 + 1 / (2 n) + ..., so the second form is tight; the third is off by 4 e / 9 = 1.208.
    small = n < 10**6  # beyond, the difference of the two drowns in rounding
    np.testing.assert_allclose((n * (e / exact - 1))[small], 0.5, atol=0.1)
    assert exact[-1] * n[-1] * math.e == pytest.approx(1, rel=1e-11)


@pytest.mark.parametrize("delta", [1e-6, 0.01, 0.1])
@pytest.mark.parametrize(
    "weights", [[1], [1, 1], [9, 1], [97, 1, 1, 1], [1] * 7, [50, 10, 10, 1, 1, 1, 1], [91] + [1] * 9, [20, 5, 2, 1]]
)
def test_lemmas_e_6_and_e_7_fail_at_most_as_often_as_delta(weights, delta):
    """From the least n at which Lemma E.6 says anything; the law of the missing mass is exact."""
    law = [Fraction(w, sum(weights)) for w in weights]
    least = math.ceil(3 * math.sqrt(len(law)) * math.log(1 / delta))
    for n in [least, 2 * least, 10 * least]:
        outcomes = oracles.missing_mass_law(law, n)
        mean = math.fsum(probability * mass for probability, mass in outcomes)
        assert mean == pytest.approx(float(sum(p * (1 - p) ** n for p in law)), rel=1e-9, abs=1e-15)
        above_mean, above = (
            bounds.lemma_e_6(n_letters=len(law), n_samples=n, delta=delta),
            bounds.lemma_e_7(n_letters=len(law), n_samples=n, delta=delta),
        )
        assert math.fsum(p for p, mass in outcomes if mass - mean > above_mean) <= delta
        assert math.fsum(p for p, mass in outcomes if mass > above) <= delta


@pytest.mark.parametrize("delta", [1e-6, 0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("weights", [[1], [9, 1], [97, 1, 1, 1], [1] * 7, [91] + [1] * 9, [20, 5, 2, 1]])
def test_the_tail_of_the_missing_mass_is_above_the_bound_at_most_as_often_as_delta(weights, delta):
    law = [Fraction(w, sum(weights)) for w in weights]
    least = max(1, math.ceil(float(bounds.missing_mass_tail(n_letters=len(law), n_samples=1, delta=delta))))
    for n in [max(1, least // 2), least, 3 * least]:
        outcomes = oracles.missing_mass_law(law, n)
        mean = float(sum(p * (1 - p) ** n for p in law))
        excess = mean + bounds.missing_mass_tail(n_letters=len(law), n_samples=n, delta=delta, form="excess")
        total = bounds.missing_mass_tail(n_letters=len(law), n_samples=n, delta=delta)
        assert math.fsum(p for p, mass in outcomes if mass > excess) <= delta
        assert math.fsum(p for p, mass in outcomes if mass > total) <= delta


@given(st.integers(1, 10**6), st.integers(1, 10**9), st.floats(1e-300, 0.1))
def test_the_tail_of_the_missing_mass_is_sharper_than_lemmas_e_6_and_e_7(n_letters, n, delta):
    assert bounds.missing_mass_tail(n_letters=n_letters, n_samples=n, delta=delta) < bounds.lemma_e_7(
        n_letters=n_letters, n_samples=n, delta=delta
    )
    assert bounds.missing_mass_tail(n_letters=n_letters, n_samples=n, delta=delta, form="excess") < bounds.lemma_e_6(
        n_letters=n_letters, n_samples=n, delta=delta
    )


@given(st.integers(1, 1000), st.floats(1e-12, 0.999))
def test_the_tail_of_the_missing_mass_is_the_best_of_the_exponential_bounds(n_letters, delta):
    """With lambda = theta n, Markov's inequality gives y(theta); the closed form is its minimum."""
    log = -math.log(delta)

    def at(theta, mean, spread):
        return mean + spread * theta / (1 - theta) + log / theta

    for form, mean, spread in [
        ("total", n_letters / math.e, n_letters / (2 * math.e)),
        ("excess", 0.0, 2 * n_letters / math.e**2),
    ]:
        found = optimize.minimize_scalar(
            at, bounds=(0, 1), args=(mean, spread), method="bounded", options={"xatol": 1e-12}
        )
        assert float(
            bounds.missing_mass_tail(n_letters=n_letters, n_samples=1, delta=delta, form=form)
        ) == pytest.approx(found.fun, rel=1e-6)


@pytest.mark.parametrize("n_letters", [20, 50])
@pytest.mark.parametrize("delta", [0.001, 0.01, 0.1])
def test_lemma_e_6_is_loose_by_a_factor_between_5_and_25_for_many_letters_of_mass_1_over_n(n_letters, delta):
    for n in [n_letters * 2, n_letters * 20]:
        law = np.array([float(p) for p in oracles.unseen_law(n, Fraction(1, n), n_letters)])
        mean = float(law @ np.arange(n_letters + 1))
        quantile = (int(np.searchsorted(np.cumsum(law), 1 - delta)) - mean) / n
        assert 5 < float(bounds.lemma_e_6(n_letters=n_letters, n_samples=n, delta=delta)) / quantile < 25


@given(st.integers(1, 40), st.integers(1, 10**9), st.floats(1e-9, 0.1))
def test_lemmas_e_6_and_e_7_in_another_form(n_letters, n, delta):
    spread = math.log(delta ** (-3 * math.sqrt(n_letters)))
    assert n * bounds.lemma_e_6(n_letters=n_letters, n_samples=n, delta=delta) == pytest.approx(spread, rel=1e-12)
    assert n * bounds.lemma_e_7(n_letters=n_letters, n_samples=n, delta=delta) == pytest.approx(
        n_letters / 2.25 + spread, rel=1e-12
    )


@given(st.integers(0, 300), PROBABILITIES)
def test_lemma_e_8_is_the_mean_of_the_reciprocal(n, p):
    x = np.arange(n + 1)
    mean = float(stats.binom.pmf(x, n, p) @ (1 / (x + 1)))
    assert bounds.lemma_e_8(n_samples=n, p=p, form="exact") == pytest.approx(mean, rel=1e-9)
    assert mean <= float(bounds.lemma_e_8(n_samples=n, p=p)) * (1 + 1e-9)


def test_lemma_e_8_is_tight_when_n_p_is_large_and_exact_at_p_1():
    p = np.array([1e-9, 1e-6, 1e-3, 0.5, 1.0])
    n = 10**10
    np.testing.assert_allclose(
        bounds.lemma_e_8(n_samples=n, p=p) / bounds.lemma_e_8(n_samples=n, p=p, form="exact"), 1, rtol=1e-4
    )
    assert (
        bounds.lemma_e_8(n_samples=[0, 4], p=1.0).tolist()
        == bounds.lemma_e_8(n_samples=[0, 4], p=1.0, form="exact").tolist()
        == [1, 0.2]
    )
    assert bounds.lemma_e_8(n_samples=0, p=1e-12, form="exact") == pytest.approx(1, rel=1e-12)  # no cancellation
    assert bounds.lemma_e_8(n_samples=[0, 5], p=1e-310, form="exact").tolist() == [1, 1]
    assert bounds.lemma_e_8(n_samples=0, p=1e-310) == np.inf  # 1 / p is too large for a float, and stays a bound


@pytest.mark.parametrize("n", [1, 5, 50, 1000])
@pytest.mark.parametrize("p", [0.01, 0.1, 0.5, 0.9, 1])
def test_lemma_e_9_bounds_the_lower_tail(n, p):
    eta = np.linspace(0, 1, 301)
    exact = stats.binom.cdf(np.floor((1 - eta) * n * p + 1e-9), n, p)
    assert (exact <= bounds.lemma_e_9(n_samples=n, p=p, eta=eta)).all()


def test_lemma_e_9_has_the_right_exponent_for_rare_events():
    """For small p and eta, -log P(X <= (1 - eta) n p) is eta^2 n p / 2 to first order."""
    n, p, eta = 10**10, 1e-3, 0.01
    exact = stats.binom.logcdf((1 - eta) * n * p, n, p)
    assert math.log(float(bounds.lemma_e_9(n_samples=n, p=p, eta=eta))) / exact == pytest.approx(1, abs=0.015)


@pytest.mark.parametrize("delta", [1e-6, 0.01, 0.3, 0.9])
@pytest.mark.parametrize("p", [0.01, 0.3, 1])
def test_corollary_e_10_fails_at_most_as_often_as_delta(p, delta):
    with pytest.raises(ValueError, match="corollary_e_10 holds for n_samples >=") as refused:
        bounds.corollary_e_10(n_samples=0, p=p, delta=delta)
    least = int(re.search(r">= (\d+)", str(refused.value)).group(1))
    assert least * p > 2 * math.log(1 / delta) >= (least - 1) * p * (1 - 1e-12)
    for n in [least, 2 * least, 50 * least]:
        bound = float(bounds.corollary_e_10(n_samples=n, p=p, delta=delta))
        eta = math.sqrt(2 * math.log(1 / delta) / (n * p))
        assert bound == pytest.approx(1 / ((1 - eta) * n * p + 1), rel=1e-9)
        x = np.arange(n + 1)
        assert stats.binom.pmf(x[1 / (x + 1) > bound * (1 + 1e-12)], n, p).sum() <= delta


@given(st.integers(1, 5), st.integers(2, 6), st.integers(0, 10**6), st.floats(0, 4))
def test_proposition_h_2_bounds_the_distance_of_log_linear_policies(dimension, n_labels, seed, size):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(3, n_labels, dimension))
    norm = float(np.linalg.norm(features, axis=2).max())
    theta, other = rng.normal(size=(2, dimension)) * size
    policies = [np.exp(features @ parameter) for parameter in (theta, other)]
    mine, row = (policy / policy.sum(axis=1, keepdims=True) for policy in policies)
    distance = oracles.conditional_tv(mine.tolist(), [0.2, 0.3, 0.5], row.tolist())
    forms = [float(bounds.proposition_h_2(norm, np.linalg.norm(theta - other), form=f)) for f in FORMS]
    assert distance <= forms[0] * (1 + 1e-12) + 1e-15
    assert forms == sorted(forms)


FORMS = ["sharp", "half", "stated"]


@pytest.mark.parametrize("product", [1e-6, 0.1, 1, 5])
def test_proposition_h_2_is_attained_by_two_labels_with_opposite_features(product):
    high = 1 / (1 + math.exp(-product))  # theta = d / 2, features M and -M
    exact = oracles.conditional_tv([[high, 1 - high]], [1.0], [[1 - high, high]])
    tanh, half, paper = (float(bounds.proposition_h_2(2, product / 2, form=f)) for f in FORMS)
    assert exact == pytest.approx(tanh, rel=1e-9)
    assert half == product / 2 == paper / 2
    assert half / exact < 1 + product**2 / 12 + 1e-9  # tight for near parameters; the paper's is twice that


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bounds.lemma_e_2(-0.1), "kl must be at least 0, got -0.1"),
        (lambda: bounds.lemma_e_2([0.5, math.nan]), "kl must be at least 0, got nan"),
        (lambda: bounds.lemma_e_2("a"), "kl must be an array of numbers"),
        (lambda: bounds.lemma_e_3(n_letters=0, n_samples=5), "n_letters must be an integer of at least 1, got 0"),
        (lambda: bounds.lemma_e_3(n_letters=2, n_samples=0), "lemma_e_3 holds for n_samples >= 1 here, got 0"),
        (
            lambda: bounds.lemma_e_4(n_letters=2, n_samples=0, delta=0.1),
            "lemma_e_4 holds for n_samples >= 1 here, got 0",
        ),
        (lambda: bounds.lemma_e_4(n_letters=2, n_samples=1, delta=1.0), "delta must lie between 0 and 1, got 1.0"),
        (lambda: bounds.lemma_e_5(n_samples=-1), "lemma_e_5 holds for n_samples >= 0 here, got -1"),
        (lambda: bounds.lemma_e_5(n_samples=0, form="stated"), "lemma_e_5 holds for n_samples >= 1 here, got 0"),
        (lambda: bounds.lemma_e_5(n_samples=1, form="4/9"), "unknown form '4/9': known are exact, simple, stated"),
        (
            lambda: bounds.lemma_e_6(n_letters=2, n_samples=0, delta=0.1),
            "lemma_e_6 holds for n_samples >= 1 here, got 0",
        ),
        (
            lambda: bounds.lemma_e_6(n_letters=2, n_samples=9, delta=0.11),
            "delta must be above 0 and at most 0.1 here, got 0.11",
        ),
        (
            lambda: bounds.lemma_e_7(n_letters=2, n_samples=9, delta=0.0),
            "delta must be above 0 and at most 0.1 here, got 0.0",
        ),
        (
            lambda: bounds.lemma_e_7(n_letters=2, n_samples=9, delta=math.nan),
            "delta must be above 0 and at most 0.1 here, got nan",
        ),
        (
            lambda: bounds.lemma_e_7(n_letters=2, n_samples=0, delta=0.1),
            "lemma_e_7 holds for n_samples >= 1 here, got 0",
        ),
        (
            lambda: bounds.lemma_e_7(n_letters=2, n_samples=9.0, delta=0.1),
            "n_samples must hold integers, got dtype float64",
        ),
        (
            lambda: bounds.missing_mass_tail(n_letters=0, n_samples=9, delta=0.1),
            "n_letters must be an integer of at least 1, got 0",
        ),
        (
            lambda: bounds.missing_mass_tail(n_letters=2, n_samples=0, delta=0.1),
            "missing_mass_tail holds for n_samples >= 1 here, got 0",
        ),
        (
            lambda: bounds.missing_mass_tail(n_letters=2, n_samples=9, delta=1.0),
            "delta must lie between 0 and 1, got 1.0",
        ),
        (
            lambda: bounds.missing_mass_tail(n_letters=2, n_samples=9, delta=0.1, form="mean"),
            "unknown form 'mean': known are total, excess",
        ),
        (lambda: bounds.lemma_e_8(n_samples=9, p=0), "p must be above 0 and at most 1, got 0"),
        (lambda: bounds.lemma_e_8(n_samples=9, p=[0.5, 1.5]), "p must be above 0 and at most 1, got 1.5"),
        (lambda: bounds.lemma_e_8(n_samples=9, p=0.5, form="value"), "unknown form 'value'"),
        (lambda: bounds.lemma_e_9(n_samples=9, p=-0.5, eta=0.5), "p must be at least 0 and at most 1, got -0.5"),
        (lambda: bounds.lemma_e_9(n_samples=9, p=0.5, eta=1.5), "eta must be at least 0 and at most 1, got 1.5"),
        (lambda: bounds.corollary_e_10(n_samples=9, p=0.5, delta=0), "delta must lie between 0 and 1, got 0"),
        (lambda: bounds.corollary_e_10(n_samples=9, p=0.0, delta=0.5), "p must be above 0 and at most 1, got 0"),
        (
            lambda: bounds.corollary_e_10(n_samples=[99, 2], p=0.5, delta=0.5),
            "corollary_e_10 holds for n_samples >= 3 here, got 2",
        ),
        (lambda: bounds.proposition_h_2(-1, 1), "feature_norm must be at least 0, got -1"),
        (lambda: bounds.proposition_h_2(1, -1), "distance must be at least 0, got -1"),
        (lambda: bounds.proposition_h_2(1, 1, form="M"), "unknown form 'M'"),
    ],
)
def test_refuses_what_its_statement_does_not_cover(call, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


@pytest.mark.parametrize(
    "bound",
    [
        lambda n: bounds.lemma_e_3(n_letters=5, n_samples=n),
        lambda n: bounds.lemma_e_4(n_letters=5, n_samples=n, delta=0.1),
        lambda n: bounds.lemma_e_5(n_samples=n),
        lambda n: bounds.lemma_e_6(n_letters=5, n_samples=n, delta=0.1),
        lambda n: bounds.lemma_e_7(n_letters=5, n_samples=n, delta=0.1),
        lambda n: bounds.missing_mass_tail(n_letters=5, n_samples=n, delta=0.1),
        lambda n: bounds.lemma_e_8(n_samples=n, p=0.3),
        lambda n: bounds.lemma_e_9(n_samples=n, p=0.01, eta=0.3),
        lambda n: bounds.corollary_e_10(n_samples=n, p=0.9, delta=0.1),
    ],
)
def test_takes_an_array_of_sample_sizes_and_falls_with_n(bound):
    n = np.array([[10, 20, 50], [100, 1000, 10_000]])
    values = bound(n)
    assert isinstance(values, np.ndarray)
    assert values.shape == n.shape
    assert values.tolist() == [[float(bound(int(one))) for one in row] for row in n]
    assert (np.diff(values.ravel()) < 0).all()
