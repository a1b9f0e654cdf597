"""Students learned from a log, sparse: what was told or counted, and the rest of each row in equal parts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kdcore._checks import check_choice, check_integer
from kdcore._types import Floats
from kdcore.logs._engine import Database, connect_to_memory

if TYPE_CHECKING:
    import pandas as pd

STUDENTS = {
    "hard": ("ce_sgl",),
    "partial": ("ce_sgl", "ce_ptl", "sel_ptl"),
    "top_k": ("ce_sgl", "ce_ptl", "sel_ptl"),
    "censored": ("ce_sgl", "censored"),
    "soft": ("ce_sgl", "ce_ptl", "sel_ptl", "ce_ful"),
}
"""The students that each protocol allows, the best one last."""


class LogStudent:
    """A policy as a sparse table: listed labels, and one probability for all others of an input.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``input``, ``label``, ``probability``.  A row without a label holds the probability of each label that
        is not listed at this input; one without input and label, that of every label at an input that is not listed.

    Raises
    ------
    ValueError
        If a column or the row of all other inputs is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("hi", "hello", 0.7), ("hi", None, 0.1), (None, None, 0.25)]
    >>> student = LogStudent(pd.DataFrame(rows, columns=["input", "label", "probability"]))
    >>> student.probabilities(["hi", "hi", "bye"], ["hello", "hey", "hello"])
    array([0.7 , 0.1 , 0.25])
    """

    def __init__(self, table: pd.DataFrame) -> None:
        missing = [name for name in ("input", "label", "probability") if name not in table]
        if missing:
            raise ValueError(f"a student has the columns input, label and probability: {', '.join(missing)} is missing")
        self._database = connect_to_memory()
        self._database.register("given", table)
        self._database.execute("CREATE TABLE student AS SELECT input, label, probability FROM given")
        self._database.unregister("given")
        default = self._database.execute("SELECT probability FROM student WHERE input IS NULL").fetchall()
        if len(default) != 1:
            raise ValueError(f"one row without input and label must hold the default, got {len(default)} of these")
        self._default = float(default[0][0])

    def __repr__(self) -> str:
        n = self._database.execute("SELECT count(DISTINCT input), count(label) FROM student").fetchall()[0]
        return f"LogStudent(n_inputs={n[0]}, n_entries={n[1]})"

    @property
    def table(self) -> pd.DataFrame:
        """The table, as it is saved."""
        return self._database.execute("SELECT * FROM student").df()

    def row(self, asked: str) -> tuple[dict[str, float], float]:
        """Return the listed labels at an input with their probabilities, and the probability of each other label.

        Parameters
        ----------
        asked : str
            The input, seen or not.

        Returns
        -------
        dict of str to float, and float
            The listed labels, the likeliest first; and what every other label has.

        Examples
        --------
        >>> import pandas as pd
        >>> rows = [("hi", "hello", 0.7), ("hi", None, 0.1), (None, None, 0.25)]
        >>> student = LogStudent(pd.DataFrame(rows, columns=["input", "label", "probability"]))
        >>> student.row("hi")
        ({'hello': 0.7}, 0.1)
        """
        found = self._database.execute(
            "SELECT label, probability FROM student WHERE input = ? ORDER BY probability DESC, label", [asked]
        ).fetchall()
        listed = {str(label): float(p) for label, p in found if label is not None}
        return listed, next((float(p) for label, p in found if label is None), self._default)

    def probability(self, asked: str, label: str) -> float:
        """Return the probability of a label at an input.

        Parameters
        ----------
        asked, label : str
            The input and the label, seen or not.

        Returns
        -------
        float
            In [0, 1].

        Examples
        --------
        >>> import pandas as pd
        >>> rows = [("hi", "hello", 0.7), ("hi", None, 0.1), (None, None, 0.25)]
        >>> student = LogStudent(pd.DataFrame(rows, columns=["input", "label", "probability"]))
        >>> student.probability("hi", "hey")
        0.1
        """
        return float(self.probabilities([asked], [label])[0])

    def probabilities(self, inputs: Sequence[str], labels: Sequence[str]) -> Floats:
        """Return the probabilities of many pairs.

        Parameters
        ----------
        inputs, labels : sequence of str
            The pairs, each of n.

        Returns
        -------
        ndarray, shape (n,)
            The probability of each label at its input.

        Examples
        --------
        >>> import pandas as pd
        >>> rows = [("hi", "hello", 0.7), ("hi", None, 0.1), (None, None, 0.25)]
        >>> student = LogStudent(pd.DataFrame(rows, columns=["input", "label", "probability"]))
        >>> student.probabilities(["hi", "bye"], ["hello", "hello"])
        array([0.7 , 0.25])
        """
        import pandas as pd

        pairs = pd.DataFrame({"input": list(inputs), "label": list(labels)}, dtype="string")
        pairs["place"] = np.arange(len(pairs))
        self._database.register("asked", pairs)
        query = """SELECT coalesce(one.probability, rest.probability, ?) AS p FROM asked
            LEFT JOIN student AS one ON one.input = asked.input AND one.label = asked.label
            LEFT JOIN student AS rest ON rest.input = asked.input AND rest.label IS NULL ORDER BY place"""
        found = np.asarray(self._database.execute(query, [self._default]).fetchnumpy()["p"], dtype=np.float64)
        self._database.unregister("asked")
        return found

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the table as Parquet.

        Parameters
        ----------
        path : path
            Ends in .parquet.

        Raises
        ------
        ValueError
            If it does not.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import pandas as pd
        >>> rows = [("hi", "hello", 0.7), ("hi", None, 0.1), (None, None, 0.25)]
        >>> student = LogStudent(pd.DataFrame(rows, columns=["input", "label", "probability"]))
        >>> path = pathlib.Path(tempfile.mkdtemp(), "student.parquet")
        >>> student.save(path)
        >>> LogStudent.load(path).probability("hi", "hello")
        0.7
        """
        if Path(path).suffix != ".parquet":
            raise ValueError(f"a student is saved as .parquet, got {os.fspath(path)}")
        self._database.table("student").write_parquet(os.fspath(path))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> LogStudent:
        """Return a student from the file that ``save`` wrote."""
        if not Path(path).is_file():
            raise ValueError(f"no student at {os.fspath(path)}")
        return cls(connect_to_memory().read_parquet(os.fspath(path)).df())


