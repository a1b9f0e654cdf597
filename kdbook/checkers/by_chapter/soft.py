"""Checkers of the chapter "Soft labels"."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdbook.checkers.compare import as_teacher, named, number, short
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong
from kdcore import LEARNERS, Teacher, conditional_tv, reveal

_DRAWS = (1, 2, 3, 4)


def _missing(y: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return the expected missing mass of two inputs of the masses y and 1 - y."""
    mass = np.asarray(y, dtype=np.float64)
    return np.asarray(mass * (1 - mass) ** n + (1 - mass) * mass**n)


def _of_product(t: float, draws: tuple[int, ...] = _DRAWS) -> list[float]:
    y = (1 - np.sqrt(1 - 4 * t)) / 2
    return [float(_missing(y, n)) for n in draws]


@checker("ex-soft-1.1")
def two_inputs(answer: Any) -> str:
    """Check the missing mass of two inputs as a function of t = y(1 - y), for one to four draws."""
    function(
        answer,
        [(0.05,), (0.16,), (0.25,)],
        _of_product,
        names=("t",),
        mistakes=[
            (lambda t: _of_product(t, (0, 1, 2, 3)), "these are for n = 0, 1, 2, 3: one draw more is asked for"),
            (lambda t: [2 * t, t, t * (1 - 2 * t), t * (1 - 2 * t) ** 2], "y³ + (1 - y)³ is not (y² + (1 - y)²)²"),
            (lambda t: [2 * t**n for n in _DRAWS], "an input is missed with probability (1 - y)ⁿ, to be weighed by y"),
        ],
    )
    return "right: everything is a function of y(1 - y)"


@checker("ex-soft-1.2")
def two_inputs_minimax(answer: Any) -> str:
    """Check the minimax risks for two inputs and two labels, by going through all masses."""
    y = np.linspace(0, 0.5, 100_001)
    right = {f"n = {n}": float(_missing(y, n).max()) / 2 for n in _DRAWS}
    uniform = {f"n = {n}": 2.0 ** -(n + 1) for n in _DRAWS}

    def rule(name: str) -> Any:
        mistakes = [(2 * right[name], "that is the missing mass; a guess between two labels costs half of it")]
        if uniform[name] < right[name] * 0.99:
            mistakes.append((uniform[name], "that is for the uniform law, which is not the worst one any more"))
        return lambda value: number(value, right[name], mistakes=mistakes)

    named(answer, {name: rule(name) for name in right})
    return "right: up to n = 3 each draw halves the risk, the fourth does not"


@checker("ex-soft-2.1")
def worst_row(answer: Any) -> str:
    """Check the largest cost of a fixed answer, over all rows that a teacher may have."""

    def costs(p: Any) -> NDArray[np.float64]:
        return np.asarray(0.5 * np.abs(np.asarray(p) - np.eye(len(p))).sum(axis=1), dtype=np.float64)

    function(
        answer,
        [(np.array([0.5, 0.3, 0.2]),), (np.array([1.0, 0.0]),), (np.full(4, 0.25),)],
        lambda p: costs(p).max(),
        names=("p",),
        mistakes=[
            (lambda p: costs(p).min(), "that is the teacher who likes this answer best; take the worst one"),
            (lambda p: costs(p).mean(), "that is the mean over random teachers, the same for every p"),
            (lambda p: 0.5 * np.abs(p - 1 / len(p)).sum(), "the worst row is not the uniform one, but a single label"),
        ],
    )
    return "right: the teacher always says what the student thinks least likely"


@checker("ex-soft-2.2")
def price_of_one_label(answer: Any) -> str:
    """Check how many times worse a single label is than the uniform answer."""
    function(
        answer,
        [(2,), (5,), (100,)],
        lambda A: 1 / (0.5 * np.abs(np.full(A, 1 / A) - np.eye(A)[0]).sum()),
        names=("A",),
        mistakes=[
            (lambda A: 1 - 1 / A, "that is the uniform answer's cost over the single label's: turn it around"),
            (lambda A: 1 / A, "that is by how much the cost is larger; the ratio is asked for"),
            (lambda A: A, "the cost is 1 - min p(a), not the reciprocal of min p(a)"),
        ],
    )
    return "right: 2 for two labels, next to nothing for many"


@checker("ex-soft-3.1")
def long_tail(answer: Any) -> str:
    """Check the slope between 10³ and 10⁷ for masses like s to the power -2."""
    weight = 1.0 / np.arange(1, 100_001) ** 2
    rho = weight / weight.sum()
    low, high = (float(rho @ np.exp(n * np.log1p(-rho))) for n in (10**3, 10**7))
    number(
        answer,
        float(np.log(high / low) / np.log(10**4)),
        mistakes=[
            (0.5, "the missing mass falls: the slope is negative"),
            (-1.0, "that is the rate of the worst laws, which change with n; this law stands still"),
            (float(np.log(high / low)), "divide by log(10⁷) - log(10³)"),
            (-2.0, "that is the exponent of the masses; that of the missing mass is asked for"),
        ],
        rtol=0.01,
    )
    return "right: far slower than 1/n, until even the rarest input is common"


@checker("ex-soft-3.2")
def slope_of_tail(answer: Any) -> str:
    """Check the slope as a function of the exponent of the masses."""
    function(
        answer,
        [(1.5,), (2.0,), (4.0,)],
        lambda alpha: 1 / alpha - 1,
        names=("alpha",),
        mistakes=[
            (lambda alpha: -1 / alpha, "right for alpha = 2 alone: there is also the factor 1/n of the substitution"),
            (
                lambda alpha: 1 / alpha,
                "that is how fast the number of inputs seen grows, not how the missed mass falls",
            ),
            (lambda alpha: 1 - alpha, "that is how the mass beyond s falls with s; now s ≈ (nc)^(1/alpha)"),
        ],
    )
    return "right: between 0 and -1, nearer to -1 the shorter the tail"


@checker("ex-soft-4.3")
def bad_for_analogy(answer: Any) -> str:
    """Check a teacher and a sample size for which the mean of the rows seen is worse than the uniform answer."""
    teacher, n = named(answer, {"teacher": _small, "n": _up_to_10_000}).values()
    counts = teacher.draw(n, n_repeats=400, rng=7)
    uniform = LEARNERS["ce_ful"].fit(reveal(teacher, counts, "soft"))
    drawn = counts.sum(axis=-1, keepdims=True) > 0
    mean = (uniform * drawn).sum(axis=-2, keepdims=True) / drawn.sum(axis=-2, keepdims=True)
    pairs = [conditional_tv(policy, teacher) for policy in (np.where(drawn, uniform, mean), uniform)]
    worse = pairs[0] - pairs[1]
    told = f"{pairs[0].mean():.4f} with the mean of the rows, {pairs[1].mean():.4f} with the uniform answer"
    if abs(worse.mean()) <= 3 * worse.std() / 20:
        raise Wrong(f"no difference beyond noise: {told}")
    if worse.mean() < 0:
        raise Wrong(f"there the analogy helps: {told}")
    return f"right: {told}"


def _up_to_10_000(answer: Any) -> int:
    if not isinstance(answer, int | np.integer) or not 1 <= answer <= 10_000:
        raise Wrong(f"an integer from 1 to 10000 is asked for, got {short(answer)}")
    return int(answer)


def _small(answer: Any) -> Teacher:
    teacher = as_teacher(answer)
    if teacher.n_inputs * teacher.n_labels > 2_500:
        raise Wrong(f"a teacher of at most 2500 pairs is asked for, got {teacher.n_inputs} × {teacher.n_labels}")
    return teacher
