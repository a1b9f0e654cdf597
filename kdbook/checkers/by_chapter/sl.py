"""Checkers of the chapter "Squared error on logits"."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from kdbook.checkers.compare import named, number, probabilities
from kdbook.checkers.functions import call, function, written
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong
from kdcore import Teacher, bounds, conditional_tv, expected_missing_mass


def _worst_row(answer: Any) -> None:
    """Check that rows have a label of mass 0, and the missing mass that is asked for."""
    names = ("S", "A", "n")
    for size in [(1, 5, 100), (10, 11, 1000), (3, 4, 8)]:
        n_inputs, n_labels, n = size
        row = probabilities(call(answer, *size, names=names), (n_labels,))
        told = written(answer, size, names)
        if row.min() > 0:
            raise Wrong(f"{told}: no label has mass 0, so no fill can put all that is left on one that needs nothing")
        if (row == 0).sum() > 1:
            raise Wrong(f"{told}: one label of mass 0 is enough; each other one adds nothing to the missing mass")
        missing = n_inputs * expected_missing_mass(np.r_[row / n_inputs, 1 - 1 / n_inputs], n)
        missing -= n_inputs * (1 - 1 / n_inputs) * (1 / n_inputs) ** n  # of the letter for the other inputs
        asked = n_inputs * (n_labels - 2) / (n + 1) * (1 - 1 / (n + 1)) ** n
        if missing < asked * (1 - 1e-9):
            hint = "a light label of which mass is hit with probability 1/(n+1), if its input is one of S?"
            raise Wrong(f"{told}: its mean missing mass is {missing:.5f}, not {asked:.5f} or more: {hint}")


@checker("ex-sl-1")
def worst_for_a_malicious_fill(answer: Any) -> str:
    """Check the teacher by its exact missing mass, and from which n on it exists."""

    def exists(n_inputs: int, n_labels: int) -> int:
        return next(n for n in range(10**4) if n_inputs * (n_labels - 2) <= n + 1)

    def first(value: Any) -> None:
        function(
            value,
            [(10, 11), (1, 3), (4, 6)],
            exists,
            names=("S", "A"),
            mistakes=[
                (lambda S, A: S * (A - 2), "the light labels have S(A - 2)/(n + 1) at most 1: n + 1, not n"),
                (lambda S, A: S * (A - 1) - 1, "of A labels one has mass 0 and one takes the rest"),
                (lambda S, A: S * (A - 1) / 2 - 1, "that is for pairs of buddies"),
                (lambda S, A: A - 3, "each light label has mass S/(n+1) at its input"),
            ],
        )

    named(answer, {"row": _worst_row, "first_n": first})
    return "right: the bound by the missing mass is reached, up to the S heavy pairs"


def _closed(size: int, n: int, delta: float) -> float:
    """Minimise over phi instead of inserting the best one."""
    log = np.log(1 / delta)

    def bound(log_phi: float) -> float:
        phi = np.exp(log_phi)
        return float(size / math.e * (1 + phi / 2) + log * (1 + 1 / phi))

    return float(minimize_scalar(bound, bracket=(-3, 3), tol=1e-12).fun / n)


@checker("ex-sl-2.2")
def tilted_in_closed_form(answer: Any) -> str:
    """Check the closed form, by a numerical minimum."""

    def changed(factor: float, log_too: bool = True) -> Any:
        def bound(K: int, n: int, delta: float) -> Any:
            log = np.log(1 / delta)
            return (K / math.e + np.sqrt(factor * K * log) + log * log_too) / n

        return bound

    def tilted(K: int, n: int, delta: float) -> float:
        log = np.log(1 / delta)
        theta = 1 - np.geomspace(1e-6, 0.9999, 20_001)
        return float((K * (1 - theta) ** (1 / theta - 1) + log / theta).min() / n)

    function(
        answer,
        [(110, 1000, 0.05), (10, 1, 1e-6), (2500, 7, 0.1)],
        _closed,
        names=("K", "n", "delta"),
        mistakes=[
            (changed(2 / math.e, log_too=False), "1/θ = 1 + 1/φ: its 1 leaves another L"),
            (changed(2), "the first part is K/e, so that the root has an e as well"),
            (changed(1 / math.e), "at the best φ both parts are equal, and their sum is twice one of them"),
            (
                lambda K, n, delta: n * _closed(K, n, delta),
                "the bound is on m₀, not on n m₀: divide by n",
            ),
            (lambda K, n, delta: float(bounds.lemma_e_7(n_letters=K, n_samples=n, delta=delta)), "that is Lemma E.7"),
        ],
        rtol=1e-7,
    )
    return f"right; the best θ itself gives {tilted(110, 1000, 0.05):.4f} at (110, 1000, 0.05), a little less"


@checker("ex-sl-2.3")
def over_lemma(answer: Any) -> str:
    """Check Lemma E.7 over the closed form."""
    factor = float(bounds.lemma_e_7(n_letters=110, n_samples=1, delta=0.05)) / _closed(110, 1, 0.05)
    number(answer, factor, mistakes=[(1 / factor, "turn it around: the lemma is the larger bound")])
    return "right"


@checker("ex-sl-3.1")
def share_of_the_drawn(answer: Any) -> str:
    """Check the minimiser's mass, by minimising u log u."""
    share = minimize_scalar(lambda u: u * np.log(u), bounds=(1e-6, 1), options={"xatol": 1e-10}).x
    number(
        answer,
        share,
        mistakes=[
            (1.0, "that is the minimiser among policies that live on B"),
            (0.0, "at π = 0 the derivative is -∞: some mass on B lowers the entropy"),
            (1 - share, "that is what leaves B"),
            (-share, "that is the value of the minimum"),
        ],
    )
    return "right: every drawn label is told to have e times what it gets"


