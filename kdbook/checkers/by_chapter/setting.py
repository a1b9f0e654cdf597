"""Checkers of the chapter "The setting"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kdbook.checkers.compare import as_array, as_number, no_blank, probabilities, short
from kdbook.checkers.functions import call
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong
from kdcore import LEARNERS, Teacher, expected_risk, instance_0, instance_2, reveal


@checker("ex-setting-1")
def one_draw(answer: Any) -> str:
    """Check the four expected risks after one draw, as functions of p."""
    for p in (0.5, 0.7, 0.95):
        risks = call(answer, p, names=["p"])
        if not isinstance(risks, Mapping) or set(risks) != set(LEARNERS):
            raise Wrong(f"the function must return a dict with the keys {', '.join(LEARNERS)}")
        no_blank(risks)
        teacher = Teacher([1.0], [[p, 1 - p]])
        for key, given in risks.items():
            value = as_number(given)
            right = expected_risk(teacher, 1, key)
            if abs(value - right) > 1e-9:
                raise Wrong(f"{key} is wrong at p = {p}, where it gives {value:.6g}{_why(key, p, value)}")
    return "right: the two that see the label alone, or only weigh it, are alike; the other two know the row"


def _why(key: str, p: float, value: float) -> str:
    def is_(wrong: float) -> bool:
        return abs(value - wrong) < 1e-9

    if key in ("sel_ptl", "ce_ful"):
        return ": from the drawn label's probability the other one follows" if key == "sel_ptl" else ""
    if is_(4 * p * (1 - p)):
        return ": twice the right value, as total variation has a factor 1/2"
    if is_(1 - p):
        return ": this is the risk if the likely label was drawn; take the mean over both"
    if key == "ce_ptl" and is_(p * (1 - p) * (2 * p - 1) / (p**2 + (1 - p) ** 2)):
        return ": this is the distance of the squared teacher, for many draws; here there is one"
    return ""


@checker("ex-setting-2.1")
def escapes(answer: Any) -> str:
    """Check a function that says whether squaring leaves a row as it is."""
    rows = [
        ([1.0, 0.0, 0.0, 0.0], "one label has all mass"),
        ([0.25, 0.25, 0.25, 0.25], "it is uniform"),
        ([0.5, 0.5, 0.0, 0.0], "it is uniform on two of four labels"),
        ([0.0, 0.2, 0.2, 0.2, 0.2, 0.2], "it is uniform on five of six labels"),
        ([0.4, 0.4, 0.2], "two levels become 4 to 1"),
        ([0.5, 0.3, 0.2], "unequal probabilities move apart"),
        ([0.9, 0.1, 0.0], "the larger one gains"),
    ]
    for row, why in rows:
        given = call(answer, np.array(row), names=["row"])
        if not isinstance(given, bool | np.bool_):
            raise Wrong(f"the function must return True or False, got {short(given)} for the row {row}")
        squares = np.square(row) / np.sum(np.square(row))
        if bool(given) != bool(np.allclose(squares, row)):
            raise Wrong(f"it gives {bool(given)} for the row {row}: {why}")
    return "right for single labels, uniform rows, rows uniform on a part, and rows that move"


@checker("ex-setting-2.2")
def same_student(answer: Any) -> str:
    """Check the two students on data of a teacher whose rows are uniform on the first two of four labels."""
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        raise Wrong("three arrays are asked for, in a tuple: counts, ptl, sgl")
    counts = as_array(answer[0])
    if counts.ndim < 2 or counts.shape[-1] != 4:
        raise Wrong(f"counts must have shape (S, 4), or (repeats, S, 4), got {counts.shape}")
    if (counts < 0).any() or (counts != np.round(counts)).any():
        raise Wrong("counts must hold whole numbers of at least 0")
    if (counts[..., 2:] > 0).any():
        raise Wrong("counts hold draws of labels 2 or 3, which this teacher never gives")
    if (counts.sum(axis=(-2, -1)) != 10_000).any():
        raise Wrong("each table of counts must sum to 10000 samples")
    n_inputs = counts.shape[-2]
    teacher = Teacher(np.full(n_inputs, 1 / n_inputs), [[0.5, 0.5, 0, 0]] * n_inputs)
    drawn = reveal(teacher, counts.astype(np.int64), "hard")
    right = LEARNERS["ce_sgl"].fit(drawn)
    for name, given in zip(("ptl", "sgl"), answer[1:], strict=True):
        try:
            policy = probabilities(given, right.shape)
        except Wrong as wrong:
            raise Wrong(f"{name}: {wrong}") from None
        if not np.allclose(policy, right, rtol=0, atol=1e-12):
            raise Wrong(f"{name} is not what its student answers on these counts")
    return "right: the same student, for these data as for all"


@checker("ex-setting-3")
def another_fill(answer: Any) -> str:
    """Check a fill that gives all unseen mass to one unseen label, by what it must be."""
    for teacher, n, repeats in ((instance_0(3, 5), 6, 1), (instance_2(4, 5, 20), 20, 3), (instance_0(2, 3), 60, 2)):
        data = reveal(teacher, teacher.draw(n, repeats, rng=3), "partial")
        policy = call(answer, data, names=["data"])
        try:
            policy = probabilities(policy, data.counts.shape)
        except Wrong as wrong:
            hint = " (it was read where the student is told nothing)" if "NaN" in str(wrong) else ""
            raise Wrong(f"on data of shape {data.counts.shape}: {wrong}{hint}") from None
        _lumps(policy, data)
    return "right: drawn labels are exact, and one unseen label has the rest"


def _lumps(policy: Any, data: Any) -> None:
    seen = data.counts > 0
    drawn = seen.any(axis=-1)
    if np.abs(policy - data.probabilities)[seen].max() > 1e-9:
        raise Wrong("a drawn label must have the probability that was told")
    receivers = ((policy > 1e-12) & ~seen).sum(axis=-1)[drawn]
    if (receivers > 1).any():
        if np.allclose(policy, LEARNERS["sel_ptl"].fit(data)):
            raise Wrong("this is the uniform fill: all unseen labels share the rest")
        raise Wrong(f"all unseen mass must go to one label; at some input {receivers.max()} unseen labels have some")
