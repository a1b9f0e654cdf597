"""Checkers of the chapter "Table 1, measured"."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from kdbook.checkers.compare import choice, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdcore import expected_risk, fit_rate, instance_2, simulate_risk

_NEAR, _FAR = 2, 100
"""Samples per pair of the chapter's two grids, at the largest size."""


def _log_risk(S: float, A: float, n: float) -> float:
    return float(np.log((S - 1) / n * (1 - 1 / A - S * (A - 1) / (2 * (n + 1)))))


def _exponent(S: float, A: float, n: float, step: float = 1e-5) -> float:
    ends = [_log_risk(S * np.exp(move), A, n) for move in (step, -step)]
    return (ends[0] - ends[1]) / (2 * step)


def _share(S: float, A: float, n: float) -> float:
    y = S * (A - 1) / (2 * (n + 1))
    return float(y / (1 - 1 / A - y))


@checker("ex-tab1-1.2")
def exponent_of_inputs(answer: Any) -> str:
    """Check the local exponent of S in the formula of the copier, by differences, and where it is 1."""
    sizes = [(10, 11, 500), (4, 33, 1000), (50, 9, 20_000)]
    named(
        answer,
        {
            "exponent": lambda value: function(
                value,
                sizes,
                _exponent,
                names=("S", "A", "n"),
                mistakes=[
                    (lambda S, A, n: S / (S - 1) + _share(S, A, n), "the last factor falls as S grows: a minus"),
                    (lambda S, A, n: S / (S - 1), "S is in the last factor, too"),
                    (lambda S, A, n: 1 - _share(S, A, n), "the first factor is S - 1, not S"),
                    (lambda S, A, n: 1 / (S - 1) - _share(S, A, n) / S, "d log(risk) / dS is still to be times S"),
                ],
                rtol=1e-5,
            ),
            "n_plus_1": lambda value: function(
                value,
                [(10, 11), (4, 33), (50, 9)],
                lambda S, A: S**2 * A / 2,
                names=("S", "A"),
                mistakes=[
                    (lambda S, A: S**2 * A / 2 - 1, "this is n; n + 1 is asked for"),
                    (
                        lambda S, A: S * A / 2,
                        "a factor S is missing: 1/(S - 1) = y/(1 - 1/A - y) gives y = (1 - 1/A)/S",
                    ),
                    (lambda S, A: S**2 * (A - 1) / 2, "there is still 1 - 1/A to divide by"),
                ],
            ),
        },
    )
    return "right: about S/2 samples per pair, and then two errors cancel"


@cache
def _data_sets() -> float:
    """Return how many data sets a point the exponent of A needs, from a simulation with a seed of our own."""
    labels, repeats = np.array([9, 17, 33, 65]), 400
    n = _NEAR * 32 * 65
    points = [simulate_risk(instance_2(16, A, n), n, ["sel_ptl"], n_repeats=repeats, seed=A) for A in labels.tolist()]
    risk, error = (np.array([point[column].iloc[0] for point in points]) for column in ("risk", "std_error"))
    return repeats * (fit_rate(labels, risk, error).std_error / 0.005) ** 2


@checker("ex-tab1-2")
def data_sets_needed(answer: Any) -> str:
    """Check how many data sets a point the exponent of A needs."""
    right = _data_sets()
    number(
        answer,
        right,
        mistakes=[
            (right / 4, "that leaves two standard errors of 0.02: twice the precision takes four times the data"),
            (4 * right, "that leaves two standard errors of 0.005: 0.01 is asked for"),
            (float(np.sqrt(50 * right)), "the error falls with the root of the number of data sets: square the ratio"),
        ],
        rtol=0.2,
    )
    return "right, up to the noise of such an estimate; and the bend of the exponent is seven times as large"


@checker("ex-tab1-3.1")
def wrong_examiner(answer: Any) -> str:
    """Check the exponents of the counter on Instance 2 on the far grid."""
    last = _FAR * 32 * 65
    steps = np.array([0.25, 0.5, 1.0, 2.0])
    inputs, labels, samples = (16 * steps).astype(int), (32 * steps).astype(int) + 1, (_FAR * 16 * 33 * 4 * steps)
    grids = {
        "n": [(16, 33, int(n)) for n in samples],
        "S": [(int(S), 33, last) for S in inputs],
        "A": [(16, int(A), last) for A in labels],
    }
    values = {"n": samples, "S": inputs, "A": labels}

    def rule(name: str) -> Any:
        risk = [expected_risk(instance_2(*sizes), sizes[-1], "ce_sgl") for sizes in grids[name]]
        own = {"n": -0.5, "S": 0.5, "A": 0.5}[name]
        hint = "that is this student's exponent on Instance 1, its own examiner"
        right = fit_rate(values[name], risk).slope
        return lambda value: number(value, right, mistakes=[(own, hint)], rtol=0.0, atol=0.01)

    named(answer, {name: rule(name) for name in grids})
    return "right: the measurement is correct"


@checker("ex-tab1-3.2")
def what_explains(answer: Any) -> str:
    """Check which bound explains a fast rate of counting."""
    choice(
        answer,
        "(3.5)",
        {
            "Theorem 3.1": "a lower bound for the worst teacher cannot explain why another one is easy",
            "Theorem 3.2": "its average form does not look at the rows, and gives √(SA/n) here as well",
            "Theorem 4.4": "this is about another student",
        },
    )
    return "right: rows within O(1/n) of a vertex"


@checker("ex-tab1-4")
def heavy_tail(answer: Any) -> str:
    """Check the exponent of n for a power law of the labels."""
    function(
        answer,
        [(1.5,), (2.5,), (4.0,)],
        lambda tau: 1 / tau - 1,
        names=("tau",),
        mistakes=[
            (
                lambda tau: -1 / tau,
                "right for tau = 2 alone: the mass beyond a is of order a^(1 - tau), at a ≈ n^(1/tau)",
            ),
            (lambda tau: 1 - tau, "that is the exponent of a in the mass beyond a; now put a ≈ n^(1/tau)"),
            (lambda tau: -1.0, "that is the rate of teachers that move with n"),
            (lambda tau: 1 / tau, "that is the exponent of the border a; the mass beyond it is asked for"),
        ],
        rtol=1e-3,
    )
    return "right: between 0 and -1, and no A in it"
