"""From a label to the function that checks its answers."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from kdbook.checkers import by_chapter
from kdbook.checkers.compare import no_blank
from kdbook.checkers.verdict import Blank, Verdict, Wrong

Checker = Callable[[Any], str | None]
"""Takes an answer; returns what to say if it is right (None: "right"), and raises Wrong or Blank if it is not."""

LABEL = re.compile(r"ex-(?P<prefix>[a-z][a-z0-9]*)-\d+(?:\.\d+)?")
_CHECKERS: dict[str, Checker] = {}


def checker(label: str) -> Callable[[Checker], Checker]:
    """Register a function as the checker of a label.

    Raises
    ------
    ValueError
        If the label has another form than ``ex-hard-2`` or ``ex-hard-2.3``, another prefix than the module's name, or
        a checker already.
    """
    match = LABEL.fullmatch(label)
    if match is None:
        raise ValueError(f"a label looks like 'ex-hard-2' or 'ex-hard-2.3', got {label!r}")

    def register(function: Checker) -> Checker:
        module = function.__module__.rpartition(".")[2]
        if module != match["prefix"]:
            raise ValueError(f"the checker of {label} belongs into by_chapter/{match['prefix']}.py, not {module}.py")
        if label in _CHECKERS:
            raise ValueError(f"{label} has a checker already")
        _CHECKERS[label] = function
        return function

    return register


def prefixes() -> list[str]:
    """Return the prefixes that have a module of checkers."""
    return sorted(module.name for module in pkgutil.iter_modules(by_chapter.__path__))


def labels() -> list[str]:
    """Return every label that has a checker."""
    for prefix in prefixes():
        import_module(f"{by_chapter.__name__}.{prefix}")
    return sorted(_CHECKERS)


def _find(label: str) -> Checker:
    match = LABEL.fullmatch(label) if isinstance(label, str) else None
    if match and match["prefix"] in prefixes():
        import_module(f"{by_chapter.__name__}.{match['prefix']}")
    if match and label in _CHECKERS:
        return _CHECKERS[label]
    known = labels()
    near = get_close_matches(str(label), known, n=4, cutoff=0.5)
    guess = f"; near it are {', '.join(near)}" if near else ""
    raise ValueError(
        f"no exercise is checked under {label!r}{guess}. A label is that of an exercise of the book, with the number "
        "of a part where parts are checked: 'ex-setting-1' or 'ex-hard-2.3'"
    )


def check(label: str, answer: Any) -> Verdict:
    """Say whether an answer to an exercise of the book is right, and if not, what is wrong with it.

    Parameters
    ----------
    label : str
        Of the exercise, or of one of its parts: ``"ex-hard-2"``, ``"ex-hard-2.3"``.
    answer : object
        What the exercise asks for: a number, an array, a function, or several of them in a tuple.  ``...`` stands for
        an answer that is still to be given.

    Returns
    -------
    kdbook.checkers.Verdict
        With ``label``, ``right``, ``message`` and ``answered``; it is true where the answer is right.

    Raises
    ------
    ValueError
        If no exercise has this label; the message lists those near it.

    Examples
    --------
    >>> check("ex-hard-1.1", ...)
    ex-hard-1.1 … not answered yet
    >>> check("ex-hard-1.1", "0.08").right
    False
    """
    rule = _find(label)
    try:
        no_blank(answer)
        said = rule(answer)
    except Blank as blank:
        return Verdict(label, False, str(blank), answered=False)
    except Wrong as wrong:
        return Verdict(label, False, str(wrong))
    return Verdict(label, True, said or "right")
