"""What a teacher reveals: protocols and their transfer sets (Zhao and Zhu 2024, section 2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_choice, find_first
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


class Protocol(ABC):
    """What a teacher reveals beside the drawn pairs.

    The three of the paper are in :data:`PROTOCOLS`.  Define one of your own as a subclass with a name, the type of its
    transfer sets and ``reveal``, and give it wherever a key of a protocol is taken.

    Attributes
    ----------
    name : str
        What messages call it.
    data_type : type
        The type of its transfer sets.

    Examples
    --------
    >>> @dataclass(frozen=True)
    ... class LikeliestLabels:
    ...     counts: np.ndarray
    ...     likeliest: np.ndarray  # the teacher's likeliest label where an input was drawn, -1 elsewhere
    >>> class Likeliest(Protocol):
    ...     name, data_type = "likeliest", LikeliestLabels
    ...     def reveal(self, teacher, counts):
    ...         drawn = counts.any(axis=-1)
    ...         return LikeliestLabels(counts, np.where(drawn, teacher.pi.argmax(axis=1), -1))
    >>> teacher = Teacher([0.5, 0.5], [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
    >>> reveal(teacher, [[0, 0, 0], [1, 0, 0]], Likeliest()).likeliest
    array([-1,  2])
    """

    name: str
    data_type: type

    @abstractmethod
    def reveal(self, teacher: Teacher, counts: Integers) -> Any:
        """Make the transfer set; :func:`reveal` does the same after checking the counts.

        Parameters
        ----------
        teacher : Teacher
            The teacher that drew the counts.
        counts : ndarray of int64, shape (..., S, A)
            Count tables that the teacher can have drawn.

        Returns
        -------
        object
            A transfer set of the type ``data_type``.  What a student is not told should be NaN in it.

        Examples
        --------
        >>> PROTOCOLS["soft"].reveal(Teacher([1.0], [[0.7, 0.3]]), np.array([[1, 0]])).rows
        array([[0.7, 0.3]])
        """

    def __repr__(self) -> str:
        return f"<protocol {self.name!r}>"


class _Hard(Protocol):
    name, data_type = "hard", HardLabels

    def reveal(self, teacher: Teacher, counts: Integers) -> HardLabels:
        return HardLabels(counts)


class _Partial(Protocol):
    name, data_type = "partial", PartialSoftLabels

    def reveal(self, teacher: Teacher, counts: Integers) -> PartialSoftLabels:
        return PartialSoftLabels(counts, np.where(counts > 0, teacher.pi, np.nan))


class _Soft(Protocol):
    name, data_type = "soft", SoftLabels

    def reveal(self, teacher: Teacher, counts: Integers) -> SoftLabels:
        drawn = counts.sum(axis=-1, keepdims=True) > 0
        return SoftLabels(counts, np.where(drawn, teacher.pi, np.nan))


PROTOCOLS: dict[str, Protocol] = {protocol.name: protocol for protocol in (_Hard(), _Partial(), _Soft())}
"""The three protocols of the paper by key: ``hard``, ``partial``, ``soft``."""


def key_of(protocol: Protocol) -> str | Protocol:
    """Return the key of one of the three, which every process knows, or the protocol itself."""
    return protocol.name if isinstance(protocol, _Hard | _Partial | _Soft) else protocol


def check_protocol(protocol: str | Protocol) -> Protocol:
    """Return the protocol of a key, or one that is given itself."""
    if not isinstance(protocol, Protocol):
        return PROTOCOLS[check_choice(protocol, "protocol", list(PROTOCOLS))]
    name, data_type = getattr(protocol, "name", None), getattr(protocol, "data_type", None)
    if not isinstance(name, str) or not name:
        raise ValueError(f"the name of the protocol {type(protocol).__name__} must be a word, got {name!r}")
    if not isinstance(data_type, type):
        raise ValueError(f"the data_type of the protocol {name!r} must be a class, got {data_type!r}")
    return protocol


def reveal(teacher: Teacher, counts: ArrayLike, protocol: str | Protocol) -> Any:
    """Make the transfer set that a student sees under a protocol.

    What the protocol keeps silent about is NaN, so a student that looks at it answers NaN.

    Parameters
    ----------
    teacher : Teacher
        The teacher that drew the counts.
    counts : array_like of int, shape (..., S, A)
        Count tables, as from :meth:`Teacher.draw`.
    protocol : {"hard", "partial", "soft"} or Protocol
        What the teacher reveals beside the drawn pairs; :class:`kdcore.TopK` is another one.

    Returns
    -------
    HardLabels, PartialSoftLabels or SoftLabels
        The counts, and what the protocol adds to them; of another protocol, what it makes of them.

    Raises
    ------
    ValueError
        If the protocol is unknown, or the counts are not non-negative integers of the teacher's shape, or a pair
        of probability zero was counted, or a protocol of one's own makes another transfer set than it says.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.7, 0.2, 0.1]])
    >>> reveal(teacher, [[2, 1, 0]], "partial").probabilities
    array([[0.7, 0.2, nan]])
    """
    told = check_protocol(protocol)
    table = np.asarray(counts)
    if not np.issubdtype(table.dtype, np.integer):
        raise ValueError(f"counts must be integers, got dtype {table.dtype}")
    if table.shape[-2:] != teacher.shape:
        raise ValueError(
            f"counts must have shape (..., {teacher.n_inputs}, {teacher.n_labels}) for this teacher, got {table.shape}"
        )
    for broken, rule in (
        (table < 0, "counts must not be negative"),
        ((table > 0) & (teacher.joint == 0), "the teacher gives this pair probability 0, so it cannot be drawn"),
    ):
        if broken.any():
            index, where = find_first(broken)
            raise ValueError(f"counts[{where}] = {table[index]}: {rule}")
    data = told.reveal(teacher, table.astype(np.int64, copy=False))
    if not isinstance(data, told.data_type):
        raise ValueError(
            f"the protocol {told.name!r} must reveal {told.data_type.__name__}, as it says, got {type(data).__name__}"
        )
    return data
