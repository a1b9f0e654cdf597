"""A grid of risks as one tidy table, on one machine or many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from kdcore import _workers
from kdcore._checks import check_choice, check_integer
from kdcore._numerics import losses
from kdcore._numerics.divergence import check_divergence
from kdcore._types import Floats, Integers
from kdcore._workers.checkpoint import Checkpoint, fingerprint
from kdcore.exact import expected_risk
from kdcore.learners import Learner, Learners, check_exact, check_learners, rule_of
from kdcore.risk import mean_risk, repeat_blocks, simulate_blocks
from kdcore.teacher import Teacher

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("auto", "exact", "simulate")
_TASK_CELLS = 1 << 21
"""A task draws about this many cells: some tenths of a second."""
_AUTO_CELLS = 1 << 28
"""``method="auto"`` draws about this many cells at a point, in 30 to 1000 data sets: some seconds."""
_SMALL = 1 << 24
"""Simulations that draw fewer cells than this run in this process: starting others would take longer."""


@dataclass(frozen=True)
class _Point:
    """A point of the grid: its number, its teacher and n."""

    number: int
    teacher: Teacher
    n_samples: int
    divergence: str = "tv"


@dataclass(frozen=True)
class _Simulation:
    """Some blocks of repeats at one point."""

    point: _Point
    learners: tuple[Learner, ...]
    blocks: tuple[tuple[int, int], ...]
    seed: int


@dataclass(frozen=True)
class _Exact:
    """The exact risk of one learner at one point."""

    point: _Point
    learner: Learner


def risk_curve(
    family: Teacher | Callable[..., Teacher],
    n_grid: Iterable[int],
    learners: Learners | None = None,
    method: str = "simulate",
    n_repeats: int | None = None,
    seed: int = 0,
    scheduler: str | None = None,
    n_jobs: int | None = None,
    sizes: Iterable[tuple[int, int]] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    divergence: str = "tv",
) -> pd.DataFrame:
    """Return the risk of students over a grid of sample sizes, and of numbers of inputs and labels.

    Exact risks are checked before any is computed: a point that a learner has no exact risk at is refused at once.

    A simulation is split into blocks of repeats, each with its own random stream, so that its result is the same to
    the bit for any number of processes and on any cluster.  On a terminal long sweeps show a progress bar.

    Parameters
    ----------
    family : Teacher or callable
        A teacher, or what maps n to one, as hard instances change with n.  With ``sizes`` it maps (S, A, n), as
        ``kdcore.instance_1`` does.
    n_grid : iterable of int
        Sample sizes, each n >= 0.
    learners : str, Learner or several of these, optional
        Keys of :data:`kdcore.LEARNERS`, or learners of one's own; all four by default.
    method : {"simulate", "exact", "auto"}
        Means over repeats with their standard errors; or :func:`kdcore.expected_risk`, which has none; or, for each
        point and learner, the exact risk where there is one and it is quick, and a simulation elsewhere.
    n_repeats : int, optional
        Data sets per point of a simulation: 1000 by default, and fewer for ``"auto"`` on large tables, but at least 30.
    seed : int
        Seed of a simulation; the i-th point of the grid has its own streams.
    scheduler : str, optional
        Address of a Dask scheduler, e.g. ``"tcp://127.0.0.1:8786"``, whose workers compute instead of this machine.
        Needs the extra ``kdcore[distributed]``.
    n_jobs : int, optional
        Local processes.  By default one for each core (or what the environment variable ``KDCORE_JOBS`` says), and
        none but this one for work of a second or two.
    sizes : iterable of (int, int), optional
        Pairs (S, A): the grid is then every pair with every n.
    checkpoint : path, optional
        A file that keeps each finished risk.  The same call goes on from there when it was interrupted, and gives the
        same table to the bit; learners of one's own are known by their names alone.  The file is yours to delete.
    divergence : {"tv", "kl"}
        As of :func:`kdcore.expected_risk`.

    Returns
    -------
    pandas.DataFrame
        A row for each point and learner, in the order of the grid: ``learner``, ``n_inputs``, ``n_labels``,
        ``n_samples``, ``risk``, ``std_error``, ``n_repeats`` (both 0 for exact risks).

    Raises
    ------
    ValueError
        If the grid is empty, an argument is out of range, the checkpoint is another sweep's, or as
        :func:`kdcore.simulate_risk`, :func:`kdcore.expected_risk` and ``family`` raise.
    ConnectionError
        If the scheduler does not answer or has no workers, within seconds; the message says what to do.

    Examples
    --------
    >>> teacher = Teacher([1.0], [[0.5, 0.5]])
    >>> risk_curve(teacher, [1, 4], ["ce_sgl"], method="exact")
      learner  n_inputs  n_labels  n_samples    risk  std_error  n_repeats
    0  ce_sgl         1         2          1  0.5000        0.0          0
    1  ce_sgl         1         2          4  0.1875        0.0          0
    """
    import pandas as pd  # here, as importing it takes longer than importing kdcore

    check_choice(method, "method", list(METHODS))
    check_divergence(divergence)
    asked = check_learners(learners)
    if method == "exact":
        asked = [check_exact(learner) for learner in asked]
        if n_repeats is not None:
            raise ValueError(
                f"n_repeats belongs to method='simulate': exact risks have none, got n_repeats={n_repeats}"
            )
    repeats = None if n_repeats is None else check_integer(n_repeats, "n_repeats", minimum=1)
    seed = check_integer(seed, "seed")
    jobs = _workers.local_jobs(n_jobs)
    points = list(_points(family, n_grid, sizes, divergence))
    exact = [_Exact(point, learner) for point in points for learner in _computed(point, asked, method)]
    tables = (table for point in points for table in _tables(point.teacher))
    request = {
        "n_samples": [point.n_samples for point in points],
        "teachers": fingerprint(tables) if checkpoint is not None else "",
        "learners": [learner.name for learner in asked],
        "method": method,
        "n_repeats": repeats,
        "seed": seed,
        "divergence": divergence,
    }
    done = Checkpoint(checkpoint, request)
    exact = [task for task in exact if (task.point.number, task.learner.name) not in done.results]
    risks = _workers.run(_compute, exact, 1 if n_jobs is None else jobs, scheduler, "risk")
    for task, risk in zip(exact, risks, strict=True):
        done.add(task.point.number, task.learner.name, {"risk": risk, "std_error": 0.0, "n_repeats": 0})
    simulated = [
        (point, left, repeats or _usual_repeats(point, method))
        for point in points
        if (left := tuple(learner for learner in asked if (point.number, learner.name) not in done.results))
    ]
    if n_jobs is None and sum(_cells(point.teacher, point.n_samples) * many for point, _, many in simulated) < _SMALL:
        jobs = 1
    tasks = [list(_simulations(point, left, many, seed)) for point, left, many in simulated]
    parts = iter(_workers.run(_simulate, list(chain.from_iterable(tasks)), jobs, scheduler, "task"))
    for (point, left, _), blocks in zip(simulated, tasks, strict=True):
        of_point = [next(parts) for _ in blocks]
        for learner in left:
            done.add(point.number, learner.name, mean_risk(np.concatenate([part[learner.name] for part in of_point])))
    return pd.DataFrame(
        [_labels(point, learner) | done.results[point.number, learner.name] for point in points for learner in asked]
    )


def _tables(teacher: Teacher) -> Iterator[Floats | Integers]:
    """Yield what makes a teacher."""
    yield np.array(teacher.shape)
    yield teacher.rho
    yield from teacher.entries


def _computed(point: _Point, learners: Sequence[Learner], method: str) -> list[Learner]:
    """Return whose risks are computed and not simulated; raise ValueError where one cannot be and has to."""
    if method == "simulate":
        return []
    inputs = list(losses.inputs_of(point.teacher))  # once for all: sorting a large table takes a while
    known = [learner for learner in learners if rule_of(learner) is not None]
    n, divergence = point.n_samples, point.divergence
    if method == "auto":
        return [learner for learner in known if losses.is_quick(inputs, n, rule_of(learner), divergence)]
    for learner in known:
        losses.check(inputs, n, rule_of(learner), divergence)
    return known


def _usual_repeats(point: _Point, method: str) -> int:
    if method == "simulate":
        return 1000
    return int(np.clip(_AUTO_CELLS // _cells(point.teacher, point.n_samples), 30, 1000))


def _points(
    family: Teacher | Callable[..., Teacher],
    n_grid: Iterable[int],
    sizes: Iterable[tuple[int, int]] | None,
    divergence: str,
) -> Iterator[_Point]:
    grid = [check_integer(n, "n_grid") for n in n_grid]
    if not grid:
        raise ValueError("n_grid must hold at least one sample size, got none")
    if sizes is None:
        for number, n in enumerate(grid):
            yield _Point(number, family if isinstance(family, Teacher) else family(n), n, divergence)
        return
    if isinstance(family, Teacher):
        raise ValueError(f"sizes belong to a family of teachers: {family} has its own")
    pairs = [(check_integer(S, "sizes", minimum=1), check_integer(A, "sizes", minimum=1)) for S, A in sizes]
    if not pairs:
        raise ValueError("sizes must hold at least one pair (S, A), got none")
    for number, ((S, A), n) in enumerate((pair, n) for pair in pairs for n in grid):
        yield _Point(number, family(S, A, n), n, divergence)


def _cells(teacher: Teacher, n_samples: int) -> int:
    """Return the work of one repeat, in cells of a table or samples, whichever are drawn."""
    return int(min(max(n_samples, 1), teacher.n_inputs * teacher.n_labels))


def _simulations(point: _Point, learners: tuple[Learner, ...], n_repeats: int, seed: int) -> Iterator[_Simulation]:
    """Yield the blocks of one point, some to a task."""
    blocks = list(repeat_blocks(point.teacher, point.n_samples, n_repeats))
    per_task = max(1, _TASK_CELLS // (blocks[0][1] * _cells(point.teacher, point.n_samples)))
    for start in range(0, len(blocks), per_task):
        yield _Simulation(point, learners, tuple(blocks[start : start + per_task]), seed)


def _simulate(task: _Simulation) -> dict[str, Floats]:
    point = task.point
    return simulate_blocks(
        point.teacher, point.n_samples, task.learners, task.blocks, task.seed, point.number, point.divergence
    )


def _compute(task: _Exact) -> float:
    return expected_risk(task.point.teacher, task.point.n_samples, task.learner, task.point.divergence)


def _labels(point: _Point, learner: Learner) -> dict[str, object]:
    return {
        "learner": learner.name,
        "n_inputs": point.teacher.n_inputs,
        "n_labels": point.teacher.n_labels,
        "n_samples": point.n_samples,
    }
