"""A model's answers: a long log from file to grade and certificate, a sparse teacher, and whether intervals hold."""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

import kdcore as kd
from benchmarks.form import grouped
from benchmarks.measure import MEMORY, Row
from kdcore._types import Floats
from kdcore.logs import _anytime, _betting

LOG_SECONDS, LOG_GIB, SPARSE_GIB = 60.0, 2.0, 0.1
"""What a log of 10 million draws may take, and a sparse teacher for its arrays."""
_STANDARD_ERRORS = 3
_LOG = """
import resource, sys, time
import kdcore as kd
began = time.perf_counter()
log = kd.read_log(sys.argv[1])
read = time.perf_counter()
kd.grade(log), kd.certify(log), log.learn("sel_ptl")
print(read - began, time.perf_counter() - read, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""
_SPARSE = """
import sys, tracemalloc
import numpy as np, scipy.sparse
import kdcore as kd
S, A, per_row, n = map(int, sys.argv[1:])
rng = np.random.default_rng(0)
labels = np.concatenate([np.sort(rng.choice(A, per_row, replace=False)) for _ in range(S)])
tracemalloc.start()
policy = (rng.dirichlet(np.ones(per_row), S).ravel(), labels, np.arange(0, S * per_row + 1, per_row))
teacher = kd.Teacher(np.full(S, 1 / S), scipy.sparse.csr_array(policy, shape=(S, A)))
if n:
    kd.simulate_risk(teacher, n, n_repeats=10)
print(tracemalloc.get_traced_memory()[1] / 2**30)
"""


def logs(
    n_draws: int = 10_000_000,
    sparse_size: tuple[int, int, int, int] = (5_000, 5_000, 30, 20_000),
    n_logs: int = 1_000,
    teachers: Sequence[tuple[str, kd.Teacher, int]] | None = None,
) -> Iterator[Row]:
    """Seconds and peak memory of processes of their own; shares of logs whose audit or certificate fails."""
    if sys.platform != "win32":
        yield from _long_log(n_draws)
        yield from _sparse_teacher(*sparse_size)
    for name, teacher, n in _teachers() if teachers is None else teachers:
        yield from _coverage(name, teacher, n, n_logs)


def _process(code: str, *arguments: object) -> list[float]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return [float(word) for word in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()]


def _long_log(n_draws: int) -> Iterator[Row]:
    """A CSV with a probability in each line: 1 000 inputs, 1 000 labels with masses as 1 / rank."""
    masses = 1 / np.arange(1, 1001)
    masses /= masses.sum()
    with tempfile.TemporaryDirectory(prefix="kdcore-log-") as folder:
        path = Path(folder) / "log.csv"
        rng = np.random.default_rng(0)
        with path.open("w", encoding="utf-8") as file:
            file.write("input,label,probability\n")
            for start in range(0, n_draws, 100_000):
                size = min(100_000, n_draws - start)
                pairs = zip(rng.integers(0, 1000, size), rng.choice(1000, size, p=masses), strict=True)
                file.writelines(f"input {s},label {a},{masses[a]:.17g}\n" for s, a in pairs)
        read, rest, memory = _process(_LOG, path)
    draws = f"{grouped(n_draws)} draws"
    yield Row("logs", f"{draws}, read from CSV and counted", read, "s").aim("measured", high=LOG_SECONDS)
    yield Row("logs", f"{draws}, then graded, certified and learned from", rest, "s")
    yield Row("logs", f"{draws}, peak of the process", memory, "GiB").aim("measured", high=LOG_GIB)


def _sparse_teacher(n_inputs: int, n_labels: int, per_row: int, n: int) -> Iterator[Row]:
    (held,) = _process(_SPARSE, n_inputs, n_labels, per_row, 0)
    (used,) = _process(_SPARSE, n_inputs, n_labels, per_row, n)
    table = n_inputs * n_labels * 8 / 2**30
    what = f"a teacher of {grouped(n_inputs)} × {grouped(n_labels)} with {grouped(n_inputs * per_row)} positive entries"
    for words, number in ((what, held), (f"the same, and 10 simulations of {grouped(n)} samples", used)):
        row = Row("logs", words, number, "GiB", math.nan, "one table of all pairs", table, number / table, MEMORY)
        yield row.aim("measured", high=SPARSE_GIB)


def _teachers() -> Iterator[tuple[str, kd.Teacher, int]]:
    rng = np.random.default_rng(1)
    zipf = 1 / np.arange(1, 101)
    yield "Instance 0", kd.instance_0(10, 25), 1000
    yield "Instance 2", kd.instance_2(10, 11, 1000), 1000
    yield "Instance 3", kd.instance_3(10, 10, 1000), 1000
    yield "rows as 1 / rank", kd.Teacher([0.1] * 10, [rng.permutation(zipf / zipf.sum()) for _ in range(10)]), 1000
    yield "random rows", kd.Teacher(rng.dirichlet(np.ones(20)), rng.dirichlet(np.full(30, 0.3), 20)), 1000
    yield "uniform rows", kd.Teacher([0.05] * 20, [[0.02] * 50] * 20), 1000


def _coverage(name: str, teacher: kd.Teacher, n: int, n_logs: int, delta: float = 0.05) -> Iterator[Row]:
    """The share of logs at which the certificate is ever below the hidden mass, or the audit misses the risk."""
    rng = np.random.default_rng(2)
    student = kd.LEARNERS["sel_ptl"].fit(kd.reveal(teacher, teacher.draw(n // 4, rng=rng)[0], "partial"))
    risk = float(kd.conditional_tv(student, teacher))
    values = np.maximum(1 - student / np.where(teacher.pi > 0, teacher.pi, 1), 0)
    fails = {"certificate": 0, "audit": 0}
    for _ in range(n_logs):
        cells = teacher.draw_cells(n, 1, rng)[0]
        hidden, missing = _along(teacher, cells)
        found = _anytime.curve(hidden, delta)
        fails["certificate"] += bool((found.bound < missing[found.n_samples - 1] - 1e-12).any())
        low, high = _betting.interval(values.ravel()[cells], delta)
        fails["audit"] += not low <= risk <= high
    most = delta + _STANDARD_ERRORS * float(np.sqrt(delta * (1 - delta) / n_logs))
    for what, count in fails.items():
        yield Row("logs", f"{name}: {what} fails, δ = {delta:g}", count / n_logs, "share").aim("measured", high=most)


def _along(teacher: kd.Teacher, cells: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> tuple[Floats, Floats]:
    """Return the mass hidden at each draw's input before it, and the hidden mass in all after it."""
    inputs = cells // teacher.n_labels
    first = np.zeros(len(cells), dtype=bool)
    first[np.unique(cells, return_index=True)[1]] = True
    told = np.where(first, teacher.pi.ravel()[cells], 0.0)
    hidden = np.empty(len(cells))
    for s in np.unique(inputs):
        here = inputs == s
        hidden[here] = 1 - (np.cumsum(told[here]) - told[here])
    missing = 1 - np.cumsum(teacher.rho[inputs] * told)
    return np.clip(hidden, 0, 1), missing
