"""Transfer sets: exactly what each protocol tells, and NaN for the rest."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kdcore as kd
from tests.kdcore.strategies import count_tables, lessons, teachers

TEACHER = kd.Teacher([0.5, 0.5], [[0.7, 0.2, 0.1], [0.5, 0.5, 0.0]])


def fields(data):
    return [field.name for field in dataclasses.fields(data)]


def test_three_protocols():
    assert list(kd.PROTOCOLS) == ["hard", "partial", "soft"]


@given(lessons())
def test_hard_labels_are_the_counts_alone(lesson):
    teacher, counts = lesson
    data = kd.reveal(teacher, counts, "hard")
    assert isinstance(data, kd.HardLabels)
    assert fields(data) == ["counts"]
    assert np.array_equal(data.counts, counts)


@given(lessons())
def test_partial_soft_labels_hold_the_probability_of_drawn_labels_and_nan_elsewhere(lesson):
    teacher, counts = lesson
    data = kd.reveal(teacher, counts, "partial")
    assert isinstance(data, kd.PartialSoftLabels)
    assert fields(data) == ["counts", "probabilities"]
    assert np.array_equal(data.counts, counts)
    for s, a in np.ndindex(counts.shape):
        told = float(data.probabilities[s, a])
        assert told == teacher.pi[s, a] if counts[s, a] > 0 else math.isnan(told)


@given(lessons())
def test_soft_labels_hold_the_rows_of_drawn_inputs_and_nan_elsewhere(lesson):
    teacher, counts = lesson
    data = kd.reveal(teacher, counts, "soft")
    assert isinstance(data, kd.SoftLabels)
    assert fields(data) == ["counts", "rows"]
    assert np.array_equal(data.counts, counts)
    for s, a in np.ndindex(counts.shape):
        told = float(data.rows[s, a])
        assert told == teacher.pi[s, a] if counts[s].any() else math.isnan(told)


@given(st.data(), teachers())
def test_a_stack_of_tables_is_revealed_table_by_table(data, teacher):
    stack = np.stack([data.draw(count_tables(teacher)) for _ in range(4)])
    for protocol, told in (("hard", "counts"), ("partial", "probabilities"), ("soft", "rows")):
        whole = getattr(kd.reveal(teacher, stack.reshape(2, 2, *teacher.pi.shape), protocol), told)
        parts = [getattr(kd.reveal(teacher, table, protocol), told) for table in stack]
        np.testing.assert_array_equal(whole, np.stack(parts).reshape(whole.shape))


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.uint64])
def test_any_integers_count(dtype):
    counts = kd.reveal(TEACHER, np.array([[2, 1, 0], [0, 3, 0]], dtype=dtype), "hard").counts
    assert counts.dtype == np.int64
    assert counts.tolist() == [[2, 1, 0], [0, 3, 0]]


def test_a_transfer_set_cannot_be_exchanged():
    data = kd.reveal(TEACHER, [[1, 0, 0], [0, 0, 0]], "partial")
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.probabilities = TEACHER.pi


@pytest.mark.parametrize("protocol", ["firm", "Hard", "", None, 1])
def test_an_unknown_protocol_is_refused_with_the_known_ones(protocol):
    with pytest.raises(ValueError, match=f"^unknown protocol {protocol!r}: known are hard, partial, soft$"):
        kd.reveal(TEACHER, np.zeros((2, 3), int), protocol)


@pytest.mark.parametrize("protocol", ["hard", "partial", "soft"])
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1.0, 0, 0], [0, 0, 0]], "counts must be integers, got dtype float64"),
        ([[True, False, False]] * 2, "counts must be integers, got dtype bool"),
        ([[1, 0], [0, 0], [0, 0]], "counts must have shape (..., 2, 3) for this teacher, got (3, 2)"),
        ([1, 0, 0], "counts must have shape (..., 2, 3) for this teacher, got (3,)"),
        (3, "counts must have shape (..., 2, 3) for this teacher, got ()"),
        ([[1, 0, 0], [0, -2, 0]], "counts[1, 1] = -2: counts must not be negative"),
        ([[1, 0, 0], [0, 0, 4]], "counts[1, 2] = 4: the teacher gives this pair probability 0"),
        ([[[1, 0, 0], [0, 0, 0]], [[0, 0, -1], [0, 0, 0]]], "counts[1, 0, 2] = -1: counts must not be negative"),
    ],
)
def test_counts_that_the_teacher_cannot_have_drawn_are_refused(protocol, counts, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        kd.reveal(TEACHER, counts, protocol)


def test_a_count_at_an_input_of_mass_zero_is_refused():
    teacher = kd.Teacher([1.0, 0.0], [[0.5, 0.5], [0.5, 0.5]])
    with pytest.raises(ValueError, match=re.escape("counts[1, 0] = 1: the teacher gives this pair probability 0")):
        kd.reveal(teacher, [[0, 0], [1, 0]], "soft")
