"""Checkers of the chapter "Hard labels"."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

from kdbook.checkers.compare import integer, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdcore import Teacher, bounds, expected_risk


@checker("ex-hard-1.1")
def below_the_threshold(answer: Any) -> str:
    """Check the constant under which the minimax risk does not fall for n < S A / 4."""
    at_threshold = float(bounds.theorem_3_1(n_inputs=10, n_labels=10, n_samples=25))
    paper = np.exp(-0.5) / 16
    number(
        answer,
        at_threshold,
        mistakes=[
            (paper, "that is the factor of √(SA/n); put n = SA/4 into the root as well"),
            (paper / 2, "√(SA/n) at n = SA/4 is √4, not √(1/4)"),
            (4 * paper, "√(SA/n) at n = SA/4 is 2, not 4"),
        ],
    )
    return "right: below the threshold the risk does not fall under a constant"


@checker("ex-hard-1.2")
def kept_chord(answer: Any) -> str:
    """Check the constant, and the least n / (S A), that the chord of step 4 gives."""
    best = minimize_scalar(lambda u: -u / 4 * np.exp(-4 * np.log(3) * u**2), bounds=(0.1, 1), options={"xatol": 1e-10})
    constant, u = -best.fun, best.x
    constants = [
        (np.exp(-0.5) / 16, "that is the paper's, for Δ = ¼√(SA/n): another Δ is better now"),
        (u / 4, "there is also the exponential factor, at the best Δ"),
        (2 * constant, "the overlap is at least half of exp(-KL), and the gap counts half: the factor is u/4"),
        (np.exp(-0.5), "there is also the factor u/4, at the best u"),
    ]
    thresholds = [
        (1 / 4, "that is the paper's; Δ ≤ 1/2 with the new Δ is another condition"),
        (u**2, "that is the square of the best u; Δ = u√(SA/n) ≤ 1/2 asks for more"),
        (u, "that is the best u itself; solve Δ = u√(SA/n) ≤ 1/2 for n"),
        (2 * u, "square it: n/(SA) ≥ (2u)²"),
    ]
    named(
        answer,
        {
            "constant": lambda value: number(value, constant, mistakes=constants),
            "threshold": lambda value: number(value, 4 * u**2, mistakes=thresholds),
        },
    )
    return "right, and better than the paper's constant from a larger n on"


def _mean(n_inputs: int, n_labels: int, n: int) -> float:
    return float((np.sqrt(n_inputs * n_labels / n) + np.sqrt(n_inputs / n)) / 2)


def _with_confidence(n_inputs: int, n_labels: int, n: int, delta: float) -> float:
    return _mean(n_inputs, n_labels, n) + float(np.sqrt(2 * np.log(1 / delta) / n))


@checker("ex-hard-2.2")
def bounded_differences(answer: Any) -> str:
    """Check the bound that bounded differences give."""

    def plus(factor: float) -> Any:
        return lambda S, A, n, delta: _mean(S, A, n) + np.sqrt(factor * np.log(1 / delta) / n)

    function(
        answer,
        [(10, 10, 10_000, 0.05), (3, 50, 400, 0.01), (1, 2, 7, 0.5)],
        _with_confidence,
        names=("S", "A", "n", "delta"),
        mistakes=[
            (lambda S, A, n, delta: np.sqrt(2 * np.log(1 / delta) / n), "this is the deviation alone: add the mean"),
            (lambda S, A, n, delta: _mean(S, A, n), "this is the mean alone: where is the confidence?"),
            (plus(0.5), "this is for changes of at most 1/n; both terms of f change, so c = 2/n"),
            (plus(1), "solve exp(-n t²/2) = δ for t once more"),
            (
                lambda S, A, n, delta: _mean(S, A, n) + np.sqrt(2 * np.log(2 / delta) / n),
                "true, but log(1/δ) is enough: only one side is bounded",
            ),
            (
                lambda S, A, n, delta: _with_confidence(S, A, n, delta) + np.sqrt(S / n) / 2,
                "true, but the proof of step 1 gives half of √(S/n)",
            ),
        ],
    )
    return "right: neither S nor A is in the confidence term"


@checker("ex-hard-2.3")
def first_label_count(answer: Any) -> str:
    """Check from how many labels on bounded differences win, by trying one after the other."""

    def joint(n_labels: int) -> float:
        return float(sum(bounds.lemma_e_4(n_letters=k, n_samples=10_000, delta=0.025) for k in (10 * n_labels, 10)))

    right = next(a for a in range(1, 1000) if _with_confidence(10, a, 10_000, 0.05) < joint(a))
    integer(
        answer,
        right,
        mistakes=[(right - 1, "there the joint form is still the smaller one"), (10, "at A = 10 the joint form wins")],
    )
    return "right, and all larger A as well"


@checker("ex-hard-3.1")
def near_a_vertex(answer: Any) -> str:
    """Check below which xi the instance-dependent bound wins, and what this says of the top label."""
    size, n = 10**8, 10**16
    xi = brentq(
        lambda x: float(
            bounds.equation_3_5(n_inputs=1, n_labels=size, n_samples=n, xi=x)
            - bounds.theorem_3_2(n_inputs=1, n_labels=size, n_samples=n)
        ),
        0.1,
        1.9,
    )
    named(
        answer,
        {
            "xi": lambda value: number(
                value,
                xi,
                mistakes=[
                    (0.25, "ξ/2 stands under the root: √(ξ/2) < 1/2"),
                    (1.0, "compare √(ξA/(2n)) with ½√(A/n), and square both"),
                    (2.0, "ξ is under the root: square before you solve"),
                ],
            ),
            "top": lambda value: number(
                value, 1 - xi / 2, mistakes=[(1 - xi, "ξ is 2(1 - p) for the top label's probability p")]
            ),
        },
    )
    return "right: three times out of four the teacher gives the same answer"


@checker("ex-hard-3.2")
def looseness(answer: Any) -> str:
    """Check (3.5) over the exact risk."""

    def ratio(xi_over_eps: float, eps: float, n_labels: int = 100, n: int = 10_000) -> float:
        row = np.r_[1 - eps, np.full(n_labels - 1, eps / (n_labels - 1))]
        bound = float(bounds.equation_3_5(n_inputs=1, n_labels=n_labels, n_samples=n, xi=xi_over_eps * eps))
        return bound / expected_risk(Teacher([1.0], [row]), n, "ce_sgl")

    function(
        answer,
        [(1e-4,), (0.01,), (0.3,)],
        lambda eps: ratio(2, eps),
        names=("eps",),
        mistakes=[
            (lambda eps: ratio(1, eps), "ξ is twice the mass beside the top label: vertex_distance gives it"),
            (lambda eps: 1 / ratio(2, eps), "this is the exact risk over the bound: turn it around"),
        ],
    )
    return "right: it grows without bound as ε tends to 0"


@checker("ex-hard-4.2")
def limit_of_pairs(answer: Any) -> str:
    """Check the constant for long intervals of values."""
    mean_error = quad(lambda t: 2 * t * norm.pdf(t), 0, np.inf)[0]
    number(
        answer,
        mean_error / 2**1.5,
        mistakes=[
            (mean_error, "that is B(L) for large L; the constant is B(L) / (2√2)"),
            (mean_error / 2, "that is the sharp constant; pairs fall short of it"),
            (1 / 2**1.5, "the mean of |t̂ - t| is asked for, not the root of its mean square"),
        ],
    )
    return "right: 1/√2 of the sharp constant"


@cache
def _least_error(length: float) -> float:
    """Return B(L): the posterior is a normal law cut off at the ends, with a median and a mean error in closed form."""

    def error(z: float) -> float:
        low, high = norm.cdf(-length - z), norm.cdf(length - z)
        middle = norm.ppf((low + high) / 2)
        return float((2 * norm.pdf(middle) - norm.pdf(-length - z) - norm.pdf(length - z)) / (2 * length))

    return 2 * float(quad(error, 0, length + 6, limit=200)[0])


@checker("ex-hard-4.3")
def interval_of_values(answer: Any) -> str:
    """Check B(L), and the L from which the interval beats the cube."""
    cube = bounds.assouad_constant().value
    even = brentq(lambda length: _least_error(length) / 2**1.5 - cube, 0.3, 2)
    named(
        answer,
        {
            "B": lambda value: function(
                value,
                [(0.5,), (1.0,), (2.0,), (4.0,)],
                _least_error,
                names=("L",),
                mistakes=[
                    (lambda L: _least_error(L) / 2**1.5, "this is B(L) / (2√2), the constant: B(L) is asked for"),
                    (lambda L: L / 2, "this is the error without looking at Z"),
                    (lambda L: np.sqrt(2 / np.pi), "this is the limit for large L, which is too large near the ends"),
                ],
                rtol=5e-3,
            ),
            "L": lambda value: number(value, even, rtol=2e-2),
        },
    )
    return "right: three quarters of a standard deviation to each side are enough"
