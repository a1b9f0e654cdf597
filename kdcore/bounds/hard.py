"""Bounds for hard labels (Zhao and Zhu 2024, section 3; the chapter "Hard labels" proves them)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_integer, check_probabilities
from kdcore._types import Bound
from kdcore.bounds._conditions import Optimum, check_confidence, check_samples, map_samples, maximise
from kdcore.bounds._cube import draws_of_a_pair, error_of_test

_THINNED = 257
"""Numbers of draws of a pair that the search for the gap looks at."""
_MOST = 1 << 16
"""Numbers of draws of a pair that the bound is summed over."""


def theorem_3_1(*, n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    r"""Lower bound on the minimax expected risk from hard labels (Zhao and Zhu 2024, Theorem 3.1).

    :math:`\frac{e^{-1/2}}{16}\sqrt{SA/n}`.  The paper's construction pairs labels and so takes A even; the bound holds
    for odd A as stated.  Proof: chapter "Hard labels".

    Parameters
    ----------
    n_inputs, n_labels : int
        S >= 1, A >= 2.
    n_samples : array_like of int
        n >= S A / 4.

    Returns
    -------
    ndarray
        The bound for each n.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> theorem_3_1(n_inputs=10, n_labels=10, n_samples=[100, 10_000]).round(5)
    array([0.03791, 0.00379])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=2)
    cells = n_inputs * n_labels
    n = check_samples(n_samples, cells / 4, "theorem_3_1")
    bound: Bound = np.exp(-0.5) / 16 * np.sqrt(cells / n)
    return bound


