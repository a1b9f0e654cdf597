"""The minimax risk from partial soft labels: nobody does better than uniform fill, so its worst teacher tells."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_integer
from kdcore._numerics.divergence import check_divergence
from kdcore._types import Bound, Floats
from kdcore.bounds import _worst
from kdcore.bounds._conditions import Optimum, check_numbers, map_samples, maximise
from kdcore.bounds.partial import exchangeable_lower, partial_lower_constant


def partial_constant(*, n_labels: int | None = None) -> Optimum:
    r"""Return the constant of partial soft labels, :math:`\gamma_A`, or its share of A as A grows, 0.154411, and its t.

    .. math:: \gamma_A=\max_{m,t}\ t\,\mathbb E\frac{JZ}{J+Z},\qquad J\sim\mathrm{Bin}(m,e^{-t}),\quad Z=A-m.

    For fixed S and A, :math:`nR^\star\to(S-1)\gamma_A+\gamma_{A-1}`: rare inputs with rows uniform on m labels, each
    drawn t times on average.  Proved: this is a lower bound for the limit, and :math:`\gamma_2=1/(2e)` is the soft
    value.  Evidence only: that no other row is worse in the limit, by a search for A up to 8.  As A grows,
    :math:`\gamma_A=c\,(A+1-e^y)+o(1)` with c and y of :func:`uniform_fill_constant`, :math:`e^y\approx2.0935`.

    Parameters
    ----------
    n_labels : int, optional
        A >= 1.  Without it the limit of :math:`\gamma_A/A`, as of :func:`partial_lower_constant`.

    Returns
    -------
    Optimum
        The constant, and the mean number of draws of a label.

    Raises
    ------
    ValueError
        If ``n_labels`` is no integer of at least 1.

    Examples
    --------
    >>> [round(partial_constant(n_labels=n_labels).value, 5) for n_labels in (2, 3, 4, 5, 8)]
    [0.18394, 0.32573, 0.44758, 0.62062, 1.07591]
    >>> round(partial_constant().value, 6)
    0.154411
    """
    if n_labels is None:
        return partial_lower_constant()
    found = _worst.worst_poisson(check_integer(n_labels, "n_labels", minimum=1))
    return Optimum(found.value, found.t)


def partial_small_sample(ratio: ArrayLike) -> Bound:
    r"""Return :math:`\psi(\beta)`, the limit of the minimax risk as A grows with :math:`n=\beta SA`.

    .. math:: \psi(\beta)=\max_{0<a<1}\frac{1-a}{a+(1-a)\,e^{\beta/a}}\quad(\beta\le1),
        \qquad\psi(\beta)=\frac c\beta\quad(\beta\ge1)

    with :math:`c=0.154411` of :func:`partial_constant`.  For :math:`\beta\le1` the worst row is uniform on a random
    share a of the labels.  Proved in the book, uniformly in S and n: two masses are the worst at every mean, and
    :math:`\beta\psi(\beta)` is concave.  A limit, no bound at finite A.

    Parameters
    ----------
    ratio : array_like
        :math:`\beta=n/(SA)>0`.

    Returns
    -------
    ndarray
        The limit for each ratio, in the shape of ``ratio``.

    Raises
    ------
    ValueError
        If a ratio is no positive number.

    Examples
    --------
    >>> partial_small_sample([0.05, 0.2, 0.5, 0.8, 1, 10]).round(4)
    array([0.6519, 0.434 , 0.2705, 0.19  , 0.1544, 0.0154])
    """
    beta = check_numbers(ratio, "ratio", 0, above=True)
    constant = partial_lower_constant().value
    grid = np.linspace(0.001, 0.999, 999)

    def share(a: Floats | float, one: float) -> Floats:
        with np.errstate(over="ignore"):
            return np.asarray((1 - a) / (a + (1 - a) * np.exp(one / a)))

    def value(one: float) -> float:
        if one >= 1:
            return constant / one
        return maximise(lambda a: float(share(a, one)), grid, share(grid, one)).value

    bound: Bound = np.array([value(float(one)) for one in beta.ravel()], dtype=np.float64).reshape(beta.shape)
    return bound


def partial_minimax(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, divergence: str = "tv") -> Bound:
    r"""Minimax expected risk from partial soft labels, from below: SEL_ptl's exact risk on the worst teacher found.

    Nobody does better on average over relabellings of a teacher than uniform fill does on the teacher itself.  So the
    minimax risk :math:`R^\star(n)` is the largest risk of uniform fill, and its risk on any teacher bounds it from
    below, in TV and in KL.  Proved: that the value is a lower bound.  Evidence only: that it is the minimax risk
    itself, up to what the search over two shapes of teachers (:func:`partial_worst`) misses.

    In TV never less than :func:`exchangeable_lower` and :func:`soft_minimax`, but for what the search misses.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 1, n >= 0.
    divergence : {"tv", "kl"}
        The risk.

    Examples
    --------
    >>> partial_minimax(n_inputs=10, n_labels=5, n_samples=[0, 1000]).round(6)
    array([0.8     , 0.006031])
    >>> partial_minimax(n_inputs=10, n_labels=5, n_samples=1000, divergence="kl").round(4)
    np.float64(0.0093)
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    check_divergence(divergence)

    def value(n: int) -> float:
        groups = _worst.worst_groups(n_inputs, n_labels, n, divergence)
        return _worst.risk(groups, n_labels, n, divergence)

    return map_samples(value, n_samples, "partial_minimax")


def partial_lower(*, n_inputs: int, n_labels: int, n_samples: ArrayLike, normalised: bool = True) -> Bound:
    r"""Lower bound on the minimax expected risk from partial soft labels: the best that is known.

    The larger one of :func:`exchangeable_lower` and, for students that answer probability vectors,
    :func:`partial_minimax`.

    Returns and raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int, the last also array_like
        S >= 1, A >= 2, n >= 0.
    normalised : bool
        Whether students answer probability vectors, as in the paper; if not, any non-negative numbers.

    Examples
    --------
    >>> partial_lower(n_inputs=10, n_labels=11, n_samples=[0, 1000]).round(4)
    array([0.9091, 0.0152])
    >>> partial_lower(n_inputs=50, n_labels=3, n_samples=1000).round(5)  # one kind hidden: 0.01201
    np.float64(0.01614)
    """
    priors = exchangeable_lower(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples, normalised=normalised)
    if not normalised:
        return priors
    return np.maximum(priors, partial_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n_samples))


def partial_worst(*, n_inputs: int, n_labels: int, n_samples: int, divergence: str = "tv") -> tuple[Floats, Floats]:
    """Return the teacher behind :func:`partial_minimax`, as its input law and its rows.

    Raises as :func:`theorem_3_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int
        S >= 1, A >= 1, n >= 0.
    divergence : {"tv", "kl"}
        The risk.

    Returns
    -------
    ndarray, shape (S,), and ndarray, shape (S, A)
        What :class:`kdcore.Teacher` takes.

    Examples
    --------
    >>> rho, pi = partial_worst(n_inputs=3, n_labels=3, n_samples=100)
    >>> rho.round(3), pi[0]
    (array([0.023, 0.023, 0.955]), array([0.5, 0.5, 0. ]))
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    n = check_integer(n_samples, "n_samples")
    rho, rows = [], []
    for group in _worst.worst_groups(n_inputs, n_labels, n, check_divergence(divergence)):
        row = np.zeros(n_labels)
        row[: group.m] = group.x
        if (rest := 1 - group.m * group.x) > 1e-12:
            row[group.m] = rest
        rho += [group.rho] * group.size
        rows += [row] * group.size
    return np.array(rho), np.array(rows)
