"""Checkers of the chapter "Nobody does better"."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from kdbook.checkers.compare import named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong

ROW = (0.5, 0.3, 0.2)


def _average(answer: float, hidden: tuple[float, ...], elsewhere: float) -> float:
    """Return half the sum of all errors, averaged over all orders of the hidden masses."""
    orders = list(itertools.permutations(hidden))
    return sum(sum(abs(answer - v) for v in order) + elsewhere for order in orders) / (2 * len(orders))


@checker("ex-nobody-1")
def three_hidden_cards(answer: Any) -> str:
    """Check three costs by going through all orders."""
    hidden = (0.25, 0.05, 0.0)
    total = sum(hidden)
    uniform = _average(total / 3, hidden, 0.0)
    median = _average(0.05, hidden, total - 0.15)
    free = _average(0.05, hidden, 0.0)
    half = "total variation is half the sum of all errors"
    named(
        answer,
        {
            "uniform": lambda value: number(
                value, uniform, mistakes=[(2 * uniform, half), (free, "that is the median")]
            ),
            "median": lambda value: number(
                value, median, mistakes=[(2 * median, half), (free, "count what the known labels get too much, too")]
            ),
            "free": lambda value: number(
                value, free, mistakes=[(2 * free, half), (median, "now the known labels are exact")]
            ),
        },
    )
    return "right: without the sum of the row the median would win"


def _rival(theta: float, row: tuple[float, ...] = ROW) -> float:
    """Return the expected TV, with every answer written out."""
    risk = 0.0
    for drawn, mass in enumerate(row):
        first, second = (label for label in range(3) if label != drawn)
        student = np.zeros(3)
        student[[drawn, first, second]] = mass, theta * (1 - mass), (1 - theta) * (1 - mass)
        risk += mass * float(np.abs(student - row).sum()) / 2
    return risk


def _averaged(theta: float) -> float:
    return float(np.mean([_rival(theta, row) for row in itertools.permutations(ROW)]))


@checker("ex-nobody-2.1")
def rival_on_one_row(answer: Any) -> str:
    """Check a rival's risk as a function of its share, and the least value at the kinks."""
    least = min(_rival(theta) for theta in (0.3 / 0.5, 0.5 / 0.7, 0.5 / 0.8))
    cases = [(0.5,), (0.0,), (1.0,), (0.625,), (0.9,)]
    mistakes = [
        (lambda theta: 2 * _rival(theta), "total variation is half the sum of both errors"),
        (_averaged, "that is the average over the renamings; here the row is fixed"),
        (lambda theta: _rival(1 - theta), "theta is the share of the hidden label of smaller index"),
    ]
    named(
        answer,
        {
            "rival": lambda value: function(value, cases, _rival, names=("theta",), mistakes=mistakes),
            "best_risk": lambda value: number(
                value,
                least,
                mistakes=[
                    (_rival(0.5), "that is uniform fill; another theta is better on this row"),
                    (0.625, "that is the best theta; its risk is asked for"),
                    (_rival(0.6), "that is one kink; the other two are better"),
                    (_rival(5 / 7), "that is one kink; another is better"),
                ],
            ),
        },
    )
    return "right: on this row it loses less than a third of what uniform fill does"


@checker("ex-nobody-2.2")
def rival_on_average(answer: Any) -> str:
    """Check the average over the six renamings."""
    function(
        answer,
        [(0.5,), (0.0,), (0.625,), (0.8,)],
        _averaged,
        names=("theta",),
        mistakes=[
            (_rival, "that is the risk on the row itself; average over its six orders"),
            (lambda theta: 6 * _averaged(theta), "divide by the number of orders"),
            (lambda theta: 2 * _averaged(theta), "total variation is half the sum of both errors"),
        ],
    )
    return "right: on average theta = 1/2 is best"


def _u(beta: float) -> float:
    """Return the root of u²eᵘ = βe^(−β) by halving."""
    low, high = 0.0, 2.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if middle**2 * math.exp(middle) < beta * math.exp(-beta) else (low, middle)
    return low


def _slope(values: list[float], betas: list[float]) -> float:
    return math.log(values[1] / values[0]) / math.log(betas[1] / betas[0])


@checker("ex-nobody-3.1")
def few_samples(answer: Any) -> str:
    """Check the first term by its size at very small ratios."""
    betas = [1e-8, 1e-10]
    gaps = [1 - _u(beta) ** 2 / (1 + _u(beta)) / beta for beta in betas]
    p = _slope(gaps, betas)
    constant = gaps[1] / betas[1] ** round(p, 2)
    named(
        answer,
        {
            "C": lambda value: number(
                value,
                constant,
                mistakes=[(1.0, "the factor 1/(1 + u) contributes as much as the exponential: it is twice this")],
            ),
            "p": lambda value: number(value, p, mistakes=[(1.0, "u is of the order of the square root of beta")]),
        },
    )
    return "right: the first samples gain as the square root"


@checker("ex-nobody-3.2")
def light_labels(answer: Any) -> str:
    """Check the exponent by its value at very small ratios, and the number to leading order."""
    betas = [1e-8, 1e-10]
    r = _slope([beta / (beta + _u(beta)) for beta in betas], betas)
    named(
        answer,
        {
            "r": lambda value: number(value, r, mistakes=[(1.0, "alpha = beta/(beta + u), and u is much larger")]),
            "n_light": lambda value: number(
                value,
                10_000 * 0.01 ** round(r, 2),
                mistakes=[(100, "that is beta A"), (0.1, "that is the share; how many labels is it?")],
                rtol=0.01,
            ),
        },
    )
    return "right: a thousand labels, each expected a tenth of a time"


@checker("ex-nobody-4")
def distances(answer: Any) -> str:
    """Check which losses want the mean; each hint says what to compute."""
    right = {"squared": True, "log loss": True, "chi squared": False, "largest error": False}
    hints = {
        "squared": "a sum of squared distances to random points is smallest at their mean",
        "log loss": "for a fresh draw it is KL up to a constant",
        "chi squared": "minimise the sum of E(π²)/p: the square root of a mean square is more than the mean",
        "largest error": "try the hidden masses 0.4, 0, 0, 0: can a larger answer on each be better?",
    }

    def rule(key: str) -> Any:
        def check(value: Any) -> bool:
            if not isinstance(value, bool | np.bool_):
                raise Wrong("True or False is asked for")
            if bool(value) != right[key]:
                raise Wrong(hints[key])
            return bool(value)

        return check

    named(answer, {key: rule(key) for key in right})
    return "right: what has the mean as its best answer has the uniform fill"
