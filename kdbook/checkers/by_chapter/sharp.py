"""Checkers of the chapter "Sharp constants"."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize, minimize_scalar

from kdbook.checkers.compare import named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdcore import bounds, expected_risk, instance_2


def _bayes_risk(unseen: int, missing: int, x: float) -> float:
    """Return the least mean loss of an answer p on each of the undrawn light labels, by trying; others are known."""
    p = np.linspace(0, x, 101)
    return float((unseen * (x - p) + missing * p).min() / 2)


@checker("ex-sharp-1.1")
def free_sum(answer: Any) -> str:
    """Check the Bayes risk of students that need not sum to one."""
    function(
        answer,
        [(2, 5, 0.1), (5, 2, 0.1), (3, 3, 0.2), (4, 0, 0.1)],
        _bayes_risk,
        names=("J", "Z", "x"),
        mistakes=[
            (
                lambda J, Z, x: x * J * Z / (J + Z),
                "that is for rows that sum to one; without that, no label has to take the rest",
            ),
            (lambda J, Z, x: J * x / 2, "that is the answer 0; for J > Z the answer x on each label costs less"),
            (lambda J, Z, x: Z * x / 2, "that is the answer x on each label; for J < Z the answer 0 costs less"),
            (lambda J, Z, x: min(J, Z) / 2, "in units of x; the cost is proportional to x"),
        ],
    )
    return "right: a free student answers 0 or x, whichever is right more often"


@checker("ex-sharp-1.2")
def constant_of_a_free_sum(answer: Any) -> str:
    """Check the constant and the mass, by a numerical maximum."""
    best = minimize_scalar(lambda t: -t / (2 * (np.exp(t) + 1)), bounds=(0.1, 5), options={"xatol": 1e-10})
    constant, t = -best.fun, best.x
    constants = [
        (bounds.partial_lower_constant().value, "that is the constant for rows that sum to one"),
        (2 * constant, "the Bayes risk is half of x min(J, Z)"),
        (1 / (2 * (math.e + 1)), "that is t = 1; a larger mass is better"),
        (1 / (4 * math.e), "that is the paper's, for pairs"),
    ]
    masses = [
        (t - 1, "that is W(1/e): the equation is for t - 1"),
        (1.0, "the derivative of t/(eᵗ + 1) vanishes where (t - 1)eᵗ = 1"),
        (1.4777, "that is the best mass for rows that sum to one"),
    ]
    named(
        answer,
        {
            "constant": lambda value: number(value, constant, mistakes=constants),
            "best_t": lambda value: number(value, t, mistakes=masses),
        },
    )
    return "right: a tenth less than with rows that sum to one"


def _level(t: ArrayLike, share: ArrayLike) -> float:
    weight = np.asarray(share) * np.exp(-np.asarray(t))
    return float(weight @ np.asarray(t) / weight.sum())


def _phi(t: ArrayLike, share: ArrayLike) -> float:
    weight = np.asarray(share) * np.exp(-np.asarray(t))
    return float(weight @ np.abs(np.asarray(t) - _level(t, share)) / 2)


@checker("ex-sharp-2.1")
def limit_on_instance_2(answer: Any) -> str:
    """Check the fill and the limit, for half of the masses 0 and half 1."""
    level, phi = _level([0, 1], [0.5, 0.5]), _phi([0, 1], [0.5, 0.5])
    levels = [
        (0.5, "that is the mean mass of all labels; of those unseen fewer have mass 1"),
        (1 / (2 * math.e), "divide by the share of unseen labels as well"),
        (1 / math.e, "divide by the unseen labels of both kinds"),
        (phi, "that is the limit of the risk"),
    ]
    limits = [
        (bounds.uniform_fill_constant().value, "that is the worst law; Instance 2 is another one"),
        (1 / (4 * math.e), "that is Theorem 4.1's constant"),
        (level, "half of the labels have mass 0: count each by its share"),
    ]
    named(
        answer,
        {
            "y_mu": lambda value: number(value, level, mistakes=levels),
            "limit": lambda value: number(value, phi, mistakes=limits),
        },
    )
    return "right: thirteen per cent below the worst law"


@checker("ex-sharp-2.2")
def risk_on_instance_2(answer: Any) -> str:
    """Check the exact risk at one size, which the limit alone does not give."""
    n = 10**7
    unit = 10 * 1001 / n
    risk = expected_risk(instance_2(10, 1001, n), n, "sel_ptl")
    number(
        answer,
        risk / unit,
        mistakes=[
            (1 / (2 * (math.e + 1)), "that is the limit; the value at this size is a little smaller"),
            (risk, "divide by SA/n"),
            (risk / unit * 1001 / 1000, "the unit is SA/n with all A labels"),
        ],
        rtol=1e-4,
    )
    return "right"


@checker("ex-sharp-3")
def with_a_floor(answer: Any) -> str:
    """Check the worst law of masses of at least 1/2, by a search among laws of two masses."""

    def loss(z: Any) -> float:
        low, gap, odds = z
        share = 1 / (1 + np.exp(-odds))
        return -_phi([0.5 + low**2, 0.5 + low**2 + abs(gap)], [1 - share, share])

    found = minimize(loss, [0.3, 1.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-13})
    low = 0.5 + found.x[0] ** 2
    high, phi = low + abs(found.x[1]), -found.fun
    free = bounds.uniform_fill_constant().value
    named(
        answer,
        {
            "low": lambda value: number(
                value, low, mistakes=[(0.0, "now each mass is at least 1/2, in units of 1/n")], rtol=0.02
            ),
            "high": lambda value: number(
                value,
                high,
                mistakes=[(high - 0.5, "that was the worst one before: both masses are shifted")],
                rtol=0.02,
            ),
            "worst_phi": lambda value: number(
                value,
                phi,
                mistakes=[
                    (free, "that is the constant without the knowledge"),
                    (free / math.e, "the factor is exp(-1/2), as each mass is shifted by 1/2"),
                    (free - 0.5, "shifting all t by 1/2 divides each exp(-t) by √e"),
                ],
            ),
        },
    )
    return "right: everything is shifted by 1/2, and fewer labels are unseen"
