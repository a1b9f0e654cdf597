"""The teacher: a law over inputs and, for each input, a law over labels."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from kdcore import _files
from kdcore._checks import check_integer, check_probabilities, check_sums, check_table, find_first
from kdcore._types import Floats, Integers

_BLOCK_CELLS = 1 << 20
"""Temporaries of a draw hold at most about this many numbers each, beside one number per repeat and input."""


class Entries(NamedTuple):
    """The positive probabilities of a policy, row after row: those of row s are ``starts[s]`` to ``starts[s + 1]``."""

    starts: Integers
    labels: Integers
    probabilities: Floats

    @property
    def rows(self) -> Integers:
        """The row of each entry."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @property
    def ordered(self) -> Floats:
        """The probabilities, those of each row from the least to the largest."""
        return self.probabilities[np.lexsort((self.probabilities, self.rows))]


class Teacher:
    r"""An input law and a reference policy (Zhao and Zhu 2024, section 2).

    Both arrays are copied and made read-only.  A policy with many zeros may be a sparse array of SciPy: no table of
    all pairs is then made, but where :attr:`pi` or :attr:`joint` are asked for.

    Parameters
    ----------
    rho : array_like, shape (S,)
        Input law: ``rho[s]`` is :math:`\rho(s)`, the probability of input s.
    pi : array_like or sparse array, shape (S, A)
        Reference policy: ``pi[s, a]`` is :math:`\pi^\star(a\mid s)`, the probability of label a at input s.

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

    correction: float = 0.0
    """By how much a row missed 1 that :meth:`from_probabilities` divided by its sum."""
    _dense: Floats | None
    _entries: Entries | None

    def __init__(self, rho: ArrayLike, pi: Any) -> None:
        self._rho = check_probabilities(rho, "rho", ndim=1)
        self._dense = None if sparse.issparse(pi) else check_probabilities(pi, "pi", ndim=2)
        self._entries = _entries_of(pi) if self._dense is None else None
        self._shape = (int(pi.shape[0]), int(pi.shape[1])) if self._dense is None else self._dense.shape
        if len(self._rho) != self._shape[0]:
            raise ValueError(
                f"rho and pi must agree on the number of inputs: rho has {len(self._rho)} entries, "
                f"pi has {self._shape[0]} rows"
            )

    @property
    def rho(self) -> Floats:
        r"""The input law :math:`\rho`, shape (S,)."""
        return self._rho

    @property
    def pi(self) -> Floats:
        r"""The reference policy :math:`\pi^\star`, shape (S, A); made anew each time where it was given as sparse."""
        if self._dense is not None:
            return self._dense
        table = np.zeros(self.shape)
        table[self.entries.rows, self.entries.labels] = self.entries.probabilities
        table.setflags(write=False)
        return table

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of inputs and of labels, (S, A)."""
        return self._shape

    @property
    def entries(self) -> Entries:
        """The positive probabilities, row after row."""
        if self._entries is None:
            self._entries = _entries_of_table(self.pi)
        return self._entries

    @classmethod
    def from_logits(cls, logits: ArrayLike, rho: ArrayLike | None = None, temperature: float = 1.0) -> Teacher:
        r"""Return the teacher whose rows are the softmax of a model's logits.

        .. math:: \pi^\star(a\mid s)=\frac{e^{z_{sa}/T}}{\sum_be^{z_{sb}/T}}

        Computed in double precision, so that rows of float32 logits sum to 1.  Logarithms of probabilities are logits
        too: a table of float32 probabilities p, whose rows miss 1 by rounding, comes in as ``np.log(p)``.

        Parameters
        ----------
        logits : array_like, shape (S, A)
            Finite, or -inf for a label that is never given.
        rho : array_like, shape (S,), optional
            Input law; uniform by default.
        temperature : float
            T > 0.

        Raises
        ------
        ValueError
            If the shape is wrong, a logit is NaN or inf, a row allows no label, the temperature is not positive, or
            rho is no probability vector.

        Examples
        --------
        >>> Teacher.from_logits(np.array([[0.0, -np.inf], [3.0, 3.0]], dtype=np.float32)).pi
        array([[1. , 0. ],
               [0.5, 0.5]])
        """
        table = check_table(logits, "logits")
        for broken, rule in (
            (np.isnan(table) | (table == np.inf), "logits must be finite, or -inf for a label that is never given"),
            (np.isneginf(table).all(axis=1, keepdims=True), "each row must allow a label"),
        ):
            if broken.any():
                index, where = find_first(broken)
                raise ValueError(f"logits[{where}] = {table[index]}: {rule}")
        if not (np.isfinite(temperature) and temperature > 0):
            raise ValueError(f"temperature must be a positive number, got {temperature!r}")
        weights = np.exp((table - table.max(axis=1, keepdims=True)) / temperature)
        uniform = np.full(len(table), 1 / len(table))
        return cls(uniform if rho is None else rho, weights / weights.sum(axis=1, keepdims=True))

    @classmethod
    def from_counts(cls, counts: ArrayLike) -> Teacher:
        """Return the teacher whose laws are the relative frequencies of a table, such as one of pairs of words.

        Parameters
        ----------
        counts : array_like, shape (S, A)
            How often each label came with each input: not negative, and something in each row.  Need not be integers.

        Raises
        ------
        ValueError
            If the shape is wrong, a count is negative or not finite, or a row is empty; the message names it.

        Examples
        --------
        >>> teacher = Teacher.from_counts([[3, 1], [0, 12]])
        >>> teacher.rho, teacher.pi.tolist()
        (array([0.25, 0.75]), [[0.75, 0.25], [0.0, 1.0]])
        """
        table = check_table(counts, "counts")
        for broken, rule in (
            (~np.isfinite(table), "counts must be finite"),
            (table < 0, "counts must not be negative"),
            (
                table.sum(axis=1, keepdims=True) == 0,
                "each row must hold a count (leave out inputs that never occurred)",
            ),
        ):
            if broken.any():
                index, where = find_first(broken)
                raise ValueError(f"counts[{where}] = {table[index]}: {rule}")
        sums = table.sum(axis=1)
        return cls(sums / sums.sum(), table / sums[:, np.newaxis])

    @classmethod
    def from_probabilities(cls, pi: ArrayLike, rho: ArrayLike | None = None) -> Teacher:
        """Return the teacher of a table of probabilities whose rows miss 1, as those of float32 do: they are divided.

        Parameters
        ----------
        pi : array_like or sparse array, shape (S, A)
            Not negative, and something in each row.
        rho : array_like, shape (S,), optional
            Input law, not negative, divided by its sum; uniform by default.

        Returns
        -------
        Teacher
            Its ``correction`` is the largest difference of a row's sum from 1, as it was.

        Raises
        ------
        ValueError
            If the shape is wrong, or a number is negative or not finite, or a row is empty; the message names it.

        Examples
        --------
        >>> teacher = Teacher.from_probabilities(np.array([[0.7, 0.2], [0.5, 0.5]], dtype=np.float32))
        >>> teacher.pi.round(4).tolist(), round(teacher.correction, 4)
        ([[0.7778, 0.2222], [0.5, 0.5]], 0.1)
        """
        table: Any = sparse.csr_array(pi, dtype=np.float64) if sparse.issparse(pi) else check_table(pi, "pi")
        values = table.data if sparse.issparse(pi) else table
        if not (np.isfinite(values) & (values >= 0)).all():
            raise ValueError(f"pi must hold numbers that are finite and not negative, got {values[~(values >= 0)][:1]}")
        sums = np.asarray(table.sum(axis=1)).ravel()
        if (empty := sums == 0).any():
            raise ValueError(f"pi[{int(np.argmax(empty))}] sums to 0: each row must hold a probability")
        law = np.full(len(sums), 1 / len(sums)) if rho is None else check_table(rho, "rho", ndim=1)
        scaled = sparse.diags_array(1 / sums) @ table if sparse.issparse(pi) else table / sums[:, np.newaxis]
        teacher = cls(law / law.sum() if law.sum() > 0 else law, scaled)
        teacher.correction = float(np.abs(sums - 1).max())
        return teacher

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Teacher:
        """Return the teacher of a file.

        Parameters
        ----------
        path : path
            What :meth:`save` wrote; or a .npz archive with a dense table ``pi`` and, unless it is uniform, ``rho``; or
            Parquet with the columns ``input`` and ``label`` (numbers from 0), ``mass`` (rho of the input) and
            ``probability``.

        Raises
        ------
        ValueError
            If there is no such file, it is of another kind, or what it holds is no teacher.
        """
        saved = _files.load(_files.check_path(path))
        return cls(saved.rho, saved.policy)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the teacher to a file: its positive probabilities and its input law.

        Parameters
        ----------
        path : path
            Ends in .npz, or .parquet, which needs ``pip install 'kdcore[parquet]'``.

        Raises
        ------
        ValueError
            If the ending is another one.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "teacher.npz")
        >>> Teacher([1.0], [[0.25, 0.75, 0.0]]).save(path)
        >>> Teacher.load(path).pi.tolist()
        [[0.25, 0.75, 0.0]]
        """
        _files.save(_files.check_path(path), self.rho, self.shape, *self.entries)

    def __repr__(self) -> str:
        return f"Teacher(n_inputs={self.n_inputs}, n_labels={self.n_labels})"

    def __reduce__(self) -> tuple[type[Teacher], tuple[Floats, Any]]:
        policy: Any = self._dense  # copies, also in other processes, are validated and read-only
        if policy is None:
            policy = sparse.csr_array(
                (self.entries.probabilities, self.entries.labels, self.entries.starts), self.shape
            )
        return Teacher, (self.rho, policy)

    @property
    def n_inputs(self) -> int:
        """The number of inputs, S."""
        return self.shape[0]

    @property
    def n_labels(self) -> int:
        """The number of labels, A."""
        return self.shape[1]

    @property
    def joint(self) -> Floats:
        r"""The joint law :math:`\rho(s)\,\pi^\star(a\mid s)`, shape (S, A).

        Examples
        --------
        >>> Teacher([0.5, 0.5], [[0.5, 0.5], [1.0, 0.0]]).joint
        array([[0.25, 0.25],
               [0.5 , 0.  ]])
        """
        if self._dense is None:
            return self.rho[:, np.newaxis] * self.pi
        return self._joint

    @cached_property
    def _joint(self) -> Floats:
        joint = self.rho[:, np.newaxis] * self.pi
        joint.setflags(write=False)
        return joint

    def draw(self, n_samples: int, n_repeats: int = 1, *, rng: np.random.Generator | int) -> Integers:
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

        Examples
        --------
        >>> Teacher([1.0], [[1.0, 0.0]]).draw(5, n_repeats=2, rng=0).tolist()
        [[[5, 0]], [[5, 0]]]
        """
        n_samples = check_integer(n_samples, "n_samples")
        n_repeats = check_integer(n_repeats, "n_repeats", minimum=1)
        generator = rng if isinstance(rng, np.random.Generator) else np.random.default_rng(check_integer(rng, "rng"))
        counts = np.empty((n_repeats, self.n_inputs, self.n_labels), dtype=np.int64)
        if n_samples < math.prod(self.shape):
            self._draw_samples(n_samples, counts, generator)
        else:
            self._draw_tables(n_samples, counts, generator)
        return counts

    def draw_cells(self, n_samples: int, n_repeats: int, rng: np.random.Generator) -> Integers:
        """Draw n i.i.d. pairs one by one, by inverting the joint distribution function at uniform numbers.

        Parameters
        ----------
        n_samples, n_repeats : int
            Samples per data set, n >= 0, and data sets, R >= 1.
        rng : numpy.random.Generator
            The stream to draw from.

        Returns
        -------
        ndarray of int64, shape (R, n)
            The pair (s, a) as the number ``s * A + a``.

        Examples
        --------
        >>> rng = np.random.default_rng(0)
        >>> Teacher([1.0], [[0.0, 1.0]]).draw_cells(3, 1, rng)
        array([[1, 1, 1]])
        """
        cumulative, cells = self._distribution
        uniform = rng.random((n_repeats, n_samples)) * cumulative[-1]
        # the minimum guards the last ulp of the sum
        drawn: Integers = cells[np.minimum(np.searchsorted(cumulative, uniform, side="right"), len(cells) - 1)]
        return drawn

    @cached_property
    def _distribution(self) -> tuple[Floats, Integers]:
        """The joint distribution function over cells of positive probability, in order, and their numbers."""
        rows = self.entries.rows
        masses = self.rho[rows] * self.entries.probabilities
        kept = masses > 0
        return np.cumsum(masses[kept]), (rows * self.n_labels + self.entries.labels)[kept]

    def _draw_samples(self, n_samples: int, counts: Integers, rng: np.random.Generator) -> None:
        """Fill ``counts`` (R, S, A) sample by sample."""
        for part in _blocks(len(counts), math.prod(self.shape)):
            block = counts[part]
            block[:] = count_cells(self.draw_cells(n_samples, len(block), rng), self.shape)

    def _draw_tables(self, n_samples: int, counts: Integers, rng: np.random.Generator) -> None:
        """Fill ``counts`` (R, S, A) with a multinomial over inputs and one over labels at each input."""
        # All of rho's draws first, so that the split into blocks does not change the numbers.
        per_input = np.empty(counts.shape[:2], dtype=np.int64)
        for part in _blocks(len(counts), self.n_inputs):
            block = per_input[part]
            block[:] = _multinomial(rng, np.full(len(block), n_samples), self.rho)
        for part in _blocks(len(counts), math.prod(self.shape)):
            counts[part] = _multinomial(rng, per_input[part], self.pi)


