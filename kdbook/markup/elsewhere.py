"""Pages that a book leaves out: what they are called, so that references to them become words.

A page is left out if its file lies in ``book/`` and ``_toc.yml`` does not list it, or if ``elsewhere.yml`` lists it:
``kdcore course`` writes that file, as a course has not the files of other chapters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import yaml
from docutils.nodes import make_id  # type: ignore[import-untyped]

from kdbook.execution import notebooks
from kdbook.markup import myst
from kdbook.markup.elements import Directive, Element, Equation, Heading, Target
from kdbook.markup.named import named
from kdbook.project import BookError, Project

FILE = "elsewhere.yml"
_LABELLED = {"figure": "a figure", "stepped-figure": "a figure", "table": "a table", "quiz": "a question"}
"""Boxes that have a number or nothing of their own to be called by, in words."""


@dataclass(frozen=True)
class Place:
    """Something on a page that is left out: the page, the id there, and what it is called."""

    page: str
    anchor: str
    words: str


@dataclass(frozen=True)
class Elsewhere:
    """What is on pages that a book leaves out.

    Attributes
    ----------
    address : str
        Of the rendered book that has these pages, with a slash at its end; empty if it has none.
    pages : mapping of str to str
        Their titles, by name.
    labels : mapping of str to Place
        What references lead to there.
    terms : mapping of str to Place
        What a glossary there explains, in lower case.
    bibliography : str
        The page with the bibliography, if it is left out.
    figures : frozenset of str
        The names of the figures that their cells save.
    """

    address: str = ""
    pages: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Place] = field(default_factory=dict)
    terms: Mapping[str, Place] = field(default_factory=dict)
    bibliography: str = ""
    figures: frozenset[str] = frozenset()

    @property
    def names(self) -> dict[str, str]:
        """What each label is called."""
        return {label: place.words for label, place in self.labels.items()}

    @classmethod
    def of(cls, project: Project, own: Collection[str] | None = None) -> Elsewhere:
        """Return what is on the pages that a project leaves out.

        Parameters
        ----------
        project : Project
            The book.
        own : collection of str, optional
            The pages that are not left out; those that ``_toc.yml`` lists, if it is not given.

        Raises
        ------
        BookError
            If a page, or ``elsewhere.yml``, cannot be read.
        """
        told = read(project.book)
        present = project.pages()
        own = present if own is None else own
        left_out = [page for page in [*present, *project.left_out()] if page not in own]
        if not left_out:
            return told
        sources = {page: list(texts(project, page)) for page in left_out}
        titles = {page: next(filter(None, map(myst.title, found)), page) for page, found in sources.items()}
        labels = {place[0]: place[1] for page in left_out for place in _labels(page, titles[page], sources[page])}
        inside = {page: [e for text in sources[page] for e in _elements(page, text)] for page in left_out}
        known = {label for page in own for text in texts(project, page) for label in _own(_elements(page, text))}
        boxes = [(page, e.content) for page in left_out for e in inside[page] if isinstance(e.content, Directive)]
        glossaries = [(page, box) for page, box in boxes if box.name == "glossary"]
        terms = {
            term.lower(): Place(page, _term_id(term), term)
            for page, box in glossaries
            for names, _ in entries(box.body)
            for term in names
        }
        return cls(
            told.address or address(project),
            {**told.pages, **titles},
            {label: place for label, place in {**told.labels, **labels}.items() if label not in known},
            {**told.terms, **terms},
            next((page for page, box in boxes if box.name == "bibliography"), told.bibliography),
            told.figures | {Path(box.argument).stem for _, box in boxes if box.name == "figure"},
        )

    def only(self, labels: Set[str], pages: Set[str], figures: Set[str]) -> Elsewhere:
        """Return what some references need: those to labels, to pages, and pictures."""
        places = {label: place for label, place in self.labels.items() if label in labels}
        titles = {page: title for page, title in self.pages.items() if page in pages}
        return replace(self, pages=titles, labels=places, terms={}, bibliography="", figures=self.figures & figures)

    def to_text(self) -> str:
        """Return it as ``elsewhere.yml`` holds it; empty if there is nothing."""
        if not (self.pages or self.labels or self.terms):
            return ""

        def listed(places: Mapping[str, Place]) -> dict[str, list[str]]:
            return {name: [place.page, place.anchor, place.words] for name, place in sorted(places.items())}

        values = {
            "address": self.address,
            "bibliography": self.bibliography,
            "pages": dict(self.pages),
            "labels": listed(self.labels),
            "terms": listed(self.terms),
            "figures": sorted(self.figures),
        }
        return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=120)


def read(folder: Path) -> Elsewhere:
    """Return what ``elsewhere.yml`` in a folder says; nothing if there is no such file.

    Raises
    ------
    BookError
        If it is not as ``kdcore course`` writes it.
    """
    path = folder / FILE
    try:
        return _parsed(path.read_text(encoding="utf-8")) if path.is_file() else Elsewhere()
    except (OSError, UnicodeDecodeError, yaml.YAMLError, AttributeError, TypeError) as error:
        raise BookError(f"cannot read {path}: {error}") from None


@cache
def _parsed(text: str) -> Elsewhere:
    values: dict[str, Any] = yaml.safe_load(text) or {}

    def places(kind: str) -> dict[str, Place]:
        return {str(name): Place(*map(str, place)) for name, place in (values.get(kind) or {}).items()}

    return Elsewhere(
        _whole(str(values.get("address") or ""), FILE),
        {str(page): str(title) for page, title in (values.get("pages") or {}).items()},
        places("labels"),
        places("terms"),
        str(values.get("bibliography") or ""),
        frozenset(map(str, values.get("figures") or ())),
    )


def address(project: Project) -> str:
    """Return ``html: baseurl`` of ``_config.yml``, with a slash at its end, or an empty text if it is not set."""
    config = yaml.safe_load((project.root / "_config.yml").read_text(encoding="utf-8")) or {}
    return _whole(str((config.get("html") or {}).get("baseurl") or ""), "_config.yml: html: baseurl")


def _whole(address: str, where: str) -> str:
    if address and not address.startswith(("https://", "http://")):
        raise BookError(f"{where}: the address of the book must begin with https:// or http://, got {address!r}")
    return address if address.endswith("/") or not address else f"{address}/"


def texts(project: Project, page: str) -> Iterator[str]:
    """Yield the Markdown of a page: of a chapter cell by cell, those for slides alone among them."""
    notebook = project.book / f"{page}.ipynb"
    if notebook.is_file():
        yield from (cell.source for cell in notebooks.read(notebook).cells if cell.cell_type == "markdown")
    else:
        yield (project.book / f"{page}.md").read_text(encoding="utf-8")


def entries(glossary: str) -> Iterator[tuple[list[str], str]]:
    """Yield the entries of a glossary's body: the terms, and the lines that hold them and what they mean."""
    lines: list[str] = []
    explained = False
    for line in [*glossary.split("\n"), "end"]:
        begins = bool(line.strip()) and not line[0].isspace()
        if begins and explained:
            yield _terms(lines), "\n".join(lines).strip("\n")
            lines, explained = [], False
        if line.startswith(":") and not lines:
            continue  # an option
        explained = explained or (bool(line.strip()) and not begins)
        lines.append(line)


