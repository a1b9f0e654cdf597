"""Top-k answers: what they tell, students that use nothing else, and exact risks against enumeration."""

from __future__ import annotations

import itertools
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import kdcore as kd
from kdcore._numerics import sparse
from tests.kdcore import oracles
from tests.kdcore.strategies import lessons, teachers

DRAWN = ["revealed", "censored", "hidden"]
TEACHER = kd.Teacher([0.7, 0.3], [[0.5, 0.2, 0.2, 0.1], [0.0, 0.6, 0.4, 0.0]])


def students(k):
    return [
        *(kd.top_k_matcher(k, drawn) for drawn in DRAWN),
        kd.censored_counter(k),
        *(kd.renormaliser(k, drawn) for drawn in DRAWN),
    ]


def top(row, k):
    return sorted(range(len(row)), key=lambda a: (-row[a], a))[:k]


def told(row, drawn_counts, k, drawn):
    """The labels whose probability is revealed at an input."""
    if not any(drawn_counts):
        return set()
    seen = {a for a, count in enumerate(drawn_counts) if count}
    return set(top(row, k)) | (seen if drawn == "revealed" else set())


def answer(kind, row, drawn_counts, k, drawn):
    """What a student answers at an input, written out."""
    labels, known = range(len(row)), told(row, drawn_counts, k, drawn)
    rest = 1 - math.fsum(row[a] for a in known)
    silent = [a for a in labels if a not in known]
    even = {a: 1 / len(silent) for a in silent}
    if kind == "renormaliser":
        total = math.fsum(row[a] for a in known)
        return [row[a] / total if a in known else 0.0 for a in labels] if total else [even[a] for a in labels]
    if kind == "censored counter":
        tail = sum(drawn_counts[a] for a in silent)
        even = {a: drawn_counts[a] / tail for a in silent} if tail else even
    return [row[a] if a in known else rest * even[a] for a in labels]


def kl(row, mine):
    return sum(p * math.log(p / q) if q > 0 else math.inf for p, q in zip(row, mine, strict=True) if p > 0)


def tv(row, mine):
    return sum(abs(p - q) for p, q in zip(row, mine, strict=True)) / 2


def enumerated(teacher, n, policy_of, distance):
    rho, pi = teacher.rho.tolist(), teacher.pi.tolist()
    return math.fsum(
        probability * mass * distance(row, policy_of(row, drawn))
        for probability, counts in oracles.data_sets(rho, pi, n)
        for mass, row, drawn in zip(rho, pi, counts, strict=True)
        if mass > 0
    )


@pytest.mark.parametrize("drawn", DRAWN)
@settings(max_examples=40)
@given(lessons(), st.integers(0, 5))
def test_it_holds_the_top_k_the_drawn_label_or_not_and_nan_elsewhere(drawn, lesson, k):
    teacher, counts = lesson
    data = kd.reveal(teacher, counts, kd.TopK(k, drawn))
    if drawn == "hidden":
        assert isinstance(data, kd.TopKAnswers)
        assert vars(data).keys() == {"visits", "probabilities"}
        assert data.visits.tolist() == counts.sum(axis=1).tolist()
    else:
        assert isinstance(data, kd.TopKLabels)
        assert vars(data).keys() == {"counts", "probabilities"}
        assert np.array_equal(data.counts, counts)
    for s, a in np.ndindex(counts.shape):
        value = float(data.probabilities[s, a])
        known = told(teacher.pi[s].tolist(), counts[s].tolist(), k, drawn)
        assert value == teacher.pi[s, a] if a in known else math.isnan(value)


def test_with_no_label_or_with_all_it_is_a_protocol_of_the_paper():
    counts = np.array([[2, 0, 1, 0], [0, 1, 0, 0]])
    partial = kd.reveal(TEACHER, counts, "partial").probabilities
    np.testing.assert_array_equal(kd.reveal(TEACHER, counts, kd.TopK(0)).probabilities, partial)
    for k, drawn in itertools.product((4, 9), DRAWN):
        soft = kd.reveal(TEACHER, counts, "soft").rows
        np.testing.assert_array_equal(kd.reveal(TEACHER, counts, kd.TopK(k, drawn)).probabilities, soft)
    learners = [kd.top_k_matcher(0), kd.censored_counter(0), kd.top_k_matcher(4, "hidden")]
    for learner, key in zip(learners, ["sel_ptl", "ce_sgl", "ce_ful"], strict=True):
        for n, divergence in itertools.product((0, 1, 7), ("tv", "kl")):
            expected = kd.expected_risk(TEACHER, n, key, divergence)
            assert kd.expected_risk(TEACHER, n, learner, divergence) == pytest.approx(expected, rel=1e-11, abs=1e-15)


def test_ties_are_broken_by_label_order():
    told_of = kd.reveal(kd.Teacher([1.0], [[0.2, 0.3, 0.3, 0.2]]), [[0, 0, 0, 1]], kd.TopK(3, "hidden"))
    np.testing.assert_array_equal(told_of.probabilities, [[0.2, 0.3, 0.3, np.nan]])


