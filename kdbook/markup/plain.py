"""MyST Markdown as the plain Markdown that Jupyter shows: for notebooks that leave the book, and for slides.

Boxes become quotations with a title, references become the numbers and names that the book shows, and what only a
rendered page can hold (index entries, targets) goes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from nbformat import NotebookNode

from kdbook.markup import myst
from kdbook.markup.elements import Directive, Element, Equation, Link, Role, Target
from kdbook.markup.labels import Labels, citation
from kdbook.project import BookError

_DROPPED = {"index", "raw"}  # what is raw is for pages, such as the place of a widget
_AS_WRITTEN = {"fence", "colon_fence", "code_block", "html_block"}
"""Blocks in which blank lines mean something."""


class Plain:
    """Turns MyST into plain Markdown.

    Parameters
    ----------
    labels : Labels
        What the book calls its parts.
    values : mapping of str to str
        What ``glue`` stands for, by name: :func:`glued` reads them from a notebook.
    render : mapping of str to function, optional
        What to make of a directive instead, by its name; the function takes the directive.
    """

    def __init__(
        self,
        labels: Labels,
        values: Mapping[str, str],
        render: Mapping[str, Callable[[Directive], str]] | None = None,
    ) -> None:
        self.labels = labels
        self.values = values
        self.render = dict(render or {})

    def markdown(self, text: str) -> str:
        """Return a text in plain Markdown.

        Raises
        ------
        BookError
            If it has a directive or a role that is not known here, a reference to nothing, or an open fence.
        """
        found = _elements(text)
        changes = [change for element in found for change in self._changes(text, element)]
        return _tidy(myst.rewritten(text, changes))

    def pieces(self, text: str, apart: Collection[str]) -> list[str | Directive]:
        """Return a text in plain Markdown, cut at the directives with the names ``apart``, which stay what they are.

        Raises
        ------
        BookError
            As :meth:`markdown`.
        """
        found: list[str | Directive] = []
        place = 0
        for element in _elements(text):
            if isinstance(element.content, Directive) and element.content.name in apart:
                found += [self.markdown(text[place : element.start]), element.content]
                place = element.end
        return [*found, self.markdown(text[place:])]

    def _changes(self, text: str, element: Element) -> Iterator[tuple[int, int, str]]:
        """Yield what becomes of an element of a text, as :func:`kdbook.markup.myst.rewritten` takes it."""
        start, end, content = element.start, element.end, element.content
        if isinstance(content, Directive):
            new = self._box(content)
            yield start, end, myst.continued(new.strip("\n"), element.prefix) if element.prefix else new
        elif isinstance(content, Target):
            yield start, end if element.prefix else end + 1, ""
        elif isinstance(content, Equation):
            new = f"\n{element.prefix}\\tag{{{self._name(content.label)[1:-1]}}}\n{element.prefix}$$"
            yield _formula_end(text, element), end, new
        elif isinstance(content, Role) and content.name == "download":
            yield (*_with_its_place(text, element), "")
        elif isinstance(content, Role):
            yield start, end, self._role(content)
        elif isinstance(content, Link) and content.page:
            if content.words:
                yield start, start + 1, ""
                yield content.words_end, end, ""
            else:
                yield start, end, f"*{self._place(content.page)}*"

    def _box(self, part: Directive) -> str:
        if part.name in self.render:
            return self.render[part.name](part)
        if part.name in _DROPPED:
            return ""
        if part.name == "prf:proof":
            return f"\n*Proof.* {self.markdown(part.body)} ∎\n"
        if part.name == "fold":
            return f"\n*{self.markdown(part.argument)}.* {self.markdown(part.body)}\n"
        if part.name.startswith("prf:"):
            kind, title = part.name.removeprefix("prf:").capitalize(), self.markdown(part.argument)
            return _quoted(f"**{kind}{f' ({title})' if title else ''}.**", self.markdown(part.body))
        if part.name in ("exercise", "solution"):
            title = f"Exercise ({part.argument})" if part.name == "exercise" else "Solution"
            return f"\n**{title}.**\n\n{self.markdown(part.body)}\n"
        if part.name == "figure":
            return f"\n*{self._figure_name(part)}.* {self.markdown(part.body)}\n"
        if part.name == "stepped-figure":
            inside = myst.parts(part.body)
            frames = [f"- {self.markdown(p.body)}" for p in inside if isinstance(p, Directive)]
            caption = "".join(p for p in inside if isinstance(p, str))
            return "\n".join(["", f"*{self._figure_name(part)}.* {self.markdown(caption)}", "", *frames, ""])
        if part.name == "live":
            return self.markdown(part.body)
        if part.name in ("margin", "admonition", "note", "tip", "table"):
            title = self.markdown(part.argument)
            return _quoted(f"**{title}.**" if title else "", self.markdown(part.body))
        raise BookError(f"no plain form is known for the directive {{{part.name}}}")

    def _figure_name(self, part: Directive) -> str:
        return self.labels.names.get(part.options.get("name", ""), "Figure")

    def _place(self, address: str) -> str:
        """Return the title of a page, or what a label is called."""
        return self.labels.titles.get(address) or self.labels.names.get(address, address)

    def _name(self, label: str) -> str:
        if label not in self.labels.names:
            raise BookError(f"a reference leads to {label!r}, which no chapter has")
        return self.labels.names[label]

    def _role(self, role: Role) -> str:
        name, words, target = role.name, role.words, role.target
        if name in ("prf:ref", "ref", "numref", "eq"):
            return words or self._name(target)
        if name == "term":
            return words or target
        if name == "glue:text":
            return self._value(target)
        if name.startswith("cite:"):
            return citation(name.removeprefix("cite:"), [self._work(key.strip()) for key in target.split(",")])
        raise BookError(f"no plain form is known for the role {{{name}}}`{target}`")

    def _value(self, target: str) -> str:
        name, _, form = target.partition(":")
        if name not in self.values:
            raise BookError(f"the value {name!r} is glued by no cell")
        return format(float(self.values[name]), form) if form else self.values[name]

    def _work(self, key: str) -> tuple[str, str]:
        if key not in self.labels.works:
            raise BookError(f"the bibliography has no {key!r}")
        return self.labels.works[key]


def _elements(text: str) -> tuple[Element, ...]:
    try:
        return myst.elements(text)
    except ValueError as error:
        raise BookError(str(error)) from None


def _formula_end(text: str, element: Element) -> int:
    """Return where the formula of an equation ends, without the white space before its last dollars."""
    lines = text[element.start : text.rindex("$$", element.start, element.end)].split("\n")
    while len(lines) > 1 and not lines[-1].strip(" >"):
        lines.pop()
    return element.start + len("\n".join(lines).rstrip())


def _with_its_place(text: str, element: Element) -> tuple[int, int]:
    """Return the place of a file to download with the punctuation behind it and the space around it."""
    start, end = element.start, element.end
    if text[end : end + 1] not in (",", "."):
        raise BookError(f"no plain form is known for {text[start:end]} without a comma or a full stop behind it")
    before = text[:start].rstrip()
    if before and "\n\n" not in text[len(before) : start]:
        return len(before), end + 1
    return start, len(text) - len(text[end + 1 :].lstrip())


def _tidy(text: str) -> str:
    """Return a text without more than one blank line in a row, but where they mean something."""
    if "\n\n\n" not in text:
        return text.strip("\n")
    lines = text.split("\n")
    blocks = [token.map for token in myst.block_parser().parse(text) if token.type in _AS_WRITTEN and token.map]
    kept = {line for first, end in blocks for line in range(first, end)}
    blank = [line == "" and place not in kept for place, line in enumerate(lines)]
    surplus = [now and before for now, before in zip(blank, [False, *blank], strict=False)]
    return "\n".join(line for line, much in zip(lines, surplus, strict=True) if not much).strip("\n")


def _quoted(title: str, body: str) -> str:
    lines = [*([title, ""] if title else []), *body.strip("\n").split("\n")]
    return "\n" + "\n".join(f"> {line}".rstrip() for line in lines) + "\n"


def glued(notebook: NotebookNode) -> dict[str, str]:
    """Return what the cells of a notebook have glued, by name, as text."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            if name:
                text = next((v for k, v in output.data.items() if k.endswith("text/plain")), "")
                found[name] = str(text).strip("'\"")
    return found
