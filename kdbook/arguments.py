"""Types of command-line arguments, and what several commands make of them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from kdbook.project import BookError


def positive(text: str) -> int:
    """Return a command-line argument as an integer of at least 1."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be an integer of at least 1, got {text!r}") from None
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {number}")
    return number


def split(words: Sequence[str], needed: str) -> list[str]:
    """Return the names in arguments of one or more names each, separated by commas.

    Raises
    ------
    BookError
        That says what is needed, if one is empty.
    """
    names = [name.strip() for word in words for name in word.split(",")]
    if not all(names):
        raise BookError(f"{needed}, separated by commas")
    return names


def check_output(path: Path, *endings: str) -> None:
    """Refuse a file to write, the argument ``--output``, of another ending or in a folder that cannot be written to.

    Raises
    ------
    BookError
        If it is one.
    """
    if path.suffix not in endings:
        raise BookError(f"--output must end in {' or '.join(endings)}, got {path}")
    if not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        why = "cannot be written to" if path.parent.is_dir() else "does not exist: make it first"
        raise BookError(f"--output {path}: the folder {path.parent} {why}")


def title_of(given: str | None, usual: str) -> str:
    """Return the title that is asked for, or the usual one.

    Raises
    ------
    BookError
        If it is not one line with words in it.
    """
    title = usual if given is None else given.strip()
    if not title or len(title.splitlines()) > 1:
        raise BookError(f"a title must be one line with words in it, got {given!r}")
    return title


def page_of(word: str) -> str:
    """Return the name of a page that was given as a name or as a file."""
    return word.strip().removesuffix(".ipynb").removesuffix(".md")
