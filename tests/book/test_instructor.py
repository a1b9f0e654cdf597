"""The numbers on the instructor's page, by enumeration or from kdcore, and its three proofs on every small case."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from scipy.stats import binom

import kdcore as kd
from kdbook.project import Project
from tests.kdcore import oracles


@cache
def page() -> str:
    return re.sub(r"\s+", " ", (Project.find().book / "instructor.md").read_text(encoding="utf-8"))


def shows(text: str) -> bool:
    return text in page()


def distance(p, q):
    return sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2


def divergence(p, q):
    return math.fsum(a * math.log(a / b) for a, b in zip(p, q, strict=True) if a > 0)


def rounds(value, text):
    """The page shows ``text``, and it is ``value`` rounded to its digits."""
    return shows(text) and f"{float(value):.{len(text.partition('.')[2])}f}" == text


# ---------------------------------------------------------------------------------------------------------- mistakes


@pytest.mark.parametrize(("after_heads", "worst"), [(0.5, 0.5), (1.0, 0.5), (0.75, 0.25)])
def test_one_toss_three_students(after_heads, worst):
    p = np.linspace(0, 1, 1001)
    risk = p * abs(after_heads - p) + (1 - p) * abs(1 - after_heads - p)
    assert math.isclose(risk.max(), worst)


def test_one_toss_nobody_promises_less_than_a_quarter():
    for t, u in itertools.product(np.linspace(0, 1, 51), repeat=2):
        mean = (1 - t) / 4 + (1 - u) / 4 + (abs(t - 0.5) + abs(u - 0.5)) / 4
        assert mean >= 0.25 - 1e-12


def test_a_letter_that_stays_gets_cheap():
    def term(x, n):
        return x * (1 - x) ** n

    assert term(Fraction(1, 4), 3) == Fraction(27, 256)
    assert shows(r"\frac{27}{256}\approx0.105")
    assert float(kd.bounds.lemma_e_5(n_samples=3)) == pytest.approx(27 / 256)
    assert rounds(term(1 / 4, 12), "0.0079")
    assert rounds(term(1 / 13, 12), "0.0294")


def test_separation_times_overlap_for_one_toss():
    gap = [Fraction(1, 4), Fraction(1, 2), Fraction(1)]
    assert [d / 2 * (1 - d) for d in gap] == [Fraction(3, 32), Fraction(1, 8), 0]
    assert float(kd.bounds.theorem_3_1_improved(n_inputs=1, n_labels=2, n_samples=1)) == pytest.approx(1 / 8)


def test_half_the_differences_is_the_largest_on_a_set():
    p, q = [Fraction(6, 10), Fraction(3, 10), Fraction(1, 10)], [Fraction(2, 3), Fraction(1, 3), Fraction(0)]
    sets = itertools.product((0, 1), repeat=3)
    largest = max(sum(b * (x - y) for b, x, y in zip(chosen, p, q, strict=True)) for chosen in sets)
    assert largest == distance(p, q) == p[2] - q[2] == Fraction(1, 10)
    assert rounds(2 * kd.bounds.hard_sharp_constant(n_labels=10**9), "0.7979")


@pytest.mark.parametrize(
    ("row", "fill", "risk"),
    [
        ((2, 1, 1), (2, 1, 1), 0),
        ((2, 1, 1), (2, 2, 0), Fraction(1, 4)),
        ((2, 2, 0), (2, 1, 1), Fraction(1, 4)),
        ((2, 2, 0), (2, 0, 2), Fraction(1, 2)),
    ],
)
def test_the_missing_mass_minus_what_was_guessed(row, fill, risk):
    row, fill = ([Fraction(x, 4) for x in law] for law in (row, fill))
    unseen = sum(row[1:])
    assert unseen == Fraction(1, 2)
    assert distance(row, fill) == risk == unseen - sum(map(min, row[1:], fill[1:]))


def test_one_letter_and_all_letters():
    assert kd.expected_missing_mass([0.25] * 4, 4) == pytest.approx(81 / 256)
    assert rounds(81 / 256, "0.316")
    assert rounds(1 / (4 * math.e), "0.092")
    assert rounds(4 / (4 * math.e), "0.368")
    assert rounds(2 / (4 * math.e), "0.184")
    assert float(kd.bounds.max_missing_mass(n_letters=2, n_samples=4)) == pytest.approx(1 / 12)


def test_two_inputs_missed_together():
    draws = list(itertools.product((0, 1), repeat=2))
    assert sum(0 not in d for d in draws) / 4 == 1 / 4
    assert not any(0 not in d and 1 not in d for d in draws)


@pytest.mark.parametrize("learner", kd.LEARNERS)
def test_all_students_lose_an_eighth_where_nothing_was_drawn(learner):
    rho, pi = [0.5, 0.5], [[1.0, 0.0], [0.0, 1.0]]
    assert kd.expected_risk(kd.Teacher(rho, pi), 2, learner) == pytest.approx(1 / 8)


def test_jensen_pinsker_and_an_infinite_divergence():
    assert (1 + Fraction(1, 3)) / 2 == Fraction(2, 3)
    assert rounds(1 / math.sqrt(5), "0.447")
    small = math.exp(-100)
    assert rounds(divergence([0.9, 0.1], [1 - small, small]), "9.67")
    assert Fraction(2, 2**10) == Fraction(1, 512)
    assert rounds(kd.expected_risk(kd.Teacher([1.0], [[0.5, 0.5]]), 10, "ce_sgl"), "0.123")


def test_the_coin_that_is_squared():
    row = [2 / 3, 1 / 3]
    assert kd.bounds.lemma_4_2([row])[0] == pytest.approx([4 / 5, 1 / 5])
    assert kd.exact.ce_ptl_limit(kd.Teacher([1.0], [row])) == pytest.approx(2 / 15)


def test_ten_looks_at_a_walk():
    walks = np.cumsum(list(itertools.product((1, -1), repeat=10)), axis=1)
    fails = walks > np.sqrt(np.arange(1, 11)) + 1e-12
    assert fails.mean(axis=0).max() == 1 / 4
    assert fails.mean(axis=0)[[1, 4]].tolist() == [1 / 4, 6 / 32]
    assert fails[:, [1, 4]].any(axis=1).mean() == 10 / 32
    assert fails.any(axis=1).mean() == 399 / 1024
    assert shows(r"\frac{399}{1024}\approx0.39$")


def test_slopes_of_a_fair_coin():
    coin = kd.Teacher([1.0], [[0.5, 0.5]])
    risk = [kd.expected_risk(coin, n, "ce_sgl") for n in (1, 2, 3, 4)]
    assert risk == pytest.approx([1 / 2, 1 / 4, 1 / 4, 3 / 16])
    assert np.diff(np.log(risk)) / np.diff(np.log([1, 2, 3, 4])) == pytest.approx([-1, 0, -1])
    assert rounds(-math.log(risk[3] / risk[0]) / math.log(4), "0.708")


# ------------------------------------------------------------------------------------------------------------ proofs


def add_one(counts):
    return [[(c + 1) / (sum(row) + len(row)) for c in row] for row in counts]


def add_one_bound(n_inputs, n_labels, n_samples):
    return math.sqrt(math.log1p(n_inputs * (n_labels - 1) / (n_samples + 1)) / 2)


@pytest.mark.parametrize(("n_inputs", "n_labels"), [(1, 2), (1, 4), (2, 2), (2, 3), (3, 2)])
@pytest.mark.parametrize("n_samples", [0, 1, 2, 5])
def test_adding_one_on_every_data_set_of_small_teachers(n_inputs, n_labels, n_samples):
    rng = np.random.default_rng([n_inputs, n_labels, n_samples])
    for _ in range(5):
        rho = rng.dirichlet(np.ones(n_inputs)).tolist()
        pi = rng.dirichlet(0.5 * np.ones(n_labels), n_inputs).tolist()
        risk = kl = 0.0
        for probability, counts in oracles.data_sets(rho, pi, n_samples):
            answers = add_one(counts)
            rows = list(zip(rho, pi, answers, strict=True))
            risk += probability * sum(mass * distance(row, answer) for mass, row, answer in rows)
            kl += probability * sum(mass * divergence(row, answer) for mass, row, answer in rows)
        assert kl <= math.log1p(n_inputs * (n_labels - 1) / (n_samples + 1)) + 1e-12
        assert risk <= add_one_bound(n_inputs, n_labels, n_samples) + 1e-12


def test_adding_one_compared_with_the_chapter():
    assert rounds(add_one_bound(10, 10, 10_000), "0.0669")
    assert rounds((math.sqrt(100 / 10_000) + math.sqrt(10 / 10_000)) / 2, "0.0658")
    assert math.sqrt(math.log1p(math.e**2 - 1) / 2) == pytest.approx(1)


def exact_distance(cells, n_samples, gap):
    """TV of the data of two teachers that differ in one pair: the law of the pair's counts decides."""
    total = 0.0
    for throws in range(n_samples + 1):
        heads = np.arange(throws + 1)
        apart = binom.pmf(heads, throws, (1 + gap) / 2) - binom.pmf(heads, throws, (1 - gap) / 2)
        total += binom.pmf(throws, n_samples, 2 / cells) * abs(apart).sum() / 2
    return total


