"""Expected risks without sampling: finite sums instead of simulations.

Given how often an input was drawn, its loss has a known law.  Summed over that number, and over inputs, this gives the
expected risk of each student to rounding.  Inputs with the same mass and the same row up to order are computed once.

Sums over a binomial leave out values of total probability 1e-18 at most, and a loss is at most 1: this is the
truncation error, in absolute terms.  The term of an input that was never drawn is always included exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlog1py

from kdcore._checks import check_integer, check_probabilities
from kdcore._numerics import binomial, occupancy
from kdcore._types import Floats, Integers
from kdcore.learners import Learner, check_exact
from kdcore.teacher import Teacher

_SAME_LEVEL = 1e-12
"""Probabilities of a row that are closer than this, relatively, count as one level."""
_MAX_STATES = 1 << 18
"""SEL_ptl: the numbers of unseen labels per level may take at most this many values together."""
_CELLS = 1 << 18
"""Temporaries hold at most about this many numbers."""


@dataclass(frozen=True)
class _Input:
    """Inputs that are alike: how many, the mass of each, and their row as levels with multiplicities.

    ``levels`` are the distinct positive probabilities, ``sizes`` how many labels have each, ``n_zeros`` how many have
    probability 0.  ``name`` is one such input, for messages.
    """

    n_alike: int
    rho: float
    levels: Floats
    sizes: Integers
    n_zeros: int
    name: int

    @property
    def n_labels(self) -> int:
        return int(self.sizes.sum()) + self.n_zeros

    @property
    def never_drawn(self) -> float:
        """The loss of the uniform row, which every student answers where nothing was drawn."""
        return float(self.sizes @ np.abs(self.levels - 1 / self.n_labels) + self.n_zeros / self.n_labels) / 2


def expected_risk(teacher: Teacher, n_samples: int, learner: str | Learner) -> float:
    r"""Return the expected risk of a student, exactly: :math:`\mathbb E\,\mathrm{TV}(\hat\pi,\pi^\star\mid\rho)`.

    ``ce_sgl`` and ``ce_ful`` work for every teacher.  ``ce_ptl`` needs rows with at most two distinct positive
    probabilities, and ``sel_ptl`` rows with few: the product over levels of (labels of this level + 1) may be at most
    :math:`2^{18}`.  All four instances of the paper qualify.

    Parameters
    ----------
    teacher : Teacher
        The law to learn.
    n_samples : int
        Samples per data set, n >= 0.  Up to 1e9 is practical for ``ce_ful`` and ``sel_ptl``, whose cost does not grow
        with n, 1e6 for ``ce_sgl`` and 1e5 for ``ce_ptl``.
    learner : {"ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"} or Learner
        The student, one of :data:`kdcore.LEARNERS` or its key.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If an argument is out of range, the learner is unknown or one of one's own, or a row has too many levels for
        this learner; the message names the row, and what to use instead.

    Notes
    -----
    CE_ful errs only at inputs never drawn:

    .. math:: \sum_s\rho(s)\,(1-\rho(s))^n\;\mathrm{TV}\bigl(\mathrm{Uniform},\pi^\star(\cdot\mid s)\bigr).

    CE_sgl: counts are binomial, and de Moivre's formula gives their mean absolute deviation.
    CE_ptl: given how many draws fell on each level, the count of a label is binomial and the normaliser is known.
    SEL_ptl: the loss depends on how many labels of each level are unseen, whose law follows from a Poisson number of
    draws by Cauchy's integral.  The chapters prove them.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.7, 0.3]])
    >>> round(expected_risk(teacher, 1, "ce_sgl"), 12)  # 2 p (1 - p)
    0.42
    >>> expected_risk(teacher, 1, "sel_ptl")  # one label seen: the other follows
    0.0
    """
    rule = _RULES[check_exact(learner).name]
    n = check_integer(n_samples, "n_samples")
    return float(sum(alike.n_alike * alike.rho * rule(alike, n) for alike in _inputs(teacher)))


def expected_missing_mass(law: ArrayLike, n_samples: int) -> float:
    r"""Return the expected missing mass :math:`\sum_xp(x)\,(1-p(x))^n` of n draws (Definition B.1).

    With ``teacher.joint`` it bounds the expected risk of every minimiser of SEL_ptl's loss, for every teacher; with
    ``teacher.rho``, that of CE_ful.

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
    masses = check_probabilities(np.ravel(np.asarray(law)), "law", ndim=1)
    n = check_integer(n_samples, "n_samples")
    return float(masses @ np.exp(xlog1py(n, -masses)))


def ce_ptl_limit(teacher: Teacher) -> float:
    r"""Return the limit of CE_ptl's risk as n grows: the distance of the squared teacher (Lemma 4.2, Theorem 4.3).

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
    r"""Return the limit of :math:`\sqrt n\,\mathbb E\,\mathrm{TV}(\hat\pi,\pi^\star\mid\rho)` for CE_sgl as n grows.

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


def _inputs(teacher: Teacher) -> Iterator[_Input]:
    """Yield the inputs that can be drawn, those that are alike together."""
    laws = np.column_stack([teacher.rho, np.sort(teacher.pi, axis=1)])
    distinct, first, repeats = np.unique(laws, axis=0, return_index=True, return_counts=True)
    for (rho, *row), name, n_alike in zip(distinct, first, repeats, strict=True):
        positive = np.array([p for p in row if p > 0])
        starts = np.flatnonzero(np.diff(positive, prepend=0) > _SAME_LEVEL * positive)
        sizes = np.diff(starts, append=len(positive))
        levels = np.add.reduceat(positive, starts) / sizes
        if rho > 0:
            yield _Input(int(n_alike), float(rho), levels, sizes, len(row) - len(positive), int(name))


