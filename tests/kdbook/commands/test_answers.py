"""The commands for those who have a model's answers: learn, audit, certify."""

import json

import pytest

import kdcore as kd
from kdbook.commands import main
from tests.kdcore.logs import writing

TEACHER = kd.instance_2(4, 11, 1000)


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    pairs = writing.draws(TEACHER, 3000, seed=1)
    writing.write_table(folder / "log.csv", TEACHER, pairs[:2000])
    writing.write_table(folder / "fresh.csv", TEACHER, pairs[2000:])
    writing.write_table(folder / "hard.csv", TEACHER, pairs[:50], "hard")
    return folder


def test_from_a_log_to_a_student_a_grade_a_certificate_and_an_audit(logs, capsys):
    student = str(logs / "student.parquet")
    assert main(["learn", str(logs / "log.csv"), "-o", student, "--labels", "11"]) == 0
    learned = capsys.readouterr().out
    assert "tells    each drawn label with its probability" in learned
    assert f"the matcher (sel_ptl), saved in {student}" in learned
    assert main(["certify", str(logs / "log.csv"), "--target", "0.005", "--plot", str(logs / "bound.svg")]) == 0
    certified = capsys.readouterr().out
    assert "more answers (an extrapolation, no bound)" in certified
    assert (logs / "bound.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert main(["audit", student, str(logs / "fresh.csv")]) == 0
    assert "with confidence 0.95" in capsys.readouterr().out


def test_what_programs_read_agrees_with_the_package(logs, capsys):
    student = str(logs / "json.parquet")
    assert main(["learn", str(logs / "log.csv"), "-o", student, "--labels", "11", "--json"]) == 0
    learned = json.loads(capsys.readouterr().out)
    log = kd.read_log(logs / "log.csv")
    assert learned["risk"] == kd.grade(log, 11).risk
    assert main(["audit", student, str(logs / "fresh.csv"), "--json"]) == 0
    audited = json.loads(capsys.readouterr().out)
    low, high = audited["interval"]
    exact = float(kd.conditional_tv(writing.dense(kd.LogStudent.load(student), TEACHER), TEACHER))
    assert low <= exact <= high
    assert main(["certify", str(logs / "log.csv"), "--json", "--target", "0.5"]) == 0
    certified = json.loads(capsys.readouterr().out)
    assert certified["risk_bound"] == kd.certify(log).risk_bound >= exact
    assert certified["n_more"] == 0


def test_a_log_of_labels_alone_gives_the_counter_and_no_grade(logs, capsys):
    assert main(["learn", str(logs / "hard.csv"), "-o", str(logs / "counter.parquet")]) == 0
    out = capsys.readouterr().out
    assert "tells    labels alone" in out
    assert "the counter (ce_sgl)" in out
    assert "grade" not in out
    assert main(["certify", str(logs / "hard.csv")]) == 1
    assert "a log of labels alone grades no student" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["learn", "{}/log.csv", "-o", "student.csv"], "--output must end in .parquet, got student.csv"),
        (["learn", "{}/log.csv", "-o", "nowhere/student.parquet"], "the folder nowhere does not exist: make it first"),
        (["learn", "{}/none.csv", "-o", "student.parquet"], "none.csv is no file"),
        (["certify", "{}/log.csv", "--delta", "2"], "--delta must be above 0 and below 1, got 2.0"),
        (["certify", "{}/log.csv", "--plot", "bound.txt"], "--plot must end in .svg, .png or .pdf, got bound.txt"),
        (["certify", "{}/log.csv", "--target", "0"], "target must be above 0 here, got 0.0"),
        (["audit", "none.parquet", "{}/log.csv"], "no student at none.parquet"),
        (["audit", "mine", "{}/log.csv", "--column"], "has no column 'mine'"),
    ],
)
def test_wrong_usage_is_one_line(logs, tmp_path, monkeypatch, capsys, words, message):
    monkeypatch.chdir(tmp_path)
    assert main([word.format(logs) for word in words]) == 1
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
