"""Bounds for what an API shows: the k most likely labels, and the drawn one, censored or not."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_integer
from kdcore._numerics.divergence import check_divergence
from kdcore._types import Bound
from kdcore.bounds._conditions import Optimum, check_samples, check_sizes, map_samples, maximise
from kdcore.bounds._cube import best_cube
from kdcore.bounds._exchangeable import mean_of_unseen
from kdcore.bounds._worst import hidden_loss, worst_poisson
from kdcore.bounds.minimax import partial_lower
from kdcore.bounds.partial import joint_missing_mass
from kdcore.bounds.soft import soft_minimax


def _top(k: int, n_labels: int) -> int:
    if (k := check_integer(k, "k")) > n_labels:
        raise ValueError(f"k must be at most n_labels = {n_labels}, got {k}")
    return k


def top_k_lower(*, n_inputs: int, n_labels: int, k: int, n_samples: ArrayLike) -> Bound:
    r"""Lower bound on the minimax expected TV where the drawn label's probability and the top k are revealed.

    .. math:: \max_{m,x}\ x\,\mathbb E\frac{JZ}{J+Z},\qquad(m+k)\,x<1,\quad Z=A-k-m,

    J as of :func:`exchangeable_lower`; or :func:`soft_minimax`, if that is larger.  Proved here: rho is uniform; at
    each input k known dummies are a little more likely than x, one of them takes the rest, and a random m of the other
    A - k labels have mass x, the others 0.  The top k are the dummies whatever the subset is, so that they tell
    nothing.  At least :math:`\frac{2S\lfloor(A-k)/2\rfloor}{4e(n+1)}` where :math:`n+1>S(k+\lfloor(A-k)/2\rfloor)`, and
    about :math:`0.15441\,\frac{S(A-k)}n` for large A - k and n.  With k = 0 it is :func:`partial_lower`.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, k, n_samples : int, the last also array_like
        S >= 1, A >= 2, 0 <= k <= A, n >= 0.

    Examples
    --------
    >>> top_k_lower(n_inputs=10, n_labels=101, k=5, n_samples=[1000, 100_000]).round(5)
    array([0.14648, 0.00147])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    if _top(k, n_labels) == 0:
        return partial_lower(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    light = n_labels - k
    whole = soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    if light < 2:
        return whole
    at_infinity = worst_poisson(light)

    def value(n: int) -> float:
        def risk(m: int, x: float) -> float:
            loss = hidden_loss(np.arange(m + 1.0), light - m, "tv")
            return x * mean_of_unseen(n, x / n_inputs, m, loss)

        sizes = np.unique(np.geomspace(1, light - 1, 60).astype(np.int64))
        x = np.minimum(at_infinity.t * n_inputs / max(n, 1), 1 / (sizes + k))
        unseen = sizes * np.exp(n * np.log1p(-np.minimum(x / n_inputs, 1 - 1e-15)))
        m = int(sizes[np.argmax(x * hidden_loss(unseen, light - sizes, "tv"))])
        m = at_infinity.m if (at_infinity.m + k) * at_infinity.t * n_inputs < n else m
        top = math.log(1 / (m + k))
        grid = np.linspace(min(math.log(at_infinity.t * n_inputs / (n + 1)), top) - 0.7, top, 12)
        grid = grid[: 1 + int(np.searchsorted(grid, grid[0] + 1.4))]
        rough = np.array([risk(m, math.exp(u)) for u in grid])
        return maximise(lambda u: risk(m, math.exp(u)), grid, rough, tolerance=1e-4).value

    return np.asarray(np.maximum(map_samples(value, n_samples, "top_k_lower"), whole))


def top_k_upper(*, n_inputs: int, n_labels: int, k: int, n_samples: ArrayLike) -> Bound:
    r"""Upper bound on the expected TV of the matcher where the drawn label's probability and the top k are revealed.

    :math:`\frac{S(A-k+1)}{en}`, for k = 0 :math:`\frac{SA}{en}`.  Proved here, for every n: the loss is at most the
    mass of inputs not drawn and that of pairs beyond the top k not drawn, and :math:`x(1-x)^n\le\frac1{en}`.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, k, n_samples : int, the last also array_like
        S >= 1, A >= 2, 0 <= k <= A, n >= 1.

    Examples
    --------
    >>> top_k_upper(n_inputs=10, n_labels=101, k=5, n_samples=[1000, 100_000]).round(5)
    array([0.35684, 0.00357])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    cells = n_inputs * min(n_labels, n_labels - _top(k, n_labels) + 1)
    return joint_missing_mass(n_inputs=1, n_labels=cells, n_samples=n_samples)


def top_k_only_bias(*, n_labels: int, k: int, renormalised: bool = False, divergence: str = "tv") -> Optimum:
    r"""Return the largest loss at a drawn input where only the top k are revealed, which no n makes smaller.

    .. math:: \max_m\frac{m\,(A-k-m)}{(k+m)(A-k)}\le\frac{\sqrt A-\sqrt k}{\sqrt A+\sqrt k},

    with equality if :math:`\sqrt{kA}-k` is an integer.  Proved here: of all students the matcher, which spreads the
    hidden mass evenly, has the least worst case, and its worst rows have m hidden labels (almost) as likely as the k
    revealed ones and zeros: for fixed top k and hidden mass the loss is convex, and on the edge between m and m + 1
    hidden labels it is largest at an end.  A supremum, as the k must be more likely than the others.
    Truncate and renormalise, ``renormalised``, loses the hidden mass, at most 1 - k/A, on a uniform row.

    In KL the loss is :math:`\max_m\frac m{k+m}\log\frac{A-k}m`, on rows of the same kind, and infinite for the student
    that renormalises.

    Parameters
    ----------
    n_labels, k : int
        A >= 1, 0 <= k <= A.
    renormalised : bool
        Whether the student divides by the revealed mass and answers 0 elsewhere.
    divergence : {"tv", "kl"}
        The risk: :func:`kdcore.conditional_tv` or :func:`kdcore.conditional_kl`.

    Returns
    -------
    Optimum
        The loss, and how many hidden labels of the worst row have mass.

    Raises
    ------
    ValueError
        If A or k is out of range, or the divergence is unknown.

    Examples
    --------
    >>> top_k_only_bias(n_labels=100, k=4)  # (10 - 2) / (10 + 2)
    Optimum(value=0.6666666666666666, at=16)
    >>> top_k_only_bias(n_labels=100, k=4, renormalised=True)
    Optimum(value=0.96, at=96)
    """
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    hidden = n_labels - _top(k, n_labels)
    in_tv = check_divergence(divergence) == "tv"
    if hidden == 0:
        return Optimum(0.0, 0)
    if renormalised and k > 0:
        return Optimum(hidden / n_labels if in_tv else math.inf, hidden)
    m = np.arange(1, hidden + 1)
    value = m * (hidden - m) / ((k + m) * hidden) if in_tv else m / (k + m) * np.log(hidden / m)
    best = int(np.argmax(value))
    return Optimum(float(value[best]), best + 1)


def censored_rate(*, n_inputs: int, n_labels: int, k: int, n_samples: ArrayLike) -> Bound:
    r"""Return :math:`(1-\frac kA)\sqrt{SA/n}`: the rate where the drawn label's number is shown in the top k alone.

    The rate of hard labels on the share of mass that can be hidden.  An order, no bound: between
    :func:`censored_lower`, about 0.120 of it for large n and A - k even, and :func:`censored_upper`,
    :math:`\frac1{\sqrt2}` of it and O(S/n) more, both proved.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, k, n_samples : int, the last also array_like
        S >= 1, A >= 2, 0 <= k <= A, n >= 1.

    Examples
    --------
    >>> censored_rate(n_inputs=10, n_labels=100, k=20, n_samples=[1000, 100_000]).round(4)
    array([0.8 , 0.08])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    n = check_samples(n_samples, 1, "censored_rate")
    rate: Bound = (1 - _top(k, n_labels) / n_labels) * np.sqrt(n_inputs * n_labels / n)
    return rate


def censored_lower(*, n_inputs: int, n_labels: int, k: int, n_samples: ArrayLike) -> Bound:
    r"""Lower bound on the minimax expected TV where the drawn label's number is shown in the top k alone.

    Proved here, for every n: Assouad's cube beyond the top k, with the exact error of the best test.  With
    :math:`B=2\lfloor\frac{A-k}2\rfloor` and a gap :math:`\Delta`, pairs of labels have masses
    :math:`(1\pm\Delta)\mu` with unknown signs, and the k dummies a little more than :math:`(1+\Delta)\mu`, so that
    :math:`\mu=1/(B+k(1+\Delta))`, a supremum; rho is uniform.  The top k tell no sign.  The bound is
    :math:`\max_\Delta B\mu\Delta\,\mathbb EP(\text{wrong}\mid N)` with :math:`N\sim\mathrm{Bin}(n,2\mu/S)`.  About
    :math:`0.120\,\frac BA\sqrt{SA/n}` for large n.  Or :func:`soft_minimax`, if that is larger.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, k, n_samples : int, the last also array_like
        S >= 1, A >= 2, 0 <= k <= A, n >= 0.

    Examples
    --------
    >>> censored_lower(n_inputs=10, n_labels=100, k=20, n_samples=[1000, 100_000]).round(4)
    array([0.0961, 0.0096])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    pairs = (n_labels - _top(k, n_labels)) // 2
    whole = soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    if pairs == 0:
        return whole

    def unit(gap: float) -> float:
        return 1 / (2 * pairs + k * (1 + gap))

    def value(n: int) -> float:
        return best_cube(n, lambda gap: 2 * unit(gap) / n_inputs, lambda gap: 2 * pairs * unit(gap), 1.0)

    return np.asarray(np.maximum(map_samples(value, n_samples, "censored_lower"), whole))


def censored_upper(*, n_inputs: int, n_labels: int, k: int, n_samples: ArrayLike) -> Bound:
    r"""Upper bound on the expected TV of the censored student: exact top k, the rest of the mass spread by counts.

    .. math:: \Bigl(1-\frac kA\Bigr)\sqrt{\frac{SA}{2(n+1)}}+\frac{2S}{en}

    Proved here, for every n >= 1.  The hidden mass at s is :math:`\tau_s\le1-k/A`.  With J > 0 draws beyond the top k
    the loss is at most :math:`\frac{\tau_s}2\sqrt{(A-k)/J}`, and :math:`\mathbb E[\frac1J;J>0]\le
    \frac2{(n+1)\rho_s\tau_s}`; with none it is at most :math:`\tau_s`, and 1 where nothing was drawn.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, k, n_samples : int, the last also array_like
        S >= 1, A >= 2, 0 <= k <= A, n >= 1.

    Examples
    --------
    >>> censored_upper(n_inputs=10, n_labels=100, k=20, n_samples=[1000, 100_000]).round(4)
    array([0.5728, 0.0566])
    """
    n_inputs, n_labels = check_sizes(n_inputs, n_labels)
    n = check_samples(n_samples, 1, "censored_upper")
    share = 1 - _top(k, n_labels) / n_labels
    bound: Bound = share * np.sqrt(n_inputs * n_labels / (2 * (n + 1))) + 2 * n_inputs / (math.e * n)
    return bound
