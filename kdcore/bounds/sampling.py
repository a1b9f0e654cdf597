"""Bounds for rounded probabilities, several draws an input, and draws at another temperature."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_integer
from kdcore._types import Bound
from kdcore.bounds._conditions import check_numbers, check_samples, check_sizes, map_samples
from kdcore.bounds._cube import best_cube
from kdcore.bounds.hard import theorem_3_2
from kdcore.bounds.minimax import partial_lower
from kdcore.bounds.partial import joint_missing_mass
from kdcore.bounds.soft import soft_minimax


def rounded_lower(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, error: float) -> Bound:
    r"""Lower bound on the minimax expected TV where revealed probabilities have a relative error of up to ``error``.

    Of the order of :math:`\frac{SA}n+\min(\varepsilon,\sqrt{SA/n})`, as :func:`rounded_upper` is.  Proved here, for the
    worst rule of rounding: labels in pairs of masses :math:`(1\pm\Delta)/A`, :math:`\Delta\le\frac\varepsilon
    {1+\varepsilon}`, may all be shown as 1/A, so that the cube of :func:`theorem_3_1_improved` with such gaps remains;
    and exact numbers are a rule, so that :func:`partial_lower` is a bound.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 0.
    error : float
        The relative error, in [0, 1].

    Examples
    --------
    >>> rounded_lower(n_inputs=10, n_labels=10, n_samples=[100, 10**6], error=0.01).round(5)
    array([0.1366, 0.0012])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    error = float(check_numbers(error, "error", 0, 1))
    exact = partial_lower(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    if error == 0:
        return exact
    cells = n_inputs * (n_labels - n_labels % 2)
    cube = map_samples(
        lambda n: best_cube(n, lambda _gap: 2 / cells, lambda _gap: 1.0, error / (1 + error)),
        n_samples,
        "rounded_lower",
    )
    return np.asarray(np.maximum(exact, cube))


def rounded_upper(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, error: float) -> Bound:
    r"""Upper bound on the minimax expected TV where revealed probabilities have a relative error of up to ``error``.

    .. math:: \min\Bigl(\frac{SA}{en}+\varepsilon,\;\frac12\sqrt{\frac{SA}n}+\sqrt{\frac Sn}\Bigr)

    Proved here: the matcher, which divides by the sum if the numbers seen exceed 1, errs by the hidden mass and by
    :math:`\varepsilon` at most; the counter does not look at numbers (:func:`theorem_3_2`).

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 1.
    error : float
        The relative error, in [0, 1].

    Examples
    --------
    >>> rounded_upper(n_inputs=10, n_labels=10, n_samples=[100, 10**6], error=0.01).round(5)
    array([0.37788, 0.00816])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    matched = joint_missing_mass(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    counted = theorem_3_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    return np.asarray(np.minimum(matched + float(check_numbers(error, "error", 0, 1)), counted))


def several_draws_lower(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, draws: int) -> Bound:
    r"""Lower bound on the minimax expected TV where each of n inputs gets m drawn labels, with their probabilities.

    :math:`\frac{2S\lfloor(A-1)/2\rfloor}{4em(n+1)}` where :math:`m(n+1)\ge S\lfloor\frac{A-1}2\rfloor`, or
    :func:`soft_minimax`, if that is larger.  Proved here: buddies of mass :math:`\frac S{m(n+1)}` and 0, of which an
    input shows none with probability :math:`(1-v)^m\ge1-mv`.  What is known of all rows is known of less.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 0.
    draws : int
        m >= 1 labels an input.

    Examples
    --------
    >>> several_draws_lower(n_inputs=10, n_labels=101, n_samples=[100, 10_000], draws=10).round(5)
    array([0.09106, 0.00092])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    m = check_integer(draws, "draws", minimum=1)
    n = check_samples(n_samples, 0, "several_draws_lower")
    whole = soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    pairs = (n_labels - 1) // 2
    buddies = n_inputs * pairs / (2 * math.e * m * (n + 1))
    return np.asarray(np.where(m * (n + 1) >= n_inputs * pairs, np.maximum(whole, buddies), whole))


def several_draws_upper(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, draws: int) -> Bound:
    r"""Upper bound on the expected TV of the matcher where each of n inputs gets m drawn labels, with probabilities.

    .. math:: \frac1{e-1}\Bigl(\frac Sn+\frac{SA}{nm}\Bigr),\quad\text{or }\frac{SA}{en}\text{ if that is less}.

    Proved here.  An input shows a label of probability v with probability
    :math:`1-(1-v)^m\ge c\min(1,mv)`, :math:`c=1-\frac1e`; so labels with mv <= 1 add at most
    :math:`\frac1{cm}\cdot\frac1{en}` each to the hidden mass, the others of an input :math:`\frac1{cen}` together.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 1.
    draws : int
        m >= 1 labels an input.

    Examples
    --------
    >>> several_draws_upper(n_inputs=10, n_labels=101, n_samples=[100, 10_000], draws=10).round(5)
    array([0.64599, 0.00646])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    m = check_integer(draws, "draws", minimum=1)
    n = check_samples(n_samples, 1, "several_draws_upper")
    several = n_inputs * (1 + n_labels / m) / ((math.e - 1) * n)
    return np.asarray(np.minimum(several, n_inputs * n_labels / (math.e * n)))


def temperature_upper(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, temperature: float) -> Bound:
    r"""Upper bound on the expected TV of the matcher: labels drawn at temperature T, probabilities revealed at 1.

    :math:`\bigl(\frac{TSA}{en}\bigr)^T` for :math:`T\ge1` and uniform rho.  Proved here: labels are drawn from
    :math:`q\propto\pi^{1/T}`, whose normaliser is at most :math:`A^{1-1/T}`, so that
    :math:`\pi\le q^TA^{T-1}`; the hidden mass is at most :math:`SA\cdot\frac{A^{T-1}}S\max_qq^Te^{-nq/S}`.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 1.
    temperature : float
        T >= 1.

    Examples
    --------
    >>> temperature_upper(n_inputs=10, n_labels=10, n_samples=[1000, 100_000], temperature=2.0).round(7)
    array([5.4134e-03, 5.0000e-07])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    t = float(check_numbers(temperature, "temperature", 1, 1e3))
    n = check_samples(n_samples, 1, "temperature_upper")
    bound: Bound = (t * n_inputs * n_labels / (math.e * n)) ** t
    return bound
