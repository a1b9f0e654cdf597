"""Teacher: what it accepts, what it refuses, and the law of its draws."""

from __future__ import annotations

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import softmax

import kdcore as kd
from tests.kdcore import oracles
from tests.kdcore.strategies import teachers

HALF = [0.5, 0.5]
NO_INTEGERS = [(2.5, "2.5"), (2.0, "2.0; write 2"), (True, "True"), ("3", "'3'"), (None, "None"), (float("nan"), "nan")]


def refusal(*parts):
    """Raise-and-match for a ValueError whose message starts with exactly this text."""
    return pytest.raises(ValueError, match="^" + re.escape("".join(parts)))


def test_holds_read_only_copies():
    rho, pi = np.array(HALF), np.array([[0.25, 0.75], [1.0, 0.0]])
    teacher = kd.Teacher(rho, pi)
    rho[0], pi[0, 0] = 9, 9
    assert teacher.rho.tolist() == [0.5, 0.5]
    assert teacher.pi.tolist() == [[0.25, 0.75], [1.0, 0.0]]
    for array in (teacher.rho, teacher.pi, teacher.joint):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(AttributeError):
        teacher.rho = np.array(HALF)


@given(teachers())
def test_joint_is_rho_times_pi(teacher):
    assert (teacher.n_inputs, teacher.n_labels) == teacher.pi.shape
    for s in range(teacher.n_inputs):
        for a in range(teacher.n_labels):
            assert teacher.joint[s, a] == float(teacher.rho[s]) * float(teacher.pi[s, a])


@pytest.mark.parametrize("off", [5e-10, -5e-10])
def test_accepts_rounding_in_a_sum(off):
    assert kd.Teacher([0.5, 0.5 + off], [[1, 0], [off / 2, 1 + off / 2] if off > 0 else [0, 1 + off]]).n_inputs == 2


@pytest.mark.parametrize(
    ("rho", "pi", "message"),
    [
        ([0.5, 0.4], [HALF, HALF], "rho sums to 0.9: it must sum to 1 within 1e-09"),
        ([0.5, 0.5 + 2e-9], [HALF, HALF], "rho sums to 1.000000002: it must sum to 1 within 1e-09"),
        (HALF, [HALF, [0.5, 0.25]], "pi[1] sums to 0.75: it must sum to 1 within 1e-09"),
        (HALF, [[0.5, 0.5 - 2e-9], HALF], "pi[0] sums to 0.999999998: it must sum to 1 within 1e-09"),
        ([1.5, -0.5], [HALF, HALF], "rho[1] = -0.5: probabilities must not be negative"),
        (HALF, [HALF, [-0.1, 1.1]], "pi[1, 0] = -0.1: probabilities must not be negative"),
        ([np.nan, 1.0], [HALF, HALF], "rho[0] = nan: probabilities must be finite"),
        (HALF, [[0.5, np.nan], HALF], "pi[0, 1] = nan: probabilities must be finite"),
        (HALF, [HALF, [np.inf, 0.0]], "pi[1, 0] = inf: probabilities must be finite"),
        (HALF, [HALF, [1.0, -np.inf]], "pi[1, 1] = -inf: probabilities must be finite"),
        ([[0.5, 0.5]], [HALF, HALF], "rho must have shape (S,), got shape (1, 2)"),
        (1.0, [[1.0]], "rho must have shape (S,), got shape ()"),
        (HALF, HALF, "pi must have shape (S, A), got shape (2,)"),
        (HALF, [[HALF], [HALF]], "pi must have shape (S, A), got shape (2, 1, 2)"),
        ([], np.empty((0, 2)), "rho must hold at least one entry on each axis, got shape (0,)"),
        ([1.0], np.empty((0, 2)), "pi must hold at least one entry on each axis, got shape (0, 2)"),
        (HALF, np.empty((2, 0)), "pi must hold at least one entry on each axis, got shape (2, 0)"),
        (HALF, [[1.0], [0.5, 0.5]], "pi must be an array of numbers: "),
        ([0.5, "half"], [HALF, HALF], "rho must be an array of numbers: "),
        ([1.0], [HALF, HALF], "rho and pi must agree on the number of inputs: rho has 1 entries, pi has 2 rows"),
    ],
)
def test_refuses_what_is_no_law_and_says_where(rho, pi, message):
    with refusal(message):
        kd.Teacher(rho, pi)


