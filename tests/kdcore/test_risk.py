"""The risk and its simulation: agreement with enumeration, calibrated errors, streams without an order."""

from __future__ import annotations

import json
import math
import re
import statistics
import subprocess
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import kdcore as kd
from kdcore.risk import BLOCK_CELLS, repeat_blocks
from tests.kdcore import oracles
from tests.kdcore.strategies import policies, teachers

KEYS = ["ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"]
COLUMNS = ["learner", "n_samples", "risk", "std_error", "n_repeats"]
PLAIN = kd.Teacher([0.3, 0.7], [[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
GAPPED = kd.Teacher([0.5, 0.5, 0.0], [[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]])
BANDIT = kd.Teacher([1.0], [[0.55, 0.25, 0.15, 0.05]])


@given(st.data(), teachers())
def test_conditional_tv_is_its_definition(data, teacher):
    stack = np.stack([data.draw(policies(*teacher.pi.shape)) for _ in range(4)])
    expected = [oracles.conditional_tv(policy, teacher.rho, teacher.pi) for policy in stack]
    np.testing.assert_allclose(kd.conditional_tv(stack, teacher), expected, rtol=0, atol=1e-14)
    nested = kd.conditional_tv(stack.reshape(2, 2, *teacher.pi.shape), teacher)
    np.testing.assert_allclose(nested, np.reshape(expected, (2, 2)), rtol=0, atol=1e-14)
    assert kd.conditional_tv(stack[0].tolist(), teacher).shape == ()
    assert ((nested >= 0) & (nested <= 1 + 1e-14)).all()


@given(teachers())
def test_conditional_tv_is_0_for_the_teacher_itself(teacher):
    assert kd.conditional_tv(teacher.pi, teacher) == 0


def test_conditional_tv_is_1_for_a_student_that_is_always_wrong():
    assert kd.conditional_tv([[0, 1], [1, 0]], kd.Teacher([0.25, 0.75], [[1, 0], [0, 1]])) == 1


def test_conditional_tv_does_not_change_its_argument():
    student = np.array([[0.5, 0.5]])
    kd.conditional_tv(student, kd.Teacher([1.0], [[0.25, 0.75]]))
    assert student.tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize("cell", [(0, 0), (1, 2)])
def test_conditional_tv_passes_nan_on_and_keeps_it_to_its_data_set(cell):
    stack = np.tile(PLAIN.pi, (3, 1, 1))
    stack[1][cell] = np.nan
    assert np.isnan(kd.conditional_tv(stack, PLAIN)).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("student", "message"),
    [
        (
            [[7, 7, 7], [7, 7, 7]],
            "student[0] does not sum to 1: each row must be a probability vector, within 1e-06",
        ),
        ([PLAIN.pi, [[1, 0, 0], [0.5, 0.4, 0]]], "student[1, 1] does not sum to 1"),
        ([[1, 0, 0], [1.1, -0.1, 0]], "student[1] holds a negative number"),
        ([[1, 0, 0], [math.inf, 0, 0]], "student[1] does not sum to 1"),
        ([[math.nan, 0, 0], [0.3, 0.3, 0.3]], "student[1] does not sum to 1"),
        ([[1, 0, 0], ["a", "b", "c"]], "student must be an array of numbers"),
        (np.log(PLAIN.pi), "student[0] holds a negative number"),
    ],
)
def test_conditional_tv_refuses_what_is_no_policy(student, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        kd.conditional_tv(student, PLAIN)


@pytest.mark.parametrize("teacher", [PLAIN.pi, None, (PLAIN.rho, PLAIN.pi)])
def test_conditional_tv_refuses_what_is_no_teacher(teacher):
    message = f"teacher must be a Teacher, got {type(teacher).__name__}: conditional_tv(student, teacher)"
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        kd.conditional_tv(PLAIN.pi, teacher)


def test_conditional_tv_takes_rows_that_miss_one_by_rounding():
    single = np.array([[1 / 3] * 3, [0.1, 0.2, 0.7]], dtype=np.float32)
    assert kd.conditional_tv(single, PLAIN) == pytest.approx(kd.conditional_tv(single.astype(float), PLAIN), abs=1e-7)
    assert kd.conditional_tv([[1 + 1e-16, -1e-17, 0], [0, 0, 1]], PLAIN) > 0
    assert kd.conditional_tv(np.ones((0, 2, 3)), PLAIN).shape == (0,)


@pytest.mark.parametrize("shape", [(3, 2), (2,), (), (2, 3, 1)])
def test_conditional_tv_refuses_another_shape(shape):
    message = f"student must have shape (..., 2, 3) for this teacher, got {shape}"
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        kd.conditional_tv(np.ones(shape), PLAIN)


# Both ways to draw: sample by sample below S*A, as tables from there on.
@pytest.mark.parametrize(
    ("teacher", "n"), [(PLAIN, 3), (PLAIN, 7), (GAPPED, 2), (GAPPED, 8), (BANDIT, 1), (BANDIT, 3), (BANDIT, 12)]
)
def test_simulated_risk_is_within_4_standard_errors_of_the_exact_one(teacher, n):
    table = kd.simulate_risk(teacher, n, n_repeats=50_000, seed=11).set_index("learner")
    for key in KEYS:
        exact = oracles.expected_risk(key, teacher.rho, teacher.pi, n)
        risk, error = table.loc[key, "risk"], table.loc[key, "std_error"]
        assert abs(risk - exact) <= 4 * error + 1e-14, key
        # The error itself is that of the exact variance, to 4 standard errors of a variance estimate.
        law = oracles.risk_law(key, teacher.rho, teacher.pi, n)
        second, fourth = (math.fsum(p * (r - exact) ** power for p, r in law) for power in (2, 4))
        slack = 4 * math.sqrt(max(0.0, fourth - second**2) / 50_000)
        assert abs(50_000 * error**2 - second) <= slack + 1e-14, key


@pytest.fixture(scope="module")
def of_400_seeds():
    return pd.concat([kd.simulate_risk(PLAIN, 4, KEYS, n_repeats=500, seed=seed) for seed in range(400)])


@pytest.mark.parametrize("key", KEYS)
def test_standard_errors_are_calibrated_over_seeds(key, of_400_seeds):
    exact = oracles.expected_risk(key, PLAIN.rho, PLAIN.pi, 4)
    tables = of_400_seeds[of_400_seeds["learner"] == key]
    assert len(tables) == 400
    scores = ((tables["risk"] - exact) / tables["std_error"]).tolist()
    total = sum(score**2 for score in scores)
    assert 1e-4 < stats.chi2.cdf(total, df=400) < 1 - 1e-4
    assert abs(sum(scores)) / math.sqrt(400) <= 4


@pytest.mark.parametrize("teacher", [PLAIN, GAPPED, BANDIT, kd.instance_0(4, 5)])
def test_without_samples_every_learner_answers_uniform(teacher):
    table = kd.simulate_risk(teacher, 0, n_repeats=3)
    uniform = np.full(teacher.pi.shape, 1 / teacher.n_labels)
    expected = oracles.conditional_tv(uniform, teacher.rho, teacher.pi)
    np.testing.assert_allclose(table["risk"], expected, rtol=1e-12)
    np.testing.assert_allclose(table["std_error"], 0, atol=1e-15)


def test_table_has_a_row_a_learner_and_the_documented_columns():
    table = kd.simulate_risk(PLAIN, 5, n_repeats=40)
    assert table.columns.tolist() == COLUMNS
    assert table["learner"].tolist() == KEYS
    assert table["n_samples"].tolist() == [5] * 4
    assert table["n_repeats"].tolist() == [40] * 4
    assert table.index.tolist() == [0, 1, 2, 3]


def test_table_summarises_the_samples():
    samples = kd.sample_risk(PLAIN, 5, n_repeats=40, seed=3, point=2)
    table = kd.simulate_risk(PLAIN, 5, n_repeats=40, seed=3, point=2).set_index("learner")
    assert list(samples) == KEYS
    for key, values in samples.items():
        assert values.shape == (40,)
        assert table.loc[key, "risk"] == pytest.approx(statistics.fmean(values), rel=1e-13)
        error = statistics.stdev(values.tolist()) / math.sqrt(40)
        assert table.loc[key, "std_error"] == pytest.approx(error, rel=1e-12, abs=1e-16)


def test_one_repeat_has_no_standard_error():
    table = kd.simulate_risk(PLAIN, 5, n_repeats=1)
    assert table["std_error"].isna().all()
    assert table["risk"].notna().all()


@pytest.mark.parametrize("learners", [["ce_ful"], ["sel_ptl", "ce_sgl"], ["ce_ptl", "ce_ful", "sel_ptl"], KEYS[::-1]])
@pytest.mark.parametrize("n", [3, 30])
def test_some_learners_get_the_numbers_that_they_get_among_all(learners, n):
    everyone = kd.sample_risk(PLAIN, n, n_repeats=50, seed=1)
    some = kd.sample_risk(PLAIN, n, learners, n_repeats=50, seed=1)
    assert list(some) == learners
    for key in learners:
        assert np.array_equal(some[key], everyone[key])
    assert kd.simulate_risk(PLAIN, n, tuple(learners), n_repeats=50)["learner"].tolist() == learners


@pytest.mark.parametrize("n", [3, 30])
def test_the_seed_and_the_point_determine_every_bit(n):
    runs = {
        (seed, point): kd.sample_risk(PLAIN, n, ["ce_sgl"], n_repeats=50, seed=seed, point=point)["ce_sgl"]
        for seed in (0, 1)
        for point in (0, 1)
    }
    for (seed, point), values in runs.items():
        again = kd.sample_risk(PLAIN, n, ["ce_sgl"], n_repeats=50, seed=seed, point=point)["ce_sgl"]
        assert np.array_equal(values, again)
    assert len({values.tobytes() for values in runs.values()}) == 4


@given(st.integers(1, 10**5), st.integers(0, 10**5), st.integers(1, 10**4))
def test_blocks_cover_the_repeats_and_bound_what_is_drawn(n_cells, n_samples, n_repeats):
    blocks = list(repeat_blocks(kd.instance_0(1, n_cells), n_samples, n_repeats))
    drawn = max(1, n_samples) if 8 * n_samples < n_cells else n_cells
    assert [number for number, _ in blocks] == list(range(len(blocks)))
    sizes = [size for _, size in blocks]
    assert sum(sizes) == n_repeats
    assert all(0 < size <= max(1, BLOCK_CELLS / drawn) for size in sizes)
    assert len(set(sizes[:-1])) <= 1


@pytest.mark.parametrize("n", [70, 700])
def test_each_block_can_be_computed_alone_and_in_any_order(n):
    teacher, n_repeats, seed, point = kd.instance_0(20, 25), 1200, 9, 4
    whole = kd.sample_risk(teacher, n, n_repeats=n_repeats, seed=seed, point=point)
    blocks = list(repeat_blocks(teacher, n, n_repeats))
    assert len(blocks) == 19
    end = n_repeats
    for block, size in reversed(blocks):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(point, block)))
        counts = teacher.draw(n, size, rng=rng)
        for key in KEYS:
            student = kd.LEARNERS[key].fit(kd.reveal(teacher, counts, oracles.PROTOCOL_OF[key]))
            assert np.array_equal(kd.conditional_tv(student, teacher), whole[key][end - size : end])
        end -= size
    assert end == 0


@pytest.mark.parametrize("function", [kd.sample_risk, kd.simulate_risk])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_samples": -1}, "n_samples must be a non-negative integer, got -1"),
        ({"n_samples": 3.0}, "n_samples must be a non-negative integer, got 3.0; write 3"),
        ({"n_samples": True}, "n_samples must be a non-negative integer, got True"),
        ({"n_repeats": 0}, "n_repeats must be an integer of at least 1, got 0"),
        ({"n_repeats": 10.5}, "n_repeats must be an integer of at least 1, got 10.5"),
        ({"seed": -1}, "seed must be a non-negative integer, got -1"),
        ({"seed": None}, "seed must be a non-negative integer, got None"),
        ({"point": -2}, "point must be a non-negative integer, got -2"),
        ({"learners": ["ce_sgl", "ce"]}, "unknown learner 'ce': known are ce_sgl, ce_ptl, sel_ptl, ce_ful"),
        ({"learners": "ce"}, "unknown learner 'ce': known are ce_sgl, ce_ptl, sel_ptl, ce_ful"),
        ({"learners": 3}, "learners must be a key, a Learner or several of these, got 3"),
        (
            {"learners": ["ce_sgl", "ce_ful", "ce_sgl"]},
            "two learners are called ce_sgl: each must have a name of its own",
        ),
        ({"learners": [0]}, "unknown learner 0: known are ce_sgl, ce_ptl, sel_ptl, ce_ful"),
        ({"learners": []}, "no learner given: known are ce_sgl, ce_ptl, sel_ptl, ce_ful"),
    ],
)
def test_refuses_what_it_cannot_simulate(function, arguments, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        function(**{"teacher": PLAIN, "n_samples": 3, "n_repeats": 2, **arguments})


@pytest.mark.parametrize("n", [400, 2500])
def test_count_tables_of_all_repeats_are_never_held_at_once(n):
    n_repeats = 2000
    tracemalloc.start()
    try:
        kd.sample_risk(kd.instance_0(100, 25), n, n_repeats=n_repeats)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < n_repeats * 2500 * 8  # bytes of one array of all tables


PAPER_SIZE = """
import json, resource, sys
import kdcore as kd
table = kd.simulate_risk(kd.instance_0(100, 25), n_samples=100, n_repeats=64_000)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"peak": peak, "n_repeats": table["n_repeats"].tolist(), "ce_ful": table.iloc[3][2:4].tolist()}))
"""


@pytest.mark.slow
def test_the_papers_64_000_repeats_peak_under_1_gib():
    pytest.importorskip("resource", reason="Windows does not say how much memory a process took")
    result = subprocess.run([sys.executable, "-c", PAPER_SIZE], capture_output=True, text=True, check=True, timeout=300)
    run = json.loads(result.stdout)
    assert run["n_repeats"] == [64_000] * 4  # as one array, the count tables alone would take 1.2 GiB
    assert run["peak"] < 2**30
    # CE_ful answers Uniform at an input not drawn, which is (1 - 1/A) / 2 away from Instance 0's row.
    risk, error = run["ce_ful"]
    assert abs(risk - (1 - 1 / 100) ** 100 * 0.48) <= 4 * error
