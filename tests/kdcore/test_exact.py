"""Exact risks against enumeration, high-precision arithmetic, direct sums and simulation."""

from __future__ import annotations

import math
import tracemalloc
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

import kdcore as kd
from kdcore import exact
from kdcore._numerics import binomial, losses, occupancy
from tests.kdcore import oracles
from tests.kdcore.strategies import teachers

LEARNERS = list(kd.LEARNERS)


@st.composite
def two_level_rows(draw, n_labels):
    """A row with at most two positive levels and some zeros, in any order."""
    low, high = draw(st.integers(1, 9)), draw(st.integers(1, 200))
    weights = [draw(st.sampled_from([0, low, high])) for _ in range(n_labels)]
    weights[draw(st.integers(0, n_labels - 1))] = high
    return [weight / sum(weights) for weight in weights]


@st.composite
def two_level_teachers(draw):
    n_inputs, n_labels = draw(st.sampled_from([(1, 2), (1, 5), (2, 3), (3, 2), (1, 4)]))
    weights = [draw(st.integers(0, 20)) for _ in range(n_inputs - 1)] + [draw(st.integers(1, 20))]
    rows = [draw(two_level_rows(n_labels)) for _ in range(n_inputs)]
    return kd.Teacher(np.array(weights) / sum(weights), rows)


def assert_exact(teacher, n, learner):
    expected = oracles.expected_risk(learner, teacher.rho, teacher.pi, n)
    assert kd.expected_risk(teacher, n, learner) == pytest.approx(expected, rel=1e-10, abs=1e-13)


@given(two_level_teachers(), st.integers(0, 6), st.sampled_from(LEARNERS))
def test_all_learners_agree_with_enumeration_on_two_level_rows(teacher, n, learner):
    assert_exact(teacher, n, learner)


@given(teachers(max_inputs=2, max_labels=3), st.integers(0, 6), st.sampled_from(["ce_sgl", "sel_ptl", "ce_ful"]))
def test_the_learners_that_take_any_levels_agree_with_enumeration(teacher, n, learner):
    assert_exact(teacher, n, learner)


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize(
    ("teacher", "n"),
    [
        (kd.instance_0(2, 3), 8),
        (kd.instance_1(1, 4, 9), 9),
        (kd.instance_1(2, 3, 7), 7),
        (kd.instance_2(1, 5, 9), 9),
        (kd.instance_3(3, 3, 6), 6),
    ],
)
def test_the_papers_instances_agree_with_enumeration(teacher, n, learner):
    assert_exact(teacher, n, learner)


SIMULATED = {
    "instance_0": (kd.instance_0(20, 8), 150),
    "instance_1": (kd.instance_1(6, 10, 400), 400),
    "instance_2": (kd.instance_2(5, 9, 300), 300),
    "instance_3": (kd.instance_3(8, 7, 200), 200),
    "two levels, unequal inputs": (
        kd.Teacher([0.6, 0.3, 0.1], [[0.4, 0.4, 0.1, 0.1, 0], [0.02] * 2 + [0.32] * 3, [0.2] * 5]),
        15,
    ),
    "two levels, far apart": (kd.Teacher([1.0], [[0.9] + [0.01] * 10]), 100),
}


@pytest.mark.parametrize(("teacher", "n"), SIMULATED.values(), ids=SIMULATED)
def test_simulation_is_within_4_standard_errors(teacher, n):
    table = kd.simulate_risk(teacher, n, n_repeats=40_000, seed=11).set_index("learner")
    for learner in LEARNERS:
        exact = kd.expected_risk(teacher, n, learner)
        assert abs(table.loc[learner, "risk"] - exact) <= 4 * table.loc[learner, "std_error"] + 1e-12, learner


@pytest.mark.parametrize("seed", range(4))
def test_simulation_on_random_teachers_is_within_4_standard_errors(seed):
    rng = np.random.default_rng(seed)
    teacher = kd.Teacher(rng.dirichlet(np.ones(7)), rng.dirichlet(0.5 * np.ones(6), size=7))
    table = kd.simulate_risk(teacher, 60, ["ce_sgl", "ce_ful"], n_repeats=40_000, seed=seed).set_index("learner")
    for learner in ("ce_sgl", "ce_ful"):
        exact = kd.expected_risk(teacher, 60, learner)
        assert abs(table.loc[learner, "risk"] - exact) <= 4 * table.loc[learner, "std_error"]