def theorem_3_1_improved(*, n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    r"""Lower bound of Theorem 3.1's cube with the exact error of the best test, at its best gap.

    With :math:`K=SA` for even A, :math:`S(A-1)` for odd A (one label is unused), and :math:`N\sim\mathrm{Bin}(n,2/K)`,

    .. math:: \max_{0<\Delta\le1}\ \frac\Delta2\,\mathbb E\bigl[2P(X<N/2\mid N)+P(X=N/2\mid N)\bigr],
        \qquad X\sim\mathrm{Bin}\bigl(N,\tfrac{1+\Delta}2\bigr).

    This is the exact Bayes risk on the cube, so it is a lower bound for every student and every n, without the
    condition n >= S A / 4, and at least Theorem 3.1's where that holds for even A.  For n / K -> infinity it tends to
    :func:`assouad_constant` times :math:`\sqrt{K/n}`.  Proof: chapter "Hard labels", steps 1 and 2 of Theorem 3.1.
    The search for the gap is numerical; whatever gap it finds, the value is a bound.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 0.

    Examples
    --------
    >>> theorem_3_1_improved(n_inputs=10, n_labels=10, n_samples=[0, 100, 10_000]).round(5)
    array([0.5    , 0.1254 , 0.01202])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=2)
    cells = n_inputs * (n_labels - n_labels % 2)
    return map_samples(lambda n: _best_cube(cells, n), n_samples, "theorem_3_1_improved")


def _best_cube(cells: int, n: int) -> float:
    """Return the largest Bayes risk over the gaps of the cube."""
    draws, mass = draws_of_a_pair(n, 2 / cells, _MOST)
    some = np.unique(np.linspace(0, len(draws) - 1, _THINNED).round().astype(int))
    grid = np.linspace(0, min(1.0, 2 * np.sqrt(cells / max(n, 1))), 66)[1:]
    roughly = mass[some] / mass[some].sum()

    def rough(gap: float) -> float:
        return gap * error_of_test(draws[some], roughly, gap)

    gap = maximise(rough, grid, np.array([rough(gap) for gap in grid])).at
    return gap * error_of_test(draws, mass, gap)


def assouad_constant() -> Optimum:
    r"""Return :math:`\max_v v\,\Phi(-v)/\sqrt2\approx0.120` and its v: the limit of :func:`theorem_3_1_improved`.

    In units of :math:`\sqrt{SA/n}`, for even A, as n / (S A) grows; the gap is :math:`\Delta=v\sqrt{SA/(2n)}`.  The
    constant of Theorem 3.1 is 0.0379.  Proof: chapter "Hard labels".

    Examples
    --------
    >>> value, v = assouad_constant()
    >>> round(value, 5), round(v, 5)
    (0.12019, 0.75179)
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    v = float(brentq(lambda v: norm.cdf(-v) - v * norm.pdf(v), 0.5, 1))
    return Optimum(v * float(norm.cdf(-v) / np.sqrt(2)), v)


def hard_sharp_constant(*, n_labels: int) -> float:
    r"""Return :math:`\sqrt{(A-1)/(2\pi_cA)}`, with :math:`\pi_c=3.14159\ldots`: the sharp constant for hard labels.

    For fixed S and A and n -> infinity the minimax expected risk is this times :math:`\sqrt{SA/n}`, to first order, and
    The counter's risk on uniform rows attains it.  A limit, no bound at finite n.  The minimax theorem is from Kamath,
    Orlitsky, Pichapati and Suresh (2015).

    Parameters
    ----------
    n_labels : int
        A >= 1.

    Returns
    -------
    float
        Between 0 (A = 1) and 0.3989.

    Raises
    ------
    ValueError
        If A is out of range.

    Examples
    --------
    >>> round(hard_sharp_constant(n_labels=2), 4)
    0.2821
    """
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    return float(np.sqrt((n_labels - 1) / (2 * np.pi * n_labels)))


def theorem_3_2(
    *, n_inputs: int, n_labels: int, n_samples: ArrayLike, delta: float | None = None, rho: ArrayLike | None = None
) -> Bound:
    r"""Upper bound on the risk of the counter (Zhao and Zhu 2024, Theorem 3.2).

    In expectation (no ``delta``): :math:`\frac12\sqrt{A/n}\sum_s\sqrt{\rho(s)}+\sqrt{S/n}`, where the sum is at most
    :math:`\sqrt S`.  With probability at least 1 - delta (eq. 3.4):

    .. math:: \sqrt{\tfrac S{2n}(A\log2+L)}+\sqrt{\tfrac2n(S\log2+L)},\qquad L=\log\tfrac{S+1}\delta.

    Proof: chapter "Hard labels".

    Parameters
    ----------
    n_inputs, n_labels : int
        S >= 1, A >= 1.
    n_samples : array_like of int
        n >= 1.
    delta : float, optional
        Failure probability in (0, 1).
    rho : array_like, shape (S,), optional
        The input law, for the expectation form; without it the worst one (uniform).

    Returns
    -------
    ndarray
        The bound for each n; values above 1 say nothing.

    Raises
    ------
    ValueError
        If an argument is out of range, or both ``delta`` and ``rho`` are given.

    Examples
    --------
    >>> theorem_3_2(n_inputs=10, n_labels=10, n_samples=[100, 10_000]).round(4)
    array([0.8162, 0.0816])
    >>> theorem_3_2(n_inputs=10, n_labels=10, n_samples=[100, 10_000], delta=0.05).round(4)
    array([1.2815, 0.1282])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    n = check_samples(n_samples, 1, "theorem_3_2")
    if delta is None:
        root_mass = np.sqrt(n_inputs)
        if rho is not None:
            law = check_probabilities(rho, "rho", ndim=1)
            if len(law) != n_inputs:
                raise ValueError(f"rho must have n_inputs = {n_inputs} entries, got {len(law)}")
            root_mass = np.sqrt(law).sum()
        expected: Bound = 0.5 * np.sqrt(n_labels / n) * root_mass + np.sqrt(n_inputs / n)
        return expected
    if rho is not None:
        raise ValueError("rho enters the bound in expectation only: give rho or delta, not both")
    union = np.log((n_inputs + 1) / check_confidence(delta))
    labels = np.sqrt((n_labels * np.log(2) + union) / 2) * np.sqrt(n_inputs / n)
    quantile: Bound = labels + np.sqrt(2 / n * (n_inputs * np.log(2) + union))
    return quantile


def vertex_distance(pi: ArrayLike) -> float:
    r"""Return :math:`\max_s\min_a2(1-\pi(a\mid s))`, the paper's xi: twice the largest distance of a row from a vertex.

    Parameters
    ----------
    pi : array_like, shape (S, A)
        A policy.

    Returns
    -------
    float
        Between 0 (every row deterministic) and 2 (1 - 1/A).

    Raises
    ------
    ValueError
        If a row is not a probability vector.

    Examples
    --------
    >>> vertex_distance([[1, 0], [0.25, 0.75]])
    0.5
    """
    farthest = check_probabilities(pi, "pi", ndim=2).max(axis=1).min()
    return max(0.0, 2 * (1 - float(farthest)))  # a row may sum to a little more than 1


def equation_3_5(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, xi: float) -> Bound:
    r"""Instance-dependent upper bound on the expected risk of the counter (Zhao and Zhu 2024, eq. 3.5).

    :math:`\sqrt{\xi SA/(2(n+1))}+\frac{4S}{9n}`.  Proof: chapter "Hard labels".

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples
        As of :func:`theorem_3_2`.
    xi : float
        :func:`vertex_distance` of the teacher's policy, in [0, 2].

    Examples
    --------
    >>> equation_3_5(n_inputs=10, n_labels=10, n_samples=[100, 10_000], xi=0.02).round(4)
    array([0.1439, 0.0104])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    n = check_samples(n_samples, 1, "equation_3_5")
    if not 0 <= xi <= 2:
        raise ValueError(f"xi must lie between 0 and 2, got {xi!r}")
    bound: Bound = np.sqrt(xi * n_inputs * n_labels / (2 * (n + 1))) + 4 * n_inputs / (9 * n)
    return bound
