"""What the book calls its parts, for tests that look at no number: nothing is rendered, and all numbers are 0."""

from __future__ import annotations

from functools import cache

from kdbook.execution import notebooks
from kdbook.markup import myst
from kdbook.markup.elements import Directive, Equation
from kdbook.markup.labels import Labels


@cache
def unnumbered(project):
    """Return the labels of a project whose equations, figures and tables all have the number 0."""
    names = {}
    for chapter in project.chapters():
        for cell in notebooks.read(chapter.path).cells:
            for element in myst.elements(cell.source, inside=True) if cell.cell_type == "markdown" else ():
                if isinstance(element.content, Equation):
                    names[element.content.label] = "(0)"
                elif isinstance(element.content, Directive) and "figure" in element.content.name:
                    names[element.content.label] = "Fig. 0"
    return Labels.of(project, names)
