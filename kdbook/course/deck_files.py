"""The files of decks: what nbconvert makes of their cells, with the parts of the book that they show."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import nbformat

from kdbook import palette
from kdbook.course.deck_parts import Book, middle
from kdbook.course.decks import FOLDER, LIVE, OUTPUT_ONLY, PICTURE, SHOW, TEMPLATE, Deck, all_decks, deck
from kdbook.execution.chapters import Executed
from kdbook.markup import html, myst, svg
from kdbook.markup.elements import Directive, Item
from kdbook.markup.labels import Labels
from kdbook.markup.plain import Plain, glued
from kdbook.markup.typeface import typeface
from kdbook.project import BookError, Project

SCRIPTS = ("maths.js", "live.js", "equations.js")
"""Scripts of pages that decks load, too, from ``_static/js``, in order."""
MATHJAX = "mathjax"
_BESIDE, _ABOVE, _WIDE = ":beside: 52%\n:height: 540", ":height: 250", 2.2
"""How the picture of a title slide stands beside the text, or above it if it is so many times wider than it is high."""
_REVEAL = ("dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js")
_STEP = '<span class="step"></span>'


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
    wanted = all_decks((result.chapter, result.notebook) for result in executed)
    if not wanted:
        return []
    folder = pages / FOLDER
    _lay_out(project, folder)
    maker = _Maker(project, Labels.of(project, numbers), Book.of(pages, project, executed), _exporter(project))
    values = {result.chapter.name: glued(result.notebook) for result in executed}
    for made in wanted:
        (folder / f"{made.name}.html").write_text(maker.text(made, values[made.name]), encoding="utf-8")
    return wanted


def write_alone(
    project: Project, executed: Sequence[Executed], name: str, labels: Labels, said: str, folder: Path
) -> tuple[Path, dict[str, str]]:
    """Write the deck of one chapter into a folder of its own, with all that it loads.

    Parameters
    ----------
    project : Project
        The book, rendered.
    executed : sequence of Executed
        Its chapters; the one of the deck as it was run for it.
    name : str
        That chapter.
    labels : Labels
        What the book calls its parts.
    said : str
        With which parameters it ran, for the foot of each slide.
    folder : Path
        Where to.

    Returns
    -------
    path : Path
        The deck.
    others : dict of str to str
        The figures on it that other chapters have drawn, and the title of each of these chapters.
    """
    (result,) = (result for result in executed if result.chapter.name == name)
    made = deck_of(result)
    _lay_out(project, folder)
    shutil.copytree(project.html / "_static" / MATHJAX, folder / MATHJAX)
    book = Book.of(project.html, project, executed)
    maker = _Maker(project, labels, book, _exporter(project), MATHJAX, f" · {said}")
    path = folder / f"{name}.html"
    path.write_text(maker.text(made, glued(result.notebook)), encoding="utf-8")
    own = {Path(file).stem for file in result.figures}
    drawn = [drawing for label in maker.shown for drawing in book.drawings(label)[:1]]
    return path, {drawing: book.titles[drawing] for drawing in drawn if drawing not in own}


def deck_of(result: Executed) -> Deck:
    """Return the deck of a chapter.

    Raises
    ------
    BookError
        If it has none.
    """
    made = deck(result.chapter.name, result.chapter.title, result.notebook)
    if made is None:
        raise BookError(f"the chapter {result.chapter.name} has no slides: 'kdcore slides' lists those that have")
    return made


def _lay_out(project: Project, folder: Path) -> None:
    """Make a folder with what all decks load."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "reveal").mkdir(parents=True)
    reveal = files("sphinx_revealjs") / "_static/revealjs"
    for name in _REVEAL:
        (folder / "reveal" / Path(name).name).write_bytes((reveal / name).read_bytes())
    from pygments.formatters import HtmlFormatter

    static, template = project.book / "_static", project.book / TEMPLATE
    style = [typeface(project.build / "typeface.css"), HtmlFormatter(style="tango").get_style_defs(".highlight")]
    style.append(palette.light())
    looks = [path for path in (static / "css" / "live.css", template / "deck.css") if path.is_file()]
    style += [path.read_text(encoding="utf-8") for path in looks]
    (folder / "deck.css").write_text("\n".join(style), encoding="utf-8")
    shutil.copy(template / "deck.js", folder / "deck.js")
    scripts = [path for name in SCRIPTS if (path := static / "js" / name).is_file()]
    for path in [*scripts, *(static / "live").glob("*.js")]:
        (folder / path.parent.name).mkdir(exist_ok=True)
        shutil.copy(path, folder / path.parent.name / path.name)


