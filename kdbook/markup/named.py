"""What is called by words: statements, exercises and sections, as their text has them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kdbook.markup import myst
from kdbook.markup.elements import Directive, Heading, Target


def named(text: str) -> Iterator[tuple[str, str]]:
    """Yield the labels in a text that are called by words, and these.

    Raises
    ------
    ValueError
        If a directive is not closed.
    """
    target = None
    for element in myst.elements(text):
        if isinstance(element.content, Heading) and target is not None:
            yield target, element.content.words
        target = element.content.name if isinstance(element.content, Target) else None
    for box in myst.directives(text, lambda box: box.name != "stepped-figure"):
        if box.label and box.name.startswith("prf:"):
            yield box.label, statement_name(box)
        elif box.label and box.name == "exercise":
            yield box.label, f"Exercise “{box.argument}”"


def statement_name(box: Directive) -> str:
    """Return what a statement is called in a sentence: ``Theorem 3.1``, or its kind and title."""
    kind = box.name.removeprefix("prf:").capitalize()
    number = re.match(r"[A-Z]?\.?[\d.]+", box.argument)
    return f"{kind} {number[0]}" if number else f"{kind} ({box.argument})"
