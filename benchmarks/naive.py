"""Two ways to simulate the four students without kdcore: the loops that a reader would write first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kdcore import LEARNERS, Teacher

Counts = dict[tuple[int, int], int]


def sample_by_sample(
    teacher: Teacher, n_samples: int, n_repeats: int, rng: np.random.Generator
) -> dict[str, list[float]]:
    """Draw one sample after the other, count in a dict, fit and compare in loops."""
    risks: dict[str, list[float]] = {key: [] for key in LEARNERS}
    for _ in range(n_repeats):
        counts: Counts = {}
        for _ in range(n_samples):
            s = int(rng.choice(teacher.n_inputs, p=teacher.rho))
            a = int(rng.choice(teacher.n_labels, p=teacher.pi[s]))
            counts[s, a] = counts.get((s, a), 0) + 1
        for key, risk in risks_of_counts(teacher, counts).items():
            risks[key].append(risk)
    return risks


def risks_of_counts(teacher: Teacher, counts: Counts) -> dict[str, float]:
    """Return each student's risk on one data set, label by label."""
    labels = range(teacher.n_labels)
    risks = dict.fromkeys(LEARNERS, 0.0)
    for s, (rho, row) in enumerate(zip(teacher.rho.tolist(), teacher.pi.tolist(), strict=True)):
        n = [counts.get((s, a), 0) for a in labels]
        uniform = [1 / teacher.n_labels for a in labels]
        students = dict.fromkeys(LEARNERS, uniform)
        if sum(n) > 0:
            weight = sum(n[a] * row[a] for a in labels)
            unseen = sum(n[a] == 0 for a in labels)
            rest = 1 - sum(row[a] for a in labels if n[a] > 0)
            students["ce_sgl"] = [n[a] / sum(n) for a in labels]
            students["ce_ptl"] = [n[a] * row[a] / weight for a in labels]
            students["sel_ptl"] = [row[a] if n[a] > 0 else rest / unseen for a in labels]
            students["ce_ful"] = row
        for key, student in students.items():
            risks[key] += rho * sum(abs(student[a] - row[a]) for a in labels) / 2
    return risks


def repeat_by_repeat(
    teacher: Teacher, n_samples: int, n_repeats: int, rng: np.random.Generator
) -> dict[str, list[float]]:
    """Draw one count table after the other, fit and compare with NumPy."""
    risks: dict[str, list[float]] = {key: [] for key in LEARNERS}
    for _ in range(n_repeats):
        counts = rng.multinomial(n_samples, teacher.joint.ravel())
        for key, risk in risks_of_table(teacher, counts.reshape(teacher.pi.shape)).items():
            risks[key].append(risk)
    return risks


def risks_of_table(teacher: Teacher, counts: NDArray[np.int64]) -> dict[str, float]:
    """Return each student's risk on one data set, whole tables at a time."""
    pi, uniform = teacher.pi, 1 / teacher.n_labels
    seen = counts > 0
    drawn = seen.any(axis=1, keepdims=True)
    visits = counts.sum(axis=1, keepdims=True)
    weights = counts * pi
    weight = weights.sum(axis=1, keepdims=True)
    rest = 1 - (pi * seen).sum(axis=1, keepdims=True)
    unseen = (~seen).sum(axis=1, keepdims=True)
    students = {
        "ce_sgl": np.where(drawn, counts / np.maximum(visits, 1), uniform),
        "ce_ptl": np.where(drawn, weights / np.where(drawn, weight, 1), uniform),
        "sel_ptl": np.where(seen, pi, rest / np.maximum(unseen, 1)),
        "ce_ful": np.where(drawn, pi, uniform),
    }
    return {key: float(teacher.rho @ np.abs(student - pi).sum(axis=1)) / 2 for key, student in students.items()}
