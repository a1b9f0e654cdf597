"""Checkers of the chapter "A real classifier"."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import log_softmax

from kdbook.checkers.compare import array, integer, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdcore import Teacher, samples_needed
from kdcore._types import Floats
from kdcore.exact import ce_ptl_limit

ROW = np.array([0.5, 0.3, 0.2])


@checker("ex-dig-1.1")
def answers_of_the_copier(answer: Any) -> str:
    """Check it by the search for an exact risk: 0.6 is the distance of the even row from a row of five labels."""
    row = [0.8, 0.2 / 4, 0.2 / 4, 0.2 / 4, 0.2 / 4]
    right = samples_needed(Teacher(np.full(1000, 1e-3), [row] * 1000), 0.06, "ce_ful").n_samples or 0
    integer(
        answer,
        right,
        mistakes=[
            (right - 1, "one fewer is not enough yet"),
            (2812, "the risk begins at 0.6, not at 1"),
            (1000, "draws repeat pictures: some are still missing after 1000 answers"),
            (900, "draws repeat pictures: it takes more than 900 answers to meet 900 of them"),
        ],
    )
    return "right"


@checker("ex-dig-1.2")
def answers_for_half(answer: Any) -> str:
    """Check it by how many answers a thousand halvings cost."""
    right = np.log(2.0**-1000) / np.log1p(-1e-3) / 1000
    number(
        answer,
        right,
        rtol=2e-3,
        mistakes=[
            (np.log(10) / -np.log1p(-1e-3), "that is the cost of a tenth, not of a half"),
            (1000, "S is the cost of a factor e"),
            (500, "halving the risk takes a factor of the number of pictures that is log 2"),
        ],
    )
    return "right: about S log 2, however small the risk is already"


@checker("ex-dig-2.1")
def limit_of_the_weigher(answer: Any) -> str:
    """Check the row by a weigher with very many answers."""
    counts = 10**6 * ROW
    right = counts * ROW / (counts * ROW).sum()
    array(
        answer,
        right,
        rtol=5e-3,
        mistakes=[
            (ROW, "that is the teacher's row: the weigher multiplies counts by probabilities once more"),
            (ROW**2, "divide the squares by their sum"),
            (np.sqrt(ROW) / np.sqrt(ROW).sum(), "the square, not the root"),
        ],
    )
    return "right"


@checker("ex-dig-2.2")
def distance_of_the_limit(answer: Any) -> str:
    """Check it by the limit that kdcore computes."""
    right = ce_ptl_limit(Teacher([1.0], [ROW]))
    number(answer, right, mistakes=[(2 * right, "total variation is half the sum of all errors")])
    return "right"


@checker("ex-dig-2.3")
def temperature_of_the_limit(answer: Any) -> str:
    """Check that the network at this temperature says the row of part 1."""
    logits = 4 * np.log(ROW)
    rows = {t: np.exp(log_softmax(logits / t)) for t in (1.0, 2.0, 4.0, 8.0)}
    right = min(rows, key=lambda t: float(np.abs(rows[t] - ROW**2 / (ROW**2).sum()).sum()))
    number(
        answer,
        right,
        mistakes=[
            (8.0, "a higher temperature makes rows more even; the square is less even"),
            (16.0, "it is not the temperature that is squared"),
            (0.5, "half the temperature of this teacher, which is not 1"),
            (1.0, "the teacher at temperature 4 would have to be raised to the fourth power"),
        ],
    )
    return "right: half the temperature"


def _gap(scores: Floats, counts: Floats, pi: Floats) -> tuple[Floats, Floats]:
    logs = log_softmax(scores, axis=1)
    return np.where(counts > 0, counts * (logs - np.log(pi)), 0.0), logs


def _difference_quotient(scores: Floats, counts: Floats, pi: Floats) -> Floats:
    """Return the gradient by complex steps, which lose no digits."""
    result = np.empty(scores.shape)
    for place in np.ndindex(scores.shape):
        moved = scores.astype(complex)
        moved[place] += 1e-30j
        logs = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))
        result[place] = (counts * (logs - np.log(pi)) ** 2).sum().imag / 2e-30
    return result


def _without_normaliser(scores: Floats, counts: Floats, pi: Floats) -> Floats:
    return _gap(scores, counts, pi)[0]


def _twice(scores: Floats, counts: Floats, pi: Floats) -> Floats:
    return 2 * _difference_quotient(scores, counts, pi)


def _uphill(scores: Floats, counts: Floats, pi: Floats) -> Floats:
    return -_difference_quotient(scores, counts, pi)


def _of_the_counter(scores: Floats, counts: Floats, pi: Floats) -> Floats:
    return np.asarray(counts.sum(axis=1, keepdims=True) * np.exp(log_softmax(scores, axis=1)) - counts)


CASES = [
    (np.array([[0.0, 0.0]]), np.array([[1.0, 0.0]]), np.array([[0.75, 0.25]])),
    (np.array([[1.0, -1.0, 0.5]]), np.array([[3.0, 0.0, 1.0]]), np.array([[0.25, 0.25, 0.5]])),
    (
        np.array([[0.5, 0.0, -1.0], [2.0, 1.0, 0.0]]),
        np.array([[1.0, 2.0, 0.0], [0.0, 0.0, 4.0]]),
        np.array([[0.5, 0.125, 0.375], [0.25, 0.5, 0.25]]),
    ),
]


@checker("ex-dig-3")
def gradient_of_the_matcher(answer: Any) -> str:
    """Check it against complex difference quotients of the loss."""
    function(
        answer,
        CASES,
        _difference_quotient,
        names=("scores", "counts", "pi"),
        mistakes=[
            (_without_normaliser, "a score also changes the normaliser, and so every logarithm of its row"),
            (_twice, "the loss has a factor 1/2"),
            (_uphill, "that is the direction in which the loss falls: the gradient has the other sign"),
            (_of_the_counter, "that is the gradient of the counter's cross-entropy"),
        ],
    )
    return "right"
