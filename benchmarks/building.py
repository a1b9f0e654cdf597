"""How long the book takes to build: from nothing, when nothing changed, with the paper's repeats, and where it goes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import FASTER, NAN, Row
from kdbook.project import Project

ROOT = Path(__file__).parents[1]
LIMITS = {"quick": 75.0, "paper": 240.0}
"""Seconds that a build from nothing may take, by profile."""
UNCHANGED_LIMIT = 5.0
ONE_BY_ONE = "one chapter at a time"


def builds(root: Path = ROOT, limits: dict[str, float] | None = None) -> Iterator[Row]:
    """Build a copy of a book with each profile; each build is made once."""
    for profile, limit in (limits or LIMITS).items():
        with tempfile.TemporaryDirectory(prefix="kdcore-bench-") as folder:
            book = _copy(root, Path(folder) / "book")
            alone = None
            if profile == "quick":
                alone, _ = _build(book, profile, "--jobs", "1")
                shutil.rmtree(book / "_build")
            whole, events = _build(book, profile)
            row = Row("builds", f"{profile} profile, from nothing", whole, "s")
            if alone is not None:
                row = Row("builds", row.what, whole, "s", NAN, ONE_BY_ONE, alone, alone / whole, FASTER)
            yield row.aim("measured", high=limit)
            if profile == "quick":
                unchanged, _ = _build(book, profile)
                yield Row("builds", "nothing changed", unchanged, "s").aim("measured", high=UNCHANGED_LIMIT)
            yield from _where(
                profile, events, {chapter.name: chapter.title for chapter in Project.find(book).chapters()}
            )


def _copy(root: Path, target: Path) -> Path:
    """Copy what a build reads."""
    target.mkdir()
    shutil.copytree(root / "book", target / "book")
    for name in ("_config.yml", "_toc.yml", "requirements.txt"):
        if (root / name).is_file():
            shutil.copy(root / name, target)
    return target


def _build(book: Path, profile: str, *arguments: str) -> tuple[float, list[dict[str, object]]]:
    """Return the seconds of a build, and what it told with the second at which it did."""
    command = [sys.executable, "-m", "kdcore", "--project", str(book), "build", "--profile", profile, "--json"]
    command += arguments
    began = time.perf_counter()
    events = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            events.append(json.loads(line) | {"at": time.perf_counter() - began})
    if process.returncode != 0:
        raise RuntimeError(f"the build ended with status {process.returncode}: {' '.join(command)}")
    return time.perf_counter() - began, events


def _where(profile: str, events: list[dict[str, object]], titles: dict[str, str]) -> Iterator[Row]:
    """Yield the seconds of each chapter, of rendering, and of what comes before; a place on the page each."""
    done = [event for event in events if event["event"] == "done"]
    first = next(event for event in events if event["event"] == "running")
    parts = {"before the first chapter": float(str(first["at"]))}
    started = [str(event["chapter"]) for event in events if event["event"] == "running"]
    took = {str(event["chapter"]): float(str(event["seconds"])) for event in done}
    parts |= {titles[chapter]: took[chapter] for chapter in started}
    parts["rendering"] = float(str(events[-1]["at"])) - float(str(done[-1]["at"]))
    for place, (part, seconds) in enumerate(parts.items()):
        yield Row("builds", f"{profile}: {part}", seconds, "s", x=float(place))
