"""Teachers from what people have: tables that miss 1, archives, Parquet; and what takes a teacher as it is."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import kdcore as kd

RHO, PI = [0.5, 0.25, 0.25], [[0.9, 0.1, 0.0, 0.0], [0.25, 0.25, 0.5, 0.0], [1.0, 0.0, 0.0, 0.0]]
TEACHER = kd.Teacher(RHO, PI)


@pytest.mark.parametrize("ending", ["npz", "parquet"])
@pytest.mark.parametrize("policy", [PI, scipy.sparse.csr_array(PI)])
def test_a_saved_teacher_is_the_same_to_the_bit(tmp_path, ending, policy):
    if ending == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"teacher.{ending}"
    kd.Teacher(RHO, policy).save(path)
    again = kd.Teacher.load(path)
    assert np.array_equal(again.rho, TEACHER.rho)
    assert np.array_equal(again.pi, TEACHER.pi)


def test_an_archive_with_a_dense_table_is_a_teacher(tmp_path):
    np.savez(tmp_path / "plain.npz", pi=PI)
    assert kd.Teacher.load(tmp_path / "plain.npz").rho.tolist() == [1 / 3] * 3
    np.savez(tmp_path / "both.npz", pi=PI, rho=RHO)
    assert kd.Teacher.load(tmp_path / "both.npz").rho.tolist() == RHO


@pytest.mark.parametrize("make", [np.asarray, scipy.sparse.csr_array])
def test_float32_rows_are_divided_by_their_sums_and_the_correction_is_kept(make):
    rows = np.random.default_rng(0).dirichlet(np.ones(1000), 3).astype(np.float32)
    teacher = kd.Teacher.from_probabilities(make(rows))
    sums = rows.astype(np.float64).sum(axis=1)
    assert teacher.pi == pytest.approx(rows / sums[:, None], rel=1e-12)
    assert teacher.correction == pytest.approx(np.abs(sums - 1).max(), rel=1e-9)
    assert 1e-10 < teacher.correction < 1e-5
    assert TEACHER.correction == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda folder: TEACHER.save(folder / "teacher.csv"), "a teacher's file ends in .npz or .parquet, got"),
        (lambda folder: kd.Teacher.load(folder / "none.npz"), "no teacher at"),
        (lambda folder: kd.Teacher.load(folder / "text.npz"), "is no archive of NumPy"),
        (lambda folder: kd.Teacher.load(folder / "other.npz"), "holds no teacher: it has neither pi nor labels"),
        (lambda folder: kd.Teacher.load(folder / "wrong.npz"), "pi[1] sums to 0.5: it must sum to 1"),
        (lambda _: kd.Teacher.from_probabilities([[0.5, 0.5], [0, 0]]), "pi[1] sums to 0: each row must hold"),
        (lambda _: kd.Teacher.from_probabilities([[0.5, -0.5]]), "finite and not negative, got [-0.5]"),
        (lambda _: kd.Teacher.from_probabilities([[0.5, np.nan]]), "finite and not negative, got [nan]"),
    ],
)
def test_refusals(tmp_path, call, message):
    (tmp_path / "text.npz").write_text("no archive", encoding="utf-8")
    np.savez(tmp_path / "other.npz", x=[1])
    np.savez(tmp_path / "wrong.npz", pi=[[1.0, 0.0], [0.5, 0.0]])
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call(tmp_path)
    assert message in str(caught.value)


def test_columns_of_parquet_are_asked_for(tmp_path):
    pytest.importorskip("pyarrow")
    pd.DataFrame({"input": [0], "label": [0]}).to_parquet(tmp_path / "short.parquet")
    with pytest.raises(ValueError, match="the column mass, probability is missing"):
        kd.Teacher.load(tmp_path / "short.parquet")
    named = pd.DataFrame({"input": ["a"], "label": [0], "mass": [1.0], "probability": [1.0]})
    named.to_parquet(tmp_path / "named.parquet")
    with pytest.raises(ValueError, match=r"the column input must hold the numbers 0, 1, \.\.\."):
        kd.Teacher.load(tmp_path / "named.parquet")


def test_a_curve_takes_a_teacher_as_it_is():
    curve = kd.risk_curve(TEACHER, [3, 30], method="auto")
    family = kd.risk_curve(lambda n: TEACHER, [3, 30], method="auto")
    pd.testing.assert_frame_equal(curve, family)
    assert (curve.loc[curve["learner"] != "ce_ptl", "n_repeats"] == 0).all()
    with pytest.raises(ValueError, match="sizes belong to a family of teachers"):
        kd.risk_curve(TEACHER, [3], sizes=[(2, 2)])


def test_quantiles_are_those_of_the_risks():
    risks = kd.sample_risk(TEACHER, 20, n_repeats=200)
    table = kd.simulate_risk(TEACHER, 20, n_repeats=200, quantiles=[0.05, 0.5]).set_index("learner")
    for key, values in risks.items():
        assert table.loc[key, "q0.05"] == np.quantile(values, 0.05)
        assert table.loc[key, "q0.5"] == np.median(values)
    with pytest.raises(ValueError, match=r"quantiles must be levels in \[0, 1\], got \[5\]"):
        kd.simulate_risk(TEACHER, 20, quantiles=[5])


@pytest.mark.parametrize("n", [1, 20])
@pytest.mark.parametrize("divergence", ["tv", "kl"])
def test_the_losses_at_inputs_make_up_the_risk(n, divergence):
    asked = {"n_repeats": 50, "divergence": divergence, "learners": ["sel_ptl", "ce_ful"]}
    table = kd.simulate_risk(TEACHER, n, per_input=True, **asked)
    whole = kd.simulate_risk(TEACHER, n, **asked).set_index("learner")["risk"]
    assert table.groupby("learner")["input"].apply(list).tolist() == [[0, 1, 2]] * 2
    for key, rows in table.groupby("learner"):
        assert float(TEACHER.rho @ rows["risk"].to_numpy()) == pytest.approx(whole[key], rel=1e-12)
    with pytest.raises(ValueError, match="per_input gives means and no quantiles"):
        kd.simulate_risk(TEACHER, n, per_input=True, quantiles=[0.5])
