"""Assouad's cube with the exact error of the best test: pairs of labels whose sign only counts tell."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.special import betainc

from kdcore._numerics import binomial
from kdcore._types import Floats, Integers
from kdcore.bounds._conditions import maximise

_MOST = 1 << 12
_FEW = 1 << 7
"""Numbers of draws of a pair that the bound is summed over, and that the search for the gap looks at."""


@lru_cache(maxsize=8)
def draws_of_a_pair(n: int, pair_mass: float, most: int) -> tuple[Integers, Floats]:
    """Return numbers of draws N ~ Bin(n, pair_mass) of a pair, and their probabilities.

    Where N takes more than ``most`` values it is rounded up to some of them: with more draws the test errs less.
    """
    first, last = binomial.window(n, pair_mass)
    draws = np.arange(first, last + 1)
    if len(draws) <= most:
        mass = binomial.pmf(draws, n, pair_mass)
    else:
        draws = np.unique(np.linspace(first, last, most).astype(np.int64))
        mass = np.diff(binomial.cdf(draws, n, pair_mass), prepend=0.0)
    for array in (draws, mass):  # these are remembered, as a search for a gap asks for them again
        array.setflags(write=False)
    return draws, mass


def error_of_test(draws: Integers, mass: Floats, gap: float) -> float:
    """Return the error of the best test of a pair (1 + gap, 1 - gap) that is drawn so many times."""
    tosses = np.maximum(np.floor((draws + 1) / 2), 1)  # a tie adds nothing: an even number of tosses is worth one less
    return float(mass @ np.where(draws > 0, betainc(tosses, tosses, (1 - gap) / 2), 0.5))


def wrong(n: int, pair_mass: float, gap: float, most: int = _MOST) -> float:
    """Return the error of the best test of a pair (1 + gap, 1 - gap), drawn N ~ Bin(n, pair_mass) times."""
    return error_of_test(*draws_of_a_pair(n, min(pair_mass, 1.0), most), gap)


def best_cube(n: int, pair_mass: Callable[[float], float], weight: Callable[[float], float], largest: float) -> float:
    """Return the largest Bayes risk ``weight(gap) * gap * wrong`` over gaps of at most ``largest``."""
    grid = largest * np.linspace(0, min(1.0, 3 / np.sqrt(n * pair_mass(largest) * largest**2 + 1e-300)), 33)[1:]

    def risk(gap: float, most: int) -> float:
        return weight(gap) * gap * wrong(n, pair_mass(gap), gap, most)

    roughly = np.array([risk(gap, _FEW) for gap in grid])
    return risk(maximise(lambda gap: risk(gap, _FEW), grid, roughly, tolerance=1e-3 * grid[-1]).at, _MOST)
