"""The lemmas that the paper's proofs use, as bounds (Zhao and Zhu 2024, appendices E and H).

Some come in several forms: ``form`` chooses, and "stated" is the paper's.  Lemma E.1 (the empirical law tends to the
true one) states no bound.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_choice, check_integer
from kdcore._types import Bound
from kdcore.bounds._conditions import check_confidence, check_numbers, check_samples


def lemma_e_2(kl: ArrayLike) -> Bound:
    r"""Upper bound on TV(P, Q) from KL(P || Q), by Bretagnolle and Huber (Lemma E.2).

    :math:`1-\frac12e^{-\mathrm{KL}}`, below 1 however large the divergence.  Proof: chapter "Hard labels".

    Parameters
    ----------
    kl : array_like of float
        Divergences, >= 0; infinity gives 1.

    Returns
    -------
    ndarray
        The bound for each divergence, in [1/2, 1].

    Raises
    ------
    ValueError
        If a divergence is negative or NaN.

    Examples
    --------
    >>> lemma_e_2([0, 0.5, 2]).round(4)
    array([0.5   , 0.6967, 0.9323])
    """
    bound: Bound = 1 - np.exp(-check_numbers(kl, "kl", 0)) / 2
    return bound


def lemma_e_3(*, n_letters: int, n_samples: ArrayLike) -> Bound:
    r"""Upper bound on the expected TV between an empirical law and the true one (Lemma E.3).

    :math:`\frac12\sqrt{K/n}` for n draws from any law on K letters.  A frequency deviates from its mean x by
    :math:`\sqrt{x(1-x)/n}` at most, on average; Cauchy-Schwarz over letters gives even
    :math:`\frac12\sqrt{(K-1)/n}`.

    Parameters
    ----------
    n_letters : int
        K >= 1.
    n_samples : array_like of int
        n >= 1.

    Returns
    -------
    ndarray
        The bound for each n; values above 1 say nothing.

    Raises
    ------
    ValueError
        If an argument is out of range, or a form unknown.

    Examples
    --------
    >>> lemma_e_3(n_letters=4, n_samples=[16, 400])
    array([0.25, 0.05])
    """
    n_letters = check_integer(n_letters, "n_letters", minimum=1)
    bound: Bound = 0.5 * np.sqrt(n_letters / check_samples(n_samples, 1, "lemma_e_3"))
    return bound


def lemma_e_4(*, n_letters: int, n_samples: ArrayLike, delta: float) -> Bound:
    r"""Upper bound at confidence 1 - delta on the TV between an empirical law and the true one (Lemma E.4).

    :math:`\sqrt{\frac{K\log2+\log(1/\delta)}{2n}}` for n draws from a law on K letters.  Proof: chapter "Hard labels".

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_letters, n_samples
        As of :func:`lemma_e_3`.
    delta : float
        Failure probability in (0, 1).

    Examples
    --------
    >>> lemma_e_4(n_letters=4, n_samples=[16, 400], delta=0.05).round(4)
    array([0.4246, 0.0849])
    """
    n_letters = check_integer(n_letters, "n_letters", minimum=1)
    n = check_samples(n_samples, 1, "lemma_e_4")
    bound: Bound = np.sqrt((n_letters * np.log(2) - np.log(check_confidence(delta))) / (2 * n))
    return bound


def lemma_e_5(*, n_samples: ArrayLike, form: str = "exact") -> Bound:
    r"""Largest value of :math:`x(1-x)^n` on [0, 1], or a simpler upper bound on it (Lemma E.5).

    .. math:: \max_xx(1-x)^n=\frac{n^n}{(n+1)^{n+1}}\le\frac1{en}\le\frac4{9n},

    attained at :math:`x=1/(n+1)`.  (Printed as (4/9) n in the copy we read.)

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_samples : array_like of int
        n >= 0 for "exact", n >= 1 otherwise.
    form : {"exact", "simple", "stated"}
        The value, :math:`1/(en)`, or :math:`4/(9n)`, which the paper uses.

    Examples
    --------
    >>> [round(float(lemma_e_5(n_samples=10, form=form)), 5) for form in ("exact", "simple", "stated")]
    [0.03505, 0.03679, 0.04444]
    """
    form = check_choice(form, "form", ["exact", "simple", "stated"])
    n = check_samples(n_samples, 0 if form == "exact" else 1, "lemma_e_5")
    if form == "exact":
        largest: Bound = np.exp(-n * np.log1p(1 / np.maximum(n, 1))) / (n + 1)
        return largest
    bound: Bound = 1 / (math.e * n) if form == "simple" else 4 / (9 * n)
    return bound


def lemma_e_6(*, n_letters: int, n_samples: ArrayLike, delta: float) -> Bound:
    r"""Upper bound at confidence 1 - delta on the missing mass less its mean (Lemma E.6).

    :math:`m_0-\mathbb Em_0\le3\sqrt K\log(1/\delta)/n` for n draws from any law on K letters; from Rajaraman, Yang,
    Jiao and Ramchandran (2020, Theorem A.2).

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_letters, n_samples
        As of :func:`lemma_e_3`.
    delta : float
        Failure probability, 0 < delta <= 1/10.

    Examples
    --------
    >>> lemma_e_6(n_letters=100, n_samples=[1000, 10_000], delta=0.05).round(4)
    array([0.0899, 0.009 ])
    """
    n_letters = check_integer(n_letters, "n_letters", minimum=1)
    n = check_samples(n_samples, 1, "lemma_e_6")
    bound: Bound = -3 * np.sqrt(n_letters) * np.log(check_confidence(delta, at_most=0.1)) / n
    return bound


def lemma_e_7(*, n_letters: int, n_samples: ArrayLike, delta: float) -> Bound:
    r"""Upper bound at confidence 1 - delta on the missing mass (Lemma E.7).

    :math:`m_0\le\frac{4K}{9n}+\frac{3\sqrt K\log(1/\delta)}n` for n draws from any law on K letters: its mean is at
    most K times :func:`lemma_e_5`, and :func:`lemma_e_6` bounds the rest.

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_letters, n_samples, delta
        As of :func:`lemma_e_6`.

    Examples
    --------
    >>> lemma_e_7(n_letters=100, n_samples=[1000, 10_000], delta=0.05).round(4)
    array([0.1343, 0.0134])
    """
    n_letters = check_integer(n_letters, "n_letters", minimum=1)
    mean = 4 * n_letters / (9 * check_samples(n_samples, 1, "lemma_e_7"))
    bound: Bound = mean + lemma_e_6(n_letters=n_letters, n_samples=n_samples, delta=delta)
    return bound


def missing_mass_tail(*, n_letters: int, n_samples: ArrayLike, delta: float, form: str = "total") -> Bound:
    r"""Upper bound at confidence 1 - delta on the missing mass, or on its excess over its mean.

    For n draws from any law on K letters, with :math:`L=\log(1/\delta)`, each with probability at least 1 - delta:

    .. math:: m_0\le\frac1n\Bigl(\frac Ke+\sqrt{2KL/e}+L\Bigr),\qquad
              m_0-\mathbb Em_0\le\frac1n\Bigl(\frac{\sqrt8}e\sqrt{KL}+L\Bigr).

    Proved in the chapter *Missing mass* from exponential moments.  For every delta that they allow, the first is below
    :func:`lemma_e_7` and the second below :func:`lemma_e_6`.

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_letters, n_samples
        As of :func:`lemma_e_3`.
    delta : float
        Failure probability in (0, 1).
    form : {"total", "excess"}
        The missing mass, or its excess over its mean.

    Examples
    --------
    >>> missing_mass_tail(n_letters=100, n_samples=[1000, 10_000], delta=0.05).round(4)
    array([0.0546, 0.0055])
    >>> missing_mass_tail(n_letters=100, n_samples=[1000, 10_000], delta=0.05, form="excess").round(4)
    array([0.021 , 0.0021])
    """
    form = check_choice(form, "form", ["total", "excess"])
    n_letters = check_integer(n_letters, "n_letters", minimum=1)
    log = -math.log(check_confidence(delta))
    if form == "total":
        times_n = n_letters / math.e + math.sqrt(2 * n_letters * log / math.e) + log
    else:
        times_n = math.sqrt(8 * n_letters * log) / math.e + log
    bound: Bound = times_n / check_samples(n_samples, 1, "missing_mass_tail")
    return bound


def lemma_e_8(*, n_samples: ArrayLike, p: ArrayLike, form: str = "stated") -> Bound:
    r"""Upper bound on :math:`\mathbb E\frac1{X+1}` for X ~ Bin(n, p), or its value (Lemma E.8).

    .. math:: \mathbb E\frac1{X+1}=\frac{1-(1-p)^{n+1}}{p(n+1)}\le\frac1{p(n+1)}.

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_samples : array_like of int
        n >= 0.
    p : array_like of float
        In (0, 1]; broadcast against n.
    form : {"stated", "exact"}
        The bound that the paper states, or the value.

    Examples
    --------
    >>> lemma_e_8(n_samples=3, p=[0.5, 1.0])
    array([0.5 , 0.25])
    >>> lemma_e_8(n_samples=3, p=[0.5, 1.0], form="exact")
    array([0.46875, 0.25   ])
    """
    form = check_choice(form, "form", ["stated", "exact"])
    n = check_samples(n_samples, 0, "lemma_e_8")
    p = check_numbers(p, "p", 0, 1, above=True)
    with np.errstate(over="ignore", divide="ignore"):
        if form == "stated":
            return np.asarray(1 / (p * (n + 1)))
        tiny = p < np.finfo(float).tiny  # 1 / p may be infinite; the value is 1 to rounding
        value = -np.expm1((n + 1) * np.log1p(-p)) / (np.where(tiny, 1.0, p) * (n + 1))
    return np.where(tiny, 1.0, value)


def lemma_e_9(*, n_samples: ArrayLike, p: ArrayLike, eta: ArrayLike) -> Bound:
    r"""Upper bound on the lower tail of a binomial, by Chernoff (Lemma E.9).

    :math:`P(X\le(1-\eta)np)\le e^{-\eta^2np/2}` for X ~ Bin(n, p).

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_samples : array_like of int
        n >= 0.
    p, eta : array_like of float
        In [0, 1]; broadcast against n.

    Examples
    --------
    >>> lemma_e_9(n_samples=[10, 20], p=0.5, eta=0.6).round(4)
    array([0.4066, 0.1653])
    """
    n = check_samples(n_samples, 0, "lemma_e_9")
    bound: Bound = np.exp(-(check_numbers(eta, "eta", 0, 1) ** 2) * n * check_numbers(p, "p", 0, 1) / 2)
    return bound


def corollary_e_10(*, n_samples: ArrayLike, p: float, delta: float) -> Bound:
    r"""Upper bound at confidence 1 - delta on 1 / (X + 1) for X ~ Bin(n, p) (Corollary E.10).

    :math:`\frac1{(1-\eta)np+1}` with :math:`\eta=\sqrt{2\log(1/\delta)/(np)}<1`.

    Returns and raises as :func:`lemma_e_3`.

    Parameters
    ----------
    n_samples : array_like of int
        n > 2 log(1 / delta) / p, so that eta < 1.
    p : float
        In (0, 1].
    delta : float
        Failure probability in (0, 1).

    Examples
    --------
    >>> corollary_e_10(n_samples=[100, 1000], p=0.1, delta=0.05).round(4)
    array([0.3068, 0.0131])
    """
    p = float(check_numbers(p, "p", 0, 1, above=True))
    twice_log = -2 * np.log(check_confidence(delta))
    n = check_samples(n_samples, float(np.floor(twice_log / p)) + 1, "corollary_e_10")
    bound: Bound = 1 / (n * p - np.sqrt(twice_log * n * p) + 1)
    return bound


def proposition_h_2(feature_norm: float, distance: ArrayLike, *, form: str = "stated") -> Bound:
    r"""Upper bound on the TV between two log-linear policies from their parameters (Proposition H.2).

    For :math:`\pi_\theta\propto\exp\langle\phi,\theta\rangle` with :math:`\lVert\phi\rVert_2\le M`, and
    :math:`d=\lVert\theta-\theta'\rVert_2`, whatever the law of inputs:

    .. math:: \mathrm{TV}(\pi_\theta,\pi_{\theta'}\mid\nu)\le\tanh\tfrac{Md}2\le\tfrac12Md\le Md.

    The paper states the last, by Pinsker's inequality.  The first is ours, and the best bound in M and d: the ratio r
    of the two laws at an input has mean 1 and :math:`\max\log r-\min\log r\le2Md`; :math:`\mathbb E(r-1)^+` is convex
    in r, so largest for an r with two values, :math:`e^{-Md}` and :math:`e^{Md}`.  Equality for two labels with
    features M and -M, and :math:`\theta=-\theta'`.

    Returns and raises as :func:`lemma_e_3`, for each distance.

    Parameters
    ----------
    feature_norm : float
        M >= 0.
    distance : array_like of float
        d >= 0.
    form : {"stated", "half", "sharp"}
        Md, Md / 2 or tanh(Md / 2).

    Examples
    --------
    >>> [round(float(proposition_h_2(1, 0.8, form=form)), 4) for form in ("stated", "half", "sharp")]
    [0.8, 0.4, 0.3799]
    """
    form = check_choice(form, "form", ["stated", "half", "sharp"])
    product: Bound = check_numbers(feature_norm, "feature_norm", 0) * check_numbers(distance, "distance", 0)
    if form == "stated":
        return product
    half: Bound = product / 2
    return half if form == "half" else np.tanh(half)
