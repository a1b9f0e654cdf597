"""Checkers of the chapter "What the API shows"."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import multinomial

from kdbook.checkers.compare import integer, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker


def _loss(m: int, k: int, n_labels: int) -> float:
    """Return what spreading loses on the uniform row on the top k and m more labels, from the definition."""
    row = np.zeros(n_labels)
    row[: k + m] = 1 / (k + m)
    tail = row[k:]
    return float(np.abs(tail - tail.mean()).sum() / 2)


@checker("ex-api-1.1")
def worst_row(answer: Any) -> str:
    """Check the largest loss of spreading for one label of nine, by trying all flat rows."""
    losses = [_loss(m, 1, 9) for m in range(9)]
    named(
        answer,
        {
            "loss": lambda value: number(
                value,
                max(losses),
                mistakes=[
                    (8 / 9, "that is what dividing by the sum loses"),
                    (1.0, "total variation has a factor 1/2"),
                    (losses[1], "one hidden label with mass is not the worst number of them"),
                ],
            ),
            "masses": lambda value: integer(
                value,
                int(np.argmax(losses)),
                mistakes=[
                    (3, "that is √(kA): k of these are the top ones"),
                    (8, "on the uniform row spreading loses nothing"),
                    (1, "with two the loss is larger"),
                ],
            ),
        },
    )
    return "right: the row of three equal labels"


@checker("ex-api-1.2")
def divided_by_the_sum(answer: Any) -> str:
    """Check the largest loss of dividing by the sum, the largest mass below the top label."""
    number(
        answer,
        max(1 - 1 / (1 + m) for m in range(9)),
        mistakes=[
            (1 / 2, "that is what spreading loses"),
            (1 / 9, "that is what is told; the rest is lost"),
            (2 / 3, "that is its loss on the worst row of spreading; the uniform row is worse"),
        ],
    )
    return "right: on the uniform row, where a guess would have been perfect"


def _formula(k: float, n_labels: int) -> float:
    return (math.sqrt(n_labels) - math.sqrt(k)) / (math.sqrt(n_labels) + math.sqrt(k))


@checker("ex-api-1.3")
def labels_for_a_bias(answer: Any) -> str:
    """Check how many labels must be told, by bisection."""
    low, high = 1, 50_000
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _formula(middle, 50_000) <= 0.1 else (middle, high)
    integer(
        answer,
        high,
        mistakes=[
            (high - 1, "at this k the formula is still above 0.1: round up"),
            (45_000, "that is 1 - k/A = 0.1, for dividing by the sum"),
            (40_909, "square the ratio 0.9/1.1"),
            (40_910, "square the ratio 0.9/1.1"),
        ],
    )
    return "right: two thirds of all labels"


def _censored(row: ArrayLike, k: int, n: int, *, when_empty: bool = True) -> float:
    """Return the expected loss of the censored student, over all tables of counts."""
    p = np.asarray(row, dtype=np.float64)
    size, mass, total = len(p), float(p[k:].sum()), 0.0
    for bars in itertools.combinations(range(n + size - 1), size - 1):
        counts = np.diff([-1, *bars, n + size - 1]) - 1
        below = counts[k:].sum()
        share = counts[k:] / below if below else np.full(size - k, 1 / (size - k))
        if below or when_empty:
            total += float(multinomial.pmf(counts, n, p)) * float(np.abs(mass * share - p[k:]).sum()) / 2
    return total


@checker("ex-api-2")
def censored_student(answer: Any) -> str:
    """Check the exact risk of the censored student, by enumeration."""
    function(
        answer,
        [
            ([0.4, 0.3, 0.2, 0.1], 1, 4),
            ([0.5, 0.25, 0.15, 0.1], 2, 3),
            ([0.6, 0.2, 0.2], 1, 1),
            ([0.7, 0.3, 0.0], 2, 3),
        ],
        _censored,
        names=("row", "k", "n"),
        mistakes=[
            (
                lambda row, k, n: _censored(row, k, n, when_empty=False),
                "what is lost when no draw falls below the top k is missing",
            ),
            (
                lambda row, k, n: _censored(row, 0, n),
                "that student counts on all labels: the first k are known exactly",
            ),
        ],
        rtol=1e-7,
    )
    return "right"


def _zipf() -> Any:
    a = np.arange(1, 50_001)
    return 1 / a / (1 / a).sum()


@checker("ex-api-3.1")
def head_start(answer: Any) -> str:
    """Check the number of lines after which the twentieth label has been drawn once on average."""
    p = _zipf()
    number(
        answer,
        1 / p[19],
        mistakes=[
            (20, "divide by its probability 1/(20 H), not by 1/20"),
            (1 / p[20], "that is label number 21: Python counts from 0"),
            (1 / p[0], "that is the first label"),
        ],
    )
    return "right"


@checker("ex-api-3.2")
def worth_of_the_top(answer: Any) -> str:
    """Check the bound and the difference, by adding logarithms."""
    p = _zipf()[:20]
    bound = math.exp(-2000 * p[-1])
    difference = float(np.exp(np.log(p) + 2000 * np.log1p(-p)).sum())
    named(
        answer,
        {
            "bound": lambda value: number(
                value,
                bound,
                mistakes=[
                    (20 * bound, "the top labels have mass at most 1 together: no factor k"),
                    (difference, "that is exact"),
                ],
            ),
            "difference": lambda value: number(
                value,
                difference,
                mistakes=[
                    (bound, "that is the bound"),
                    (float(np.exp(2000 * np.log1p(-p)).sum()), "weigh each label by its probability"),
                ],
            ),
        },
    )
    return "right: after 2000 lines the top 20 are worth next to nothing"


@checker("ex-api-3.3")
def still_hidden(answer: Any) -> str:
    """Check the expected hidden mass without the top 20."""
    p = _zipf()
    hidden = float(np.exp(np.log(p) + 2000 * np.log1p(-p)).sum())
    number(
        answer,
        hidden,
        mistakes=[
            (
                float(p[2000:].sum()),
                "that is the mass of the labels from number 2001 on; each label is unseen with some probability",
            ),
            (1 - hidden, "that is the mass of the labels that were seen"),
        ],
    )
    return "right: the tail of this row is hardly known"
