"""The four students: minimisers of the paper's losses, each knowing nothing but its transfer set."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize

import kdcore as kd
from tests.kdcore import oracles
from tests.kdcore.strategies import count_tables, laws, lessons, policies, teachers

KEYS = ["ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"]
DATA_TYPE = {"hard": "HardLabels", "partial": "PartialSoftLabels", "soft": "SoftLabels"}

each_learner = pytest.mark.parametrize("key", KEYS)


def reveal_for(key, teacher, counts):
    return kd.reveal(teacher, counts, oracles.PROTOCOL_OF[key])


def fit(key, teacher, counts):
    return kd.LEARNERS[key].fit(reveal_for(key, teacher, counts))


def test_four_learners_each_with_its_protocol():
    assert list(kd.LEARNERS) == KEYS
    assert {key: learner.protocol for key, learner in kd.LEARNERS.items()} == oracles.PROTOCOL_OF
    assert [learner.name for learner in kd.LEARNERS.values()] == KEYS


@given(lessons())
def test_answers_are_the_papers_closed_forms(lesson):
    teacher, counts = lesson
    for key in KEYS:
        expected = oracles.student(key, counts, teacher.pi)
        np.testing.assert_allclose(fit(key, teacher, counts), expected, rtol=0, atol=1e-12, err_msg=key)


def minimise(loss, drawn, n_labels):
    """Minimise a loss over the policies at the drawn inputs, given as a mask; the others stay Uniform."""
    n_drawn = int(drawn.sum())

    def whole(free):
        policy = np.full((len(drawn), n_labels), 1 / n_labels)
        policy[drawn] = free.reshape(n_drawn, n_labels)
        return policy

    rows = np.kron(np.eye(n_drawn), np.ones(n_labels))
    result = optimize.minimize(
        lambda free: loss(whole(free)),
        np.full(n_drawn * n_labels, 1 / n_labels),
        method="SLSQP",
        bounds=optimize.Bounds(1e-9, 1, keep_feasible=True),
        constraints={"type": "eq", "fun": lambda free: rows @ free - 1, "jac": lambda _free: rows},
        options={"ftol": 1e-15, "maxiter": 2000},
    )
    return whole(result.x)


@each_learner
@pytest.mark.parametrize("seed", range(4))
def test_an_optimiser_that_sees_the_loss_sample_by_sample_finds_the_same_policy(key, seed):
    rng = np.random.default_rng(seed)
    teacher = kd.Teacher(rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(4), size=3))
    counts = teacher.draw(9, rng=rng)[0]
    samples = oracles.pairs(counts)
    drawn = counts.any(axis=1)
    found = minimise(lambda policy: oracles.loss(key, policy, samples, teacher.pi), drawn, 4)
    answer = fit(key, teacher, counts)
    # Only SEL_ptl has many minimisers: they share the drawn labels.
    told = counts > 0 if key == "sel_ptl" else np.broadcast_to(drawn[:, np.newaxis], counts.shape)
    np.testing.assert_allclose(answer[told], found[told], rtol=0, atol=1e-6)
    least = oracles.loss(key, answer, samples, teacher.pi)
    assert least <= oracles.loss(key, found, samples, teacher.pi) + 1e-12


@given(st.data(), lessons())
def test_no_policy_has_a_lower_loss(data, lesson):
    teacher, counts = lesson
    samples = oracles.pairs(counts)
    other = data.draw(policies(*counts.shape))
    weight = data.draw(st.sampled_from([1.0, 0.5, 1e-2, 1e-4]))
    for key in KEYS:
        answer = fit(key, teacher, counts)
        near = weight * other + (1 - weight) * answer
        least = oracles.loss(key, answer, samples, teacher.pi)
        assert least <= oracles.loss(key, near, samples, teacher.pi) + 1e-12 * max(1, abs(least)), key


@given(st.data(), lessons())
def test_loss_is_the_sum_over_samples(data, lesson):
    teacher, counts = lesson
    policy = data.draw(policies(*counts.shape))
    for key in KEYS:
        expected = oracles.loss(key, policy, oracles.pairs(counts), teacher.pi)
        actual = kd.LEARNERS[key].loss(policy, reveal_for(key, teacher, counts))
        assert actual.shape == ()
        assert actual == pytest.approx(expected, rel=1e-10, abs=1e-12), key


@each_learner
def test_loss_is_infinite_where_a_policy_excludes_what_it_must_allow(key):
    teacher = kd.Teacher([1.0], [[0.5, 0.5]])
    assert kd.LEARNERS[key].loss([[1.0, 0.0]], reveal_for(key, teacher, [[2, 1]])) == math.inf


@given(st.data(), teachers())
def test_a_stack_of_data_sets_is_fitted_one_by_one(data, teacher):
    stack = np.stack([data.draw(count_tables(teacher)) for _ in range(6)])
    policy = data.draw(policies(*teacher.pi.shape))
    for key, learner in kd.LEARNERS.items():
        singles = [reveal_for(key, teacher, counts) for counts in stack]
        whole = reveal_for(key, teacher, stack.reshape(2, 3, *teacher.pi.shape))
        answers = learner.fit(whole)
        assert np.array_equal(answers.reshape(stack.shape), np.stack([learner.fit(single) for single in singles])), key
        losses = [learner.loss(policy, single) for single in singles]
        found = learner.loss(policy, whole).ravel()
        np.testing.assert_allclose(found, losses, rtol=1e-12, atol=1e-12, err_msg=key)


@given(lessons())
def test_least_cross_entropy_is_the_entropy_of_the_labels_seen(lesson):
    teacher, counts = lesson
    entropy = 0.0
    for row in counts.tolist():
        entropy -= sum(count * math.log(count / sum(row)) for count in row if count)
    assert kd.LEARNERS["ce_sgl"].loss(
        fit("ce_sgl", teacher, counts), kd.reveal(teacher, counts, "hard")
    ) == pytest.approx(entropy, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("key", ["sel_ptl", "ce_ful"])
@given(lesson=lessons())
def test_matching_the_teacher_leaves_no_loss(key, lesson):
    teacher, counts = lesson
    assert kd.LEARNERS[key].loss(fit(key, teacher, counts), reveal_for(key, teacher, counts)) == 0


@given(lessons())
def test_every_answer_is_a_policy_and_uniform_where_nothing_was_drawn(lesson):
    teacher, counts = lesson
    for key in KEYS:
        answer = fit(key, teacher, counts)
        assert answer.shape == counts.shape
        assert (answer >= 0).all(), key  # so not NaN, although the transfer set is, wherever its protocol is silent
        np.testing.assert_allclose(answer.sum(axis=1), 1, rtol=0, atol=1e-12, err_msg=key)
        for s in range(teacher.n_inputs):
            if not counts[s].any():
                assert answer[s].tolist() == [1 / teacher.n_labels] * teacher.n_labels


@each_learner
@given(st.data(), lessons())
def test_an_answer_does_not_change_when_the_teacher_does_where_it_was_not_told(key, data, lesson):
    teacher, counts = lesson
    other = data.draw(another_teacher_that_tells_the_same(key, teacher, counts))
    assert np.array_equal(fit(key, teacher, counts), fit(key, other, counts))


@st.composite
def another_teacher_that_tells_the_same(draw, key, teacher, counts):
    """A teacher that agrees with ``teacher`` on all that this learner is told, and is free elsewhere."""
    n_inputs, n_labels = teacher.pi.shape
    pi = np.empty_like(teacher.pi)
    for s in range(n_inputs):
        drawn = counts[s] > 0
        told = {"hard": np.zeros(n_labels, bool), "partial": drawn, "soft": np.full(n_labels, drawn.any())}
        mask = told[oracles.PROTOCOL_OF[key]]
        pi[s, mask] = teacher.pi[s, mask]
        if not mask.all():
            pi[s, ~mask] = draw(laws(int((~mask).sum()))) * max(0.0, 1 - float(teacher.pi[s, mask].sum()))
    rho = draw(laws(n_inputs))
    assume(not (counts[np.outer(rho, np.ones(n_labels)) * pi == 0] > 0).any())  # it, too, can have drawn these pairs
    return kd.Teacher(rho, pi)


@given(lessons())
def test_sel_ptl_is_exact_on_drawn_labels_and_spreads_the_rest_evenly(lesson):
    teacher, counts = lesson
    answer = fit("sel_ptl", teacher, counts)
    assert np.array_equal(answer[counts > 0], teacher.pi[counts > 0])
    for s in range(teacher.n_inputs):
        unseen = answer[s][counts[s] == 0]
        assert len(set(unseen.tolist())) <= 1
        missing = math.fsum(teacher.pi[s][counts[s] == 0])
        assert math.fsum(unseen) == pytest.approx(missing, rel=0, abs=1e-12)


def test_sel_ptl_has_nothing_to_spread_once_all_labels_are_seen():
    teacher = kd.Teacher([1.0], [[0.1] * 10])
    assert np.array_equal(fit("sel_ptl", teacher, np.ones((1, 10), int)), teacher.pi)


def test_sel_ptl_spreads_no_negative_mass_when_the_seen_labels_round_to_more_than_1():
    teacher = kd.Teacher([1.0], [[0.5, 0.5 + 5e-10, 0.0]])
    assert fit("sel_ptl", teacher, [[1, 1, 0]]).tolist() == [[0.5, 0.5 + 5e-10, 0.0]]


@given(teachers(), st.data())
def test_ce_ful_knows_a_row_after_one_draw(teacher, data):
    s, a = data.draw(st.sampled_from([tuple(map(int, cell)) for cell in np.argwhere(teacher.joint > 0)]))
    counts = np.zeros(teacher.pi.shape, int)
    counts[s, a] = 1
    assert np.array_equal(fit("ce_ful", teacher, counts)[s], teacher.pi[s])


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_ce_ptl_tends_to_the_squared_row(weights):
    """Lemma 4.2, with counts in exact proportion to the row."""
    row = np.array(weights) / sum(weights)
    squares = [w**2 / sum(v**2 for v in weights) for w in weights]
    np.testing.assert_allclose(fit("ce_ptl", kd.Teacher([1.0], [row]), [weights]), [squares], rtol=1e-12)


def test_ce_ptl_stays_at_the_plateau_of_figure_1a():
    teacher = kd.instance_0(25, 25)
    counts = np.rint(teacher.pi * 50).astype(int)
    # Half of |squared row - row|: the heavy label gains what the others lose.
    plateau = 0.52**2 / (0.52**2 + 24 * 0.02**2) - 0.52
    assert kd.conditional_tv(fit("ce_ptl", teacher, counts), teacher) == pytest.approx(plateau, rel=1e-12)
    assert plateau == pytest.approx(0.4457, abs=5e-5)


@given(st.data(), st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=3))
def test_ce_ptl_is_ce_sgl_where_rows_are_uniform_on_their_support(data, supports):
    pi = [[(a in support) / len(support) for a in range(4)] for support in supports]
    teacher = kd.Teacher(np.full(len(pi), 1 / len(pi)), pi)
    counts = data.draw(count_tables(teacher))
    np.testing.assert_allclose(fit("ce_ptl", teacher, counts), fit("ce_sgl", teacher, counts), rtol=1e-12)


@each_learner
@pytest.mark.parametrize("protocol", list(DATA_TYPE))
def test_only_its_own_transfer_set_is_accepted(key, protocol):
    learner, data = kd.LEARNERS[key], kd.reveal(kd.instance_0(2, 3), np.ones((2, 3), int), protocol)
    policy = np.full((2, 3), 1 / 3)
    if protocol == learner.protocol:
        assert learner.fit(data).shape == (2, 3)
        assert np.isfinite(learner.loss(policy, data))
        return
    message = (
        f"{key} learns from {DATA_TYPE[learner.protocol]}, got {DATA_TYPE[protocol]}: "
        f"use reveal(teacher, counts, '{learner.protocol}')"
    )
    for call in (lambda: learner.fit(data), lambda: learner.loss(policy, data)):
        with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
            call()


@each_learner
def test_a_plain_table_is_no_transfer_set(key):
    with pytest.raises(ValueError, match=f"^{key} learns from .*, got ndarray: use reveal"):
        kd.LEARNERS[key].fit(np.ones((2, 3), int))


@each_learner
@pytest.mark.parametrize("shape", [(3, 2), (6,), (), (2, 3, 1)])
def test_loss_refuses_a_policy_of_another_shape(key, shape):
    data = reveal_for(key, kd.instance_0(2, 3), np.ones((2, 3), int))
    with pytest.raises(ValueError, match=re.escape(f"policy must have shape (..., 2, 3), got {shape}")):
        kd.LEARNERS[key].loss(np.ones(shape), data)
