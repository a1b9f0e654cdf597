"""A log in a temporary database on disk: counted and searched without being held in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdcore import _workers
from kdcore.logs import _formats

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

MEMORY = "1GB"
"""What the database may hold in memory; the rest waits on disk."""
_MOST = 1 + 1e-6
"""A probability may be above 1 by rounding, and is then 1."""
_BROKEN = " OR ".join(  # NaN is not between the two, and what is not told is not wrong
    f"coalesce({rule}, FALSE)"
    for rule in (
        "input IS NULL",
        "label IS NULL",
        f"NOT (p > 0 AND p <= {_MOST})",
        f"len(list_filter(top, lambda x: x.label IS NULL OR NOT (x.p >= 0 AND x.p <= {_MOST}))) > 0",
    )
)


class Database:
    """The draws of some files, inputs and labels as numbers, and what was told where.

    Tables: ``inputs`` and ``labels`` (id, text); ``draws`` (row, s, a, p, top, file, line and extra columns);
    ``told`` (s, a, p, lowest, highest, first), the probabilities told anywhere, p their mean, and the first row with
    one; ``shown`` (top, a, p), the lists of likeliest labels; ``pairs`` (s, a, n), how often each was drawn.
    """

    def __init__(
        self,
        files: Sequence[Path],
        tokens: str,
        extra: Sequence[str],
        skip_broken: bool,
        scheduler: str | None = None,
        scratch: str | os.PathLike[str] | None = None,
    ) -> None:
        self.folder = tempfile.mkdtemp(prefix="kdcore-log-", dir=scratch)
        self.close = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.connection = connect(self.folder)
        self.files = list(files)
        self.extra = tuple(extra)
        self.n_broken = self._read(tokens, skip_broken, scheduler)
        self._number()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows that a query finds."""
        return self.connection.execute(query).fetchall()

    def frame(self, query: str) -> pd.DataFrame:
        """Return what a query finds as a table."""
        return self.connection.execute(query).df()

    def value(self, query: str) -> Any:
        """Return the one number that a query finds."""
        return self.rows(query)[0][0]

    def _read(self, tokens: str, skip_broken: bool, scheduler: str | None) -> int:
        """Fill the table ``raw`` with the draws of all files, and return how many broken lines were left out."""
        files = [_File(number, path, tokens, self.extra, self.folder) for number, path in enumerate(self.files)]
        if scheduler is None:
            parts = [_convert(one, self.connection) for one in files]
        else:
            parts = list(_workers.run(_convert_alone, files, 1, scheduler, "file"))
        self.connection.execute(
            f"CREATE TABLE raw AS SELECT * FROM read_parquet([{', '.join(map(_formats.text, parts))}])"
        )
        for part in parts:
            os.remove(part)
        if not self.value("SELECT count(*) FROM raw"):
            raise ValueError(f"{_names(self.files)} is empty: a log holds an answer in each line")
        n_broken = int(self.value(f"SELECT count(DISTINCT (file, line)) FROM raw WHERE {_BROKEN}"))
        if n_broken and not skip_broken:
            raise ValueError(self._first_broken(n_broken))
        self.connection.execute(f"DELETE FROM raw WHERE {_BROKEN}")
        if not self.value("SELECT count(*) FROM raw"):
            raise ValueError(f"{_names(self.files)} holds {n_broken} broken lines and nothing else")
        return n_broken

    def _first_broken(self, n_broken: int) -> str:
        """Return the place of the first broken line and what is wrong there."""
        query = f"SELECT file, line, input, label, p, top FROM raw WHERE {_BROKEN} ORDER BY file, line LIMIT 1"
        file, line, asked, label, p, top = self.rows(query)[0]
        if asked is None or label is None:
            what = _formats.broken_line(self.files[file], line)
        else:
            told = f"the label {label!r} has the probability {p}" if top is None else f"{label!r}: {p}, top {top}"
            what = f"{_formats.place(self.files[file], line)}: {told}; what is told must be above 0 and at most 1"
        more = f" ({n_broken - 1} more such lines)" if n_broken > 1 else ""
        return f"{what}{more}; skip_broken=True leaves broken lines out and counts them"

    def _number(self) -> None:
        others = "".join(f', raw."{one}"' for one in self.extra)
        script = f"""
        CREATE TABLE inputs AS SELECT row_number() OVER (ORDER BY text) - 1 AS id, text
            FROM (SELECT DISTINCT input AS text FROM raw);
        CREATE TABLE tops AS SELECT row_number() OVER (ORDER BY top) - 1 AS id, top
            FROM (SELECT DISTINCT top FROM raw WHERE len(top) > 0);
        CREATE TABLE labels AS SELECT row_number() OVER (ORDER BY text) - 1 AS id, text FROM (
            SELECT DISTINCT label AS text FROM raw UNION SELECT DISTINCT unnest(top).label FROM tops);
        CREATE TABLE draws AS SELECT row_number() OVER (ORDER BY file, line, choice, part) - 1 AS row,
            CAST(inputs.id AS INTEGER) AS s, CAST(labels.id AS INTEGER) AS a, CASE WHEN p > 1 THEN 1 ELSE p END AS p,
            CAST(tops.id AS INTEGER) AS top, file, line, n_tokens{others}
            FROM raw JOIN inputs ON inputs.text = input JOIN labels ON labels.text = label
            LEFT JOIN tops ON tops.top = raw.top ORDER BY file, line, choice, part;
        DROP TABLE raw;
        CREATE TABLE shown AS SELECT tops.id AS top, CAST(labels.id AS INTEGER) AS a, one.p AS p
            FROM (SELECT id, unnest(top) AS one FROM tops) AS tops JOIN labels ON labels.text = one.label
            WHERE one.p IS NOT NULL;
        CREATE TABLE told AS
            SELECT s, a, avg(p) AS p, min(p) AS lowest, max(p) AS highest, min(first) AS first
            FROM (
                SELECT s, a, p, row AS first FROM draws WHERE p IS NOT NULL
                UNION ALL
                SELECT s, shown.a, shown.p, first FROM
                    (SELECT s, top, min(row) AS first FROM draws WHERE top IS NOT NULL GROUP BY s, top)
                    JOIN shown USING (top)
            ) GROUP BY s, a;
        CREATE TABLE pairs AS SELECT s, a, count(*) AS n FROM draws GROUP BY s, a;
        """
        for statement in script.split(";"):
            if statement.strip():
                self.connection.execute(statement)


