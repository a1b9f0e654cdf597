"""Students of a log against the dense ones of the package, which see the same draws as count tables."""

import numpy as np
import pandas as pd
import pytest

import kdcore as kd
from tests.kdcore.logs import writing

RNG = np.random.default_rng(5)
TEACHER = kd.Teacher(RNG.dirichlet([2] * 4), RNG.dirichlet([0.5] * 6, size=4))
CASES = [
    ("hard", 0, "ce_sgl", kd.LEARNERS["ce_sgl"]),
    ("partial", 0, "ce_sgl", kd.LEARNERS["ce_sgl"]),
    ("partial", 0, "ce_ptl", kd.LEARNERS["ce_ptl"]),
    ("partial", 0, "sel_ptl", kd.LEARNERS["sel_ptl"]),
    ("top_k", 2, "sel_ptl", kd.top_k_matcher(2)),
    ("censored", 2, "censored", kd.censored_counter(2)),
    ("soft", 0, "ce_ful", kd.LEARNERS["ce_ful"]),
]


@pytest.mark.parametrize(("told", "k", "key", "learner"), CASES)
def test_a_student_of_a_log_is_the_dense_one(tmp_path, told, k, key, learner):
    pairs = writing.draws(TEACHER, 12, seed=3)
    log = kd.read_log(writing.write_table(tmp_path / "log.csv", TEACHER, pairs, told, k))
    assert (log.protocol, log.k) == (told, 6 if told == "soft" else k)
    expected = learner.fit(kd.reveal(TEACHER, writing.counts(TEACHER, pairs), learner.protocol))
    assert writing.dense(log.learn(key, n_labels=6), TEACHER) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("line", ["chat", "censored chat", "completion", "completion with top"])
def test_both_formats_of_responses_are_read_as_the_table_of_the_same_draws(tmp_path, line):
    pairs = writing.draws(TEACHER, 30, seed=4)
    told = {"censored chat": "censored", "completion": "partial"}.get(line, "top_k")
    k = 0 if told == "partial" else 2
    if line.startswith("completion"):
        lines = [writing.completion_line(TEACHER, s, a, k) for s, a in pairs]
    else:
        lines = [writing.chat_line(TEACHER, s, a, k, censored=line != "chat") for s, a in pairs]
    log = kd.read_log(writing.write_lines(tmp_path / "log.jsonl", lines))
    table = kd.read_log(writing.write_table(tmp_path / "log.csv", TEACHER, pairs, told, k))
    assert (log.protocol, log.k, log.n_samples) == (table.protocol, table.k, 30)
    pd.testing.assert_frame_equal(log.counts(), table.counts())
    best = "censored" if told == "censored" else "sel_ptl"
    dense = [writing.dense(one.learn(best, 6), TEACHER) for one in (log, table)]
    assert dense[0] == pytest.approx(dense[1], abs=1e-12)
    assert log.hidden() == pytest.approx(table.hidden(), abs=1e-12)


def test_a_student_is_saved_and_answers_for_anything(tmp_path):
    path = writing.write_table(tmp_path / "log.csv", TEACHER, [(0, 1), (0, 1), (0, 2)])
    student = kd.read_log(path).learn("sel_ptl", n_labels=6)
    student.save(tmp_path / "student.parquet")
    again = kd.LogStudent.load(tmp_path / "student.parquet")
    listed, rest = again.row("s0")
    assert listed == pytest.approx({"a1": TEACHER.pi[0, 1], "a2": TEACHER.pi[0, 2]}, rel=1e-15)
    assert sum(listed.values()) + 4 * rest == pytest.approx(1, abs=1e-12)
    assert again.probability("s0", "never seen") == rest
    assert again.row("never asked") == ({}, 1 / 6)
    pd.testing.assert_frame_equal(again.table, student.table)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda log: log.learn("ce_ful"), "ce_ful cannot learn from a log of protocol 'partial': it allows ce_sgl"),
        (lambda log: log.learn("best"), "unknown learner 'best': known are ce_sgl, ce_ptl, sel_ptl"),
        (lambda log: log.learn("sel_ptl", 1), "n_labels must be an integer of at least 2, got 1"),
        (lambda log: log.learn("sel_ptl").save("student.csv"), "a student is saved as .parquet, got student.csv"),
        (lambda _: kd.LogStudent.load("nowhere.parquet"), "no student at nowhere.parquet"),
        (lambda _: kd.LogStudent(pd.DataFrame({"input": []})), "label, probability is missing"),
    ],
)
def test_bad_calls(tmp_path, call, message):
    log = kd.read_log(writing.write_table(tmp_path / "log.csv", TEACHER, [(0, 1), (0, 2)]))
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call(log)
    assert message in str(caught.value)
