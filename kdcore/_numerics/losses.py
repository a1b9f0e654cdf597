"""The expected loss of each student at an input, given the law of how often it is drawn.

An input is its mass and its row as levels: the distinct probabilities and how many labels have each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import xlog1py

from kdcore._numerics import binomial, occupancy
from kdcore._numerics.divergence import loss_of_fill, loss_of_uniform
from kdcore._types import Floats, Integers
from kdcore.teacher import Teacher

_MAX_STATES = 18.001
"""The matcher: the numbers of unseen labels per level may take at most 2 to the power of this many values together."""
_WORK = 1 << 24
"""The matcher: the states of all inputs together, above which ``method="auto"`` simulates."""
_SAME_LEVEL = 1e-12
"""Probabilities of a row within this of the least one of a level, relatively, belong to it."""
_CELLS = 1 << 18
"""Temporaries hold at most about this many numbers."""
_FEW_LABELS = 12
"""The matcher: a row with at most this many positive probabilities is summed over its sets of labels."""
_ROUNDING = 1e-12
"""Bounds that may be attained are wider by this share."""
_SETS = 1 << 14
"""The matcher: this many sets at a time stay in the cache."""
_DIGITS = 1e-9
"""SEL_ptl: the relative error that sums over sets may have; others take their place where it would be larger."""
_SPLITS = 1 << 23
"""The weigher: the numbers of draws times the values of their split, above which both are sampled."""
_SPLIT_NODES = 256
"""The weigher: how many values of each are then taken."""


@dataclass(frozen=True)
class Input:
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
    _never_drawn: dict[str, float] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n_labels(self) -> int:
        return int(self.sizes.sum()) + self.n_zeros

    def never_drawn(self, divergence: str = "tv") -> float:
        """Return the loss of the uniform row, which every student answers where nothing was drawn."""
        if divergence not in self._never_drawn:  # asked for again at every n of a search
            self._never_drawn[divergence] = loss_of_uniform(self.levels, self.sizes, self.n_zeros, divergence)
        return self._never_drawn[divergence]


def inputs_of(teacher: Teacher) -> Iterator[Input]:
    """Yield the inputs that can be drawn, those that are alike together."""
    entries, n_labels = teacher.entries, teacher.n_labels
    ordered = np.minimum(entries.ordered, 1.0)  # 1 + 1e-10 is 1
    alike: dict[tuple[float, int, tuple[float, ...]], list[int]] = {}
    for s, rho in enumerate(np.minimum(teacher.rho, 1.0).tolist()):
        if rho > 0:
            row = tuple(ordered[entries.starts[s] : entries.starts[s + 1]].tolist())
            alike.setdefault((rho, len(row), row), []).append(s)
    for (rho, _, row), inputs in sorted(alike.items()):
        positive = np.array(row)
        starts = _level_starts(positive)
        sizes = np.diff(starts, append=len(positive))
        levels = np.minimum(np.add.reduceat(positive, starts) / sizes, 1.0)
        yield Input(len(inputs), rho, levels, sizes, n_labels - len(positive), inputs[0])


def _level_starts(row: Floats) -> Integers:
    """Return where a level begins in a sorted row: no level is wider than ``_SAME_LEVEL``, however close its steps."""
    starts = np.flatnonzero(np.diff(row, prepend=-1.0) > _SAME_LEVEL * row)
    ends = np.append(starts[1:], len(row))
    if (row[ends - 1] <= row[starts] * (1 + _SAME_LEVEL)).all():
        return starts
    found: list[int] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        while start < end:
            found.append(start)
            start += int(np.searchsorted(row[start:end], row[start] * (1 + _SAME_LEVEL), side="right"))
    return np.array(found)


class Rule(ABC):
    """How the exact risk of a learner that is none of the four is computed."""

    @abstractmethod
    def log2_states(self, alike: Input) -> float:
        """Return the work at an input, as :func:`log2_states` does."""

    @abstractmethod
    def __call__(self, inputs: Sequence[Input], n: int, divergence: str) -> Floats:
        """Return the expected loss at each input."""


def expected(inputs: Sequence[Input], n: int, learner: str | Rule, divergence: str = "tv") -> float:
    """Return the exact risk of one of the four, by its key, or by the rule of another learner."""
    rule = RULES[learner] if isinstance(learner, str) else learner
    return float(np.array([alike.n_alike * alike.rho for alike in inputs]) @ rule(inputs, n, divergence))


def bounds(inputs: Sequence[Input], n: int, learner: str | Rule, divergence: str = "tv") -> tuple[float, float]:
    """Return bounds of the exact risk that take far less time than it does; 0 and infinity where none are known.

    From below: what the four lose at inputs that were never drawn.  From above: the counter's mean deviation given k
    draws is at most the standard deviation, ``sqrt(k p (1 - p))``; the matcher errs by at most the missing mass.
    """
    if divergence != "tv" or isinstance(learner, Rule):
        return 0.0, np.inf
    mass, never_drawn = np.array([alike.n_alike * alike.rho for alike in inputs]), _ce_ful(inputs, n)
    least, most = float(mass @ never_drawn), np.inf
    if learner == "ce_sgl":
        nodes = {rho: binomial.nodes(n, rho) for rho in {alike.rho for alike in inputs}}
        inverse_roots = {rho: weights @ draws**-0.5 for rho, (draws, weights) in nodes.items()}
        spread = [np.sqrt(alike.levels * (1 - alike.levels)) @ alike.sizes for alike in inputs]
        drawn = np.array([inverse_roots[alike.rho] for alike in inputs]) * spread / 2
        most = float(mass @ (never_drawn + drawn))
    if learner == "sel_ptl":
        missing = [alike.levels * np.exp(xlog1py(n, -alike.rho * alike.levels)) @ alike.sizes for alike in inputs]
        most = float(mass @ missing)
    return least * (1 - _ROUNDING), most * (1 + _ROUNDING)


def check(inputs: Sequence[Input], n: int, learner: str | Rule, divergence: str = "tv") -> None:
    """Raise ValueError where the exact risk of a learner is not known, before anything is computed."""
    if n > binomial.MOST:
        raise ValueError(f"n_samples must be at most 2**53 for an exact risk, got {n}")
    for alike in inputs:
        row = f"pi[{alike.name}] has {len(alike.levels)}"
        if learner == "ce_ptl" and divergence == "tv" and len(alike.levels) > 2:
            raise ValueError(
                f"the exact risk of ce_ptl needs rows with at most 2 distinct positive probabilities, but {row}: "
                f"estimate it with simulate_risk, or with risk_curve(..., method='auto')"
            )
        if isinstance(learner, Rule) and learner.log2_states(alike) > _MAX_STATES:
            raise ValueError(
                f"the exact risk of this learner needs rows with few distinct probabilities, but {row} on "
                f"{alike.n_labels} labels: estimate it with simulate_risk or risk_curve(..., method='auto')"
            )
        if learner == "sel_ptl" and log2_states(alike) > _MAX_STATES:
            raise ValueError(
                f"the exact risk of sel_ptl needs rows with few distinct probabilities, but {row} on {alike.n_labels} "
                f"labels: estimate it with simulate_risk or risk_curve(..., method='auto'), or bound it by "
                f"exact.expected_missing_mass(teacher.joint, n_samples)"
            )


def is_quick(inputs: Sequence[Input], n: int, learner: str | Rule, divergence: str = "tv") -> bool:
    """Tell whether the exact risk of a learner is known and takes no longer than a simulation."""
    try:
        check(inputs, n, learner, divergence)
    except ValueError:
        return False
    if isinstance(learner, Rule):
        return sum(2 ** learner.log2_states(alike) for alike in inputs) <= _WORK
    return learner != "sel_ptl" or sum(2 ** log2_states(alike) for alike in inputs) <= _WORK


def _ce_ful(inputs: Sequence[Input], n: int, divergence: str = "tv") -> Floats:
    rho = np.array([alike.rho for alike in inputs])
    never_drawn = np.array([alike.never_drawn(divergence) for alike in inputs])
    return np.asarray(np.exp(xlog1py(n, -rho)) * never_drawn)


def _excludes(inputs: Sequence[Input], n: int) -> Floats:
    """Return the two cross-entropies' loss in KL: after one draw they exclude all but one label of a row."""
    certain = np.array([alike.sizes.sum() == 1 for alike in inputs])
    return np.where(certain | (n == 0), _ce_ful(inputs, n, "kl"), np.inf)