@pytest.mark.parametrize("cells", [2, 4, 6, 20])
@pytest.mark.parametrize("n_samples", [1, 2, 3, 10, 60])
def test_second_moments_bound_the_exact_distance(cells, n_samples):
    for gap in np.linspace(0.05, 1, 20):
        z = 2 * gap**2 / cells
        squares = ((1 + z) ** n_samples - (1 - z) ** n_samples) / 2
        assert exact_distance(cells, n_samples, gap) ** 2 <= squares + 1e-12
        assert squares <= math.sinh(n_samples * z) + 1e-12


def test_both_squares_by_enumeration():
    """Two labels of one pair among four cells, two samples: likelihood ratios multiplied out."""
    gap, cells = 0.7, 4
    ratios = [{+1: 1 + gap, -1: 1 - gap}, {+1: 1 - gap, -1: 1 + gap}, {+1: 1, -1: 1}, {+1: 1, -1: 1}]
    square = product = 0.0
    for data in itertools.product(ratios, repeat=2):
        plus, minus = (math.prod(r[sign] for r in data) for sign in (+1, -1))
        square, product = square + plus**2 / cells**2, product + plus * minus / cells**2
    z = 2 * gap**2 / cells
    assert square == pytest.approx((1 + z) ** 2)
    assert product == pytest.approx((1 - z) ** 2)


