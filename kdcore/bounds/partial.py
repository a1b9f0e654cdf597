"""Bounds for partial soft labels (Zhao and Zhu 2024, section 4), and sharper ones."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw

from kdcore._checks import check_integer, check_probabilities
from kdcore._types import Bound, Floats
from kdcore.bounds._conditions import Optimum, check_confidence, check_samples, map_samples
from kdcore.bounds._exchangeable import best_prior
from kdcore.bounds.lemmas import lemma_e_7
from kdcore.bounds.soft import max_missing_mass


def theorem_4_1(*, n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    r"""Lower bound on the minimax expected risk from partial soft labels (Zhao and Zhu 2024, Theorem 4.1).

    :math:`\frac{S(A-1)}{4e(n+1)}`.

    The paper's construction pairs A - 1 labels and so takes A odd.  The bound holds for even A >= 4 as stated.  Instead
    of pairs let, at each input, a random subset of A/2 of A - 1 labels have mass :math:`x=S/(n+1)` and the others 0
    (see :func:`exchangeable_lower`).  With J of them unseen the Bayes risk is at least
    :math:`\frac x2\mathbb E\min(J,\frac A2-1)=\frac x2\{\frac A2q-P(J=\frac A2)\}`, :math:`q=(1-\frac1{n+1})^n\ge1/e`,
    and :math:`P(J=\frac A2)\le(1-\frac2{n+1})^n=q(1-\frac1n)^n\le q/e<q/2`.  This needs
    :math:`n+1\ge SA/2`.  For smaller n let a random half of all A labels have mass 2/A: the Bayes risk is at least
    :math:`\frac12(1-\frac2{SA})^n\ge\frac1{2e}`, which is more than claimed.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 3, n >= S (A - 1) / 2 - 1.

    Examples
    --------
    >>> theorem_4_1(n_inputs=10, n_labels=11, n_samples=[49, 1000]).round(4)
    array([0.1839, 0.0092])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=3)
    cells = n_inputs * (n_labels - 1)
    n = check_samples(n_samples, max(0.0, cells / 2 - 1), "theorem_4_1")
    bound: Bound = cells / (4 * math.e * (n + 1))
    return bound


def lemma_4_2(pi: ArrayLike) -> Floats:
    r"""Return the rows to which the weigher tends, :math:`\pi^2/\sum\pi^2` (Zhao and Zhu 2024, Lemma 4.2, each input).

    Their distance from the teacher is the limit of the weigher's risk (Theorem 4.3), :func:`kdcore.exact.ce_ptl_limit`.
    It is 0 exactly when every row that can be drawn is uniform on its support.

    Raises as :func:`vertex_distance`.

    Parameters
    ----------
    pi : array_like, shape (S, A)
        The teacher's policy.

    Returns
    -------
    ndarray, shape (S, A)
        The squared rows, normalised.

    Examples
    --------
    >>> lemma_4_2([[0.75, 0.25], [0.5, 0.5]])
    array([[0.9, 0.1],
           [0.5, 0.5]])
    """
    squared = check_probabilities(pi, "pi", ndim=2) ** 2
    limit: Floats = squared / squared.sum(axis=1, keepdims=True)
    return limit


