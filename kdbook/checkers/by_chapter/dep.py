"""Checkers of the chapter "Dependent samples"."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.stats import binom

from kdbook.checkers.compare import choice, integer, named, number
from kdbook.checkers.registry import checker

_ONEGIN = np.array([[0.337, 0.663], [0.872, 0.128]])  # the next letter, after a consonant and after a vowel


@checker("ex-dep-1.2")
def circle(answer: Any) -> str:
    """Check both students on the circle, the counter by its exact mean error at many rounds."""
    size, rounds = 20, 20_000
    k = np.arange(rounds + 1)
    exact = float(binom.pmf(k, rounds, 0.5) @ np.abs(k / rounds - 0.5))
    limit = exact * float(np.sqrt(rounds * size))
    named(
        answer,
        {
            "tokens": lambda value: integer(
                value,
                size,
                mistakes=[(size + 1, "one round is enough"), (size - 1, "one input is still unseen")],
            ),
            "limit": lambda value: number(
                value,
                limit,
                mistakes=[
                    (limit / size**0.5, "each input has n/S labels, not n"),
                    (2 * limit, "TV is half of the sum over both labels"),
                    (size**0.5 / 2, "that is the root of the mean square: the mean of |error| is asked for"),
                ],
            ),
        },
    )
    return "right"


@checker("ex-dep-1.3")
def no_forgetting(answer: Any) -> str:
    """Check for which t the proposition applies."""
    choice(
        answer,
        "none",
        {
            "all": "t steps later the input is a fixed one: which other inputs have no mass?",
            "multiples of S": "after S steps the input is where it was, and nowhere else",
        },
    )
    return "right: a circle explores without forgetting"


@checker("ex-dep-2.1")
def steadier_count(answer: Any) -> str:
    """Check the simulated ratio of variances, by adding up covariances of 1000 letters."""
    delta = _ONEGIN[0, 0] + _ONEGIN[1, 1] - 1
    lag = np.arange(1, 1000)
    ratio = float(1 + 2 * np.sum((1 - lag / 1000) * delta**lag))
    number(
        answer,
        ratio,
        mistakes=[
            (1 / ratio, "this is the independent variance over that of the text: turn it around"),
            (1.0, "that is independence: the letters must follow each other"),
            (ratio**0.5, "that is a ratio of standard deviations: square it"),
        ],
        rtol=0.1,
    )
    return "right, and close to (1 + δ) / (1 - δ)"


def _wait(K: Any) -> float:
    """Return the mean time until both inputs are seen: the sum over n of the probability that one is missing."""
    share = K[0, 1] / (K[0, 1] + K[1, 0])
    start, total, n = np.array([1 - share, share]), 1.0, np.arange(400)
    for s in (0, 1):
        total += float(np.sum(start[s] * K[s, s] ** n))
    return total


@checker("ex-dep-2.2")
def both_seen(answer: Any) -> str:
    """Check the waits, by summing probabilities."""
    share = _ONEGIN[0, 1] / (_ONEGIN[0, 1] + _ONEGIN[1, 0])
    text, draws = _wait(_ONEGIN), _wait(np.array([[1 - share, share]] * 2))
    named(
        answer,
        {
            "text": lambda value: number(
                value, text, mistakes=[(text - 1, "count the first letter, too"), (draws, "those are the draws")]
            ),
            "draws": lambda value: number(
                value, draws, mistakes=[(draws - 1, "count the first draw, too"), (text, "that is the text")]
            ),
        },
    )
    return "right: a text sees both sooner"


@cache
def _pairs_missing(n: int, kappa: float) -> float:
    """Return the missing mass of pairs of the sticky teacher with S = A = 20, by powers of 2 x 2 matrices."""
    rho = 1 / np.arange(1, 21)
    rho /= rho.sum()
    p, copies = np.array([0.15, 0.025]), np.array([4, 16])
    r, q = rho[:, np.newaxis], 1 - p
    step = np.empty((20, 2, 2, 2))  # from and to: at the input and its label missed, elsewhere
    step[..., 0, 0] = (kappa + (1 - kappa) * r) * q
    step[..., 0, 1] = (1 - kappa) * (1 - r)
    step[..., 1, 0] = (1 - kappa) * r * q
    step[..., 1, 1] = kappa + (1 - kappa) * (1 - r)
    start = np.stack([r * q, np.broadcast_to(1 - r, (20, 2))], axis=-1)
    missed = np.einsum("spi,spij->sp", start, np.linalg.matrix_power(step, n - 1))
    return float((r * p * copies * missed).sum())


@checker("ex-dep-3.2")
def worth_repeating(answer: Any) -> str:
    """Check the best stickiness for three costs of a change, on the grid of the exercise."""
    grid = np.linspace(0, 0.98, 50)

    def best(cost: float) -> float:
        return float(grid[np.argmin([_pairs_missing(int(1000 / (1 + cost * (1 - k))), k) for k in grid])])

    free, one, ten = best(0), best(1), best(10)
    named(
        answer,
        {
            "free": lambda value: number(
                value, free, mistakes=[(ten, "that is for dear changes: free ones are never worth skipping")], atol=1e-6
            ),
            "one": lambda value: number(value, one, atol=1e-6),
            "ten": lambda value: number(
                value,
                ten,
                mistakes=[(0.0, "then the budget buys 1000/11 tokens only"), (0.98, "too few inputs")],
                atol=1e-6,
            ),
        },
    )
    return "right"
