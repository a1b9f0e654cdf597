"""Every solution runs after its chapter and is right; every starter runs and leaves its answers blank.

The cells of a teacher's notebook run from top to bottom in this process: a kernel for each chapter would take longer
than what it runs.
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
from kdbook.project import Project
from tests.labels import unnumbered

PROJECT = Project.find()
CHAPTERS = [c for c in PROJECT.chapters() if any(exercise.code for exercise in read_exercises(c))]
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


def run(notebook):
    """Run the code of a notebook; return ``(where, label, verdict)`` for each check, where is a tag of its cell."""
    heard, check, where = [], kd.check, ""

    def listening(label, answer):
        heard.append((where, label, check(label, answer)))
        return heard[-1][2]

    namespace = {"__name__": "__main__"}
    with pytest.MonkeyPatch.context() as patch, settings_kept():
        patch.setattr(kd, "check", listening, raising=False)
        for number, cell in enumerate(cell for cell in notebook.cells if cell.cell_type == "code"):
            where = (cell.metadata.get("tags") or [""])[0]
            exec(compile(cell.source, f"<cell {number}>", "exec"), namespace)
    return heard


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_solutions_are_right(chapter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    heard = run(handout.handed_out(chapter, unnumbered(PROJECT), handout.TEACHER))
    exercises = read_exercises(chapter)
    blanks = [(label, verdict) for where, label, verdict in heard if where == handout.BLANK]
    solved = [(label, verdict) for where, label, verdict in heard if where == handout.SOLUTION]
    assert len(heard) == len(blanks) + len(solved), "a cell of the chapter itself checks something"
    assert [verdict for _, verdict in blanks if verdict.answered] == [], "a starter must leave its answers blank"
    assert [verdict for _, verdict in solved if not verdict.right] == []
    assert [label for label, _ in blanks] == [label for exercise in exercises for label in exercise.checks]
    assert [label for label, _ in solved] == [label for e in exercises for code in e.code for label in checked(code)]
