"""Binomial sums without sampling: windows that hold the mass, and mean absolute deviations."""

from __future__ import annotations

import numpy as np

from kdcore._types import Floats, Integers

TAIL = 1e-18
"""Sums over a binomial leave out values of at most this total probability."""
_GOLDEN = (5**0.5 - 1) / 2
NODES = 1 << 14
"""A sum over a binomial has at most about this many terms: wider windows are sampled at this many values."""
_MANY = 64
"""Mean deviations of this many p or more are computed along the numbers of trials."""
_AFRESH = 512
"""There, one in this many is computed without the one before."""
_CELLS = 1 << 18
"""Temporaries hold at most about this many numbers."""
MOST = 1 << 53
"""The largest number of trials: floats do not hold all integers beyond."""


def window(n: int, p: float) -> tuple[int, int]:
    """Return the first and last value of an interval that Bin(n, p) leaves with probability at most ``TAIL``.

    By Bernstein's inequality, ``P(|X - np| >= t) <= 2 exp(-t^2 / (2 v + 2 t / 3))`` with ``v = n p (1 - p)``.
    """
    log_inverse = np.log(2 / TAIL)
    reach = log_inverse / 3 + np.sqrt(log_inverse**2 / 9 + 2 * n * p * (1 - p) * log_inverse)
    return max(0, int(np.floor(n * p - reach))), min(n, int(np.ceil(n * p + reach)))


