"""Top-k answers as a protocol: masks of the k most likely labels, and what is told of the drawn one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kdcore._checks import check_choice, check_integer
from kdcore._types import Floats, Integers
from kdcore.protocols import Protocol
from kdcore.teacher import Teacher

Drawn = Literal["revealed", "censored", "hidden"]
DRAWN = ("revealed", "censored", "hidden")


@dataclass(frozen=True, eq=False)
class TopKLabels:
    r"""The drawn pairs, and the probabilities of the k most likely labels at each drawn input.

    Attributes
    ----------
    counts : ndarray of int64, shape (..., S, A)
        How often each pair (s, a) was drawn.
    probabilities : ndarray of float64, shape (..., S, A)
        :math:`\pi^\star(a\mid s)` where s was drawn and a is among the k most likely labels there, and, if drawn labels
        are revealed, where (s, a) was drawn; NaN elsewhere.

    Examples
    --------
    >>> from kdcore import Teacher, TopK, reveal
    >>> reveal(Teacher([1.0], [[0.6, 0.3, 0.1]]), [[1, 0, 1]], TopK(1)).probabilities
    array([[0.6, nan, 0.1]])
    """

    counts: Integers
    probabilities: Floats


@dataclass(frozen=True, eq=False)
class TopKAnswers:
    r"""How often each input was asked, and the probabilities of the k most likely labels there; nothing about the draw.

    Attributes
    ----------
    visits : ndarray of int64, shape (..., S)
        How often each input was drawn.
    probabilities : ndarray of float64, shape (..., S, A)
        :math:`\pi^\star(a\mid s)` where s was drawn and a is among the k most likely labels there, NaN elsewhere.

    Examples
    --------
    >>> from kdcore import Teacher, TopK, reveal
    >>> reveal(Teacher([1.0], [[0.6, 0.3, 0.1]]), [[1, 0, 1]], TopK(1, drawn="hidden"))
    TopKAnswers(visits=array([2]), probabilities=array([[0.6, nan, nan]]))
    """

    visits: Integers
    probabilities: Floats


@dataclass(frozen=True, repr=False)
class TopK(Protocol):
    """The k most likely labels at each drawn input with their exact probabilities, and the drawn label or not.

    Ties are broken by label order: of equally likely labels the first ones are among the k.  Where the k-th and the
    next label are equally likely, this tells a little about names: a silent label that stands before the k-th is less
    likely than it.  What the book proves of students that nobody beats is for ties broken at random; the students of
    this package do not use the difference.

    Parameters
    ----------
    k : int
        How many labels, k >= 0; with k at least A, all.  0 is a protocol of the paper: partial if drawn labels are
        revealed, hard if they are censored.
    drawn : {"revealed", "censored", "hidden"}
        What is told of a drawn label: itself and its probability, always ("revealed"); itself, but its probability only
        where it is among the k ("censored", as by a sentinel for a probability that is not given); nothing at all, so
        that a student knows how often each input was drawn and no more ("hidden").

    Raises
    ------
    ValueError
        If k is no integer of at least 0 or ``drawn`` is none of the three.

    Examples
    --------
    >>> from kdcore import Teacher, reveal
    >>> teacher = Teacher([1.0], [[0.5, 0.3, 0.2]])
    >>> for drawn in ("revealed", "censored", "hidden"):
    ...     print(reveal(teacher, [[0, 0, 1]], TopK(1, drawn)).probabilities)
    [[0.5 nan 0.2]]
    [[0.5 nan nan]]
    [[0.5 nan nan]]
    """

    k: int
    drawn: Drawn = "revealed"
    name: str = field(init=False, compare=False)
    data_type: type = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", check_integer(self.k, "k"))
        check_choice(self.drawn, "drawn", list(DRAWN))
        object.__setattr__(self, "name", f"top {self.k}, drawn label {self.drawn}")
        object.__setattr__(self, "data_type", TopKAnswers if self.drawn == "hidden" else TopKLabels)

    def reveal(self, teacher: Teacher, counts: Integers) -> TopKLabels | TopKAnswers:
        """Make the transfer set; :func:`kdcore.reveal` does the same after checking the counts.

        Parameters
        ----------
        teacher : Teacher
            The teacher that drew the counts.
        counts : ndarray of int64, shape (..., S, A)
            Count tables that the teacher can have drawn.

        Returns
        -------
        TopKLabels or TopKAnswers
            The second if drawn labels are hidden.

        Examples
        --------
        >>> TopK(2, "hidden").reveal(Teacher([1.0], [[0.3, 0.4, 0.3]]), np.array([[1, 0, 0]])).probabilities
        array([[0.3, 0.4, nan]])
        """
        visits = counts.sum(axis=-1)
        told = (visits > 0)[..., np.newaxis] & _top(teacher, self.k)
        if self.drawn == "revealed":
            told |= counts > 0
        probabilities = np.where(told, teacher.pi, np.nan)
        if self.drawn == "hidden":
            return TopKAnswers(visits, probabilities)
        return TopKLabels(counts, probabilities)

    def __repr__(self) -> str:
        return f"TopK({self.k}, drawn={self.drawn!r})"


@lru_cache(maxsize=8)
def _top(teacher: Teacher, k: int) -> NDArray[np.bool_]:
    """Tell which labels are among the k most likely ones at each input, shape (S, A)."""
    order = np.argsort(-teacher.pi, axis=1, kind="stable")
    top = np.zeros(teacher.pi.shape, dtype=bool)
    np.put_along_axis(top, order[:, :k], True, axis=1)
    return top
