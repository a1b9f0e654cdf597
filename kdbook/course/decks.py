"""Slides: the cells of a chapter that carry slide metadata, as a reveal.js deck by nbconvert.

A cell tagged ``slide`` is for the slides alone (with ``remove-cell``, pages do not show it).  In such a cell

- a fenced ``{show} LABEL`` stands for a part of the book: a statement, an equation or a figure, as this build made it;
  its options are ``:caption:`` (with the figure's caption), ``:beside: 50%`` (text flows on its left),
  ``:height: 400`` (of a figure, in pixels of 720) and ``:live:`` (the live figure that the page has around it);
- items of a list that begin with ``+`` appear one at a time;
- a cell of the type ``notes`` is what the speaker sees, and begins with how long the slide takes: ``**2 min.**``

Everything else is the Markdown of chapters.  Of a code cell tagged ``slide-output``, slides show only what it printed.

The title slide shows a picture: the first figure of the chapter, or the first that its slides show; another one is
named in the metadata of its cell, ``"slideshow": {"slide_type": "slide", "picture": "fig-name"}``.  A live figure of
the chapter that no slide shows gets a slide before the last one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from kdbook.execution import notebooks
from kdbook.markup import myst
from kdbook.markup.elements import Directive
from kdbook.project import BookError, Chapter, Project

FOLDER = "slides"
"""The folder of the decks in the rendered book."""
TEMPLATE = "_slides"
"""The folder in book/ that holds the template, style and script of decks."""
TAG = "slide"
"""Marks a cell that only the slides show."""
OUTPUT_ONLY = "slide-output"
"""Marks a cell of code of which slides show the outputs alone: the code is run live beside them."""
TYPES = ("slide", "subslide", "fragment", "notes")
SHOW, LIVE, PICTURE = "show", "live", "picture"
_DRAWN = ("figure", "stepped-figure")
_MINUTES = re.compile(r"^\*\*(\d+(?:\.5)?) min\.\*\*")
_TRY = f"## Live: what happens if …?\n\n```{{{SHOW}}} %s\n:{LIVE}:\n```"
_TRY_NOTES = "**2 min.** Let the room say what to change and what will happen. Then change it."


@dataclass(frozen=True)
class Deck:
    """The slides of one chapter.

    Attributes
    ----------
    name, title : str
        Of the chapter.
    cells : sequence of NotebookNode
        Those that the deck consists of, in order.
    pictures : sequence of str
        What the title slide may show, the best first: labels of figures, or names of their files.
    """

    name: str
    title: str
    cells: Sequence[NotebookNode]
    pictures: Sequence[str] = ()

    @property
    def n_slides(self) -> int:
        """The number of slides."""
        return sum(slide_type(cell) in ("slide", "subslide") for cell in self.cells)

    @property
    def minutes(self) -> float:
        """How long the speaker's notes say that it takes."""
        notes = [cell.source for cell in self.cells if slide_type(cell) == "notes"]
        return sum(float(match[1]) for text in notes if (match := _MINUTES.match(text)))


def slide_type(cell: NotebookNode) -> str:
    """Return the type of slide that a cell is, or an empty string."""
    found = cell.metadata.get("slideshow", {}).get("slide_type", "")
    return found if found in TYPES else ""


def deck(name: str, title: str, notebook: NotebookNode) -> Deck | None:
    """Return the deck of a chapter, or None if none of its cells is a slide.

    Raises
    ------
    BookError
        If a cell that only slides show is no slide, or the deck does not begin with one.
    """
    cells = [cell for cell in notebook.cells if slide_type(cell)]
    for cell in notebook.cells:
        if TAG in cell.metadata.get("tags", []) and not slide_type(cell):
            raise BookError(
                f"{name}: a cell tagged {TAG!r} needs a slide_type ({', '.join(TYPES)}): {cell.source[:60]!r}"
            )
    if not cells:
        return None
    if slide_type(cells[0]) != "slide":
        raise BookError(
            f"{name}: the first cell of its slides must have the slide_type 'slide', not {slide_type(cells[0])!r}"
        )
    own = [box for cell in notebook.cells if TAG not in cell.metadata.get("tags", []) for box in _directives(cell)]
    shown = [box for cell in cells for box in _directives(cell) if box.name == SHOW]
    named = cells[0].metadata["slideshow"].get(PICTURE)
    pictures = [*filter(None, [named]), *_drawings(own), *(box.argument for box in shown)]
    live = {box.argument for box in shown if LIVE in box.options}
    for box in own:
        if box.name == LIVE and (label := next(myst.directives(box.body)).label) not in live:
            cells[_last_slide(cells) : _last_slide(cells)] = _trying(label)
    return Deck(name, title, cells, tuple(dict.fromkeys(pictures)))


def _directives(cell: NotebookNode) -> Iterator[Directive]:
    """Yield the directives of a cell, without the frames of stepped figures."""
    if cell.cell_type == "markdown" and any(f"{{{name}}}" in cell.source for name in (SHOW, LIVE, *_DRAWN)):
        yield from myst.directives(cell.source, lambda box: box.name != "stepped-figure")


def _drawings(boxes: Iterable[Directive]) -> Iterator[str]:
    """Yield the label of each stepped figure, and the file of each other one, which may stand under another label."""
    for box in boxes:
        if box.name in _DRAWN:
            yield box.label if box.name == "stepped-figure" else Path(box.argument).stem


def _last_slide(cells: Sequence[NotebookNode]) -> int:
    return max(place for place, cell in enumerate(cells) if slide_type(cell) == "slide")


def _trying(label: str) -> list[NotebookNode]:
    """Return the slide of a live figure that no slide of the chapter shows, and its notes."""
    made = []
    for kind, text in (("slide", _TRY % label), ("notes", _TRY_NOTES)):
        metadata = {"slideshow": {"slide_type": kind}, "tags": [TAG, "remove-cell"]}
        made.append(new_markdown_cell(text, metadata=metadata, id=f"{kind}-{label}"))  # type: ignore[no-untyped-call]
    return made


def all_decks(chapters: Iterable[tuple[Chapter, NotebookNode]]) -> list[Deck]:
    """Return the decks of chapters, given with their notebooks, in the same order."""
    found = (deck(chapter.name, chapter.title, notebook) for chapter, notebook in chapters)
    return [made for made in found if made is not None]


def committed(project: Project) -> list[Deck]:
    """Return the decks of a project's chapters as they are committed, in reading order."""
    return all_decks((chapter, notebooks.read(chapter.path)) for chapter in project.chapters())


def deck_table(made: Iterable[Deck]) -> str:
    """Return the decks as a Markdown table for a page of the book."""
    lines = ["| Deck | Slides | Minutes | On paper |", "|:--|--:|--:|:--|"]
    for one in made:
        address = f"{FOLDER}/{one.name}.html"
        paper = f'<a href="{address}?print-pdf">slides</a>, <a href="{address}?print-pdf&amp;with-notes">with notes</a>'
        lines.append(f'| <a href="{address}">{one.title}</a> | {one.n_slides} | {one.minutes:.0f} | {paper} |')
    return "\n".join(lines) + "\n"
