"""Checkers of Workshop 2, in which the four students are raced."""

from __future__ import annotations

from math import e
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdbook.checkers.compare import as_array, as_teacher, integer, named, no_blank, number
from kdbook.checkers.functions import call, function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Blank, Wrong
from kdcore import LEARNERS, Teacher, exact, expected_risk, instance_0, instance_2


@checker("ex-ws2-1.1")
def mean_and_error(answer: Any) -> str:
    """Check the mean and its standard error."""
    draws = [np.array([0.1, 0.3, 0.2]), np.array([0.5, 0.25, 0.0, 0.25, 0.5]), np.linspace(0, 1, 40) ** 2]
    pairs = [call(answer, risks, names=["risks"]) for risks in draws]
    for pair in pairs:
        no_blank(pair)
        as_array(pair, (2,))

    def part(place: int) -> Any:
        return lambda risks: answer(risks)[place]

    function(part(0), [(risks,) for risks in draws], np.mean, names=["risks"])
    try:
        function(
            part(1),
            [(risks,) for risks in draws],
            lambda risks: risks.std(ddof=1) / np.sqrt(len(risks)),
            names=["risks"],
            mistakes=[
                (lambda r: r.std() / np.sqrt(len(r)), "R - 1 goes into the denominator: ddof=1"),
                (lambda r: r.std(ddof=1), "this is the spread of one risk; the error of the mean is smaller by √R"),
                (lambda r: r.std(), "this is the spread of one risk; the error of the mean is smaller by √R"),
                (lambda r: r.std(ddof=1) / len(r), "divide by √R, not by R"),
                (lambda r: r.var(ddof=1) / len(r), "this is the square of the error: take the root"),
            ],
        )
    except Wrong as wrong:
        raise Wrong(f"the standard error: {wrong}") from None
    return "right"


@checker("ex-ws2-1.2")
def repeats(answer: Any) -> str:
    """Check how many repeats make the error ten times smaller."""
    integer(
        answer,
        40_000,
        mistakes=[
            (4000, "ten times the repeats make the error only √10 times smaller"),
            (100, "this is the factor: how many data sets are that?"),
        ],
    )
    return "right: a digit more costs a hundred times the work"


@checker("ex-ws2-2")
def curve(answer: Any) -> str:
    """Check a simulated curve against exact risks, within what 200 data sets allow."""
    teacher, grid = instance_0(6, 4), [1, 10, 40, 160]
    for key in ("ce_sgl", "sel_ptl", "ce_ful"):
        learner = LEARNERS[key]
        names = ["teacher", "learner", "n_grid", "rng"]
        means = as_array(call(answer, teacher, learner, grid, np.random.default_rng(7), names=names))
        if means.size == 0:
            raise Blank("not answered yet: no mean was appended")
        if means.shape != (len(grid),):
            raise Wrong(f"for {len(grid)} values of n it returns shape {means.shape}: one mean for each n is asked for")
        for n, mean in zip(grid, means, strict=True):
            right = expected_risk(teacher, n, key)
            if abs(mean - right) > 0.03:
                raise Wrong(f"{key} at n = {n}: {mean:.4f}, which is far from the exact {right:.4f}")
    again = [call(answer, teacher, LEARNERS["ce_sgl"], [10], np.random.default_rng(seed)) for seed in (1, 1, 2)]
    if not np.array_equal(again[0], again[1]):
        raise Wrong("the same seed gives different numbers: draw from rng and nothing else")
    if np.array_equal(again[0], again[2]):
        raise Wrong("two seeds give the same number: draw from the rng that is passed")
    return "right: within 0.03 of the exact risks, for three students"


def _limit(teacher: Teacher, power: float = 2) -> NDArray[np.float64]:
    weights = teacher.pi**power
    policy: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return policy


@checker("ex-ws2-3")
def plateau(answer: Any) -> str:
    """Check the limit of the weigher's risk."""
    uneven = Teacher([0.8, 0.2, 0.0], [[0.6, 0.3, 0.1], [0.5, 0.5, 0.0], [0.2, 0.2, 0.6]])

    def tv(policy: NDArray[np.float64], teacher: Teacher) -> NDArray[np.float64]:
        distances: NDArray[np.float64] = np.abs(policy - teacher.pi).sum(axis=1) / 2
        return distances

    function(
        answer,
        [(instance_0(100, 25),), (uneven,), (Teacher([1.0], [[0.75, 0.25]]),)],
        exact.ce_ptl_limit,
        names=["teacher"],
        mistakes=[
            (lambda t: tv(_limit(t), t).mean(), "weigh inputs by rho, not equally"),
            (lambda t: tv(_limit(t), t) @ t.rho * 2, "twice the right value: total variation has a factor 1/2"),
            (lambda t: tv(t.pi**2, t) @ t.rho, "divide the squares by their sum, row by row"),
            (lambda t: tv(t.pi**2 / (t.pi**2).sum(), t) @ t.rho, "divide each row of squares by its own sum"),
            (lambda t: tv(_limit(t, 3), t) @ t.rho, "the limit is the square, not the cube"),
        ],
        rtol=1e-9,
    )
    return "right, and 0 at rows that are uniform on their support"


@checker("ex-ws2-4")
def crossing(answer: Any) -> str:
    """Check where the counter overtakes the weigher, by the sign of the difference on both sides."""
    integer(
        answer,
        1166,
        mistakes=[
            (1165, "the weigher still leads there: the next n is the one"),
            (1, "at n = 1 the two are equal, and right after it the weigher leads"),
            (1200, "this is the first point of the table at which the counter leads: look closer"),
        ],
    )
    return "right"


