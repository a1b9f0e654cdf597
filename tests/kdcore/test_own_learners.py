"""Learners and protocols of one's own: the numbers of the known ones, wherever they run and whoever else is asked."""

from __future__ import annotations

import copy
import math
import pickle
import re
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import kdcore as kd
from kdcore._numerics import sparse
from tests.kdcore import oracles
from tests.kdcore.own import copy_of, gambler, smoother
from tests.kdcore.strategies import teachers

KEYS = ["ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"]
TEACHER = kd.Teacher([0.3, 0.7], [[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]])
DENSE, SPARSE = 30, 0  # sample sizes for TEACHER on either side of the choice
LARGE = kd.instance_0(40, 25)  # 125 samples are few for it

COUNTS = np.array([[[3, 1, 0], [0, 0, 0]]])
UNIFORM = np.full(COUNTS.shape, 1 / 3)


@given(st.data(), teachers(max_inputs=6, max_labels=6), st.integers(0, 12), st.integers(0, 3))
def test_a_copy_of_a_known_learner_gets_its_numbers(data, teacher, n, seed):
    asked = [one for key in data.draw(st.permutations(KEYS)) for one in (key, copy_of(key))]
    risks = kd.sample_risk(teacher, n, asked, n_repeats=25, seed=seed)
    assert list(risks) == [one if isinstance(one, str) else one.name for one in asked]
    for key in KEYS:
        if sparse.pays(teacher, n):
            np.testing.assert_allclose(risks[f"my {key}"], risks[key], rtol=0, atol=1e-14)
        else:
            assert np.array_equal(risks[f"my {key}"], risks[key])


@pytest.mark.parametrize("n", [124, 125])
def test_a_copy_gets_the_same_numbers_on_both_sides_of_the_choice_and_over_many_blocks(n):
    assert sparse.pays(LARGE, n) == (n == 124)
    risks = kd.sample_risk(LARGE, n, [*KEYS, *map(copy_of, KEYS)], n_repeats=300, seed=3)
    for key in KEYS:
        np.testing.assert_allclose(risks[f"my {key}"], risks[key], rtol=0, atol=1e-13)


@pytest.mark.parametrize(("teacher", "n"), [(TEACHER, SPARSE), (TEACHER, DENSE), (LARGE, 50), (LARGE, 500)])
def test_who_else_is_asked_changes_no_bit(teacher, n):
    company = [smoother(), "sel_ptl", gambler(), "ce_sgl", copy_of("ce_ful")]
    together = kd.sample_risk(teacher, n, company, n_repeats=400, seed=4)
    for one in company:
        (alone,) = kd.sample_risk(teacher, n, one, n_repeats=400, seed=4).values()
        assert np.array_equal(alone, together[getattr(one, "name", one)])


@pytest.mark.parametrize("n", [0, 1, 4])
def test_the_risk_of_a_learner_of_ones_own_is_that_of_enumeration(n):
    rho, pi = TEACHER.rho.tolist(), TEACHER.pi.tolist()
    expected = {"add one": 0.0, "gambler": 0.0}
    for probability, counts in oracles.data_sets(rho, pi, n):
        answers = {
            "add one": [[(count + 1) / (sum(row) + 3) for count in row] for row in counts],
            "gambler": [
                [float(p == max(law)) if sum(row) else 1 / 3 for p in law] for row, law in zip(counts, pi, strict=True)
            ],
        }
        for name, policy in answers.items():
            expected[name] += probability * oracles.conditional_tv(policy, rho, pi)
    table = kd.simulate_risk(TEACHER, n, [smoother(), gambler()], n_repeats=20_000, seed=5)
    for row in table.itertuples():
        assert abs(row.risk - expected[row.learner]) <= 4 * row.std_error + 1e-14


def sweep(n_jobs=1):
    asked = [
        "sel_ptl",
        copy_of("sel_ptl"),
        smoother(),
        gambler(),
        "ce_ful",
        kd.top_k_matcher(2),
        kd.censored_counter(2),
    ]
    return kd.risk_curve(lambda n: LARGE, [50, 1500], asked, n_repeats=2000, seed=5, n_jobs=n_jobs)


