"""Reading logs: what they tell is found from them, and what is wrong is named with its place."""

import gzip
import json
import unicodedata

import numpy as np
import pytest

import kdcore as kd
from tests.kdcore.logs import writing


def csv(tmp_path, text, name="log.csv"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_hidden_masses_along_the_log_are_those_of_a_loop(tmp_path):
    teacher = kd.instance_2(3, 5, 60)
    pairs = writing.draws(teacher, 60, seed=0)
    expected, known, seen = [], np.zeros(3), set()
    for s, a in pairs:
        expected.append(1 - known[s])
        if (s, a) not in seen:
            seen.add((s, a))
            known[s] += teacher.pi[s, a]
    log = kd.read_log(writing.write_table(tmp_path / "log.csv", teacher, pairs))
    assert log.hidden() == pytest.approx(expected, abs=1e-14)


def test_several_files_are_one_log_in_their_order(tmp_path):
    teacher = kd.instance_2(3, 5, 60)
    pairs = writing.draws(teacher, 60, seed=1)
    whole = kd.read_log(writing.write_table(tmp_path / "whole.csv", teacher, pairs))
    folder = tmp_path / "parts"
    folder.mkdir()
    writing.write_table(folder / "part-1.csv", teacher, pairs[:25])
    lines = [writing.completion_line(teacher, s, a, 0) for s, a in pairs[25:]]
    (folder / "part-2.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    for paths in (folder, folder / "part-*", [folder / "part-1.csv", folder / "part-2.jsonl.gz"]):
        parts = kd.read_log(paths)
        assert parts.hidden() == pytest.approx(whole.hidden(), abs=1e-12)
        assert parts.counts()["count"].tolist() == whole.counts()["count"].tolist()


def test_tokens_of_an_answer_are_one_draw_or_several(tmp_path):
    content = [{"token": token, "logprob": -0.5} for token in ("to", "be", "or")]
    line = json.dumps({"messages": [{"role": "user", "content": "?"}], "choices": [{"logprobs": {"content": content}}]})
    path = writing.write_lines(tmp_path / "log.jsonl", [line, line])
    first = kd.read_log(path)
    assert (first.n_samples, first.n_inputs) == (2, 1)
    assert any("2 answers have several tokens" in note for note in first.notes)
    every = kd.read_log(path, tokens="all")
    assert (every.n_samples, every.n_inputs, every.notes) == (6, 3, ())
    assert {asked.split("\u241f", 1)[-1] for asked in every.counts()["input"]} >= {"to", "to\u241fbe"}


def test_each_choice_of_a_response_is_a_draw(tmp_path):
    choices = [{"logprobs": {"content": [{"token": token, "logprob": -1.0}]}} for token in "aab"]
    log = kd.read_log(writing.write_lines(tmp_path / "log.jsonl", [json.dumps({"input": "x", "choices": choices})]))
    assert log.counts()["count"].tolist() == [2, 1]


def test_parquet_is_read_as_it_was_written(tmp_path):
    import duckdb

    path = tmp_path / "log.parquet"
    rows = "SELECT 'x' AS input, 'a' AS label, 0.5 AS probability, MAP {'a': 0.5, 'b': 0.25} AS top"
    duckdb.sql(rows).write_parquet(str(path))
    log = kd.read_log(path)
    assert (log.protocol, log.k, log.n_labels) == ("top_k", 2, 2)


def test_contradictions_are_said_and_the_bound_grows_by_them(tmp_path):
    rows = "".join(f"x,a,{0.5 * (1 + 0.01 * (i % 2))}\nx,b,0.5\n" for i in range(50))
    log = kd.read_log(csv(tmp_path, "input,label,probability\n" + rows))
    found = log.contradictions()
    assert found[["input", "label"]].to_numpy().tolist() == [["x", "a"]]
    assert log.error == pytest.approx(0.01)
    assert "1 pairs have more than one probability, apart by up to 0.01" in log.notes[0]
    assert "0.5 and 0.505 for 'a' at 'x'" in log.notes[0]
    assert "sum to 1.0025, more than 1" in log.notes[1]
    exact = kd.read_log(csv(tmp_path, "input,label,probability\n" + "x,a,0.5\nx,b,0.5\n" * 50, "exact.csv"))
    assert kd.certify(log).risk_bound == pytest.approx(kd.certify(exact).risk_bound + 0.01, abs=1e-3)
    assert exact.notes == ()


def test_rounding_in_the_last_digits_is_no_contradiction(tmp_path):
    log = kd.read_log(csv(tmp_path, "input,label,probability\nx,a,0.3\nx,a,0.30000000000000004\n"))
    assert (log.error, log.notes) == (0.0, ())


GOOD = '{"input": "x", "choices": [{"logprobs": {"content": [{"token": "a", "logprob": -0.5}]}}]}'


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("log.csv", "", "has no column 'input'"),
        ("log.csv", "input,label\n", "is empty: a log holds an answer in each line"),
        ("log.jsonl", "", "is empty: a log holds an answer in each line"),
        ("log.jsonl", "\n\n", "is empty: a log holds an answer in each line"),
        ("log.csv", "question,label\nx,a\n", "has no column 'input', only question, label"),
        ("log.txt", "x", "log.txt does not end as a log does: known are .jsonl"),
        ("log.csv", "input,label,probability\nx,a,1.5\n", "row 1: the label 'a' has the probability 1.5; what is told"),
        ("log.csv", "input,label,probability\nx,a,0.5\nx,b,0\n", "row 2: the label 'b' has the probability 0.0;"),
        ("log.csv", "input,label,probability\nx,a,nan\n", "row 1: the label 'a' has the probability nan;"),
        ("log.csv", "input,label,probability\nx,a,half\n", "row 1: the label 'a' has the probability nan;"),
        ("log.csv", "input,label,probability\nx,a,0.5\n,b,0.5\n", "row 2: the input or the label is missing"),
        ("log.csv", "input,label,probability\nx,a,0.5\nx,b,\n", "row 1 tells the probability of its label,"),
        ("log.csv", 'input,label,top\nx,a,"{""a"": 2}"\n', "what is told must be above 0 and at most 1"),
        ("log.csv", "input,label,top\nx,a,{oops\n", "row 1: the input or the label is missing, or top is no JSON"),
        ("log.jsonl", GOOD + "\n\n{broken\n", "line 3: is no JSON: Expecting property name"),
        ("log.jsonl", GOOD + "\n[1]\n", "line 2: holds no object, but list"),
        ("log.jsonl", GOOD + '\n{"input": "x"}\n' * 2, "line 2: tells no answer: a line has logprobs with content"),
        ("log.jsonl", '{"choices": []}\n', "line 1: tells no input: a line has the field input, prompt or messages"),
        ("log.jsonl", GOOD + "\n" + GOOD[:40], "line 2: is no JSON: Expecting value"),
        ("log.jsonl", GOOD.replace("-0.5", "0.5"), "line 1: the label 'a' has the probability 1.6487212707001282;"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, name, text, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        kd.read_log(csv(tmp_path, text, name))
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_broken_lines_are_left_out_and_counted_on_demand(tmp_path):
    path = csv(tmp_path, "\n".join([GOOD, "{broken", "", '{"input": "y"}', GOOD]), "log.jsonl")
    with pytest.raises(ValueError, match=r"line 2: is no JSON.*\(1 more such lines\); skip_broken=True leaves"):
        kd.read_log(path)
    log = kd.read_log(path, skip_broken=True)
    assert (log.n_samples, log.n_broken, log.notes) == (2, 2, ("2 broken lines were left out",))
    with pytest.raises(ValueError, match="holds 1 broken lines and nothing else"):
        kd.read_log(csv(tmp_path, "input,label,probability\nx,a,7\n"), skip_broken=True)


def test_a_file_that_was_cut_off_is_named(tmp_path):
    path = tmp_path / "log.jsonl.gz"
    whole = gzip.compress("\n".join([GOOD.replace("x", f"x{i}") for i in range(5000)]).encode())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"log\.jsonl\.gz"):
        kd.read_log(path)


@pytest.mark.parametrize("paths", ["nowhere.csv", "nowhere-*.csv", []])
def test_no_log(tmp_path, monkeypatch, paths):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"no log found|is no file"):
        kd.read_log(paths)


def test_inputs_are_told_apart_by_their_characters_and_may_be_long(tmp_path):
    long, composed = "x" * 10**6, "é"
    names = [long, composed, unicodedata.normalize("NFD", composed), "", "a\tb", "NULL", "λ 🎲"]
    lines = [
        json.dumps({"input": name, "choices": [{"logprobs": {"content": [{"token": name, "logprob": -1.0}]}}]})
        for name in names
    ]
    log = kd.read_log(writing.write_lines(tmp_path / "log.jsonl", lines))
    assert set(log.counts()["input"]) == set(names)
    assert log.n_labels == len(names)
    listed, _ = log.learn("sel_ptl").row(long)
    assert list(listed) == [long]


def test_labels_all_equal_one_row_and_inputs_asked_once(tmp_path):
    one = kd.read_log(csv(tmp_path, "input,label,probability\nx,a,1\n"))
    assert kd.grade(one) == kd.Grade(0.0, 1.0, 1)
    assert kd.certify(one).risk_bound == 1.0
    equal = kd.read_log(csv(tmp_path, "input,label,probability\n" + "x,a,1\n" * 1000, "equal.csv"))
    assert kd.grade(equal).risk == 0.0
    assert kd.certify(equal).risk_bound < 0.02
    once = "".join(f"x{i},a{i % 7},0.5\n" for i in range(10**5))
    log = kd.read_log(csv(tmp_path, "input,label,probability\n" + once, "once.csv"))
    assert log.n_inputs == 10**5
    assert kd.certify(log).risk_bound == 1.0
    assert kd.grade(log).missing_mass == 1.0


def test_columns_of_ones_own_are_asked_for(tmp_path):
    path = csv(tmp_path, "input,label,probability,mine\nx,a,0.5,0.25\n")
    assert kd.audit("mine", kd.read_log(path, extra=["mine"])).risk == 0.5
    with pytest.raises(ValueError, match=r"the log has no column 'mine': read_log\(path, extra=\['mine'\]\) reads it"):
        kd.audit("mine", kd.read_log(path))
    with pytest.raises(ValueError, match="has no column 'yours'"):
        kd.read_log(path, extra=["yours"])
