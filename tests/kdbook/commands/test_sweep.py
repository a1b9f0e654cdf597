"""``kdcore sweep``: files, standard output, refusals; once as a process."""

from __future__ import annotations

import io

import pandas as pd
import pytest

import kdcore as kd
from kdcore import _workers, sweep
from tests.mini import kdcore, kdcore_process

GRID = ["sweep", "--instance", "1", "--inputs", "2,3", "--labels", "4", "--samples", "40:400:3", "--repeats", "50"]


@pytest.fixture(scope="module")
def expected():
    return kd.risk_curve(kd.instance_1, [40, 126, 400], n_repeats=50, seed=7, sizes=[(2, 4), (3, 4)])


@pytest.mark.parametrize(("ending", "run"), [("csv", kdcore_process), ("parquet", kdcore)], ids=["csv", "parquet"])
def test_files_hold_the_same_bits_as_the_function(tmp_path, expected, ending, run):
    result = run(tmp_path, *GRID, "--seed", "7", "--output", f"risks.{ending}")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet}[ending]
    pd.testing.assert_frame_equal(read(tmp_path / f"risks.{ending}"), expected, check_exact=True)
    assert [path.name for path in tmp_path.iterdir()] == [f"risks.{ending}"]


def test_without_a_file_the_table_goes_to_standard_output(tmp_path):
    result = kdcore(
        tmp_path,
        "sweep",
        "--instance",
        "0",
        "--inputs",
        "2",
        "--labels",
        "3",
        "--samples",
        "5,9",
        "--method",
        "exact",
        "--learners",
        "ce_ful,sel_ptl",
    )
    table = pd.read_csv(io.StringIO(result.stdout))
    teacher = kd.instance_0(2, 3)
    assert table["learner"].tolist() == ["ce_ful", "sel_ptl"] * 2
    assert table["risk"].tolist() == [
        kd.expected_risk(teacher, n, key) for n in (5, 9) for key in ("ce_ful", "sel_ptl")
    ]


@pytest.mark.parametrize("number", kd.INSTANCES)
def test_an_instance_has_usual_sizes(tmp_path, number):
    result = kdcore(tmp_path, "sweep", "--instance", str(number), "--method", "exact", "--learners", "ce_ful")
    table, instance = pd.read_csv(io.StringIO(result.stdout)), kd.INSTANCES[number]
    assert table["n_samples"].iloc[[0, -1]].tolist() == list(instance.n_samples)
    assert set(zip(table["n_inputs"], table["n_labels"], strict=True)) == {(instance.n_inputs, instance.n_labels)}
    n = int(table["n_samples"].iloc[-1])
    teacher = instance.build(instance.n_inputs, instance.n_labels, n)
    assert table["risk"].iloc[-1] == kd.expected_risk(teacher, n, "ce_ful")


def test_a_teacher_of_ones_own_comes_from_a_file(tmp_path):
    teacher = kd.Teacher([0.5, 0.5], [[0.9, 0.1, 0.0], [0.25, 0.25, 0.5]])
    teacher.save(tmp_path / "mine.npz")
    result = kdcore(tmp_path, "sweep", "--teacher", "mine.npz", "--method", "auto", "--learners", "ce_sgl,ce_ful")
    assert result.returncode == 0
    expected = kd.risk_curve(teacher, [1, 3, 8, 22, 63, 177, 500], ["ce_sgl", "ce_ful"], method="auto")
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(result.stdout)), expected)
    result = kdcore(tmp_path, "sweep", "--teacher", "mine.npz", "--labels", "4")
    assert (result.returncode, result.stdout) == (1, "")
    assert "--inputs and --labels are sizes of an instance: a teacher from a file has its own" in result.stderr
    result = kdcore(tmp_path, "sweep", "--teacher", "none.npz")
    assert (result.returncode, result.stderr) == (1, "kdcore: no teacher at none.npz\n")


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--instance", "4"], 2, "invalid choice: 4 (choose from 0, 1, 2, 3)"),
        (["--learners", "mle"], 1, "unknown learner 'mle': known are ce_sgl, ce_ptl, sel_ptl, ce_ful"),
        (["--samples", "0"], 2, "must be at least 1, got 0"),
        (["--samples", "1:2"], 2, "must be FIRST:LAST:POINTS with three integers, got '1:2'"),
        (["--labels", "many"], 2, "must be integers separated by commas, got 'many'"),
        (["--samples", "1"], 1, "is a distribution only for n_samples >= 2, got n_samples=1"),
        (["--output", "nowhere/risks.csv"], 1, "the folder nowhere does not exist: make it first"),
        (["--output", "risks.xlsx"], 1, "--output must end in .csv or .parquet, got risks.xlsx"),
        (["--method", "exact"], 1, "n_repeats belongs to method='simulate'"),
        (["--seed", "-3"], 1, "seed must be a non-negative integer, got -3"),
        (["--scheduler", "tcp://127.0.0.1:9"], 1, "no Dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_refusals_are_one_line(tmp_path, monkeypatch, options, status, message):
    monkeypatch.setattr(_workers, "CONNECT_SECONDS", 1)
    result = kdcore(tmp_path, *GRID, "--inputs", "7", *options)
    assert result.returncode == status
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_sweep_says_how_it_goes_on_and_goes_on(tmp_path, monkeypatch, expected):
    options = [*GRID, "--seed", "7", "--output", "risks.csv"]
    simulate, calls = sweep._simulate, []

    def stops(task):
        calls.append(task)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return simulate(task)

    with monkeypatch.context() as patched:
        patched.setattr(sweep, "_simulate", stops)
        result = kdcore(tmp_path, *options)
    assert result.returncode == 130
    assert (
        "interrupted; finished risks are in risks.csv.partial: the same command with --resume goes on from there"
        in result.stderr
    )
    assert [path.name for path in tmp_path.iterdir()] == ["risks.csv.partial"]
    again = kdcore(tmp_path, *options)
    assert (again.returncode, again.stderr) == (
        1,
        "kdcore: risks.csv.partial holds risks of an interrupted sweep: go on with --resume, or delete it\n",
    )
    other = kdcore(tmp_path, *options, "--seed", "8", "--resume")
    assert other.returncode == 1
    assert "belongs to another sweep, with {'seed': 7}; this one has {'seed': 8}" in other.stderr
    calls.clear()
    monkeypatch.setattr(sweep, "_simulate", lambda task: (calls.append(task), simulate(task))[1])
    assert kdcore(tmp_path, *options, "--resume").returncode == 0
    assert len(calls) == 3  # of six points three were finished
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "risks.csv"), expected, check_exact=True)
    assert [path.name for path in tmp_path.iterdir()] == ["risks.csv"]


def test_resume_needs_a_file(tmp_path):
    result = kdcore(tmp_path, *GRID, "--resume")
    assert (result.returncode, "--resume needs --output FILE" in result.stderr) == (1, True)
