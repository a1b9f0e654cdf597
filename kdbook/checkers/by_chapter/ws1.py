"""Checkers of Workshop 1, in which the four students are built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdbook.checkers.compare import array, as_array, number, probabilities
from kdbook.checkers.functions import call, function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Blank, Wrong
from kdcore import LEARNERS, Teacher, conditional_tv, expected_missing_mass, instance_0, reveal

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Mistakes = Sequence[tuple[Callable[..., Any], str]]

TEACHER = Teacher([0.5, 0.3, 0.2], instance_0(3, 4).pi)
_WIDE = Teacher([0.1, 0.9], [[0.5, 0.3, 0.2, 0.0, 0.0], [0.6, 0.1, 0.1, 0.1, 0.1]])
_CASES = [
    (TEACHER, np.array([[3, 0, 2, 0], [1, 0, 0, 0], [2, 0, 0, 0]])),
    (TEACHER, np.array([[0, 0, 0, 0], [5, 7, 2, 1], [0, 3, 0, 1]])),
    (_WIDE, np.array([[2, 1, 0, 0, 0], [0, 0, 0, 0, 0]])),
]
"""Teachers with counts: inputs never drawn, drawn once, and with all labels drawn."""


@checker("ex-ws1-1")
def the_table(answer: Any) -> str:
    """Check the teacher's table."""
    values = as_array(answer, (3, 4))
    if np.allclose(values, np.where(TEACHER.pi > 0.5, 0.5, 0.125)):
        raise Wrong("the rows sum to 0.875: tails may choose the favourite, too")
    probabilities(values)
    array(
        values,
        TEACHER.pi,
        mistakes=[
            (np.where(TEACHER.pi > 0.5, 0.5, 1 / 6), "tails chooses among all four labels, the favourite included"),
            (np.roll(TEACHER.pi, 1, axis=1), "the favourite of input s is label s, counted from 0"),
            (np.full((3, 4), 0.25), "this teacher has no favourite"),
        ],
    )
    return "right: 5/8 for the favourite, 1/8 for each other label"


