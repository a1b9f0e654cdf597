"""The expected loss of the students of top-k answers at an input (see :mod:`kdcore.topk`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import xlog1py

from kdcore._numerics import binomial, occupancy
from kdcore._numerics.divergence import loss_of_fill
from kdcore._numerics.losses import Input, Rule
from kdcore._types import Floats, Integers


@dataclass(frozen=True)
class TopKRule(Rule):
    """The rule of one student, "matcher", "censored counter" or "renormaliser"; told k labels, the drawn one or not."""

    student: str
    k: int
    revealed: bool

    def log2_states(self, alike: Input) -> float:
        """Return 0 but for the matcher that is told the drawn labels: its loss depends on which are hidden."""
        if self.student != "matcher" or not self.revealed:
            return 0.0
        return float(np.log2(_tail(alike, self.k).sizes + 1).sum() + 1)

    def __call__(self, inputs: Sequence[Input], n: int, divergence: str) -> Floats:
        """Return the expected loss at each input."""
        return np.array([self._loss(alike, n, divergence) for alike in inputs])

    def _loss(self, alike: Input, n: int, divergence: str) -> float:
        tail = _tail(alike, self.k)
        if self.student == "matcher" and self.revealed:
            return _filled(alike, tail, n, divergence)
        undrawn = float(np.exp(xlog1py(n, -alike.rho)))
        drawn = float(-np.expm1(xlog1py(n, -alike.rho)))
        total = undrawn * alike.never_drawn(divergence)
        if tail.mass == 0:
            return total
        if self.student == "matcher":
            return total + drawn * tail.loss_of_fill(divergence)
        if self.student == "censored counter":
            return total + _counted(alike, tail, n, divergence)
        if self.revealed:
            unseen = np.exp(xlog1py(n, -alike.rho * tail.levels))
            certain = self.k == 0 and tail.sizes.sum() == 1
            if divergence == "kl" and n > 0 and not certain:
                return np.inf
            return total + max(0.0, float((tail.sizes * tail.levels) @ (unseen - undrawn)))
        if self.k == 0:
            return alike.never_drawn(divergence)
        return total + (np.inf if divergence == "kl" and n > 0 else drawn * tail.mass)


@dataclass(frozen=True)
class _Tail:
    """What is beyond the top k of a row: levels, how many labels have each, and zeros."""

    levels: Floats
    sizes: Integers
    n_zeros: int
    top: float

    @property
    def mass(self) -> float:
        return float(self.sizes @ self.levels)

    def loss_of_fill(self, divergence: str) -> float:
        """Return the loss where every label of the tail gets the same."""
        loss = loss_of_fill(self.levels, self.sizes[:, np.newaxis], np.array([self.mass]), self.n_zeros, divergence)
        return float(loss[0])


def _tail(alike: Input, k: int) -> _Tail:
    """Take the k most likely labels from a row, whose levels are in increasing order."""
    above = np.append(np.cumsum(alike.sizes[::-1])[::-1][1:], 0)  # labels of higher levels
    taken = np.clip(k - above, 0, alike.sizes)
    sizes = alike.sizes - taken
    some = sizes > 0
    zeros = alike.n_zeros - max(0, min(k, alike.n_labels) - int(alike.sizes.sum()))
    return _Tail(alike.levels[some], sizes[some], zeros, float(taken @ alike.levels))


def _filled(alike: Input, tail: _Tail, n: int, divergence: str) -> float:
    """Return the matcher's loss: exact on the top and on the labels drawn, the rest in equal parts.

    The top counts as one cell more: where it and the whole tail are unseen, nothing was drawn at this input.
    """
    shape = tuple(int(size) + 1 for size in tail.sizes)
    unseen = np.indices(shape)
    mass = np.tensordot(tail.levels, unseen, axes=1) if shape else np.zeros(())
    loss = loss_of_fill(tail.levels, unseen, mass, tail.n_zeros, divergence) if shape else np.zeros(())
    masses, sizes = list(alike.rho * tail.levels), [int(size) for size in tail.sizes]
    if tail.top > 0:
        loss = np.stack([loss, loss], axis=-1)
        masses, sizes = [*masses, alike.rho * min(tail.top, 1.0)], [*sizes, 1]
    loss[tuple(sizes)] = alike.never_drawn(divergence)
    return occupancy.expected_loss(n, masses, sizes, loss)


def _counted(alike: Input, tail: _Tail, n: int, divergence: str) -> float:
    """Return the censored student's loss where something was drawn: the tail's mass is known, its law is counted."""
    mass = min(tail.mass, 1.0)
    misses = float(np.exp(xlog1py(n, -alike.rho * mass)) - np.exp(xlog1py(n, -alike.rho)))
    total = max(misses, 0.0) * tail.loss_of_fill(divergence)
    if divergence == "kl":
        return total if n == 0 or tail.sizes.sum() == 1 else np.inf
    draws, weights = binomial.nodes(n, alike.rho * mass)
    law = np.minimum(tail.levels / mass, 1.0)
    for level, size in zip(law, tail.sizes, strict=True):
        total += float(weights @ (mass * size * binomial.mean_deviation(draws, level) / (2 * draws)))
    return total