@dataclass(frozen=True)
class _File:
    """A file of a log, and the folder for what is made of it, which all processes see."""

    number: int
    path: Path
    tokens: str
    extra: tuple[str, ...]
    folder: str


def _convert_alone(task: _File) -> str:
    """Do what :func:`_convert` does in a process without a database."""
    connection = _connect(":memory:", memory_limit=MEMORY, temp_directory=task.folder)
    try:
        return _convert(task, connection)
    finally:
        connection.close()


def _convert(task: _File, connection: duckdb.DuckDBPyConnection) -> str:
    """Write the draws of a file as Parquet, and return its path."""
    before = task.path.stat().st_size
    target = os.path.join(task.folder, f"file-{task.number}.parquet")
    draws = _formats.draws_of(task.path, task.tokens, task.extra)
    try:
        connection.execute(
            f"COPY (SELECT {task.number} AS file, * FROM ({draws})) TO {_formats.text(target)} (FORMAT parquet)"
        )
    except _database_error() as error:
        raise ValueError(f"{task.path} cannot be read: {_first_line(error)}{_grown(task.path, before)}") from None
    return target


def connect(folder: str) -> duckdb.DuckDBPyConnection:
    """Return a connection to a new database in a folder."""
    return _connect(os.path.join(folder, "log.duckdb"), memory_limit=MEMORY, temp_directory=folder)


def connect_to_memory() -> duckdb.DuckDBPyConnection:
    """Return a connection to a new database in memory."""
    return _connect(":memory:")


def _connect(where: str, **config: str) -> duckdb.DuckDBPyConnection:
    """Return a connection that asks no network for anything."""
    try:
        import duckdb
    except ImportError:
        raise ImportError("logs are read by DuckDB: install it with the extra, pip install 'kdcore[logs]'") from None
    alone: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(where, config={**alone, **config})
    with suppress(duckdb.Error):  # refused in Jupyter without its widgets, where none is drawn
        connection.execute("SET enable_progress_bar = false")  # it would stand between results on standard output
    return connection


def _database_error() -> type[Exception]:
    import duckdb

    return duckdb.Error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _grown(path: Path, before: int) -> str:
    return "; it grew while it was read: read a copy" if path.stat().st_size != before else ""


def _names(files: Sequence[Path]) -> str:
    return str(files[0]) if len(files) == 1 else f"the log of {len(files)} files from {files[0]} on"
