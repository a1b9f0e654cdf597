"""The teacher: a law over inputs and, for each input, a law over labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdcore._checks import as_integer, as_probabilities

_BLOCK_CELLS = 1 << 20
"""Temporaries of a draw hold at most about this many numbers each, beside one number per repeat and input."""


@dataclass(frozen=True, eq=False, repr=False)
class Teacher:
    """An input law and a reference policy (Zhao and Zhu 2024, section 2).

    Parameters
    ----------
    rho : array_like, shape (S,)
        Input law: ``rho[s]`` is the probability of input s.
    pi : array_like, shape (S, A)
        Reference policy: ``pi[s, a]`` is the probability of label a at input s.

    Both are copied and made read-only.

    Raises
    ------
    ValueError
        If a shape is wrong or a row is not a probability vector; the message names the row and the rule.

    Examples
    --------
    >>> teacher = Teacher([0.5, 0.5], [[0.9, 0.1], [0.5, 0.5]])
    >>> teacher
    Teacher(n_inputs=2, n_labels=2)
    >>> teacher.draw(10, n_repeats=3, rng=0).sum(axis=(1, 2))
    array([10, 10, 10])
    """

    rho: NDArray[np.float64]
    pi: NDArray[np.float64]
    _joint: NDArray[np.float64] = field(init=False)

    def __init__(self, rho: ArrayLike, pi: ArrayLike) -> None:
        rho_array = as_probabilities(rho, "rho", ndim=1)
        pi_array = as_probabilities(pi, "pi", ndim=2)
        if len(rho_array) != len(pi_array):
            raise ValueError(
                f"rho and pi must agree on the number of inputs: rho has {len(rho_array)} entries, "
                f"pi has {len(pi_array)} rows"
            )
        joint = rho_array[:, np.newaxis] * pi_array
        joint.setflags(write=False)
        object.__setattr__(self, "rho", rho_array)
        object.__setattr__(self, "pi", pi_array)
        object.__setattr__(self, "_joint", joint)

    def __repr__(self) -> str:
        return f"Teacher(n_inputs={self.n_inputs}, n_labels={self.n_labels})"

    @property
    def n_inputs(self) -> int:
        """The number of inputs, S."""
        return int(self.pi.shape[0])

    @property
    def n_labels(self) -> int:
        """The number of labels, A."""
        return int(self.pi.shape[1])

    @property
    def joint(self) -> NDArray[np.float64]:
        """The joint law ``rho[s] * pi[s, a]``, shape (S, A)."""
        return self._joint

    def draw(self, n_samples: int, n_repeats: int = 1, *, rng: np.random.Generator | int) -> NDArray[np.int64]:
        """Draw data sets of n i.i.d. pairs (input, label) and count them.

        The counts are sufficient for every student of this package.  They are drawn as tables (a multinomial over
        inputs, then one over labels for each input); only when n is smaller than the table are the n samples drawn
        one by one, which is then the cheaper way.  A cell of probability zero is never counted.

        Parameters
        ----------
        n_samples : int
            Samples per data set, n >= 0.
        n_repeats : int
            Independent data sets, R >= 1.
        rng : numpy.random.Generator or int
            The stream to draw from, or a seed for one.  There is no unseeded draw.

        Returns
        -------
        ndarray of int64, shape (R, S, A)
            ``counts[r, s, a]`` is how often (s, a) occurs in data set r; each data set sums to n.

        Raises
        ------
        ValueError
            If n_samples or n_repeats is not an integer in its range, or rng is neither Generator nor seed.
        """
        n_samples = as_integer(n_samples, "n_samples")
        n_repeats = as_integer(n_repeats, "n_repeats", minimum=1)
        generator = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(as_integer(rng, "rng"))
        counts = np.empty((n_repeats, self.n_inputs, self.n_labels), dtype=np.int64)
        if n_samples < self.joint.size:
            self._draw_samples(n_samples, counts, generator)
        else:
            self._draw_tables(n_samples, counts, generator)
        return counts

    def _draw_samples(self, n_samples: int, counts: NDArray[np.int64], rng: np.random.Generator) -> None:
        """Fill ``counts`` (R, S, A) by inverting the joint distribution function at n uniform numbers."""
        cumulative = np.cumsum(self.joint)
        last = int(np.flatnonzero(self.joint)[-1])
        for part in _blocks(len(counts), self.joint.size):
            block = counts[part]
            uniform = rng.random((len(block), n_samples)) * cumulative[-1]
            # side="right" steps over cells of probability zero; the minimum guards the last ulp of the sum.
            cells = np.minimum(np.searchsorted(cumulative, uniform, side="right"), last)
            cells += np.arange(len(block))[:, np.newaxis] * self.joint.size
            block[:] = np.bincount(cells.ravel(), minlength=block.size).reshape(block.shape)

    def _draw_tables(self, n_samples: int, counts: NDArray[np.int64], rng: np.random.Generator) -> None:
        """Fill ``counts`` (R, S, A) with a multinomial over inputs and one over labels at each input."""
        # Rows come one after the other from the stream, so that the split into blocks does not change the numbers.
        per_input = np.empty(counts.shape[:2], dtype=np.int64)
        for part in _blocks(len(counts), self.n_inputs):
            block = per_input[part]
            block[:] = _multinomial(rng, np.broadcast_to(np.int64(n_samples), len(block)), self.rho)
        for s in range(self.n_inputs):
            for part in _blocks(len(counts), self.n_labels):
                counts[part, s] = _multinomial(rng, per_input[part, s], self.pi[s])


def _blocks(n_repeats: int, width: int) -> Iterator[slice]:
    """Split repeats into slices that bound temporaries of ``width`` numbers a repeat."""
    step = max(1, _BLOCK_CELLS // max(1, width))
    for start in range(0, n_repeats, step):
        yield slice(start, start + step)


def _multinomial(rng: np.random.Generator, n: NDArray[np.int64], p: NDArray[np.float64]) -> NDArray[np.int64]:
    """Draw multinomial counts (len(n), len(p)), giving cells of probability zero no count.

    NumPy gives the last cell whatever the rounding of the others leaves over.  With the most probable cell last,
    what is left over cannot reach a cell of probability zero.
    """
    top = int(np.argmax(p))
    order = np.arange(len(p))
    order[[top, -1]] = order[[-1, top]]
    return rng.multinomial(n, (p / p.sum())[order])[:, order]
