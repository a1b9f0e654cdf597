"""The paper's bounds with their explicit constants and conditions (chapter "Hard labels" proves those below).

Every function is vectorised over ``n_samples`` and refuses an n for which its statement does not hold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdcore._checks import as_integer, as_probabilities

Bound = NDArray[np.float64]


def theorem_3_1(n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    """Lower bound on the minimax expected risk from hard labels (Zhao and Zhu 2024, Theorem 3.1).

    ``exp(-1/2) / 16 * sqrt(S A / n)``.  The paper's construction pairs labels and so takes A even; the chapter
    "Hard labels" shows that the bound holds for odd A as stated.

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
        If S, A or n is out of range.
    """
    n_inputs = as_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = as_integer(n_labels, "n_labels", minimum=2)
    cells = n_inputs * n_labels
    n = _samples(n_samples, cells / 4, "theorem_3_1")
    bound: Bound = np.exp(-0.5) / 16 * np.sqrt(cells / n)
    return bound


def theorem_3_2(
    n_inputs: int,
    n_labels: int,
    n_samples: ArrayLike,
    delta: float | None = None,
    rho: ArrayLike | None = None,
) -> Bound:
    """Upper bound on the risk of CE_sgl (Zhao and Zhu 2024, Theorem 3.2).

    In expectation (no ``delta``): ``sqrt(A / n) / 2 * sum_s sqrt(rho[s]) + sqrt(S / n)``, where the sum is at most
    ``sqrt(S)``.  With probability at least 1 - delta (eq. 3.4):
    ``sqrt((A log 2 + L) / 2) * sqrt(S / n) + sqrt(2 / n * (S log 2 + L))`` with ``L = log((S + 1) / delta)``.

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
    """
    n_inputs = as_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = as_integer(n_labels, "n_labels", minimum=1)
    n = _samples(n_samples, 1, "theorem_3_2")
    if delta is None:
        root_mass = np.sqrt(n_inputs)
        if rho is not None:
            law = as_probabilities(rho, "rho", ndim=1)
            if len(law) != n_inputs:
                raise ValueError(f"rho must have n_inputs = {n_inputs} entries, got {len(law)}")
            root_mass = np.sqrt(law).sum()
        expected: Bound = 0.5 * np.sqrt(n_labels / n) * root_mass + np.sqrt(n_inputs / n)
        return expected
    if rho is not None:
        raise ValueError("rho enters the bound in expectation only: give rho or delta, not both")
    union = np.log((n_inputs + 1) / _confidence(delta))
    labels = np.sqrt((n_labels * np.log(2) + union) / 2) * np.sqrt(n_inputs / n)
    quantile: Bound = labels + np.sqrt(2 / n * (n_inputs * np.log(2) + union))
    return quantile


def vertex_distance(pi: ArrayLike) -> float:
    """Return ``max_s min_a 2 (1 - pi[s, a])``, the paper's xi: twice the largest distance of a row from a vertex.

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
    """
    farthest = as_probabilities(pi, "pi", ndim=2).max(axis=1).min()
    return max(0.0, 2 * (1 - float(farthest)))  # a row may sum to a little more than 1


def equation_3_5(n_inputs: int, n_labels: int, n_samples: ArrayLike, xi: float) -> Bound:
    """Instance-dependent upper bound on the expected risk of CE_sgl (Zhao and Zhu 2024, eq. 3.5).

    ``sqrt(xi S A / (2 (n + 1))) + 4 S / (9 n)``.

    Parameters
    ----------
    n_inputs, n_labels : int
        S >= 1, A >= 1.
    n_samples : array_like of int
        n >= 1.
    xi : float
        :func:`vertex_distance` of the teacher's policy, in [0, 2].

    Returns
    -------
    ndarray
        The bound for each n.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    n_inputs = as_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = as_integer(n_labels, "n_labels", minimum=1)
    n = _samples(n_samples, 1, "equation_3_5")
    if not 0 <= xi <= 2:
        raise ValueError(f"xi must lie between 0 and 2, got {xi!r}")
    bound: Bound = np.sqrt(xi * n_inputs * n_labels / (2 * (n + 1))) + 4 * n_inputs / (9 * n)
    return bound


def _samples(n_samples: ArrayLike, least: float, name: str) -> Bound:
    """Return n as floats after checking that each is an integer of at least ``least``."""
    n = np.asarray(n_samples)
    if not np.issubdtype(n.dtype, np.integer):
        raise ValueError(f"n_samples must hold integers, got dtype {n.dtype}")
    if n.size and n.min() < least:
        raise ValueError(f"{name} holds for n_samples >= {int(np.ceil(least))} here, got {n.min()}")
    return n.astype(np.float64)


def _confidence(delta: float) -> float:
    if not 0 < delta < 1:
        raise ValueError(f"delta must lie between 0 and 1, got {delta!r}")
    return delta
