"""The finished results of a sweep, in a file if one is wanted, so that an interrupted sweep can go on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from kdcore._types import Floats, Integers

Result = dict[str, float | int]


class Checkpoint:
    """Results of points and learners; with a file, each is a line of it from the moment that it is added.

    Parameters
    ----------
    path : path or None
        Where results are kept; those that the file holds are known from the start.
    request : mapping of str to JSON values
        What was asked for: the file's first line, which must be the same when a sweep goes on.

    Raises
    ------
    ValueError
        If the file belongs to another sweep, or is no checkpoint; it is left as it is.
    """

    def __init__(self, path: str | os.PathLike[str] | None, request: Mapping[str, object]) -> None:
        self.results: dict[tuple[int, str], Result] = {}
        self._path = None if path is None else Path(path)
        self._request = dict(request)
        self._whole = 0
        if self._path is not None and self._path.exists():
            self._read(self._path)

    def _read(self, path: Path) -> None:
        """Remember the results of the whole lines of the file: a process that was killed may leave half a line."""
        lines = path.read_bytes().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        try:
            first, *rest = [json.loads(line) for line in whole] or [self._request]
            differ = [key for key in self._request if first.get(key) != self._request[key]]
            self.results = {(int(point), str(learner)): dict(result) for point, learner, result in rest}
        except (ValueError, TypeError, AttributeError):
            raise ValueError(f"checkpoint {path} is not a file of a sweep: give another name") from None
        if differ:
            there, here = ({key: request.get(key) for key in differ} for request in (first, self._request))
            raise ValueError(f"checkpoint {path} belongs to another sweep, with {there}; this one has {here}")
        self._whole = sum(map(len, whole))

    def add(self, point: int, learner: str, result: Result) -> None:
        """Remember the result of one learner at one point."""
        self.results[point, learner] = result
        if self._path is None:
            return
        lines: list[object] = [[point, learner, result]] if self._whole else [self._request, [point, learner, result]]
        with self._path.open("ab") as file:
            file.truncate(self._whole)
            self._whole += file.write("".join(f"{json.dumps(line)}\n" for line in lines).encode())


def fingerprint(tables: Iterable[Floats | Integers]) -> str:
    """Return a hash of tables of probabilities: a checkpoint says by it for which teachers it holds."""
    state = hashlib.sha256()
    for table in tables:
        state.update(repr(table.shape).encode())
        state.update(table.tobytes())
    return state.hexdigest()[:16]
