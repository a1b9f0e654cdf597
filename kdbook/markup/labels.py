"""What the book calls its parts: numbers as Sphinx counted them, names and titles as the chapters have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import Person, parse_file

from kdbook.execution import notebooks
from kdbook.markup import myst
from kdbook.markup.elsewhere import Elsewhere
from kdbook.markup.named import named
from kdbook.project import BookError, Chapter, Project

NUMBERS, COUNTER = "numbers.json", "numbers"
"""The file of what Sphinx calls the parts that it numbers, and the builder of :mod:`kdbook.sphinx_ext.numbers`."""


@dataclass(frozen=True)
class Labels:
    """What the book calls its parts.

    Attributes
    ----------
    names : mapping of str to str
        By label: ``Theorem 3.1`` for a statement, ``(2.3)`` for an equation, ``Fig. 2.1`` for a figure,
        ``Exercise “…”`` for an exercise, the heading for a section.  On pages that the book leaves out, ``an equation
        in …`` and ``a figure in …``.
    titles : mapping of str to str
        Of pages, by name.
    works : mapping of str to tuple
        Authors and year, by key of the bibliography.
    """

    names: Mapping[str, str]
    titles: Mapping[str, str]
    works: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, project: Project, numbers: Mapping[str, str]) -> Labels:
        """Return the labels of a project.

        Parameters
        ----------
        project : Project
            The book, whose chapters say how statements, exercises and sections are called.
        numbers : mapping of str to str
            What Sphinx calls the parts that it numbers, by label: :mod:`kdbook.site.numbers` has them.
        """
        chapters = project.chapters()
        elsewhere = Elsewhere.of(project)
        names = elsewhere.names | {label: name for chapter in chapters for label, name in _words(chapter)}
        titles = {**elsewhere.pages, **{chapter.name: chapter.title for chapter in chapters}}
        for page in project.pages():
            path = project.book / f"{page}.md"
            if path.is_file():
                titles[page] = myst.title(path.read_text(encoding="utf-8")) or page
        bibliography = project.book / "references.bib"
        return cls(names | dict(numbers), titles, works(bibliography) if bibliography.is_file() else {})


def _words(chapter: Chapter) -> Iterator[tuple[str, str]]:
    """Yield the labels of a chapter that are called by words, and these."""
    for cell in notebooks.read(chapter.path).cells:
        try:
            yield from named(cell.source) if cell.cell_type == "markdown" else ()
        except ValueError as error:
            raise BookError(f"chapter {chapter.name}: {error}") from None


def works(bibliography: Path) -> dict[str, tuple[str, str]]:
    """Return the authors and the year of each work in a file of BibTeX, by key."""
    entries = parse_file(str(bibliography)).entries
    return {key: (_authors(entry.persons.get("author", [])), entry.fields["year"]) for key, entry in entries.items()}


def _authors(persons: list[Person]) -> str:
    names = [" ".join(part.strip("{}") for part in (*p.prelast_names, *p.last_names)) for p in persons]
    if len(names) > 3:
        return f"{names[0]} et al."
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def citation(role: str, cited: Iterable[tuple[str, str]]) -> str:
    """Return works in words: as part of a sentence where the role of the citation is ``t``, else in brackets."""
    if role == "t":
        return ", ".join(f"{authors} ({year})" for authors, year in cited)
    return f"({'; '.join(f'{authors} {year}' for authors, year in cited)})"
