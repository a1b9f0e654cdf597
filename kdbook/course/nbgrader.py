"""The exercises of a chapter as an assignment of nbgrader: https://nbgrader.readthedocs.io, metadata of version 3.

Of the line in a starter that checks an answer, nbgrader's cell of tests is made: a point if the check says right.
Answers in words are graded by hand.  All other cells are read-only.  It holds no solution, so that what nbgrader makes
of its source for students is the same.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from kdbook.course.exercises import Exercise, checked
from kdbook.downloads import CELL_ID
from kdbook.project import BookError

SCHEMA = 3
CONFIG_FILE = "nbgrader_config.py"
CONFIG = """\
c = get_config()

# The cells to fill in hold what students begin with, and no solutions that would have to be removed.
c.ClearSolutions.enabled = False
c.Execute.timeout = 300  # seconds for a cell; nbgrader's own 30 may be too few where many submissions run at once
"""
README = """\
# {title}: a course for nbgrader

In `source/`, an assignment for each chapter: the students' notebook, whose cells have nbgrader's metadata (version 3).
Copy `source/` and the two lines of `{config}` into the folder of your course, then, for each chapter,

```
nbgrader generate_assignment CHAPTER
```

and go on as usual. Where notebooks run, the students' and those that are graded, there must be kdcore:
`pip install "./{wheel}[book]"`, in the environment of the kernel.

- A cell of tests follows each answer that code can check, with one point: it passes if `kd.check` says that the answer
  is right, and otherwise says what is wrong. There are {n_checks} such cells.
- Answers in words ({n_by_hand}) have one point, which you give by hand. Parts of an exercise that no check covers have
  no cell: add one where you want to grade them.
- All other cells are read-only. Points can be changed in *Create Assignment*.

No notebook here holds a solution. But solutions stand, folded, in the book's own pages, and the checkers that come with
kdcore compute what is right, so whoever looks there finds it; and as with every test that runs beside the answer, code
in an answer can put something else in the place of `kd.check`. Use the points for practice, not for an exam.
"""


def assignment(notebook: NotebookNode, exercises: Iterable[Exercise], blank: str) -> tuple[NotebookNode, int, int]:
    """Return a students' notebook as an assignment, and how many cells of it code grades, and how many people do.

    Parameters
    ----------
    notebook : NotebookNode
        The students' notebook of a chapter.
    exercises : iterable of Exercise
        The exercises of the chapter, in order.
    blank : str
        The tag of the cells to fill in, one for each exercise.

    Raises
    ------
    BookError
        If a starter checks an answer elsewhere than in a line of its own.
    """
    cells: list[NotebookNode] = []
    left = iter(exercises)
    n_checks = n_by_hand = 0
    for place, cell in enumerate(notebook.cells):
        if cell["id"] == CELL_ID:
            continue  # it says how a student gets kdcore: here, whoever looks after the servers installs it
        if blank not in cell.metadata.get("tags", []):
            cells.append(_marked(cell, f"given-{place}", locked=True))
            continue
        exercise = next(left)
        if exercise.starter is None:
            cells.append(_marked(cell, _grade_id(exercise.label), grade=True, solution=True, points=1))
            n_by_hand += 1
            continue
        code, checks = _split(exercise)
        answer = NotebookNode({**cell, "source": code})  # type: ignore[no-untyped-call]
        cells.append(_marked(answer, f"{_grade_id(exercise.label)}-answer", solution=True))
        for label, call in checks:
            tests = new_code_cell(_TESTS.format(label=label, call=call))  # type: ignore[no-untyped-call]
            tests["id"] = f"tests-{_grade_id(label)}"
            cells.append(_marked(tests, _grade_id(label), grade=True, locked=True, points=1))
        n_checks += len(checks)
    made = NotebookNode({**notebook, "cells": cells})  # type: ignore[no-untyped-call]
    return made, n_checks, n_by_hand


_TESTS = """\
# One point if this passes: {label}
import kdcore as kd

verdict = {call}
print(verdict)
assert verdict, verdict"""


def _marked(cell: NotebookNode, name: str, **said: Any) -> NotebookNode:
    """Return a copy of a cell with nbgrader's metadata."""
    told: dict[str, Any] = {"schema_version": SCHEMA, "grade": False, "solution": False, "locked": False, "task": False}
    told |= {"grade_id": name, "cell_type": cell.cell_type, **said}
    return NotebookNode({**cell, "metadata": {**cell.metadata, "nbgrader": told}})  # type: ignore[no-untyped-call]


def _grade_id(label: str) -> str:
    """Return a label as nbgrader allows it: letters, digits, ``_`` and ``-``."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", label)


def _split(exercise: Exercise) -> tuple[str, list[tuple[str, str]]]:
    """Return a starter without its checks, and these: the label and the call of each."""
    code = exercise.starter or ""
    lines = code.splitlines()
    checks: list[tuple[str, str]] = []
    for statement in reversed(ast.parse(code).body):
        call = _call(statement)
        if call is not None:
            text = ast.get_source_segment(code, call) or ""
            checks.insert(0, (checked(text)[0], text))
            del lines[statement.lineno - 1 : statement.end_lineno]
    if [label for label, _ in checks] != exercise.checks:
        raise BookError(f"exercise {exercise.label}: each check of its starter must be a line of its own")
    return "\n".join(lines).strip("\n"), checks


def _call(statement: ast.stmt) -> ast.Call | None:
    """Return the call of ``kd.check`` that a statement consists of, or that it prints."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "print" and len(call.args) == 1:
        call = call.args[0]
    return call if isinstance(call, ast.Call) and ast.unparse(call.func) == "kd.check" else None
