"""Bounds: the formulas in another form, their conditions, and exact risks that respect them."""

from __future__ import annotations

import inspect
import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import kdcore as kd
from kdcore import bounds
from tests.kdcore import oracles
from tests.kdcore.strategies import laws, policies, teachers

SIZES = st.integers(1, 30)
DELTAS = st.floats(1e-6, 1 - 1e-6)


@given(SIZES, st.integers(2, 30), st.integers(0, 10**9))
def test_theorem_3_1_in_another_form(n_inputs, n_labels, beyond):
    n = math.ceil(n_inputs * n_labels / 4) + beyond
    expected = math.sqrt(n_inputs * n_labels / (256 * math.e * n))
    assert bounds.theorem_3_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) == pytest.approx(expected, rel=1e-12)


@given(SIZES, SIZES, st.integers(1, 10**9), st.data())
def test_theorem_3_2_in_expectation_in_another_form(n_inputs, n_labels, n, data):
    rho = data.draw(laws(n_inputs))
    expected = sum(0.5 * math.sqrt(n_labels * mass / n) for mass in rho) + math.sqrt(n_inputs / n)
    assert bounds.theorem_3_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n, rho=rho) == pytest.approx(
        expected, rel=1e-12
    )
    uniform = bounds.theorem_3_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n, rho=[1 / n_inputs] * n_inputs)
    assert bounds.theorem_3_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) == pytest.approx(
        float(uniform), rel=1e-12
    )
    assert expected <= uniform * (1 + 1e-12)


@given(SIZES, SIZES, st.integers(1, 10**9), DELTAS)
def test_theorem_3_2_with_high_probability_in_another_form(n_inputs, n_labels, n, delta):
    label_term = math.log(2**n_labels * (n_inputs + 1) / delta) * n_inputs / (2 * n)
    input_term = math.log(2**n_inputs * (n_inputs + 1) / delta) * 2 / n
    expected = math.sqrt(label_term) + math.sqrt(input_term)
    assert bounds.theorem_3_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n, delta=delta) == pytest.approx(
        expected, rel=1e-12
    )


@given(SIZES, SIZES, st.integers(1, 10**9), st.floats(0, 2))
def test_equation_3_5_in_another_form(n_inputs, n_labels, n, xi):
    expected = math.sqrt(xi / 2) * math.sqrt(n_inputs * n_labels) / math.sqrt(n + 1) + n_inputs / n / 2.25
    assert bounds.equation_3_5(n_inputs=n_inputs, n_labels=n_labels, n_samples=n, xi=xi) == pytest.approx(
        expected, rel=1e-12
    )


@given(st.data(), st.integers(1, 4), st.integers(1, 5))
def test_vertex_distance_is_twice_the_largest_distance_of_a_row_from_its_nearest_vertex(data, n_inputs, n_labels):
    pi = data.draw(policies(n_inputs, n_labels))
    vertices = np.eye(n_labels)
    nearest = [
        min(oracles.conditional_tv([vertex], [1.0], [row]) for vertex in vertices.tolist()) for row in pi.tolist()
    ]
    assert bounds.vertex_distance(pi) == pytest.approx(2 * max(nearest), rel=1e-12, abs=1e-14)
    assert 0 <= bounds.vertex_distance(pi) <= 2 * (1 - 1 / n_labels) + 1e-14


def test_vertex_distance_of_a_deterministic_policy_is_0_even_where_its_row_rounds_to_more_than_1():
    assert bounds.vertex_distance([[1, 0], [0, 1]]) == 0
    xi = bounds.vertex_distance([[1 + 5e-10, 0]])
    assert xi == 0
    assert bounds.equation_3_5(n_inputs=1, n_labels=2, n_samples=9, xi=xi) == pytest.approx(4 / 81)


