"""Two-valued rows that are hard for uniform fill: where they are, and its exact risk on them.

A row has m labels of mass x, one label with the rest 1 - m x unless that is 0, and zeros.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from kdcore._numerics import binomial, occupancy
from kdcore._numerics.divergence import loss_of_fill, loss_of_uniform
from kdcore._types import Floats
from kdcore.bounds._conditions import maximise
from kdcore.bounds._exchangeable import best_prior

_ALL_SIZES = 24
"""Up to this many labels, every m is tried in the limit of many inputs' worth of samples."""


class Group(NamedTuple):
    """``size`` inputs of mass ``rho`` whose rows have m labels of mass x; ``x == 1 / m`` means that these are all."""

    size: int
    rho: float
    m: int
    x: float


class Poisson(NamedTuple):
    """The largest ``t E loss(J)`` with J ~ Bin(m, exp(-t)), and its m and t."""

    value: float
    m: int
    t: float


def hidden_loss(unseen: ArrayLike, zeros: ArrayLike, divergence: str) -> Floats:
    """Return what a fill loses where so many labels of mass 1, and so many of mass 0, are hidden."""
    heavy, light = np.asarray(unseen, dtype=np.float64), np.asarray(zeros, dtype=np.float64)
    share = heavy / np.maximum(heavy + light, 1e-300)
    return np.asarray(-xlogy(heavy, share) if divergence == "kl" else share * light)


