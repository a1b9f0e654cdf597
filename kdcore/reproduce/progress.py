"""How a build tells where it is: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm


class Progress:
    """Progress over the chapters of one book."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._total = 0
        self._count = 0

    def start(self, total: int, cached: int) -> None:
        """Begin: ``cached`` of ``total`` chapters need not run."""
        self._total, self._count = total, cached
        if cached:
            print(f"{cached} of {total} chapters unchanged since their last run")
        if cached < total and sys.stderr.isatty():
            form = "{desc} |{bar:24}| {n_fmt}/{total_fmt} chapters, {elapsed}{postfix}"
            self._bar = tqdm(total=total, initial=cached, desc="Executing", bar_format=form)

    def running(self, names: Sequence[str]) -> None:
        """Tell which chapters run now."""
        if self._bar is not None:
            self._bar.set_postfix_str(", ".join(names))
        else:
            print(f"      running {names[-1]}", flush=True)

    def done(self, name: str, seconds: float, names: Sequence[str]) -> None:
        """Tell that a chapter is done and which still run."""
        self._count += 1
        if self._bar is not None:
            self._bar.write(f"{name}: {seconds:.1f} s")
            self._bar.set_postfix_str(", ".join(names))
            self._bar.update()
        else:
            print(f"[{self._count}/{self._total}] done    {name} in {seconds:.1f} s", flush=True)

    def close(self) -> None:
        """End the bar, if there is one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