@dataclass
class _Maker:
    """Makes the HTML of decks, and notes what their slides show."""

    project: Project
    labels: Labels
    book: Book
    exporter: Any
    mathjax: str = f"../_static/{MATHJAX}"
    said: str = ""
    shown: list[str] = field(default_factory=list)

    def text(self, made: Deck, values: Mapping[str, str]) -> str:
        """Return a deck, with the values that its chapter has computed for prose."""
        shows: list[Directive] = []

        def show(part: Directive) -> str:
            shows.append(part)
            return f"\n{_placeholder(len(shows) - 1)}\n"

        turn = Plain(self.labels, values, {SHOW: show})
        cells = []
        for place, cell in enumerate(made.cells):
            copy = nbformat.from_dict(dict(cell))  # type: ignore[no-untyped-call]
            if cell.cell_type == "markdown":
                source = cell.source if place else self._with_picture(made)
                try:
                    copy.source = _with_steps(turn.markdown(source))
                except BookError as error:
                    raise BookError(f"{made.name}, slide {cell.source[:50]!r}: {error}") from None
            else:  # values that glue keeps for the prose are not shown
                copy.outputs = [output for output in cell.outputs if "scrapbook" not in output.get("metadata", {})]
            cells.append(copy)
        notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
        self.shown += [part.argument for part in shows]
        body, _ = self.exporter.from_notebook_node(notebook, resources={"deck": self._resources(made, shows)})
        glyphs: set[str] = set()
        try:
            for number, part in enumerate(shows):
                body = body.replace(_placeholder(number), self.book.element(part, glyphs))
        except BookError as error:
            raise BookError(f"slides of {made.name}: {error}") from None
        return str(body)

    def _resources(self, made: Deck, shows: Sequence[Directive]) -> dict[str, Any]:
        live = dict.fromkeys(self.book.live.get(part.argument, "") for part in shows if LIVE in part.options)
        scripts = {name: (self.project.book / "_static/js" / name).is_file() for name in SCRIPTS}
        return {
            "title": made.title,
            "page": made.name,
            "foot": f"{self.project.title()} · {made.title}{self.said}",
            "alone": bool(self.said),
            "mathjax": self.mathjax,
            "live": [name for name in live if name],
            "scripts": [name for name, there in scripts.items() if there],
        }

    def _with_picture(self, made: Deck) -> str:
        """Return the title slide with the first of its pictures that the book has, beside the text."""
        source = str(made.cells[0].source)
        named = made.cells[0].metadata["slideshow"].get(PICTURE)
        if named and not self.book.drawings(named) and not self.book.elsewhere:  # of a course, it may be left out
            raise BookError(f"the title slide of {made.name} names the picture {named!r}, which no chapter draws")
        drawings = (self.book.drawings(name) for name in made.pictures)
        names = next(filter(None, drawings), ())
        if not names or f"{{{SHOW}}}" in source:
            return source
        heading, _, rest = source.partition("\n")
        name = middle(names)
        place = _ABOVE if svg.ratio(self.book.figures[f"{name}.svg"].decode()) > _WIDE else _BESIDE
        return f"{heading}\n\n```{{{SHOW}}} {name}\n{place}\n```\n\n{rest}"


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
