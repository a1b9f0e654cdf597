"""What a text in MyST Markdown consists of, as :mod:`kdbook.markup.myst` finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Directive:
    """A fenced box of MyST.

    Attributes
    ----------
    name, argument : str
        What follows the fence: ``prf:theorem`` and the title, say.
    options : mapping of str to str
        Its options.
    body : str
        What is inside.
    """

    name: str
    argument: str
    options: Mapping[str, str]
    body: str

    @property
    def label(self) -> str:
        """What references call it; empty if nothing does."""
        return self.options.get("label") or self.options.get("name") or ""


@dataclass(frozen=True)
class Code:
    """A fenced block of code, without its indentation."""

    language: str
    code: str


@dataclass(frozen=True)
class Role:
    """A role: its name, the words before ``<…>`` if there are some, and what it leads to."""

    name: str
    words: str
    target: str


@dataclass(frozen=True)
class Link:
    """A link or an image: its words as they are written, where these end in the text, and its address."""

    words: str
    words_end: int
    address: str
    image: bool

    @property
    def page(self) -> str:
        """The page of the book that it leads to; empty for an image, another address, or a place on its own page."""
        parsed = urlsplit(self.address)
        page = parsed.path.removeprefix("/").removesuffix(".ipynb").removesuffix(".md")
        elsewhere = self.image or parsed.scheme or parsed.netloc or "." in page
        return "" if elsewhere else page


@dataclass(frozen=True)
class Equation:
    """A displayed formula with a label."""

    label: str


@dataclass(frozen=True)
class Target:
    """A line ``(name)=``."""

    name: str


@dataclass(frozen=True)
class Heading:
    """A heading, as it is written."""

    level: int
    words: str


@dataclass(frozen=True)
class Item:
    """The mark that begins an item of a list."""

    mark: str


Content = Directive | Code | Role | Link | Equation | Target | Heading | Item


@dataclass(frozen=True)
class Element:
    """Something in a text.

    Attributes
    ----------
    start, end : int
        ``text[start:end]`` says it: of a fence, a target, an equation or a heading its lines, without what quotations
        and lists put before the first and without the last line's end.
    content : object
        What it is.
    prefix : str
        What lists and quotations put before each further line.
    body_line : int
        Of a directive: the line of the text, from 0, on which its body begins.
    """

    start: int
    end: int
    content: Content
    prefix: str = ""
    body_line: int = 0
