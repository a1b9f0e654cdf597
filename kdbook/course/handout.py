"""Chapters as notebooks to work in, for students without the solutions and for teachers with."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from kdbook import downloads, pages
from kdbook.course import decks, nbgrader
from kdbook.course.exercises import Exercise, read_exercises
from kdbook.execution import notebooks, records
from kdbook.files import write_atomic, zipped
from kdbook.folders import replace_folder
from kdbook.markup.labels import Labels
from kdbook.markup.plain import Plain, glued
from kdbook.project import BookError, Chapter, Project

FOLDER = "handout"
STUDENT, TEACHER, NBGRADER = "student", "teacher", "nbgrader"
README = "README.md"
BLANK, SOLUTION = "blank", "solution"
"""Tags of the cells that are to be filled in, and of those that a teacher's notebook has more."""


def write_handout(project: Project, labels: Labels, only: Collection[str] = (), graded: bool = False) -> Path:
    """Make the folders and their zip files, put them in place in one step, and return where they are.

    Parameters
    ----------
    project : Project
        The book.
    labels : Labels
        What it calls its parts.
    only : collection of str
        The names of the chapters to hand out; empty for all that have exercises, and the workshops.
    graded : bool
        Whether to make a course for nbgrader as well.

    Raises
    ------
    BookError
        If no chapter has exercises, one of ``only`` has none, or one cannot be read.
    """
    target = project.build / FOLDER
    new = project.build / f".running-{FOLDER}"
    shutil.rmtree(new, ignore_errors=True)
    chapters = chapters_of(project)
    if not chapters:
        raise BookError("no chapter has exercises: there is nothing to hand out")
    known = [chapter.name for chapter in chapters]
    if without := [name for name in only if name not in known]:
        raise BookError(f"without exercises, and no workshops: {', '.join(without)}; there are {', '.join(known)}")
    chapters = [chapter for chapter in chapters if not only or chapter.name in only]
    wheel = downloads.build_wheel(project, records.package_digest())
    made = {who: _files(project, chapters, labels, who, wheel) for who in (STUDENT, TEACHER)}
    if graded:
        made[NBGRADER] = _assignments(project, chapters, labels, wheel)
    for who, files in made.items():
        for name, data in files.items():
            write_atomic(new / who / name, data)
        write_atomic(new / f"{who}.zip", zipped(files, f"{project.short_name()}-{who}"))
    replace_folder(new, target)
    return target


def _files(project: Project, chapters: Sequence[Chapter], labels: Labels, who: str, wheel: bytes) -> dict[str, bytes]:
    """Return the files of the folder for students or for teachers."""
    made = {f"{one.name}.ipynb": notebooks.to_text(handed_out(one, labels, who)).encode() for one in chapters}
    return made | {downloads.wheel_name(): wheel, README: _readme(project, chapters, who).encode()}


def _assignments(project: Project, chapters: Sequence[Chapter], labels: Labels, wheel: bytes) -> dict[str, bytes]:
    """Return the files of a course for nbgrader: an assignment for each chapter with exercises, and the wheel."""
    files = {nbgrader.CONFIG_FILE: nbgrader.CONFIG.encode(), downloads.wheel_name(): wheel}
    n_checks = n_by_hand = 0
    for chapter in chapters:
        exercises = read_exercises(chapter)
        if exercises:
            notebook, by_code, by_hand = nbgrader.assignment(handed_out(chapter, labels, STUDENT), exercises, BLANK)
            files[f"source/{chapter.name}/{chapter.name}.ipynb"] = notebooks.to_text(notebook).encode()
            n_checks, n_by_hand = n_checks + by_code, n_by_hand + by_hand
    words = {"title": project.title(), "config": nbgrader.CONFIG_FILE, "wheel": downloads.wheel_name()}
    files[README] = nbgrader.README.format(n_checks=n_checks, n_by_hand=n_by_hand, **words).encode()
    return files


def chapters_of(project: Project) -> list[Chapter]:
    """Return the chapters that are handed out: those with exercises, and the workshops."""
    workshops = pages.of(project).workshops
    return [chapter for chapter in project.chapters() if chapter.name in workshops or read_exercises(chapter)]