@checker("ex-ws1-2")
def draws(answer: Any) -> str:
    """Check a function that draws: sums and zero cells exactly, frequencies within six standard deviations."""
    names = ["teacher", "n", "rng"]
    certain = Teacher([0.0, 1.0, 0.0], [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    for teacher, n in ((TEACHER, 8), (certain, 5), (TEACHER, 0), (_WIDE, 6000)):
        drawn = as_array(call(answer, teacher, n, np.random.default_rng(n), names=names))
        shape = teacher.pi.shape
        if drawn.shape != shape:
            asked = "(A, S)" if drawn.shape == shape[::-1] else f"{drawn.shape}"
            raise Wrong(f"the table must have shape (S, A) = {shape}, got {asked}")
        if n and not drawn.any():
            raise Blank("not answered yet: nothing was counted")
        if (drawn != np.round(drawn)).any() or (drawn < 0).any():
            raise Wrong("a count is not a whole number of at least 0")
        if drawn.sum() != n:
            raise Wrong(f"for n = {n} the counts sum to {drawn.sum():g}")
        if (drawn[teacher.joint == 0] > 0).any():
            raise Wrong("a pair of probability 0 was drawn: is the label drawn from the row of the drawn input?")
        _frequent(drawn, teacher.joint, n)
    one, two = (call(answer, _WIDE, 50, np.random.default_rng(1), names=names) for _ in range(2))
    other = call(answer, _WIDE, 50, np.random.default_rng(2), names=names)
    if not np.array_equal(one, two):
        raise Wrong("the same seed gives different counts: draw from rng and nothing else")
    if np.array_equal(one, other):
        raise Wrong("two seeds give the same counts: draw from the rng that is passed")
    return "right: sums, cells of probability 0, and frequencies of 6000 draws"


def _frequent(drawn: Floats, joint: Floats, n: int) -> None:
    spread = 6 * np.sqrt(n * joint * (1 - joint)) + 1e-9
    if n < 1000 or (np.abs(drawn - n * joint) <= spread).all():
        return
    by_input, rho = drawn.sum(axis=1), joint.sum(axis=1)
    if (np.abs(by_input - n * rho) > 6 * np.sqrt(n * rho * (1 - rho))).any():
        raise Wrong("inputs do not come with the probabilities rho")
    raise Wrong("labels do not come with the probabilities of their input's row")


def _tables(answer: Any, right: Callable[[Teacher, Counts], Floats], mistakes: Mistakes) -> None:
    """Compare tables that may hold NaN, the sign of what is not told."""
    tables, targets = [], []
    for teacher, counts in _CASES:
        told = call(answer, teacher, counts, names=["teacher", "counts"])
        try:
            values = np.asarray(told, dtype=np.float64)
        except (TypeError, ValueError):
            raise Wrong("the function must return an array of numbers and NaN") from None
        if values.shape != counts.shape:
            raise Wrong(f"the table must have the shape of counts, {counts.shape}, got {values.shape}")
        tables.append(values)
        targets.append(right(teacher, counts))
    if all(map(_same, tables, targets)):
        return
    for mistake, hint in mistakes:
        if all(map(_same, tables, (mistake(teacher, counts) for teacher, counts in _CASES))):
            raise Wrong(hint)
    for values, target in zip(tables, targets, strict=True):
        hidden, known = np.isnan(target), ~np.isnan(values)
        if (hidden & known).any():
            raise Wrong(f"it tells something at {_place(hidden & known)}, where nothing may be told")
        if (~hidden & ~known).any():
            raise Wrong(f"it is silent at {_place(~hidden & ~known)}, where the probability is told")
    raise Wrong("NaN is where it should be, but a probability is not the teacher's")


def _same(one: Floats, other: Floats) -> bool:
    return bool(np.allclose(one, other, equal_nan=True))


def _place(mask: NDArray[np.bool_]) -> str:
    return f"input {np.argwhere(mask)[0][0]}, label {np.argwhere(mask)[0][1]}"


def _partial(teacher: Teacher, counts: Counts) -> Floats:
    return np.where(counts > 0, teacher.pi, np.nan)


def _soft(teacher: Teacher, counts: Counts) -> Floats:
    return np.where(counts.sum(axis=1, keepdims=True) > 0, teacher.pi, np.nan)


@checker("ex-ws1-3.1")
def partial_labels(answer: Any) -> str:
    """Check the table of partial soft labels."""
    _tables(
        answer,
        _partial,
        [
            (_soft, "these are soft labels: tell only the pairs that were drawn"),
            (lambda teacher, counts: np.where(counts > 0, teacher.pi, 0), "what is not told is NaN, not 0"),
            (lambda teacher, counts: np.where(counts > 0, counts, np.nan), "tell probabilities, not counts"),
            (lambda teacher, counts: np.where(counts > 0, teacher.joint, np.nan), "tell π*(a|s), without ρ(s)"),
            (lambda teacher, counts: teacher.pi, "this tells everything: what was not drawn is NaN"),
        ],
    )
    return "right"


@checker("ex-ws1-3.2")
def soft_labels(answer: Any) -> str:
    """Check the table of soft labels."""
    _tables(
        answer,
        _soft,
        [
            (_partial, "these are partial soft labels: tell the whole row of each drawn input"),
            (
                lambda teacher, counts: np.where(counts.sum(axis=1, keepdims=True) > 0, teacher.pi, 0),
                "what is not told is NaN, not 0",
            ),
            (lambda teacher, counts: teacher.pi, "this tells everything: the row of an input never drawn is NaN"),
        ],
    )
    return "right: one draw of an input, and its whole row is told"


def _gap(student: Floats, teacher: Teacher) -> Floats:
    gap: Floats = np.abs(student - teacher.pi)
    return gap


@checker("ex-ws1-4.1")
def marks(answer: Any) -> str:
    """Check the risk."""
    rng = np.random.default_rng(4)
    cases: list[tuple[Floats, Teacher]] = [
        (rng.dirichlet(np.ones(teacher.n_labels), teacher.n_inputs), teacher) for teacher in (TEACHER, _WIDE)
    ]
    function(
        answer,
        [*cases, (TEACHER.pi, TEACHER)],
        lambda student, teacher: conditional_tv(student, teacher),
        names=("student", "teacher"),
        mistakes=[
            (lambda s, t: _gap(s, t).sum() / 2, "weigh each input by rho: what is asked more often counts more"),
            (lambda s, t: _gap(s, t).sum(axis=1).mean() / 2, "weigh inputs by rho, not equally"),
            (lambda s, t: t.rho @ _gap(s, t).mean(axis=1) / 2, "add over labels, do not take their mean"),
            (lambda s, t: t.rho @ _gap(s, t).max(axis=1), "add over labels, do not take the largest"),
            (lambda s, t: t.rho @ _gap(s, t).sum(axis=1), "twice the right value: total variation has a factor 1/2"),
        ],
    )
    return "right: 0 for a perfect copy, and weighted by rho"


@checker("ex-ws1-4.2")
def risk_of_a_guess(answer: Any) -> str:
    """Check the risk of the uniform row against the workshop's teacher."""
    number(
        answer,
        float(conditional_tv(np.full((3, 4), 0.25), TEACHER)),
        mistakes=[
            (0.75, "twice the right value: total variation has a factor 1/2"),
            (0.1875, "the three other labels differ by 1/8 each, together by as much as the favourite"),
            (1.125, "average over inputs with rho, do not add"),
        ],
    )
    return "right"


def _policies(answer: Any, names: Sequence[str], protocol: str, key: str, mistakes: Mistakes) -> None:
    """Compare a student's answers with kdcore's; ``names`` are the arguments: counts, and what is told beside."""
    cases = []
    for teacher, counts in _CASES:
        data: Any = reveal(teacher, counts, protocol)
        told = {"hard": (), "partial": ("probabilities",), "soft": ("rows",)}[protocol]
        cases.append((counts, *(getattr(data, field) for field in told)))
    try:
        for case in cases:
            result = call(answer, *case, names=names)
            if np.shape(result) == case[0].shape and np.isnan(np.asarray(result, dtype=np.float64)).any():
                where = np.isnan(np.asarray(result, dtype=np.float64))
                never = (case[0].sum(axis=1) == 0)[np.argwhere(where)[0][0]]
                why = (
                    "an input that was never drawn" if never else "0 times NaN is NaN, and so are sums with NaN in them"
                )
                raise Wrong(f"it answers NaN at {_place(where)}: {why}")
    except (TypeError, ValueError):
        raise Wrong("the function must return an array of numbers") from None
    right = [LEARNERS[key].fit(reveal(teacher, counts, protocol)) for teacher, counts in _CASES]
    lookup = {counts.tobytes(): policy for (_, counts), policy in zip(_CASES, right, strict=True)}
    function(answer, cases, lambda counts, *_: lookup[counts.tobytes()], names=names, mistakes=mistakes)


def _share(weights: Floats, instead: float | None = None) -> Floats:
    total = weights.sum(axis=1, keepdims=True)
    fill = 1 / weights.shape[1] if instead is None else instead
    return np.where(total > 0, weights / np.where(total > 0, total, 1), fill)


@checker("ex-ws1-5")
def counter(answer: Any) -> str:
    """Check the student that counts."""
    _policies(
        answer,
        ["counts"],
        "hard",
        "ce_sgl",
        [
            (lambda counts: _share(counts, 0), "an input never drawn has a row of zeros: say 1/A there"),
            (lambda counts: counts / counts.sum(), "divide each row by its own sum"),
            (lambda counts: counts / np.maximum(counts.sum(axis=0), 1), "divide by sums over labels: axis=1"),
            (lambda counts: _share(counts + 1.0), "no count is added to those that were drawn"),
            (lambda counts: _share(counts * 1.0, 0.25), "A is not always 4: take it from counts.shape"),
        ],
    )
    return "right, also at inputs never drawn"


@checker("ex-ws1-6.1")
def weigher(answer: Any) -> str:
    """Check the student that weighs."""
    told = np.nan_to_num
    _policies(
        answer,
        ["counts", "told"],
        "partial",
        "ce_ptl",
        [
            (lambda counts, p: counts * told(p), "divide each row by its sum"),
            (
                lambda counts, p: _share(counts * p),
                "1/A where not all was told: a sum with NaN is NaN, and NaN > 0 false",
            ),
            (lambda counts, p: _share(counts * told(p), 0), "an input never drawn has a row of zeros: say 1/A there"),
            (lambda counts, p: _share(counts * 1.0), "these are frequencies: multiply each count by its probability"),
            (lambda counts, p: _share(told(p)), "the counts are missing: multiply each probability by its count"),
            (lambda counts, p: _share(counts * told(p), 0.25), "A is not always 4: take it from counts.shape"),
            (lambda counts, p: _share(counts * told(p) ** 2), "multiply by the probability once"),
        ],
    )
    return "right"


@checker("ex-ws1-6.2")
def limit_of_the_weigher(answer: Any) -> str:
    """Check what the weigher says of the favourite in the end."""
    number(
        answer,
        25 / 28,
        mistakes=[
            (5 / 8, "this is the teacher's own number; frequencies tend to it, and are weighed once more"),
            (25 / 64, "divide by the sum of the squares of the row"),
            (25 / 26, "three labels have probability 1/8, not one"),
        ],
    )
    return "right: far from 5/8"


@checker("ex-ws1-7")
def matcher(answer: Any) -> str:
    """Check the student that matches."""

    def spread(p: Floats) -> Floats:
        known: Floats = np.nan_to_num(p)
        shares: Floats = known + (1 - known.sum(axis=1, keepdims=True)) / p.shape[1]
        return shares

    told = np.nan_to_num
    _policies(
        answer,
        ["counts", "told"],
        "partial",
        "sel_ptl",
        [
            (lambda counts, p: told(p), "what is not told remains to be shared among labels not drawn"),
            (lambda counts, p: _share(told(p)), "told probabilities must stay as they are: share the rest instead"),
            (lambda counts, p: spread(p), "share the rest among labels not drawn, not among all"),
            (
                lambda counts, p: np.where(counts > 0, told(p), 1 - told(p).sum(axis=1, keepdims=True)),
                "each label not drawn gets all of the rest: divide it by their number",
            ),
            (lambda counts, p: _share(counts * told(p)), "this is the weigher"),
        ],
    )
    return "right: drawn labels exactly, the rest in equal shares"


@checker("ex-ws1-8")
def copier(answer: Any) -> str:
    """Check the student that copies."""
    _policies(
        answer,
        ["counts", "rows"],
        "soft",
        "ce_ful",
        [
            (lambda counts, rows: np.nan_to_num(rows), "an input never drawn has a row of zeros: say 1/A there"),
            (lambda counts, rows: np.where(np.isnan(rows), 0.25, rows), "A is not always 4: take it from rows.shape"),
            (lambda counts, rows: _share(counts * 1.0), "this is the counter: use the rows"),
        ],
    )
    return "right"


_LAWS: list[tuple[Floats, Counts]] = [
    (np.array([0.5, 0.3, 0.2]), np.array([3, 0, 1])),
    (TEACHER.joint, _CASES[0][1]),
    (np.array([0.7, 0.1, 0.1, 0.1]), np.array([0, 0, 2, 0])),
    (np.array([1.0, 0.0]), np.array([4, 0])),
]


@checker("ex-ws1-9.1")
def missing(answer: Any) -> str:
    """Check the missing mass."""
    function(
        answer,
        _LAWS,
        lambda law, counts: law[counts == 0].sum(),
        names=("law", "counts"),
        mistakes=[
            (lambda law, counts: law[counts > 0].sum(), "this is the mass of what was drawn"),
            (lambda law, counts: (counts == 0).sum(), "this counts missing letters: add up their probabilities"),
            (lambda law, counts: (counts == 0).mean(), "this is the share of letters: add up their probabilities"),
        ],
    )
    return "right, for inputs and for pairs"


@checker("ex-ws1-9.2")
def mean_missing(answer: Any) -> str:
    """Check the expected missing mass."""
    function(
        answer,
        [(law, n) for law, _ in _LAWS for n in (0, 1, 10, 400)],
        lambda law, n: expected_missing_mass(law, n),
        names=("law", "n"),
        mistakes=[
            (lambda law, n: ((1 - law) ** n).sum(), "this is the mean number of missing letters: weigh each by p(x)"),
            (lambda law, n: (law * (1 - law**n)).sum(), "missed n times in a row is (1 - p)^n"),
            (lambda law, n: (law * (1 - law)).sum() ** n, "take the power for each letter, then add"),
        ],
    )
    return "right"