@checker("ex-sl-3.2")
def risk_of_the_careless(answer: Any) -> str:
    """Check the risk of the policy that gives B too little."""
    teacher = Teacher([1.0], [[0.6, 0.4, 0.0]])
    grid = np.linspace(1e-4, 1, 100_001)
    best = grid[np.argmin(grid * np.log(grid))]
    risk = float(conditional_tv([[0.6 * best, 0.4 * best, 1 - best]], teacher))
    number(
        answer,
        risk,
        mistakes=[
            (1 - risk, "that is what stays on B, where all of the teacher is"),
            (2 * risk, "total variation is half of the sum of absolute differences"),
            (0.0, "the label of mass 0 gets what the others lose"),
        ],
    )
    return "right, and more data do not help"


@checker("ex-sl-4.1")
def floor_of_rounding(answer: Any) -> str:
    """Check the floor, by the teacher for which it is reached."""

    def reached(eps: float) -> float:
        row = np.array([0.5, 0.3, 0.2, 0.0])
        told = row * np.exp(-eps)
        told[-1] = 1 - told.sum()
        return float(conditional_tv([told], Teacher([1.0], [row])))

    function(
        answer,
        [(0.05,), (0.5,), (1.0,)],
        reached,
        names=("eps",),
        mistakes=[
            (
                np.expm1,
                "true, but there is a smaller one: TV is also the sum of the positive parts of the teacher's row "
                "minus the student's",
            ),
            (lambda eps: eps, "that is right to first order; which function of ε is the smallest?"),
            (lambda eps: np.sinh(eps), "true, but there is a smaller one: count only where the student has too little"),
            (lambda eps: np.expm1(eps) / 2, "too small for a teacher with a label of mass 0, all others rounded down"),
        ],
    )
    return "right: no student that matches rounded numbers is told more"


@checker("ex-sl-4.2")
def risk_after_rounding(answer: Any) -> str:
    """Check the risk once every label has been drawn."""
    weights = np.array([1 / k for k in range(1, 12)])
    row = weights / weights.sum()
    told = np.array([np.exp(round(np.log(p), 1)) for p in row])
    risk = float(conditional_tv([told / told.sum()], Teacher([1.0], [row])))
    raw = float(np.abs(told - row).sum() / 2)
    number(
        answer,
        risk,
        mistakes=[
            (2 * risk, "total variation is half of the sum of absolute differences"),
            (raw, "the student's row sums to one: divide by the sum first"),
            (1 - np.exp(-0.05), "that is the floor, the worst case"),
        ],
        rtol=1e-2,
    )
    return "right, and far below the floor: errors of both signs cancel"
