"""Symbols that explain themselves: one list of them, the tables of the page Notation, and links from formulas.

``book/symbols.yml`` is the list.  On a page

    ```{symbols} The teacher and the data
    ```

shows a section of it as a table, in which each row has the anchor of its symbol, and an inline formula that is nothing
but a symbol of such a table becomes a link to its row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes  # type: ignore[import-untyped]
from docutils.statemachine import StringList  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from kdbook import pages
from kdbook.sphinx_ext.doctrees import ancestors
from kdbook.sphinx_ext.quiz import QuizQuestion, QuizText

FILE = "symbols.yml"
LINKED = "symbol"
"""The class of a link from a formula to its row."""
_HEADERS = {"tex": "Symbol", "says": "Meaning", "code": "In the code"}
_FIELDS = {"anchor", "tex", "also", "says", "code", "link", "not_in"}
_REQUIRED = {"anchor", "tex", "says"}
_WAYS = ("section", "page", "never")
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\?\S")
_SPACES = {r"\,", r"\;", r"\:", r"\!"}
_LONE = re.compile(r"(?<!\S)\{ ([^\s{}]+) \}(?!\S)")
_NO_LINKS_IN = (
    *(nodes.title, nodes.subtitle, nodes.rubric, nodes.figure, nodes.caption, nodes.table, nodes.reference),
    *(QuizQuestion, QuizText),  # one taps an answer to choose it
)


@dataclass(frozen=True)
class Symbol:
    """A symbol: a row of a table, and what formulas link to it.

    Attributes
    ----------
    anchor : str
        Of its row, ``sym-…``.
    tex : tuple of str
        What the row shows.
    also : tuple of str
        Other spellings of it.
    says : str
        The meaning, in Markdown.
    code : str
        Its name in the package, or nothing.
    link : str
        Which formulas become links: the first in each ``"section"``, the first on a ``"page"``, or ``"never"`` one.
    not_in : tuple of str
        Pages where it means something else.
    """

    anchor: str
    tex: tuple[str, ...]
    says: str
    also: tuple[str, ...] = ()
    code: str = ""
    link: str = "section"
    not_in: tuple[str, ...] = ()

    def spellings(self) -> set[str]:
        """Return the normal forms of what it is written as."""
        return {normal_form(tex) for tex in self.tex + self.also}

    def row(self) -> dict[str, str]:
        """Return the cells of its row, in Markdown."""
        shown = ", ".join(f"${tex}$" for tex in self.tex)
        return {"tex": shown, "says": self.says, "code": f"`{self.code}`" if self.code else ""}


def normal_form(tex: str) -> str:
    r"""Return the TeX without differences that nobody sees: spaces, and braces around a single thing.

    >>> normal_form(r"\hat{\pi}(a\mid{s})") == normal_form(r"\hat\pi (a \mid s)")
    True
    """
    form = " ".join(token for token in _TOKEN.findall(tex) if token not in _SPACES)
    while (shorter := _LONE.sub(r"\1", form)) != form:
        form = shorter
    return form


def read_symbols(book: Path) -> dict[str, list[Symbol]]:
    """Return the symbols of ``symbols.yml`` by section; none if there is no such file.

    Raises
    ------
    ConfigError
        If an entry has other fields than it should, or an anchor or a spelling stands there twice.
    """
    path = book / FILE
    return _parsed(path.read_text(encoding="utf-8")) if path.is_file() else {}


@cache
def _parsed(text: str) -> dict[str, list[Symbol]]:
    sections: dict[str, list[Symbol]] = {
        section["section"]: [_symbol(entry) for entry in section["symbols"]] for section in yaml.safe_load(text)
    }
    owners: dict[str, str] = {}
    for symbol in (symbol for symbols in sections.values() for symbol in symbols):
        for name in {symbol.anchor, *symbol.spellings()}:
            if name in owners:
                raise ConfigError(f"{FILE}: {name} stands in {owners[name]} and in {symbol.anchor}")
            owners[name] = symbol.anchor
    return sections


def _symbol(entry: dict[str, Any]) -> Symbol:
    if not _REQUIRED <= set(entry) <= _FIELDS:
        allowed = f"{', '.join(sorted(_REQUIRED))}; others are {', '.join(sorted(_FIELDS - _REQUIRED))}"
        raise ConfigError(f"{FILE}: an entry must have the fields {allowed}; got {entry}")
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()}
    symbol = Symbol(**fields)
    if not re.fullmatch(r"sym(-[a-z0-9]+)+", symbol.anchor):
        raise ConfigError(f"{FILE}: an anchor must be sym- and small letters, got {symbol.anchor}")
    if symbol.link not in _WAYS:
        raise ConfigError(f"{FILE}: {symbol.anchor} has the link {symbol.link}; allowed are {', '.join(_WAYS)}")
    if "|" in "".join(symbol.row().values()):
        raise ConfigError(rf"{FILE}: {symbol.anchor} has a |, which ends a cell; write \mid or \lvert")
    return symbol


class SymbolTable(SphinxDirective):
    """A section of the list as a table.  Each row has its anchor, and each cell a class: symbol-tex, -says, -code."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the table, or raise the error that names what is missing."""
        self.env.note_dependency(str(Path(self.env.srcdir) / FILE))
        sections = read_symbols(Path(self.env.srcdir))
        name = self.arguments[0]
        if name not in sections:
            raise self.error(f"symbols: {FILE} has no section {name!r}, but {', '.join(sections) or 'none'}")
        symbols = sections[name]
        columns = ["tex", "says", "code"] if any(symbol.code for symbol in symbols) else ["tex", "says"]
        lines = ["| " + " | ".join(_HEADERS[column] for column in columns) + " |", "|" + ":--|" * len(columns)]
        lines += ["| " + " | ".join(symbol.row()[column] for column in columns) + " |" for symbol in symbols]
        content = nodes.Element()
        self.state.nested_parse(StringList(lines, FILE), self.content_offset, content)
        body = next(iter(content.findall(nodes.tbody)))
        for row, symbol in zip(body, symbols, strict=True):
            row["ids"], row["names"] = [symbol.anchor], [symbol.anchor]
            self.state.document.note_explicit_target(row, row)
            for cell, column in zip(row, columns, strict=True):
                cell["classes"].append(f"symbol-{column}")
        return list(content.children)


