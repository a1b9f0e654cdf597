"""How long a change waits for the gate: each part of ``.ci/run`` in a fresh clone, with the environment installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Row

ROOT = Path(__file__).parents[1]
PARTS = {
    "lint": [("lint",)],
    "types, strict build and tests, side by side": [("types",), ("book", "STRICT=1"), ("test",)],
}
"""The targets of the Makefile that ``.ci/run`` makes, by what the page calls them; those of one part side by side."""
LIMIT = 480.0
"""Seconds that all of them may take together."""


def gate(
    root: Path = ROOT, parts: dict[str, Sequence[Sequence[str]]] | None = None, limit: float = LIMIT
) -> Iterator[Row]:
    """Make each target once, in a clone of what is committed; raise CalledProcessError where one fails."""
    binaries = Path(sys.executable).parent
    with tempfile.TemporaryDirectory(prefix="kdcore-gate-") as folder:
        clone = Path(folder) / "book"
        subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
        environment = os.environ | {"PYTHONPATH": str(clone), "CI": "true"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as there
        total = 0.0
        # The environment is this one: `make` is told that its set-up is done.
        make = ["make", "--old-file=setup", "--old-file=setup-dev", f"BIN={binaries}"]
        for name, targets in (parts or PARTS).items():
            began = time.perf_counter()
            running = [
                subprocess.Popen([*make, *target], cwd=clone, env=environment, stdout=subprocess.DEVNULL)
                for target in targets
            ]
            codes = [process.wait() for process in running]
            for process, code in zip(running, codes, strict=True):
                if code != 0:
                    raise subprocess.CalledProcessError(code, process.args)
            took = time.perf_counter() - began
            total += took
            yield Row("gate", name, took, "s")
    yield Row("gate", "all of it", total, "s").aim("measured", high=limit)