@pytest.mark.parametrize(
    "bound",
    [
        lambda n: bounds.theorem_3_1(n_inputs=2, n_labels=3, n_samples=n),
        lambda n: bounds.theorem_3_1_improved(n_inputs=2, n_labels=3, n_samples=n),
        lambda n: bounds.theorem_3_2(n_inputs=2, n_labels=3, n_samples=n),
        lambda n: bounds.theorem_3_2(n_inputs=2, n_labels=3, n_samples=n, rho=[0.1, 0.9]),
        lambda n: bounds.theorem_3_2(n_inputs=2, n_labels=3, n_samples=n, delta=0.05),
        lambda n: bounds.equation_3_5(n_inputs=2, n_labels=3, n_samples=n, xi=0.5),
    ],
)
def test_every_bound_takes_an_array_of_sample_sizes(bound):
    n = np.array([[10, 20, 50], [100, 1000, 10**12]])
    values = bound(n)
    assert values.shape == n.shape
    for index in np.ndindex(n.shape):
        assert values[index] == bound(int(n[index]))
    assert (np.diff(values.ravel()) < 0).all()
    assert bound([10, 20]).tolist() == [bound(10), bound(20)]


@pytest.mark.parametrize(("n_inputs", "n_labels"), [(1, 2), (2, 2), (3, 2), (1, 3), (2, 3)])
@pytest.mark.parametrize("n", [2, 3, 5, 17, 100, 500])
def test_theorem_3_1_is_below_the_exact_bayes_risk_on_a_cube(n_inputs, n_labels, n):
    """Labels 1 and 2 have masses (1 +- gap)/2, one fair sign an input; no student beats the Bayes risk on average."""
    gap = math.sqrt(n_inputs * n_labels / n) / 4
    bayes = 0.0
    for k in range(n + 1):
        likelihoods = [stats.binom.pmf(np.arange(k + 1), k, (1 + sign * gap) / 2) for sign in (-1, 1)]
        # Between two laws at distance gap, the least average distance is gap times the smaller posterior weight.
        bayes += stats.binom.pmf(k, n, 1 / n_inputs) * gap * 0.5 * np.minimum(*likelihoods).sum()
    assert bounds.theorem_3_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) <= bayes


@pytest.mark.parametrize(("n_inputs", "n_labels", "n"), [(2, 2, 2), (2, 2, 12), (1, 4, 12), (1, 5, 9), (3, 2, 6)])
def test_theorem_3_1_is_below_the_exact_risk_of_ce_sgl_on_instance_1(n_inputs, n_labels, n):
    teacher = kd.instance_1(n_inputs, n_labels, n)
    exact = oracles.expected_risk("ce_sgl", teacher.rho, teacher.pi, n)
    assert bounds.theorem_3_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) <= exact


@settings(max_examples=60)
@given(teachers(max_inputs=2, max_labels=3), st.integers(1, 6))
def test_expected_risk_of_ce_sgl_respects_theorem_3_2_and_equation_3_5(teacher, n):
    exact = oracles.expected_risk("ce_sgl", teacher.rho, teacher.pi, n)
    size = {"n_inputs": teacher.n_inputs, "n_labels": teacher.n_labels, "n_samples": n}
    assert exact <= bounds.theorem_3_2(**size, rho=teacher.rho)
    assert exact <= bounds.theorem_3_2(**size)
    assert exact <= bounds.equation_3_5(**size, xi=bounds.vertex_distance(teacher.pi))


@pytest.mark.parametrize("delta", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    ("rho", "pi", "n"),
    [
        ([1.0], [[0.8, 0.2]], 60),
        ([1.0], [[0.95, 0.05]], 60),
        ([1.0], [[0.85, 0.1, 0.05]], 60),
        ([0.9, 0.1], [[0.9, 0.1], [0.5, 0.5]], 40),
    ],
)
def test_risk_of_ce_sgl_exceeds_theorem_3_2_at_most_as_often_as_delta(rho, pi, n, delta):
    bound = float(bounds.theorem_3_2(n_inputs=len(rho), n_labels=len(pi[0]), n_samples=n, delta=delta))
    law = oracles.risk_law("ce_sgl", rho, pi, n)
    exceeds = math.fsum(probability for probability, risk in law if risk > bound)
    assert 0 < exceeds <= delta  # above 0: the bound is one that some data sets break


def cube_overlap(n, cells, gap):
    """1 - TV of the laws of n samples under both signs of a pair, summed over the counts of its two labels."""
    high, low = (1 + gap) / cells, (1 - gap) / cells
    rest = max(0.0, 1 - high - low)
    return math.fsum(
        math.comb(n, x) * math.comb(n - x, y) * min(high**x * low**y, low**x * high**y) * rest ** (n - x - y)
        for x in range(n + 1)
        for y in range(n + 1 - x)
    )


