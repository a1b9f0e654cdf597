"""The risk of a student: conditional total variation, and its simulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_choice, check_integer
from kdcore._numerics import sparse
from kdcore._types import Floats, Integers
from kdcore.learners import LEARNERS
from kdcore.protocols import PROTOCOLS
from kdcore.teacher import Teacher

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
        Values in [0, 1] for policies; NaN where the student holds NaN.

    Raises
    ------
    ValueError
        If the last two axes are not (S, A).

    Examples
    --------
    >>> teacher = Teacher([0.5, 0.5], [[1.0, 0.0], [0.5, 0.5]])
    >>> float(conditional_tv([[0.5, 0.5], [0.5, 0.5]], teacher))
    0.25
    """
    policy = np.asarray(student, dtype=np.float64)
    if policy.shape[-2:] != teacher.pi.shape:
        raise ValueError(
            f"student must have shape (..., {teacher.n_inputs}, {teacher.n_labels}) for this teacher, "
            f"got {policy.shape}"
        )
    gap = np.subtract(policy, teacher.pi)
    np.abs(gap, out=gap)
    # einsum: several times as fast as sums over short rows, and the same bits however many threads BLAS has
    risk: Floats = np.einsum("...s,s->...", np.einsum("...sa->...s", gap), 0.5 * teacher.rho)
    return risk


def repeat_blocks(teacher: Teacher, n_samples: int, n_repeats: int) -> Iterator[tuple[int, int]]:
    """Split repeats into blocks of bounded memory: yields (block number, repeats in it).

    The split depends on the task only, never on how many workers there are, so that results do not either.
    """
    width = n_samples if sparse.pays(teacher, n_samples) else teacher.pi.size
    per_block = max(1, BLOCK_CELLS // max(1, width))
    for block, start in enumerate(range(0, n_repeats, per_block)):
        yield block, min(per_block, n_repeats - start)


def sample_risk(
    teacher: Teacher,
    n_samples: int,
    learners: Sequence[str] | None = None,
    n_repeats: int = 1000,
    seed: int = 0,
    point: int = 0,
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
    learners : sequence of str, optional
        Keys of :data:`kdcore.LEARNERS`; all four by default.
    n_repeats : int
        Number of data sets, R >= 1.
    seed : int
        Seed of the run, >= 0.
    point : int
        Which point of the run this is, so that points do not share random numbers.

    Returns
    -------
    dict of str to ndarray, shape (R,)
        The risk of each learner on each data set.

    Raises
    ------
    ValueError
        If an argument is out of range or a learner is unknown; the message lists the known ones.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.5, 0.5]])
    >>> sample_risk(teacher, n_samples=1, learners=["ce_sgl"], n_repeats=3)
    {'ce_sgl': array([0.5, 0.5, 0.5])}
    """
    keys = learner_keys(learners)
    n_samples = check_integer(n_samples, "n_samples")
    n_repeats = check_integer(n_repeats, "n_repeats", minimum=1)
    seed, point = check_integer(seed, "seed"), check_integer(point, "point")
    blocks = list(repeat_blocks(teacher, n_samples, n_repeats))
    return simulate_blocks(teacher, n_samples, keys, blocks, seed, point)


def learner_keys(learners: Sequence[str] | None) -> list[str]:
    """Return the keys of the learners asked for (None: all four), or say which are known."""
    keys = list(LEARNERS) if learners is None else [check_choice(key, "learner", list(LEARNERS)) for key in learners]
    if not keys:
        raise ValueError(f"no learner given: known are {', '.join(LEARNERS)}")
    return keys


def simulate_blocks(
    teacher: Teacher,
    n_samples: int,
    keys: Sequence[str],
    blocks: Sequence[tuple[int, int]],
    seed: int,
    point: int,
) -> dict[str, Floats]:
    """Return the risks of learners on the given blocks of :func:`repeat_blocks`, each from its own stream."""
    few = sparse.SparseRisk(teacher, keys) if sparse.pays(teacher, n_samples) else None
    parts = []
    for block, size in blocks:
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(point, block)))
        if few is not None:
            parts.append(few.sample(n_samples, size, rng))
        else:
            parts.append(_fit_and_compare(teacher, teacher.draw(n_samples, size, rng=rng), keys))
    return {key: np.concatenate([part[key] for part in parts]) for key in keys}


def _fit_and_compare(teacher: Teacher, counts: Integers, keys: Sequence[str]) -> dict[str, Floats]:
    """Return the risk of each learner on each count table."""
    risks = {}
    for protocol, build in PROTOCOLS.items():
        told = [key for key in keys if LEARNERS[key].protocol == protocol]
        data = build(teacher, counts) if told else None
        for key in told:
            risks[key] = conditional_tv(LEARNERS[key].fit(data), teacher)  # type: ignore[arg-type]
    return risks


def simulate_risk(
    teacher: Teacher,
    n_samples: int,
    learners: Sequence[str] | None = None,
    n_repeats: int = 1000,
    seed: int = 0,
    point: int = 0,
) -> pd.DataFrame:
    """Estimate the expected risk of students, with standard errors.

    Parameters
    ----------
    teacher, n_samples, learners, n_repeats, seed, point
        As of :func:`sample_risk`.

    Returns
    -------
    pandas.DataFrame
        One row a learner: ``learner``, ``n_samples``, ``risk`` (mean over repeats), ``std_error`` (of that mean; NaN
        for one repeat), ``n_repeats``.

    Raises
    ------
    ValueError
        As :func:`sample_risk`.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.5, 0.5]])
    >>> simulate_risk(teacher, 1, learners=["ce_sgl", "ce_ful"], n_repeats=10)
      learner  n_samples  risk  std_error  n_repeats
    0  ce_sgl          1   0.5        0.0         10
    1  ce_ful          1   0.0        0.0         10
    """
    import pandas as pd  # here, as importing it takes longer than importing kdcore

    risks = sample_risk(teacher, n_samples, learners, n_repeats, seed, point)
    return pd.DataFrame([{"learner": key, "n_samples": n_samples} | mean_risk(values) for key, values in risks.items()])


def mean_risk(values: Floats) -> dict[str, float | int]:
    """Return the mean of simulated risks, its standard error (NaN for one repeat) and their number."""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return {"risk": values.mean(), "std_error": error, "n_repeats": len(values)}
