"""Bounds for soft labels (Zhao and Zhu 2024, section 5), and the minimax risk itself."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_integer
from kdcore._numerics.divergence import check_divergence
from kdcore._types import Bound
from kdcore.bounds._conditions import check_samples, map_samples, maximise
from kdcore.bounds.lemmas import lemma_e_6


def theorem_5_1(*, n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    r"""Lower bound on the minimax expected risk from soft labels (Zhao and Zhu 2024, Theorem 5.1).

    :math:`\frac{S-1}{2e(n+1)}`, for every A.  :func:`soft_minimax` gives the minimax risk itself.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 2, A >= 2, n > S - 1, as printed (the construction needs only n >= S - 2).

    Examples
    --------
    >>> theorem_5_1(n_inputs=10, n_labels=5, n_samples=[50, 1000]).round(4)
    array([0.0325, 0.0017])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=2)
    check_integer(n_labels, "n_labels", minimum=2)
    n = check_samples(n_samples, n_inputs, "theorem_5_1")
    bound: Bound = (n_inputs - 1) / (2 * math.e * (n + 1))
    return bound


def theorem_5_2(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, delta: float | None = None) -> Bound:
    r"""Upper bound on the risk of the copier (Zhao and Zhu 2024, Theorem 5.2).

    In expectation :math:`\frac{4S}{9n}`; with probability at least 1 - delta
    :math:`\frac{4S}{9n}+\frac{3\sqrt S\log(1/\delta)}n`.  Whatever the student answers at inputs not drawn, it errs by
    at most their mass: :func:`lemma_e_7` on the alphabet of inputs.

    Returns and raises as :func:`theorem_3_2`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples
        As of :func:`theorem_3_2`; the bound does not depend on A.
    delta : float, optional
        Failure probability, 0 < delta <= 1/10.

    Examples
    --------
    >>> theorem_5_2(n_inputs=10, n_labels=5, n_samples=[50, 1000]).round(4)
    array([0.0889, 0.0044])
    >>> theorem_5_2(n_inputs=10, n_labels=5, n_samples=[50, 1000], delta=0.05).round(4)
    array([0.6573, 0.0329])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    check_integer(n_labels, "n_labels", minimum=1)
    n = check_samples(n_samples, 1, "theorem_5_2")
    bound: Bound = 4 * n_inputs / (9 * n)
    return bound if delta is None else bound + lemma_e_6(n_letters=n_inputs, n_samples=n_samples, delta=delta)


def soft_minimax(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, divergence: str = "tv") -> Bound:
    r"""Minimax expected risk from soft labels, exactly: no student beats it, and CE_ful with uniform fill attains it.

    .. math:: R^\star(n)=\Bigl(1-\frac1A\Bigr)\max_\rho\sum_s\rho_s(1-\rho_s)^n
        \approx\Bigl(1-\frac1A\Bigr)\frac{S-1}{en}\text{ for large }n.

    Below: let the policy be uniform over the deterministic ones, and rho any law.  At an input not drawn every answer p
    then costs :math:`\frac1A\sum_a(1-p(a))=1-\frac1A` on average.  Above: the copier with uniform fill errs only at
    inputs not drawn, and there by TV(Uniform, row), which is convex in the row and so largest, 1 - 1/A, at a vertex.

    In KL both halves hold with :math:`\log A` in place of 1 - 1/A: a guess p costs
    :math:`-\frac1A\sum_a\log p(a)\ge\log A`, and KL(row, Uniform) is largest at a vertex.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 1, n >= 0.
    divergence : {"tv", "kl"}
        The risk: :func:`kdcore.conditional_tv` or :func:`kdcore.conditional_kl`.

    Examples
    --------
    >>> soft_minimax(n_inputs=10, n_labels=5, n_samples=[5, 50]).round(6)
    array([0.472392, 0.052451])
    >>> soft_minimax(n_inputs=10, n_labels=5, n_samples=[5, 50], divergence="kl").round(6)
    array([0.950357, 0.105521])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    guess = 1 - 1 / n_labels if check_divergence(divergence) == "tv" else math.log(n_labels)
    return map_samples(lambda n: guess * _max_missing_mass(n_inputs, n), n_samples, "soft_minimax")


def max_missing_mass(*, n_letters: int, n_samples: ArrayLike) -> Bound:
    r"""Largest expected missing mass of n draws over all laws on K letters, :math:`\max_p\sum_xp_x(1-p_x)^n`.

    With K = S A an upper bound on the expected risk of every matcher, however it fills, sharper than :math:`K/(en)`.

    Where the maximum is: :math:`h(x)=x(1-x)^n` is concave up to :math:`2/(n+1)` and convex beyond.  Of two masses in
    the concave part both may be replaced by their mean, of two in the convex part one can grow at the other's expense.
    So a best law has K - 1 equal masses y and one :math:`z=1-(K-1)y\ge y`.  If :math:`K\ge n+1`, the tangent of h at
    1/K lies above h and the uniform law is best.  Otherwise h increases at :math:`y<1/(n+1)` and decreases at z, so
    that it grows with y: y lies between :math:`1/(n+1)` and :math:`\min(2/(n+1),1/K)`.  There a grid and a local
    search find it.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_letters, n_samples : int, the last also array_like
        K >= 1, n >= 0.

    Examples
    --------
    >>> max_missing_mass(n_letters=2, n_samples=[0, 1, 2, 100]).round(5)
    array([1.     , 0.5    , 0.25   , 0.00366])
    """
    n_letters = check_integer(n_letters, "n_letters", minimum=1)
    return map_samples(lambda n: _max_missing_mass(n_letters, n), n_samples, "max_missing_mass")


def _max_missing_mass(n_letters: int, n: int) -> float:
    others = n_letters - 1
    if n + 1 <= n_letters:
        return float(np.exp(n * np.log1p(-1 / n_letters))) if n_letters > 1 else 1.0
    if others == 0:
        return 0.0
    grid = np.linspace(1, min(2.0, (n + 1) / n_letters), 513) / (n + 1)

    def total(y: Bound) -> Bound:
        rest = others * y  # 1 - z
        value: Bound = rest * np.exp(n * np.log1p(-y)) + (1 - rest) * np.exp(n * np.log(rest))
        return value

    return maximise(lambda y: float(total(np.array(y))), grid, total(grid), tolerance=1e-9 / (n + 1)).value
