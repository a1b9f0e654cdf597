"""Slides: the cells of a chapter that carry slide metadata, as a reveal.js deck by nbconvert.

A cell tagged ``slide`` is for the slides alone (with ``remove-cell``, pages do not show it).  In such a cell

- a fenced ``{show} LABEL`` stands for a part of the book: a statement, an equation or a figure, as this build made it;
  its options are ``:caption:`` (with the figure's caption), ``:beside: 50%`` (text flows on its left) and
  ``:height: 400`` (of a figure, in pixels of 720);
- items of a list that begin with ``+`` appear one at a time;
- a cell of the type ``notes`` is what the speaker sees, and begins with how long the slide takes: ``**2 min.**``

Everything else is the Markdown of chapters.  Of a code cell tagged ``slide-output``, slides show only what it printed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from kdbook import palette
from kdbook.course.deck_parts import Book
from kdbook.execution import notebooks
from kdbook.execution.chapters import Executed
from kdbook.markup import html, myst
from kdbook.markup.elements import Directive, Item
from kdbook.markup.labels import Labels
from kdbook.markup.plain import Plain, glued
from kdbook.markup.typeface import typeface
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
_REVEAL = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")
_MINUTES = re.compile(r"^\*\*(\d+(?:\.5)?) min\.\*\*")
_STEP = '<span class="step"></span>'


@dataclass(frozen=True)
class Deck:
    """The slides of one chapter.

    Attributes
    ----------
    name, title : str
        Of the chapter.
    cells : sequence of NotebookNode
        Those that the deck consists of, in order.
    """

    name: str
    title: str
    cells: Sequence[NotebookNode]

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
    return Deck(name, title, cells)


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


def write(project: Project, executed: Sequence[Executed], pages: Path, numbers: Mapping[str, str]) -> list[Deck]:
    """Write the decks of all chapters that have slides into a rendered book.

    Parameters
    ----------
    project : Project
        The book.
    executed : sequence of Executed
        Its chapters, with their figures.
    pages : Path
        The rendered pages, from which statements and equations are taken.
    numbers : mapping of str to str
        What Sphinx calls the parts that it numbered in them, by label.

    Raises
    ------
    BookError
        If a slide shows something that the book has not.
    """
    wanted = all_decks(_pairs(executed))
    if not wanted:
        return []
    template = project.book / TEMPLATE
    folder = pages / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "reveal").mkdir(parents=True)
    reveal = files("sphinx_revealjs") / "_static/revealjs"
    for name in _REVEAL:
        (folder / "reveal" / Path(name).name).write_bytes((reveal / name).read_bytes())
    from pygments.formatters import HtmlFormatter

    style = [typeface(project.build / "typeface.css"), HtmlFormatter(style="tango").get_style_defs(".highlight")]
    style.append(palette.light())
    style.append((template / "deck.css").read_text(encoding="utf-8"))
    (folder / "deck.css").write_text("\n".join(style), encoding="utf-8")
    shutil.copy(template / "deck.js", folder / "deck.js")
    labels = Labels.of(project, numbers)
    book = Book.of(pages, project, executed)
    exporter = _exporter(project)
    values = {result.chapter.name: glued(result.notebook) for result in executed}
    for made in wanted:
        text = _export(exporter, project.title(), made, labels, values[made.name], book)
        (folder / f"{made.name}.html").write_text(text, encoding="utf-8")
    return wanted


def _pairs(executed: Sequence[Executed]) -> list[tuple[Chapter, NotebookNode]]:
    return [(result.chapter, result.notebook) for result in executed]


def _export(exporter: Any, title: str, made: Deck, labels: Labels, values: Mapping[str, str], book: Book) -> str:
    shows: list[Directive] = []

    def show(part: Directive) -> str:
        shows.append(part)
        return f"\n{_placeholder(len(shows) - 1)}\n"

    turn = Plain(labels, values, {"show": show})
    cells = []
    for cell in made.cells:
        copy = nbformat.from_dict(dict(cell))  # type: ignore[no-untyped-call]
        if cell.cell_type == "markdown":
            try:
                copy.source = _with_steps(turn.markdown(cell.source))
            except BookError as error:
                raise BookError(f"{made.name}, slide {cell.source[:50]!r}: {error}") from None
        else:  # values that glue keeps for the prose are not shown
            copy.outputs = [output for output in cell.outputs if "scrapbook" not in output.get("metadata", {})]
        cells.append(copy)
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    resources = {"deck": {"title": made.title, "page": made.name, "foot": f"{title} · {made.title}"}}
    body, _ = exporter.from_notebook_node(notebook, resources=resources)
    glyphs: set[str] = set()
    try:
        for number, part in enumerate(shows):
            body = body.replace(_placeholder(number), book.element(part, glyphs))
    except BookError as error:
        raise BookError(f"slides of {made.name}: {error}") from None
    return str(body)


def _placeholder(number: int) -> str:
    """Return what stands in a slide for a part of the book until the slide is HTML."""
    return f'<div data-show="{number}"></div>'


def _with_steps(text: str) -> str:
    """Return Markdown whose items that begin with ``+`` are marked; formulas and code keep theirs."""
    marks = [element for element in myst.elements(text) if element.content == Item("+")]
    return myst.rewritten(text, [(mark.start, mark.end + (text[mark.end] == " "), f"- {_STEP}") for mark in marks])


def _as_fragments(text: str) -> str:
    """Return a slide's HTML whose marked items reveal.js shows one at a time."""
    if _STEP not in text:
        return text
    root = html.piece(text)
    for step in root.find_class("step"):
        next(step.iterancestors("li")).set("class", "fragment")
        step.drop_tree()
    return html.inner(root)


def _exporter(project: Project) -> Any:
    from jinja2 import pass_context
    from nbconvert import SlidesExporter  # slow to import, and few commands make decks
    from traitlets.config import Config

    class Slides(SlidesExporter):
        @pass_context
        def markdown2html(self, context: Any, source: str) -> str:
            return _as_fragments(super().markdown2html(context, source))

    config = Config()
    config.SlidesExporter.template_file = str(project.book / TEMPLATE / "deck.html.j2")
    config.SlidesExporter.exclude_anchor_links = True
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_input_tags = {"hide-input", "remove-input", OUTPUT_ONLY}
    config.TagRemovePreprocessor.remove_all_outputs_tags = {"remove-output"}
    return Slides(config)  # type: ignore[no-untyped-call]