def unseen_law(n, masses, sizes):
    """P(U_1 = i, U_2 = j) by inclusion and exclusion, in 150 digits: its alternating sums need them."""
    (p, q), (m, k) = masses, sizes
    left = {(i, j): 1 - i * Decimal(p) - j * Decimal(q) for i in range(m + 1) for j in range(k + 1)}
    power = {size: max(mass, Decimal(0)) ** n for size, mass in left.items()}
    law = {}
    for i in range(m + 1):
        for j in range(k + 1):
            total = Decimal(0)
            for a in range(m - i + 1):
                for b in range(k - j + 1):
                    total += (-1) ** (a + b) * math.comb(m - i, a) * math.comb(k - j, b) * power[i + a, j + b]
            law[i, j] = math.comb(m, i) * math.comb(k, j) * total
    return law


@pytest.mark.parametrize(
    ("masses", "sizes"),
    [((0.01, 0.03), (6, 5)), ((1e-3, 0.15), (9, 2)), ((0.125, 0.0625), (4, 4)), ((1e-9, 0.25), (5, 3))],
)
@pytest.mark.parametrize("n", [1, 2, 7, 30, 100, 400, 1000, 30_000, 10**6, 10**9])
def test_sel_ptl_is_right_in_relative_terms_against_150_digits(masses, sizes, n):
    loss = np.add.outer(np.arange(sizes[0] + 1.0), np.arange(sizes[1] + 1.0) ** 2)
    with localcontext() as context:
        context.prec = 150
        law = unseen_law(n, masses, sizes)
        expected = float(sum(probability * Decimal(float(loss[u])) for u, probability in law.items()))
    actual = occupancy.expected_loss(n, masses, sizes, loss)
    assert actual == pytest.approx(expected, rel=1e-11, abs=1e-290)


@pytest.mark.parametrize("n", [10, 1000, 10**6, 10**9])
def test_sel_ptl_with_one_light_level_has_a_closed_form(n):
    """One label of mass 1 - p, one of p and one of 0: only the draw of the light label matters."""
    p = 2 / (n + 1)
    teacher = kd.Teacher([1.0], [[1 - p, p, 0.0]])
    # light label unseen: p/2 of loss; heavy label unseen: (1 - p) / 2
    expected = (1 - p) ** n * p / 2 + p**n * (1 - p) / 2
    assert kd.expected_risk(teacher, n, "sel_ptl") == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("n", [0, 1, 50, 10**5, 10**9])
def test_ce_ful_is_missing_mass_times_the_distance_from_uniform(n):
    rho = [1e-9, 1e-4, 0.5, 0.5 - 1e-4 - 1e-9]
    teacher = kd.Teacher(rho, [[1.0, 0.0]] * 4)
    with localcontext() as context:
        context.prec = 60
        expected = float(sum(Decimal(p) * (1 - Decimal(p)) ** n for p in rho) / 2)
    assert kd.expected_risk(teacher, n, "ce_ful") == pytest.approx(expected, rel=1e-9)
    assert kd.expected_missing_mass(rho, n) == pytest.approx(2 * expected, rel=1e-9)


def brute_ce_sgl(teacher, n):
    """Sum over every number of draws and every count."""
    total = 0.0
    for rho, row in zip(teacher.rho, teacher.pi, strict=True):
        for k in range(1, n + 1):
            x = np.arange(k + 1)
            loss = sum(binom.pmf(x, k, p) @ np.abs(x / k - p) for p in row) / 2
            total += rho * binom.pmf(k, n, rho) * loss
        total += rho * (1 - rho) ** n * np.abs(row - 1 / len(row)).sum() / 2
    return total


def test_ce_sgl_agrees_with_the_sum_over_all_counts():
    teacher = kd.Teacher([0.9, 0.1], [[0.5, 0.3, 0.2], [0.001, 0.0, 0.999]])
    assert kd.expected_risk(teacher, 300, "ce_sgl") == pytest.approx(brute_ce_sgl(teacher, 300), rel=1e-11)


