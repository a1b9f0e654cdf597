"""Checkers of the chapter "Figure 1"."""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np

from kdbook.checkers.compare import as_number, kind, number
from kdbook.checkers.functions import call, function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong
from kdcore import Teacher, expected_risk, instance_0
from kdcore.exact import ce_ptl_limit


def _mixture(w: float, n_labels: int) -> Teacher:
    row = np.full(n_labels, (1 - w) / n_labels)
    row[0] += w
    return Teacher([1.0], [row])


@checker("ex-f1-1.1")
def plateau(answer: Any) -> str:
    """Check the plateau of the weigher as a function of the mixture's weight and the number of labels."""

    def squared(w: float, A: int) -> float:
        top, other = w + (1 - w) / A, (1 - w) / A
        return top**2 / (top**2 + (A - 1) * other**2)

    def apart(w: float, A: int) -> float:
        row = np.r_[w, np.full(A - 1, (1 - w) / (A - 1))]
        return float(row[0] ** 2 / (row @ row) - row[0])

    function(
        answer,
        [(0.5, 25), (0.2, 4), (0.9, 7)],
        lambda w, A: ce_ptl_limit(_mixture(w, A)),
        names=("w", "A"),
        mistakes=[
            (
                lambda w, A: squared(w, A),
                "that is the student's share of the favourite: subtract the teacher's share",
            ),
            (lambda w, A: squared(w, A) - w, "the favourite has w + (1 - w)/A: the uniform part falls on it, too"),
            (apart, "the uniform part falls on all A labels, on the favourite, too"),
            (lambda w, A: (A**2 - 1) / (2 * A * (A + 3)), "that is for w = 1/2 alone"),
        ],
    )
    return "right: 0 for w = 0 and for w = 1, and positive between"


@checker("ex-f1-1.2")
def many_labels(answer: Any) -> str:
    """Check the limit of the plateau for many labels."""
    function(
        answer,
        [(0.1,), (0.5,), (0.8,)],
        lambda w: ce_ptl_limit(_mixture(w, 200_000)),
        names=("w",),
        mistakes=[
            (lambda w: w, "the student answers the favourite alone; what it misses is the rest of the teacher"),
            (lambda w: 0.5, "that is for w = 1/2 alone"),
            (lambda w: 1.0, "that is what the student gives the favourite; the distance is asked for"),
        ],
        rtol=1e-3,
    )
    return "right: all that the teacher does not give its favourite"


@checker("ex-f1-1.3")
def worst_weight(answer: Any) -> str:
    """Check a weight that depends on A, by the plateau at a huge A."""
    last = 0.0
    for n_labels in (1e20, 1e100, 1e300):
        w = as_number(call(answer, n_labels, names=["A"]))
        if not 0 < w < 1:
            raise Wrong(f"w must lie between 0 and 1; at A = {n_labels:.0e} it is {w:.3g}")
        top = w + (1 - w) / n_labels
        last = 1 / (1 + n_labels * ((1 - w) / n_labels / top) ** 2) - top
    if last > 0.99:
        return "right: the student says one label, and the teacher hardly ever does"
    if abs(last - (1 - w)) < 1e-6:
        raise Wrong(f"at A = 1e300 the plateau is {last:.4f}, which is 1 - w: w must tend to 0")
    if abs(last - 0.5) < 0.01:
        raise Wrong("the plateau tends to 1/2: at w ~ 1/√A the squares of the favourite and of the rest balance")
    raise Wrong(f"at A = 1e300 the plateau is {last:.4f}: w tends to 0 too fast for the favourite to win")


@checker("ex-f1-2.1")
def perfect_after_one(answer: Any) -> str:
    """Check which rows the matcher knows after one sample."""
    rows = [
        [0.3, 0.7],
        [1.0],
        [0.25, 0.25, 0.25, 0.25],
        [0.0, 1.0, 0.0],
        [0.5, 0.5, 0.0],
        [0.5, 0.25, 0.25],
        [0.4, 0.3, 0.2, 0.1],
    ]
    for row in rows:
        given = call(answer, np.array(row), names=["row"])
        if not isinstance(given, bool | np.bool_):
            raise Wrong(f"the function must return True or False, got {kind(given)} for the row {row}")
        risk = expected_risk(Teacher([1.0], [row]), 1, "sel_ptl")
        if bool(given) != (risk < 1e-12):
            hint = "the two labels have the same probability, but one unseen label has none" if row == rows[4] else ""
            hint = hint or ("with two labels the other one follows" if row == rows[0] else f"its risk is {risk:.4g}")
            raise Wrong(f"it gives {bool(given)} for the row {row}: {hint}")
    return "right: one label, all alike, or no more than two"


def _base(row: list[float]) -> float:
    """Return the base of the exponential, from exact risks at large n."""
    low, high = (expected_risk(Teacher([1.0], [row]), n, "sel_ptl") for n in (250, 300))
    return float((high / low) ** (1 / 50))


@checker("ex-f1-2.2")
def base_with_a_zero(answer: Any) -> str:
    """Check the base for a row that has a label of probability 0."""
    number(
        answer,
        _base([0.4, 0.3, 0.2, 0.1, 0.0]),
        mistakes=[
            (0.7, "a label of probability 0 is unseen, too: 0.1 + 0 is the smallest sum"),
            (0.1, "that is q, the probability of a pair; the base is 1 - q"),
            (exp(-0.1), "1 - q, not exp(-q)"),
            (-log(0.9), "that is the rate in an exponent; the base is asked for"),
        ],
        rtol=1e-4,
    )
    return "right, also by exact risks"


@checker("ex-f1-2.3")
def base_with_a_tie(answer: Any) -> str:
    """Check the base for a row whose two rarest labels are alike."""
    number(
        answer,
        _base([0.4, 0.3, 0.2, 0.05, 0.05]),
        mistakes=[
            (0.9, "two labels of the same probability are no pair: if just these are unseen, the fill is exact"),
            (0.95, "no label has probability 0 any more"),
            (0.25, "that is q, the probability of a pair; the base is 1 - q"),
        ],
        rtol=1e-4,
    )
    return "right: it waits for one label more, and is faster for it"


@checker("ex-f1-3")
def gain_of_the_mean_row(answer: Any) -> str:
    """Check what knowing the mean row would save at inputs never drawn, from the rows themselves."""

    def per_input(S: int, A: int) -> float:
        rows = instance_0(S, A).pi
        cost = 0.5 * np.abs(rows - 1 / A).sum(axis=1), 0.5 * np.abs(rows - rows.mean(axis=0)).sum(axis=1)
        return float((cost[0] - cost[1]).mean())

    def unseen(S: int, n: int) -> float:
        return float((1 - 1 / S) ** n)

    function(
        answer,
        [(4, 100, 8), (20, 1000, 20), (3, 5, 1)],
        lambda S, A, n: per_input(S, A) * unseen(S, n),
        names=("S", "A", "n"),
        mistakes=[
            (lambda S, A, n: per_input(S, A), "it is saved only at inputs never drawn: where is n?"),
            (
                lambda S, A, n: (1 - 1 / S) / 2 * unseen(S, n),
                "the new guess costs that: the saving is asked for",
            ),
        ],
    )
    return "right, and too little to win"
