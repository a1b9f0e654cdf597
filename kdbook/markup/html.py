"""Rendered pages, and pieces of them, as trees."""

from __future__ import annotations

from html import escape
from typing import Any

from lxml import html


def page(text: str) -> Any:
    """Return the tree of a whole page."""
    return html.document_fromstring(text, parser=html.HTMLParser(huge_tree=True))


def piece(text: str) -> Any:
    """Return an element that holds what a piece of HTML holds."""
    return html.fragment_fromstring(text, create_parent="div")


def outer(element: Any) -> str:
    """Return an element as HTML."""
    return str(html.tostring(element, encoding="unicode", with_tail=False))


def inner(element: Any) -> str:
    """Return as HTML what an element holds."""
    children = (str(html.tostring(child, encoding="unicode")) for child in element)
    return escape(element.text or "", quote=False) + "".join(children)
