"""What n draws leave unseen: the expectation of a loss that depends on which labels, or how many of each kind, are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import gammaln, xlog1py

from kdcore._types import Complexes, Floats

_TOLERANCE = 1e-12
_HALVINGS = 12
_NEGLIGIBLE = 1e-18
_UNDERFLOW = -760.0  # exp of less is 0


def expected_loss(n: int, masses: Sequence[float], sizes: Sequence[int], loss: Floats) -> float:
    """Return ``E loss[U_1, ..., U_L]`` where U_l cells of kind l are left unseen by n draws.

    There are ``sizes[l]`` cells of kind l, each drawn with probability ``masses[l]``; with the rest of the probability
    a draw hits none of them.  Were n a Poisson variable of mean t, the U_l would be independent binomials, and the
    expectation h(t) a sum of non-negative terms.  As ``e^t h(t) = sum_n E_n t^n / n!``, the E_n are contour integrals.

    Let w be the smallest unseen mass of a state with positive loss.  Then ``h(t) = e^(-w t) b(t)`` with b bounded, and
    Cauchy's formula on a circle, with ``t = r e^(i theta) / (1 - w)``, reads::

        E_n = (1 - w)^n * n! / (2 pi r^n) * integral of exp(r e^(i theta) - i n theta) b(t) over theta

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
    unseen = np.argwhere(loss > 0)
    seen = np.array(sizes) - unseen
    mass = unseen @ np.array(masses, dtype=np.float64)
    possible = (seen.sum(axis=1) <= n) & (mass < 1 - 1e-15)
    if not possible.any():
        return 0.0
    unseen, seen, mass = unseen[possible], seen[possible], mass[possible]
    least = float(mass.min())
    scale = n * np.log1p(-least)
    if scale < _UNDERFLOW:
        return 0.0
    states = gammaln(np.array(sizes) + 1) - gammaln(unseen + 1) - gammaln(seen + 1)
    constant = states.sum(axis=1) + np.log(loss[tuple(unseen.T)])
    excess = mass - least

    def poissonised(tau: Complexes) -> Complexes:
        """Return b(tau / (1 - w)); states that are negligible at the real part of all tau are left out."""
        t = tau / (1 - least)
        kept = -t.real.min() * excess + constant > _UNDERFLOW
        exponent = constant[kept] - np.multiply.outer(t, excess[kept])
        for kind in np.flatnonzero(seen[kept].any(axis=0)).tolist():
            exponent += np.multiply.outer(np.log(-np.expm1(-t * masses[kind])), seen[kept, kind])
        total: Complexes = np.exp(exponent).sum(axis=1)
        return total

    radius = _saddle_point(n, poissonised)
    before = np.nan
    n_points = max(64, int(np.ceil(9 * np.sqrt(n))))
    for _ in range(_HALVINGS):
        value = _trapezoid(n, radius, n_points, poissonised)
        if abs(value - before) <= _TOLERANCE * abs(value):
            return float(np.exp(scale) * value)
        before, n_points = value, 2 * n_points
    raise ArithmeticError(f"the expected loss after {n} draws has not settled: last values {before:g}, {value:g}")


def expected_loss_over_sets(n: int, mass: Floats, loss: Floats) -> tuple[Floats, Floats]:
    """Return ``E loss[i, V]`` for rows i of few cells, where V is the set of cells that n draws leave unseen.

    With q(V) the probability that a draw hits none of V, ``P(all of V are unseen) = q(V)^n``; inclusion and exclusion
    turn the loss of sets into coefficients c with ``E loss = sum_V c(V) q(V)^n``.

    Parameters
    ----------
    n : int
        Draws, n >= 0.
    mass : ndarray, shape (B, 2**P)
        The probability of a set of cells; bit j of its number tells whether cell j is in it.
    loss : ndarray, shape (B, 2**P)
        The non-negative loss when exactly these cells are unseen.

    Returns
    -------
    value, error : ndarray, shape (B,)
        The expectations, and how much cancellation and rounding may have changed them at most.
    """
    coefficients, magnitudes = loss.T.copy(), loss.T.copy()  # rows lie side by side: pairs of cells are long
    half = 1
    while half < loss.shape[1]:
        for sums, combine in ((coefficients, np.subtract), (magnitudes, np.add)):
            pairs = sums.reshape(-1, 2, half * len(loss))
            combine(pairs[:, 1], pairs[:, 0], out=pairs[:, 1])
        half *= 2
    coefficients, magnitudes = coefficients.T.copy(), magnitudes.T.copy()
    exponent = np.maximum(xlog1py(n, -np.minimum(mass, 1.0)), _UNDERFLOW)  # exp of less is 0
    power = np.exp(exponent)
    value = np.einsum("bv,bv->b", coefficients, power)
    magnitudes *= power * (1 - exponent)
    error = (np.log2(loss.shape[1]) + 4) * np.finfo(float).eps * magnitudes.sum(axis=1)
    return np.maximum(value, 0.0), error


def _saddle_point(n: int, poissonised: Callable[[Complexes], Complexes]) -> float:
    """Return r with ``r (1 + b'(r) / b(r)) = n``, roughly: b does not decrease, so r <= n."""
    radius = float(n)
    for _ in range(6):
        here, beside = poissonised(np.array([radius, radius * (1 + 1e-30j)]))
        slope = beside.imag / here.real / (radius * 1e-30)
        radius = max(n / (1 + slope), n / 100)
    return radius


def _trapezoid(n: int, radius: float, n_points: int, poissonised: Callable[[Complexes], Complexes]) -> float:
    """Return the integral by ``n_points`` equal steps around the circle, as far as the integrand is not negligible."""
    step = 2 * np.pi / n_points
    reach = 2 * np.arcsin(min(1.0, 5 / np.sqrt(radius)))
    while True:
        last = min(n_points // 2, int(np.ceil(reach / step)))
        values = _integrand(n, radius, step * np.arange(last + 1, dtype=np.float64), poissonised)
        if 2 * last >= n_points - 1 or abs(values[-1]) <= _NEGLIGIBLE * abs(values).max():
            break
        reach *= 2
    weights = np.full(last + 1, 2.0)
    weights[0] = 1
    if 2 * last == n_points:
        weights[-1] = 1
    return float(weights @ values.real / n_points)


def _integrand(n: int, radius: float, theta: Floats, poissonised: Callable[[Complexes], Complexes]) -> Complexes:
    excess = radius / n - 1
    stirling = gammaln(n + 1) - (n * np.log(n) - n) if n < 100 else 0.5 * np.log(2 * np.pi * n) + _stirling_rest(n)
    # log of n! e^tau / (r^n e^(i n theta)), in terms that are small together with theta and with r - n
    size = stirling - n * _log1p_minus(excess) - 2 * radius * np.sin(theta / 2) ** 2
    phase = radius * _sin_minus(theta) + n * excess * theta
    values: Complexes = np.exp(size + 1j * phase) * poissonised(radius * np.exp(1j * theta))
    return values


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
