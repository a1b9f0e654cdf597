"""The benchmarks: each returns its measurements, at sizes that a test can make tiny."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import isqrt
from typing import Any

import numpy as np
from joblib.externals.loky import get_reusable_executor

import kdcore as kd
from benchmarks import naive
from benchmarks.building import builds
from benchmarks.form import grouped
from benchmarks.gate import gate
from benchmarks.logs import logs
from benchmarks.measure import FASTER, MEMORY, NAN, TIME, Row, least_seconds, race
from benchmarks.pages import pages
from kdcore.risk import repeat_blocks

Size = tuple[int, int, int]
"""S, A and n."""

_COMMA = ",\u00a0"  # a size is not broken over lines
SIZES: tuple[Size, ...] = ((10, 10, 10_000), (100, 25, 2_500))


def _words(size: Size) -> str:
    return f"({_COMMA.join(grouped(x) for x in size)})"


def drawing(sizes: Sequence[Size] = SIZES, n_cells: int = 2_000_000, rounds: int = 9) -> Iterator[Row]:
    """All four students against drawing their data alone: a multinomial over the joint law, in the same blocks."""
    for size in sizes:
        S, A, n = size
        repeats = max(1, n_cells // (S * A))
        for instance in (kd.INSTANCES[0], kd.INSTANCES[1]):
            teacher = instance.build(S, A, n)
            (result,) = race(
                partial(kd.sample_risk, teacher, n, n_repeats=repeats),
                partial(_draw_alone, teacher, n, [block for _, block in repeat_blocks(teacher, n, repeats)]),
                rounds=rounds,
            )
            what = f"{_words(size)}, {instance.name}"
            yield result.row("drawing", what, "drawing alone", TIME, (repeats, repeats)).aim("ratio", high=2.0)


def _draw_alone(teacher: kd.Teacher, n_samples: int, blocks: Sequence[int]) -> None:
    rng = np.random.default_rng(0)
    joint = teacher.joint.ravel() / teacher.joint.sum()
    for block in blocks:
        rng.multinomial(n_samples, joint, size=block)


def loops(
    sizes: Sequence[Size] = SIZES, n_cells: int = 2_000_000, repeats: tuple[int, int] = (2, 500), rounds: int = 3
) -> Iterator[Row]:
    """Kdcore against the loops of :mod:`benchmarks.naive`, Instance 0."""
    for number, size in enumerate(sizes):
        S, A, n = size
        teacher, many = kd.instance_0(S, A), max(1, n_cells // (S * A))
        results = race(
            partial(kd.sample_risk, teacher, n, n_repeats=many),
            partial(naive.sample_by_sample, teacher, n, repeats[0], np.random.default_rng(0)),
            partial(naive.repeat_by_repeat, teacher, n, repeats[1], np.random.default_rng(0)),
            rounds=rounds,
        )
        by_sample = results[0].row("loops", _words(size), "a loop over samples", FASTER, (many, repeats[0]))
        yield by_sample.aim("ratio", low=1000) if number == 0 else by_sample
        yield results[1].row("loops", _words(size), "a loop over repeats", FASTER, (many, repeats[1]))


def few_samples(
    n_samples: int = 200,
    cells: Sequence[int] = (10_000, 30_000, 100_000, 300_000, 1_000_000),
    n_grid: Sequence[int] = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000),
    n_draws: int = 800_000,
    table_cells: int = 4_000_000,
    rounds: int = 3,
) -> Iterator[Row]:
    """Time per repeat where n is far below SA, Instance 0 with S = A, and of count tables for comparison.

    What a call prepares for its teacher grows with SA; ``n_draws / n`` repeats a call share it.
    """

    def point(curve: str, x: int, side: int, n: int) -> Row:
        teacher = kd.instance_0(side, side)
        repeats, tables = max(1, n_draws // n), max(1, table_cells // side**2)
        (result,) = race(
            partial(kd.sample_risk, teacher, n, n_repeats=repeats),
            partial(_with_tables, teacher, n, tables),
            rounds=rounds,
        )
        row = result.row("few-samples", curve, "count tables", FASTER, (repeats, tables))
        return replace(row, x=x)

    in_cells = [point("SA", isqrt(size) ** 2, isqrt(size), n_samples) for size in cells]
    in_n = [point("n", n, isqrt(cells[-1]), n) for n in n_grid]
    yield from in_cells + in_n
    yield _exponent(in_cells, f"exponent in SA, at n = {grouped(n_samples)}").aim("measured", -0.2, 0.2)
    yield _exponent(in_n, f"exponent in n, at SA = {grouped(isqrt(cells[-1]) ** 2)}").aim("measured", 0.8, 1.2)


def _with_tables(teacher: kd.Teacher, n_samples: int, n_repeats: int) -> None:
    """Simulate with whole count tables, step by step as the README does it."""
    counts = teacher.draw(n_samples, n_repeats, rng=0)
    for learner in kd.LEARNERS.values():
        kd.conditional_tv(learner.fit(kd.reveal(teacher, counts, learner.protocol)), teacher)


def workers(
    size: tuple[int, int] = (100, 25),
    n_grid: Sequence[int] = (2_500, 5_000, 10_000, 20_000),
    n_repeats: int = 30_000,
    rounds: int = 2,
) -> Iterator[Row]:
    """A sweep with two processes against the same with one; starting the processes counts.

    Raises
    ------
    AssertionError
        If the two tables differ in a single bit.
    """
    tables = []

    def sweep(n_jobs: int) -> None:
        get_reusable_executor(max_workers=2).shutdown(wait=True)  # no process is left over from the last round
        tables.append(kd.risk_curve(kd.instance_1, n_grid, n_repeats=n_repeats, sizes=[size], n_jobs=n_jobs))

    (result,) = race(partial(sweep, 2), partial(sweep, 1), rounds=rounds)
    if not all(table.equals(tables[0]) for table in tables):
        raise AssertionError("one and two processes do not give the same risks")
    first, last = _words((*size, min(n_grid)))[:-1], grouped(max(n_grid))
    what = f"Instance 1, {first}\u00a0…\u00a0{last}), {grouped(n_repeats)} repeats"
    yield result.row("workers", what, "one process", FASTER).aim("ratio", low=1.7)


_FIGURES: dict[str, tuple[int, Size, int]] = {
    "1a": (0, (100, 25, 100), 2_500),
    "1b": (0, (1, 100, 100), 2_500),
    "1c": (0, (20, 2000, 20), 2_000),
    "1d": (0, (200, 200, 100), 4_000),
    "2a": (1, (10, 10, 100), 10_000),
    "2b": (1, (100, 25, 1_000), 100_000),
    "2c": (2, (10, 11, 100), 10_000),
    "2d": (2, (100, 25, 1_250), 100_000),
    "2e": (3, (10, 11, 100), 10_000),
    "2f": (3, (100, 25, 1_250), 100_000),
}
"""The panels of the paper's Figures 1 and 2: which Instance, S, A and the first n, and the last n.

