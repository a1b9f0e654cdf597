"""The book's chapters as they are committed, read once in a process: for lists of parameters, and not to be changed."""

from __future__ import annotations

from kdbook.course import decks, handout
from kdbook.course.exercises import read_exercises
from kdbook.execution import notebooks
from kdbook.project import Project

PROJECT = Project.find()
CHAPTERS = PROJECT.chapters()
NOTEBOOKS = {chapter.name: notebooks.read(chapter.path) for chapter in CHAPTERS}
TEXTS = {
    name: [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    for name, notebook in NOTEBOOKS.items()
}
"""The texts of each chapter."""
EXERCISES = {chapter.name: read_exercises(chapter, NOTEBOOKS[chapter.name]) for chapter in CHAPTERS}
DECKS = decks.all_decks((chapter, NOTEBOOKS[chapter.name]) for chapter in CHAPTERS)
HANDED_OUT = handout.chapters_of(PROJECT)