def test_local_processes_change_no_bit():
    table = sweep()
    pd.testing.assert_frame_equal(sweep(n_jobs=2), table, check_exact=True)
    known, copied = (table.loc[table["learner"] == name, "risk"] for name in ("sel_ptl", "my sel_ptl"))
    np.testing.assert_allclose(known, copied, rtol=1e-12)
    top = [kd.top_k_matcher(2).name, kd.censored_counter(2).name]
    assert table["learner"].tolist() == ["sel_ptl", "my sel_ptl", "add one", "gambler", "ce_ful", *top] * 2


@pytest.mark.parametrize("key", KEYS)
def test_keys_objects_one_or_several_are_the_same(key):
    expected = kd.sample_risk(TEACHER, DENSE, [key], n_repeats=20)[key]
    learner = kd.LEARNERS[key]
    for learners in (key, learner, (key,), [learner], {key: "a dict gives its keys"}, iter([learner])):
        assert np.array_equal(kd.sample_risk(TEACHER, DENSE, learners, n_repeats=20)[key], expected)
    exact = kd.risk_curve(lambda n: kd.instance_0(2, 3), [9], learner, method="exact")
    assert exact["learner"].tolist() == [key]
    assert exact["risk"][0] == kd.expected_risk(kd.instance_0(2, 3), 9, learner)
    assert kd.expected_risk(TEACHER, 9, "ce_sgl") == kd.expected_risk(TEACHER, 9, kd.LEARNERS["ce_sgl"])


def test_one_may_be_added_to_the_table_and_asked_by_key(monkeypatch):
    monkeypatch.setitem(kd.LEARNERS, "mine", smoother())
    for n in (SPARSE, DENSE):
        assert list(kd.sample_risk(TEACHER, n, "mine", n_repeats=2)) == ["add one"]
    assert list(kd.sample_risk(TEACHER, DENSE, n_repeats=2)) == KEYS


@pytest.mark.parametrize(
    ("learners", "message"),
    [
        ([smoother(), "ce_sgl", smoother()], "two learners are called add one: each must have a name of its own"),
        (["ce_ful", kd.LEARNERS["ce_ful"]], "two learners are called ce_ful: each must have a name of its own"),
        (copy_of("ce_ful", "ce_ful"), "ce_ful is the name of one of the paper's learners: give your own another name"),
    ],
)
def test_names_tell_learners_apart(learners, message):
    for ask in (kd.sample_risk, kd.simulate_risk):
        with pytest.raises(ValueError, match=f"^{message}$"):
            ask(TEACHER, 5, learners, n_repeats=2)
    with pytest.raises(ValueError, match=f"^{message}$"):
        kd.risk_curve(lambda n: TEACHER, [5], learners, n_repeats=2)


def test_no_exact_risk_is_claimed_for_a_learner_of_ones_own():
    message = "the exact risk of my ce_sgl is not known, only those of ce_sgl, .*: use simulate_risk"
    with pytest.raises(ValueError, match=message):
        kd.expected_risk(TEACHER, 5, copy_of("ce_sgl"))
    with pytest.raises(ValueError, match=message):
        kd.risk_curve(lambda n: pytest.fail("before any work"), [5], copy_of("ce_sgl"), method="exact")
    with pytest.raises(ValueError, match=r"^ce_sgl is the name of one of the paper's learners"):
        kd.expected_risk(TEACHER, 5, copy_of("ce_sgl", "ce_sgl"))


def a_row(*row):
    answer = UNIFORM.copy()
    answer[0, 1] = row
    return answer