def _ce_ful(alike: _Input, n: int) -> float:
    return float(np.exp(xlog1py(n, -alike.rho))) * alike.never_drawn


def _ce_sgl(alike: _Input, n: int) -> float:
    first, last = binomial.window(n, alike.rho)
    draws = np.arange(max(1, first), last + 1)
    loss = np.zeros(len(draws))
    for level, size in zip(alike.levels, alike.sizes, strict=True):
        loss += size * binomial.mean_deviation(draws, level)
    return _ce_ful(alike, n) + float(binomial.pmf(draws, n, alike.rho) @ (loss / (2 * np.maximum(draws, 1))))


def _ce_ptl(alike: _Input, n: int) -> float:
    if len(alike.levels) == 1:  # equal weights: the two cross-entropies agree
        return _ce_sgl(alike, n)
    if len(alike.levels) > 2:
        raise ValueError(
            f"the exact risk of ce_ptl needs rows with at most 2 distinct positive probabilities, but pi[{alike.name}] "
            f"has {len(alike.levels)}: estimate it with simulate_risk"
        )
    first, last = binomial.window(n, alike.rho)
    draws = np.arange(max(1, first), last + 1)
    share = alike.levels[0] * alike.sizes[0]
    low, high = binomial.window(last, share)
    step = max(1, _CELLS // (high - low + 1))
    total = _ce_ful(alike, n)
    for start in range(0, len(draws), step):
        part = draws[start : start + step]
        total += float(binomial.pmf(part, n, alike.rho) @ _squared_loss(alike, part, share))
    return total


def _squared_loss(alike: _Input, draws: Integers, share: float) -> Floats:
    """Return CE_ptl's expected loss given each number of draws, for a row of two levels.

    Of k draws, X ~ Bin(k, share) fall on level 1 and k - X on level 2.  The normaliser is Z = v_1 X + v_2 (k - X), and
    given X the count N of a label of level 1 is Bin(X, 1 / m_1): its loss is (v_1 / Z) E|N - Z|; and so for level 2.
    """
    hits, mass = binomial.central_rows(draws, share)
    possible = (hits >= 0) & (hits <= draws[:, np.newaxis])
    hits = np.clip(hits, 0, draws[:, np.newaxis])
    mass = np.where(possible, mass, 0.0)
    split = (hits, draws[:, np.newaxis] - hits)
    total = alike.levels[0] * split[0] + alike.levels[1] * split[1]
    loss = np.zeros(hits.shape)
    for level, size, count in zip(alike.levels, alike.sizes, split, strict=True):
        loss += size * level / total * _deviation_from_total(count, 1 / int(size), total)
    return np.asarray((mass * loss).sum(axis=1) / 2)


def _deviation_from_total(count: Integers, p: float, total: Floats) -> Floats:
    """Return ``E|N - total|`` with N ~ Bin(count, p), entry by entry; arrays of one shape.

    ``E|N - c|`` is linear in c between integers, so a table over integers c for each distinct count is enough.
    """
    if p == 1:
        return np.abs(count - total)
    below = np.floor(total).astype(np.int64)
    base = int(count.min())
    index = count - base
    rows = int(index.max()) + 1
    first = np.full(rows, np.iinfo(np.int64).max)
    last = np.zeros(rows, dtype=np.int64)
    np.minimum.at(first, index, below)
    np.maximum.at(last, index, below)
    first = np.minimum(first, last)  # rows that no entry asks for
    table = binomial.deviations_from_integers(np.arange(base, base + rows), p, first, int((last - first).max()) + 2)
    column = below - first[index]
    left, right = table[index, column], table[index, column + 1]
    deviation: Floats = left + (total - below) * (right - left)
    return deviation


def _sel_ptl(alike: _Input, n: int) -> float:
    shape = tuple(int(size) + 1 for size in alike.sizes)
    if np.prod([float(size) for size in shape]) > _MAX_STATES:
        raise ValueError(
            f"the exact risk of sel_ptl needs rows with few distinct probabilities, but pi[{alike.name}] has "
            f"{len(alike.levels)} on {alike.n_labels} labels: estimate it with simulate_risk, or bound it by "
            f"exact.expected_missing_mass(teacher.joint, n_samples)"
        )
    unseen = np.indices(shape)
    mass = np.tensordot(alike.levels, unseen, axes=1)
    fill = mass / np.maximum(unseen.sum(axis=0) + alike.n_zeros, 1)
    loss = alike.n_zeros * fill
    for level, left in zip(alike.levels, unseen, strict=True):
        loss += left * np.abs(fill - level)
    loss[loss <= 1e-14 * mass] = 0  # unseen labels that are all equally likely: the fill is right, but for rounding
    return occupancy.expected_loss(n, list(alike.rho * alike.levels), [int(m) for m in alike.sizes], loss / 2)


_RULES: dict[str, Callable[[_Input, int], float]] = {
    "ce_sgl": _ce_sgl,
    "ce_ptl": _ce_ptl,
    "sel_ptl": _sel_ptl,
    "ce_ful": _ce_ful,
}
