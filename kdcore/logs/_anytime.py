"""An upper bound for the hidden mass that holds at every number of draws at once.

Let V_i, in [0, 1], be the mass hidden at the i-th input before its label is drawn.  Given the first i - 1 draws its
mean is the hidden mass m(i - 1), and m only falls.  Let t = m(n) < 1 (else any bound of 1 holds).  For every stake
0 < c < 1 and every first draw h that is fixed beforehand, the capital

    prod over h < i <= n of (1 + c (t - V_i) / (1 - t)),    1 for n <= h,

has factors of at least 1 - c > 0, which increase with t.  So it is at most the product with m(i - 1) in place of t,
whose factors have mean 1 given the past: a martingale that does not depend on n.  Where m(i - 1) = 1, V_i is 1, the
factor above is 1 - c, and the martingale's is taken as 1.  A mixture over stakes and first draws, with weights that
sum to one, is a martingale as well.  By Ville's inequality it reaches 1 / delta at some n with probability at most
delta.  Else no n refuses m(n), where to refuse t is to have a mixture of capitals of at least 1 / delta; and as
capital increases with t, m(n) is below every t that is refused at n, at all n at once.  A bound stays one at later n,
because m falls, and if hidden masses are replaced by larger ones, because capital falls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kdcore._types import Floats, Integers

_STAKES = np.array([0.1, 0.5, 0.97])
_RATIO = 1.25
"""Each start is this many times as late as the one before."""
_BINS = np.concatenate([[0.0], np.geomspace(1e-9, 1, 4000)])
"""Hidden masses are rounded up to these, by half a percent: a bound remains a bound."""
_DIGITS = 1e-3
"""The relative error that the bound may have, upwards."""


class Curve(NamedTuple):
    """The bound after some numbers of draws."""

    n_samples: Integers
    bound: Floats
    hidden: Floats
    """The mean of V over the draws since the number before: an unbiased estimate of the mean of m there."""


def curve(hidden: Floats, delta: float) -> Curve:
    """Return the bound on the hidden mass along the draws, at the starts and at the end.

    Parameters
    ----------
    hidden : ndarray, shape (n,)
        V_1, ..., V_n in the order of the draws.
    delta : float
        The probability that the bound fails at some number of draws.
    """
    n = len(hidden)
    starts = _starts(n)
    ends = np.unique(np.append(starts[1:], n))
    sums = np.diff(np.append(0.0, np.cumsum(hidden))[np.append(0, ends)])
    used, bins = np.unique(np.searchsorted(_BINS, hidden - 1e-15), return_inverse=True)
    tables = np.zeros((len(ends), len(used)))
    for row, (first, last) in enumerate(zip(starts, ends, strict=True)):
        tables[row] = np.bincount(bins[first:last], minlength=len(used))
    best, bounds = 1.0, []
    for row, end in enumerate(ends):
        blocks = _Blocks(tables[: row + 1], _BINS[used], starts[starts < end])
        if blocks.refuse(best * (1 - _DIGITS), delta):
            best = _least_refused(blocks, best, delta)
        bounds.append(best)
    return Curve(ends.astype(np.int64), np.array(bounds), sums / np.maximum(np.diff(ends, prepend=0), 1))


def _starts(n: int) -> Integers:
    grid = [0]
    while (following := max(grid[-1] + 1, round(grid[-1] * _RATIO))) < n:
        grid.append(following)
    return np.array(grid, dtype=np.int64)


class _Blocks(NamedTuple):
    """How many draws of each block, from one start to the next, had which hidden mass; the last block is the latest."""

    tables: Floats
    hidden: Floats
    starts: Integers

    def refuse(self, t: float, delta: float) -> bool:
        """Tell whether the capital against the hidden mass t has reached 1 / delta."""
        gains = np.log1p(_STAKES * ((t - self.hidden[:, np.newaxis]) / (1 - t)))
        since = np.cumsum((self.tables @ gains)[::-1], axis=0)[::-1]  # log capital of each start, and each stake
        order = np.arange(len(self.starts))
        weights = -np.log((order + 1.0) * (order + 2.0) * len(_STAKES))  # over all starts they sum to one
        not_started = -np.log(len(self.starts) + 1)  # all later starts, with a capital of 1
        capital = np.logaddexp.reduce(np.append((since + weights[:, np.newaxis]).ravel(), not_started))
        return bool(capital >= -np.log(delta))


def _least_refused(blocks: _Blocks, refused: float, delta: float) -> float:
    """Return the least hidden mass that is refused, above by a relative error of _DIGITS at most."""
    kept = refused / 2
    while blocks.refuse(kept, delta):
        refused, kept = kept, kept / 2
        if refused < 1e-12:
            return refused
    while refused - kept > _DIGITS * refused:
        middle = (kept + refused) / 2
        if blocks.refuse(middle, delta):
            refused = middle
        else:
            kept = middle
    return refused
