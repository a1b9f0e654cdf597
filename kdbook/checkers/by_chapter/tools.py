"""Checkers of the chapter "Tools"."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import lambertw
from scipy.stats import binom

from kdbook.checkers.compare import integer, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdcore import bounds


@checker("ex-tools-1.1")
def where_pinsker_wins(answer: Any) -> str:
    """Check up to which divergence Pinsker's inequality is the best."""
    first = float(np.real(2 + lambertw(-2 * np.exp(-2))))
    second = brentq(lambda k: np.sqrt(k / 2) - float(bounds.lemma_e_2(k)), 1, 2)
    empty = (2.0, "there Pinsker's bound is 1, and the other one was better before")
    named(
        answer,
        {
            "below_first": lambda value: number(
                value, first, rtol=1e-3, mistakes=[empty, (second, "that is for the second form; the first is better")]
            ),
            "below_second": lambda value: number(
                value, second, rtol=1e-3, mistakes=[empty, (first, "that is for the first form; the second is weaker")]
            ),
        },
    )
    return "right: against the weaker form Pinsker's stays ahead a little longer"


@checker("ex-tools-1.2")
def overlaps_at_one_half(answer: Any) -> str:
    """Check three bounds on the overlap at divergence 1/2, and the factor of Theorem 3.1 with the best of them."""
    weak = 1 - float(bounds.lemma_e_2(0.5))
    strong = 1 - np.sqrt(-np.expm1(-0.5))
    paper = float(bounds.theorem_3_1(n_inputs=1, n_labels=4, n_samples=10_000)) / 0.02
    distance = "that is the bound on the total variation; the overlap is one minus it"
    named(
        answer,
        {
            "pinsker": lambda value: number(
                value, 0.5, mistakes=[(0.75, "√(KL/2) at KL = 1/2 is 1/2"), (0.25, "take the root of KL/2")]
            ),
            "first": lambda value: number(value, strong, mistakes=[(1 - strong, distance)]),
            "second": lambda value: number(
                value, weak, mistakes=[(1 - weak, distance), (2 * weak, "there is a factor 1/2 before the exponential")]
            ),
            "factor": lambda value: number(
                value,
                paper * 0.5 / weak,
                mistakes=[
                    (paper, "that is the factor with the second form"),
                    (paper * strong / weak, "that is the factor with the first form"),
                    (1 / 8, "that is what stands before the overlap; multiply by the overlap"),
                    (paper * weak / 0.5, "the larger overlap gives the larger factor"),
                ],
            ),
        },
    )
    return "right: where the divergence is small, Pinsker's is the better tool"


def _differences(n_letters: int, n: int, delta: float) -> float:
    return float(np.sqrt((n_letters - 1) / n) / 2 + np.sqrt(np.log(1 / delta) / (2 * n)))


def _first(delta: float) -> int:
    n = 10**6
    return next(
        k
        for k in range(2, 3000)
        if _differences(k, n, delta) < float(bounds.lemma_e_4(n_letters=k, n_samples=n, delta=delta))
    )


@checker("ex-tools-2")
def union_or_differences(answer: Any) -> str:
    """Check from which alphabet on bounded differences win, and both constants."""
    low, high = _first(0.05), _first(1e-6)
    huge = 10**12
    union = float(bounds.lemma_e_4(n_letters=huge, n_samples=huge, delta=0.05))
    differences = _differences(huge, huge, 0.05)

    def first(right: int, other: int, value: Any) -> int:
        mistakes = [
            (right - 1, "there E.4 is still the smaller one"),
            (right + 1, "it is smaller already for one letter less"),
            (other, "that is for the other δ"),
        ]
        return integer(value, right, mistakes=mistakes)

    named(
        answer,
        {
            "first_05": partial(first, low, high),
            "first_6": partial(first, high, low),
            "union": lambda value: number(
                value,
                union,
                rtol=1e-3,
                mistakes=[
                    (np.sqrt(np.log(2)), "divide by 2 under the root"),
                    (np.log(2) / 2, "take the root"),
                    (differences, "that is the factor of bounded differences"),
                ],
            ),
            "differences": lambda value: number(
                value, differences, rtol=1e-3, mistakes=[(union, "that is the factor of E.4"), (1.0, "halve it: E.3")]
            ),
        },
    )
    return "right: on large alphabets the union bound pays a factor 1.18 for ever"


@checker("ex-tools-3.1")
def two_reciprocals(answer: Any) -> str:
    """Check the mean of 1/((X+1)(X+2)) over its bound, by summing over the count."""

    def ratio(n: int, p: float) -> float:
        k = np.arange(n + 1)
        mean = binom.pmf(k, n, p) @ (1 / ((k + 1) * (k + 2)))
        return float(mean * p**2 * (n + 1) * (n + 2))

    function(
        answer,
        [(1, 0.3), (5, 0.2), (30, 0.1), (50, 0.9)],
        ratio,
        names=("n", "p"),
        mistakes=[
            (lambda n, p: 1 / ratio(n, p), "this is right side over left side"),
            (lambda n, p: 1.0, "the bound is no equality: which terms of the sum are missing?"),
            (lambda n, p: binom.sf(0, n + 2, p), "the sum begins at k = 0, where k + 2 = 2: at least 2"),
            (
                lambda n, p: binom.sf(2, n + 2, p),
                "binom.sf(2, ...) is the probability of more than 2, that is at least 3",
            ),
            (lambda n, p: binom.sf(1, n, p), "the binomial law is that of n + 2 draws"),
            (lambda n, p: ratio(n, p) / (p**2 * (n + 1) * (n + 2)), "this is the left side: divide by the right side"),
        ],
    )
    return "right: the probability that Bin(n + 2, p) is at least 2"


@checker("ex-tools-3.2")
def best_constant(answer: Any) -> str:
    """Check the constant for many expected draws."""
    n, p = 20_000, 0.5
    k = np.arange(n + 1)
    limit = float(binom.pmf(k, n, p) @ (1 / (k + 1.0) ** 2) * p**2 * (n + 1) * (n + 2))
    number(
        answer,
        limit,
        mistakes=[
            (2, "(X+2)/(X+1) is 2 only at X = 0, which hardly happens"),
            (1.5, "(X+2)/(X+1) is 3/2 at X = 1; X is much larger"),
            (0, "the right side falls as fast as the left one"),
        ],
    )
    return "right: a large count hardly fluctuates"