def learn(database: Database, protocol: str, shown: int, learner: str, n_labels: int | None) -> LogStudent:
    """Return what a learner makes of the draws in a database, which show some labels; see ``Log.learn``."""
    import pandas as pd

    known = STUDENTS[protocol]
    if learner not in known and learner in _QUERIES:
        raise ValueError(f"{learner} cannot learn from a log of protocol {protocol!r}: it allows {', '.join(known)}")
    check_choice(learner, "learner", list(known))
    total = shown if n_labels is None else check_integer(n_labels, "n_labels", minimum=shown)
    frame = database.frame(_QUERIES[learner].replace("TOTAL", str(total)))
    default = pd.DataFrame({"input": [None], "label": [None], "probability": [1 / total]})
    return LogStudent(pd.concat([frame, default.astype(frame.dtypes.to_dict())], ignore_index=True))


_NAMED = """
    SELECT inputs.text AS input, labels.text AS label, entries.p AS probability FROM entries
    JOIN inputs ON inputs.id = s LEFT JOIN labels ON labels.id = a ORDER BY s, a
"""
_WEIGHTED = (
    """
    WITH entries AS (
        SELECT s, a, WEIGHT / sum(WEIGHT) OVER (PARTITION BY s) AS p FROM pairs LEFT JOIN told USING (s, a)
        UNION ALL SELECT s, NULL, 0 FROM pairs GROUP BY s
    )
"""
    + _NAMED
)
_FILLED = (
    """
    WITH sums AS (SELECT s, sum(p) AS mass, count(*) AS many FROM told GROUP BY s),
    entries AS (
        SELECT s, a, p / greatest(mass, 1) AS p FROM told JOIN sums USING (s)
        UNION ALL SELECT s, NULL, greatest(1 - mass, 0) / greatest(TOTAL - many, 1) FROM sums
    )
"""
    + _NAMED
)
_CENSORED = (
    """
    WITH top AS (SELECT s, a, avg(p) AS p FROM (SELECT DISTINCT s, shown.top, a, p FROM shown
            JOIN (SELECT DISTINCT s, top FROM draws) USING (top)) GROUP BY s, a),
    sums AS (SELECT s, sum(p) AS mass, count(*) AS many FROM top GROUP BY s),
    tail AS (SELECT s, a, n FROM pairs ANTI JOIN top USING (s, a)),
    tails AS (SELECT s, sum(n) AS n FROM tail GROUP BY s),
    entries AS (
        SELECT s, a, p / greatest(mass, 1) AS p FROM top JOIN sums USING (s)
        UNION ALL SELECT s, a, greatest(1 - mass, 0) * tail.n / tails.n
            FROM tail JOIN tails USING (s) JOIN sums USING (s)
        UNION ALL SELECT s, NULL, CASE WHEN tails.n IS NULL THEN greatest(1 - mass, 0) / greatest(TOTAL - many, 1)
            ELSE 0 END FROM sums LEFT JOIN tails USING (s)
    )
"""
    + _NAMED
)
_QUERIES = {
    "ce_sgl": _WEIGHTED.replace("WEIGHT", "n"),
    "ce_ptl": _WEIGHTED.replace("WEIGHT", "(n * p)"),
    "sel_ptl": _FILLED,
    "ce_ful": _FILLED,
    "censored": _CENSORED,
}