@checker("ex-ws2-5")
def slope(answer: Any) -> str:
    """Check the slope of a regression on logarithms."""
    n = np.array([100.0, 300.0, 1000.0, 5000.0])
    wiggle = np.array([1.0, 1.1, 0.9, 1.02])

    def line(x: Any, y: Any, place: int = 0) -> float:
        return float(np.polyfit(x, y, deg=1)[place])

    function(
        answer,
        [(n, 3 / n), (n, 0.7 / np.sqrt(n)), (n, wiggle * n**-0.8)],
        lambda n, risk: line(np.log(n), np.log(risk)),
        names=["n_samples", "risk"],
        mistakes=[
            (lambda n, risk: line(n, risk), "take logarithms of both"),
            (lambda n, risk: line(n, np.log(risk)), "take the logarithm of n, too"),
            (lambda n, risk: line(np.log(n), risk), "take the logarithm of the risk, too"),
            (lambda n, risk: line(np.log(n), np.log(risk), 1), "this is the intercept: the slope comes first"),
            (lambda n, risk: line(np.log(risk), np.log(n)), "n is x and the risk is y"),
        ],
        rtol=1e-6,
    )
    return "right, on two power laws and on one with noise"


@checker("ex-ws2-6.1")
def four_times_the_samples(answer: Any) -> str:
    """Check by which factors the risks change when n is multiplied by 4."""
    hints = [(2, "the risk falls: factors below 1"), (4, "the risk falls: factors below 1"), (1, "n is in every rate")]
    named(
        answer,
        {
            "counter": lambda x: number(x, 1 / 2, mistakes=[*hints, (1 / 4, "there is a root in the counter's rate")]),
            "matcher": lambda x: number(x, 1 / 4, mistakes=[*hints, (1 / 2, "there is no root in the matcher's rate")]),
            "copier": lambda x: number(x, 1 / 4, mistakes=[*hints, (1 / 2, "there is no root in the copier's rate")]),
        },
    )
    return "right: slopes -1/2, -1 and -1"


@checker("ex-ws2-6.2")
def twice_the_labels(answer: Any) -> str:
    """Check by which factors the risks change when A is doubled."""
    named(
        answer,
        {
            "counter": lambda x: number(x, np.sqrt(2), mistakes=[(2, "A is under the root")]),
            "matcher": lambda x: number(x, 2, mistakes=[(np.sqrt(2), "there is no root in the matcher's rate")]),
            "copier": lambda x: number(x, 1, mistakes=[(2, "is there an A in S/n?")]),
        },
    )
    return "right: who is told whole rows does not mind how long they are"


@checker("ex-ws2-7")
def bill(answer: Any) -> str:
    """Check the numbers of samples that the bounds ask for at S = 100, A = 25 and a risk of 0.05."""
    S, A, risk = 100, 25, 0.05

    def samples(value: Any, right: float, *mistakes: tuple[float, str]) -> None:
        number(value, right, mistakes=mistakes, rtol=2e-3)

    root = np.sqrt(S * A) / 2
    named(
        answer,
        {
            "counter": lambda x: samples(
                x,
                ((root + np.sqrt(S)) / risk) ** 2,
                ((root / risk) ** 2, "the second term, √(S/n), counts too"),
                ((2 * root / risk) ** 2, "this is √(SA/n) = 0.05, without the constants of the bound"),
                ((root + np.sqrt(S)) / risk, "this is √n"),
            ),
            "matcher": lambda x: samples(
                x,
                S * A / (e * risk),
                (S * A / risk, "there is an e in the bound"),
                (S / (e * risk), "its alphabet are the pairs (s, a)"),
            ),
            "copier": lambda x: samples(
                x,
                S / (e * risk),
                (S / risk, "there is an e in the bound"),
                (S * A / (e * risk), "its alphabet are the inputs"),
            ),
        },
    )
    return "right: half a million, eighteen thousand, seven hundred"


@checker("ex-ws2-8.1")
def weigher_breaker(answer: Any) -> str:
    """Check a teacher on which the weigher ends above 0.5."""
    teacher = as_teacher(answer)
    if teacher.n_labels > 25:
        raise Wrong(f"it has {teacher.n_labels} labels, at most 25 are allowed")
    limit = exact.ce_ptl_limit(teacher)
    if limit <= 0.5:
        raise Wrong(f"the weigher ends at {limit:.4f}, which is not above 0.5{_where_to_go(teacher)}")
    return f"right: the weigher ends at {limit:.4f}; the most that 25 labels allow is 0.5244"


def _where_to_go(teacher: Teacher) -> str:
    favourite = float(teacher.rho @ teacher.pi.max(axis=1))
    if teacher.n_labels < 21:
        return ": take as many labels as you may"
    if favourite > 0.42:
        return f": the likeliest label has {favourite:.2f} on average, which leaves little to lose"
    if favourite < 0.28:
        return f": the likeliest label has {favourite:.2f} on average, too little to win by squaring"
    return ": spread the rest equally over the other labels"


@checker("ex-ws2-8.2")
def matcher_breaker(answer: Any) -> str:
    """Check a teacher of Instance 2's size on which the matcher does worse than there."""
    teacher = as_teacher(answer)
    if teacher.pi.shape != (10, 11):
        raise Wrong(f"S = 10 and A = 11 are asked for, got {teacher.n_inputs} and {teacher.n_labels}")
    risk = expected_risk(teacher, 1000, "sel_ptl")  # 11 labels have at most 2**11 states: always exact
    mark = expected_risk(instance_2(10, 11, 1000), 1000, "sel_ptl")
    if risk <= mark * (1 + 1e-9):
        raise Wrong(f"the matcher's risk is {risk:.6f}, and {mark:.6f} on Instance 2")
    return f"right: {risk:.6f}, against {mark:.6f} on Instance 2"
