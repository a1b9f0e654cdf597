"""A chapter that is rendered alone: what its text refers to elsewhere becomes plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from nbformat import NotebookNode

from kdbook.execution import notebooks
from kdbook.execution.chapters import Executed
from kdbook.markup import myst
from kdbook.markup.elements import Directive, Element, Equation, Link, Role, Target
from kdbook.project import BookError, Project

_REFERENCES = ("prf:ref", "ref", "numref", "eq")


def detached(project: Project, executed: Executed) -> NotebookNode:
    """Return the notebook with references to other pages replaced by their text.

    Raises
    ------
    BookError
        If a directive in it is not closed.
    """
    notebook = notebooks.from_text(notebooks.to_text(executed.notebook))
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    try:
        found = [myst.elements(cell.source, inside=True) for cell in prose]
    except ValueError as error:
        raise BookError(f"chapter {executed.chapter.name}: {error}") from None
    labels = {label for elements in found for element in elements if (label := _label(element))}
    titles = {chapter.name: chapter.title for chapter in project.chapters()}
    for cell, elements in zip(prose, found, strict=True):
        changes = (change for element in elements for change in _changes(element, labels, titles))
        cell.source = myst.rewritten(cell.source, changes)
    return notebook


def _label(element: Element) -> str:
    """Return what references call an element; empty if nothing does."""
    if isinstance(element.content, (Directive, Equation)):
        return element.content.label
    return element.content.name if isinstance(element.content, Target) else ""


def _changes(element: Element, labels: Set[str], titles: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    start, end, content = element.start, element.end, element.content
    if isinstance(content, Role) and content.name in _REFERENCES and content.target not in labels:
        yield start, end, content.words or f"({content.target})"
    elif isinstance(content, Role) and content.name == "term":
        yield start, end, content.words or content.target
    elif isinstance(content, Link) and content.page:
        if content.words:
            yield start, start + 1, ""
            yield content.words_end, end, ""
        else:
            yield start, end, titles.get(content.page, content.page)