def _ce_sgl(inputs: Sequence[Input], n: int, divergence: str = "tv") -> Floats:
    if divergence == "kl":
        return _excludes(inputs, n)
    loss = _ce_ful(inputs, n)
    alike: dict[float, list[int]] = {}
    for number, one in enumerate(inputs):
        alike.setdefault(one.rho, []).append(number)
    for rho, numbers in alike.items():
        levels = np.concatenate([inputs[number].levels for number in numbers])
        sizes = np.concatenate([inputs[number].sizes for number in numbers])
        starts = np.cumsum([0] + [len(inputs[number].levels) for number in numbers[:-1]])
        deviation = binomial.mean_relative_deviation(n, rho, levels)
        loss[numbers] += np.add.reduceat(deviation * sizes, starts) / 2
    return loss


def _ce_ptl(inputs: Sequence[Input], n: int, divergence: str = "tv") -> Floats:
    if divergence == "kl":
        return _excludes(inputs, n)
    loss = np.empty(len(inputs))
    for number, alike in enumerate(inputs):
        # equal weights: the two cross-entropies agree
        loss[number] = _ce_sgl([alike], n)[0] if len(alike.levels) == 1 else _two_levels(alike, n)
    return loss


def _two_levels(alike: Input, n: int) -> float:
    """Return the weigher's expected loss on a row of two levels."""
    first, last = binomial.window(n, alike.rho)
    share = min(float(alike.levels[0] * alike.sizes[0]), 1.0)
    low, high = binomial.window(last, share)
    total = float(_ce_ful([alike], n)[0])
    if (last - first + 1) * (high - low + 1) > _SPLITS:
        draws, weights = binomial.nodes(n, alike.rho, _SPLIT_NODES)
        return total + float(weights @ [_sampled_loss(alike, int(k), share) for k in draws])
    draws = np.arange(max(1, first), last + 1)
    step = max(1, _CELLS // (high - low + 1))
    for start in range(0, len(draws), step):
        part = draws[start : start + step]
        total += float(binomial.pmf(part, n, alike.rho) @ _squared_loss(alike, part, share))
    return total


def _sampled_loss(alike: Input, draws: int, share: float) -> float:
    """Return what :func:`_squared_loss` does for one number of draws, from some of the values of X."""
    hits, mass = binomial.nodes(draws, share, _SPLIT_NODES)
    none = max(1 - float(mass.sum()), 0.0) if hits[0] == 1 else 0.0  # P(X = 0), which the nodes leave out
    hits, mass = np.append(hits, 0), np.append(mass, none)
    split = (hits, draws - hits)
    total = alike.levels[0] * split[0] + alike.levels[1] * split[1]
    loss = np.zeros(len(hits))
    for level, size, count in zip(alike.levels, alike.sizes, split, strict=True):
        loss += size * level * (binomial.deviation(count, 1 / int(size), total) / total)
    return float(mass @ loss / 2)


def _squared_loss(alike: Input, draws: Integers, share: float) -> Floats:
    """Return the weigher's expected loss given each number of draws, for a row of two levels.

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
    with np.errstate(over="ignore"):  # a total of 1e-310, which has probability 1e-310
        for level, size, count in zip(alike.levels, alike.sizes, split, strict=True):
            loss += size * level * (_deviation_from_total(count, 1 / int(size), total) / total)
    return np.asarray((mass * np.minimum(loss, 2.0)).sum(axis=1) / 2)


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


def log2_states(alike: Input) -> float:
    """Return how many numbers of unseen labels per level there are, as a power of 2."""
    return float(np.log2(alike.sizes + 1).sum())


def _sel_ptl(inputs: Sequence[Input], n: int, divergence: str = "tv") -> Floats:
    loss, error = np.zeros(len(inputs)), np.full(len(inputs), np.inf)
    lengths = np.array([alike.sizes.sum() for alike in inputs])
    for length in np.unique(lengths[lengths <= _FEW_LABELS]).tolist():
        numbers = np.flatnonzero(lengths == length)
        step = max(1, _SETS >> length)
        for start in range(0, len(numbers), step):
            part = numbers[start : start + step]
            loss[part], error[part] = _over_sets([inputs[number] for number in part], n, divergence)
    weights = np.array([alike.n_alike * alike.rho for alike in inputs])
    rough = error > _DIGITS * loss
    if weights @ np.where(rough, error, 0.0) > _DIGITS * (weights @ loss):
        for number in np.flatnonzero(rough).tolist():
            loss[number] = _over_levels(inputs[number], n, divergence)
    return loss


def _over_sets(inputs: Sequence[Input], n: int, divergence: str = "tv") -> tuple[Floats, Floats]:
    """Return SEL_ptl's expected loss and its error on rows with equally many positive labels: sums over their sets."""
    rows = np.array([np.repeat(alike.levels, alike.sizes) for alike in inputs])
    n_zeros = np.array([alike.n_zeros for alike in inputs])[:, np.newaxis]
    members = np.arange(1 << rows.shape[1])[:, np.newaxis] >> np.arange(rows.shape[1]) & 1
    mass = rows @ members.T
    loss = loss_of_fill(rows.T[:, :, np.newaxis], members.T[:, np.newaxis], mass, n_zeros, divergence)
    rho = np.array([alike.rho for alike in inputs])[:, np.newaxis]
    return occupancy.expected_loss_over_sets(n, rho * mass, loss)


def _over_levels(alike: Input, n: int, divergence: str = "tv") -> float:
    """Return SEL_ptl's expected loss on one row, summed over the numbers of unseen labels of each level."""
    unseen = np.indices(tuple(int(size) + 1 for size in alike.sizes))
    mass = np.tensordot(alike.levels, unseen, axes=1)
    loss = loss_of_fill(alike.levels, unseen, mass, alike.n_zeros, divergence)
    return occupancy.expected_loss(n, list(alike.rho * alike.levels), [int(m) for m in alike.sizes], loss)


RULES: dict[str, Callable[[Sequence[Input], int, str], Floats]] = {
    "ce_sgl": _ce_sgl,
    "ce_ptl": _ce_ptl,
    "sel_ptl": _sel_ptl,
    "ce_ful": _ce_ful,
}