def _entries_of(policy: Any) -> Entries:
    """Return the positive entries of a sparse policy after checking that its rows are probability vectors."""
    table = sparse.csr_array(policy, dtype=np.float64, copy=True)
    table.sum_duplicates()
    table.eliminate_zeros()
    if 0 in table.shape:
        raise ValueError(f"pi must hold at least one entry on each axis, got shape {table.shape}")
    rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    for broken, rule in (
        (~np.isfinite(table.data), "probabilities must be finite"),
        (table.data < 0, "probabilities must not be negative"),
    ):
        if broken.any():
            first = int(np.argmax(broken))
            raise ValueError(f"pi[{rows[first]}, {table.indices[first]}] = {table.data[first]}: {rule}")
    check_sums(np.bincount(rows, table.data, minlength=table.shape[0]), "pi")
    return _read_only(Entries(table.indptr.astype(np.int64), table.indices.astype(np.int64), table.data))


def _entries_of_table(policy: Floats) -> Entries:
    """Return the positive entries of a policy whose rows are known to be probability vectors."""
    rows, labels = np.nonzero(policy)
    starts = np.searchsorted(rows, np.arange(len(policy) + 1))
    return _read_only(Entries(starts.astype(np.int64), labels.astype(np.int64), policy[rows, labels]))


