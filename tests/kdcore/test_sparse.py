"""Few samples, large tables: the sparse way gives the risks that the learners give on the same data."""

from __future__ import annotations

import pickle
import tracemalloc

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st

import kdcore as kd
from kdcore._numerics import sparse
from tests.kdcore.strategies import teachers

LEARNERS = list(kd.LEARNERS)


def by_the_learners(teacher, n, n_repeats, seed):
    """The risks from count tables of the same stream, through reveal, fit and conditional_tv."""
    size = teacher.pi.size
    cells = teacher.draw_cells(n, n_repeats, np.random.default_rng(seed))
    counts = np.array([np.bincount(row, minlength=size).reshape(teacher.pi.shape) for row in cells])
    return {
        key: kd.conditional_tv(learner.fit(kd.reveal(teacher, counts, learner.protocol)), teacher)
        for key, learner in kd.LEARNERS.items()
    }


def assert_same(teacher, n, n_repeats, seed):
    cells = teacher.draw_cells(n, n_repeats, np.random.default_rng(seed))
    few = sparse.SparseRisk(teacher, LEARNERS).risks(cells)
    dense = by_the_learners(teacher, n, n_repeats, seed)
    assert set(few) == set(dense)
    for key in LEARNERS:
        np.testing.assert_allclose(few[key], dense[key], rtol=0, atol=1e-14, err_msg=key)


@given(teachers(max_inputs=5, max_labels=6), st.integers(0, 30), st.integers(0, 5))
def test_small_teachers_with_zeros_and_ties(teacher, n, seed):
    assert_same(teacher, n, 20, seed)


@pytest.mark.parametrize(("n_inputs", "n_labels", "n"), [(1, 300, 20), (40, 12, 25), (12, 40, 0), (60, 60, 300)])
def test_random_teachers(n_inputs, n_labels, n):
    rng = np.random.default_rng(n)
    rows = rng.dirichlet(0.1 * np.ones(n_labels), size=n_inputs)
    assert_same(kd.Teacher(rng.dirichlet(np.ones(n_inputs)), rows), n, 100, seed=1)


def test_inputs_that_cannot_be_drawn_and_rows_that_miss_one_by_rounding():
    row = np.full(7, 1 / 7) * (1 + 5e-10)
    assert_same(kd.Teacher([0.0, 0.5, 0.5], [row, row[::-1], row]), 3, 200, seed=4)


def test_a_student_that_has_drawn_every_input_has_exactly_no_risk_under_soft_labels():
    risks = kd.sample_risk(kd.instance_0(2, 2000), 100, ["ce_ful"], n_repeats=50)["ce_ful"]
    assert (risks == 0).all()


def test_it_is_taken_only_when_the_table_is_much_larger_than_the_data():
    teacher = kd.instance_0(20, 50)
    assert sparse.pays(teacher, 124)
    assert not sparse.pays(teacher, 125)


def test_exact_risks_are_within_4_standard_errors():
    teacher = kd.instance_0(30, 40)
    table = kd.simulate_risk(teacher, 100, n_repeats=20_000, seed=2).set_index("learner")
    for key in LEARNERS:
        exact = kd.expected_risk(teacher, 100, key)
        assert abs(table.loc[key, "risk"] - exact) <= 4 * table.loc[key, "std_error"], key


def test_memory_does_not_grow_with_the_repeats_times_the_table():
    teacher = kd.instance_0(1000, 500)  # one dense table of counts is 4 MB, a thousand of them 4 GB
    tracemalloc.start()
    kd.sample_risk(teacher, 50, n_repeats=1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20


# ---- teachers given as sparse arrays


def random_sparse(n_inputs, n_labels, per_row, seed):
    """A policy with a few positive probabilities in each row, as a sparse array."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate([np.sort(rng.choice(n_labels, per_row, replace=False)) for _ in range(n_inputs)])
    masses = rng.dirichlet(np.ones(per_row), n_inputs).ravel()
    starts = np.arange(0, len(labels) + 1, per_row)
    return scipy.sparse.csr_array((masses, labels, starts), shape=(n_inputs, n_labels))


@pytest.mark.parametrize("n", [0, 3, 40, 500])
def test_a_sparse_teacher_is_the_dense_one(n):
    policy = random_sparse(6, 9, 4, seed=1)
    rho = np.array([0.3, 0.25, 0.2, 0.15, 0.1, 0.0])
    few, table = kd.Teacher(rho, policy), kd.Teacher(rho, policy.toarray())
    assert (few.n_inputs, few.n_labels) == (6, 9)
    assert np.array_equal(few.pi, table.pi)
    assert np.array_equal(few.joint, table.joint)
    assert np.array_equal(few.draw(n, 3, rng=0), table.draw(n, 3, rng=0))
    for learner in ("ce_sgl", "sel_ptl", "ce_ful"):
        assert kd.expected_risk(few, n, learner) == kd.expected_risk(table, n, learner)
    assert kd.simulate_risk(few, n, n_repeats=5).equals(kd.simulate_risk(table, n, n_repeats=5))
    again = pickle.loads(pickle.dumps(few))
    assert np.array_equal(again.pi, few.pi)


def test_a_sparse_teacher_needs_memory_for_its_entries_alone():
    policy = random_sparse(2000, 2000, 10, seed=2)
    tracemalloc.start()
    teacher = kd.Teacher(np.full(2000, 1 / 2000), policy)
    kd.simulate_risk(teacher, 10_000, n_repeats=3)
    for learner in ("ce_sgl", "ce_ful"):
        kd.expected_risk(teacher, 10_000, learner)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2000 * 2000 * 8 / 2  # a table of all pairs would need twice as much, for each copy


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows * 2, r"pi\[0\] sums to 2: it must sum to 1"),
        (lambda rows: rows - 2 * rows, r"pi\[0, \d\] = -0\.\d+: probabilities must not be negative"),
        (lambda rows: rows * np.nan, r"pi\[0, \d\] = nan: probabilities must be finite"),
        (lambda rows: rows[:2], "rho has 3 entries, pi has 2 rows"),
        (lambda rows: rows[:, :0], r"at least one entry on each axis, got shape \(3, 0\)"),
    ],
)
def test_bad_sparse_policies(change, message):
    with pytest.raises(ValueError, match=message):
        kd.Teacher([0.5, 0.25, 0.25], change(random_sparse(3, 5, 2, seed=3)))
