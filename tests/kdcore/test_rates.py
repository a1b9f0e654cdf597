"""Fitted slopes: exact power laws, other libraries' least squares, and intervals that cover as often as they say."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import kdcore as kd

N = np.array([50, 100, 250, 1000, 2500, 10_000])


def noisy(seed, sigma):
    """A power law of slope -0.5 with normal noise on the logarithm of each risk."""
    rng = np.random.default_rng(seed)
    return 3 * N**-0.5 * np.exp(rng.normal(0, sigma, len(N)))


@given(
    st.floats(-3, 3),
    st.floats(-10, 10),
    st.lists(st.integers(1, 10**6), min_size=3, max_size=8, unique=True).filter(lambda n: max(n) >= 2 * min(n)),
    st.booleans(),
)
def test_an_exact_power_law_is_found(slope, intercept, n, weighted):
    risk = [math.exp(intercept) * m**slope for m in n]
    errors = [(1 + i) * r / 100 for i, r in enumerate(risk)] if weighted else None
    rate = kd.fit_rate(n, risk, errors)
    assert rate.slope == pytest.approx(slope, rel=0, abs=1e-9)
    assert rate.intercept == pytest.approx(intercept, rel=0, abs=1e-8)
    assert rate.n_points == len(n)
    if not weighted:
        assert rate.std_error <= 1e-9


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_plain_fit_is_ordinary_least_squares_of_the_logarithms(seed, level):
    risk = noisy(seed, 0.3)
    rate = kd.fit_rate(N, risk, level=level)
    line = stats.linregress(np.log(N), np.log(risk))
    assert rate.slope == pytest.approx(line.slope, rel=1e-10)
    assert rate.intercept == pytest.approx(line.intercept, rel=1e-10)
    assert rate.std_error == pytest.approx(line.stderr, rel=1e-10)
    low, high = stats.t(df=len(N) - 2, loc=line.slope, scale=line.stderr).interval(level)
    assert rate.interval == pytest.approx((low, high), rel=1e-9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_weighted_fit_is_least_squares_with_known_errors_of_the_logarithms(seed, level):
    risk = noisy(seed, 0.3)
    errors = risk * np.random.default_rng(seed + 100).uniform(0.01, 0.2, len(N))
    rate = kd.fit_rate(N, risk, errors, level)
    line, covariance = np.polyfit(np.log(N), np.log(risk), 1, w=risk / errors, cov="unscaled")
    assert (rate.slope, rate.intercept) == pytest.approx(tuple(line), rel=1e-9)
    assert rate.std_error == pytest.approx(math.sqrt(covariance[0, 0]), rel=1e-9)
    low, high = stats.norm(line[0], math.sqrt(covariance[0, 0])).interval(level)
    assert rate.interval == pytest.approx((low, high), rel=1e-9)


def test_equal_weights_keep_the_slope_and_take_its_error_from_the_simulation():
    """Against 20 000 fits of risks whose logarithms have the stated errors."""
    sigma = np.linspace(0.01, 0.05, len(N))
    risk = 3 * N**-0.5
    rate = kd.fit_rate(N, risk, sigma * risk, weighted=False)
    assert rate.slope == pytest.approx(kd.fit_rate(N, risk).slope, rel=1e-12)
    noise = sigma * np.random.default_rng(5).standard_normal((20_000, len(N)))
    slopes = np.polyfit(np.log(N), (np.log(risk) + noise).T, 1)[0]
    assert rate.std_error == pytest.approx(slopes.std(), rel=4 / math.sqrt(2 * 20_000))  # four standard errors


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_cover_the_true_slope_as_often_as_they_say(weighted, level):
    sigma = np.linspace(0.02, 0.2, len(N)) if weighted else 0.1
    n_runs, covered = 3000, 0
    for seed in range(n_runs):
        risk = noisy(seed, sigma)
        low, high = kd.fit_rate(N, risk, sigma * risk if weighted else None, level).interval
        covered += low <= -0.5 <= high
    error = math.sqrt(level * (1 - level) / n_runs)
    assert abs(covered / n_runs - level) <= 4 * error


def test_two_points_with_errors_have_a_slope():
    rate = kd.fit_rate([10, 1000], [0.5, 0.005], [0.05, 0.0005])
    assert rate.slope == pytest.approx(-1, rel=1e-12)
    # Both logarithms have error 0.1, so their difference over log 100 has this one.
    assert rate.std_error == pytest.approx(0.1 * math.sqrt(2) / math.log(100), rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2, 3], [0.1, 0.0, 0.1]), "risk[1] = 0.0: it must be positive and finite to have a logarithm"),
        (([1, 2, 3], [0.1, 0.1, -0.5]), "risk[2] = -0.5: it must be positive and finite to have a logarithm"),
        (([1, 2, 3], [np.nan, 0.1, 0.1]), "risk[0] = nan: it must be positive and finite to have a logarithm"),
        (([1, 2, 3], [0.1, np.inf, 0.1]), "risk[1] = inf: it must be positive and finite to have a logarithm"),
        (([0, 2, 3], [0.1] * 3), "n_samples[0] = 0.0: it must be positive and finite to have a logarithm"),
        (([1, 2], [0.1] * 2, [0.1, 0.0]), "std_error[1] = 0.0: it must be positive and finite to have a logarithm"),
        (([1, 2], [0.1] * 2, [np.nan, 0.1]), "std_error[0] = nan: it must be positive and finite to have a logarithm"),
        (([1, 2, 3], [0.1, 0.2]), "all arguments must have the same length, got {'n_samples': 3, 'risk': 2}"),
        (
            ([1, 2, 3], [0.1] * 3, [0.1] * 4),
            "all arguments must have the same length, got {'n_samples': 3, 'risk': 3, 'std_error': 4}",
        ),
        (([1, 2], [0.1, 0.2]), "a slope with its error needs at least 3 points, got 2"),
        (([], []), "a slope with its error needs at least 3 points, got 0"),
        (([1], [0.1], [0.1]), "a slope with its error needs at least 2 points, got 1"),
        (([7, 7, 7], [0.1, 0.2, 0.3]), "n_samples must hold at least two distinct values, got only 7"),
        (([[1, 2, 3]], [0.1] * 3), "n_samples must have shape (m,), got shape (1, 3)"),
        (([1, 2, 3], 0.1), "risk must have shape (m,), got shape ()"),
        (([1, 2, 3], [0.1, 0.2, 0.4], None, 0.0), "level must lie between 0 and 1, got 0.0"),
        (([1, 2, 3], [0.1, 0.2, 0.4], None, 1), "level must lie between 0 and 1, got 1"),
        (([1, 2, 3], [0.1, 0.2, 0.4], None, 95), "level must lie between 0 and 1, got 95"),
        (([1, 2, 3], [0.1, 0.2, 0.4], None, float("nan")), "level must lie between 0 and 1, got nan"),
    ],
)
def test_refuses_what_has_no_slope_and_says_where(arguments, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        kd.fit_rate(*arguments)