@lru_cache(maxsize=256)
def worst_poisson(n_labels: int, divergence: str = "tv") -> Poisson:
    """Return the worst two-valued row of an input in the limit of many draws, for an alphabet of the light labels."""
    if n_labels < 2:
        return Poisson(0.0, 1, 1.0)
    t = np.geomspace(0.2, 4.0, 61)
    sizes = np.arange(1, n_labels, dtype=np.int64)
    if n_labels > _ALL_SIZES:
        mean = np.outer(sizes, np.exp(-t))
        roughly = (t * hidden_loss(mean, (n_labels - sizes)[:, np.newaxis], divergence)).max(axis=1)
        centre, step = int(sizes[roughly.argmax()]), max(1, n_labels // 50)
        sizes = np.arange(max(1, centre - 3 * step), min(n_labels, centre + 3 * step + 1), max(1, step // 4))

    def best(m: int) -> Poisson:
        loss = hidden_loss(np.arange(m + 1.0), n_labels - m, divergence)

        def value(time: float) -> float:
            return time * float(binomial.pmf(np.arange(m + 1), m, float(np.exp(-time))) @ loss)

        rough = t * (binomial.pmf(np.arange(m + 1)[:, np.newaxis], m, np.exp(-t)).T @ loss)
        found = maximise(value, t, rough, tolerance=1e-10)
        return Poisson(found.value, m, found.at)

    found = max(best(int(m)) for m in sizes)
    while n_labels > _ALL_SIZES:  # climb by single labels
        better = max([best(m) for m in (found.m - 1, found.m + 1) if 1 <= m < n_labels], default=found)
        if better.value <= found.value:
            break
        found = better
    return found


@lru_cache(maxsize=1024)
def group_risk(group: Group, n_labels: int, n: int, divergence: str) -> float:
    """Return the exact risk of uniform fill at the inputs of a group together."""
    rest = 1 - group.m * group.x
    if rest <= 1e-12:
        levels, sizes = np.array([1 / group.m]), [group.m]
    else:
        levels, sizes = np.array([group.x, rest]), [group.m, 1]
    zeros = n_labels - sum(sizes)
    if n == 0:
        return group.size * group.rho * loss_of_uniform(levels, np.array(sizes), zeros, divergence)
    unseen = np.indices([size + 1 for size in sizes])
    loss = loss_of_fill(levels, unseen, np.tensordot(levels, unseen, axes=1), zeros, divergence)
    return group.size * group.rho * occupancy.expected_loss(n, list(group.rho * levels), sizes, loss)


def risk(groups: Sequence[Group], n_labels: int, n: int, divergence: str) -> float:
    """Return the exact risk of uniform fill on a teacher made of groups."""
    return sum(group_risk(group, n_labels, n, divergence) for group in groups)


@lru_cache(maxsize=256)
def worst_groups(n_inputs: int, n_labels: int, n: int, divergence: str) -> tuple[Group, ...]:
    """Return the hardest teacher for uniform fill that a search over two shapes finds.

    One has equal inputs.  The other has rare inputs, whose rows are uniform on some of the labels, and one input with
    the rest of the mass, whose row has a heavy label.
    """
    candidates = [_equal_inputs(n_inputs, n_labels, n, divergence)]
    if n_inputs > 1 and n_labels > 1:
        sure = [_rare_inputs(n_inputs, n_labels, n, divergence, m) for m in {1, worst_poisson(n_labels, divergence).m}]
        candidates += sure
    worst: list[Group] = max(candidates, key=lambda groups: risk(groups, n_labels, n, divergence))
    return tuple(worst)


def _equal_inputs(n_inputs: int, n_labels: int, n: int, divergence: str) -> list[Group]:
    rho = 1 / n_inputs
    if n_labels == 1:
        return [Group(n_inputs, rho, 1, 1.0)]
    if divergence == "tv":
        prior = best_prior(n_inputs, n_labels, n, True)
        options = [(prior.m, prior.x)]
    else:
        sizes = np.unique(np.geomspace(1, n_labels - 1, 200).astype(np.int64))
        mean = sizes * np.exp(n * np.log1p(-np.minimum(rho / sizes, 1 - 1e-15)))
        full = int(sizes[np.argmax(hidden_loss(mean, n_labels - sizes, divergence) / sizes)])
        options = [(m, 1 / m) for m in {1, max(full - 1, 1), full, min(full + 1, n_labels - 1)}]
        light = worst_poisson(n_labels - 1, divergence)
        if light.value > 0 and n > 0 and light.m * light.t * n_inputs <= n:
            options.append((light.m, light.t * n_inputs / n))
    groups = max(
        (Group(n_inputs, rho, m, x) for m, x in options), key=lambda one: group_risk(one, n_labels, n, divergence)
    )
    return [_refined(groups, n_labels, n, divergence)]


def _refined(group: Group, n_labels: int, n: int, divergence: str) -> Group:
    """Return the group with the best mass x near its own; the heavy label may be hidden, too."""
    if group.m * group.x > 1 - 1e-9 or group.m + 1 >= n_labels:
        return group
    grid = np.minimum(group.x * np.array([0.8, 0.9, 1.0, 1.1, 1.25]), 1 / group.m)

    def value(x: float) -> float:
        return group_risk(group._replace(x=x), n_labels, n, divergence)

    found = maximise(value, grid, np.array([value(x) for x in grid.tolist()]), tolerance=1e-4 * group.x)
    return group._replace(x=found.at)


def _rare_inputs(n_inputs: int, n_labels: int, n: int, divergence: str, m: int) -> list[Group]:
    """Return the best teacher with n_inputs - 1 equal rare inputs, each with a row uniform on m labels."""
    rare = n_inputs - 1
    light = worst_poisson(n_labels - 1, divergence)
    few = n <= 8 * n_inputs * n_labels  # then the row of the last input may be uniform on some labels as well

    def value(log_mass: float, last: Group) -> float:
        mass = min(math.exp(log_mass), 1 / n_inputs)
        return risk([Group(rare, mass, m, 1 / m), last._replace(rho=1 - rare * mass)], n_labels, n, divergence)

    t = worst_poisson(n_labels, divergence).t if m > 1 else 1.0
    centre = math.log(min(m * t / (n + 1), 1 / n_inputs))
    grid = np.linspace(centre - 0.7, min(centre + 0.7, -math.log(n_inputs)), 7)
    sizes = np.unique(np.geomspace(1, max(1, n_labels - 1), 6).astype(np.int64)).tolist() if few else [1]
    lasts = [Group(1, 1.0, size, 1 / size) for size in sizes]
    rest = 1 - rare * math.exp(centre)
    if light.value > 0 and light.m * light.t < 0.9 * n * rest:
        lasts.append(_refined(Group(1, rest, light.m, light.t / (n * rest)), n_labels, n, divergence))
    roughly = np.array([[value(log_mass, last) for log_mass in grid.tolist()] for last in lasts])
    best: list[Group] = []
    for last, values in zip(lasts, roughly, strict=True):
        if values.max() < 0.9 * roughly.max():  # between points of the grid a risk rises by a few percent at most
            continue

        def of_mass(log_mass: float, last: Group = last) -> float:
            return value(log_mass, last)

        at = maximise(of_mass, grid, values, tolerance=1e-6).at
        mass = min(math.exp(at), 1 / n_inputs)
        found = [Group(rare, mass, m, 1 / m), _refined(last._replace(rho=1 - rare * mass), n_labels, n, divergence)]
        if not best or risk(found, n_labels, n, divergence) > risk(best, n_labels, n, divergence):
            best = found
    return best