@settings(max_examples=40)
@given(st.data(), lessons(max_labels=5), st.integers(0, 3))
def test_no_student_peeks(data, lesson, k):
    """A teacher that differs only where the protocol is silent gets the same answers, and no answer holds NaN."""
    teacher, counts = lesson
    for drawn in DRAWN:
        pi = teacher.pi.copy()
        for row, drawn_counts in zip(pi, counts, strict=True):
            known = told(row.tolist(), drawn_counts.tolist(), k, drawn)
            silent = [a for a in range(len(row)) if a not in known]
            if any(drawn_counts) and not known.intersection(top(row, k)).issuperset(silent):
                assume(k == 0 or max(row[silent]) < min(row[top(row, k)]))  # otherwise names tell something
                weight = data.draw(st.sampled_from([0.0, 0.3, 0.7]))
                mixed = data.draw(st.permutations(row[silent].tolist()))
                row[silent] = weight * np.array(mixed) + (1 - weight) * row[silent].mean()
            elif not any(drawn_counts):
                row[:] = 1 / len(row)
        other = kd.Teacher(teacher.rho, pi)
        assume(not (counts[other.joint == 0] > 0).any())
        for student in students(k):
            if student.protocol.drawn == drawn:
                answers = [student.fit(kd.reveal(one, counts, student.protocol)) for one in (teacher, other)]
                np.testing.assert_allclose(*answers, rtol=0, atol=1e-12)
                np.testing.assert_allclose(answers[0].sum(axis=1), 1, rtol=0, atol=1e-12)


@settings(max_examples=40)
@given(teachers(max_inputs=2, max_labels=4), st.integers(0, 3), st.integers(0, 4))
def test_answers_and_exact_risks_agree_with_enumeration(teacher, k, n):
    for student in students(k):
        kind, drawn = student.name.split(" (")[0], student.protocol.drawn
        for divergence, distance in (("tv", tv), ("kl", kl)):
            expected = enumerated(
                teacher, n, lambda row, c, kd=(kind, drawn): answer(kd[0], row, c, k, kd[1]), distance
            )
            found = kd.expected_risk(teacher, n, student, divergence)
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), (student.name, divergence)
    counts = teacher.draw(n, rng=n)[0]
    for student in students(k):
        kind, drawn = student.name.split(" (")[0], student.protocol.drawn
        expected = [answer(kind, row, c, k, drawn) for row, c in zip(teacher.pi.tolist(), counts.tolist(), strict=True)]
        answers = student.fit(kd.reveal(teacher, counts, student.protocol))
        np.testing.assert_allclose(answers, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [0, 20, 60])
def test_simulations_agree_with_exact_risks_also_where_samples_are_few(n):
    teacher = kd.Teacher(np.full(20, 1 / 20), np.tile([0.3, 0.3, *[0.05] * 8, *[0.0] * 6], (20, 1)))
    assert sparse.pays(teacher, n) == (n < 40)
    for divergence in ("tv", "kl"):
        table = kd.simulate_risk(teacher, n, students(3), n_repeats=400, seed=1, divergence=divergence)
        for row, student in zip(table.itertuples(), students(3), strict=True):
            exact = kd.expected_risk(teacher, n, student, divergence)
            if math.isfinite(exact):
                assert abs(row.risk - exact) <= 4.5 * row.std_error + 1e-13, (student.name, divergence)
            else:
                assert (row.risk, math.isnan(row.std_error)) == (math.inf, True)


def test_sweeps_know_their_exact_risks():
    asked = [kd.top_k_matcher(2), kd.censored_counter(2), "sel_ptl", kd.renormaliser(2)]
    exact = kd.risk_curve(lambda n: TEACHER, [3, 30], asked, method="exact", divergence="kl")
    assert exact["risk"].tolist() == [kd.expected_risk(TEACHER, n, one, "kl") for n in (3, 30) for one in asked]
    many = kd.Teacher([1.0], [np.arange(1, 41) / 820])
    with pytest.raises(ValueError, match=r"^the exact risk of this learner needs rows with few distinct probabilities"):
        kd.risk_curve(lambda n: many, [3], asked[0], method="exact")
    auto = kd.risk_curve(lambda n: many, [3], asked, method="auto", n_repeats=5)
    assert auto["n_repeats"].tolist() == [5, 0, 5, 0]
    copy = pickle.loads(pickle.dumps(asked[1]))
    assert kd.expected_risk(TEACHER, 9, copy) == kd.expected_risk(TEACHER, 9, asked[1])


@pytest.mark.parametrize("n", [10**3, 10**6, 10**9])
def test_large_n_costs_no_more(n):
    for student in students(2):
        assert 0 <= kd.expected_risk(TEACHER, n, student) < 0.5


def test_a_loss_or_another_transfer_set_is_refused_in_words():
    hidden = kd.reveal(TEACHER, np.ones((2, 4), int) * (TEACHER.pi > 0), kd.TopK(1, "hidden"))
    with pytest.raises(ValueError, match=r"learns from TopKLabels, got TopKAnswers"):
        kd.censored_counter(1).fit(hidden)
    with pytest.raises(ValueError, match=r"has no loss"):
        kd.top_k_matcher(1, "hidden").loss(TEACHER.pi, hidden)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kd.TopK(-1), "k must be a non-negative integer, got -1"),
        (lambda: kd.TopK(2.0), "k must be a non-negative integer, got 2.0; write 2"),
        (lambda: kd.TopK(1, "shown"), "unknown drawn 'shown': known are revealed, censored, hidden"),
        (lambda: kd.top_k_matcher(1, "no"), "unknown drawn 'no': known are revealed, censored, hidden"),
        (lambda: kd.reveal(TEACHER, [[1.0]], kd.TopK(1)), "counts must be integers, got dtype float64"),
    ],
)
def test_what_is_no_protocol_is_refused(call, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        call()


def test_equal_protocols_are_equal_and_say_what_they_are():
    assert kd.TopK(3) == kd.TopK(3, drawn="revealed") != kd.TopK(3, drawn="hidden")
    assert len({kd.TopK(3), kd.TopK(3), kd.TopK(2)}) == 2
    assert repr(kd.TopK(3, "censored")) == "TopK(3, drawn='censored')"