WRONG = {
    "another shape": (UNIFORM[0], "must have the shape of the counts, (1, 2, 3), got (2, 3)"),
    "one row": ([1.0], "must have shape (..., S, A), got (1,)"),
    "counts": (COUNTS, "[0, 0] does not sum to 1: each row must be a probability vector, within 1e-06, got [3. 1. 0.]"),
    "negative": (a_row(1.5, -0.5, 0), "[0, 1] holds a negative number: each row must be a probability vector"),
    "infinite": (a_row(math.inf, 0, 0), "[0, 1] does not sum to 1"),
    "both infinities": (a_row(math.inf, -math.inf, 0), "[0, 1] holds a negative number"),
    "short": (a_row(0.3, 0.3, 0.3), "[0, 1] does not sum to 1"),
    "words": ([["a", "b"]], "must be an array of numbers: "),
    "nothing": (None, "must have shape (..., S, A), got ()"),
    "peeking": (a_row(0.5, math.nan, 0.5), "is NaN at [0, 1, 1]: it must not use what its protocol does not tell"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_fit_returns_is_checked(case):
    answer, message = WRONG[case]
    learner = kd.Learner("mine", "hard", lambda data: answer)
    pattern = "^what the fit of mine returns ?" + re.escape(message)
    with pytest.raises(ValueError, match=pattern):
        learner.fit(kd.HardLabels(COUNTS))


@pytest.mark.parametrize(("teacher", "n"), [(TEACHER, DENSE), (LARGE, 50)])
def test_a_student_that_peeks_is_caught_in_a_simulation(teacher, n):
    peeking = kd.Learner("peeking", "partial", lambda data: data.probabilities)
    with pytest.raises(ValueError, match=r"fit of peeking returns is NaN at \[\d+, \d+, \d+\]: it must not use"):
        kd.sample_risk(teacher, n, ["ce_sgl", peeking], n_repeats=50)


def test_answers_in_single_precision_are_policies():
    rng = np.random.default_rng(0)
    rows = rng.dirichlet(np.ones(5000), size=(3, 2)).astype(np.float32)
    learner = kd.Learner("single", "hard", lambda data: rows)
    assert learner.fit(kd.HardLabels(np.zeros(rows.shape, int))).dtype == np.float64


@pytest.mark.parametrize("key", KEYS)
def test_a_fit_cannot_change_what_the_next_one_sees(key):
    def fit(data):
        for table in vars(data).values():
            table[:] = 0
        return data.counts

    vandal = kd.Learner("vandal", kd.LEARNERS[key].protocol, fit)
    for teacher, n in ((TEACHER, DENSE), (LARGE, 50)):
        with pytest.raises(ValueError, match="read-only"):
            kd.sample_risk(teacher, n, [vandal, key], n_repeats=2)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_known_learner_stays_itself_wherever_it_goes(copied):
    for learner in kd.LEARNERS.values():
        assert copied(learner) is learner
        mine = kd.Learner("mine", learner.protocol, learner.fit, learner.loss)
        assert copied(mine).name == "mine"


def test_a_learner_says_what_it_is():
    mine = kd.Learner(name="mine", protocol="hard", fit=lambda data: UNIFORM, equation="none")
    assert (mine.name, mine.protocol, mine.equation) == ("mine", "hard", "none")
    assert repr(mine) == "Learner(name='mine', protocol='hard')"
    assert kd.Learner("mine", kd.PROTOCOLS["soft"], lambda data: data).protocol == "soft"
    assert repr(gambler()) == "Learner(name='gambler', protocol=<protocol 'likeliest'>)"
    with pytest.raises(AttributeError):
        mine.name = "yours"


def test_a_loss_is_what_one_gives():
    data = kd.HardLabels(COUNTS)
    own = kd.Learner("mine", "hard", lambda data: UNIFORM, loss=kd.LEARNERS["ce_sgl"].loss)
    assert own.loss(UNIFORM, data) == pytest.approx(4 * math.log(3))
    with pytest.raises(ValueError, match=r"^add one has no loss: give it one"):
        smoother().loss(UNIFORM, data)
    with pytest.raises(ValueError, match=r"policy must have shape \(..., 2, 3\), got \(3, 2\)"):
        own.loss(np.ones((3, 2)), data)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": ""}, "name must be a word, got ''"),
        ({"name": 3}, "name must be a word, got 3"),
        ({"protocol": "firm"}, "unknown protocol 'firm': known are hard, partial, soft"),
        ({"protocol": kd.HardLabels}, "unknown protocol <class"),
        ({"fit": UNIFORM}, "fit and loss of mine must be functions, got array"),
        ({"loss": 0.5}, "fit and loss of mine must be functions, got <function"),
    ],
)
def test_a_learner_is_refused_when_it_is_made(arguments, message):
    with pytest.raises(ValueError, match="^" + message):
        kd.Learner(**{"name": "mine", "protocol": "hard", "fit": lambda data: UNIFORM, **arguments})


