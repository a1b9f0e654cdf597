"""Expected risks without sampling: finite sums instead of simulations.

Given how often an input was drawn, its loss has a known law.  Summed over that number, and over inputs, this gives the
expected risk of each student.  Inputs with the same mass and the same row up to order are computed once.

Sums over a binomial leave out values of total probability 1e-18 at most, and a loss is at most 1: this is the
truncation error, in absolute terms.  The term of an input that was never drawn is always included exactly.  Where a
window holds more values than :data:`kdcore._numerics.binomial.NODES`, they are sampled, so that the cost does not grow
with n: the error is then below 1e-5 of the risk, and falls with n.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py

from kdcore._checks import check_integer, check_probabilities
from kdcore._numerics import losses
from kdcore._numerics.divergence import check_divergence
from kdcore.learners import Learner, check_exact, rule_of
from kdcore.teacher import Teacher


def expected_risk(teacher: Teacher, n_samples: int, learner: str | Learner, divergence: str = "tv") -> float:
    r"""Return the expected risk of a student, exactly: :math:`\mathbb E\,\mathrm{TV}(\hat\pi,\pi^\star\mid\rho)`.

    ``ce_sgl`` and ``ce_ful`` work for every teacher.  ``ce_ptl`` needs rows with at most two distinct positive
    probabilities, and ``sel_ptl`` rows with few: the product over levels of (labels of this level + 1) may be at most
    :math:`2^{18}`.  All four instances of the paper qualify.  For other rows, ``risk_curve(..., method="auto")`` gives
    simulated risks with their standard errors beside the exact ones.

    Parameters
    ----------
    teacher : Teacher
        The law to learn.
    n_samples : int
        Samples per data set, 0 <= n <= 2**53.  The cost does not grow with n.
    learner : {"ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"} or Learner
        The student, one of :data:`kdcore.LEARNERS` or its key, or a student of top-k answers, such as
        :func:`kdcore.top_k_matcher` makes.
    divergence : {"tv", "kl"}
        Total variation, or :math:`\mathrm{KL}(\pi^\star\,\Vert\,\hat\pi)` in nats.

    Returns
    -------
    float
        In [0, 1]; in KL at least 0, and infinite where the student may exclude what the teacher allows: that of CE_sgl
        and of CE_ptl, for every n >= 1, unless each row that can be drawn is deterministic.  For these two KL needs no
        few levels.

    Raises
    ------
    ValueError
        If an argument is out of range, the learner is unknown or one of one's own, or a row has too many levels for
        this learner; the message names the row, and what to use instead.  All of it is checked before anything is
        computed.

    Notes
    -----
    The copier errs only at inputs never drawn:

    .. math:: \sum_s\rho(s)\,(1-\rho(s))^n\;\mathrm{TV}\bigl(\mathrm{Uniform},\pi^\star(\cdot\mid s)\bigr).

    The counter: counts are binomial, and de Moivre's formula gives their mean absolute deviation.
    The weigher: given how many draws fell on each level, the count of a label is binomial and the normaliser is known.
    The matcher: the loss depends on which labels are unseen.  On a short row, inclusion and exclusion over its sets of
    labels give the law of these; on others, how many labels of each level are unseen follows from a Poisson number of
    draws by Cauchy's integral.  The chapters prove them.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.7, 0.3]])
    >>> round(expected_risk(teacher, 1, "ce_sgl"), 12)  # 2 p (1 - p)
    0.42
    >>> expected_risk(teacher, 1, "sel_ptl")  # one label seen: the other follows
    0.0
    """
    rule = rule_of(check_exact(learner))
    n = check_integer(n_samples, "n_samples")
    check_divergence(divergence)
    inputs = list(losses.inputs_of(teacher))
    losses.check(inputs, n, rule, divergence)
    return losses.expected(inputs, n, rule, divergence)


def expected_missing_mass(law: ArrayLike, n_samples: int) -> float:
    r"""Return the expected missing mass :math:`\sum_xp(x)\,(1-p(x))^n` of n draws (Definition B.1).

    With ``teacher.joint`` it bounds the expected risk of every minimiser of the matcher's loss, for every teacher; with
    ``teacher.rho``, that of the copier.

    Parameters
    ----------
    law : array_like
        A probability vector, of any shape.
    n_samples : int
        Draws, n >= 0.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If the law is no probability vector or n is out of range.

    Examples
    --------
    >>> round(expected_missing_mass([0.5, 0.5], 3), 12)
    0.125
    """
    masses = np.minimum(check_probabilities(np.ravel(np.asarray(law)), "law", ndim=1), 1.0)
    n = check_integer(n_samples, "n_samples")
    return float(masses @ np.exp(xlog1py(n, -masses)))


def ce_ptl_limit(teacher: Teacher) -> float:
    r"""Return the limit of the weigher's risk as n grows: the distance of the squared teacher (Lemma 4.2, Theorem 4.3).

    .. math:: \sum_s\rho(s)\,\mathrm{TV}\Bigl(\frac{\pi_s^2}{\sum_a\pi_s(a)^2},\,\pi_s\Bigr),
        \qquad\pi_s=\pi^\star(\cdot\mid s).

    It is 0 exactly when every row that can be drawn is uniform on its support.

    Parameters
    ----------
    teacher : Teacher
        Any teacher.

    Returns
    -------
    float
        In [0, 1).

    Examples
    --------
    >>> round(ce_ptl_limit(Teacher([1.0], [[0.8, 0.2]])), 4)
    0.1412
    """
    squared = teacher.pi**2 / np.sum(teacher.pi**2, axis=1, keepdims=True)
    return float(0.5 * np.abs(squared - teacher.pi).sum(axis=1) @ teacher.rho)


def ce_sgl_constant(teacher: Teacher) -> float:
    r"""Return the counter's limit of :math:`\sqrt n\,\mathbb E\,\mathrm{TV}(\hat\pi,\pi^\star\mid\rho)` as n grows.

    .. math:: \sum_s\sqrt{\rho(s)}\,\sum_a\sqrt{\frac{\pi^\star(a\mid s)\,(1-\pi^\star(a\mid s))}{2\pi_c}},
        \qquad\pi_c=3.14159\ldots

    Parameters
    ----------
    teacher : Teacher
        Any teacher.

    Returns
    -------
    float
        At least 0; 0 exactly when every row that can be drawn is deterministic.

    Examples
    --------
    >>> round(ce_sgl_constant(Teacher([1.0], [[0.5, 0.5]])), 4)
    0.3989
    """
    spread = np.sqrt(teacher.pi * (1 - teacher.pi) / (2 * np.pi)).sum(axis=1)
    return float(np.sqrt(teacher.rho) @ spread)