@pytest.mark.parametrize(("n", "rho"), [(0, 0.5), (1, 0.3), (40, 0.9), (3000, 0.01), (200_000, 0.02), (2000, 1.0)])
def test_deviations_along_the_number_of_draws_are_those_one_by_one(n, rho):
    """Among them draws that meet n p exactly, and probabilities next to 0 and to 1."""
    edges = [1.0, np.nextafter(1, 0), 1 - 1e-12, 1e-300, 1e-12, 0.5, 0.25, 0.2, 1 / 3, 0.75]
    p = np.concatenate([edges, np.random.default_rng(n).beta(0.3, 3, 200)])
    draws, weights = binomial.nodes(n, rho)
    one_by_one = [weights @ (binomial.mean_deviation(draws, q) / draws) for q in p]
    assert binomial.mean_relative_deviation(n, rho, p) == pytest.approx(one_by_one, rel=1e-11, abs=1e-15)
    assert binomial.mean_relative_deviation(n, rho, p[:9]) == pytest.approx(one_by_one[:9], rel=1e-12, abs=1e-15)


def test_ce_sgl_at_a_million_is_its_limit_to_first_order():
    teacher = kd.Teacher([0.7, 0.3], [[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    scaled = [math.sqrt(n) * kd.expected_risk(teacher, n, "ce_sgl") for n in (10**5, 10**6)]
    limit = kd.exact.ce_sgl_constant(teacher)
    assert abs(scaled[1] - limit) < 2e-6
    assert abs(scaled[1] - limit) < 0.2 * abs(scaled[0] - limit)  # the next term falls like 1 / n


def brute_ce_ptl(rho, row, n):
    """Sum over every (draws, draws on level 1, count of one label of each level)."""
    (v, m), (w, k) = row
    share, total = v * m, 0.0
    for draws in range(1, n + 1):
        for hits in range(draws + 1):
            z = v * hits + w * (draws - hits)
            x, y = np.arange(hits + 1), np.arange(draws - hits + 1)
            loss = m * binom.pmf(x, hits, 1 / m) @ np.abs(v * x / z - v)
            loss += k * binom.pmf(y, draws - hits, 1 / k) @ np.abs(w * y / z - w)
            total += binom.pmf(draws, n, rho) * binom.pmf(hits, draws, share) * loss / 2
    return total


def test_ce_ptl_agrees_with_the_sum_over_all_counts():
    rows = [[0.1] * 3 + [0.35] * 2, [0.05] * 4 + [0.8]]
    teacher = kd.Teacher([0.75, 0.25], rows)
    drawn = 0.75 * brute_ce_ptl(0.75, [(0.1, 3), (0.35, 2)], 40) + 0.25 * brute_ce_ptl(0.25, [(0.05, 4), (0.8, 1)], 40)
    never = 0.75 * 0.25**40 * np.abs(np.array(rows[0]) - 0.2).sum() / 2
    never += 0.25 * 0.75**40 * np.abs(np.array(rows[1]) - 0.2).sum() / 2
    assert kd.expected_risk(teacher, 40, "ce_ptl") == pytest.approx(drawn + never, rel=1e-12)


def test_ce_ptl_on_instance_0_tends_to_the_plateau_of_figure_1():
    teacher = kd.instance_0(100, 25)
    assert f"{kd.exact.ce_ptl_limit(teacher):.4f}" == "0.4457"
    errors = [abs(kd.expected_risk(teacher, n, "ce_ptl") - kd.exact.ce_ptl_limit(teacher)) for n in (10**4, 10**5)]
    assert errors[1] < 1e-4
    assert errors[1] < 0.15 * errors[0]


@given(st.integers(1, 6), st.integers(0, 3), st.integers(0, 200))
def test_ce_ptl_is_ce_sgl_where_all_drawn_labels_are_equally_likely(n_support, n_zeros, n):
    teacher = kd.Teacher([0.5, 0.5], [[1 / n_support] * n_support + [0] * n_zeros] * 2)
    assert kd.expected_risk(teacher, n, "ce_ptl") == kd.expected_risk(teacher, n, "ce_sgl")
    assert kd.exact.ce_ptl_limit(teacher) == pytest.approx(0, abs=1e-15)


@given(teachers())
def test_limits_are_those_of_the_definition(teacher):
    limit = constant = 0.0
    for rho, row in zip(teacher.rho, teacher.pi, strict=True):
        total = sum(p * p for p in row)
        limit += rho * sum(abs(p * p / total - p) for p in row) / 2
        constant += math.sqrt(rho) * sum(math.sqrt(max(0, p * (1 - p)) / (2 * math.pi)) for p in row)
    assert kd.exact.ce_ptl_limit(teacher) == pytest.approx(limit, rel=1e-12, abs=1e-15)
    assert kd.exact.ce_sgl_constant(teacher) == pytest.approx(constant, rel=1e-12, abs=1e-12)


@given(two_level_teachers(), st.integers(0, 10**6), st.sampled_from(["sel_ptl", "ce_ful"]))
def test_missing_mass_bounds_the_students_that_are_exact_on_what_they_saw(teacher, n, learner):
    law = teacher.joint if learner == "sel_ptl" else teacher.rho
    assert kd.expected_risk(teacher, n, learner) <= kd.expected_missing_mass(law, n) * (1 + 1e-10) + 1e-300


@pytest.mark.parametrize("n", [0, 1, 10, 10**4, 10**6, 10**9])
@pytest.mark.parametrize("p", [1e-12, 1e-6, 0.01, 0.5, 0.99, 1.0])
def test_windows_leave_out_no_more_than_stated(n, p):
    first, last = binomial.window(n, p)
    assert 0 <= first <= last <= n
    assert binom.cdf(first - 1, n, p) + binom.sf(last, n, p) <= binomial.TAIL
    assert last - first <= 25 * math.sqrt(n * p * (1 - p)) + 100


@pytest.mark.parametrize("p", [1e-6, 0.03, 0.5, 0.97])
def test_rows_of_binomial_probabilities_are_the_binomial(p):
    n = np.array([1, 2, 5, 100, 4000])
    values, mass = binomial.central_rows(n, p)
    inside = (values >= 0) & (values <= n[:, np.newaxis])
    expected = np.where(inside, binom.pmf(np.maximum(values, 0), n[:, np.newaxis], p), 0)
    np.testing.assert_allclose(mass, expected, rtol=1e-10, atol=1e-17)


@pytest.mark.parametrize("p", [0.02, 1 / 3, 0.5])
def test_deviations_from_integers_are_direct_sums(p):
    n, first = np.array([0, 1, 7, 900]), np.array([0, 0, 2, 280])
    table = binomial.deviations_from_integers(n, p, first, 40)
    for row, trials, start in zip(table, n, first, strict=True):
        x = np.arange(trials + 1)
        expected = [binom.pmf(x, trials, p) @ np.abs(x - c) for c in range(start, start + 40)]
        np.testing.assert_allclose(row, expected, rtol=1e-11, atol=1e-13)


@given(teachers(max_inputs=4, max_labels=4), st.integers(0, 50), st.randoms(use_true_random=False))
def test_the_order_of_inputs_and_labels_does_not_matter(teacher, n, random):
    inputs, labels = list(range(teacher.n_inputs)), list(range(teacher.n_labels))
    random.shuffle(inputs)
    random.shuffle(labels)
    shuffled = kd.Teacher(teacher.rho[inputs], teacher.pi[inputs][:, labels])
    for learner in ("ce_sgl", "sel_ptl", "ce_ful"):
        expected = kd.expected_risk(teacher, n, learner)
        assert kd.expected_risk(shuffled, n, learner) == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_inputs_that_are_alike_are_computed_once(monkeypatch):
    calls = []
    over_levels, over_sets = occupancy.expected_loss, occupancy.expected_loss_over_sets
    monkeypatch.setattr(occupancy, "expected_loss", lambda *a: calls.append(1) or over_levels(*a))
    monkeypatch.setattr(occupancy, "expected_loss_over_sets", lambda *a: calls.append(len(a[1])) or over_sets(*a))
    kd.expected_risk(kd.instance_0(500, 10), 1000, "sel_ptl")  # 500 rows, the same up to order
    assert calls == [1]
    kd.expected_risk(kd.instance_0(500, 30), 1000, "sel_ptl")  # too long for sets of labels
    assert calls == [1, 1]
    kd.expected_risk(kd.instance_3(50, 5, 1000), 1000, "sel_ptl")  # 49 light inputs and a heavy one
    assert calls == [1, 1, 2]


def test_memory_is_bounded_at_a_hundred_thousand_samples():
    teacher = kd.Teacher([0.5, 0.5], [[0.3, 0.3, 0.4], [0.1, 0.1, 0.8]])
    tracemalloc.start()
    kd.expected_risk(teacher, 10**5, "ce_ptl")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 2**20


def test_impossible_inputs_change_nothing():
    teacher = kd.Teacher([0.5, 0.5], [[0.7, 0.3], [0.2, 0.8]])
    padded = kd.Teacher([0.5, 0.0, 0.5], [[0.7, 0.3], [0.9, 0.1], [0.2, 0.8]])
    for learner in LEARNERS:
        assert kd.expected_risk(padded, 9, learner) == pytest.approx(kd.expected_risk(teacher, 9, learner), rel=1e-14)


def test_levels_apart_by_rounding_count_as_one():
    row = np.array([0.1 + 0.2, 0.3, 0.4])  # 0.1 + 0.2 is not 0.3
    teacher, clean = kd.Teacher([1.0], [row / row.sum()]), kd.Teacher([1.0], [[0.3, 0.3, 0.4]])
    for learner in LEARNERS:
        assert kd.expected_risk(teacher, 50, learner) == pytest.approx(kd.expected_risk(clean, 50, learner), rel=1e-12)


@pytest.mark.parametrize("n", [1, 30, 10**4, 10**9])
def test_sel_ptl_has_no_risk_from_rounding_where_the_fill_is_right(n):
    teacher = kd.Teacher([1.0], [[0.025] * 4 + [0.9]])
    # only the data sets that show light labels alone, and not all of them, leave labels of two levels
    expected = oracles.expected_risk("sel_ptl", [1.0], teacher.pi, n) if n == 1 else 0.0
    assert kd.expected_risk(teacher, n, "sel_ptl") == pytest.approx(expected, rel=1e-10, abs=1e-25)


def test_ce_ptl_refuses_a_third_level_and_says_what_to_use():
    teacher = kd.Teacher([0.5, 0.5], [[0.5, 0.5, 0.0], [0.5, 0.3, 0.2]])
    with pytest.raises(ValueError, match=r"at most 2 distinct .*, but pi\[1\] has 3: estimate it with simulate_risk"):
        kd.expected_risk(teacher, 10, "ce_ptl")


def test_sel_ptl_refuses_many_levels_and_says_what_to_use():
    row = np.arange(1.0, 21.0)
    teacher = kd.Teacher([1.0], [row / row.sum()])
    with pytest.raises(ValueError, match=r"pi\[0\] has 20 on 20 labels: .*simulate_risk.*expected_missing_mass"):
        kd.expected_risk(teacher, 10, "sel_ptl")


@pytest.mark.parametrize(
    ("n", "learner", "message"),
    [
        (-1, "ce_sgl", "n_samples must be a non-negative integer, got -1"),
        (2.5, "ce_sgl", "n_samples must be a non-negative integer, got 2.5"),
        (5, "mle", "unknown learner 'mle': known are ce_sgl, ce_ptl, sel_ptl, ce_ful"),
        (5, ["ce_sgl"], r"unknown learner \['ce_sgl'\]: known are"),
    ],
)
def test_refuses_what_has_no_expected_risk(n, learner, message):
    with pytest.raises(ValueError, match=message):
        kd.expected_risk(kd.instance_0(2, 3), n, learner)


def test_missing_mass_refuses_what_is_no_law():
    with pytest.raises(ValueError, match=r"law sums to 0\.9"):
        kd.expected_missing_mass([0.5, 0.4], 3)


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ([np.nextafter(1, 2), 0.0], dict.fromkeys(kd.LEARNERS, 0.0)),
        ([1 - 1e-310, 1e-310], dict.fromkeys(kd.LEARNERS, 0.0)),
        # of 4 labels two are never drawn: the fill of the rest is right but for 1e-310
        (
            [0.5, 0.5, 1e-310, 5e-324],
            {"ce_sgl": 0.1875, "sel_ptl": 1 / 2**4 * (0.5 - 1 / 6 + 2 / 6) / 2, "ce_ful": 0.0},
        ),
    ],
)
def test_rounding_above_1_and_subnormal_probabilities_have_the_risks_of_their_neighbours(row, values):
    teacher = kd.Teacher([1.0], [row])
    for learner, value in values.items():
        assert kd.expected_risk(teacher, 5, learner) == pytest.approx(value, rel=1e-12, abs=1e-300)


def test_missing_mass_of_a_law_that_is_above_1_by_rounding_is_0():
    assert kd.expected_missing_mass([1 + 5e-10], 3) == 0
    assert kd.expected_missing_mass([1 + 5e-10], 0) == pytest.approx(1)


def test_levels_are_no_wider_than_they_may_be_however_close_their_steps():
    """A chain of steps of 9e-13: its ends are 0.9 % apart, and no two risks may come out as those of a uniform row."""
    row = np.exp(9e-13 * np.arange(10_000))
    row /= row.sum()
    teacher = kd.Teacher([1.0], [row])
    truth = np.abs(row - 1 / len(row)).sum() / 2
    assert kd.expected_risk(teacher, 0, "ce_ful") == pytest.approx(truth, rel=1e-3)
    (alike,) = losses.inputs_of(teacher)
    assert (np.maximum.accumulate(alike.levels) == alike.levels).all()
    assert alike.sizes.sum() == len(row)
    assert alike.sizes.max() <= 2
    with pytest.raises(ValueError, match="needs rows with few distinct probabilities"):
        kd.expected_risk(teacher, 10, "sel_ptl")


@settings(max_examples=40)
@given(st.integers(2, 9), st.integers(0, 2), st.sampled_from([0, 1, 7, 100, 10**4]), st.integers(0, 2**32 - 1))
def test_sums_over_sets_and_over_levels_agree(n_positive, n_zeros, n, seed):
    rng = np.random.default_rng(seed)
    row = np.append(rng.dirichlet(np.full(n_positive, 0.7)), np.zeros(n_zeros))
    rho = rng.dirichlet(np.ones(2))
    inputs = list(losses.inputs_of(kd.Teacher(rho, [row, row])))
    values, errors = losses._over_sets(inputs, n)
    for alike, value, error in zip(inputs, values, errors, strict=True):
        assert abs(value - losses._over_levels(alike, n)) <= error + 1e-11 * value


@pytest.mark.parametrize("n", [10**7, 10**9])
@pytest.mark.parametrize("levels", [[0.5, 0.5], [0.3, 0.7], [0.011, 0.489, 0.5]])
def test_ce_sgl_from_sampled_numbers_of_draws_is_the_whole_sum(n, levels):
    rho = 0.3
    teacher = kd.Teacher([rho, 1 - rho], [levels, [1.0] + [0.0] * (len(levels) - 1)])
    draws, mass = binomial.nodes(n, rho, limit=2**40)
    assert len(draws) > binomial.NODES
    whole = sum(mass @ (binomial.mean_deviation(draws, p) / (2 * draws)) for p in levels)
    assert kd.expected_risk(teacher, n, "ce_sgl") == pytest.approx(rho * whole, rel=1e-6, abs=0)


@pytest.mark.parametrize("n", [10**4, 3 * 10**5])
def test_ce_ptl_from_sampled_splits_is_the_whole_sum(n, monkeypatch):
    teacher = kd.instance_0(10, 5)
    monkeypatch.setattr(losses, "_SPLITS", 2**60)
    whole = kd.expected_risk(teacher, n, "ce_ptl")
    monkeypatch.setattr(losses, "_SPLITS", 0)
    assert kd.expected_risk(teacher, n, "ce_ptl") == pytest.approx(whole, rel=1e-5, abs=0)


@pytest.mark.parametrize("learner", kd.LEARNERS)
def test_the_largest_n_has_the_risk_of_the_limit_and_beyond_it_is_refused(learner):
    teacher = kd.Teacher([0.4, 0.6], [[0.2, 0.2, 0.6], [0.5, 0.5, 0.0]])
    limits = {
        "ce_sgl": exact.ce_sgl_constant(teacher) / np.sqrt(2.0**53),
        "ce_ptl": exact.ce_ptl_limit(teacher),
        "sel_ptl": 0.0,
        "ce_ful": 0.0,
    }
    assert kd.expected_risk(teacher, 2**53, learner) == pytest.approx(limits[learner], rel=1e-5, abs=1e-300)
    with pytest.raises(
        ValueError, match=r"n_samples must be at most 2\*\*53 for an exact risk, got 9223372036854775808"
    ):
        kd.expected_risk(teacher, 2**63, learner)


def test_a_refusal_comes_before_anything_is_computed(monkeypatch):
    """The last of the rows is refused; a rule that was asked would fail this test."""
    monkeypatch.setattr(losses, "RULES", dict.fromkeys(kd.LEARNERS))
    rows = np.full((300, 40), 1 / 40)
    rows[-1] = np.arange(1, 41) / np.arange(1, 41).sum()
    with pytest.raises(ValueError, match=r"sel_ptl needs rows with few distinct probabilities, but pi\[299\] has 40"):
        kd.expected_risk(kd.Teacher(np.full(300, 1 / 300), rows), 10**5, "sel_ptl")
