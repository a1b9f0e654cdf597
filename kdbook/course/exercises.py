"""The exercises of the book, read from its notebooks, and the page that lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from kdbook.execution import notebooks
from kdbook.markup import myst
from kdbook.markup.elements import Code, Directive
from kdbook.project import BookError, Chapter, Project

KINDS = {"by-hand": "By hand", "with-code": "With code", "open": "Open-ended"}
"""What the page calls each kind, by the class that an exercise has."""
LEVELS = 3
_BOXES = ("exercise", "solution")
_LEVEL = re.compile(r"level-(\d+)")
_CHECK = re.compile(r"""kd\.check\(\s*["'](?P<label>[^"']+)["']""")


@dataclass(frozen=True)
class Exercise:
    """An exercise of a chapter, and its solution.

    Attributes
    ----------
    chapter : str
        The name of the chapter.
    label, title : str
        Its own.
    kinds : tuple of str
        Keys of KINDS, in their order there.
    level : int or None
        From 1, the easiest, to LEVELS.
    statement : str
        MyST Markdown without the starter.
    starter : str or None
        The code that the student fills in.
    solution : str
        MyST Markdown, with its code.
    """

    chapter: str
    label: str
    title: str
    kinds: tuple[str, ...]
    level: int | None
    statement: str
    starter: str | None
    solution: str

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """The solution as pieces in order, each ``("text", Markdown)`` or ``("code", Python)``."""
        found = []
        place = 0
        for start, end, code in _python(self.solution):
            found += [("text", self.solution[place:start].strip("\n")), ("code", code)]
            place = end
        found.append(("text", self.solution[place:].strip("\n")))
        return [(kind, text) for kind, text in found if text.strip()]

    @property
    def code(self) -> list[str]:
        """The code of the solution."""
        return [text for kind, text in self.pieces if kind == "code"]

    @property
    def checks(self) -> list[str]:
        """The labels that the starter checks."""
        return checked(self.starter or "")

    @property
    def line(self) -> str:
        """What stands under the title: kind, level and whether code checks it."""
        return " · ".join(filter(None, [self.kind, stars(self.level), "checked by code" if self.starter else ""]))

    @property
    def kind(self) -> str:
        """The kinds in words."""
        return kinds_in_words(self.kinds)


def kinds_in_words(kinds: Sequence[str]) -> str:
    """Return what a page says of the kinds of an exercise."""
    words = [KINDS[kind] for kind in KINDS if kind in kinds]
    return " and ".join([*words[:1], *(word.lower() for word in words[1:])])


def stars(level: int | None) -> str:
    """Return a level as stars; empty if there is none."""
    return "" if level is None else "★" * level + "☆" * (LEVELS - level)


def spoken_stars(level: int) -> str:
    """Return a level as HTML: stars, hidden from screen readers, and words for them."""
    return (
        f'<span class="exercise-level" aria-hidden="true">{stars(level)}</span>'
        f'<span class="visually-hidden">level {level} of {LEVELS}</span>'
    )


def checked(code: str) -> list[str]:
    """Return the labels that a piece of code checks, in order."""
    return [match["label"] for match in _CHECK.finditer(code)]


def understood(classes: Iterable[str]) -> tuple[tuple[str, ...], int | None]:
    """Return the kinds and the level that the classes of an exercise say.

    Raises
    ------
    ValueError
        If a class is unknown, or there are two levels.
    """
    kinds, levels = set(), []
    for name in classes:
        match = _LEVEL.fullmatch(name)
        if match and 1 <= int(match[1]) <= LEVELS:
            levels.append(int(match[1]))
        elif name in KINDS:
            kinds.add(name)
        else:
            allowed = ", ".join([*KINDS, *(f"level-{n}" for n in range(1, LEVELS + 1))])
            raise ValueError(f"unknown class {name!r}: allowed are {allowed}")
    if len(levels) > 1:
        raise ValueError(f"it has {len(levels)} levels: one is allowed")
    return tuple(kind for kind in KINDS if kind in kinds), levels[0] if levels else None


def read_exercises(chapter: Chapter, notebook: NotebookNode | None = None) -> list[Exercise]:
    """Return the exercises of a chapter in order.

    Parameters
    ----------
    chapter : Chapter
        The chapter.
    notebook : NotebookNode, optional
        Its notebook, if it was read already.

    Raises
    ------
    BookError
        If an exercise is not as it should be; the message names the chapter and the exercise.
    """
    cells = (notebook or notebooks.read(chapter.path)).cells
    drafts: dict[str, _Draft] = {}
    for box in _boxes(chapter, [cell.source for cell in cells if cell.cell_type == "markdown"]):
        label = box.argument if box.name == "solution" else box.options.get("label", "")
        where = f"chapter {chapter.name}, exercise {label or repr(box.argument)}"
        if box.name == "solution":
            if label not in drafts:
                raise BookError(f"{where}: there is a solution, but no such exercise before it")
            if drafts[label].solutions:
                raise BookError(f"{where}: it has two solutions")
            drafts[label].solutions.append(box.body)
        elif not label:
            raise BookError(f"{where}: it has no label")
        elif label in drafts:
            raise BookError(f"{where}: another one has the same label")
        else:
            drafts[label] = _Draft(where, box)
    return [draft.exercise(chapter.name, label) for label, draft in drafts.items()]


@dataclass
class _Draft:
    where: str
    box: Directive
    solutions: list[str] = field(default_factory=list)

    def exercise(self, chapter: str, label: str) -> Exercise:
        try:
            kinds, level = understood(self.box.options.get("class", "").split())
        except ValueError as error:
            raise BookError(f"{self.where}: {error}") from None
        if not self.solutions:
            raise BookError(f"{self.where}: it has no solution")
        statement, starter = _split(self.box.body)
        for name in checked(starter or ""):
            if name != label and not name.startswith(f"{label}."):
                raise BookError(f"{self.where}: its starter checks {name}, which is another exercise's label")
        return Exercise(chapter, label, self.box.argument, kinds, level, statement, starter, self.solutions[0])


def _boxes(chapter: Chapter, sources: Iterable[str]) -> Iterator[Directive]:
    for source in sources:
        if not any(f"{{{name}}}" in source for name in _BOXES):
            continue
        try:
            found = [(e.content, e.prefix) for e in myst.elements(source) if isinstance(e.content, Directive)]
            nested = [
                box for outer, _ in found for box in myst.directives(outer.body) if outer.name not in myst.VERBATIM
            ]
        except ValueError as error:
            raise BookError(f"chapter {chapter.name}: {error}") from None
        yield from (box for box, prefix in found if box.name in _BOXES and not prefix)
        for box in [*nested, *(box for box, prefix in found if prefix)]:
            if box.name in _BOXES:
                what = f"{box.name} {box.label or box.argument}"
                raise BookError(f"chapter {chapter.name}, {what}: it stands in a list, a quotation or another box")


def _split(body: str) -> tuple[str, str | None]:
    """Return a statement without its starter, and the starter."""
    blocks = [block for block in _python(body) if checked(block[2])]
    if not blocks:
        return body, None
    start, end, code = blocks[-1]
    return (body[:start] + body[end:]).strip("\n"), code


def _python(text: str) -> list[tuple[int, int, str]]:
    """Return the blocks of Python in a text: where the lines of each begin and end, and its code."""
    found = [element for element in myst.elements(text) if isinstance(element.content, Code)]
    return [
        (text.rfind("\n", 0, element.start) + 1, element.end + 1, element.content.code.rstrip("\n"))
        for element in found
        if isinstance(element.content, Code) and element.content.language == "python"
    ]


def exercise_tables(project: Project) -> str:
    """Return the exercises of the book as Markdown: a heading and a table for each chapter that has some."""
    lines: list[str] = []
    for chapter in project.chapters():
        found = read_exercises(chapter)
        if not found:
            continue
        lines += [f"## {chapter.title}", "", "```{container} cards-by-row exercise-table"]
        lines += ["| Exercise | Kind | Level | `kd.check` |", "|:--|:--|:--|:--|"]
        for one in found:
            level = spoken_stars(one.level) if one.level else ""
            labels = ", ".join(f"`{label}`" for label in one.checks)
            lines.append(f"| {{ref}}`{one.title} <{one.label}>` | {one.kind} | {level} | {labels} |")
        lines += ["```", ""]
    return "\n".join(lines)