@pytest.mark.parametrize(("value", "seen"), [(-1, "-1"), *NO_INTEGERS])
def test_draw_refuses_a_wrong_number_of_samples(value, seen):
    with refusal(f"n_samples must be a non-negative integer, got {seen}"):
        kd.instance_0(2, 2).draw(value, rng=0)


@pytest.mark.parametrize(("value", "seen"), [(0, "0"), (-1, "-1"), *NO_INTEGERS])
def test_draw_refuses_a_wrong_number_of_repeats(value, seen):
    with refusal(f"n_repeats must be an integer of at least 1, got {seen}"):
        kd.instance_0(2, 2).draw(3, value, rng=0)


def test_draw_needs_a_seed():
    teacher = kd.instance_0(2, 2)
    with pytest.raises(TypeError, match="rng"):
        teacher.draw(3)
    for value, seen in [(-1, "-1"), *NO_INTEGERS]:
        with refusal(f"rng must be a non-negative integer, got {seen}"):
            teacher.draw(3, rng=value)
    with refusal("rng must be a non-negative integer, got RandomState"):
        teacher.draw(3, rng=np.random.RandomState(0))


@given(teachers(), st.integers(0, 40), st.integers(1, 5), st.integers(0, 2**32))
def test_each_data_set_has_n_pairs_that_the_teacher_can_draw(teacher, n, n_repeats, seed):
    counts = teacher.draw(n, n_repeats, rng=seed)
    assert counts.dtype == np.int64
    assert counts.shape == (n_repeats, teacher.n_inputs, teacher.n_labels)
    assert counts.sum(axis=(1, 2)).tolist() == [n] * n_repeats
    assert counts.min() >= 0
    assert not counts[:, teacher.joint == 0].any()


def test_no_samples_give_empty_tables():
    assert kd.instance_0(3, 4).draw(0, 5, rng=0).tolist() == np.zeros((5, 3, 4)).tolist()


# Ten times 0.1 sums to just under 1 in floating point. With 10^17 samples what is left over would come to several
# samples, which must not go to the last cell when its probability is zero.
@pytest.mark.parametrize(
    ("rho", "pi"),
    [([0.1] * 10 + [0.0], [HALF] * 11), ([1.0], [[0.1] * 10 + [0.0]]), ([0.0, 1.0], [[1, 0, 0], [0.3, 0.7, 0]])],
)
def test_rounding_never_reaches_a_cell_of_probability_zero(rho, pi):
    teacher = kd.Teacher(rho, pi)
    counts = teacher.draw(10**17, 20, rng=1)
    assert not counts[:, teacher.joint == 0].any()
    assert counts.sum(axis=(1, 2)).tolist() == [10**17] * 20


@pytest.mark.parametrize(("uniform", "cell"), [(0.0, (0, 1)), (np.nextafter(1.0, 0.0), (1, 0))])
def test_extreme_uniform_numbers_fall_on_the_first_and_last_possible_cell(uniform, cell):
    class Extreme(np.random.Generator):
        def random(self, size):
            return np.full(size, uniform)

    teacher = kd.Teacher([0.3, 0.7, 0.0], [[0.0, 1.0], [1.0, 0.0], HALF])
    counts = teacher.draw(3, rng=Extreme(np.random.PCG64(0)))[0]
    assert counts[cell] == 3


def test_evenly_spread_uniform_numbers_give_each_cell_its_share():
    class Even(np.random.Generator):
        def random(self, size):
            total = int(np.prod(size))
            return ((np.arange(total) + 0.5) / total).reshape(size)

    teacher = kd.Teacher([0.2, 0.3, 0.5], [[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 1.0, 0.0], [0.25] * 4])
    counts = teacher.draw(1, 10_000, rng=Even(np.random.PCG64(0))).sum(axis=0)
    assert (np.abs(counts - 10_000 * teacher.joint) <= 1).all()


