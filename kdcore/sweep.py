"""A grid of risks as one tidy table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from kdcore._checks import as_integer
from kdcore.risk import simulate_risk
from kdcore.teacher import Teacher


def risk_curve(
    family: Callable[[int], Teacher],
    n_grid: Iterable[int],
    learners: Sequence[str] | None = None,
    n_repeats: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Simulate the risk of students over a grid of sample sizes.

    Parameters
    ----------
    family : callable
        Maps n to a Teacher: hard instances change with n; a fixed teacher is ``lambda n: teacher``.
    n_grid : iterable of int
        Sample sizes, each n >= 0.
    learners : sequence of str, optional
        Keys of :data:`kdcore.LEARNERS`; all four by default.
    n_repeats : int
        Data sets per point.
    seed : int
        Seed of the run; the i-th point of the grid has its own streams.

    Returns
    -------
    pandas.DataFrame
        The rows of :func:`kdcore.simulate_risk` for each n, in the order of the grid.

    Raises
    ------
    ValueError
        If the grid is empty, or as :func:`kdcore.simulate_risk` and ``family`` raise.
    """
    grid = [as_integer(n, "n_grid") for n in n_grid]
    if not grid:
        raise ValueError("n_grid must hold at least one sample size, got none")
    tables = [simulate_risk(family(n), n, learners, n_repeats, seed, point) for point, n in enumerate(grid)]
    return pd.concat(tables, ignore_index=True)