def theorem_4_4(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, delta: float | None = None) -> Bound:
    r"""Upper bound on the risk of every matcher, however it fills, input by input (Zhao and Zhu 2024, Theorem 4.4).

    In expectation :math:`\frac{SA}{en}`.  With probability at least 1 - delta, for one input (eq. 4.9)
    :math:`\frac{4A}{9n}+\frac{3\sqrt A\log(1/\delta)}n`, and for more (eq. 4.8 with explicit constants)

    .. math:: \frac Sn\bigl(B+L+\sqrt{L^2+2BL}\bigr),
        \qquad B=\frac{4A}9+3\sqrt A\,L,\quad L=\log\frac{2S}\delta.

    :func:`joint_missing_mass` is never larger where both hold, with a proof of two lines.

    Returns and raises as :func:`theorem_3_2`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples
        As of :func:`theorem_3_2`.
    delta : float, optional
        Failure probability: 0 < delta <= 1/10 if S = 1, otherwise delta < 1 and delta <= S / 5 (the paper
        asks for less than (S + 2) / 10, which is no more).

    Notes
    -----
    The paper gives (4.8) up to a constant, :math:`\frac Sn(A+\sqrt{A\log(S/\delta)})\log(S/\delta)`, and its proof has
    slips as printed in the copy we read.  The formula above is what its idea gives.  Let :math:`\delta'=\delta/(2S)`,
    at most 1/10 as :math:`\delta\le S/5`.  The risk at s is at most the mass of labels unseen there.  Given
    :math:`n_s=k\ge1`, by :func:`lemma_e_7`, this is at most :math:`B/k` but for probability :math:`\delta'`.  By
    :func:`lemma_e_9`, if :math:`n\rho_s\ge2L/\eta^2`, then :math:`n_s>(1-\eta)n\rho_s` but for probability
    :math:`\delta'`.  These 2S events fail with probability at most delta in all.  When none fails, a heavy input, one
    with :math:`n\rho_s\ge2L/\eta^2`, contributes at most :math:`\rho_sB/n_s\le\frac B{(1-\eta)n}` to the risk, and any
    other at most :math:`\rho_s\le\frac{2L}{\eta^2n}`.  The two are equal when :math:`B\eta^2=2L(1-\eta)`, and then are
    :math:`(B+L+\sqrt{L^2+2BL})/n`.  The result is of the order :math:`\frac Sn(A+\sqrt A\log\frac S\delta)`, never
    more than 6 times :math:`\frac Sn(A+\sqrt{AL})L`: the first A needs no logarithm.

    Examples
    --------
    >>> theorem_4_4(n_inputs=10, n_labels=11, n_samples=[1000, 100_000], delta=0.05).round(4)
    array([0.9893, 0.0099])
    >>> theorem_4_4(n_inputs=10, n_labels=11, n_samples=[1000, 100_000]).round(4)
    array([0.0405, 0.0004])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    n = check_samples(n_samples, 1, "theorem_4_4")
    if delta is None:
        return joint_missing_mass(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples)
    if n_inputs == 1:
        return lemma_e_7(n_letters=n_labels, n_samples=n_samples, delta=delta)
    share = check_confidence(delta, at_most=n_inputs / 5) / (2 * n_inputs)
    log = -np.log(share)
    labels = 4 * n_labels / 9 + 3 * np.sqrt(n_labels) * log
    bound: Bound = n_inputs * (labels + log + np.sqrt(log**2 + 2 * labels * log)) / n
    return bound


def joint_missing_mass(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, delta: float | None = None) -> Bound:
    r"""Upper bound on the risk of every matcher, however it fills, by the missing mass of pairs: a better Theorem 4.4.

    In expectation :math:`\frac{SA}{en}`; with probability at least 1 - delta
    :math:`\frac{4SA}{9n}+\frac{3\sqrt{SA}\log(1/\delta)}n`.

    A minimiser agrees with the teacher on the labels drawn at s and has the same mass on the others together.  So the
    risk at s is at most the teacher's probability of labels not drawn there, also where nothing was drawn.  Weighted
    by rho these sum to the missing mass of :math:`\rho\times\pi^\star` on an alphabet of SA letters, which
    :func:`lemma_e_5` and :func:`lemma_e_7` bound.

    Returns and raises as :func:`theorem_3_2`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples
        As of :func:`theorem_3_2`.
    delta : float, optional
        Failure probability, 0 < delta <= 1/10.

    Examples
    --------
    >>> joint_missing_mass(n_inputs=10, n_labels=11, n_samples=[1000, 100_000], delta=0.05).round(5)
    array([0.14315, 0.00143])
    """
    cells = check_integer(n_inputs, "n_inputs", minimum=1) * check_integer(n_labels, "n_labels", minimum=1)
    n = check_samples(n_samples, 1, "joint_missing_mass")
    mean: Bound = cells / (math.e * n)
    return mean if delta is None else lemma_e_7(n_letters=cells, n_samples=n_samples, delta=delta)


def exchangeable_lower(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, normalised: bool = True) -> Bound:
    r"""Lower bound on the minimax expected risk from partial soft labels: the better one of two priors.

    :func:`partial_lower` is the best lower bound known.  For few labels it is well above.

    One hides labels, the other inputs; which is better depends on the sizes.  *Labels:* the best exchangeable prior,

    .. math:: \max_{m,x}\ x\,\mathbb E\frac{JZ}{J+Z},\qquad
        P(\text{j given cells all unseen})=\Bigl(1-\frac{jx}S\Bigr)^n .

    Here rho is uniform; at each input, independently, a random subset of m out of A - 1 labels has mass x, the
    Z = A - 1 - m others 0, and label A takes the rest, 1 - m x.  J counts those of mass x not seen at a given input.
    If m x = 1, label A is one of those that may have mass 0: m is chosen out of A labels and Z = A - m.

    The data show which labels have mass x only by showing them.  So the J + Z labels unseen at an input are
    exchangeable under the posterior.  The loss is convex, so a best answer p is constant on them, and takes the
    true, known, values elsewhere but for what is needed to sum to one.  Its loss
    :math:`\frac12(J|x-p|+Zp+|Jx-(J+Z)p|)` is smallest at :math:`p=Jx/(J+Z)`, the fill of the matcher, and is
    :math:`xJZ/(J+Z)` there.  A student not forced to sum to one saves the last term; its Bayes risk is
    :math:`\frac x2\mathbb E\min(J,Z)`, which is the bound if ``normalised`` is false.

    The matcher with uniform fill attains this Bayes risk, but for the samples in which label A is unseen.  J's law is
    exact; the search for m and x is numerical, and whatever it finds, the value is a bound.

    *Inputs:* what is true of students that see whole rows is true of those that see less, so :func:`soft_minimax` is a
    bound, too (if ``normalised`` is false with 1/2 in place of 1 - 1/A: at an input not drawn the answer 0 is then
    best).  It is the larger one for A = 2, and for A = 3, S >= 5 and large n: there inputs never drawn cost more than
    labels never drawn.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 0.
    normalised : bool
        Whether students answer probability vectors, as in the paper; if not, any non-negative numbers.

    Examples
    --------
    >>> exchangeable_lower(n_inputs=10, n_labels=11, n_samples=[0, 1000]).round(4)
    array([0.9091, 0.0137])
    >>> exchangeable_lower(n_inputs=10, n_labels=11, n_samples=[0, 1000], normalised=False).round(4)
    array([0.5   , 0.0117])
    >>> exchangeable_lower(n_inputs=50, n_labels=3, n_samples=1000).round(5)  # hidden labels alone: 0.00919
    np.float64(0.01201)
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=2)
    guess = 1 - 1 / n_labels if normalised else 0.5

    def value(n: int) -> float:
        unseen_inputs = max_missing_mass(n_letters=n_inputs, n_samples=n)
        return max(best_prior(n_inputs, n_labels, n, normalised).risk, guess * float(unseen_inputs))

    return map_samples(value, n_samples, "exchangeable_lower")


