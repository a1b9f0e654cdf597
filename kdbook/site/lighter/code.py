"""A Sphinx extension: code in pages, with a tag around those words alone that have a colour of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pygments.formatters import HtmlFormatter
from pygments.token import Token
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge

PLAIN = (Token.Name, Token.Name.Namespace, Token.Name.Other, Token.Punctuation, Token.Text.Whitespace)
"""Kinds of words that look like plain text in the styles of the theme, the light one and the dark one."""


class Formatter(HtmlFormatter):  # type: ignore[misc]
    """Writes words of the kinds ``PLAIN`` as plain text: two of three words of code are such."""

    def format_unencoded(self, tokens: Iterable[tuple[Any, str]], outfile: Any) -> None:
        """Write code as HTML."""
        plain = ((Token.Text if kind in PLAIN else kind, word) for kind, word in tokens)
        super().format_unencoded(plain, outfile)


def setup(_app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    PygmentsBridge.html_formatter = Formatter
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
