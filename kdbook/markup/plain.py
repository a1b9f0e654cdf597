"""MyST Markdown as the plain Markdown that Jupyter shows: for notebooks that leave the book, and for slides.

Boxes become quotations with a title, references become the numbers and names that the book shows, and what only a
rendered page can hold (index entries, targets) goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from pybtex.database import Person, parse_file

from kdbook.execution import notebooks
from kdbook.project import BookError, Project

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|:{3,})\{(?P<name>[\w:-]+)\} *(?P<argument>.*?) *$")
_OPTION = re.compile(r"^ *:(?P<name>[\w-]+):(?: +(?P<value>.*?))? *$")
_ROLE = re.compile(r"\{(?P<name>[\w:-]+)\}`(?P<text>[^`]*)`")
_TARGET = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<page>/?[\w-]+)(?:\.ipynb|\.md)(?P<anchor>#[\w-]+)?\)")
_EQUATION = re.compile(r"\$\$(?P<formula>[^$]+?)\s*\$\$ *\((?P<label>[\w-]+)\)")
_FILES = re.compile(r"\s*(?:\{download\}`[^`]*`[,.]\s*)+")
_DROPPED = {"index", "raw"}  # what is raw is for pages, such as the place of a widget


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


def parts(text: str) -> list[str | Directive]:
    """Split Markdown into its directives and the text between them; directives inside others stay in their bodies.

    Raises
    ------
    ValueError
        If a fence is not closed.
    """
    found: list[str | Directive] = []
    between: list[str] = []
    lines = iter(text.split("\n"))
    code: str | None = None
    for line in lines:
        opening = None if code else _FENCE.match(line)
        if opening is None:
            code = _code_fence(line, code)
            between.append(line)
            continue
        if between:
            found.append("\n".join(between) + "\n")
            between = []
        fence, indent = opening["fence"], len(opening["indent"])
        inside: list[str] = []
        for inner in lines:
            if inner.strip() == fence:
                break
            inside.append(inner[indent:] if not inner[:indent].strip() else inner)
        else:
            raise ValueError(f"the directive {{{opening['name']}}} {opening['argument']} is not closed")
        found.append(_directive(opening, inside))
    if between:
        found.append("\n".join(between))
    return found


def _code_fence(line: str, open_fence: str | None) -> str | None:
    """Return the fence of the block of code that the next line lies in, or None."""
    match = re.match(r" *(`{3,}|~{3,})", line)
    if match is None:
        return open_fence
    if open_fence is None:
        return match[1]
    return None if line.strip() == open_fence else open_fence


def _directive(opening: re.Match[str], lines: list[str]) -> Directive:
    options = {}
    while lines and (match := _OPTION.match(lines[0])):
        options[match["name"]] = match["value"] or ""
        lines = lines[1:]
    return Directive(opening["name"], opening["argument"], options, "\n".join(lines).strip("\n"))


@dataclass(frozen=True)
class Labels:
    """What the book calls its parts.

    Attributes
    ----------
    names : mapping of str to str
        By label: ``Theorem 3.1`` for a statement, ``(2.3)`` for an equation, ``Fig. 2.1`` for a figure,
        ``Exercise “…”`` for an exercise, the heading for a section.
    titles : mapping of str to str
        Of pages, by name.
    works : mapping of str to tuple
        Authors and year, by key of the bibliography.
    """

    names: Mapping[str, str]
    titles: Mapping[str, str]
    works: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, project: Project) -> Labels:
        """Read the labels of a project's chapters."""
        names: dict[str, str] = {}
        for number, sources in _numbered(project):
            names |= _names(number, sources)
        titles = {chapter.name: chapter.title for chapter in project.chapters()}
        for page in project.pages():
            path = project.book / f"{page}.md"
            if path.is_file():
                heading = re.search(r"^# +(.+?) *$", path.read_text(encoding="utf-8"), re.MULTILINE)
                titles[page] = heading[1] if heading else page
        bibliography = project.book / "references.bib"
        return cls(names, titles, _works(bibliography) if bibliography.is_file() else {})


def _numbered(project: Project) -> Iterable[tuple[int, list[str]]]:
    """Yield each chapter's number and its Markdown."""
    for chapter in project.chapters():
        cells = notebooks.read(chapter.path).cells
        yield chapter.number, [cell.source for cell in cells if cell.cell_type == "markdown"]