SMALL = kd.Teacher([0.4, 0.6], [[0.3, 0.7], [0.55, 0.45]])
GAPPED = kd.Teacher([0.4, 0.6, 0.0], [[0.0, 1.0, 0.0], [0.5, 0.2, 0.3], [0.1, 0.2, 0.7]])


# Below S*A samples are drawn one by one, from S*A on as tables; 300 000 repeats of SMALL take several blocks.
@pytest.mark.parametrize(
    ("teacher", "n", "n_repeats"),
    [(SMALL, 1, 20_000), (SMALL, 3, 300_000), (SMALL, 4, 300_000), (GAPPED, 3, 20_000), (GAPPED, 9, 60_000)],
)
def test_tables_follow_the_multinomial_law(teacher, n, n_repeats):
    n_cells = teacher.pi.size
    base = (n + 1) ** np.arange(n_cells)
    exact = {int(np.ravel(table) @ base): p for p, table in oracles.data_sets(teacher.rho, teacher.pi, n)}
    assert sum(exact.values()) == pytest.approx(1, abs=1e-12)
    seen = dict.fromkeys(exact, 0)
    counts = teacher.draw(n, n_repeats, rng=20240507)
    for code, times in zip(*np.unique(counts.reshape(n_repeats, -1) @ base, return_counts=True), strict=True):
        seen[int(code)] += int(times)  # a table of probability zero is a KeyError
    expected = n_repeats * np.array(list(exact.values()))
    observed = np.array(list(seen.values()))
    # Pearson's statistic is chi-square only where enough is expected: pool the rare tables.
    rare = expected < 10
    if rare.any():
        observed = np.append(observed[~rare], observed[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
    assert stats.chisquare(observed, expected).pvalue > 1e-4


@pytest.mark.parametrize("n", [5, 200])
def test_first_and_second_moments_are_multinomial(n):
    teacher = kd.Teacher([0.2, 0.3, 0.5], [[0.1, 0.2, 0.3, 0.4], [0.97, 0.01, 0.01, 0.01], [0.25] * 4])
    p = np.array([float(r) * float(q) for r, row in zip(teacher.rho, teacher.pi, strict=True) for q in row])
    n_repeats = 20_000
    deviation = teacher.draw(n, n_repeats, rng=7).reshape(n_repeats, -1) - n * p
    error = deviation.std(axis=0) / np.sqrt(n_repeats)
    assert (np.abs(deviation.mean(axis=0)) <= 4 * error).all()
    for i in range(len(p)):
        for j in range(i + 1):
            product = deviation[:, i] * deviation[:, j]
            covariance = n * (p[i] * (i == j) - p[i] * p[j])
            assert abs(product.mean() - covariance) <= 4 * product.std() / np.sqrt(n_repeats), (i, j)


@pytest.mark.parametrize("n", [3, 50])
def test_same_seed_same_draw(n):
    teacher = kd.instance_0(3, 4)
    first = teacher.draw(n, 10, rng=5)
    assert np.array_equal(first, teacher.draw(n, 10, rng=5))
    assert np.array_equal(first, teacher.draw(n, 10, rng=np.random.default_rng(5)))
    assert np.array_equal(first, teacher.draw(np.int32(n), np.uint8(10), rng=np.int64(5)))
    assert not np.array_equal(first, teacher.draw(n, 10, rng=6))


@pytest.mark.parametrize("n", [3, 50])
def test_draws_advance_a_generator(n):
    teacher, rng = kd.instance_0(3, 4), np.random.default_rng(5)
    assert not np.array_equal(teacher.draw(n, 10, rng=rng), teacher.draw(n, 10, rng=rng))


@pytest.mark.parametrize("n", [0, 3, 50])
@pytest.mark.parametrize("cells", [1, 7, 64])
def test_draws_do_not_depend_on_the_internal_block_size(monkeypatch, n, cells):
    teacher = kd.Teacher([0.2, 0.3, 0.5], [[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 1.0, 0.0], [0.25] * 4])
    whole = teacher.draw(n, 100, rng=3)
    monkeypatch.setattr("kdcore.teacher._BLOCK_CELLS", cells)
    assert np.array_equal(teacher.draw(n, 100, rng=3), whole)


@pytest.mark.parametrize(("n", "n_inputs", "n_labels"), [(1, 20, 25), (499, 20, 25), (500, 20, 25), (500, 1, 500)])
def test_temporaries_of_a_draw_are_small_beside_its_result(monkeypatch, n, n_inputs, n_labels):
    monkeypatch.setattr("kdcore.teacher._BLOCK_CELLS", 1 << 14)
    teacher = kd.instance_0(n_inputs, n_labels)
    tracemalloc.start()
    try:
        counts = teacher.draw(n, 4000, rng=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # At most 8 arrays of 2^14 numbers and one of a number per repeat and input; the result has 2 000 000 numbers.
    assert peak - counts.nbytes < 8 * (8 * 2**14 + 4000 * n_inputs)


def test_logits_of_float32_are_the_softmax_in_double_precision():
    logits = np.random.default_rng(0).normal(0, 8, (50, 7)).astype(np.float32)
    logits[3, :6] = -np.inf
    for temperature in (0.5, 1, 20):
        teacher = kd.Teacher.from_logits(logits, temperature=temperature)
        np.testing.assert_allclose(teacher.pi, softmax(logits.astype(float) / temperature, axis=1), rtol=1e-13)
        assert teacher.rho.tolist() == [1 / 50] * 50
    assert kd.Teacher.from_logits([[0, 0], [1, 1]], rho=[0.9, 0.1]).rho.tolist() == [0.9, 0.1]


def test_a_table_of_float32_probabilities_comes_in_by_its_logarithms():
    p = softmax(np.random.default_rng(1).normal(0, 4, (1797, 10)), axis=1).astype(np.float32)
    with pytest.raises(ValueError, match="must sum to 1 within"):
        kd.Teacher(np.full(1797, 1 / 1797), p)
    np.testing.assert_allclose(kd.Teacher.from_logits(np.log(p)).pi, p, rtol=1e-5)


def test_counts_are_relative_frequencies():
    counts = np.random.default_rng(2).integers(0, 9, (6, 4)) + np.eye(6, 4, dtype=int)
    counts[:, 0] += 1
    np.testing.assert_allclose(kd.Teacher.from_counts(counts).joint, counts / counts.sum(), rtol=1e-14)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: kd.Teacher.from_logits([[0, np.nan]]), r"logits\[0, 1\] = nan: logits must be finite, or -inf"),
        (lambda: kd.Teacher.from_logits([[0, 1], [np.inf, 1]]), r"logits\[1, 0\] = inf: logits must be finite"),
        (
            lambda: kd.Teacher.from_logits([[0, 1], [-np.inf] * 2]),
            r"logits\[1, 0\] = -inf: each row must allow a label",
        ),
        (lambda: kd.Teacher.from_logits([[0, 1]], temperature=0), "temperature must be a positive number, got 0"),
        (
            lambda: kd.Teacher.from_logits([[0, 1]], temperature=np.inf),
            "temperature must be a positive number, got inf",
        ),
        (lambda: kd.Teacher.from_logits([0, 1]), r"logits must have shape \(S, A\), got shape \(2,\)"),
        (lambda: kd.Teacher.from_logits([[0, 1]], rho=[0.5, 0.5]), "rho has 2 entries"),
        (lambda: kd.Teacher.from_counts([[1, -1]]), r"counts\[0, 1\] = -1.0: counts must not be negative"),
        (lambda: kd.Teacher.from_counts([[1, 2], [0, 0]]), r"counts\[1, 0\] = 0.0: each row must hold a count"),
        (lambda: kd.Teacher.from_counts([[1, np.inf]]), r"counts\[0, 1\] = inf: counts must be finite"),
    ],
)
def test_refuses_logits_and_counts_that_make_no_law(make, message):
    with pytest.raises(ValueError, match=message):
        make()
