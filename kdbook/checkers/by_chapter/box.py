"""Checkers of the chapter "A black box with 140 labels"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from kdbook.checkers.compare import array, integer, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker

BOX, STUDENT = np.array([0.5, 0.3, 0.2]), np.array([0.25, 0.5, 0.25])
VALUES = np.maximum(1 - STUDENT / BOX, 0)


@checker("ex-box-1.1")
def values_of_an_audit(answer: Any) -> str:
    """Check the values, and that their mean is half the sum of all errors."""
    distance = np.abs(BOX - STUDENT).sum() / 2
    named(
        answer,
        {
            "values": lambda value: array(
                value,
                VALUES,
                mistakes=[
                    (1 - STUDENT / BOX, "negative values count as 0"),
                    (np.maximum(1 - BOX / STUDENT, 0), "divide the student's number by the box's"),
                    (np.maximum(BOX - STUDENT, 0), "one minus the ratio, not the difference"),
                ],
            ),
            "mean": lambda value: number(
                value,
                distance,
                mistakes=[
                    (VALUES.mean(), "weight each value with the probability that the box draws its label"),
                    (STUDENT @ VALUES, "the box draws the label, not the student"),
                    (2 * distance, "total variation is half the sum of all errors"),
                ],
            ),
        },
    )
    return "right: the mean of an audit is the total variation"


@checker("ex-box-1.2")
def calls_for_any_student(answer: Any) -> str:
    """Check the least m with 1/(2√m) at most 0.01."""
    right = next(m for m in range(1, 10_000) if 50 / np.sqrt(m) <= 1)
    integer(answer, right, mistakes=[(50, "take the square"), (10_000, "the standard deviation is at most one half")])
    return "right: however many labels there are"


@checker("ex-box-1.3")
def calls_for_this_student(answer: Any) -> str:
    """Check it by the variance of the values."""
    variance = BOX @ VALUES**2 - (BOX @ VALUES) ** 2
    integer(
        answer,
        round(variance / 0.01**2),
        mistakes=[
            (2500, "that is for every student; use the variance of these values"),
            (round(BOX @ VALUES**2 / 0.01**2), "subtract the square of the mean"),
            (round(np.sqrt(variance) / 0.01), "take the square"),
        ],
    )
    return "right: a quarter of what is always enough"


Log = tuple[Sequence[str], Sequence[str], Sequence[float]]


def _hidden(log: Log, leave_out: bool = True, others: bool = True) -> float:
    """Return the mean of what each line's text has hidden, from the lines told to be used."""
    texts, labels, numbers = log
    lines = list(zip(texts, labels, numbers, strict=True))
    total = 0.0
    for i, (text, _, _) in enumerate(lines):
        used = [line for j, line in enumerate(lines) if (others or j < i) and not (leave_out and j == i)]
        total += 1 - sum(p for _, p in {(a, p) for s, a, p in used if s == text})
    return total / len(lines)


def _good_turing(log: Log) -> float:
    texts, labels, _ = log
    return sum(n == 1 for n in Counter(zip(texts, labels, strict=True)).values()) / len(labels)


CASES: list[Log] = [
    (["a", "a", "a"], ["x", "x", "y"], [0.5, 0.5, 0.25]),
    (["a", "b", "b", "a", "b"], ["x", "x", "x", "z", "y"], [0.5, 0.125, 0.125, 0.25, 0.625]),
    (["c"], ["x"], [0.75]),
]


@checker("ex-box-2")
def grade_of_the_hidden_mass(answer: Any) -> str:
    """Check by leaving out each line, one at a time."""
    function(
        answer,
        list(CASES),
        lambda *log: _hidden(log),
        names=("texts", "labels", "probabilities"),
        mistakes=[
            (lambda *log: _hidden(log, leave_out=False), "the line itself must not count as told"),
            (lambda *log: _hidden(log, others=False), "use all other lines, those that come later, too"),
            (lambda *log: _good_turing(log), "that is the share of lines with a new label; use the probabilities"),
        ],
    )
    return "right: with probabilities this varies far less than a share of lines"