def _read_only(entries: Entries) -> Entries:
    for array in entries:
        array.setflags(write=False)
    return entries


def count_cells(cells: Integers, shape: tuple[int, ...]) -> Integers:
    """Return the count tables, shape (R, *shape), of cells (R, n) as :meth:`Teacher.draw_cells` numbers them."""
    size = math.prod(shape)
    numbers = cells + np.arange(len(cells))[:, np.newaxis] * size
    return np.bincount(numbers.ravel(), minlength=len(cells) * size).reshape(len(cells), *shape)


def _blocks(n_repeats: int, width: int) -> Iterator[slice]:
    """Split repeats into slices that bound temporaries of ``width`` numbers a repeat."""
    step = max(1, _BLOCK_CELLS // max(1, width))
    for start in range(0, n_repeats, step):
        yield slice(start, start + step)


def _multinomial(rng: np.random.Generator, n: Integers, p: Floats) -> Integers:
    """Draw multinomial counts (*n.shape, k) with probabilities p (..., k), giving cells of probability zero no count.

    NumPy gives the last cell whatever the rounding of the others leaves over.  Where the last cell has probability
    zero, the most probable one takes its place for the draw, so that what is left over reaches a cell that can have it.
    """
    rows = np.atleast_2d(p / p.sum(axis=-1, keepdims=True))
    top = np.where(rows[:, -1] > 0, rows.shape[-1] - 1, rows.argmax(axis=-1))
    which = np.arange(len(rows))
    rows[which, top], rows[:, -1] = rows[:, -1], rows[which, top]
    counts = rng.multinomial(n, rows if p.ndim > 1 else rows[0])
    view = counts if p.ndim > 1 else counts[:, np.newaxis]
    view[:, which, top], view[..., -1] = view[..., -1].copy(), view[:, which, top].copy()
    return counts
