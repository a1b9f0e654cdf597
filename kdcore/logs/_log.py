"""A model's answers: what they tell, how often each pair came, and where they contradict one another."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kdcore._checks import check_choice
from kdcore._types import Floats
from kdcore.logs import _formats
from kdcore.logs._engine import Database
from kdcore.logs._student import LogStudent, learn

if TYPE_CHECKING:
    import pandas as pd

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

PROTOCOLS = ("hard", "partial", "top_k", "censored", "soft")
"""What a log may tell; :class:`Log` says what each word means."""
_ROW = 1e-4
"""What is told of each input is a whole row if it sums to 1 within this."""
_SAME = 1e-6
"""Two probabilities of a pair that differ by less than this share are one number, rounded."""


@dataclass(frozen=True, eq=False)
class Log:
    r"""Answers of a model, as :func:`read_log` reads them.

    Attributes
    ----------
    protocol : str
        What the log tells, found from it: ``"hard"``, ``"partial"``, ``"top_k"`` (the drawn label's probability always,
        and the k likeliest labels), ``"censored"`` (the drawn label's only if it is among these) or ``"soft"``.
    k : int
        How many likeliest labels are told at each input; 0 if none.
    n_samples, n_inputs, n_labels : int
        Draws, and the distinct inputs and labels in them.  A model may have more labels than its log shows.
    n_broken : int
        Lines left out by ``skip_broken``.
    error : float
        The largest relative difference between two probabilities told of one pair; 0 if it is below 1e-6.
    notes : tuple of str
        What a reader of a report should know.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = path.write_text("input,label\nhi,hello\nhi,hey\n")
    >>> log = read_log(path)
    >>> log.protocol, log.n_samples
    ('hard', 2)
    """

    protocol: str
    k: int
    n_samples: int
    n_inputs: int
    n_labels: int
    n_broken: int
    error: float
    notes: tuple[str, ...]
    _database: Database = field(repr=False)

    def learn(self, learner: str, n_labels: int | None = None) -> LogStudent:
        r"""Return a student of this log, as a sparse table.

        Parameters
        ----------
        learner : str
            A key of :data:`kdcore.LEARNERS` that the protocol allows: ``"ce_sgl"`` always, ``"ce_ptl"`` and
            ``"sel_ptl"`` where drawn labels have their probabilities, ``"ce_ful"`` from rows; of a censored log
            ``"censored"``, as :func:`kdcore.censored_counter`.
        n_labels : int, optional
            A, if the model has more labels than the log shows; what is hidden is spread evenly over these.

        Returns
        -------
        LogStudent
            A sparse table that answers for every input.

        Raises
        ------
        ValueError
            If the protocol does not allow the learner, or ``n_labels`` is less than the log shows.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
        >>> _ = path.write_text("input,label,probability\nhi,hello,0.5\nhi,hello,0.5\nhi,hey,0.25\n")
        >>> student = read_log(path).learn("sel_ptl", n_labels=4)
        >>> student.row("hi"), student.probability("bye", "hello")
        (({'hello': 0.5, 'hey': 0.25}, 0.125), 0.25)
        """
        return learn(self._database, self.protocol, self.n_labels, learner, n_labels)

    def counts(self) -> pd.DataFrame:
        r"""Return each pair that was drawn: ``input``, ``label``, ``count``, ``probability`` (NaN where not told).

        Examples
        --------
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
        >>> _ = path.write_text("input,label,probability\nhi,hello,0.5\nhi,hello,0.5\nhi,hey,0.25\n")
        >>> read_log(path).counts()
          input  label  count  probability
        0    hi  hello      2         0.50
        1    hi    hey      1         0.25
        """
        return self._database.frame(
            """SELECT inputs.text AS input, labels.text AS label, n AS count, p AS probability
            FROM pairs JOIN inputs ON inputs.id = s JOIN labels ON labels.id = pairs.a
            LEFT JOIN told USING (s, a) ORDER BY s, a"""
        )

    def contradictions(self) -> pd.DataFrame:
        r"""Return the pairs of which different probabilities were told: the least and the largest, the worst first.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
        >>> _ = path.write_text("input,label,probability\nhi,hello,0.5\nhi,hello,0.625\n")
        >>> read_log(path).contradictions()
          input  label  lowest  highest  error
        0    hi  hello     0.5    0.625   0.25
        """
        return self._database.frame(
            f"""SELECT inputs.text AS input, labels.text AS label, lowest, highest, highest / lowest - 1 AS error
            FROM told JOIN inputs ON inputs.id = s JOIN labels ON labels.id = a
            WHERE highest > lowest * {1 + _SAME} ORDER BY error DESC, s, a"""
        )

    def hidden(self) -> Floats:
        r"""Return the mass that was hidden at each draw's input before the draw, V_1, ..., V_n, in their order.

        What was told of a pair more than once counts as the least of these numbers, so that errors only add: the true
        one is taken to be at least that.

        Examples
        --------
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
        >>> _ = path.write_text("input,label,probability\nhi,hello,0.5\nhi,hello,0.5\nhi,hey,0.25\n")
        >>> read_log(path).hidden()
        array([1. , 0.5, 0.5])
        """
        query = """
            WITH news AS (SELECT s, first AS row, sum(lowest) AS mass FROM told GROUP BY s, first)
            SELECT row, 1 - coalesce(sum(mass) OVER (
                PARTITION BY s ORDER BY row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS hidden
            FROM draws LEFT JOIN news USING (s, row) ORDER BY row"""
        column = self._database.connection.execute(query).fetchnumpy()["hidden"]
        return np.clip(np.asarray(column, dtype=np.float64), 0.0, 1.0)


def read_log(
    paths: Paths,
    *,
    tokens: str = "first",
    extra: Sequence[str] = (),
    skip_broken: bool = False,
    scheduler: str | None = None,
    scratch: str | os.PathLike[str] | None = None,
) -> Log:
    r"""Read the answers of a model, and find out what they tell.

    JSON Lines hold a prompt (``input``, ``prompt`` or ``messages``) beside a response as APIs return it: chat, with
    ``logprobs.content[].{token, logprob, top_logprobs[]}``, where -9999.0 says that a number was not told; or
    completions, with ``logprobs.{tokens, token_logprobs, top_logprobs}``.  CSV and Parquet have the columns ``input``,
    ``label``, and where they were told ``probability`` and ``top`` (a JSON object from labels to probabilities).
    The log is counted by an embedded database, on disk: it need not fit into memory.

    Parameters
    ----------
    paths : path or several
        Files that end in .jsonl, .ndjson, .csv (each also with .gz) or .parquet, folders of these, or patterns.
    tokens : {"first", "all"}
        Whether an answer of several tokens is one draw, its first token, or one for each token, with the prompt and the
        tokens before as its input.
    extra : sequence of str
        Further columns of numbers, such as a student's own probabilities, for :func:`audit`.
    skip_broken : bool
        Leave out lines that are no answers, and count them, in place of raising.
    scheduler : str, optional
        Address of a Dask scheduler whose workers read the files, one at a time each; the log is the same.
    scratch : path, optional
        A folder for the database, which is deleted with the log; with a scheduler one that all workers see.

    Returns
    -------
    Log
        Counted, and with what is told.

    Raises
    ------
    ValueError
        If there is no file, none of its lines is an answer, one is broken (the message names file and line), or some
        lines tell probabilities and others nothing.
    ConnectionError
        If the scheduler does not answer or has no workers.
    ImportError
        If DuckDB is not installed: ``pip install 'kdcore[logs]'``.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = path.write_text("input,label,probability\nhi,hello,0.5\nhi,hello,0.5\nhi,hey,0.25\n")
    >>> log = read_log(path)
    >>> log.protocol, log.n_samples, log.n_labels
    ('partial', 3, 2)
    """
    files = _formats.expand(paths)
    database = Database(files, check_choice(tokens, "tokens", ["first", "all"]), extra, skip_broken, scheduler, scratch)
    protocol, k = _protocol(database)
    error = float(database.value("SELECT coalesce(max(highest / lowest - 1), 0) FROM told"))
    size = "SELECT count(*) FROM draws", "SELECT count(*) FROM inputs", "SELECT count(*) FROM labels"
    n_samples, n_inputs, n_labels = (int(database.value(query)) for query in size)
    return Log(
        protocol,
        k,
        n_samples,
        n_inputs,
        n_labels,
        database.n_broken,
        error if error > _SAME else 0.0,
        tuple(_notes(database, protocol, error, tokens)),
        database,
    )


def _protocol(database: Database) -> tuple[str, int]:
    """Return what the log tells, and k."""
    n, told, shown = database.rows("SELECT count(*), count(p), count(top) FROM draws")[0]
    if not shown:
        if told == 0:
            return "hard", 0
        if told < n:
            raise ValueError(_mixed(database, "p IS NULL", "p IS NOT NULL", "the probability of its label"))
        return "partial", 0
    if shown < n:
        raise ValueError(_mixed(database, "top IS NULL", "top IS NOT NULL", "the likeliest labels"))
    k, least = database.rows(
        "SELECT min(many), min(mass) FROM (SELECT count(*) AS many, sum(p) AS mass FROM shown GROUP BY top)"
    )[0]
    if least > 1 - _ROW:
        return "soft", int(k)
    silent = "SELECT count(*) FROM draws ANTI JOIN shown ON shown.top = draws.top AND shown.a = draws.a WHERE p IS NULL"
    return ("censored" if database.value(silent) else "top_k"), int(k)


def _mixed(database: Database, silent: str, telling: str, what: str) -> str:
    places = []
    for rule in (telling, silent):
        file, line = database.rows(f"SELECT file, line FROM draws WHERE {rule} ORDER BY row LIMIT 1")[0]
        places.append(_formats.place(database.files[file], line))
    return (
        f"{places[0]} tells {what}, {places[1]} does not: a log is of one protocol; split it, or leave the numbers out"
    )


def _notes(database: Database, protocol: str, error: float, tokens: str) -> Iterable[str]:
    if database.n_broken:
        yield f"{database.n_broken} broken lines were left out"
    if error > _SAME:
        query = """SELECT inputs.text, labels.text, lowest, highest FROM told JOIN inputs ON inputs.id = s
            JOIN labels ON labels.id = a ORDER BY highest / lowest DESC, s, a LIMIT 1"""
        asked, label, lowest, highest = database.rows(query)[0]
        many = database.value(f"SELECT count(*) FROM told WHERE highest > lowest * {1 + _SAME}")
        yield (
            f"{many} pairs have more than one probability, apart by up to {error:.2g} of it, first "
            f"{lowest:.6g} and {highest:.6g} for {label!r} at {asked!r}: numbers are rounded, or the model changed"
        )
    over = database.rows(
        f"""SELECT inputs.text, mass FROM (SELECT s, sum(p) AS mass FROM told GROUP BY s)
        JOIN inputs ON inputs.id = s WHERE mass > {1 + _SAME} ORDER BY mass DESC, s LIMIT 1"""
    )
    if over:
        yield f"the probabilities told at {over[0][0]!r} sum to {over[0][1]:.6g}, more than 1"
    if tokens == "first" and (longer := database.value("SELECT count(*) FROM draws WHERE n_tokens > 1")):
        yield f"{longer} answers have several tokens, of which the first is used; tokens='all' reads each as a draw"
