"""The risk of a student: conditional total variation, and its simulation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kdcore._checks import as_integer, one_of
from kdcore.learners import LEARNERS
from kdcore.protocols import PROTOCOLS
from kdcore.teacher import Teacher

BLOCK_CELLS = 1 << 18
"""Repeats are simulated in blocks whose count tables hold about this many cells (2 MiB an array)."""


def conditional_tv(student: ArrayLike, teacher: Teacher) -> NDArray[np.float64]:
    """Return the total variation between student and teacher, averaged over the teacher's inputs.

    ``sum_s rho[s] * (1/2) * sum_a |student[s, a] - pi[s, a]|`` (Zhao and Zhu 2024, section 2): the risk.

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
    risk: NDArray[np.float64] = 0.5 * gap.sum(axis=-1) @ teacher.rho
    return risk


def repeat_blocks(n_cells: int, n_repeats: int) -> Iterator[tuple[int, int]]:
    """Split repeats into blocks of bounded memory: yields (block number, repeats in it).

    The split depends on the table's size and the number of repeats only, never on how many workers there are, so
    that results do not either.
    """
    per_block = max(1, BLOCK_CELLS // n_cells)
    for block, start in enumerate(range(0, n_repeats, per_block)):
        yield block, min(per_block, n_repeats - start)


def sample_risk(
    teacher: Teacher,
    n_samples: int,
    learners: Sequence[str] | None = None,
    n_repeats: int = 1000,
    seed: int = 0,
    point: int = 0,
) -> dict[str, NDArray[np.float64]]:
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
    """
    keys = list(LEARNERS) if learners is None else [one_of(key, "learner", list(LEARNERS)) for key in learners]
    if not keys:
        raise ValueError(f"no learner given: known are {', '.join(LEARNERS)}")
    n_samples = as_integer(n_samples, "n_samples")
    n_repeats = as_integer(n_repeats, "n_repeats", minimum=1)
    seed, point = as_integer(seed, "seed"), as_integer(point, "point")
    risks = {key: np.empty(n_repeats) for key in keys}
    start = 0
    for block, size in repeat_blocks(teacher.pi.size, n_repeats):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(point, block)))
        counts = teacher.draw(n_samples, size, rng=rng)
        for protocol, build in PROTOCOLS.items():
            told = [key for key in keys if LEARNERS[key].protocol == protocol]
            data = build(teacher, counts) if told else None
            for key in told:
                risks[key][start : start + size] = conditional_tv(LEARNERS[key].fit(data), teacher)  # type: ignore[arg-type]
        start += size
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

    Parameters are those of :func:`sample_risk`.

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
    >>> simulate_risk(teacher, n_samples=1, learners=["ce_sgl", "ce_ful"], n_repeats=10)
      learner  n_samples  risk  std_error  n_repeats
    0  ce_sgl          1   0.5        0.0         10
    1  ce_ful          1   0.0        0.0         10
    """
    risks = sample_risk(teacher, n_samples, learners, n_repeats, seed, point)
    rows = [
        {
            "learner": key,
            "n_samples": n_samples,
            "risk": values.mean(),
            "std_error": values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan,
            "n_repeats": len(values),
        }
        for key, values in risks.items()
    ]
    return pd.DataFrame(rows)
