"""What slides show of the book: statements and equations from its pages, figures from this build."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from kdbook.execution.chapters import Executed
from kdbook.markup import myst, svg
from kdbook.markup.elements import Directive
from kdbook.markup.html import element_end
from kdbook.project import BookError, Project

_OPTIONS = {"caption", "beside", "height"}


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
    """

    pages: Mapping[str, str]
    figures: Mapping[str, bytes]
    alternatives: Mapping[str, str]
    frames: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, folder: Path, project: Project, executed: Sequence[Executed]) -> Book:
        """Read a rendered book, whose chapters are ``executed``."""
        names = [page for page in project.pages() if (folder / f"{page}.html").is_file()]
        pages = {page: (folder / f"{page}.html").read_text(encoding="utf-8") for page in names}
        alternatives: dict[str, str] = {}
        frames: dict[str, tuple[str, ...]] = {}
        for result in executed:
            for cell in result.notebook.cells:
                if cell.cell_type == "markdown":
                    _read_figures(cell.source, alternatives, frames)
        figures = {name: data for result in executed for name, data in result.figures.items()}
        return cls(pages, figures, alternatives, frames)

    def element(self, part: Directive) -> str:
        """Return what a ``{show}`` stands for, as HTML of a slide.

        Raises
        ------
        BookError
            If the book has no such part, or the options are not known.
        """
        label, options = part.argument, part.options
        unknown = set(options) - _OPTIONS
        if unknown or part.body:
            raise BookError(f"{{show}} {label} takes the options {', '.join(sorted(_OPTIONS))} and no body")
        if label in self.frames:
            shown = self._stack(self.frames[label])
        elif f"{label}.svg" in self.figures:
            shown = f"<figure>{self._drawing(label)}{self._caption(label) if 'caption' in options else ''}</figure>"
        else:
            shown = self._from_page(label)
        style = []
        if "height" in options:
            style.append(f"--deck-figure: {int(options['height'])}px")
        if "beside" in options:
            style.append(f"--deck-width: {options['beside'] or '56%'}")
        kind = "beside" if "beside" in options else "shown"
        return f'<div class="{kind}" style="{"; ".join(style)}">{shown}</div>' if style or kind == "beside" else shown

    def _stack(self, names: tuple[str, ...]) -> str:
        """Return drawings that replace each other at a key, the first of them there from the start."""
        last = len(names) - 1
        figures = []
        for place, name in enumerate(names):
            kind = "fade-out" if place == 0 else "current-visible" if place < last else ""
            step = max(place - 1, 0)
            drawing = self._drawing(name)
            figures.append(f'<figure class="fragment {kind}" data-fragment-index="{step}">{drawing}</figure>')
        return f'<div class="r-stack">{"".join(figures)}</div>'

    def _drawing(self, name: str) -> str:
        drawing = self.figures[f"{name}.svg"].decode()
        return svg.inline(drawing, name, self.alternatives.get(name, ""))

    def _caption(self, label: str) -> str:
        figure = self._find(label)
        caption = figure.find("figcaption") if figure else None
        text = caption.find(class_="caption-text") if isinstance(caption, Tag) else None
        if not isinstance(text, Tag):
            raise BookError(f"the figure {label} has no caption to show")
        for link in text.find_all("a", class_="download"):
            link.decompose()
        words = re.sub(r"[\s,.]*$", "", text.decode_contents())
        return f"<figcaption>{words}.</figcaption>"

    def _from_page(self, label: str) -> str:
        found = self._find(label) or self._find(f"equation-{label}")
        if found is None:
            near = ", ".join(get_close_matches(label, sorted({*self.alternatives, *self._labels()}), n=3))
            raise BookError(f"{{show}} {label}: the book has no such part{f' (near: {near})' if near else ''}")
        for extra in found.select("p.uses, a.headerlink, span.visually-hidden"):
            extra.decompose()
        for link in found.select("a"):
            link.unwrap()
        for element in [found, *found.find_all(True)]:
            element.attrs.pop("id", None)
            element.name = "div" if element.name == "section" else element.name  # to reveal.js a section is a slide
        found["class"] = " ".join(kind for kind in found.get_attribute_list("class") if kind != "admonition")
        return str(found)

    def _labels(self) -> set[str]:
        ids = {name for page in self.pages.values() for name in re.findall(r'\bid="([^"]+)"', page)}
        return ids | {name.removeprefix("equation-") for name in ids}

    def _find(self, identifier: str) -> Tag | None:
        opening = re.compile(rf'<(?P<tag>\w+)\b[^>]*? id="{re.escape(identifier)}"')
        for text in self.pages.values():
            match = opening.search(text) if f' id="{identifier}"' in text else None
            if match is not None:  # the element alone: to parse a whole page takes half a second
                element = text[match.start() : element_end(text, match["tag"], match.start())]
                return BeautifulSoup(element, "html.parser").find(True)
        return None


def _read_figures(source: str, alternatives: dict[str, str], frames: dict[str, tuple[str, ...]]) -> None:
    for part in myst.directives(source, lambda box: box.name not in ("figure", "stepped-figure")):
        if part.name == "stepped-figure":
            inner = [box for box in myst.directives(part.body) if box.name == "figure"]
            frames[part.label] = tuple(Path(frame.argument).stem for frame in inner)
            for frame in inner:
                alternatives[Path(frame.argument).stem] = frame.options.get("alt", "")
        elif part.name == "figure":
            alternatives[Path(part.argument).stem] = part.options.get("alt", "")
