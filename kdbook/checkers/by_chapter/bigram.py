"""Checkers of the chapter "A real language model's table"."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from kdbook.checkers.compare import array, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdcore import LEARNERS, Teacher, censored_counter, expected_risk
from kdcore.exact import ce_ptl_limit

ROW = np.array([0.5, 0.3, 0.2, 0.0])


@checker("ex-bigram-1.1")
def limit_of_the_weigher(answer: Any) -> str:
    """Check the squared row, and its distance by the package's limit."""
    square = ROW * ROW / (ROW @ ROW)
    distance = ce_ptl_limit(Teacher([1.0], [ROW]))
    named(
        answer,
        {
            "limit": lambda value: array(
                value,
                square,
                mistakes=[
                    (ROW**2, "a row must sum to 1: divide by the sum of the squares"),
                    (ROW, "that is the table's row"),
                ],
                atol=5e-4,
            ),
            "distance": lambda value: number(
                value, distance, mistakes=[(2 * distance, "total variation is half the sum of all errors")]
            ),
        },
    )
    return "right: the likeliest word gains, and the others lose"


@checker("ex-bigram-1.2")
def pairs_until_it_came(answer: Any) -> str:
    """Check the mean number of pairs, from the expected count after many."""
    count = 10_000 * ROW[2] / 250
    number(
        answer,
        10_000 / count,
        mistakes=[
            (5, "that is in visits to new, and new is one input in 250"),
            (250, "that is how long one waits for new; only one in five is followed by year"),
            (50, "rare times rare: divide by both probabilities"),
        ],
    )
    return "right"


@cache
def _kept(rho: tuple[float, ...], pi: tuple[tuple[float, ...], ...], k: int) -> float:
    """Return the ratio of the two exact risks after very many draws, which is the share up to less than 1e-4."""
    teacher, n = Teacher(rho, pi), 10**10
    return expected_risk(teacher, n, censored_counter(k)) / expected_risk(teacher, n, LEARNERS["ce_sgl"])


@checker("ex-bigram-1.3")
def share_by_hand(answer: Any) -> str:
    """Check the share by the exact risks of both students."""
    number(
        answer,
        _kept((1.0,), (tuple(ROW.tolist()),), 1),
        mistakes=[
            (0.5, "that is the mass below the top one; the share is one of errors of counts"),
            (
                (np.sqrt(0.21) + 0.4) / (0.5 + np.sqrt(0.21) + 0.4),
                "below the top one the mass is known: each variance is that of a share of it",
            ),
        ],
    )
    return "right: half of the mass, and half of the errors"


def _price(table: Any, shift: int = 1, first: bool = False) -> float:
    """Return the least t/alpha from powers of the table, or that of the first t with a positive alpha."""
    K = np.asarray(table, dtype=float)
    d = np.linalg.matrix_power(0.5 * (K + np.eye(len(K))), 2**12)[0]
    found = [(t, float((np.linalg.matrix_power(K, t - shift) / d).min())) for t in range(1, 31)]
    prices = [t / alpha for t, alpha in found if alpha > 1e-12]
    return (prices[0] if first else min(prices)) if prices else math.inf


def _tables() -> list[Any]:
    rng = np.random.default_rng(7)
    ring = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    lazy = 0.7 * ring + 0.3 * np.eye(3)
    return [rng.dirichlet(np.ones(4), 4), lazy, ring, rng.dirichlet(np.full(5, 0.5), 5)]


@checker("ex-bigram-2")
def price_of_a_word(answer: Any) -> str:
    """Check on random tables, a slow ring and a ring that never forgets."""
    function(
        answer,
        [(table,) for table in _tables()],
        _price,
        names=("K",),
        mistakes=[
            (lambda table: _price(table, shift=0), "the present label is the next input: one step is already known"),
            (lambda table: _price(table, first=True), "look for the least, not for the first t with a positive alpha"),
        ],
    )
    return "right: and it is infinite for a table that never forgets"


def _share(rho: Any, pi: Any, k: int, known: bool = True, weight: float = 0.5) -> float:
    """Return a ratio of constants by loops over the rows; the switches make usual mistakes."""
    totals = []
    for told in (k, 0):
        total = 0.0
        for r, row in zip(rho, pi, strict=True):
            below = sorted(row)[: len(row) - told]
            mass = sum(below) if known else 1.0
            total += r**weight * sum(math.sqrt(max(p * (1 - p / mass), 0.0)) for p in below)
        totals.append(total)
    return totals[0] / totals[1]


def _teachers() -> list[tuple[Any, Any, int]]:
    rng = np.random.default_rng(11)
    sizes = [(1, 5, 1), (3, 6, 2), (4, 8, 3)]
    return [(rng.dirichlet(np.full(S, 3.0)), rng.dirichlet(np.ones(A), S), k) for S, A, k in sizes]


@checker("ex-bigram-3")
def share_that_stays(answer: Any) -> str:
    """Check against the ratio of exact risks after 10^10 draws."""

    def right(rho: Any, pi: Any, k: int) -> float:
        return _kept(tuple(rho.tolist()), tuple(map(tuple, pi.tolist())), k)

    function(
        answer,
        _teachers(),
        right,
        names=("rho", "pi", "k"),
        mistakes=[
            (lambda rho, pi, k: _share(rho, pi, k, known=False), "divide by the mass below the top k: it is known"),
            (lambda rho, pi, k: _share(rho, pi, k, weight=1.0), "inputs count with the root of their probability"),
        ],
        rtol=1e-3,
    )
    return "right: it is the ratio of the exact risks after ten thousand million draws"