def test_a_learner_of_ones_own_takes_the_transfer_set_of_its_protocol_alone():
    learner = gambler()
    with pytest.raises(ValueError, match=r"gambler learns from LikeliestLabels, got HardLabels: .*learner\.protocol"):
        learner.fit(kd.HardLabels(COUNTS))
    data = kd.reveal(TEACHER, COUNTS, learner.protocol)
    assert data.likeliest.tolist() == [[0, -1]]
    assert learner.fit(data).tolist() == [[[1, 0, 0], [1 / 3] * 3]]


def test_a_protocol_without_counts_has_its_shape_checked_in_a_simulation():
    learner = kd.Learner("flat", gambler().protocol, lambda data: np.full((2, 3), 1 / 3))
    with pytest.raises(ValueError, match=r"fit of flat returns must have shape \(7, 2, 3\), got \(2, 3\)"):
        kd.sample_risk(TEACHER, DENSE, learner, n_repeats=7)


def protocol(**fields):
    made = type("Mine", (kd.Protocol,), {"reveal": lambda self, teacher, counts: counts, **fields})
    return made()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"data_type": np.ndarray}, "the name of the protocol Mine must be a word, got None"),
        ({"name": "", "data_type": np.ndarray}, "the name of the protocol Mine must be a word, got ''"),
        ({"name": "mine"}, "the data_type of the protocol 'mine' must be a class, got None"),
        (
            {"name": "mine", "data_type": kd.HardLabels},
            "the protocol 'mine' must reveal HardLabels, as it says",
        ),
    ],
)
def test_a_protocol_that_does_not_say_what_it_is_is_refused(fields, message):
    with pytest.raises(ValueError, match="^" + message):
        kd.reveal(TEACHER, COUNTS, protocol(**fields))


def test_a_protocol_of_ones_own_is_revealed_after_the_same_checks():
    mine = protocol(name="mine", data_type=np.ndarray)
    assert np.array_equal(kd.reveal(TEACHER, COUNTS.tolist(), mine), COUNTS)
    with pytest.raises(ValueError, match=r"counts must be integers, got dtype float64"):
        kd.reveal(TEACHER, 1.0 * COUNTS, mine)
    with pytest.raises(TypeError, match="abstract"):
        kd.Protocol()


@pytest.mark.parametrize("key", ["hard", "partial", "soft"])
def test_keys_and_protocols_reveal_the_same(key):
    by_key, by_object = (kd.reveal(TEACHER, COUNTS, one) for one in (key, kd.PROTOCOLS[key]))
    assert type(by_key) is type(by_object) is kd.PROTOCOLS[key].data_type
    for name, table in vars(by_key).items():
        np.testing.assert_array_equal(table, getattr(by_object, name))
    assert kd.PROTOCOLS[key].name == key


@given(teachers(), st.integers(0, 12), st.integers(0, 3))
def test_a_simulation_reveals_what_reveal_does(teacher, n, seed):
    assume(not sparse.pays(teacher, n))
    seen = []

    def fit(data):
        seen.append(data)
        return np.full(data.counts.shape, 1 / data.counts.shape[-1])

    kd.sample_risk(teacher, n, kd.Learner("witness", "partial", fit), n_repeats=3, seed=seed)
    (data,) = seen
    expected = kd.reveal(teacher, data.counts, "partial")
    np.testing.assert_array_equal(data.probabilities, expected.probabilities)
    assert data.counts.sum(axis=(1, 2)).tolist() == [n] * 3


def test_memory_with_few_samples_does_not_grow_with_the_repeats_times_the_table():
    teacher = kd.instance_0(300, 500)  # one table of counts is 1.2 MB, a block of repeats would be 780 MB
    tracemalloc.start()
    kd.sample_risk(teacher, 50, ["sel_ptl", smoother()], n_repeats=300)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60 * 2**20
