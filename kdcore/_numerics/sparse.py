"""Risks of the four students from few samples: time and memory grow with n, not with the table S x A.

Cells that were not drawn enter through sums that depend on the teacher alone and are made once.  The answers are those
of the learners in :mod:`kdcore.learners` on the same data, up to rounding; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kdcore._types import Floats, Integers
from kdcore.teacher import Teacher

RATIO = 8
"""The sparse way is taken when the table has more than this many cells per sample."""


def pays(teacher: Teacher, n_samples: int) -> bool:
    """Tell whether the sparse way is the faster one."""
    return n_samples * RATIO < teacher.n_inputs * teacher.n_labels


class SparseRisk:
    """What the risks of one teacher need beside the samples."""

    def __init__(self, teacher: Teacher, learners: Sequence[str]) -> None:
        self._teacher = teacher
        self._learners = learners
        starts, labels, pi = teacher.entries
        rows = teacher.entries.rows
        n_zeros = teacher.n_labels - np.diff(starts)
        even = 1 / teacher.n_labels
        self._row_sums: Floats = np.asarray(np.bincount(rows, pi, minlength=teacher.n_inputs), dtype=np.float64)
        self._never_drawn: Floats = 0.5 * (
            np.bincount(rows, np.abs(pi - even), minlength=teacher.n_inputs) + n_zeros * even
        )
        self._cells, self._pi = rows * teacher.n_labels + labels, pi
        if "sel_ptl" in learners:
            self._starts, self._n_zeros = starts, n_zeros
            self._sorted = teacher.entries.ordered
            self._below = np.concatenate([[0.0], np.cumsum(self._sorted)])

    def risks(self, cells: Integers) -> dict[str, Floats]:
        """Return the risk of each learner on each data set of cells (R, n), as :meth:`Teacher.draw_cells` draws."""
        teacher, size, n_repeats = self._teacher, self._teacher.n_inputs * self._teacher.n_labels, len(cells)
        drawn, counts = np.unique(cells + np.arange(n_repeats)[:, np.newaxis] * size, return_counts=True)
        group = drawn // teacher.n_labels  # repeat * S + input
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        repeat, inputs = np.divmod(group[starts], teacher.n_inputs)
        member = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(group)))
        pi = self._pi[np.searchsorted(self._cells, drawn % size)]
        losses: dict[str, Callable[[], Floats]] = {
            "ce_sgl": lambda: self._cross_entropy(counts.astype(np.float64), pi, starts, member, inputs),
            "ce_ptl": lambda: self._cross_entropy(counts * pi, pi, starts, member, inputs),
            "sel_ptl": lambda: self._squared_error_logit(pi, starts, inputs),
            "ce_ful": lambda: np.zeros(len(inputs)),
        }
        rho = teacher.rho
        all_inputs = np.bincount(repeat, minlength=n_repeats) == np.count_nonzero(rho)
        undrawn = rho @ self._never_drawn - np.bincount(repeat, (rho * self._never_drawn)[inputs], n_repeats)
        undrawn = np.where(all_inputs, 0.0, np.maximum(undrawn, 0.0))
        return {
            key: undrawn + np.bincount(repeat, rho[inputs] * np.maximum(losses[key](), 0.0), n_repeats)
            for key in self._learners
        }

    def _cross_entropy(
        self, weights: Floats, pi: Floats, starts: Integers, member: Integers, inputs: Integers
    ) -> Floats:
        """Return the loss at each drawn input of the answer proportional to ``weights`` (0 on labels not drawn)."""
        answer = weights / np.add.reduceat(weights, starts)[member]
        loss: Floats = 0.5 * (self._row_sums[inputs] + np.add.reduceat(np.abs(answer - pi) - pi, starts))
        return loss

    def _squared_error_logit(self, pi: Floats, starts: Integers, inputs: Integers) -> Floats:
        """Return the loss at each drawn input of the answer that is exact on drawn labels and equal on the others.

        The sum of ``|fill - pi|`` over all labels of a row comes from its sorted entries; drawn labels are taken off.
        """
        n_seen = np.diff(starts, append=len(pi))
        rest = np.maximum(1 - np.add.reduceat(pi, starts), 0.0)
        fill = rest / np.maximum(self._teacher.n_labels - n_seen, 1)
        first, last = self._starts[inputs], self._starts[inputs + 1]
        middle = _first_not_below(self._sorted, first, last, fill)
        below = self._below[middle] - self._below[first]
        above = self._below[last] - self._below[middle]
        n_below = middle - first + self._n_zeros[inputs]  # zeros cost the whole fill, also where this is 0
        over_all = fill * n_below - below + above - fill * (last - middle)
        over_seen = np.add.reduceat(np.abs(np.repeat(fill, n_seen) - pi), starts)
        loss: Floats = 0.5 * (over_all - over_seen)
        return np.where(n_seen == self._teacher.n_labels, 0.0, loss)


def _first_not_below(numbers: Floats, first: Integers, last: Integers, values: Floats) -> Integers:
    """Return where the first of ``numbers[first[i]:last[i]]``, which are sorted, is not below ``values[i]``."""
    low, high = first.copy(), last.copy()
    while (low < high).any():
        middle = (low + high) // 2
        smaller = (low < high) & (numbers[np.minimum(middle, len(numbers) - 1)] < values)
        low, high = np.where(smaller, middle + 1, low), np.where(smaller, high, np.minimum(middle, high))
    return low
