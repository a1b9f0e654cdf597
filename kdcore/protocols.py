"""What a teacher reveals: the three transfer sets (Zhao and Zhu 2024, section 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_choice
from kdcore._types import Floats, Integers
from kdcore.teacher import Teacher


@dataclass(frozen=True, eq=False)
class HardLabels:
    """The drawn pairs and nothing else.

    Attributes
    ----------
    counts : ndarray of int64, shape (..., S, A)
        How often each pair (s, a) was drawn.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.7, 0.2, 0.1]])
    >>> reveal(teacher, [[2, 1, 0]], "hard")
    HardLabels(counts=array([[2, 1, 0]]))
    """

    counts: Integers


@dataclass(frozen=True, eq=False)
class PartialSoftLabels:
    r"""The drawn pairs, each with the teacher's probability of its label.

    Attributes
    ----------
    counts : ndarray of int64, shape (..., S, A)
        How often each pair (s, a) was drawn.
    probabilities : ndarray of float64, shape (..., S, A)
        :math:`\pi^\star(a\mid s)` where (s, a) was drawn, NaN elsewhere.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.7, 0.2, 0.1]])
    >>> reveal(teacher, [[2, 1, 0]], "partial").probabilities
    array([[0.7, 0.2, nan]])
    """

    counts: Integers
    probabilities: Floats


@dataclass(frozen=True, eq=False)
class SoftLabels:
    r"""The drawn pairs, each with the teacher's whole row at its input.

    Attributes
    ----------
    counts : ndarray of int64, shape (..., S, A)
        How often each pair (s, a) was drawn.
    rows : ndarray of float64, shape (..., S, A)
        :math:`\pi^\star(\cdot\mid s)` where input s was drawn, NaN elsewhere.

    Examples
    --------
    >>> teacher = Teacher([0.5, 0.5], [[0.7, 0.3], [0.4, 0.6]])
    >>> reveal(teacher, [[2, 0], [0, 0]], "soft").rows
    array([[0.7, 0.3],
           [nan, nan]])
    """

    counts: Integers
    rows: Floats


TransferSet = HardLabels | PartialSoftLabels | SoftLabels


def _partial(teacher: Teacher, counts: Integers) -> PartialSoftLabels:
    return PartialSoftLabels(counts, np.where(counts > 0, teacher.pi, np.nan))


def _soft(teacher: Teacher, counts: Integers) -> SoftLabels:
    drawn = counts.sum(axis=-1, keepdims=True) > 0
    return SoftLabels(counts, np.where(drawn, teacher.pi, np.nan))


PROTOCOLS: dict[str, Callable[[Teacher, Integers], TransferSet]] = {
    "hard": lambda _teacher, counts: HardLabels(counts),
    "partial": _partial,
    "soft": _soft,
}
"""The three protocols by name: each makes a transfer set of a teacher and its count tables."""


def reveal(teacher: Teacher, counts: ArrayLike, protocol: str) -> TransferSet:
    """Make the transfer set that a student sees under a protocol.

    What the protocol keeps silent about is NaN, so a student that looks at it answers NaN.

    Parameters
    ----------
    teacher : Teacher
        The teacher that drew the counts.
    counts : array_like of int, shape (..., S, A)
        Count tables, as from :meth:`Teacher.draw`.
    protocol : {"hard", "partial", "soft"}
        What the teacher reveals beside the drawn pairs.

    Returns
    -------
    HardLabels, PartialSoftLabels or SoftLabels
        The counts, and what the protocol adds to them.

    Raises
    ------
    ValueError
        If the protocol is unknown, or the counts are not non-negative integers of the teacher's shape, or a pair
        of probability zero was counted.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.7, 0.2, 0.1]])
    >>> reveal(teacher, [[2, 1, 0]], "partial").probabilities
    array([[0.7, 0.2, nan]])
    """
    build = PROTOCOLS[check_choice(protocol, "protocol", list(PROTOCOLS))]
    table = np.asarray(counts)
    if not np.issubdtype(table.dtype, np.integer):
        raise ValueError(f"counts must be integers, got dtype {table.dtype}")
    if table.shape[-2:] != teacher.pi.shape:
        raise ValueError(
            f"counts must have shape (..., {teacher.n_inputs}, {teacher.n_labels}) for this teacher, got {table.shape}"
        )
    for broken, rule in (
        (table < 0, "counts must not be negative"),
        ((table > 0) & (teacher.joint == 0), "the teacher gives this pair probability 0, so it cannot be drawn"),
    ):
        if broken.any():
            index = tuple(int(i) for i in np.argwhere(broken)[0])
            raise ValueError(f"counts[{', '.join(map(str, index))}] = {table[index]}: {rule}")
    return build(teacher, table.astype(np.int64, copy=False))
