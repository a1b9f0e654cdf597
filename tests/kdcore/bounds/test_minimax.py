"""Nobody does better than uniform fill: linear programmes, enumerated Bayes risks, rivals, and what follows for bounds.

Teachers of a class are all relabellings of some tables of rows; a protocol reveals the drawn labels and the k most
likely ones, ties broken at random, with their probabilities.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse
from scipy.stats import binom

import kdcore as kd
from kdcore import bounds
from kdcore.bounds import _worst


def relabellings(rows):
    """Every table whose rows are rearranged, each row on its own."""
    return sorted(set(itertools.product(*(set(itertools.permutations(row)) for row in rows))))


def top_sets(row, k):
    """The sets of k most likely labels, one for each way to break ties: all are equally likely."""
    found = [set(c) for c in itertools.combinations(range(len(row)), k)]
    return [c for c in found if all(row[a] >= row[b] for a in c for b in range(len(row)) if b not in c)]


@lru_cache(maxsize=256)
def answers(rho, table, n, k):
    """What a student may be told, with its probability: a tuple over inputs of what is revealed there."""
    n_labels = len(table[0])
    cells = [(s, a) for s in range(len(rho)) for a in range(n_labels) if rho[s] * table[s][a] > 0]
    law = {}
    for draws in itertools.product(cells, repeat=n):
        probability = math.prod(rho[s] * table[s][a] for s, a in draws)
        options = []
        for s, row in enumerate(table):
            seen = {a for t, a in draws if t == s}
            tops = top_sets(row, k) if seen else [set()]
            options.append([tuple((a, row[a]) for a in sorted(seen | top)) for top in tops])
        ways = math.prod(map(len, options))
        for told in itertools.product(*options):
            law[told] = law.get(told, 0.0) + probability / ways
    return law


def uniform_fill(told, n_labels):
    known = dict(told)
    rest = max(0.0, 1 - sum(known.values())) / max(1, n_labels - len(known))
    return [known.get(a, rest) for a in range(n_labels)]


def tv(row, mine):
    return sum(abs(p - q) for p, q in zip(row, mine, strict=True)) / 2


def kl(row, mine):
    return sum(p * math.log(p / q) if q > 0 else math.inf for p, q in zip(row, mine, strict=True) if p > 0)


def risk_of(student, rho, table, n, k, distance):
    """The expected risk of a student, which maps what it is told at an input to a row."""
    return math.fsum(
        probability * mass * distance(row, student(told))
        for tolds, probability in answers(rho, table, n, k).items()
        for mass, row, told in zip(rho, table, tolds, strict=True)
    )


def fill_risk(rho, table, n, k, distance=tv):
    return risk_of(lambda told: uniform_fill(told, len(table[0])), rho, table, n, k, distance)


# ---- the linear programme


def minimax_by_programme(cases, n, k):
    """The least largest risk over teachers (rho, table) of a student that may use all that it is told, at all inputs.

    Variables: its answer for each message and input, the distances |answer - row|, and the largest risk.
    """
    messages, terms = {}, []
    for number, (rho, table) in enumerate(cases):
        for tolds, probability in answers(rho, table, n, k).items():
            place = messages.setdefault(tolds, len(messages))
            terms += [(number, place, s, probability * rho[s], row) for s, row in enumerate(table)]
    n_inputs, n_labels = len(cases[0][1]), len(cases[0][1][0])
    policy = len(messages) * n_inputs * n_labels
    size = policy + len(terms) * n_labels + 1
    left, right, total = sparse.lil_matrix((2 * len(terms) * n_labels + len(cases), size)), [], {}
    line = 0
    for index, (number, place, s, weight, row) in enumerate(terms):
        for a in range(n_labels):
            p, d = (place * n_inputs + s) * n_labels + a, policy + index * n_labels + a
            for sign in (1, -1):
                left[line, p], left[line, d] = sign, -1
                right.append(sign * row[a])
                line += 1
            total[number, d] = weight / 2
    for number in range(len(cases)):
        left[line + number, size - 1] = -1
        right.append(0.0)
    for (number, d), weight in total.items():
        left[line + number, d] = weight
    sums = sparse.kron(sparse.eye(len(messages) * n_inputs), np.ones((1, n_labels)))
    sums = sparse.hstack([sums, sparse.csr_matrix((sums.shape[0], size - policy))])
    result = optimize.linprog(
        np.eye(size)[-1], left.tocsr(), right, sums.tocsr(), np.ones(sums.shape[0]), method="highs"
    )
    assert result.status == 0
    return result.fun


CLASSES = {
    "one input": ([(1.0,)], [((0.5, 0.3, 0.2),), ((0.7, 0.3, 0.0),), ((1.0, 0.0, 0.0),)]),
    "one input, four labels": ([(1.0,)], [((0.4, 0.4, 0.2, 0.0),), ((0.5, 0.5, 0.0, 0.0),)]),
    "two inputs": ([(0.5, 0.5)], [((0.6, 0.4), (1.0, 0.0)), ((0.9, 0.1), (0.8, 0.2))]),
    "two inputs, three labels, two laws": (
        [(0.5, 0.5), (0.8, 0.2)],
        [((0.5, 0.5, 0.0), (1.0, 0.0, 0.0)), ((0.6, 0.3, 0.1), (0.6, 0.4, 0.0))],
    ),
}


@pytest.mark.parametrize(
    ("name", "n", "k"),
    [
        *itertools.product(["one input"], [0, 1, 2, 3], [0, 1, 2]),
        *itertools.product(["one input, four labels"], [1, 2], [0, 1, 2]),
        *itertools.product(["two inputs"], [1, 2, 3], [0, 1]),
        ("two inputs, three labels, two laws", 1, 0),
        ("two inputs, three labels, two laws", 1, 1),
    ],
)
def test_the_linear_programme_finds_no_student_better_than_uniform_fill(name, n, k):
    laws_of_inputs, orbits = CLASSES[name]
    cases = [(rho, table) for rho in laws_of_inputs for rows in orbits for table in relabellings(rows)]
    largest = max(fill_risk(rho, rows, n, k) for rho in laws_of_inputs for rows in orbits)
    assert minimax_by_programme(cases, n, k) == pytest.approx(largest, rel=0, abs=1e-9)


def test_ties_that_are_broken_by_label_order_tell_something():
    """What silent labels before the k-th are not: the condition that names play no part is needed."""
    tables = [table[0] for table in relabellings([(0.5, 0.5, 0.0)])]
    best = 0.0
    for first in (0, 1):
        posterior = [row for row in tables if max(range(3), key=lambda a: (row[a], -a)) == first]
        told = {first: 0.5}
        rest = [a for a in range(3) if a != first]
        best += min(
            sum(tv(row, [told.get(a, q if a == rest[0] else 0.5 - q) for a in range(3)]) for row in posterior)
            for q in (0.0, 0.25, 0.5)
        )
    assert best / 3 < tv((0.5, 0.5, 0.0), (0.5, 0.25, 0.25)) - 0.05


# ---- Bayes risks and rivals


@lru_cache(maxsize=64)
def posteriors(rho, rows, n, k):
    """For each message the weights of the tables that may be behind it, under a uniform law over relabellings."""
    tables = relabellings(rows)
    found = {}
    for table in tables:
        for tolds, probability in answers(rho, table, n, k).items():
            found.setdefault(tolds, []).append((probability / len(tables), table))
    return found


ROWS = [
    ((1.0,), ((0.5, 0.3, 0.2, 0.0),), 2, 0),
    ((1.0,), ((0.4, 0.4, 0.2, 0.0),), 1, 1),
    ((1.0,), ((0.7, 0.1, 0.1, 0.1),), 3, 0),
    ((0.6, 0.4), ((0.6, 0.4, 0.0), (0.5, 0.3, 0.2)), 2, 0),
    ((0.6, 0.4), ((0.6, 0.4, 0.0), (0.5, 0.3, 0.2)), 2, 1),
]


@pytest.mark.parametrize(("rho", "rows", "n", "k"), ROWS)
def test_the_bayes_risk_over_all_relabellings_is_the_risk_on_the_teacher_itself(rho, rows, n, k):
    """In TV the best answer by a linear programme for each message; in KL the posterior mean, by its definition."""
    bayes = {"tv": 0.0, "kl": 0.0}
    n_labels = len(rows[0])
    for posterior in posteriors(rho, rows, n, k).values():
        for s, mass in enumerate(rho):
            laws_of_row = {}
            for weight, table in posterior:
                laws_of_row[table[s]] = laws_of_row.get(table[s], 0.0) + mass * weight
            total = sum(laws_of_row.values())
            mean = [sum(weight * row[a] for row, weight in laws_of_row.items()) / total for a in range(n_labels)]
            bayes["kl"] += sum(weight * kl(row, mean) for row, weight in laws_of_row.items())
            bayes["tv"] += least_tv(laws_of_row, n_labels)
    assert bayes["tv"] == pytest.approx(fill_risk(rho, rows, n, k), rel=0, abs=1e-9)
    assert bayes["kl"] == pytest.approx(fill_risk(rho, rows, n, k, kl), rel=0, abs=1e-9)
    if k == 0:
        teacher = kd.Teacher(rho, rows)
        for divergence, value in bayes.items():
            assert kd.expected_risk(teacher, n, "sel_ptl", divergence) == pytest.approx(value, abs=1e-9)


def least_tv(rows, n_labels):
    weights = np.array(list(rows.values()))
    table = np.array(list(rows))
    if len(rows) == 1:
        return 0.0
    size = n_labels + table.size
    cost = np.concatenate([np.zeros(n_labels), np.repeat(weights / 2, n_labels)])
    each = np.tile(np.eye(n_labels), (len(rows), 1))
    left = np.block([[each, -np.eye(table.size)], [-each, -np.eye(table.size)]])
    ones = np.concatenate([np.ones(n_labels), np.zeros(size - n_labels)])[np.newaxis]
    return optimize.linprog(cost, left, np.concatenate([table.ravel(), -table.ravel()]), ones, [1.0]).fun


@st.composite
def rivals(draw):
    """A problem and a student: an answer of its own, near uniform fill or not, for each message at an input."""
    rho, rows, n, k = draw(st.sampled_from(ROWS))
    seed = draw(st.integers(0, 10**6))
    weight = draw(st.sampled_from([1.0, 0.3, 0.01]))
    rng, own = np.random.default_rng(seed), {}
    n_labels = len(rows[0])

    def student(told):
        if told not in own:
            known = dict(told)
            other = rng.dirichlet(np.full(n_labels, 0.5))
            if draw_known and known:
                hidden = [a for a in range(n_labels) if a not in known]
                other[list(known)] = list(known.values())
                other[hidden] *= max(0.0, 1 - sum(known.values())) / max(other[hidden].sum(), 1e-300)
            fill = uniform_fill(told, n_labels)
            own[told] = [weight * p + (1 - weight) * q for p, q in zip(other, fill, strict=True)]
        return own[told]

    draw_known = draw(st.booleans())
    return rho, rows, n, k, student


@settings(max_examples=25)
@given(rivals())
def test_no_rival_does_better_on_average_over_relabellings(problem):
    rho, rows, n, k, student = problem
    tables = relabellings(rows)
    for distance in (tv, kl):
        risks = [risk_of(student, rho, table, n, k, distance) for table in tables]
        fill = fill_risk(rho, rows, n, k, distance)
        assert sum(risks) / len(risks) >= fill - 1e-12
        if min(risks) < fill - 1e-9:  # whoever does better on one teacher does worse on another one
            assert max(risks) > fill


def test_a_student_that_knows_names_wins_on_a_teacher_and_loses_on_its_relabellings():
    rho, rows, n = (1.0,), ((0.6, 0.3, 0.1, 0.0),), 2

    def alphabetical(told):
        """Give all of the hidden mass to the first hidden label."""
        known = dict(told)
        hidden = [a for a in range(4) if a not in known]
        return [known.get(a, 1 - sum(known.values()) if a == hidden[0] else 0.0) for a in range(4)]

    risks = [risk_of(alphabetical, rho, table, n, 0, tv) for table in relabellings(rows)]
    fill = fill_risk(rho, rows, n, 0)
    assert min(risks) < fill - 0.05
    assert sum(risks) / len(risks) > fill + 0.01


# ---- the minimax risk and its constants


@pytest.mark.parametrize(
    ("sizes", "least"),
    [((10, 3, 1000), 0.003099), ((10, 5, 1000), 0.006016), ((10, 11, 1000), 0.01518), ((100, 25, 10**5), 0.003691)],
)
def test_rare_inputs_are_worse_than_equal_ones_for_few_labels(sizes, least):
    named = dict(zip(["n_inputs", "n_labels", "n_samples"], sizes, strict=True))
    value = float(bounds.partial_minimax(**named))
    assert least <= value + 5e-7
    assert value < 1.01 * least
    assert float(bounds.exchangeable_lower(**named)) < value
    assert float(bounds.partial_lower(**named)) == value
    free = bounds.partial_lower(**named, normalised=False)  # the search is for students that answer rows
    assert free == bounds.exchangeable_lower(**named, normalised=False)


@pytest.mark.parametrize("n", [0, 7, 400])
def test_partial_lower_is_never_less_than_what_either_way_proves(n):
    for size in [(1, 2), (3, 4), (6, 30)]:
        named = dict(zip(["n_inputs", "n_labels", "n_samples"], (*size, n), strict=True))
        ways = [float(bounds.exchangeable_lower(**named)), float(bounds.partial_minimax(**named))]
        assert float(bounds.partial_lower(**named)) == max(ways)


@pytest.mark.parametrize("divergence", ["tv", "kl"])
@pytest.mark.parametrize(
    ("n_inputs", "n_labels", "n"), [(1, 1, 3), (1, 6, 2), (3, 3, 0), (4, 3, 3), (2, 5, 40), (7, 4, 300)]
)
def test_partial_minimax_is_the_exact_risk_on_a_teacher_between_the_other_bounds(divergence, n_inputs, n_labels, n):
    sizes = {"n_inputs": n_inputs, "n_labels": n_labels, "n_samples": n}
    value = float(bounds.partial_minimax(**sizes, divergence=divergence))
    teacher = kd.Teacher(*bounds.partial_worst(**sizes, divergence=divergence))
    assert kd.expected_risk(teacher, n, "sel_ptl", divergence) == pytest.approx(value, rel=1e-9, abs=1e-13)
    assert value >= float(bounds.soft_minimax(**sizes, divergence=divergence)) * (1 - 1e-4)
    if divergence == "tv":
        assert value <= float(bounds.max_missing_mass(n_letters=n_inputs * n_labels, n_samples=n)) * (1 + 1e-9)
        if n_labels > 1:
            assert value >= float(bounds.exchangeable_lower(**sizes)) * (1 - 1e-4)
    else:
        assert value <= float(bounds.partial_kl_upper(**sizes)) * (1 + 1e-9) + 1e-15


def test_with_two_labels_it_is_the_soft_value():
    for n in (3, 50, 5000):
        sizes = {"n_inputs": 6, "n_labels": 2, "n_samples": n}
        for divergence in ("tv", "kl"):
            soft = float(bounds.soft_minimax(**sizes, divergence=divergence))
            assert float(bounds.partial_minimax(**sizes, divergence=divergence)) == pytest.approx(soft, rel=1e-5)


@pytest.mark.parametrize(("n_labels", "n"), [(3, 2), (3, 8), (4, 6), (5, 8)])
def test_no_row_in_a_search_is_worse_than_the_worst_one(n_labels, n):
    """One input: rows on a grid, by the exact risk."""
    value = float(bounds.partial_minimax(n_inputs=1, n_labels=n_labels, n_samples=n))
    steps = 12
    rows = {tuple(sorted(c)) for c in itertools.product(range(steps + 1), repeat=n_labels) if sum(c) == steps}
    worst = max(kd.expected_risk(kd.Teacher([1.0], [np.array(row) / steps]), n, "sel_ptl") for row in rows)
    assert 0.9 * value < worst <= value * (1 + 1e-6)


def test_constants_of_few_labels():
    known = {1: 0.0, 2: 1 / (2 * math.e), 3: 0.32573, 4: 0.44758, 5: 0.62062, 8: 1.0759}
    for n_labels, value in known.items():
        assert bounds.partial_constant(n_labels=n_labels).value == pytest.approx(
            value, abs=6e-6 if n_labels != 8 else 6e-5
        )
    c, y = bounds.uniform_fill_constant()
    assert bounds.partial_constant() == bounds.partial_lower_constant()
    assert bounds.partial_constant().value == pytest.approx(0.154411, abs=5e-7)
    for n_labels, away in [(30, 6e-3), (100, 2e-3), (400, 6e-4)]:
        assert bounds.partial_constant(n_labels=n_labels).value == pytest.approx(
            c * (n_labels + 1 - math.exp(y)), abs=away
        )


@pytest.mark.parametrize("n_labels", [3, 6, 30])
@pytest.mark.parametrize("divergence", ["tv", "kl"])
def test_the_constant_against_a_grid_of_all_sizes_and_times(n_labels, divergence):
    best = 0.0
    for m in range(1, n_labels):
        for t in np.linspace(0.5, 3, 101):
            for_all = binom.pmf(np.arange(m + 1), m, math.exp(-t))
            loss = [j * (n_labels - m) / n_labels_hidden if divergence == "tv" else -j * math.log(j / n_labels_hidden)
                    for j in range(1, m + 1) if (n_labels_hidden := j + n_labels - m)]  # fmt: skip
            best = max(best, t * float(for_all[1:] @ loss))
    found = _worst.worst_poisson(n_labels, divergence).value
    assert best <= found * (1 + 1e-9)
    assert found < best * 1.001


def test_the_minimax_risk_tends_to_the_constants():
    n = 10**8
    for n_inputs, n_labels in [(2, 3), (5, 4), (7, 8)]:
        value = n * float(bounds.partial_minimax(n_inputs=n_inputs, n_labels=n_labels, n_samples=n))
        limit = (n_inputs - 1) * bounds.partial_constant(n_labels=n_labels).value + bounds.partial_constant(
            n_labels=n_labels - 1
        ).value
        assert value == pytest.approx(limit, rel=1e-5)


def test_small_samples():
    ratio = np.array([[0.05, 0.2, 0.5], [0.8, 1, 10]])
    psi = bounds.partial_small_sample(ratio)
    np.testing.assert_allclose(psi, [[0.6519, 0.4340, 0.2705], [0.1900, 0.1544, 0.01544]], rtol=0, atol=5e-5)
    for beta in (0.2, 0.8, 10):
        finite = float(bounds.partial_minimax(n_inputs=2, n_labels=100, n_samples=round(200 * beta)))
        assert finite == pytest.approx(float(bounds.partial_small_sample(beta)), rel=2e-2)
    line = np.linspace(0.01, 1.5, 300)
    concave = line * bounds.partial_small_sample(line)
    assert (np.diff(concave, 2) < 1e-6).all()
    assert bounds.partial_small_sample(1 - 1e-12) == pytest.approx(bounds.partial_small_sample(1), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bounds.partial_constant(n_labels=0), "n_labels must be an integer of at least 1, got 0"),
        (lambda: bounds.partial_small_sample(0), "ratio must be above 0, got 0"),
        (lambda: bounds.partial_minimax(n_inputs=0, n_labels=2, n_samples=3), "n_inputs must be an integer of at"),
        (lambda: bounds.partial_minimax(n_inputs=1, n_labels=2, n_samples=-1), "partial_minimax holds for n_samples >"),
        (lambda: bounds.partial_minimax(n_inputs=1, n_labels=2, n_samples=3, divergence="l1"), "unknown divergence"),
        (lambda: bounds.partial_worst(n_inputs=1, n_labels=2, n_samples=-3), "n_samples must be a non-negative integ"),
        (lambda: bounds.soft_minimax(n_inputs=1, n_labels=2, n_samples=3, divergence="x"), "unknown divergence 'x'"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(ValueError, match="^" + message):
        call()