def test_the_constant_of_second_moments():
    constant = (1 - math.sqrt(math.sinh(2 / 9))) / 6
    assert shows(r"\ge0.0877$")
    assert 0.0877 <= constant < 0.0878
    assert shows("at least 0.0716 of")
    assert 0.0716 <= constant * math.sqrt(2 / 3) < 0.0717
    assert rounds(kd.bounds.theorem_3_1(n_inputs=1, n_labels=2, n_samples=10**6) * math.sqrt(10**6 / 2), "0.0379")
    for S, A in [(1, 2), (1, 3), (2, 4), (3, 5), (10, 10)]:
        cells = S * (A - A % 2)
        for n in (math.ceil(cells / 9), cells, 10 * cells):
            assert constant * math.sqrt(cells / n) <= float(
                kd.bounds.theorem_3_1_improved(n_inputs=S, n_labels=A, n_samples=n)
            )


@pytest.mark.parametrize(("letters", "n_samples"), [(2, 2), (3, 3), (3, 4), (2, 5)])
def test_loners_under_independent_draws(letters, n_samples):
    rng = np.random.default_rng(letters)
    for _ in range(10):
        law = rng.dirichlet(np.ones(letters))
        new = alone = 0.0
        for draws in itertools.product(range(letters), repeat=n_samples + 1):
            probability = math.prod(law[x] for x in draws)
            new += probability * (draws[-1] not in draws[:-1])
            alone += probability * sum(draws.count(x) == 1 for x in draws) / (n_samples + 1)
        assert new == pytest.approx(alone)
        assert new == pytest.approx(kd.expected_missing_mass(law, n_samples))
        assert new <= (letters - 1) / (n_samples + 1)


@pytest.mark.parametrize(("letters", "n_samples"), [(1, 1), (2, 2), (2, 4), (3, 3), (4, 5)])
def test_loners_are_attained_by_cards(letters, n_samples):
    cards = [*range(1, letters), *[0] * (n_samples + 2 - letters)]
    orders = list(itertools.permutations(cards))
    new = Fraction(sum(order[-1] not in order[:-1] for order in orders), len(orders))
    assert len(cards) == n_samples + 1
    assert new == Fraction(letters - 1, n_samples + 1)


def test_a_deck_with_two_of_each():
    for letters, n_samples in [(2, 1), (2, 2), (3, 2), (3, 4)]:
        orders = list(itertools.permutations(sorted([*range(letters)] * 2), n_samples + 1))
        new = Fraction(sum(order[-1] not in order[:-1] for order in orders), len(orders))
        assert new == 1 - Fraction(n_samples, 2 * letters - 1) <= Fraction(letters, n_samples + 1)


# -------------------------------------------------------------------------------------------------------------- exams


def test_exam_four_students_three_draws():
    row, counts = [0.6, 0.3, 0.1], [[2, 1, 0]]
    answers = {key: oracles.student(key, counts, [row])[0] for key in kd.LEARNERS}
    assert answers["ce_sgl"] == pytest.approx([2 / 3, 1 / 3, 0])
    assert answers["ce_ptl"] == pytest.approx([0.8, 0.2, 0])
    risks = [distance(row, answers[key]) for key in ("ce_sgl", "ce_ptl", "sel_ptl", "ce_ful")]
    assert risks == pytest.approx([0.1, 0.2, 0, 0])