def nodes(n: int, p: float, limit: int = NODES) -> tuple[Integers, Floats]:
    """Return values k and weights w with ``sum(w f(k))`` close to ``E f(X)``, X ~ Bin(n, p); k = 0 is left out.

    A window of at most ``limit`` values is taken whole, with the probability of each.  A wider one is cut into strata
    of equal length, each with its probability on two values that mirror each other about its middle: what changes
    slowly with k is integrated to second order in the length over ``n p``.  Their distances from the middle run
    through all values evenly, so that what depends on the fractional part of k times a constant averages out.
    """
    first, last = window(n, p)
    first = max(first, 1)
    if last - first < limit:
        values = np.arange(first, last + 1)
        return values, pmf(values, n, p)
    edges = np.unique(np.linspace(first, last + 1, limit // 2 + 1).astype(np.int64))
    mass = np.diff(cdf(edges - 1, n, p))
    lengths = np.diff(edges)
    shift = (np.arange(len(mass)) * _GOLDEN % 1 * lengths).astype(np.int64)
    return np.concatenate([edges[:-1] + shift, edges[1:] - 1 - shift]), np.tile(mass / 2, 2)


def pmf(k: Integers | Floats, n: Integers | int, p: Floats | float) -> Floats:
    """Return ``P(X = k)`` for X ~ Bin(n, p)."""
    from scipy.stats import binom  # here, as importing it takes longer than importing kdcore

    return np.asarray(binom.pmf(k, n, p))


def cdf(k: Integers | Floats, n: Integers | int, p: float) -> Floats:
    """Return ``P(X <= k)`` for X ~ Bin(n, p)."""
    from scipy.stats import binom

    return np.asarray(binom.cdf(k, n, p))


def mean_deviation(n: Integers, p: Floats | float) -> Floats:
    """Return ``E|X - np|`` for X ~ Bin(n, p), by de Moivre's formula: ``2 m (1 - p) P(X = m)``, m = floor(np) + 1."""
    m = np.floor(n * p) + 1
    deviation: Floats = 2 * m * (1 - p) * pmf(m, n, p)
    return deviation


def mean_relative_deviation(n: int, rho: float, p: Floats) -> Floats:
    """Return ``E[|X - K p| / K; K > 0]`` with K ~ Bin(n, rho) and X ~ Bin(K, p) given K, for each p."""
    draws, weights = nodes(n, rho)
    weights = weights / draws
    if len(p) >= _MANY and len(draws) and draws[-1] - draws[0] < len(draws):
        return _along(draws, weights, p)
    result = np.zeros(len(p))
    step = max(1, _CELLS // len(p))
    for start in range(0, len(draws), step):
        result += weights[start : start + step] @ mean_deviation(draws[start : start + step, np.newaxis], p)
    return result


def _along(draws: Integers, weights: Floats, p: Floats) -> Floats:
    """Return the sum of ``weights * mean_deviation(draws, p)`` over consecutive draws, for each p.

    ``2 m (1 - p) P(X = m)`` at k + 1 follows from that at k, as the ratio of the two is a ratio of small numbers: a
    few products in place of a probability.  Every ``_AFRESH`` draws it is computed afresh, so that no error builds up.
    """
    result, rest = np.zeros(len(p)), 1 - p
    odds = p / np.where(rest > 0, rest, 1.0)
    for number, (k, weight) in enumerate(zip(draws.tolist(), weights.tolist(), strict=True)):
        if number % _AFRESH == 0:
            m = np.minimum(np.floor(k * p) + 1, k)
            deviation = 2 * m * rest * pmf(m, k, p)
        result += weight * deviation
        fewer = k + 1 - m  # failures at k + 1
        deviation *= (k + 1) * rest / fewer
        further = np.floor((k + 1) * p) >= m
        deviation *= np.where(further, odds * fewer / m, 1.0)
        m += further
    return result


def deviations_from_integers(n: Integers, p: float, first: Integers, width: int) -> Floats:
    """Return ``E|X - c|`` for X ~ Bin(n[i], p) and ``c = first[i], ..., first[i] + width - 1`` in row i.

    From ``E|X - c| = c (2 P(X <= c) - 1) + n p (1 - 2 P(X' <= c - 1))`` with X' ~ Bin(n - 1, p) at the first c, and
    steps of ``2 P(X <= c) - 1`` from one c to the next.  In between, ``E|X - c|`` is linear in c.
    """
    c = first[:, np.newaxis] + np.arange(width)
    trials = n[:, np.newaxis]
    mass = pmf(c, trials, p)
    mass[:, 0] = cdf(first, n, p)
    below = np.minimum(np.cumsum(mass, axis=1), 1.0)
    one_less = cdf(first - 1, np.maximum(n - 1, 0), p)
    result = np.empty(c.shape)
    result[:, 0] = first * (2 * below[:, 0] - 1) + n * p * (1 - 2 * one_less)
    np.cumsum(2 * below[:, :-1] - 1, axis=1, out=result[:, 1:])
    result[:, 1:] += result[:, :1]
    return result


def deviation(n: Integers, p: float, c: Floats) -> Floats:
    """Return ``E|X - c|`` for X ~ Bin(n, p), entry by entry; c >= 0 need not be an integer."""
    below = np.floor(c)
    at_most = cdf(below, n, p)
    one_less = cdf(below - 1, np.maximum(n - 1, 0), p)
    return np.asarray(c * (2 * at_most - 1) + n * p * (1 - 2 * one_less))


def central_rows(n: Integers, p: float) -> tuple[Integers, Floats]:
    """Return values (len(n), w) and, for each n, their probabilities under Bin(n, p), 0 < p < 1; all but ``TAIL``.

    The probabilities of a row come from their ratios and are normalised, which is exact to rounding and far cheaper
    than one evaluation each.
    """
    low, high = window(int(n.max()), p)
    centre = int(np.floor(n.max() * p))
    reach = max(centre - low, high - centre)
    middle = np.floor(n * p).astype(np.int64)[:, np.newaxis]
    steps = np.arange(1, reach + 1)
    trials = n[:, np.newaxis]
    up, down = middle + steps, middle - steps + 1
    odds = p / (1 - p)
    rising = np.cumprod(np.maximum(trials - up + 1, 0) * odds / up, axis=1)
    falling = np.cumprod(np.maximum(down, 0) / ((trials - down + 1) * odds), axis=1)
    mass = np.concatenate([falling[:, ::-1], np.ones_like(middle, dtype=np.float64), rising], axis=1)
    mass /= mass.sum(axis=1, keepdims=True)
    return middle + np.arange(-reach, reach + 1), mass
