"""Checkers of the chapter "Why reweighted cross-entropy fails"."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import binom

from kdbook.checkers.compare import as_number, choice, integer, named, number
from kdbook.checkers.functions import call, function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong
from kdcore import Teacher, expected_risk, instance_0
from kdcore.exact import ce_ptl_limit

Floats = NDArray[np.float64]


def _coin(x: float) -> Teacher:
    return Teacher([1.0], [[x, 1 - x]])


def _bias(x: float) -> float:
    return ce_ptl_limit(_coin(x))


@checker("ex-rw-1.1")
def bias_of_a_coin(answer: Any) -> str:
    """Check the bias of a coin, as the exact limit of the risk."""
    function(
        answer,
        [(0.6,), (0.75,), (0.95,)],
        _bias,
        names=("x",),
        mistakes=[
            (lambda x: x**2 / (x**2 + (1 - x) ** 2), "that is what the student says of heads: how far is it from x?"),
            (lambda x: x * (1 - x) * (2 * x - 1), "divide by Σp²: the student's row sums to one"),
            (lambda x: x - x**2, "the square has to be normalised"),
        ],
    )
    return "right"


@checker("ex-rw-1.2")
def up_from_below(answer: Any) -> str:
    """Check kappa, by exact risks at a large n, and what it says of n = 100."""
    n, coin = 2000, _coin(0.75)
    kappa = n * (ce_ptl_limit(coin) - expected_risk(coin, n, "ce_ptl"))
    kappas = [
        (9 / 200, "that is the covariance: divide it by c = 5/8"),
        (0.15, "that is the bias"),
        (9 / 100 / (5 / 8), "the covariance has the factor p(1) - p(2) = 1/2"),
        (3 / 20 * 5 / 8, "the covariance is under q = (9/10, 1/10), not under p"),
    ]
    below = [
        (kappa / 10, "the distance falls like 1/n, not like 1/√n"),
        (kappa, "divide κ by n = 100"),
    ]
    named(
        answer,
        {
            "kappa": lambda value: number(value, kappa, mistakes=kappas, rtol=3e-3),
            "below": lambda value: number(value, kappa / 100, mistakes=below, rtol=0.05),
        },
    )
    return "right: less than a thousandth"


@checker("ex-rw-1.3")
def small_bias(answer: Any) -> str:
    """Check between which x the bias is above 0.01."""

    def excess(x: float) -> float:
        return _bias(x) - 0.01

    low, high = brentq(excess, 0.501, 0.7), brentq(excess, 0.8, 0.999)
    named(
        answer,
        {
            "low": lambda value: number(
                value,
                low,
                mistakes=[(0.505, "near 1/2 the student's error is y where x = 1/2 + y, not 2y"), (high, "swapped")],
                rtol=0,
                atol=0.002,
            ),
            "high": lambda value: number(
                value,
                high,
                mistakes=[(0.995, "near 1 the bias is about 1 - x, not twice that"), (low, "swapped")],
                rtol=0,
                atol=0.002,
            ),
        },
    )
    return "right: a fair coin and a certain one are learnt well"


@checker("ex-rw-2.1")
def limit_with_a_weight(answer: Any) -> str:
    """Check the limit, by the shares that a very long sample gives each label."""
    rows = [np.array([0.5, 0.3, 0.2]), np.array([0.9, 0.1]), np.array([0.25, 0.25, 0.4, 0.1])]
    weights: list[Callable[[Floats], Floats]] = [lambda p: p, np.sqrt, lambda p: 1 / (0.1 + p)]

    def right(row: Floats, w: Callable[[Floats], Floats]) -> Floats:
        labels = np.repeat(np.arange(row.size), np.rint(1000 * row).astype(int))
        share = np.bincount(labels, weights=w(row)[labels])
        return np.asarray(share / share.sum())

    function(
        answer,
        list(zip(rows, weights, strict=True)),
        right,
        names=("row", "w"),
        mistakes=[
            (lambda row, w: w(row) / w(row).sum(), "that forgets how often each label is drawn"),
            (lambda row, w: row * w(row), "a student answers with a row that sums to one: normalise"),
            (lambda row, w: row**2 / (row @ row), "that is for w(p) = p; here w is any weight"),
        ],
    )
    return "right"


@checker("ex-rw-2.2")
def harmless_weight(answer: Any) -> str:
    """Check that a weight is positive, symmetric about 1/2 and not constant."""
    grid = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95]
    values = np.array([as_number(call(answer, x, names=("x",))) for x in grid])
    if not np.all((values > 0) & np.isfinite(values)):
        raise Wrong("a weight must be positive and finite between 0 and 1")
    off = np.abs(values - values[::-1]) > 1e-9 * values
    if off.any():
        x = grid[int(np.argmax(off))]
        raise Wrong(f"w({x:g}) and w({1 - x:g}) differ: a coin with these probabilities is learnt wrong")
    if np.ptp(values) <= 1e-9 * values.max():
        raise Wrong("a constant weight does no harm, but the exercise asks for another one")
    return "right: heads and tails always have the same weight"


def _visible(counts: Floats, probabilities: Floats, power: float = 1.0) -> float:
    """Return the distance between the two students, averaged over inputs with weights n_s to a power."""
    total, weight = 0.0, 0.0
    for n, p in zip(counts, probabilities, strict=True):
        seen = n > 0
        if seen.any():
            share = n[seen] / n.sum()
            tilted = share * p[seen] / (share @ p[seen])
            total += n.sum() ** power * 0.5 * np.abs(tilted - share).sum()
            weight += n.sum() ** power
    return float(total / weight)


@checker("ex-rw-3.1")
def seen_bias(answer: Any) -> str:
    """Check the visible bias on data sets of which one leaves out inputs."""
    teachers = [instance_0(6, 5), Teacher([0.7, 0.2, 0.1], [[0.5, 0.3, 0.2], [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]])]
    cases = []
    for place, (teacher, n) in enumerate([(teachers[0], 12), (teachers[0], 60), (teachers[1], 100)]):
        counts = teacher.draw(n, rng=place)[0]
        cases.append((counts, np.where(counts > 0, teacher.pi, np.nan)))
    function(
        answer,
        cases,
        _visible,
        names=("counts", "probabilities"),
        mistakes=[
            (
                lambda counts, p: _visible(counts, p, 0),
                "that counts each drawn input alike: weight it by how often it was drawn",
            ),
            (
                lambda counts, p: _visible(counts, p) * counts.sum(),
                "the weights of inputs must sum to one: divide by n",
            ),
        ],
    )
    return "right"


@cache
def _mean_visible(n_inputs: int, n_labels: int, n: int) -> float:
    """Return the exact mean for Instance 0, where the term of an input depends on the draws of its favourite only."""
    row = instance_0(n_inputs, n_labels).pi[0]
    high, low = row.max(), row.min()
    total = 0.0
    for k in range(1, min(n, 60) + 1):
        x = np.arange(k + 1)
        mean = (x * high + (k - x) * low) / k
        loss = (x * np.abs(high / mean - 1) + (k - x) * np.abs(low / mean - 1)) / (2 * k)
        total += n_inputs * binom.pmf(k, n, 1 / n_inputs) * k / n * float(binom.pmf(x, k, high) @ loss)
    return total


@checker("ex-rw-3.2")
def samples_until_seen(answer: Any) -> str:
    """Check from which n on the estimate is right within 10 %, by its exact mean."""
    truth = ce_ptl_limit(instance_0(100, 25))
    grid = [100, 300, 500, 1000, 3000]
    means = {n: _mean_visible(100, 25, n) / truth for n in grid}
    right = next(n for n in grid if abs(means[n] - 1) < 0.1)
    off = [(n, f"there it is {100 * abs(means[n] - 1):.0f} % off on average") for n in grid if n < right]
    enough = [(n, f"that is enough, but {right} is, too") for n in grid if n > right]
    named(
        answer,
        {
            "first_n": lambda value: integer(value, right, mistakes=off + enough),
            "before": lambda value: choice(
                value, "too low", {"too high": "at an input drawn once both students agree, and the term is 0"}
            ),
        },
    )
    return "right: five draws an input"


@checker("ex-rw-4.1")
def shrunk_fluctuation(answer: Any) -> str:
    """Check the factor, by moving the frequencies a little."""
    row, move = np.array([0.5, 0.3, 0.2]), 1e-6 * np.array([2.0, -1.5, -0.5])

    def right(theta: float) -> float:
        student = (row + move) ** theta * row ** (1 - theta)
        student = student / student.sum()
        return float(np.abs(student - row).sum() / np.abs(move).sum())

    function(
        answer,
        [(0.5,), (0.1,), (0.8,)],
        right,
        names=("theta",),
        mistakes=[
            (lambda theta: 1 - theta, "θ is the exponent of the counts: at θ = 1 the student is the counter"),
            (np.sqrt, "expand (p + ε)^θ for small ε"),
            (lambda theta: theta**2, "that is the factor of a variance; total variation is of the order of ε"),
        ],
        rtol=1e-3,
    )
    return "right: half of it for the root"


@checker("ex-rw-4.2")
def copies_what_was_drawn(answer: Any) -> str:
    """Check the limiting student, by a very small theta."""
    told = np.array([0.5, 0.3, 0.2])
    cases = [
        (counts, np.where(counts > 0, told, np.nan))
        for counts in np.array([[3, 1, 0], [1, 1, 1], [0, 7, 2], [0, 0, 4]])
    ]

    def right(counts: Floats, probabilities: Floats) -> Floats:
        known = np.where(counts > 0, probabilities, 0)
        weight = np.where(counts > 0, counts, 1) ** 1e-9 * known
        return np.asarray(weight / weight.sum())

    def filled(counts: Floats, probabilities: Floats) -> Floats:
        known = np.where(counts > 0, probabilities, 0)
        return np.where(counts > 0, known, (1 - known.sum()) / max((counts == 0).sum(), 1))

    function(
        answer,
        cases,
        right,
        names=("counts", "probabilities"),
        mistakes=[
            (filled, "that is the matcher: a count of 0 has weight 0 for each θ > 0"),
            (lambda counts, p: np.where(counts > 0, p, 0), "a row sums to one: normalise over the drawn labels"),
            (lambda counts, p: counts / counts.sum(), "that is θ = 1"),
        ],
        rtol=1e-6,
    )
    return "right: it copies what it knows, and gives unseen labels nothing"