def test_exam_three_letters():
    assert kd.expected_missing_mass([0.5, 0.25, 0.25], 2) == pytest.approx(13 / 32)
    assert float(kd.bounds.max_missing_mass(n_letters=3, n_samples=2)) == pytest.approx(4 / 9)
    assert rounds(3 / (2 * math.e), "0.552")


@pytest.mark.parametrize("gap", [Fraction(1, 10), Fraction(1, 3), Fraction(4, 5)])
def test_exam_more_tosses_same_bound(gap):
    def total_variation(n):
        laws = []
        for p in ((1 + gap) / 2, (1 - gap) / 2):
            laws.append([p ** sum(d) * (1 - p) ** (n - sum(d)) for d in itertools.product((0, 1), repeat=n)])
        return distance(*laws)

    assert total_variation(1) == total_variation(2) == gap
    assert total_variation(3) == (3 * gap - gap**3) / 2
    if gap == Fraction(1, 3):
        assert total_variation(3) == Fraction(13, 27)
        assert gap / 2 * (1 - total_variation(3)) == Fraction(7, 81)


def test_exam_a_service_that_sometimes_tells():
    x = np.linspace(0, 1, 2001)
    for rate, n in [(0.1, 50), (0.5, 7)]:
        assert (x * (1 - rate * x) ** n).max() <= 1 / (math.e * rate * n)
    assert rounds(100 / (math.e * 1000), "0.0368")
    assert rounds(2 / math.e * 0.1, "0.0736")


def test_exam_table_and_square():
    error = Fraction(1, 10)
    assert [50 * 20 / error**2, 50 * 20 / error, 50 / error] == [100_000, 10_000, 500]
    teacher = kd.Teacher([1 / 3, 2 / 3], [[0.5, 0.25, 0.25], [0.5, 0.5, 0]])
    assert kd.bounds.lemma_4_2(teacher.pi)[0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert kd.exact.ce_ptl_limit(teacher) == pytest.approx(1 / 18)


def test_exam_buying_a_row():
    heavy, light = ([mass * (1 - mass) ** n for n in range(12)] for mass in (Fraction(1, 2), Fraction(1, 4)))
    assert heavy[1:4] == [Fraction(1, 4), Fraction(1, 8), Fraction(1, 16)]
    assert light[1:4] == [Fraction(3, 16), Fraction(9, 64), Fraction(27, 256)]
    assert [n for n in range(12) if heavy[n] >= light[n]] == [0, 1]


def test_exam_few_answers():
    def root(letters):
        return math.sqrt(letters / 2000) / 2

    assert rounds(root(50), "0.0791")
    assert rounds(root(10), "0.0354")
    assert rounds(root(50) + root(10), "0.1144")
    assert rounds(root(10_000), "1.118")


def test_exam_ten_looks():
    assert rounds(100 / (math.e * 50), "0.736")
    assert rounds(100 / (math.e * 5), "7.36")
    assert rounds(kd.bounds.lemma_e_7(n_letters=100, n_samples=1000, delta=0.05), "0.1343")
    assert rounds(kd.bounds.lemma_e_7(n_letters=100, n_samples=1000, delta=0.005), "0.2034")
    assert rounds(400 / 9000, "0.0444")
    assert rounds(30 * math.log(20) / 1000, "0.0899")
    assert rounds(30 * math.log(200) / 1000, "0.1589")


def test_exam_referee():
    teacher = kd.instance_0(100, 25)
    for n, shown in [
        (1000, ("0.460", "0.443", "0.0026")),
        (2000, ("0.367", "0.442", "0.000014")),
        (4000, ("0.248", "0.444", "0.0000000004")),
    ]:
        assert shows(f"| {n} | " + " | ".join(shown) + " |")
        for learner, text in zip(("ce_sgl", "ce_ptl", "sel_ptl"), shown, strict=True):
            assert rounds(kd.expected_risk(teacher, n, learner), text)
    assert rounds(kd.exact.ce_ptl_limit(teacher), "0.4457")


def test_each_paper_has_45_marks_and_29_without_two_questions():
    titles = re.findall(r"#### (I{1,2})\.(\d) [^(]*\((\d+) marks\)", page())
    parts = re.split(r"#### I{1,2}\.\d ", page())[1:]
    for paper, left_out in [("I", "26"), ("II", "56")]:
        assert sum(int(marks) for name, _, marks in titles if name == paper) == 45
        assert sum(int(marks) for name, i, marks in titles if name == paper and i not in left_out) == 29
    for (*_, marks), text in zip(titles, parts, strict=True):
        question = text.partition("{admonition}")[0]
        inner = re.findall(r"\((\d+(?:\.\d)?)\)", question)
        assert sum(map(float, inner)) == float(marks)
