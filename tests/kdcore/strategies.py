"""Teachers, samples and policies for property tests, with zeros, ties and very unequal masses among them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

import kdcore as kd

_WEIGHT = st.one_of(st.integers(0, 9), st.just(0), st.just(100_000))


def laws(size: int) -> st.SearchStrategy[np.ndarray]:
    """Probability vectors of a length; entries may be 0, and nothing but zeros stands for all mass on the first."""
    weights = st.lists(_WEIGHT, min_size=size, max_size=size)
    return weights.map(lambda w: np.array(w if any(w) else [1] + [0] * (size - 1)) / max(1, sum(w)))


@st.composite
def teachers(draw: st.DrawFn, max_inputs: int = 3, max_labels: int = 4) -> kd.Teacher:
    n_inputs = draw(st.integers(1, max_inputs))
    n_labels = draw(st.integers(1, max_labels))
    return kd.Teacher(draw(laws(n_inputs)), [draw(laws(n_labels)) for _ in range(n_inputs)])


def policies(n_inputs: int, n_labels: int) -> st.SearchStrategy[np.ndarray]:
    return st.lists(laws(n_labels), min_size=n_inputs, max_size=n_inputs).map(np.array)


def count_tables(teacher: kd.Teacher, max_samples: int = 12) -> st.SearchStrategy[np.ndarray]:
    """Count tables that the teacher can draw, shape (S, A); the empty one among them."""
    cells = [tuple(int(i) for i in cell) for cell in np.argwhere(teacher.joint > 0)]

    def count(samples: list[tuple[int, int]]) -> np.ndarray:
        table = np.zeros(teacher.pi.shape, dtype=np.int64)
        for cell in samples:
            table[cell] += 1
        return table

    return st.lists(st.sampled_from(cells), max_size=max_samples).map(count)


@st.composite
def lessons(draw: st.DrawFn, max_inputs: int = 3, max_labels: int = 4) -> tuple[kd.Teacher, np.ndarray]:
    """A teacher and a count table that it can draw."""
    teacher = draw(teachers(max_inputs, max_labels))
    return teacher, draw(count_tables(teacher))
