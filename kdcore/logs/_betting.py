"""Confidence intervals for means of numbers in [0, 1], valid at every sample size that is fixed beforehand."""

from __future__ import annotations

import numpy as np

from kdcore._types import Floats

_LEAST = 1e-10
"""Means are told apart by this much."""
_CAP = 0.9
"""No bet stakes more than this share of what it may lose."""


def interval(values: Floats, delta: float) -> tuple[float, float]:
    """Return an interval that holds the mean of independent values in [0, 1] with probability 1 - delta.

    The hedged capital of Waudby-Smith and Ramdas (2024, "Estimating means of bounded random variables by betting",
    JRSS B 86, Theorem 3), with their predictable bets for a fixed number of values.  The capital is monotone in the
    mean that it bets against, so that a root finder finds the ends.  Zeros and ones are treated like others: an
    interval of Clopper and Pearson for them alone would be up to a third shorter, but choosing between the two by
    the values would add their probabilities to fail.
    """
    if len(values) == 0:
        return 0.0, 1.0
    bets = _bets(values, delta)
    low = _refused_from_below(values, bets, delta)
    high = 1 - _refused_from_below(1 - values, bets, delta)
    mean = float(values.mean())
    return min(low, mean), max(high, mean)


def _bets(values: Floats, delta: float) -> Floats:
    """Return the stake on each value, from the values before it alone: by their variance, for n values in all."""
    n = len(values)
    order = np.arange(1, n + 1)
    means = (0.5 + np.cumsum(values)) / (order + 1)
    variances = (0.25 + np.cumsum((values - means) ** 2)) / (order + 1)
    before = np.concatenate([[0.25], variances[:-1]])
    stakes: Floats = np.sqrt(2 * np.log(2 / delta) / (n * before))
    return stakes


def _refused_from_below(values: Floats, bets: Floats, delta: float) -> float:
    """Return the largest mean that the bet on values above it refuses: half the capital reaches 1 / delta."""
    from scipy.optimize import brentq

    goal = np.log(2 / delta)

    def excess(mean: float) -> float:
        stakes = np.minimum(bets, _CAP / mean)
        return float(np.cumsum(np.log1p(stakes * (values - mean))).max() - goal)

    if excess(_LEAST) < 0:
        return 0.0
    return float(brentq(excess, _LEAST, 1.0, xtol=_LEAST))
