"""Tables of what the chapters hold: ``{exercise-table}`` lists their exercises, ``{deck-table}`` their slides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kdbook.course import decks, exercises
from kdbook.project import StagedProject
from kdbook.sphinx_ext.doctrees import parsed


class _ChapterTable(SphinxDirective):
    def staged(self) -> StagedProject:
        """Return the book that is read; the page is read again when its contents or a chapter change."""
        project = StagedProject(Path(self.env.srcdir))
        for path in (project.root / "_toc.yml", *(chapter.path for chapter in project.chapters())):
            self.env.note_dependency(str(path))
        return project


class ExerciseTable(_ChapterTable):
    """The exercises of the book: a heading and a table for each chapter that has some."""

    def run(self) -> list[nodes.Node]:
        """Return headings and tables."""
        return parsed(self, exercises.exercise_tables(self.staged()))


class DeckTable(_ChapterTable):
    """The decks of the book."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        return self.parse_text_to_nodes(decks.deck_table(decks.committed(self.staged())))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("exercise-table", ExerciseTable)
    app.add_directive("deck-table", DeckTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
