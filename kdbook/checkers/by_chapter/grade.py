"""Checkers of the chapter "Grading oneself"."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from kdbook.checkers.compare import integer, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker

_LOG = [(1, "a", 0.5), (1, "a", 0.5), (1, "b", 0.3), (2, "a", 0.1), (2, "c", 0.6)]
_LABELS = 4


def _without(place: int) -> tuple[float, float]:
    """Return what the log without a line hides at its question, and what the matcher there lacks, on average."""
    s, a, p = _LOG[place]
    told = {label: q for i, (asked, label, q) in enumerate(_LOG) if i != place and asked == s}
    hidden = 1 - sum(told.values())
    answer = told.get(a, hidden / (_LABELS - len(told)))
    return hidden, max(0.0, 1 - answer / p)


@checker("ex-grade-1.1")
def both_estimates(answer: Any) -> str:
    """Check the two estimates of the missing mass, covering one line at a time."""
    whole = [0.2, 0.2, 0.2, 0.3, 0.3]
    named(
        answer,
        {
            "turing": lambda value: number(
                value,
                sum(_LOG.count(line) == 1 for line in _LOG) / len(_LOG),
                mistakes=[(3.0, "divide by the number of lines"), (0.8, "count the lines, not all different pairs")],
            ),
            "mass": lambda value: number(
                value,
                float(np.mean([_without(i)[0] for i in range(len(_LOG))])),
                mistakes=[
                    (float(np.mean(whole)), "that hides nothing more: without a pair drawn once, its number is hidden"),
                    (2.2, "divide by the number of lines"),
                ],
            ),
        },
    )
    return "right"


@checker("ex-grade-1.2")
def risk(answer: Any) -> str:
    """Check the estimate of the risk, from the answers of a matcher that lacks one line."""
    losses = [_without(i)[1] for i in range(len(_LOG))]
    number(
        answer,
        float(np.mean(losses)),
        mistakes=[
            (sum(losses) / 3, "the mean is over all five lines"),
            ((4 / 9 - 1 / 3 + 1 / 2) / 5, "a line at which the student gives too much adds 0, nothing negative"),
            ((1 / 6 + 1 / 4) / 5, "without the line there are three hidden labels, not two"),
        ],
    )
    return "right"


def _window(news: int, t: float = 0.02, delta: float = 0.05) -> int:
    """Return the least window, by adding up a binomial law."""
    for size in itertools.count(news + 1):
        if sum(math.comb(size, k) * t**k * (1 - t) ** (size - k) for k in range(news + 1)) <= delta:
            return size
    raise AssertionError


@checker("ex-grade-2.1")
def nothing_new(answer: Any) -> str:
    """Check the window without news."""
    integer(
        answer,
        _window(0),
        mistakes=[
            (_window(0) - 1, "with one line fewer the probability is still above 0.05"),
            (150, "3 / t is an approximation: the least window is asked for"),
            (59, "that is for t = 0.05"),
        ],
    )
    return "right"


@checker("ex-grade-2.2")
def three_new(answer: Any) -> str:
    """Check the window with three new pairs."""
    fewer = next(size for size in itertools.count(1) if binom.cdf(2, size, 0.02) <= 0.05)
    integer(
        answer,
        _window(3),
        mistakes=[
            (_window(3) - 1, "with one line fewer the probability is still above 0.05"),
            (fewer, "three are allowed: that is for two"),
            (4 * _window(0), "windows do not add up: three in a long one are less likely than that"),
        ],
    )
    return "right"


def _refused(hidden: ArrayLike, c: float, delta: float, last: bool = False, summed: bool = False) -> float:
    """Return the least t that one player refuses: the least root over lines, each by halving."""
    values = np.asarray(hidden, dtype=np.float64)
    least = 1.0
    for n in [len(values)] if last else range(1, len(values) + 1):
        low, high = 0.0, 1.0 - 1e-10

        def capital(t: float, n: int = n) -> float:
            gains = c * (t - values[:n]) / (1 - t)
            return float(1 + gains.sum()) if summed else math.exp(min(700.0, float(np.log1p(gains).sum())))

        if capital(high) < 1 / delta:
            continue
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (low, middle) if capital(middle) >= 1 / delta else (middle, high)
        least = min(least, high)
    return least


@checker("ex-grade-3")
def one_player(answer: Any) -> str:
    """Check the least t that one player refuses, on logs that get worse at the end, too."""
    falling = np.linspace(1, 0, 60) ** 2
    cases = [
        (falling, 0.5, 0.05),
        (np.append(np.zeros(30), np.full(12, 0.9)), 0.5, 0.05),
        (np.append(1.0, np.full(100, 0.1)), 0.97, 0.01),
        (np.ones(5), 0.5, 0.05),
    ]
    function(
        answer,
        cases,
        _refused,
        names=("hidden", "c", "delta"),
        mistakes=[
            (
                lambda hidden, c, delta: _refused(hidden, c, delta, last=True),
                "the capital must have reached it at some line, not at the last",
            ),
            (
                lambda hidden, c, delta: _refused(hidden, c, delta, summed=True),
                "capital multiplies: it is no sum of the gains",
            ),
        ],
        rtol=1e-5,
        atol=1e-6,
    )
    return "right"
