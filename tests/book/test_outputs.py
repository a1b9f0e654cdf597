"""Committed outputs are those of the book's own build, which ran every chapter; `make notebooks` runs nbval on all."""

from __future__ import annotations

import pytest

from kdbook.execution import notebooks, records
from kdbook.execution.chapters import folder_of
from kdbook.project import Project
from tests.mini import shows_a_figure

PROJECT = Project.find()


def outputs(notebook):
    """What each code cell left, in the form that is committed, with the cell's number for the reader of a failure.

    Without the place of a figure on a screen, as a build draws for its pages alone; nbval compares these, too.
    """
    cells = [cell for cell in notebooks.normalise(notebook).cells if cell.cell_type == "code"]
    return {
        number: [cell.source, [output for output in cell.outputs if not shows_a_figure(output)]]
        for number, cell in enumerate(cells, start=1)
    }


@pytest.mark.parametrize("chapter", PROJECT.chapters(), ids=lambda chapter: chapter.name)
def test_a_build_draws_figures_for_pages_alone(chapter, html):
    executed = notebooks.read(folder_of(PROJECT, chapter.name) / records.NOTEBOOK)
    shown = [output for cell in executed.cells for output in cell.get("outputs", []) if shows_a_figure(output)]
    assert shown == []


@pytest.mark.parametrize("chapter", PROJECT.chapters(), ids=lambda chapter: chapter.name)
def test_committed_outputs_are_those_of_the_build(chapter, html):
    executed = notebooks.read(folder_of(PROJECT, chapter.name) / records.NOTEBOOK)
    assert records.read_record(executed)["parameters"] == {}, "the book was built with other parameters"
    committed = outputs(notebooks.read(chapter.path))
    for number, computed in outputs(executed).items():
        assert committed[number] == computed, f"In [{number}] of {chapter.name}: run the chapter again and commit it"
    assert len(committed) == len(outputs(executed))
