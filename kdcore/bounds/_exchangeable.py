"""The best exchangeable prior for partial soft labels: how many labels have mass, and how much.

See :func:`kdcore.bounds.exchangeable_lower` for the prior and its Bayes risk.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from kdcore._numerics import occupancy
from kdcore._types import Floats
from kdcore.bounds._conditions import maximise

_ALL_SIZES = 16
"""Up to this many labels, every m is tried."""
_STEPS = 1000
"""Up to this many draws, their effect is followed one by one."""


class Prior(NamedTuple):
    """m labels of mass x out of ``n_light``, and the Bayes risk."""

    risk: float
    m: int
    x: float
    n_light: int


@lru_cache(maxsize=256)
def best_prior(n_inputs: int, n_labels: int, n: int, normalised: bool) -> Prior:
    """Return the prior with the largest Bayes risk that a search over m and x finds."""

    def risk(m: int, x: float, n_light: int) -> float:
        zeros = n_light - m
        unseen = np.arange(m + 1, dtype=np.float64)
        loss = unseen * zeros / np.maximum(unseen + zeros, 1) if normalised else np.minimum(unseen, zeros) / 2
        return x * mean_of_unseen(n, x / n_inputs, m, loss)

    @cache
    def edge(m: int) -> Prior:
        """All mass is on m of A labels, 1 / m each."""
        return Prior(risk(m, 1 / m, n_labels), m, 1 / m, n_labels)

    @cache
    def inner(m: int) -> Prior:
        """The best mass of m of A - 1 labels."""
        first = min(0.1 * n_inputs / (n + 1), 1 / m)
        grid = np.linspace(np.log(first), -np.log(m), 2 + int(2 * np.log(1 / (m * first))))
        roughly = np.array([_mean_field(n_inputs, n_labels - 1, n, m, np.exp(u), normalised) for u in grid])
        found = maximise(lambda u: risk(m, min(np.exp(u), 1 / m), n_labels - 1), grid, roughly, tolerance=1e-5)
        return Prior(found.value, m, min(float(np.exp(found.at)), 1 / m), n_labels - 1)

    if n_labels <= _ALL_SIZES:
        candidates = [edge(m) for m in range(1, n_labels)] + [inner(m) for m in range(1, n_labels - 1)]
        return max(candidates)
    sizes = np.unique(np.floor(np.geomspace(1, n_labels - 2, 200)))
    full = _mean_field(n_inputs, n_labels, n, sizes, 1 / sizes, normalised)
    t = np.geomspace(0.1, 20, 100)[:, np.newaxis]
    part = _mean_field(n_inputs, n_labels - 1, n, sizes, np.minimum(t * n_inputs / (n + 1), 1 / sizes), normalised)
    return max(
        _climb(edge, int(sizes[np.argmax(full)]), n_labels - 1),
        _climb(inner, int(sizes[np.argmax(part.max(axis=0))]), n_labels - 2),
    )


def mean_of_unseen(n: int, mass: float, size: int, loss: Floats) -> float:
    """Return ``E loss[J]``, J the number of ``size`` cells of probability ``mass`` each that n draws leave unseen."""
    if n > max(_STEPS, size):
        return occupancy.expected_loss(n, [mass], [size], loss)
    seen = np.arange(min(n, size) + 1)
    law = np.zeros(len(seen))
    law[0] = 1
    grows = (size - seen) * mass
    stays = np.maximum(1 - grows, 0)
    before, after, grows, moved = law[:-1], law[1:], grows[:-1], np.empty(len(seen) - 1)
    for _ in range(n):  # in place: a step of few states costs what calls and temporaries cost
        np.multiply(before, grows, moved)
        np.multiply(law, stays, law)
        np.add(after, moved, after)
    return float(law @ loss[size - seen])


def _mean_field(n_inputs: int, n_light: int, n: int, m: Floats | int, x: Floats, normalised: bool) -> Floats:
    """Return the Bayes risk as if J were its mean: only to know where to search."""
    unseen = m * np.exp(n * np.log1p(-np.minimum(x / n_inputs, 1 - 1e-15)))
    zeros = n_light - m
    risk: Floats = x * (unseen * zeros / (unseen + zeros) if normalised else np.minimum(unseen, zeros) / 2)
    return risk


def _climb(prior: Callable[[int], Prior], start: int, largest: int) -> Prior:
    """Return a local maximum over m in 1, ..., ``largest``, by steps that halve when neither side is better."""
    best = prior(start)
    step = max(1, largest // 64)
    while step:
        sides = [prior(m) for m in (best.m - step, best.m + step) if 1 <= m <= largest]
        better = max(sides, default=best)
        if better.risk > best.risk:
            best = better
        else:
            step //= 2
    return best
