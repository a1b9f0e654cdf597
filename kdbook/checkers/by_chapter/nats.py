"""Checkers of the chapter "In nats: the jump disappears"."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from kdbook.checkers.compare import Floats, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker

ROW = np.array([0.5, 0.3, 0.2])
MATCHER, ADD_ONE = np.array([0.5, 0.25, 0.25]), np.array([0.6, 0.2, 0.2])


def _tv(answer: Floats) -> float:
    return float(np.abs(answer - ROW).sum()) / 2


def _kl(answer: Floats) -> float:
    """Return KL as a mean of surprises: what is paid, less what one pays who knows the row."""
    pairs = zip(ROW.tolist(), answer.tolist(), strict=True)
    return math.fsum(p * (-math.log(q) + math.log(p)) for p, q in pairs)


def _fixed_point(step: Callable[[float], float], start: float) -> float:
    """Return the number that a contraction leaves as it is."""
    value = start
    for _ in range(60):
        value = step(value)
    return value


def _both_sheets(answer: Any, student: Floats) -> None:
    backwards = float(np.sum(student * np.log(student / ROW)))
    named(
        answer,
        {
            "TV": lambda value: number(
                value, _tv(student), mistakes=[(2 * _tv(student), "total variation is half the sum of the errors")]
            ),
            "KL": lambda value: number(
                value,
                _kl(student),
                mistakes=[
                    (backwards, "that is the other direction: weight the logarithms by the truth"),
                    (_kl(student) / math.log(2), "that is in bits: use natural logarithms"),
                ],
            ),
        },
    )


@checker("ex-nats-1.1")
def matcher_by_hand(answer: Any) -> str:
    """Check both losses of the matcher's answer."""
    _both_sheets(answer, MATCHER)
    return "right: it errs on two silent labels only"


@checker("ex-nats-1.2")
def add_one_by_hand(answer: Any) -> str:
    """Check both losses of the add-one counter's answer."""
    _both_sheets(answer, ADD_ONE)
    return "right: twice the matcher's TV, three times its KL"


@checker("ex-nats-1.3")
def two_promises(answer: Any) -> str:
    """Check Pinsker's inequality with and without the mass of the silent set."""
    kl = _kl(MATCHER)
    inside, everywhere = math.sqrt(0.5 * 0.5 * kl), math.sqrt(0.5 * kl)
    named(
        answer,
        {
            "inside": lambda value: number(
                value,
                inside,
                mistakes=[
                    (everywhere, "that does not use the mass 0.5 of the silent set"),
                    (math.sqrt(0.5 * kl) * 0.5, "the mass belongs under the root"),
                ],
            ),
            "everywhere": lambda value: number(
                value, everywhere, mistakes=[(math.sqrt(kl), "half of the KL stands under the root")]
            ),
        },
    )
    return "right: inside the silent set Pinsker's inequality is nearly an equality here"


def _cost(rate: float, b: float) -> float:
    """Return the limit of n times the KL for a label that is expected ``rate`` times, added up term by term."""
    if rate == 0:
        return b
    weight, mean = math.exp(-rate), 0.0
    for x in range(int(rate + 12 * math.sqrt(rate) + 30)):
        mean += weight * math.log(x + b)
        weight *= rate / (x + 1)
    return rate * math.log(rate) - rate * mean + b


def _largest(b: float) -> float:
    grid = np.r_[0, np.geomspace(0.02, 100, 120)]
    values = [_cost(float(rate), b) for rate in grid]
    top = int(np.argmax(values))
    if top in (0, len(grid) - 1):
        return values[top]
    between = (float(grid[top - 1]), float(grid[top + 1]))
    return -float(minimize_scalar(lambda rate: -_cost(rate, b), bounds=between, method="bounded").fun)


@checker("ex-nats-2.1")
def worst_rare_label(answer: Any) -> str:
    """Check the largest cost over the rate of a rare label."""
    function(
        answer,
        [(0.25,), (0.45,), (0.7,), (1.0,)],
        _largest,
        names=("b",),
        mistakes=[
            (lambda b: b, "that is the row with one label; rare labels can cost more, for small b"),
            (lambda b: max(_cost(float(rate), b) for rate in np.geomspace(0.02, 100, 120)), "rate 0 is a case, too"),
        ],
        rtol=2e-3,
    )
    return "right"


@checker("ex-nats-2.2")
def best_number_to_add(answer: Any) -> str:
    """Check the number at which both kinds of rows cost the same."""
    low, high = 0.4, 0.6
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _largest(middle) > middle + 1e-9 else (low, middle)
    number(
        answer,
        high,
        mistakes=[
            (0.5, "that is the rule of Krichevsky and Trofimov; a little more is better"),
            (1.0, "that is Laplace's rule, which costs twice as much as the best"),
            (0.75, "there the row with one label is the worst: add less"),
        ],
        rtol=4e-4,
    )
    return "right: Krichevskiy's constant"


@checker("ex-nats-3.1")
def bill_in_nats(answer: Any) -> str:
    """Check the three numbers of samples for 0.01 nats."""
    root = _fixed_point(lambda t: 2 - math.exp(-t), 2.0)
    named(
        answer,
        {
            "hard, at least": lambda value: number(
                value,
                100 * 24 / 2 / 0.01,
                mistakes=[
                    (240_000, "that is enough for the add-one counter; at least half of it is needed"),
                    (125_000, "one label of each row follows from the others: A - 1"),
                ],
            ),
            "partial": lambda value: number(
                value,
                root * math.exp(-root) * 2500 / 0.01,
                mistakes=[(0.15441 * 2500 / 0.01, "that is the constant of total variation")],
            ),
            "soft": lambda value: number(
                value,
                math.log(25) * 99 / math.e / 0.01,
                mistakes=[
                    (24 / 25 * 99 / math.e / 0.01, "in nats a guess costs log A, not 1 - 1/A"),
                    (math.log(25) * 100 / math.e / 0.01, "S - 1 inputs can be rare"),
                ],
            ),
        },
    )
    return "right"


@checker("ex-nats-3.2")
def ratios_of_bills(answer: Any) -> str:
    """Check how many times as many samples hard labels take on each sheet."""
    y = _fixed_point(lambda y: math.exp(-(1 + y) / 2), 0.5)
    partial = y**2 / (1 + y) * 2500 / 0.01
    root = _fixed_point(lambda t: 2 - math.exp(-t), 2.0)
    named(
        answer,
        {
            "TV": lambda value: number(
                value,
                100 * 24 / (2 * math.pi * 0.01**2) / partial,
                mistakes=[(math.sqrt(100 * 24 / (2 * math.pi * 0.01**2)) / partial, "the risk is squared, not n")],
            ),
            "KL, at least": lambda value: number(
                value,
                100 * 24 / 2 / (root * math.exp(-root) * 2500),
                mistakes=[(100 * 24 / (root * math.exp(-root) * 2500), "that is for the add-one counter, at most")],
            ),
        },
    )
    return "right: a hundred on one sheet, less than two on the other"
