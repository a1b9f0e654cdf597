"""Style sheets joined into one, without the rules of which no page has anything, comments and white space."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tinycss2
from tinycss2 import ast

_OF_RULES = {"media", "supports", "layer", "container"}
"""At-rules that hold rules."""
_TIGHT = {";", ",", "{", "}"}
"""Signs around which white space means nothing."""


def join(files: Sequence[Path], folder: Path, whole: Set[Path], words: Set[str]) -> str:
    """Return style sheets as one that stands in a folder.

    Parameters
    ----------
    files : sequence of Path
        The sheets, in the order in which pages load them.  What they import stands in their place.
    folder : Path
        Where the one will stand: addresses in it begin there.
    whole : set of Path
        Those of which all rules stay.
    words : set of str
        All names of elements, classes and anchors that pages have or that a script may give them.  One that ends with a
        hyphen is the beginning of a name.
    """
    known = _Known(words)
    return "\n".join(_sheet(path, folder, None if path in whole else known) for path in files) + "\n"


class _Known:
    """Names that pages have or may get."""

    def __init__(self, words: Set[str]) -> None:
        self._words = words
        self._beginnings = tuple(word for word in words if len(word) > 3 and word[-1] in "-_")
        self._asked: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        if name not in self._asked:
            self._asked[name] = name in self._words or name.startswith(self._beginnings)
        return self._asked[name]


def _sheet(path: Path, folder: Path, known: _Known | None) -> str:
    rules = _parsed(path.read_text(encoding="utf-8"), Path(os.path.relpath(path.parent, folder)))
    return "".join(_kept(rules, path.parent, folder, known))


@dataclass(frozen=True)
class _Rule:
    """A rule as it will be written.

    Attributes
    ----------
    head, body : str
        What stands before its braces if it is no list of selectors, and all that follows.
    selectors : tuple of (names, text)
        What it applies to, each with the names that a page must have.
    rules : tuple of _Rule or None
        Those in its braces.
    imported : str
        The address of a sheet that stands in its place.
    """

    head: str = ""
    body: str = ""
    selectors: tuple[tuple[frozenset[str], str], ...] = ()
    rules: tuple[_Rule, ...] | None = None
    imported: str = ""


@functools.cache  # themes bring the same sheets to every book
def _parsed(sheet: str, source: Path) -> tuple[_Rule, ...]:
    """Return the rules of a sheet, addresses in them as they are seen from where the joined one stands."""
    rules: list[Any] = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return tuple(_read(rules, source))


def _read(rules: Sequence[Any], source: Path) -> Iterator[_Rule]:
    for rule in rules:
        if isinstance(rule, ast.ParseError):
            continue  # which is what a browser does
        if isinstance(rule, ast.QualifiedRule):
            selectors = tuple((_names(part), _text(part, source)) for part in _selectors(rule.prelude))
            yield _Rule(selectors=selectors, body=f"{{{_text(rule.content, source)}}}")
        elif rule.lower_at_keyword == "import":
            yield _Rule(imported=_address(rule.prelude))
        elif rule.lower_at_keyword in _OF_RULES and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            head = f"@{rule.at_keyword} {_text(rule.prelude, source)}"
            yield _Rule(head, rules=tuple(_read(inner, source)))
        elif rule.lower_at_keyword != "charset":
            content = ";" if rule.content is None else f"{{{_text(rule.content, source)}}}"
            yield _Rule(f"@{rule.at_keyword} {_text(rule.prelude, source)}", content)


def _kept(rules: Sequence[_Rule], source: Path, folder: Path, known: _Known | None) -> Iterator[str]:
    """Yield the rules of a sheet of which pages have something."""
    for rule in rules:
        if rule.imported:
            yield _sheet((source / rule.imported).resolve(), folder, known)
        elif rule.rules is not None:
            if text := "".join(_kept(rule.rules, source, folder, known)):
                yield f"{rule.head}{{{text}}}"
        elif rule.head:
            yield rule.head + rule.body
        elif chosen := [text for names, text in rule.selectors if known is None or all(n in known for n in names)]:
            yield ",".join(chosen) + rule.body


def _address(prelude: Sequence[Any]) -> str:
    """Return the address of a sheet to import, which must be for all media."""
    parts = [token for token in prelude if not isinstance(token, ast.WhitespaceToken)]
    if len(parts) != 1 or not (address := _url(parts[0])) or urlsplit(address).scheme:
        raise ValueError(f"a joined style sheet may import files of the book alone, got {tinycss2.serialize(prelude)}")
    return urlsplit(address).path


def _url(token: Any) -> str:
    """Return the address that a token is, or an empty text."""
    if isinstance(token, ast.FunctionBlock) and token.lower_name == "url":
        return next((str(part.value) for part in token.arguments if isinstance(part, ast.StringToken)), "")
    return str(token.value) if isinstance(token, ast.URLToken | ast.StringToken) else ""


def _selectors(prelude: Sequence[Any]) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _names(selector: Sequence[Any]) -> frozenset[str]:
    """Return all classes, anchors and kinds of elements that a selector asks for.

    What stands in brackets, such as what something must not be, is not looked at.
    """
    names = set()
    before: Any = None
    for token in selector:
        if isinstance(token, ast.HashToken) or (isinstance(token, ast.IdentToken) and before != ":"):
            names.add(token.value)
        before = token
    return frozenset(names)


def _text(tokens: Sequence[Any], source: Path) -> str:
    """Return tokens as text without comments and needless white space, addresses with the way to their folder."""
    kept = [_moved(token, source) for token in tokens if not isinstance(token, ast.Comment)]
    while kept and (isinstance(kept[-1], ast.WhitespaceToken) or kept[-1] == ";"):
        kept.pop()
    parts = []
    for place, token in enumerate(kept):
        if isinstance(token, ast.WhitespaceToken):
            around = [kept[i] for i in (place - 1, place + 1) if 0 <= i < len(kept)]
            if len(around) < 2 or any(isinstance(t, ast.LiteralToken) and t.value in _TIGHT for t in around):
                continue
            parts.append(" ")
        elif isinstance(token, ast.CurlyBracketsBlock):
            parts.append(f"{{{_text(token.content, source)}}}")
        else:
            parts.append(token.serialize())
    return "".join(parts)


def _moved(token: Any, source: Path) -> Any:
    """Return a token, an address in it with the way to the folder that it is in."""
    is_url = isinstance(token, ast.URLToken) or (isinstance(token, ast.FunctionBlock) and token.lower_name == "url")
    address = _url(token) if is_url else ""
    if not address or urlsplit(address).scheme or address.startswith(("#", "/")) or source == Path():
        return token
    parts = urlsplit(address)
    there = Path(os.path.normpath(source / parts.path)).as_posix()
    (moved,) = tinycss2.parse_component_value_list(f'url("{parts._replace(path=there).geturl()}")')
    return moved
