"""MyST Markdown as data: what a text says, and where in the text each of it stands.

MyST-Parser's own tokenizer reads it, with the syntax that Sphinx reads the book with.  Positions are those of the text
itself, so that whoever rewrites one thing leaves all others as they are.  Every room may import this module.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.token import Token
from mdit_py_plugins.myst_role.index import myst_role
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.options import TokenizeError, options_to_items

from kdbook.markup.elements import Code, Content, Directive, Element, Equation, Heading, Item, Link, Role, Target

EXTENSIONS = {"amsmath", "colon_fence", "deflist", "dollarmath", "substitution"}
"""What the book uses beyond MyST's own syntax; a test compares them with ``_config.yml``."""
VERBATIM = frozenset({"raw", "code", "code-block", "code-cell", "math", "index", "toctree", "eval-rst"})
"""Directives whose bodies are no Markdown."""


@functools.cache
def parser() -> MarkdownIt:
    """Return the parser, which notes where roles, links and images stand in their paragraph."""
    md = create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)
    for name, rule in (("myst_role", myst_role), ("link", link), ("image", image)):
        md.inline.ruler.at(name, _with_span(rule))
    return md


def _with_span(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    def spanned(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        found = rule(state, silent)
        if found and not silent:
            token = next(token for token in state.tokens[before:] if token.type != "text")
            token.meta["span"] = start, state.pos
            if token.type != "myst_role":
                bracket = start + (token.type == "image")
                token.meta["words"] = bracket + 1, state.md.helpers.parseLinkLabel(state, bracket)
        return found

    return spanned


@functools.cache
def block_parser() -> MarkdownIt:
    """Return the parser for blocks alone: it leaves the text of paragraphs unread, in half the time."""
    made: MarkdownIt = parser.__wrapped__()
    return made.disable("inline")


@functools.lru_cache(maxsize=2048)
def elements(text: str, inside: bool = False) -> tuple[Element, ...]:
    """Return what is in a text, in order.

    Parameters
    ----------
    text : str
        MyST Markdown.
    inside : bool
        Whether to look into the titles and bodies of directives as well.

    Raises
    ------
    ValueError
        If a directive is not closed.
    """
    source = _Source(text.replace("\r\n", "\n"))
    tokens = parser().parse(source.text + "\n")
    found = [element for place in range(len(tokens)) for element in _of(tokens, place, source)]
    if inside:
        found += [inner for element in found for inner in _inside(element, source)]
    return tuple(sorted(found, key=lambda element: (element.start, -element.end)))


def rewritten(text: str, changes: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with parts replaced, each given by its start, its end and what stands there instead."""
    done, place = [], 0
    for start, end, new in sorted(changes):
        done += [text[place:start], new]
        place = max(place, end)
    return "".join([*done, text[place:]])


def parts(text: str) -> list[str | Directive]:
    """Split Markdown into its directives and the text between them; directives inside others stay in their bodies.

    Raises
    ------
    ValueError
        If a directive is not closed.
    """
    found: list[str | Directive] = []
    place = 0
    for element in elements(text):
        if isinstance(element.content, Directive):
            before = text[place : text.rfind("\n", 0, element.start) + 1]
            found += [before, element.content] if before else [element.content]
            place = element.end + 1
    return [*found, text[place:]] if text[place:] else found


def directives(text: str, into: Callable[[Directive], bool] = lambda _: True) -> Iterator[Directive]:
    """Yield the directives of a text, and those inside the ones that ``into`` says yes to."""
    for part in parts(text):
        if isinstance(part, Directive):
            yield part
            if part.name not in VERBATIM and into(part):
                yield from directives(part.body, into)


def title(text: str) -> str | None:
    """Return the first heading of level 1, as it is written, or None."""
    tokens = block_parser().parse(text)
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            return tokens[place + 1].content
    return None


def continued(new: str, prefix: str) -> str:
    """Return a text for a place in a list or a quotation: its further lines begin with ``prefix``."""
    return "\n".join(f"{prefix if place else ''}{line}".rstrip(" ") for place, line in enumerate(new.split("\n")))


@dataclass
class _Source:
    """A text, where its lines begin, and how far the cells of tables were read in each line."""

    text: str
    lines: list[str] = field(init=False)
    starts: list[int] = field(init=False)
    read: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]

    def end(self, line: int) -> int:
        return self.starts[line] + len(self.lines[line])

    def places(self, first: int, content: str, cell: bool) -> list[int]:
        """Return where each character of a paragraph, a heading or a cell stands in the text, and the end."""
        found: list[int] = []
        for number, words in enumerate(content.split("\n"), start=first):
            line = self.lines[number]
            column = len(line.rstrip()) - len(words.rstrip())
            if cell or not line.endswith(words.rstrip(), 0, len(line.rstrip())):
                column = line.find(words, self.read.get(number, 0))
            columns = list(range(column, column + len(words))) if column >= 0 else self._unescaped(number, words)
            self.read[number] = columns[-1] + 1 if columns else self.read.get(number, 0)
            after = columns[-1] + 1 if columns else len(line)
            found += [self.starts[number] + column for column in [*columns, after]]
        return found

    def _unescaped(self, number: int, words: str) -> list[int]:
        """Return the columns of a cell whose pipes are written with a backslash."""
        line = self.lines[number].replace("\\|", "\0|")
        column = line.replace("\0|", "\0").find(words.replace("|", "\0"), 0)
        plain = [place for place, letter in enumerate(line) if letter != "\0"]
        return plain[column : column + len(words)]


def _of(tokens: Sequence[Token], place: int, source: _Source) -> Iterator[Element]:
    """Yield what a token of a block says."""
    token = tokens[place]
    if token.type in ("fence", "colon_fence"):
        yield _fence(token, source)
    elif token.type == "math_block_label":
        yield _block(token, "$$", Equation(token.info), source)
    elif token.type == "myst_target":
        yield _block(token, "(", Target(token.content), source)
    elif token.type == "heading_open":
        yield _block(token, token.markup, Heading(int(token.tag[1]), tokens[place + 1].content), source)
    elif token.type == "list_item_open":
        yield _block(token, token.info + token.markup, Item(token.info + token.markup), source)
    elif token.type == "inline" and any(child.meta for child in token.children or []):
        yield from _inline(token, source, tokens[place - 1].type in ("th_open", "td_open"))


def _block(token: Token, mark: str, content: Content, source: _Source) -> Element:
    first, last = token.map or (0, 1)
    line = source.lines[first]
    column = max(line.find(mark, source.read.get(first, 0)), 0)
    if isinstance(content, Item):  # an item may begin with an item: the next mark is behind this one
        source.read[first] = column + len(mark)
        return Element(source.starts[first] + column, source.starts[first] + column + len(mark), content)
    prefix = "".join(letter if letter == ">" else " " for letter in line[:column]) if token.level else ""
    start = source.starts[first] + (column if token.level else 0)
    return Element(start, source.end(min(last, len(source.lines)) - 1), content, prefix)


def _fence(token: Token, source: _Source) -> Element:
    first, last = token.map or (0, 1)
    info = token.info.strip()
    element = _block(token, token.markup, Code(info, token.content.removesuffix("\n")), source)
    if not (info.startswith("{") and "}" in info):
        return element
    name, _, argument = info[1:].partition("}")
    if last - first < token.content.count("\n") + 2:
        raise ValueError(f"the directive {{{name}}} {argument.strip()} is not closed")
    try:
        options, body = _options(token.content)
    except TokenizeError as error:
        raise ValueError(f"the options of the directive {{{name}}} {argument.strip()}: {error.problem}") from None
    above = token.content[: len(token.content) - len(body.lstrip("\n"))].count("\n")
    box = Directive(name.strip(), argument.strip(), options, body.strip("\n"))
    return replace(element, content=box, body_line=first + 1 + above)


def _options(content: str) -> tuple[dict[str, str], str]:
    """Return the options at the head of a directive, and the rest."""
    lines = content.split("\n")
    if lines[0].startswith("---"):
        end = next((place for place, line in enumerate(lines[1:], start=1) if line.startswith("---")), len(lines))
        head, rest = lines[1:end], lines[end + 1 :]
    else:
        end = next((place for place, line in enumerate(lines) if not line.lstrip().startswith(":")), len(lines))
        head, rest = [line.lstrip()[1:] for line in lines[:end]], lines[end:]
    return dict(options_to_items("\n".join(head))[0]), "\n".join(rest)


def _inline(token: Token, source: _Source, cell: bool) -> Iterator[Element]:
    places = source.places((token.map or [0])[0], token.content, cell)
    for child in token.children or []:
        if "span" not in child.meta:
            continue
        start, end = (places[child.meta["span"][0]], places[child.meta["span"][1] - 1] + 1)
        if child.type == "myst_role":
            yield Element(start, end, _role(child, source.text[start:end]))
        else:
            first, after = child.meta["words"]
            words_end = places[after - 1] + 1
            address = str(child.attrs.get("src" if child.type == "image" else "href", ""))
            words = source.text[places[first] : words_end] if after > first else ""
            yield Element(start, end, Link(words, words_end, address, child.type == "image"))


def _role(token: Token, written: str) -> Role:
    name = token.meta["name"]
    inside = written[len(name) + 2 :].strip("`")
    content = token.content.strip()
    if content.endswith(">") and "<" in content:
        words = inside[: inside.rindex("<")].rstrip()
        return Role(name, words, content[content.rindex("<") + 1 : -1])
    return Role(name, "", inside)


def _inside(element: Element, source: _Source) -> Iterator[Element]:
    """Yield what is in the title and the body of a directive, at its place in the text."""
    box = element.content
    if not isinstance(box, Directive) or box.name in VERBATIM:
        return
    argument = source.text.find(box.argument, element.start)
    for inner in elements(box.argument) if box.argument else ():
        yield _moved(inner, lambda place: argument + place)
    first = element.body_line
    body = _Source(box.body)
    columns = [len(line) - len(own) for line, own in zip(source.lines[first:], body.lines, strict=False)]

    def outer(place: int) -> int:
        line = box.body.count("\n", 0, place)
        return source.starts[first + line] + columns[line] + place - body.starts[line]

    for inner in elements(box.body, inside=True):
        yield _moved(inner, outer)


def _moved(element: Element, where: Callable[[int], int]) -> Element:
    content = element.content
    if isinstance(content, Link):
        content = replace(content, words_end=where(content.words_end))
    return replace(element, start=where(element.start), end=where(element.end), content=content)
