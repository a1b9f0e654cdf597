"""Checkers of the chapter "Partial labels: the lower bound"."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from kdbook.checkers.compare import array, integer, named, number, probabilities
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong
from kdcore import Teacher, bounds, expected_risk


@checker("ex-lower-1.1")
def one_input_two_labels(answer: Any) -> str:
    """Check the risk for S = 1, A = 2, n = 9, where one sample tells the row, and what the theorem would claim."""
    claim = 1 / (4 * np.exp(1) * 10)
    known = "one sample tells both probabilities, since they sum to one"
    claims = [
        (1 / (4 * np.exp(1) * 9), "the denominator is n + 1"),
        (2 * claim, "the bound has A - 1 labels, not A"),
        (0.0, "that is the risk; the bound is positive"),
    ]
    named(
        answer,
        {
            "risk": lambda value: number(value, 0.0, mistakes=[(claim, known), (0.5, known)], atol=1e-12),
            "claim": lambda value: number(value, claim, mistakes=claims),
        },
    )
    return "right: with two labels and one input the claim is false"


@checker("ex-lower-1.2")
def enough_inputs(answer: Any) -> str:
    """Check from how many inputs on the bound for soft labels implies the claim, by trying."""
    n = 100
    claims = {size: size / (4 * np.exp(1) * (n + 1)) for size in range(2, 50)}
    right = next(
        size
        for size, claim in claims.items()
        if bounds.theorem_5_1(n_inputs=size, n_labels=2, n_samples=n) >= claim * (1 - 1e-12)
    )
    integer(
        answer,
        right,
        mistakes=[(1, "for one input Theorem 5.1 says nothing"), (3, "where both bounds are equal it works as well")],
    )
    return "right: 2(S - 1) ≥ S"


def _bayes_risk(n_inputs: int, n_labels: int, n: int, t: float) -> float:
    """Return half of the expected missing mass of the pairs."""
    pairs = np.full(n_inputs * (n_labels - 1) // 2, t / (n + 1))
    return float(pairs @ (1 - pairs) ** n / 2)


@checker("ex-lower-2.1")
def mass_of_pairs(answer: Any) -> str:
    """Check the Bayes risk of buddies of any mass, and the best mass."""
    best = minimize_scalar(lambda t: -_bayes_risk(1, 3, 200, t), bounds=(0.1, 5), options={"xatol": 1e-10}).x

    def bayes_risk(value: Any) -> None:
        function(
            value,
            [(10, 11, 100, 1.0), (2, 5, 20, 0.5), (1, 3, 7, 2.0)],
            _bayes_risk,
            names=("S", "A", "n", "t"),
            mistakes=[
                (
                    lambda S, A, n, t: t * _bayes_risk(S, A, n, 1),
                    "a pair of mass tS/(n+1) is hit with probability t/(n+1)",
                ),
                (lambda S, A, n, t: _bayes_risk(S, A, n, t) / t, "an unseen pair costs x/(2S), and x grows with t"),
                (
                    lambda S, A, n, t: S * (A - 1) / (4 * (n + 1)) * t * np.exp(-t),
                    "that is the limit for large n; keep the power",
                ),
            ],
        )

    masses = [(1.278, "that is best for a random half, not for pairs"), (0.0, "then the risk is 0")]
    named(
        answer,
        {"bayes_risk": bayes_risk, "best_t": lambda value: number(value, best, mistakes=masses)},
    )
    return "right: the paper's mass is the best one for pairs"


def _cost(size: int, x: float) -> float:
    """Return the cost of the best answer that treats the labels of a group alike; others do no better."""

    def loss(p: float) -> float:
        return (abs(x - p) + (size - 1) * p + abs(size * p - x)) / 2

    return float(minimize_scalar(loss, bounds=(0, x), method="bounded", options={"xatol": 1e-12}).fun)


@checker("ex-lower-2.2")
def groups(answer: Any) -> str:
    """Check what an unseen group costs, and which size of groups is best."""
    best = max(range(2, 40), key=lambda size: _cost(size, 1.0) / size)

    def cost(value: Any) -> None:
        function(
            value,
            [(2, 0.3), (3, 0.1), (5, 0.05)],
            _cost,
            names=("g", "x"),
            mistakes=[
                (lambda g, x: x / 2, "that is the cost of a pair, g = 2"),
                (lambda g, x: x / g, "that is what an even answer puts on each label, not what it costs"),
                (lambda g, x: x, "an answer that spreads x over the group costs less than x"),
                (lambda g, x: 1 - 1 / g, "in units of x; the cost is proportional to x"),
            ],
        )

    sizes = [
        (1, "a group of one label leaves no doubt"),
        (3, "a group of three costs more, but there are fewer groups: compare (g - 1)/g²"),
    ]
    named(answer, {"cost": cost, "best_g": lambda value: integer(value, best, mistakes=sizes)})
    return "right: larger groups cost more each, but there are fewer of them"


@checker("ex-lower-3.1")
def what_the_subset_gains(answer: Any) -> str:
    """Check the factor between the two lower bounds for three labels: it is that of step 3."""
    n = np.array([10, 100, 1000])
    factors = np.exp(1) * (1 - 1 / (n + 1)) ** n
    array(
        answer,
        factors,
        mistakes=[
            (1 / factors, "turn it around: the bound by subsets is the larger one"),
            (factors - 1, "the factor is asked for, not the gain"),
        ],
        rtol=1e-3,
    )
    return "right: nothing but e(1 - 1/(n+1))ⁿ is left"


@checker("ex-lower-3.2")
def worst_of_three(answer: Any) -> str:
    """Check that a row of three labels is nearly the worst for the matcher, by its exact risk."""
    row = probabilities(answer, (3,))
    risk = expected_risk(Teacher([1.0], [row / row.sum()]), 100, "sel_ptl")
    bound = float(bounds.partial_lower(n_inputs=1, n_labels=3, n_samples=100))
    if risk < 0.995 * bound:
        hint = "does each label have to exist?" if row.min() > 0 else "which mass of the light label is best?"
        raise Wrong(f"the risk of this row is {risk:.5f}, that of another is {bound:.5f}: {hint}")
    return f"right: its risk is {risk:.6f}, and no student has less than {bound:.6f} in the worst case"


@checker("ex-lower-3.3")
def hidden_inputs(answer: Any) -> str:
    """Check from how many inputs on hidden inputs prove more than hidden labels, for three labels, and by how much."""
    n = 10**7
    first = next(
        size
        for size in range(1, 50)
        if bounds.soft_minimax(n_inputs=size, n_labels=3, n_samples=n)
        > 1.001 * bounds.theorem_4_1(n_inputs=size, n_labels=3, n_samples=n)
    )
    ratios = [
        (4 / 3 * (first - 1) / first, "that is the factor at the first such S; let S grow"),
        (2.0, "the loss at an input not drawn is 1 - 1/3, not 1"),
        (1.0, "hidden inputs are counted by S - 1, hidden labels by S; but what does each cost?"),
        (3 / 4, "turn it around"),
    ]
    named(
        answer,
        {
            "first_S": lambda value: integer(
                value,
                first,
                mistakes=[
                    (4, "there both are equal, for large n"),
                    (1, "with one input nothing can be hidden but labels"),
                ],
            ),
            "limit": lambda value: number(value, 4 / 3, mistakes=ratios),
        },
    )
    return "right: with few labels and many inputs, what costs most is an input never drawn"