def handed_out(chapter: Chapter, labels: Labels, who: str) -> NotebookNode:
    """Return the notebook of a chapter for students or for teachers, without outputs.

    Parameters
    ----------
    chapter : Chapter
        The chapter.
    labels : Labels
        What the book calls its parts.
    who : {"student", "teacher"}
        For whom.
    """
    notebook = notebooks.read(chapter.path)
    plain = Plain(labels, glued(notebook))
    found = {exercise.label: exercise for exercise in read_exercises(chapter, notebook)}
    cells = [downloads.first_cell("", beside=True)]
    try:
        for cell in notebook.cells:
            if decks.TAG in cell.metadata.get("tags", []):
                continue
            cells += [_code(cell)] if cell.cell_type == "code" else _prose(cell.source, plain, found, who)
    except BookError as error:
        raise BookError(f"chapter {chapter.name}: {error}") from None
    for place, cell in enumerate(cells[1:], start=1):
        cell["id"] = f"cell-{place}"
    notebook.cells = cells
    return notebook


def _code(cell: NotebookNode) -> NotebookNode:
    tags = cell.metadata.get("tags", [])
    hidden = {"jupyter": {"source_hidden": True}} if "hide-input" in tags and "parameters" not in tags else {}
    return _new(new_code_cell, cell.source, tags, **hidden)


def _prose(source: str, plain: Plain, found: dict[str, Exercise], who: str) -> list[NotebookNode]:
    """Return a cell of prose as cells: text, and after each exercise what there is to fill in or its solution."""
    cells: list[NotebookNode] = []
    for piece in plain.pieces(source, ("exercise", "solution")):
        if isinstance(piece, str):
            cells += _text(piece)
        elif piece.name == "exercise":
            cells += _exercise(found[piece.label], plain)
        elif who == TEACHER:
            cells += _solution(found[piece.argument], plain)
    return cells


def _exercise(exercise: Exercise, plain: Plain) -> list[NotebookNode]:
    line = f"*{exercise.line}*\n\n" if exercise.line else ""
    title = f"**Exercise: {plain.markdown(exercise.title)}** (`{exercise.label}`)\n\n"
    cells = _text(title + line + plain.markdown(exercise.statement))
    if exercise.starter:
        return [*cells, _new(new_code_cell, exercise.starter, [BLANK])]
    return [*cells, _new(new_markdown_cell, "*Your answer.*", [BLANK])]


def _solution(exercise: Exercise, plain: Plain) -> list[NotebookNode]:
    cells = _text("**Solution**")
    for kind, text in exercise.pieces:
        if kind == "code":
            cells.append(_new(new_code_cell, text, [SOLUTION]))
        else:
            cells += _text(plain.markdown(text))
    for cell in cells:
        cell.metadata["tags"] = [SOLUTION]
    return cells


def _text(text: str) -> list[NotebookNode]:
    return [_new(new_markdown_cell, text.strip("\n"), [])] if text.strip() else []


def _new(make: Any, source: str, tags: Sequence[str], **metadata: Any) -> NotebookNode:
    return make(source, metadata=({"tags": list(tags)} if tags else {}) | metadata)  # type: ignore[no-any-return]


def _readme(project: Project, chapters: Iterable[Chapter], who: str) -> str:
    if who == STUDENT:
        what = (
            "Notebooks to work in: the chapters of the book without the solutions of their exercises. Fill in the "
            "cells with `...` and run them: `kd.check` says whether your answer is right, and if not, what is wrong "
            "with it. Where code cannot tell, there is a cell for your words."
        )
    else:
        what = (
            "The teacher's notebooks: the same as the students', and after each exercise its solution, whose code "
            "runs. Cells of solutions have the tag `solution`, cells to fill in the tag `blank`."
        )
    listed = "\n".join(f"- `{chapter.name}.ipynb`: {chapter.title}" for chapter in chapters)
    return f"""\
# {project.title()}: {who}

{what}

With Python 3.11 to 3.14, in this folder:

```
python3 -m venv .venv
.venv/bin/pip install "./{downloads.wheel_name()}[book,jupyter]"
.venv/bin/jupyter notebook
```

On Windows write `.venv\\Scripts\\` in place of `.venv/bin/`. Run each notebook from its first cell on. It writes its
figures into the folder `figures` beside it.

{listed}
"""
