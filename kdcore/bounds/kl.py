"""Bounds in KL: the jump between hard and partial soft labels is a fact about total variation."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma, lambertw

from kdcore._checks import check_integer
from kdcore._numerics import binomial
from kdcore._types import Bound, Floats
from kdcore.bounds._conditions import check_samples, map_samples, maximise
from kdcore.bounds.soft import soft_minimax

_NODES = 1 << 10
"""Numbers of draws of an input that a mean is taken over; it changes slowly with them."""


def partial_kl_constant() -> float:
    r"""Return the constant of partial soft labels in KL, 0.2920365.

    .. math:: \min_c\max_te^{-t}\Bigl(t\log\frac tc-t+c\Bigr)=-W(2+W),\qquad W=W_0(-e^{-2}).

    In units of :math:`SA/n`.  Proved as an upper bound for every S, A and n (:func:`partial_kl_upper`), and sharp as A
    and n / (S A) grow.  It is also the best c: the maximum is attained at t = 0, where it is c, and at t = 2 + W.

    Returns
    -------
    float
        The constant.

    Examples
    --------
    >>> round(partial_kl_constant(), 7)
    0.2920365
    """
    w = float(lambertw(-math.exp(-2)).real)
    return -w * (2 + w)


def partial_kl_upper(*, n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    r"""Upper bound on the expected KL of SEL_ptl with uniform fill, :math:`0.2920365\,\frac{SA}n`, or what is less.

    Proved here, for every S, A and n.  The fill is the mean of the hidden masses v, so it minimises
    :math:`\sum(v\log\frac vc-v+c)` over c, and any fixed c bounds the loss.  With :math:`c=\frac y{n\rho_s}` take
    expectations term by term: a label is hidden with probability :math:`(1-\rho_sv)^n\le e^{-t}`, :math:`t=n\rho_sv`,
    and costs at most :math:`\frac1ne^{-t}(t\log\frac ty-t+y)` then, all A of S inputs.  It is at most
    :math:`\log A` as well: with c = 1/A all terms are those of KL(row, Uniform).

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 1, n >= 0.

    Examples
    --------
    >>> partial_kl_upper(n_inputs=10, n_labels=11, n_samples=[0, 1000]).round(4)
    array([2.3979, 0.0321])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    n = check_samples(n_samples, 0, "partial_kl_upper")
    rate = partial_kl_constant() * n_inputs * n_labels / np.maximum(n, 1e-300)
    bound: Bound = np.minimum(rate, math.log(n_labels))
    return bound


def hard_kl_lower(*, n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    r"""Lower bound on the minimax expected KL from hard labels, :math:`\frac{S(A-1)}{2n}` to first order.

    Proved here, for every S, A and n: the Bayes risk of uniform inputs whose rows are independent symmetric Dirichlet
    laws of parameter a.  The best answer is the posterior mean, :math:`(n_{s,a}+a)/(n_s+Aa)`.  With
    :math:`\delta(z)=\psi(z+1)-\log z`, which is convex and falls like :math:`\frac1{2z}`, its expected loss is exactly

    .. math:: \mathbb E\,\delta(X+a)-\mathbb E\,\delta(N+Aa)
        \ge\mathbb E\,\delta\bigl(\tfrac nSP+a\bigr)-\mathbb E\,\delta(N+Aa),

    where N is the number of draws at an input, :math:`P\sim\mathrm{Beta}(a+1,(A-1)a)`, and X given P is
    :math:`\mathrm{Bin}(n,P/S)`; the step is Jensen's inequality.  The largest value over some a is returned, or
    :func:`soft_minimax` in KL where it is larger.  That no constant above 1/2 is possible, so that the first order is
    sharp, is cited (Braess and Sauer 2004).

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 0.

    Examples
    --------
    >>> hard_kl_lower(n_inputs=10, n_labels=11, n_samples=[100, 10**6]).round(6).tolist()
    [0.189363, 5e-05]
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=2)

    def value(n: int) -> float:
        grid = np.linspace(math.log(0.05), math.log(2), 8)
        values = np.array([_dirichlet(n_inputs, n_labels, n, math.exp(u)) for u in grid])
        best = maximise(lambda u: _dirichlet(n_inputs, n_labels, n, math.exp(u)), grid, values, tolerance=1e-2)
        whole = soft_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n, divergence="kl")
        return max(best.value, float(whole))

    return map_samples(value, n_samples, "hard_kl_lower")


def _delta(values: ArrayLike) -> Floats:
    """Return ``digamma(z + 1) - log z``, also for large z, where the two cancel."""
    z = np.asarray(values, dtype=np.float64)
    series = 1 / (2 * z) - 1 / (12 * z**2) + 1 / (120 * z**4)
    return np.where(z > 1e3, series, digamma(z + 1) - np.log(z))


def _dirichlet(n_inputs: int, n_labels: int, n: int, a: float) -> float:
    """Return the bound for one parameter a.

    The integral over P is a trapezoidal sum over u with P = 1 / (1 + e^-u), whose integrand is analytic within pi of
    the real line and falls exponentially: a step of 0.1 leaves no error but rounding.
    """
    draws, weights = binomial.nodes(n, 1 / n_inputs, _NODES)
    at_none = math.exp(n * math.log1p(-1 / n_inputs)) if n_inputs > 1 else float(n == 0)
    known = at_none * float(_delta(n_labels * a)) + float(weights @ _delta(draws + n_labels * a))
    rest = (n_labels - 1) * a
    centre = math.log((a + 1) / rest)
    u = np.arange(centre - 60 / (a + 1) - 5, centre + 60 / min(rest, 1.0) + 5, 0.1)
    log_p, log_q = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    density = np.exp((a + 1) * log_p + rest * log_q - betaln(a + 1, rest))
    value = float(density @ _delta(n / n_inputs * np.exp(log_p) + a) / density.sum())
    return value * (1 - 1e-12) - known


def hard_kl_upper(*, n_inputs: int, n_labels: int, n_samples: ArrayLike) -> Bound:
    r"""Upper bound on the expected KL of the student that adds one to each count, at most :math:`\frac{S(A-1)}{n+1}`.

    .. math:: \log\min\Bigl(A,\;1+\frac{S(A-1)}{n+1}\Bigr)

    Proved here, for every S, A and n, and so an upper bound on the minimax risk from hard labels.  Given N draws at an
    input the loss is at most :math:`\log\mathbb E\sum_ap_a\frac{p_a(N+A)}{X_a+1}\le\log\frac{N+A}{N+1}` by Jensen's
    inequality and :math:`\mathbb E\frac1{X_a+1}\le\frac1{(N+1)p_a}`; over N and s again by Jensen's, with
    :math:`\mathbb E\frac1{N+1}\le\frac1{(n+1)\rho_s}`.  CE_sgl itself has infinite KL.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 1, n >= 0.

    Examples
    --------
    >>> hard_kl_upper(n_inputs=10, n_labels=11, n_samples=[100, 10**6]).round(6).tolist()
    [0.688184, 0.0001]
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    n = check_samples(n_samples, 0, "hard_kl_upper")
    bound: Bound = np.minimum(np.log1p(n_inputs * (n_labels - 1) / (n + 1)), math.log(n_labels))
    return bound
