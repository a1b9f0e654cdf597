"""Checkers of the chapter "Missing mass"."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from kdbook.checkers.compare import array, as_number, choice, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong
from kdcore import bounds, expected_missing_mass


@checker("ex-mm-1")
def two_letters(answer: Any) -> str:
    """Check the largest expected missing masses of a coin, and the worst coin of four tosses."""
    tosses = [1, 2, 3, 4]
    fair = [expected_missing_mass([0.5, 0.5], n) for n in tosses]
    one_side = bounds.lemma_e_5(n_samples=tosses)
    found = minimize_scalar(
        lambda p: -expected_missing_mass([p, 1 - p], 4), bounds=(0.05, 0.45), options={"xatol": 1e-9}
    )
    named(
        answer,
        {
            "largest": lambda value: array(
                value,
                bounds.max_missing_mass(n_letters=2, n_samples=tosses),
                mistakes=[
                    (fair, "these are the fair coin's; from some n on another coin is worse"),
                    (one_side, "this is the missing mass of one side alone: either side can be missed"),
                    (2 * one_side, "both sides cannot be at the worst mass 1/(n+1) at once"),
                ],
                rtol=2e-3,
            ),
            "p": lambda value: _coin(value, float(found.x)),
        },
    )
    return "right: from four tosses on the worst coin is a biased one"


def _coin(answer: Any, right: float) -> None:
    value = as_number(answer)
    if not 0 <= value <= 1:
        raise Wrong(f"{value:.6g} is not a probability")
    number(
        min(value, 1 - value),
        right,
        mistakes=[
            (0.2, "1/(n+1) is worst for one side alone; with both sides it is only near"),
            (0.5, "the fair coin is the worst for n ≤ 3"),
            (1 / 6, "that is p(1-p); solve for p"),
        ],
    )


@cache
def _good_turing() -> tuple[Any, float, float]:
    """Return a few count tables, and how often the estimate is within √K/n, and within ten times that."""
    law = 1 / np.arange(1, 101)
    law /= law.sum()
    counts = np.random.default_rng(53).multinomial(1000, law, 20_000)
    gap = np.abs((counts == 1).sum(axis=1) / 1000 - (counts == 0) @ law)
    return counts[:4], float(np.mean(gap <= 0.01)), float(np.mean(gap <= 0.1))


@checker("ex-mm-2.2")
def seeing_what_is_missing(answer: Any) -> str:
    """Check Turing's estimate, and how often it is close."""
    counts, close, within_a_tenth = _good_turing()
    other = np.array([[1, 1, 1, 0, 0], [3, 0, 1, 1, 2]])
    named(
        answer,
        {
            "estimate": lambda value: function(
                value,
                [(counts,), (other,)],
                lambda c: np.array([np.count_nonzero(row == 1) / row.sum() for row in c]),
                names=["counts"],
                mistakes=[
                    (lambda c: (c == 1).sum(axis=1), "divide by n, the number of draws"),
                    (lambda c: (c == 1).mean(axis=1), "divide by n, the number of draws, not by K, that of letters"),
                    (lambda c: (c == 0).sum(axis=1) / c.sum(axis=1), "count letters drawn once, not those never drawn"),
                    (lambda c: (c == 1).sum(axis=1) / 1000, "n is the sum of a row of counts, here not always 1000"),
                ],
            ),
            "share": lambda value: number(
                _share(value),
                close,
                mistakes=[
                    (1 - close, "that is how often it is farther away"),
                    (within_a_tenth, "√K/n is 0.01, not 0.1"),
                ],
                rtol=0.0,
                atol=0.01,
            ),
        },
    )
    return "right: in nine of ten data sets, without knowing the law"


def _share(answer: Any) -> float:
    value = as_number(answer)
    if not 0 <= value <= 1:
        raise Wrong(f"a share is between 0 and 1, got {value:.6g}")
    return value


@checker("ex-mm-2.3")
def who_can_see(answer: Any) -> str:
    """Check which protocol lets a student compute its missing mass."""
    named(
        answer,
        {
            "at_an_input": lambda value: choice(
                value,
                "partial",
                {
                    "hard": "counts are told, but no probability; it can only be estimated",
                    "soft": "soft labels are enough, but less is enough, too",
                    "none of them": "add up the probabilities that were told: what is the rest?",
                },
            ),
            "of_inputs": lambda value: choice(
                value,
                "none of them",
                dict.fromkeys(("hard", "partial", "soft"), "who tells the student ρ?"),
            ),
        },
    )
    return "right: ρ is told under no protocol"


def _best(n_letters: float, log: float) -> float:
    """Return the least bound over θ, with the worst mass of a letter found numerically as well."""

    def cost(theta: float) -> float:
        top = minimize_scalar(
            lambda t: np.exp(-t) - np.exp(-(1 - theta) * t), bounds=(0.5, 2 + 1 / (1 - theta)), options={"xatol": 1e-9}
        )
        return float((log - n_letters * top.fun) / theta)

    return float(minimize_scalar(cost, bounds=(1e-3, 1 - 1e-6), options={"xatol": 1e-7}).fun)


@checker("ex-mm-3.3")
def best_theta(answer: Any) -> str:
    """Check the bound on n times the missing mass with the best θ."""

    def ours(n_letters: int, log: float) -> float:
        return float(bounds.missing_mass_tail(n_letters=n_letters, n_samples=1, delta=np.exp(-log)))

    function(
        answer,
        [(10, 3.0), (100, 7.0), (1000, 20.0)],
        _best,
        names=("K", "L"),
        mistakes=[
            (ours, "this is the bound of the chapter; minimise without the bound on (1-θ)^(1/θ-1)"),
            (lambda K, L: ours(K, L) - L / 4, "this is the bound of part 1; minimise without it"),
            (lambda K, L: _best(K, L) - K / math.e, "this is what comes on top of K/e"),
        ],
        rtol=1e-5,
    )
    return "right, and only a few per cent below part 1 where L < K"


def _power_slope(alpha: float) -> float:
    """Return the local slope at n near 10^9 of the integral that the sum over letters tends to."""

    def mean(log_n: float) -> float:
        edge = log_n / alpha
        return float(
            quad(
                lambda y: np.exp(-(alpha - 1) * (y - edge) - np.exp(-alpha * (y - edge))),
                0,
                edge + 40 / (alpha - 1),
                points=[edge],
                limit=200,
            )[0]
            * np.exp(-(alpha - 1) * edge)
        )

    low, high = 20.0, 21.0
    return float(np.log(mean(high) / mean(low)) / (high - low))


@checker("ex-mm-4.1")
def power_laws(answer: Any) -> str:
    """Check the slope of the expected missing mass of a power law."""
    function(
        answer,
        [(1.5,), (2.0,), (3.0,)],
        _power_slope,
        names=["alpha"],
        mistakes=[
            (lambda alpha: -1.0, "K/(en) needs a finite alphabet: how many letters have a mass above 1/n?"),
            (lambda alpha: -1 / alpha, "that is the mass of the lightest letter seen, times n: add up all beyond it"),
            (lambda alpha: 1 - alpha, "that is the mass beyond letter n; the letters seen end near n^(1/α)"),
        ],
        rtol=1e-3,
    )
    return "right: slower than 1/n for every α"