The paper's text does not give the sizes of 1c, 1d and 2; these lie in its regimes.  Instances 2 and 3 are distributions
only for n >= S (A - 1) / 2 - 1, so their grids at (100, 25) start at 1 250.
"""


def exact(
    panels: Sequence[str] = tuple(_FIGURES),
    n_points: int = 9,
    n_repeats: int = 100,
    rounds: int = 3,
) -> Iterator[Row]:
    """Exact curves of all four students against estimates from the repeats of the paper's Figure 1."""

    def curves(names: Sequence[str], **how: Any) -> None:
        for name in names:
            instance, (S, A, first), last = _FIGURES[name]
            grid = np.geomspace(first, last, n_points).round().astype(int).tolist()
            kd.risk_curve(kd.INSTANCES[instance].build, grid, sizes=[(S, A)], n_jobs=1, **how)

    def compared(what: str, names: Sequence[str]) -> Row:
        exactly, simulated = partial(curves, names, method="exact"), partial(curves, names, n_repeats=n_repeats)
        (result,) = race(exactly, simulated, rounds=rounds)
        return result.row("exact", what, f"{n_repeats} simulated repeats", FASTER)

    for name in panels:
        instance, size, last = _FIGURES[name]
        yield compared(
            f"{name}: {kd.INSTANCES[instance].name}, {_words(size)[:-1]}\u00a0…\u00a0{grouped(last)})", [name]
        )
    yield compared(f"all panels, {len(kd.LEARNERS) * n_points * len(panels)} risks", panels).aim("measured", high=1.0)


