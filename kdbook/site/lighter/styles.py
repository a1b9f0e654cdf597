"""Style sheets joined into one, without the rules of which no page has anything, comments and white space."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence, Set
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

    def __contains__(self, name: object) -> bool:
        return name in self._words or (isinstance(name, str) and name.startswith(self._beginnings))


def _sheet(path: Path, folder: Path, known: _Known | None) -> str:
    return "".join(_rules(_parsed(path.read_text(encoding="utf-8")), path.parent, folder, known))


@functools.cache  # themes bring the same sheets to every book; what is made of the rules changes none
def _parsed(sheet: str) -> list[Any]:
    rules: list[Any] = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return rules


def _rules(rules: Sequence[Any], source: Path, folder: Path, known: _Known | None) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, ast.ParseError):
            continue  # which is what a browser does
        if isinstance(rule, ast.QualifiedRule):
            selectors = [part for part in _selectors(rule.prelude) if known is None or _can_match(part, known)]
            if selectors:
                named = ",".join(_text(part, source, folder) for part in selectors)
                yield f"{named}{{{_text(rule.content, source, folder)}}}"
        elif rule.lower_at_keyword == "import":
            yield _sheet((source / _address(rule.prelude)).resolve(), folder, known)
        elif rule.lower_at_keyword in _OF_RULES and rule.content is not None:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if text := "".join(_rules(inner, source, folder, known)):
                yield f"@{rule.at_keyword} {_text(rule.prelude, source, folder)}{{{text}}}"
        elif rule.lower_at_keyword != "charset":
            content = ";" if rule.content is None else f"{{{_text(rule.content, source, folder)}}}"
            yield f"@{rule.at_keyword} {_text(rule.prelude, source, folder)}{content}"


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


def _can_match(selector: Sequence[Any], known: _Known) -> bool:
    """Return whether pages have all classes, anchors and kinds of elements that a selector asks for.

    What stands in brackets, such as what something must not be, is not looked at.
    """
    before: Any = None
    for token in selector:
        is_name = isinstance(token, ast.IdentToken) and before != ":"
        if (is_name or isinstance(token, ast.HashToken)) and token.value not in known:
            return False
        before = token
    return True


def _text(tokens: Sequence[Any], source: Path, folder: Path) -> str:
    """Return tokens as text without comments and needless white space, addresses as they are seen from a folder."""
    kept = [_moved(token, source, folder) for token in tokens if not isinstance(token, ast.Comment)]
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
            parts.append(f"{{{_text(token.content, source, folder)}}}")
        else:
            parts.append(token.serialize())
    return "".join(parts)


def _moved(token: Any, source: Path, folder: Path) -> Any:
    """Return a token, an address in it as it is seen from another folder."""
    is_url = isinstance(token, ast.URLToken) or (isinstance(token, ast.FunctionBlock) and token.lower_name == "url")
    address = _url(token) if is_url else ""
    if not address or urlsplit(address).scheme or address.startswith(("#", "/")) or source == folder:
        return token
    parts = urlsplit(address)
    there = Path(os.path.relpath(source / parts.path, folder)).as_posix()
    (moved,) = tinycss2.parse_component_value_list(f'url("{parts._replace(path=there).geturl()}")')
    return moved
