"""What the bounds share: checks of n, delta and real arguments, and a search for a maximum."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_integer
from kdcore._types import Bound


class Optimum(NamedTuple):
    """A largest value, and where it is attained."""

    value: float
    at: float


def check_sizes(n_inputs: int, n_labels: int) -> tuple[int, int]:
    """Return S and A after checking that there is an input and that there are two labels."""
    return check_integer(n_inputs, "n_inputs", minimum=1), check_integer(n_labels, "n_labels", minimum=2)


def check_samples(n_samples: ArrayLike, least: float, name: str) -> Bound:
    """Return n as floats after checking that each is an integer of at least ``least``."""
    n = np.asarray(n_samples)
    if not np.issubdtype(n.dtype, np.integer):
        raise ValueError(f"n_samples must hold integers, got dtype {n.dtype}")
    if n.size and n.min() < least:
        raise ValueError(f"{name} holds for n_samples >= {int(np.ceil(least))} here, got {n.min()}")
    return n.astype(np.float64)


def map_samples(value: Callable[[int], float], n_samples: ArrayLike, name: str) -> Bound:
    """Return ``value(n)`` for each n >= 0, for bounds that need a search; equal n are computed once."""
    n = check_samples(n_samples, 0, name).astype(np.int64)
    distinct, place = np.unique(n, return_inverse=True)
    bound: Bound = np.array([value(int(one)) for one in distinct], dtype=np.float64)[place].reshape(n.shape)
    return bound


def check_confidence(delta: float, at_most: float = 1.0) -> float:
    """Return delta after checking that it lies in (0, 1) and is at most ``at_most``."""
    if at_most < 1 and not 0 < delta <= at_most:
        raise ValueError(f"delta must be above 0 and at most {at_most:g} here, got {delta!r}")
    if not 0 < delta < 1:
        raise ValueError(f"delta must lie between 0 and 1, got {delta!r}")
    return delta


def check_numbers(values: ArrayLike, name: str, low: float, high: float = np.inf, *, above: bool = False) -> Bound:
    """Return floats after checking that each lies in [low, high], or in (low, high] with ``above``."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from None
    fits = (array > low if above else array >= low) & (array <= high)
    if not fits.all():
        rule = f"above {low:g}" if above else f"at least {low:g}"
        limit = f" and at most {high:g}" if high < np.inf else ""
        raise ValueError(f"{name} must be {rule}{limit}, got {array[~fits].ravel()[0]:g}")
    return array


def maximise(function: Callable[[float], float], grid: Bound, values: Bound, tolerance: float = 1e-9) -> Optimum:
    """Return the largest value of a function between the neighbours of the best point of an increasing grid.

    ``values`` are those on the grid, exactly or roughly; the function is evaluated at the best point again, so that
    the result is a value of the function in any case.
    """
    best = int(np.argmax(values))
    low, high = float(grid[max(0, best - 1)]), float(grid[min(len(grid) - 1, best + 1)])
    value, at = function(float(grid[best])), float(grid[best])
    if low < high:
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda x: -function(float(x)), bounds=(low, high), method="bounded", options={"xatol": tolerance}
        )
        value, at = max((value, at), (-float(found.fun), float(found.x)))
    return Optimum(value, at)
