"""What slides show of the book: statements and equations from its pages, figures from this build."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from html import escape
from pathlib import Path
from typing import Any

from kdbook.execution.chapters import Executed
from kdbook.markup import html, myst, svg
from kdbook.markup.elements import Directive
from kdbook.markup.elsewhere import Elsewhere
from kdbook.project import BookError, Project

_OPTIONS = {"caption", "beside", "height", "live"}
_NOT_BY_REVEAL = "data-prevent-swipe"
"""What keeps a swipe over a control from turning the slide."""


@dataclass(frozen=True)
class Book:
    """The parts of a rendered book that can be shown.

    Attributes
    ----------
    pages : mapping of str to str
        The HTML of each page, by name.
    figures : mapping of str to bytes
        The files of figures, by name.
    alternatives : mapping of str to str
        The alternative text of each drawing, by its name.
    frames : mapping of str to sequence of str
        The drawings of each stepped figure, by its label.
    live : mapping of str to str
        The live figure around each figure that has one, by the label of the latter.
    titles : mapping of str to str
        The title of the chapter that each drawing is from, by its name.
    elsewhere : mapping of str to str
        What parts are called that stand on pages which the book leaves out, by label.
    """

    pages: Mapping[str, str]
    figures: Mapping[str, bytes]
    alternatives: Mapping[str, str]
    frames: Mapping[str, tuple[str, ...]]
    live: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    _trees: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, folder: Path, project: Project, executed: Sequence[Executed]) -> Book:
        """Read a rendered book, whose chapters are ``executed``."""
        names = [page for page in project.pages() if (folder / f"{page}.html").is_file()]
        pages = {page: (folder / f"{page}.html").read_text(encoding="utf-8") for page in names}
        alternatives: dict[str, str] = {}
        frames: dict[str, tuple[str, ...]] = {}
        live: dict[str, str] = {}
        for result in executed:
            for cell in result.notebook.cells:
                if cell.cell_type == "markdown":
                    _read_figures(cell.source, alternatives, frames, live)
        figures = {name: data for result in executed for name, data in result.figures.items()}
        titles = {Path(name).stem: result.chapter.title for result in executed for name in result.figures}
        return cls(pages, figures, alternatives, frames, live, titles, Elsewhere.of(project).names)

    def drawings(self, label: str) -> tuple[str, ...]:
        """Return the names of the drawings of a figure: none if ``label`` is none of a figure."""
        return self.frames.get(label) or ((label,) if f"{label}.svg" in self.figures else ())

    def element(self, part: Directive, glyphs: set[str]) -> str:
        """Return what a ``{show}`` stands for, as HTML of a slide.

        Parameters
        ----------
        part : Directive
            The ``{show}``.
        glyphs : set of str
            The glyphs that drawings in the deck have brought along; those of this one are added.

        Raises
        ------
        BookError
            If the book has no such part, or the options are not known.
        """
        label, options = part.argument, part.options
        unknown = set(options) - _OPTIONS
        if unknown or part.body:
            raise BookError(f"{{show}} {label} takes the options {', '.join(sorted(_OPTIONS))} and no body")
        if "live" in options and (self.drawings(label) or label not in self.elsewhere):
            shown = self._live(label, glyphs)
        elif label in self.frames:
            shown = self._stack(self.frames[label], glyphs)
        elif f"{label}.svg" in self.figures:
            caption = self._caption(label) if "caption" in options else ""
            shown = f"<figure>{self._drawing(label, glyphs)}{caption}</figure>"
        else:
            shown = self._from_page(label)
        style = []
        if "height" in options:
            style.append(f"--deck-figure: {int(options['height'])}px")
        if "beside" in options:
            style.append(f"--deck-width: {options['beside'] or '56%'}")
        kind = "beside" if "beside" in options else "shown"
        return f'<div class="{kind}" style="{"; ".join(style)}">{shown}</div>' if style or kind == "beside" else shown

    def _live(self, label: str, glyphs: set[str]) -> str:
        """Return a live figure around the still one, which is shown on paper."""
        if label not in self.live or not self.drawings(label):
            known = ", ".join(sorted(self.live)) or "none"
            raise BookError(f"{{show}} {label} is no live figure of the book's chapters: these are {known}")
        return (
            f'<div class="live" data-live="{self.live[label]}" {_NOT_BY_REVEAL}>'
            f"<figure>{self._drawing(middle(self.drawings(label)), glyphs)}</figure></div>"
        )

    def _stack(self, names: tuple[str, ...], glyphs: set[str]) -> str:
        """Return drawings that replace each other at a key, the first of them there from the start."""
        last = len(names) - 1
        figures = []
        for place, name in enumerate(names):
            kind = "fade-out" if place == 0 else "current-visible" if place < last else ""
            step = max(place - 1, 0)
            drawing = self._drawing(name, glyphs)
            figures.append(f'<figure class="fragment {kind}" data-fragment-index="{step}">{drawing}</figure>')
        return f'<div class="r-stack">{"".join(figures)}</div>'

    def _drawing(self, name: str, glyphs: set[str]) -> str:
        drawing = self.figures[f"{name}.svg"].decode()
        return svg.inline(drawing, name, self.alternatives.get(name, ""), glyphs)

    def _caption(self, label: str) -> str:
        figure = self._find(label)
        texts = [] if figure is None else figure.xpath("(.//figcaption)[1]")
        texts = [text for caption in texts for text in caption.find_class("caption-text")]
        if not texts:
            raise BookError(f"the figure {label} has no caption to show")
        for link in texts[0].find_class("download"):
            link.drop_tree()
        words = html.inner(texts[0]).rstrip(string.whitespace + ",.")
        return f"<figcaption>{words}.</figcaption>"

    def _from_page(self, label: str) -> str:
        found = self._find(label)
        found = self._find(f"equation-{label}") if found is None else found
        if found is None and label in self.elsewhere:
            return f"<p><em>Not here: {escape(self.elsewhere[label])}</em></p>"
        if found is None:
            near = ", ".join(get_close_matches(label, sorted({*self.alternatives, *self._labels()}), n=3))
            raise BookError(f"{{show}} {label}: the book has no such part{f' (near: {near})' if near else ''}")
        for kind in ("uses", "headerlink", "visually-hidden"):
            for extra in found.find_class(kind):
                extra.drop_tree()
        for link in [*found.iter("a")]:
            link.drop_tag()
        for element in found.iter("*"):
            element.attrib.pop("id", None)
            element.tag = "div" if element.tag == "section" else element.tag  # to reveal.js a section is a slide
        found.classes.discard("admonition")
        return html.outer(found)

    def _labels(self) -> set[str]:
        ids = {str(name) for page in self.pages for name in self._tree(page).xpath("//@id[not(ancestor::svg)]")}
        return ids | {name.removeprefix("equation-") for name in ids}

    def _find(self, identifier: str) -> Any:
        """Return a copy of the element with an id, or None if no page has one."""
        for page, text in self.pages.items():
            if f'"{identifier}"' in text:  # other pages need not be parsed
                for element in self._tree(page).xpath("//*[@id=$identifier]", identifier=identifier):
                    return deepcopy(element)
        return None

    def _tree(self, page: str) -> Any:
        if page not in self._trees:
            self._trees[page] = html.page(self.pages[page])
        return self._trees[page]


def middle(frames: Sequence[str]) -> str:
    """Return the drawing that stands for a stepped figure where one is shown: not the first, where little is there."""
    return frames[len(frames) // 2]


def _read_figures(
    source: str, alternatives: dict[str, str], frames: dict[str, tuple[str, ...]], live: dict[str, str]
) -> None:
    for part in myst.directives(source, lambda box: box.name not in ("figure", "stepped-figure")):
        if part.name == "stepped-figure":
            inner = [box for box in myst.directives(part.body) if box.name == "figure"]
            frames[part.label] = tuple(Path(frame.argument).stem for frame in inner)
            for frame in inner:
                alternatives[Path(frame.argument).stem] = frame.options.get("alt", "")
        elif part.name == "live":
            live |= {box.label: part.argument for box in myst.directives(part.body)}
        elif part.name == "figure":
            alternatives[Path(part.argument).stem] = part.options.get("alt", "")
