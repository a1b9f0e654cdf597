"""What pages refer to, and what of a glossary, a bibliography or a quiz belongs to some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pybtex.database import BibliographyData, parse_string

from kdbook.markup import elsewhere, myst
from kdbook.markup.elements import Directive, Link, Role
from kdbook.markup.elsewhere import Elsewhere

_LABELS = ("prf:ref", "ref", "numref", "eq")
_CITED = ("cite", "cite:p", "cite:t")


@dataclass(frozen=True)
class References:
    """What texts refer to.

    Attributes
    ----------
    labels, pages, terms, works, figures, live : frozenset of str
        Labels, pages, terms in lower case, keys of the bibliography, names of pictures, names of live figures.
    """

    labels: frozenset[str]
    pages: frozenset[str]
    terms: frozenset[str]
    works: frozenset[str]
    figures: frozenset[str]
    live: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> References:
        """Return what texts in MyST Markdown refer to.

        Raises
        ------
        ValueError
            If a directive is not closed.
        """
        found = [element.content for text in texts for element in myst.elements(text, inside=True)]
        roles = [content for content in found if isinstance(content, Role)]
        links = [content for content in found if isinstance(content, Link)]
        boxes = [content for content in found if isinstance(content, Directive)]
        anchors = {link.address.removeprefix("#") for link in links if link.address.startswith("#")}
        shown = {box.argument for box in boxes if box.name == "show"}
        pages = {link.page for link in links if link.page} | {role.target for role in roles if role.name == "doc"}
        return cls(
            frozenset({role.target for role in roles if role.name in _LABELS} | anchors | shown),
            frozenset(page.lstrip("/") for page in pages),
            frozenset(_term(role.target) for role in roles if role.name == "term"),
            frozenset(key.strip() for role in roles if role.name in _CITED for key in role.target.split(",")),
            frozenset(Path(box.argument).stem for box in boxes if box.name == "figure"),
            frozenset(box.argument for box in boxes if box.name == "live"),
        )


def _term(words: str) -> str:
    return " ".join(words.lower().split())


def glossary(body: str, terms: Collection[str]) -> str:
    """Return the entries of a glossary that explain some terms, and those that these need; empty if there are none.

    Parameters
    ----------
    body : str
        The body of its directive.
    terms : collection of str
        The terms, in lower case.
    """
    owners: dict[str, int] = {}
    texts: list[str] = []
    for place, (names, text) in enumerate(elsewhere.entries(body)):
        owners |= {_term(name): place for name in names}
        texts.append(text)
    kept: set[int] = set()
    todo = [owners[term] for term in terms if term in owners]
    while todo:
        place = todo.pop()
        if place not in kept:
            kept.add(place)
            todo += [owners[term] for term in References.of([texts[place]]).terms if term in owners]
    return "\n\n".join(texts[place] for place in sorted(kept))


def bibliography(text: str, keys: Collection[str]) -> str:
    """Return the entries of a file of BibTeX with some keys, in their order; empty if there are none."""
    entries = parse_string(text, "bibtex").entries
    kept = {key: entry for key, entry in entries.items() if key in keys}
    return str(BibliographyData(kept).to_string("bibtex")) if kept else ""


def questions(text: str, chapters: Collection[str], whole: Elsewhere) -> Iterator[str]:
    """Yield the questions of a page that are about some chapters: they lead to one of them, and to no other page.

    Parameters
    ----------
    text : str
        The page.
    chapters : collection of str
        The names of the chapters.
    whole : Elsewhere
        What is on all pages of the book.
    """
    for element in myst.elements(text):
        if isinstance(element.content, Directive) and element.content.name == "quiz":
            question = text[element.start : element.end]
            leads = leads_to(question, whole)
            if leads and leads <= set(chapters):
                yield question


def leads_to(text: str, whole: Elsewhere) -> set[str]:
    """Return the pages that a text leads to, itself or by a label.

    Parameters
    ----------
    text : str
        In MyST Markdown.
    whole : Elsewhere
        What is on all pages of the book.
    """
    references = References.of([text])
    return {whole.labels[label].page for label in references.labels if label in whole.labels} | set(references.pages)
