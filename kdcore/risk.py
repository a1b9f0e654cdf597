"""The risk of a student: conditional total variation, and its simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr

from kdcore._checks import check_integer, check_policies
from kdcore._numerics import sparse
from kdcore._numerics.divergence import check_divergence
from kdcore._types import Floats, Integers, Policy
from kdcore.learners import Learner, Learners, check_learners, is_of_the_paper
from kdcore.protocols import check_protocol
from kdcore.teacher import Teacher, count_cells

if TYPE_CHECKING:
    import pandas as pd

BLOCK_CELLS = 1 << 15
"""Repeats are simulated in blocks whose count tables hold about this many cells: 256 KiB, which a cache holds."""


def conditional_tv(student: ArrayLike, teacher: Teacher) -> Floats:
    r"""Return the total variation between student and teacher, averaged over the teacher's inputs: the risk.

    .. math:: \mathrm{TV}(\hat\pi,\pi^\star\mid\rho)
        =\sum_s\rho(s)\,\frac12\sum_a\bigl|\hat\pi(a\mid s)-\pi^\star(a\mid s)\bigr|

    (Zhao and Zhu 2024, section 2).

    Parameters
    ----------
    student : array_like, shape (..., S, A)
        One policy or a stack of them.
    teacher : Teacher
        The law to compare with.

    Returns
    -------
    ndarray, shape (...)
        Values in [0, 1].  A policy that holds NaN, as a student's does that looks at what it was not told, has risk
        NaN, in its own place of the stack only.

    Raises
    ------
    ValueError
        If the last two axes are not (S, A), a row without NaN is no probability vector (its sum may miss 1, and its
        entries may be below 0, by 1e-6), or the teacher is none.

    Examples
    --------
    >>> teacher = Teacher([0.5, 0.5], [[1.0, 0.0], [0.5, 0.5]])
    >>> float(conditional_tv([[0.5, 0.5], [0.5, 0.5]], teacher))
    0.25
    """
    return _conditional_tv(_check_student(student, teacher, "conditional_tv"), teacher)


def conditional_kl(student: ArrayLike, teacher: Teacher) -> Floats:
    r"""Return the divergence of the student from the teacher, averaged over the teacher's inputs, in nats.

    .. math:: \mathrm{KL}(\pi^\star\,\Vert\,\hat\pi\mid\rho)
        =\sum_s\rho(s)\sum_a\pi^\star(a\mid s)\log\frac{\pi^\star(a\mid s)}{\hat\pi(a\mid s)}

    Raises as :func:`conditional_tv`.

    Parameters
    ----------
    student : array_like, shape (..., S, A)
        One policy or a stack of them.
    teacher : Teacher
        The law to compare with.

    Returns
    -------
    ndarray, shape (...)
        At least 0; infinite where a label that the teacher can give has probability 0 under the policy; NaN as
        of :func:`conditional_tv`.

    Examples
    --------
    >>> teacher = Teacher([0.5, 0.5], [[1.0, 0.0], [0.5, 0.5]])
    >>> float(conditional_kl([[0.5, 0.5], [0.5, 0.5]], teacher).round(4))
    0.3466
    >>> float(conditional_kl([[1.0, 0.0], [1.0, 0.0]], teacher))
    inf
    """
    return _conditional_kl(_check_student(student, teacher, "conditional_kl"), teacher)


def _check_student(student: ArrayLike, teacher: Teacher, name: str) -> Policy:
    """Return the policies of a student after checking that they fit the teacher."""
    if not isinstance(teacher, Teacher):
        raise ValueError(f"teacher must be a Teacher, got {type(teacher).__name__}: {name}(student, teacher)")
    if (shape := np.shape(student))[-2:] != teacher.shape:
        raise ValueError(
            f"student must have shape (..., {teacher.n_inputs}, {teacher.n_labels}) for this teacher, got {shape}"
        )
    return check_policies(student, "student")


def _tv_of_inputs(policy: Policy, teacher: Teacher) -> Floats:
    """Return the total variation at each input, shape (..., S)."""
    gap = np.subtract(policy, teacher.pi)
    np.abs(gap, out=gap)
    # einsum: several times as fast as sums over short rows, and the same bits however many threads BLAS has
    loss: Floats = 0.5 * np.einsum("...sa->...s", gap)
    return loss


def _kl_of_inputs(policy: Policy, teacher: Teacher) -> Floats:
    """Return the divergence at each input, shape (..., S)."""
    loss: Floats = np.maximum(np.einsum("...sa->...s", rel_entr(teacher.pi, np.maximum(policy, 0.0))), 0.0)
    return loss


def _conditional_tv(policy: Policy, teacher: Teacher) -> Floats:
    risk: Floats = np.einsum("...s,s->...", _tv_of_inputs(policy, teacher), teacher.rho)
    return risk


def _conditional_kl(policy: Policy, teacher: Teacher) -> Floats:
    asked = teacher.rho > 0  # an input that is never drawn costs nothing, even where 0 times infinity is NaN
    loss: Floats = np.einsum("...sa->...s", rel_entr(teacher.pi[asked], np.maximum(policy[..., asked, :], 0.0)))
    risk = np.maximum(np.einsum("...s,s->...", loss, teacher.rho[asked]), 0.0)
    return np.where(np.isnan(policy).any(axis=(-2, -1)), np.nan, risk)


_Distance = Callable[[Policy, Teacher], Floats]
_DISTANCES: dict[str, _Distance] = {"tv": _conditional_tv, "kl": _conditional_kl}
_OF_INPUTS: dict[str, _Distance] = {"tv": _tv_of_inputs, "kl": _kl_of_inputs}


def repeat_blocks(teacher: Teacher, n_samples: int, n_repeats: int) -> Iterator[tuple[int, int]]:
    """Split repeats into blocks of bounded memory: yields (block number, repeats in it).

    The split depends on the task only, never on how many workers there are, so that results do not either.
    """
    width = n_samples if sparse.pays(teacher, n_samples) else teacher.n_inputs * teacher.n_labels
    per_block = max(1, BLOCK_CELLS // max(1, width))
    for block, start in enumerate(range(0, n_repeats, per_block)):
        yield block, min(per_block, n_repeats - start)


def sample_risk(
    teacher: Teacher,
    n_samples: int,
    learners: Learners | None = None,
    n_repeats: int = 1000,
    seed: int = 0,
    point: int = 0,
    divergence: str = "tv",
) -> dict[str, Floats]:
    """Simulate the risk of students on fresh data sets, all students on the same ones.

    Block b draws from its own stream, ``SeedSequence(seed, spawn_key=(point, b))``: the numbers do not depend on
    the order in which blocks are computed.

    Parameters
    ----------
    teacher : Teacher
        The law to learn.
    n_samples : int
        Samples per data set, n >= 0.
    learners : str, Learner or several of these, optional
        Keys of :data:`kdcore.LEARNERS`, or learners of one's own; all four by default.  All learn from the same data
        sets, whoever else is asked.
    n_repeats : int
        Number of data sets, R >= 1.
    seed : int
        Seed of the run, >= 0.
    point : int
        Which point of the run this is, so that points do not share random numbers.
    divergence : {"tv", "kl"}
        The risk is :func:`conditional_tv` or :func:`conditional_kl`; the data sets are the same.

    Returns
    -------
    dict of str to ndarray, shape (R,)
        The risk of each learner on each data set.

    Raises
    ------
    ValueError
        If an argument is out of range, a learner is unknown, two have one name, or one of one's own answers with what
        is no policy.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.5, 0.5]])
    >>> sample_risk(teacher, n_samples=1, learners=["ce_sgl"], n_repeats=3)
    {'ce_sgl': array([0.5, 0.5, 0.5])}
    """
    asked = check_learners(learners)
    n_samples = check_integer(n_samples, "n_samples")
    n_repeats = check_integer(n_repeats, "n_repeats", minimum=1)
    seed, point = check_integer(seed, "seed"), check_integer(point, "point")
    check_divergence(divergence)
    blocks = list(repeat_blocks(teacher, n_samples, n_repeats))
    return simulate_blocks(teacher, n_samples, asked, blocks, seed, point, divergence)


def simulate_blocks(
    teacher: Teacher,
    n_samples: int,
    learners: Sequence[Learner],
    blocks: Sequence[tuple[int, int]],
    seed: int,
    point: int,
    divergence: str = "tv",
) -> dict[str, Floats]:
    """Return the risks of learners on the given blocks of :func:`repeat_blocks`, each from its own stream."""
    few = None
    known = [learner for learner in learners if is_of_the_paper(learner) and divergence == "tv"]
    if sparse.pays(teacher, n_samples):
        few = sparse.SparseRisk(teacher, [learner.name for learner in known])
    own = [learner for learner in learners if learner not in known]
    parts = []
    for block, size in blocks:
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(point, block)))
        if few is None:
            counts = teacher.draw(n_samples, size, rng=rng)
            parts.append(_fit_and_compare(teacher, counts, learners, _DISTANCES[divergence]))
        else:
            cells = teacher.draw_cells(n_samples, size, rng)
            parts.append(few.risks(cells) | _from_tables(teacher, cells, own, divergence))
    return _joined(parts, learners)


def _from_tables(teacher: Teacher, cells: Integers, learners: Sequence[Learner], divergence: str) -> dict[str, Floats]:
    """Return the risks of learners that need whole count tables, of which few fit into memory at once."""
    if not learners:
        return {}
    distance = _DISTANCES[divergence]
    parts = [_fit_and_compare(teacher, counts, learners, distance) for counts in _tables_of(teacher, cells)]
    return _joined(parts, learners)


def _tables_of(teacher: Teacher, cells: Integers) -> Iterator[Integers]:
    """Yield count tables of drawn cells, as many at a time as fit into memory."""
    step = max(1, BLOCK_CELLS // (teacher.n_inputs * teacher.n_labels))
    for start in range(0, len(cells), step):
        yield count_cells(cells[start : start + step], teacher.shape)


def _joined(parts: Sequence[dict[str, Floats]], learners: Sequence[Learner]) -> dict[str, Floats]:
    return {learner.name: np.concatenate([part[learner.name] for part in parts]) for learner in learners}


def _fit_and_compare(
    teacher: Teacher, counts: Integers, learners: Sequence[Learner], distance: _Distance
) -> dict[str, Floats]:
    """Return the risk of each learner on each count table; a protocol reveals once for all its learners."""
    counts.setflags(write=False)
    told = {learner.name: check_protocol(learner.protocol) for learner in learners}
    risks = {}
    for protocol in {id(protocol): protocol for protocol in told.values()}.values():
        data = protocol.reveal(teacher, counts)
        _protect(data)
        for learner in learners:
            if told[learner.name] is protocol:
                answer = _answer(learner, data, counts.shape)
                risks[learner.name] = distance(answer, teacher)
    return risks


def _answer(learner: Learner, data: Any, shape: tuple[int, ...]) -> Policy:
    policy = learner.fit(data)
    if policy.shape != shape:  # fit has compared it with the counts, which a transfer set need not hold
        raise ValueError(f"what the fit of {learner.name} returns must have shape {shape}, got {policy.shape}")
    return policy


def _protect(data: Any) -> None:
    """Make the arrays of a transfer set read-only, so that no learner changes what the next one sees."""
    for value in getattr(data, "__dict__", {}).values():
        if isinstance(value, np.ndarray):
            value.setflags(write=False)


def simulate_risk(
    teacher: Teacher,
    n_samples: int,
    learners: Learners | None = None,
    n_repeats: int = 1000,
    seed: int = 0,
    point: int = 0,
    divergence: str = "tv",
    quantiles: Sequence[float] = (),
    per_input: bool = False,
) -> pd.DataFrame:
    """Estimate the expected risk of students, with standard errors.

    Parameters
    ----------
    teacher, n_samples, learners, n_repeats, seed, point, divergence
        As of :func:`sample_risk`.
    quantiles : sequence of float
        Levels in [0, 1]: of each a column ``q0.05`` and so on, the quantile of the risk over data sets.
    per_input : bool
        A row for each learner and input, with the loss at this input, not weighted; without quantiles.

    Returns
    -------
    pandas.DataFrame
        One row a learner: ``learner``, ``n_samples``, ``risk`` (mean over repeats), ``std_error`` (of that mean; NaN
        for one repeat and where the mean is infinite), ``n_repeats``, and the quantiles; with ``per_input`` one row a
        learner and input, with ``input`` beside.

    Raises
    ------
    ValueError
        As :func:`sample_risk`, or if a quantile is out of range.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.5, 0.5]])
    >>> simulate_risk(teacher, 1, learners=["ce_sgl", "ce_ful"], n_repeats=10)
      learner  n_samples  risk  std_error  n_repeats
    0  ce_sgl          1   0.5        0.0         10
    1  ce_ful          1   0.0        0.0         10
    """
    import pandas as pd  # here, as importing it takes longer than importing kdcore

    levels = [float(level) for level in quantiles]
    if not all(0 <= level <= 1 for level in levels):
        raise ValueError(f"quantiles must be levels in [0, 1], got {list(quantiles)}")
    if per_input:
        if levels:
            raise ValueError("per_input gives means and no quantiles: leave one of the two out")
        return pd.DataFrame(_rows_of_inputs(teacher, n_samples, learners, n_repeats, seed, point, divergence))
    risks = sample_risk(teacher, n_samples, learners, n_repeats, seed, point, divergence)
    return pd.DataFrame(
        [
            {"learner": key, "n_samples": n_samples}
            | mean_risk(values)
            | {f"q{level:g}": float(np.quantile(values, level)) for level in levels}
            for key, values in risks.items()
        ]
    )


def _rows_of_inputs(
    teacher: Teacher, n: int, learners: Learners | None, n_repeats: int, seed: int, point: int, divergence: str
) -> Iterator[dict[str, object]]:
    """Yield the mean loss at each input, from the data sets that :func:`sample_risk` draws, some at a time."""
    asked = check_learners(learners)
    n, n_repeats = check_integer(n, "n_samples"), check_integer(n_repeats, "n_repeats", minimum=1)
    seed, point = check_integer(seed, "seed"), check_integer(point, "point")
    distance = _OF_INPUTS[check_divergence(divergence)]
    parts: dict[str, list[Floats]] = {learner.name: [] for learner in asked}
    for block, size in repeat_blocks(teacher, n, n_repeats):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(point, block)))
        for counts in _tables(teacher, n, size, rng):
            for name, loss in _fit_and_compare(teacher, counts, asked, distance).items():
                parts[name].append(loss)
    for learner in asked:
        losses = np.concatenate(parts[learner.name])
        for s in range(teacher.n_inputs):
            yield {"learner": learner.name, "input": s, "n_samples": n} | mean_risk(losses[:, s])


def _tables(teacher: Teacher, n_samples: int, size: int, rng: np.random.Generator) -> Iterator[Integers]:
    """Yield the count tables of a block, as :func:`simulate_blocks` draws them."""
    if sparse.pays(teacher, n_samples):
        yield from _tables_of(teacher, teacher.draw_cells(n_samples, size, rng))
    else:
        yield teacher.draw(n_samples, size, rng=rng)


def mean_risk(values: Floats) -> dict[str, float | int]:
    """Return the mean of simulated risks, its standard error (NaN for one repeat or inf) and their number."""
    known = len(values) > 1 and not np.isinf(values).any()
    error = values.std(ddof=1) / np.sqrt(len(values)) if known else np.nan
    return {"risk": values.mean(), "std_error": error, "n_repeats": len(values)}