@pytest.mark.parametrize(("n_inputs", "n_labels"), [(1, 2), (1, 3), (2, 2), (2, 4), (3, 5)])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 24])
def test_theorem_3_1_improved_is_the_largest_bayes_risk_on_the_cube(n_inputs, n_labels, n):
    cells = n_inputs * (n_labels // 2 * 2)
    best = max(gap / 2 * cube_overlap(n, cells, gap) for gap in np.linspace(0.01, 1, 100))
    value = float(bounds.theorem_3_1_improved(n_inputs=n_inputs, n_labels=n_labels, n_samples=n))
    assert best * (1 - 1e-9) <= value <= best * (1 + 1e-3)


@pytest.mark.parametrize(("n_inputs", "n_labels", "n"), [(1, 2, 0), (1, 2, 5), (1, 4, 3), (1, 3, 4), (2, 2, 4)])
def test_theorem_3_1_improved_is_an_enumerated_bayes_risk(n_inputs, n_labels, n):
    """Over all signs of all pairs, and among students that answer probability vectors."""
    pairs = n_labels // 2

    def prior(gap):
        rows = [
            [(1 + side * sign * gap) / (2 * pairs) for sign in signs for side in (1, -1)] + [0.0] * (n_labels % 2)
            for signs in itertools.product([-1, 1], repeat=pairs)
        ]
        tables = list(itertools.product(rows, repeat=n_inputs))
        return [(1 / len(tables), [1 / n_inputs] * n_inputs, table) for table in tables]

    best = max(oracles.bayes_risk(prior(gap), n, "hard") for gap in np.linspace(0.02, 1, 50).tolist())
    assert bounds.theorem_3_1_improved(n_inputs=n_inputs, n_labels=n_labels, n_samples=n) == pytest.approx(
        best, rel=2e-3
    )


@pytest.mark.parametrize(("n_inputs", "n_labels"), [(1, 2), (1, 3), (2, 5), (10, 10), (100, 25)])
def test_theorem_3_1_improved_is_between_theorem_3_1_and_the_risk_of_ce_sgl(n_inputs, n_labels):
    least = math.ceil(n_inputs * n_labels / 4)
    n = np.unique(np.geomspace(least, 10**5, 10).astype(np.int64))
    old, new = (
        bound(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)
        for bound in (bounds.theorem_3_1, bounds.theorem_3_1_improved)
    )
    assert (old * 1.8 < new).all()  # by a factor of about 3, less for few and odd numbers of labels
    assert (new < old * 4.2).all()
    assert (np.diff(new) < 0).all()
    paired = n_labels - n_labels % 2
    uniform = kd.Teacher([1 / n_inputs] * n_inputs, [[1 / paired] * paired + [0.0] * (n_labels - paired)] * n_inputs)
    if least >= 10:  # with fewer samples an input is often not drawn, and the uniform guess is right
        assert all(b < kd.exact.expected_risk(uniform, k, "ce_sgl") for k, b in zip(n.tolist(), new, strict=True))
    assert (new < bounds.theorem_3_2(n_inputs=n_inputs, n_labels=n_labels, n_samples=n)).all()


def test_theorem_3_1_improved_holds_for_every_n_and_tends_to_assouads_constant():
    assert bounds.theorem_3_1_improved(n_inputs=7, n_labels=5, n_samples=0) == 0.5
    few = bounds.theorem_3_1_improved(n_inputs=10, n_labels=10, n_samples=np.arange(0, 200, 7))
    assert (np.diff(few) < 0).all()
    limit = bounds.assouad_constant().value
    v = np.linspace(0, 3, 1_000_001)
    assert limit == pytest.approx((v * stats.norm.cdf(-v)).max() / math.sqrt(2), rel=1e-9)
    assert (round(limit, 3), round(bounds.assouad_constant().at, 4)) == (0.120, 0.7518)
    for n_labels, cells in [(4, 40), (5, 40)]:  # an odd label is unused
        assert bounds.theorem_3_1_improved(n_inputs=10, n_labels=n_labels, n_samples=10**7) * math.sqrt(
            10**7 / cells
        ) == pytest.approx(limit, 1e-4)
    n = 10**10  # so many that the sum runs over groups of draws
    assert bounds.theorem_3_1_improved(n_inputs=1, n_labels=4, n_samples=n) * math.sqrt(n / 4) == pytest.approx(
        limit, rel=1e-6
    )
    assert limit * 16 * math.exp(0.5) == pytest.approx(3.17, abs=0.01)  # times Theorem 3.1's constant


@given(SIZES, SIZES)
def test_hard_sharp_constant_is_that_of_ce_sgl_on_uniform_rows(n_inputs, n_labels):
    teacher = kd.Teacher([1 / n_inputs] * n_inputs, [[1 / n_labels] * n_labels] * n_inputs)
    unit = math.sqrt(n_inputs * n_labels)
    assert bounds.hard_sharp_constant(n_labels=n_labels) * unit == pytest.approx(
        kd.exact.ce_sgl_constant(teacher), rel=1e-12
    )
    assert bounds.hard_sharp_constant(n_labels=n_labels) < 0.3989423


def test_hard_sharp_constant_is_the_limit_of_an_exact_risk_and_above_every_lower_bound():
    teacher = kd.Teacher([0.5, 0.5], [[0.25] * 4] * 2)
    scaled = kd.exact.expected_risk(teacher, 10**6, "ce_sgl") * math.sqrt(10**6 / 8)
    assert scaled == pytest.approx(bounds.hard_sharp_constant(n_labels=4), rel=1e-4)
    assert bounds.hard_sharp_constant(n_labels=10**9) == pytest.approx(0.3989, abs=1e-4)
    assert bounds.hard_sharp_constant(n_labels=2) > bounds.assouad_constant().value > math.exp(-0.5) / 16


def wrong(function, *arguments, **options):
    """A call with arguments in the order of the signature, which takes them by name."""
    named = dict(zip(inspect.signature(function).parameters, arguments, strict=False))
    return lambda: function(**named, **options)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (wrong(bounds.theorem_3_1, 0, 2, 9), "n_inputs must be an integer of at least 1, got 0"),
        (wrong(bounds.theorem_3_1, 2.0, 2, 9), "n_inputs must be an integer of at least 1, got 2.0; write 2"),
        (wrong(bounds.theorem_3_1, 2, 1, 9), "n_labels must be an integer of at least 2, got 1"),
        (wrong(bounds.theorem_3_1, 2, 2, 9.0), "n_samples must hold integers, got dtype float64"),
        (wrong(bounds.theorem_3_1, 2, 2, [9.0, 10.0]), "n_samples must hold integers, got dtype float64"),
        (wrong(bounds.theorem_3_1, 2, 2, True), "n_samples must hold integers, got dtype bool"),
        (wrong(bounds.theorem_3_1, 5, 10, 12), "theorem_3_1 holds for n_samples >= 13 here, got 12"),
        (wrong(bounds.theorem_3_1, 5, 10, [50, 9, 12]), "theorem_3_1 holds for n_samples >= 13 here, got 9"),
        (wrong(bounds.theorem_3_1_improved, 2, 1, 9), "n_labels must be an integer of at least 2, got 1"),
        (wrong(bounds.theorem_3_1_improved, 2, 2, -1), "theorem_3_1_improved holds for n_samples >= 0 here, got -1"),
        (wrong(bounds.theorem_3_1_improved, 2, 2, 1.0), "n_samples must hold integers, got dtype float64"),
        (wrong(bounds.hard_sharp_constant, 0), "n_labels must be an integer of at least 1, got 0"),
        (wrong(bounds.theorem_3_2, -1, 2, 9), "n_inputs must be an integer of at least 1, got -1"),
        (wrong(bounds.theorem_3_2, 2, 0, 9), "n_labels must be an integer of at least 1, got 0"),
        (wrong(bounds.theorem_3_2, 2, 2, 0), "theorem_3_2 holds for n_samples >= 1 here, got 0"),
        (wrong(bounds.theorem_3_2, 2, 2, 1.5), "n_samples must hold integers, got dtype float64"),
        (wrong(bounds.theorem_3_2, 2, 2, 9, delta=0.0), "delta must lie between 0 and 1, got 0.0"),
        (wrong(bounds.theorem_3_2, 2, 2, 9, delta=1), "delta must lie between 0 and 1, got 1"),
        (wrong(bounds.theorem_3_2, 2, 2, 9, delta=math.nan), "delta must lie between 0 and 1, got nan"),
        (wrong(bounds.theorem_3_2, 2, 2, 9, rho=[1.0]), "rho must have n_inputs = 2 entries, got 1"),
        (wrong(bounds.theorem_3_2, 2, 2, 9, rho=[0.5, 0.4]), "rho sums to 0.9: it must sum to 1 within 1e-09"),
        (wrong(bounds.theorem_3_2, 2, 2, 9, rho=[1.5, -0.5]), "rho[1] = -0.5: probabilities must not be negative"),
        (
            wrong(bounds.theorem_3_2, 2, 2, 9, delta=0.1, rho=[0.5, 0.5]),
            "rho enters the bound in expectation only: give rho or delta, not both",
        ),
        (wrong(bounds.equation_3_5, 0, 2, 9, 1.0), "n_inputs must be an integer of at least 1, got 0"),
        (wrong(bounds.equation_3_5, 2, True, 9, 1.0), "n_labels must be an integer of at least 1, got True"),
        (wrong(bounds.equation_3_5, 2, 2, -3, 1.0), "equation_3_5 holds for n_samples >= 1 here, got -3"),
        (wrong(bounds.equation_3_5, 2, 2, 9, -0.1), "xi must lie between 0 and 2, got -0.1"),
        (wrong(bounds.equation_3_5, 2, 2, 9, 2.1), "xi must lie between 0 and 2, got 2.1"),
        (wrong(bounds.equation_3_5, 2, 2, 9, math.nan), "xi must lie between 0 and 2, got nan"),
        (wrong(bounds.vertex_distance, [[0.5, 0.4]]), "pi[0] sums to 0.9: it must sum to 1 within 1e-09"),
        (wrong(bounds.vertex_distance, [0.5, 0.5]), "pi must have shape (S, A), got shape (2,)"),
    ],
)
def test_refuses_what_its_statement_does_not_cover(call, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        call()


SIZE_NAMES = {"n_inputs", "n_labels", "n_letters", "n_samples"}
FUNCTIONS = {name: getattr(bounds, name) for name in bounds.__all__ if inspect.isfunction(getattr(bounds, name))}


def test_sizes_are_given_by_name_alone():
    """S, A and n are whole numbers all three: in another order they would pass unseen."""
    sized = set()
    for name, function in FUNCTIONS.items():
        for parameter in inspect.signature(function).parameters.values():
            if parameter.name in SIZE_NAMES:
                assert parameter.kind is inspect.Parameter.KEYWORD_ONLY, f"{name}({parameter.name})"
                sized.add(name)
    by_nature = {"assouad_constant", "partial_lower_constant", "uniform_fill_constant", "vertex_distance"}
    by_nature |= {"partial_kl_constant", "partial_small_sample"}
    assert set(FUNCTIONS) - sized == by_nature | {"lemma_4_2", "lemma_e_2", "proposition_h_2"}
    with pytest.raises(TypeError, match="positional"):
        bounds.theorem_3_1(100, 10, 10)


def test_forms_have_names_that_are_words():
    for name, function in FUNCTIONS.items():
        form = inspect.signature(function).parameters.get("form")
        assert form is None or (form.kind is form.KEYWORD_ONLY and form.default.isidentifier()), name


@given(SIZES, st.integers(2, 30))
def test_theorem_3_1_names_the_least_n_that_it_holds_for(n_inputs, n_labels):
    with pytest.raises(ValueError, match=r"got 0$") as refused:
        bounds.theorem_3_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=0)
    least = int(re.search(r"n_samples >= (\d+)", str(refused.value)).group(1))
    assert least >= n_inputs * n_labels / 4 > least - 1
    assert bounds.theorem_3_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=least) > 0
    with pytest.raises(ValueError, match=f"got {least - 1}$"):
        bounds.theorem_3_1(n_inputs=n_inputs, n_labels=n_labels, n_samples=least - 1)