def _names(number: int, sources: Iterable[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    count = {"eq": 0, "fig": 0, "table": 0}
    for source in sources:
        for target, heading in re.findall(r"^\(([\w-]+)\)=\n+#+ +(.+?) *$", source, re.MULTILINE):
            names[target] = heading
        for label in [match["label"] for match in _EQUATION.finditer(source)]:
            count["eq"] += 1
            names[label] = f"({number}.{count['eq']})"
        for part in _all_directives(source):
            label = part.options.get("label") or part.options.get("name")
            if part.name in ("figure", "stepped-figure", "table"):
                kind = "table" if part.name == "table" else "fig"
                count[kind] += 1
                names |= {label: f"{'Table' if kind == 'table' else 'Fig.'} {number}.{count[kind]}"} if label else {}
            elif label and part.name.startswith("prf:"):
                names[label] = statement_name(part)
            elif label and part.name == "exercise":
                names[label] = f"Exercise “{part.argument}”"
    return names


def _all_directives(text: str) -> Iterable[Directive]:
    """Yield the directives of a text and those inside them, but for the frames of a stepped figure."""
    for part in parts(text):
        if isinstance(part, Directive):
            yield part
            if part.name != "stepped-figure":
                yield from _all_directives(part.body)


def statement_name(part: Directive) -> str:
    """Return what a statement is called in a sentence: ``Theorem 3.1``, or its kind and title."""
    kind = part.name.removeprefix("prf:").capitalize()
    number = re.match(r"[A-Z]?\.?[\d.]+", part.argument)
    return f"{kind} {number[0]}" if number else f"{kind} ({part.argument})"


def _works(bibliography: Path) -> dict[str, tuple[str, str]]:
    entries = parse_file(str(bibliography)).entries
    return {key: (_authors(entry.persons.get("author", [])), entry.fields["year"]) for key, entry in entries.items()}


def _authors(persons: list[Person]) -> str:
    names = [" ".join(part.strip("{}") for part in (*p.prelast_names, *p.last_names)) for p in persons]
    if len(names) > 3:
        return f"{names[0]} et al."
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


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
        try:
            pieces = parts(text)
        except ValueError as error:
            raise BookError(str(error)) from None
        done = [self._box(piece) if isinstance(piece, Directive) else self._text(piece) for piece in pieces]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(done)).strip("\n")

    def _box(self, part: Directive) -> str:
        if part.name in self.render:
            return self.render[part.name](part)
        if part.name in _DROPPED:
            return ""
        if part.name == "prf:proof":
            return f"\n*Proof.* {self.markdown(part.body)} ∎\n"
        if part.name.startswith("prf:"):
            kind, title = part.name.removeprefix("prf:").capitalize(), self.markdown(part.argument)
            return _quoted(f"**{kind}{f' ({title})' if title else ''}.**", self.markdown(part.body))
        if part.name in ("exercise", "solution"):
            title = f"Exercise ({part.argument})" if part.name == "exercise" else "Solution"
            return f"\n**{title}.**\n\n{self.markdown(part.body)}\n"
        if part.name == "figure":
            return f"\n*{self._figure_name(part)}.* {self.markdown(part.body)}\n"
        if part.name == "stepped-figure":
            frames = [f"- {self.markdown(p.body)}" for p in parts(part.body) if isinstance(p, Directive)]
            caption = "".join(p for p in parts(part.body) if isinstance(p, str))
            return "\n".join(["", f"*{self._figure_name(part)}.* {self.markdown(caption)}", "", *frames, ""])
        if part.name in ("margin", "admonition", "note", "tip", "table"):
            title = self.markdown(part.argument)
            return _quoted(f"**{title}.**" if title else "", self.markdown(part.body))
        raise BookError(f"no plain form is known for the directive {{{part.name}}}")

    def _figure_name(self, part: Directive) -> str:
        return self.labels.names.get(part.options.get("name", ""), "Figure")

    def _text(self, text: str) -> str:
        text = _FILES.sub("", _TARGET.sub("", text))
        text = _EQUATION.sub(lambda m: f"$${m['formula']}\n\\tag{{{self._name(m['label'])[1:-1]}}}\n$$", text)
        text = _ROLE.sub(self._role, text)
        return _LINK.sub(lambda m: m["text"] or f"*{self._page(m['page'])}*", text)

    def _page(self, page: str) -> str:
        name = page.removeprefix("/")
        return self.labels.titles.get(name, name)

    def _name(self, label: str) -> str:
        if label not in self.labels.names:
            raise BookError(f"a reference leads to {label!r}, which no chapter has")
        return self.labels.names[label]

    def _role(self, match: re.Match[str]) -> str:
        name, text = match["name"], match["text"]
        parsed = re.fullmatch(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", text, re.DOTALL)
        words, target = (parsed["text"], parsed["target"]) if parsed else ("", text)
        if name in ("prf:ref", "ref", "numref", "eq"):
            return words or self._name(target)
        if name == "term":
            return words or target
        if name == "glue:text":
            return self._value(target)
        if name.startswith("cite:"):
            works = [self._work(key.strip()) for key in target.split(",")]
            if name == "cite:t":
                return ", ".join(f"{authors} ({year})" for authors, year in works)
            return f"({'; '.join(f'{authors} {year}' for authors, year in works)})"
        raise BookError(f"no plain form is known for the role {{{name}}}`{text}`")

    def _value(self, target: str) -> str:
        name, _, form = target.partition(":")
        if name not in self.values:
            raise BookError(f"the value {name!r} is glued by no cell")
        return format(float(self.values[name]), form) if form else self.values[name]

    def _work(self, key: str) -> tuple[str, str]:
        if key not in self.labels.works:
            raise BookError(f"the bibliography has no {key!r}")
        return self.labels.works[key]


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