class LinkSymbols(SphinxPostTransform):
    """Make formulas that are one symbol links to its row: the first in each section, or on the page.

    This comes after the formulas have been bound to the punctuation behind them, and links the formula alone.
    """

    default_priority = 910
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Transform one document."""
        page = self.env.docname
        if page in pages.read(Path(self.app.srcdir)).no_symbol_links:
            return
        addresses = self._addresses(page)
        seen: set[tuple[str, int]] = set()
        for formula in list(self.document.findall(nodes.math)):
            symbol = addresses.get(normal_form(formula.astext()))
            if symbol is None or _has_no_links(formula):
                continue
            anchor, address, once = symbol
            place = (anchor, 0 if once else _section(formula))
            if place not in seen:
                seen.add(place)
                link = nodes.reference("", "", internal=True, refuri=address, classes=[LINKED])
                formula.replace_self(link)
                link += [formula, _name(anchor)]

    def _addresses(self, page: str) -> dict[str, tuple[str, str, bool]]:
        """Return for each spelling that the page may link its anchor, its address, and whether it is linked once."""
        targets = self.env.get_domain("std").anonlabels  # type: ignore[attr-defined]
        result: dict[str, tuple[str, str, bool]] = {}
        for symbol in (symbol for symbols in read_symbols(Path(self.app.srcdir)).values() for symbol in symbols):
            target, anchor = targets.get(symbol.anchor, ("", ""))
            if target and target != page and symbol.link != "never" and page not in symbol.not_in:
                address = f"{self.app.builder.get_relative_uri(page, target)}#{anchor}"
                result |= dict.fromkeys(symbol.spellings(), (symbol.anchor, address, symbol.link == "page"))
        return result


def _name(anchor: str) -> nodes.inline:
    """Return what names the link to those who hear it: a browser takes no name from a formula."""
    words = anchor.removeprefix("sym-").replace("-", " ")
    return nodes.inline("", f" (notation: {words})", classes=["visually-hidden"])


def _has_no_links(formula: nodes.math) -> bool:
    """Return whether the formula stands where a link would be in the way, or hidden until the reader opens a box."""
    return any(isinstance(node, _NO_LINKS_IN) or "dropdown" in node.get("classes", ()) for node in ancestors(formula))


def _section(formula: nodes.math) -> int:
    """Return which section of level 2 the formula is in; 0 before the first."""
    sections = [node for node in ancestors(formula) if isinstance(node, nodes.section)]
    return id(sections[-2]) if len(sections) > 1 else 0


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("symbols", SymbolTable)
    app.add_post_transform(LinkSymbols)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