def partial_lower_constant(*, normalised: bool = True) -> Optimum:
    r"""Return the limit of :func:`exchangeable_lower` in units of :math:`SA/n` as A grows, n >= S (A - 1), and its t.

    Here :math:`t=nx/S` is the mean number of draws of a label of mass x.  For probability vectors the limit is
    :math:`\max_tt\,e^{-t}/(1+e^{-t/2})^2\approx0.15441` at :math:`t\approx1.4777`, the same as
    :func:`uniform_fill_constant`: with these both are sharp.  If ``normalised`` is false it is
    :math:`\frac12\max_tt/(e^t+1)=\frac12W(1/e)\approx0.13923` at :math:`t=1+W(1/e)`, with Lambert's W.  Theorem 4.1 has
    :math:`1/(4e)\approx0.09197`.

    Examples
    --------
    >>> [round(number, 5) for number in partial_lower_constant()]
    [0.15441, 1.47767]
    >>> [round(number, 5) for number in partial_lower_constant(normalised=False)]
    [0.13923, 1.27846]
    """
    if normalised:
        value, y = uniform_fill_constant()
        return Optimum(value, 2 * y)
    w = float(lambertw(1 / math.e).real)
    return Optimum(w / 2, 1 + w)


def uniform_fill_constant() -> Optimum:
    r"""Return :math:`\max_y2y/(e^y+1)^2\approx0.15441` and its y: the matcher's worst case in units of :math:`SA/n`.

    With uniform fill, as A grows, for n >= S (A - 1).  The worst rows have labels of mass :math:`2yS/n` and of
    mass 0, a share :math:`1/(1+e^y)` of zeros.

    Examples
    --------
    >>> [round(number, 5) for number in uniform_fill_constant()]
    [0.15441, 0.73884]
    """
    from scipy.optimize import brentq

    y = float(brentq(lambda y: 1 + np.exp(-y) - 2 * y, 0, 1, xtol=1e-15))
    return Optimum(float(2 * y / (np.exp(y) + 1) ** 2), y)
