"""How a build tells where it is: a bar on a terminal, plain lines elsewhere, JSON for programs, or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from tqdm import tqdm

STYLES = ("text", "quiet", "json")


class Progress:
    """Progress of one build.

    Parameters
    ----------
    style : {"text", "quiet", "json"}
        ``json`` prints one object a line: ``{"event": "done", "chapter": "figure-2", "seconds": 13.2, ...}``.
    """

    def __init__(self, style: str = "text") -> None:
        self._style = style
        self._bar: tqdm[Any] | None = None
        self._total = 0
        self._count = 0

    def start(self, total: int, cached: Sequence[str]) -> None:
        """Begin: the ``cached`` ones of ``total`` chapters need not run."""
        self._total, self._count = total, len(cached)
        self._say("start", f"{len(cached)} of {total} chapters unchanged since their last run" if cached else None)
        for name in cached:
            self._say("cached", None, chapter=name)
        if len(cached) < total and self._style == "text" and sys.stderr.isatty():
            form = "{desc} |{bar:24}| {n_fmt}/{total_fmt} chapters, {elapsed}{postfix}"
            self._bar = tqdm(total=total, initial=len(cached), desc="Executing", bar_format=form)

    def running(self, names: Sequence[str]) -> None:
        """Tell which chapters run now; the last one has just begun."""
        if self._bar is not None:
            self._bar.set_postfix_str(", ".join(names))
        else:
            self._say("running", f"      running {names[-1]}", chapter=names[-1])

    def done(self, name: str, seconds: float, names: Sequence[str]) -> None:
        """Tell that a chapter is done and which still run."""
        self._count += 1
        if self._bar is not None:
            self._bar.write(f"{name}: {seconds:.1f} s")
            self._bar.set_postfix_str(", ".join(names))
            self._bar.update()
        else:
            text = f"[{self._count}/{self._total}] done    {name} in {seconds:.1f} s"
            self._say("done", text, chapter=name, seconds=round(seconds, 3))

    def note(self, text: str) -> None:
        """Tell something else."""
        self._say("note", text, text=text)

    def result(self, text: str, **fields: Any) -> None:
        """Tell what came out: also when all else is quiet."""
        self._say("result", text, always=True, **fields)

    def close(self) -> None:
        """End the bar, if there is one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _say(self, event: str, line: str | None, *, always: bool = False, **fields: Any) -> None:
        if self._style == "json":
            counts = {"count": self._count, "total": self._total}
            print(json.dumps({"event": event, **counts, **fields}), flush=True)
        elif line is not None and (self._style == "text" or always):
            if self._bar is not None:
                self._bar.write(line)
            else:
                print(line, flush=True)
