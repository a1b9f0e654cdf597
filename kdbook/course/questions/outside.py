"""Text of the book on another platform: references lead to the book, or say where in the book to look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kdbook.markup import myst
from kdbook.markup.elements import Element, Link, Role
from kdbook.markup.elsewhere import Elsewhere
from kdbook.markup.labels import Labels
from kdbook.markup.plain import Plain
from kdbook.project import BookError

_TO_LABELS = ("prf:ref", "ref", "numref", "eq")


@dataclass(frozen=True)
class Outside:
    """Writes the book's Markdown for readers who do not have its pages beside them.

    Attributes
    ----------
    labels : Labels
        What the book calls its parts.
    whole : Elsewhere
        What is on all its pages, and its address; without one, references are words.
    """

    labels: Labels
    whole: Elsewhere

    def markdown(self, text: str) -> str:
        """Return a text in plain Markdown.

        Raises
        ------
        BookError
            If a reference leads to nothing, or something has no plain form.
        """
        try:
            found = myst.elements(text)
        except ValueError as error:
            raise BookError(str(error)) from None
        changes = [change for element in found for change in self._changes(element)]
        return Plain(self.labels, {}).markdown(myst.rewritten(text, changes))

    def _changes(self, element: Element) -> Iterator[tuple[int, int, str]]:
        content = element.content
        if isinstance(content, Role) and content.name in _TO_LABELS and content.target in self.whole.labels:
            place = self.whole.labels[content.target]
            name = self.labels.names.get(content.target, place.words)
            where = f"*{self.labels.titles[place.page]}*" if "(" in name else name
            yield (
                element.start,
                element.end,
                self._shown(content.words, name, where, f"{place.page}.html#{place.anchor}"),
            )
        elif isinstance(content, Link) and content.page in self.labels.titles:
            title = f"*{self.labels.titles[content.page]}*"
            yield element.start, element.end, self._shown(content.words, title, title, f"{content.page}.html")

    def _shown(self, words: str, name: str, where: str, place: str) -> str:
        """Return a reference by its own words, or by the name of what it leads to: linked, or with where that is."""
        if self.whole.address:
            return f"[{words or name}]({self.whole.address}{place})"
        said = words.lower() in ("", name.lower(), where.strip("*").lower())
        return name if said else f"{words} ({where})"