def _terms(lines: list[str]) -> list[str]:
    return [line.split(" : ")[0].strip() for line in lines if line.strip() and not line[0].isspace()]


def _term_id(term: str) -> str:
    """Return the id that Sphinx gives to a term."""
    letters = normalize("NFKD", f"term-{term}").encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-zA-Z0-9._]+", "-", letters).strip("-")


def _elements(page: str, text: str) -> tuple[Element, ...]:
    try:
        return myst.elements(text, inside=True)
    except ValueError as error:
        raise BookError(f"page {page}: {error}") from None


def _own(found: tuple[Element, ...]) -> Iterator[str]:
    for element in found:
        if isinstance(element.content, (Directive, Equation)) and element.content.label:
            yield element.content.label
        elif isinstance(element.content, Target):
            yield element.content.name


def _labels(page: str, title: str, sources: list[str]) -> Iterator[tuple[str, Place]]:
    """Yield the labels of a page: what has a name by it, anything else by the page's title."""
    words = dict(pair for text in sources for pair in named(text))
    for text in sources:
        target = ""
        for element in _elements(page, text):
            content = element.content
            if target:
                heading = content.words if isinstance(content, Heading) else title
                yield target, Place(page, make_id(target), words.get(target, heading))
            target = content.name if isinstance(content, Target) else ""
            if isinstance(content, Equation):
                yield content.label, Place(page, make_id(f"equation-{content.label}"), f"an equation in {title}")
            elif isinstance(content, Directive) and content.label:
                kind = _LABELLED.get(content.name)
                name = words.get(content.label, f"{kind} in {title}" if kind else title)
                yield content.label, Place(page, _anchor(content), name)


def _anchor(box: Directive) -> str:
    return box.label if box.name.startswith("prf:") else make_id(box.label)
