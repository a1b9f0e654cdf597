"""Every solution runs after its chapter and is right; every starter runs and leaves its answers blank.

The cells of a teacher's notebook run in this process, from top to bottom: a kernel for each chapter would take longer
than what it runs. Of the chapter's own cells, which run when the book is built, those run whose names a solution or a
starter needs; the slow test runs them all.
"""

from __future__ import annotations

import contextlib
import io
import warnings

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import kdcore as kd
from kdbook.course import handout
from kdbook.course.exercises import checked, read_exercises
from kdcore import figures
from tests import committed
from tests.committed import PROJECT
from tests.kdbook.checkers.names import needed
from tests.labels import unnumbered

CHAPTERS = [c for c in committed.CHAPTERS if any(exercise.code for exercise in committed.EXERCISES[c.name])]
"""Those with code in a solution."""


@contextlib.contextmanager
def settings_kept():
    """Undo what a chapter sets for the whole process."""
    with (
        warnings.catch_warnings(),
        mpl.rc_context(),
        np.printoptions(),
        pd.option_context("display.max_rows", pd.get_option("display.max_rows")),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")  # in a notebook they are printed
        yield
    plt.close("all")


def tag(cell):
    return (cell.metadata.get("tags") or [""])[0]


def run(cells, drawing=True):
    """Run cells of code; return ``(where, label, verdict)`` for each check, where is a tag of its cell.

    Without drawing no figure is saved: the book's build does it, and no answer depends on one.
    """
    heard, check, where = [], kd.check, ""

    def listening(label, answer):
        heard.append((where, label, check(label, answer)))
        return heard[-1][2]

    namespace = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, settings_kept():
        patch.setattr(kd, "check", listening, raising=False)
        if not drawing:
            patch.setattr(figures, "save", lambda fig, name, data: None)
        for number, cell in enumerate(cells):
            where = tag(cell)
            exec(compile(cell.source, f"<cell {number}>", "exec"), namespace)
    return heard


def test_cells_are_needed_that_bind_or_change_what_is_used_after_them():
    cells = {
        "import numpy as np": True,
        "n = 3": False,  # bound again before it is used
        "n, rows = 4, []": True,
        "figure = [n for rows in range(3)]": False,
        "rows.append(np.e)": True,
        "for k in range(n):\n    rows[k] = k": True,
        "def f(x, figure=None):\n    m = x\n    return m + n": True,
        "m = 5": False,  # f has its own
        "print(n)": False,
        "f(rows)": True,
        "n = 6": False,
    }
    assert needed(list(cells), [cell == "f(rows)" for cell in cells]) == list(cells.values())


@pytest.mark.parametrize(
    ("chapter", "whole"),
    [
        *(pytest.param(chapter, False, id=chapter.name) for chapter in CHAPTERS),
        *(pytest.param(chapter, True, id=f"{chapter.name}-whole", marks=pytest.mark.slow) for chapter in CHAPTERS),
    ],
)
def test_solutions_are_right(chapter, whole, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = handout.handed_out(chapter, unnumbered(PROJECT), handout.TEACHER)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    asked = [tag(cell) in (handout.BLANK, handout.SOLUTION) for cell in cells]
    assert not any(checked(cell.source) for cell, ours in zip(cells, asked, strict=True) if not ours)
    keep = needed([cell.source for cell in cells], asked)
    heard = run([cell for cell, used in zip(cells, keep, strict=True) if whole or used], drawing=whole)
    exercises = read_exercises(chapter)
    blanks = [(label, verdict) for where, label, verdict in heard if where == handout.BLANK]
    solved = [(label, verdict) for where, label, verdict in heard if where == handout.SOLUTION]
    assert len(heard) == len(blanks) + len(solved), "a cell of the chapter itself checks something"
    assert [verdict for _, verdict in blanks if verdict.answered] == [], "a starter must leave its answers blank"
    assert [verdict for _, verdict in solved if not verdict.right] == []
    assert [label for label, _ in blanks] == [label for exercise in exercises for label in exercise.checks]
    assert [label for label, _ in solved] == [label for e in exercises for code in e.code for label in checked(code)]
