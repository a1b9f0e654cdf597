"""The clock, and what is written down of a measurement."""

from __future__ import annotations

import datetime
import math
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

NAN = math.nan
FASTER, TIME, MEMORY = "× as fast as", "× the time of", "× the memory of"
"""What a ratio is: the alternative's number by ours, or ours by the alternative's."""


@dataclass(frozen=True)
class Row:
    """One measurement.

    Attributes
    ----------
    benchmark, what : str
        The benchmark it belongs to, and what was measured.
    measured, unit : float, str
        The number: "s", "s/repeat", "GiB", "MB", "requests", "shift", "share" or "exponent".
    x : float
        On a curve: where.  NaN for a result, which goes into the tables.
    alternative, alternative_measured : str, float
        What it is compared with, and the same number for that.
    ratio, ratio_is : float, str
        The two numbers by one another, and in which direction.
    low, high : float
        The least and the largest ratio of a single round; for an exponent, its 95 % interval; for a page, the least and
        the largest number of a single load.
    rounds : int
        How often it was timed; the least time counts, for a page the median.
    target_of, target_low, target_high : str, float, float
        Whether "measured" or "ratio" has a target, and the interval that it should lie in.
    met : str
        "yes", "no", or nothing without a target.
    """

    benchmark: str
    what: str
    measured: float
    unit: str
    x: float = NAN
    alternative: str = ""
    alternative_measured: float = NAN
    ratio: float = NAN
    ratio_is: str = ""
    low: float = NAN
    high: float = NAN
    rounds: int = 1
    target_of: str = ""
    target_low: float = NAN
    target_high: float = NAN
    met: str = ""

    def aim(self, of: str, low: float = NAN, high: float = NAN) -> Row:
        """Return the row with a target for its ``of``, and whether it is met."""
        value = getattr(self, of)
        met = not (value < low or value > high)  # NaN: no limit on this side
        return replace(self, target_of=of, target_low=low, target_high=high, met="yes" if met else "no")


@dataclass(frozen=True)
class Race:
    """The seconds that two ways took, round by round."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    def row(self, benchmark: str, what: str, alternative: str, ratio_is: str, per: tuple[int, int] = (1, 1)) -> Row:
        """Return the row that compares the least times, each divided by its number of repeats ``per``."""
        ours, theirs = np.array(self.ours) / per[0], np.array(self.theirs) / per[1]
        top, bottom = (theirs, ours) if ratio_is == FASTER else (ours, theirs)
        return Row(
            benchmark,
            what,
            float(ours.min()),
            "s" if per == (1, 1) else "s/repeat",
            alternative=alternative,
            alternative_measured=float(theirs.min()),
            ratio=float(top.min() / bottom.min()),
            ratio_is=ratio_is,
            low=float((top / bottom).min()),
            high=float((top / bottom).max()),
            rounds=len(ours),
        )


def seconds(function: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def least_seconds(function: Callable[[], object], rounds: int, at_least: float = 0.02) -> float:
    """Return the least seconds a call over some rounds, each of as many calls as fill ``at_least`` seconds."""
    calls = max(1, int(at_least / max(seconds(function), 1e-9)))
    return min(seconds(lambda: [function() for _ in range(calls)]) / calls for _ in range(rounds))


def race(ours: Callable[[], object], *theirs: Callable[[], object], rounds: int) -> list[Race]:
    """Time our way and one or more others in turn, so that a busy machine is busy for all; who starts changes."""
    ways = (ours, *theirs)
    times: list[list[float]] = [[] for _ in ways]
    for r in range(rounds):
        for i in range(len(ways)):
            which = (r + i) % len(ways)
            times[which].append(seconds(ways[which]))
    return [Race(tuple(times[0]), tuple(other)) for other in times[1:]]


def table(rows: Iterable[Row], where: dict[str, object]) -> pd.DataFrame:
    """Return measurements as a table, each with the :func:`machine` that it was made on."""
    return pd.DataFrame([asdict(row) | where for row in rows])


def machine() -> dict[str, object]:
    """Return the date, what the machine is and how busy; neither its name nor where things lie on it."""
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gib": _memory_gib(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else NAN,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if platform.system() == "Darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return platform.processor() or platform.machine()


def _memory_gib() -> float:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return NAN
