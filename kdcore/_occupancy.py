"""What n draws leave unseen: the expectation of a loss that depends only on how many labels of each kind are unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import binom, gammaln

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

_TOLERANCE = 1e-12
_TINY = 1e-300
_HALVINGS = 12


def expected_loss(n: int, masses: Sequence[float], sizes: Sequence[int], loss: Floats) -> float:
    """Return ``E loss[U_1, ..., U_L]`` where U_l cells of kind l are left unseen by n draws.

    There are ``sizes[l]`` cells of kind l, each drawn with probability ``masses[l]``; with the rest of the probability
    a draw hits none of them.  Were n a Poisson variable of mean t, the U_l would be independent binomials, and the
    expectation h(t) easy.  As ``e^t h(t) = sum_n E_n t^n / n!``, Cauchy's integral on a circle of radius r gives E_n::

        E_n = n! / (2 pi r^n) * integral of e^t h(t) e^(-i n theta), t = r e^(i theta)

    All E_n are >= 0, so on the circle through the saddle point nothing cancels and the result is accurate in relative
    terms, however small (Bornemann 2011); and the integrand has the width 1 / sqrt(n), so that the number of points
    of the trapezoidal rule does not grow with n.

    Parameters
    ----------
    n : int
        Draws, n >= 0.
    masses : sequence of float
        Positive, with ``sum(masses * sizes) <= 1``.
    sizes : sequence of int
        Cells of each kind.
    loss : ndarray, shape (sizes[0] + 1, ..., sizes[-1] + 1)
        The non-negative loss in each state.

    Raises
    ------
    ArithmeticError
        If the trapezoidal rule has not settled to 1e-12 (relative) after many halvings of its step.
    """
    if n == 0:
        return float(loss[tuple(sizes)])

    def poissonised(t: Complexes) -> Complexes:
        value = np.broadcast_to(loss.reshape(1, -1), (len(t), loss.size))
        for mass, size in zip(masses, sizes, strict=True):
            unseen = np.arange(size + 1)
            missed, hit = -t * mass, -np.expm1(-t * mass)
            weights = binom(size, unseen) * np.exp(np.outer(missed, unseen)) * np.power.outer(hit, size - unseen)
            value = np.einsum("jk,jkr->jr", weights, value.reshape(len(t), size + 1, -1))
        return value[:, 0]

    radius = _saddle_point(n, poissonised)
    if radius is None:
        return 0.0
    before = np.nan
    n_points = max(64, int(np.ceil(9 * np.sqrt(n))))
    for _ in range(_HALVINGS):
        value = _trapezoid(n, radius, n_points, poissonised)
        if abs(value - before) <= _TOLERANCE * abs(value) + _TINY:
            return value
        before, n_points = value, 2 * n_points
    raise ArithmeticError(f"the expected loss after {n} draws has not settled: last values {before:g}, {value:g}")


def _saddle_point(n: int, poissonised: Callable[[Complexes], Complexes]) -> float | None:
    """Return r with ``r (1 + h'(r) / h(r)) = n`` (roughly is enough), or None where h(n) is 0 or underflows."""
    radius = float(n)
    for _ in range(5):
        here, beside = poissonised(np.array([radius, radius * (1 + 1e-30j)]))
        if here.real <= 0:
            return None
        slope = beside.imag / here.real / (radius * 1e-30)
        radius = n / (1 + slope)
    return radius


def _trapezoid(n: int, radius: float, n_points: int, poissonised: Callable[[Complexes], Complexes]) -> float:
    step = 2 * np.pi / n_points
    last = min(n_points // 2, int(np.ceil(9.5 / np.sqrt(n) / step)))
    theta = step * np.arange(last + 1)
    excess = radius / n - 1
    stirling = gammaln(n + 1) - (n * np.log(n) - n) if n < 100 else 0.5 * np.log(2 * np.pi * n) + _stirling_rest(n)
    # log of n! e^t / (r^n e^(i n theta)), in terms that are small together with theta and with r - n
    size = stirling - n * _log1p_minus(excess) - 2 * radius * np.sin(theta / 2) ** 2
    phase = radius * _sin_minus(theta) + n * excess * theta
    values = np.exp(size + 1j * phase) * poissonised(radius * np.exp(1j * theta))
    weights = np.full(last + 1, 2.0)
    weights[0] = 1
    if 2 * last == n_points:
        weights[-1] = 1
    return float(weights @ values.real / n_points)


def _stirling_rest(n: int) -> float:
    """Return ``log n! - (n log n - n + log(2 pi n) / 2)`` for n >= 100."""
    return 1 / (12 * n) - 1 / (360 * n**3)


def _log1p_minus(x: float) -> float:
    """Return ``log(1 + x) - x`` without cancellation."""
    if abs(x) > 0.01:
        return float(np.log1p(x) - x)
    return float(-(x**2) * np.polyval([(-1) ** k / (k + 2) for k in range(9, -1, -1)], x))


def _sin_minus(x: Floats) -> Floats:
    """Return ``sin(x) - x`` without cancellation."""
    square = x**2
    series = -(x**3) / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110))))
    return np.where(x < 0.3, series, np.sin(x) - x)