def growth(
    size: Size = (50, 20, 100_000),
    n_repeats: int = 100,
    n_grid: Sequence[int] = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 10_000_000),
    inputs: Sequence[int] = (10, 30, 100, 300, 1_000),
    labels: Sequence[int] = (10, 30, 100, 300, 1_000),
    repeats: Sequence[int] = (10, 30, 100, 300, 1_000, 3_000, 10_000),
    rounds: int = 5,
) -> Iterator[Row]:
    """Simulation time against each of n, S, A and the number of repeats, the others fixed, Instance 0."""
    S, A, n = size
    curves: dict[str, list[tuple[int, Size, int]]] = {
        "n": [(x, (S, A, x), n_repeats) for x in n_grid],
        "S": [(x, (x, A, n), n_repeats) for x in inputs],
        "A": [(x, (S, x, n), n_repeats) for x in labels],
        "repeats": [(x, size, x) for x in repeats],
    }
    for name, grid in curves.items():
        points = []
        for x, (n_inputs, n_labels, n_samples), some in grid:
            teacher = kd.instance_0(n_inputs, n_labels)
            time = least_seconds(partial(kd.sample_risk, teacher, n_samples, n_repeats=some), rounds)
            points.append(Row("growth", name, time, "s", x=x, rounds=rounds))
        yield from points
        yield _exponent(points, f"exponent in {name}")


def exact_growth(
    size: tuple[int, int] = (100, 25),
    n_grid: Sequence[int] = (10**3, 10**4, 10**5, 10**6, 10**7, 10**9, 10**11, 10**13),
    fit_from: int = 10**9,
    rounds: int = 3,
) -> Iterator[Row]:
    """Time of one exact risk against n, Instance 0; the exponent is fitted where sums over draws are sampled."""
    teacher = kd.instance_0(*size)
    for key in kd.LEARNERS:
        points = []
        for n in n_grid:
            time = least_seconds(partial(kd.expected_risk, teacher, n, key), rounds)
            points.append(Row("exact-growth", key, time, "s", x=n, rounds=rounds))
        yield from points
        fitted = [point for point in points if point.x >= fit_from]
        yield _exponent(fitted, f"exponent in n of {key}, from n = {grouped(fit_from)}")


def _exponent(points: Sequence[Row], what: str) -> Row:
    """Return the fitted power of x in the times of a curve, with its 95 % interval."""
    rate = kd.fit_rate([p.x for p in points], [p.measured for p in points])
    return Row(points[0].benchmark, what, rate.slope, "exponent", low=rate.interval[0], high=rate.interval[1])


_PEAK = """
import resource, sys
from pathlib import Path
import kdcore as kd
S, A, n, repeats = map(int, sys.argv[1:])
if repeats:
    kd.sample_risk(kd.instance_0(S, A), n, n_repeats=repeats)
status = Path("/proc/self/status")  # Linux: ru_maxrss would start at the size of the process that started this one
if status.exists() and "VmHWM" in status.read_text():
    peak = 1024 * int(status.read_text().partition("VmHWM:")[2].split()[0])
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(peak / 2**30)
"""


def memory(size: Size = (100, 25, 2_500), n_repeats: int = 64_000) -> Iterator[Row]:
    """Peak memory of a process that simulates, against its count tables in one array; nothing on Windows."""
    if sys.platform == "win32":
        return

    def peak(repeats: int) -> float:
        command = [sys.executable, "-c", _PEAK, *map(str, size), str(repeats)]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    def row(what: str, repeats: int) -> Row:
        used, array = peak(repeats), 8 * size[0] * size[1] * n_repeats / 2**30
        alternative = f"an array of {grouped(n_repeats)} count tables"
        return Row("memory", what, used, "GiB", NAN, alternative, array, used / array, MEMORY)

    yield row(f"{grouped(n_repeats)} repeats, {_words(size)}", n_repeats).aim("measured", high=1.0)
    yield row("of which: Python with kdcore and what it imports", 0)


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "drawing": drawing,
    "loops": loops,
    "few-samples": few_samples,
    "workers": workers,
    "exact": exact,
    "growth": growth,
    "exact-growth": exact_growth,
    "memory": memory,
    "logs": logs,
    "builds": builds,
    "gate": gate,
    "pages": pages,
}
"""All of them, in the order of the page."""
