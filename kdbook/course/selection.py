"""A course of one's own: some chapters of the book as a small book, with what of the rest they need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from kdbook import pages
from kdbook.course import decks
from kdbook.course.exercises import read_exercises
from kdbook.course.references import References, bibliography, glossary, questions
from kdbook.markup import elsewhere, myst
from kdbook.markup.elsewhere import Elsewhere
from kdbook.project import BookError, Chapter, Project

QUESTIONS = "questions"
BIBLIOGRAPHY, STATEMENTS, SYMBOLS, PROFILES = "references.bib", "statements.yml", "symbols.yml", "profiles.yml"
_AS_THEY_ARE = ("CITATION.cff", "LICENSE", "LICENSE-PROSE", "requirements.txt")
_WHOLE_FOLDERS = ("_static/css", "_static/js", "_templates", decks.TEMPLATE)
_GENERATED = ("exercise-table", "glossary", "bibliography")


@dataclass(frozen=True)
class Course:
    """Some chapters of a book as a book.

    Attributes
    ----------
    title : str
        Of the course.
    chapters : sequence of Chapter
        Its chapters, in their order.
    files : mapping of Path to bytes
        All its files, by path in its folder.
    counts : mapping of str to int
        How many exercises, decks, questions, terms, works and references in words it has.
    """

    title: str
    chapters: Sequence[Chapter]
    files: Mapping[Path, bytes]
    counts: Mapping[str, int]


def course(project: Project, chapters: Sequence[Chapter], title: str) -> Course:
    """Return a course of some chapters.

    Parameters
    ----------
    project : Project
        The book.
    chapters : sequence of Chapter
        The chapters, in the order of the course.
    title : str
        Its title.

    Raises
    ------
    BookError
        If a page of the book cannot be read, or a chapter is called as a page that a course has besides.
    """
    try:
        return _course(project, chapters, title)
    except ValueError as error:
        raise BookError(f"a page of the book cannot be read: {error}") from None


def _course(project: Project, chapters: Sequence[Chapter], title: str) -> Course:
    names = [chapter.name for chapter in chapters]
    whole = Elsewhere.of(project, own=())
    plain = {page: _text(project, page) for page in project.pages() if page not in names and _is_plain(project, page)}
    root = project.pages()[0]
    notation = [page for page, text in plain.items() if _has(text, "symbols")]
    given = {kind: next((page for page, text in plain.items() if _has(text, kind)), "") for kind in _GENERATED}
    taken = {QUESTIONS, root} & set(names)
    if taken:
        raise BookError(f"a course has a page {', '.join(taken)} of its own: no chapter may be called so")

    asked = {whole.pages[page]: list(questions(text, names, whole)) for page, text in plain.items()}
    exercises = sum(len(read_exercises(chapter)) for chapter in chapters)
    written: dict[str, str] = {}
    if exercises and given["exercise-table"]:
        written[given["exercise-table"]] = _EXERCISES
    if any(asked.values()):
        written[QUESTIONS] = _questions(asked)
    written |= {page: plain[page] for page in notation}
    symbols = project.book / SYMBOLS
    listed = yaml.safe_load(symbols.read_text(encoding="utf-8")) if notation and symbols.is_file() else []
    meanings = [str(symbol["says"]) for section in listed for symbol in section["symbols"]]
    prose = [text for name in names for text in elsewhere.texts(project, name)]
    used = References.of([*prose, *written.values(), *meanings])

    entries = ""
    if given["glossary"]:
        entries = glossary(_body(plain[given["glossary"]], "glossary"), used.terms)
    if entries:
        written[given["glossary"]] = (
            f"# {whole.pages[given['glossary']]}\n\n```{{glossary}}\n:sorted:\n\n{entries}\n```\n"
        )
    paper = References.of([plain.get(root, "")]).works
    used = References.of([*prose, *written.values(), *meanings, *(f"{{cite}}`{key}`" for key in paper)])
    works = ""
    if given["bibliography"] and (project.book / BIBLIOGRAPHY).is_file():
        works = bibliography((project.book / BIBLIOGRAPHY).read_text(encoding="utf-8"), used.works)
        written[given["bibliography"]] = plain[given["bibliography"]]
    written[root] = _title_page(project, chapters, title, paper, written, whole)

    own = {*names, *notation}
    absent = {label for label in used.labels if label in whole.labels and whole.labels[label].page not in own}
    there = whole.only(absent, used.pages - own - set(written), used.figures - _drawn(project, own))
    files = {Path("book") / f"{page}.md": text.encode() for page, text in written.items()}
    files |= {Path("book") / f"{chapter.name}.ipynb": chapter.path.read_bytes() for chapter in chapters}
    files |= {
        Path("_config.yml"): _config(project, title).encode(),
        Path("_toc.yml"): _toc(root, names, written).encode(),
    }
    data = dict(_data(project, {*names, *written}))
    data |= {BIBLIOGRAPHY: works, elsewhere.FILE: there.to_text(), SYMBOLS: _symbols(listed, {*names, *written})}
    files |= {Path("book") / name: text.encode() for name, text in data.items() if text}
    files |= _copied(project, {*names, *written}, used, [*prose, *written.values()])
    counts = {
        "exercises": exercises,
        "decks": sum(made.name in names for made in decks.committed(project)),
        "questions": sum(map(len, asked.values())),
        "terms": len(list(elsewhere.entries(entries))),
        "works": sum(line.startswith("@") for line in works.splitlines()),
        "references in words": len(there.labels) + len(there.pages),
    }
    return Course(title, chapters, files, counts)


def _is_plain(project: Project, page: str) -> bool:
    return (project.book / f"{page}.md").is_file()


def _text(project: Project, page: str) -> str:
    return (project.book / f"{page}.md").read_text(encoding="utf-8")


def _has(text: str, directive: str) -> bool:
    return any(box.name == directive for box in myst.directives(text))


def _body(text: str, directive: str) -> str:
    return "\n\n".join(box.body for box in myst.directives(text) if box.name == directive)


def _drawn(project: Project, own: Iterable[str]) -> set[str]:
    """Return the pictures that the course's own chapters show."""
    return set(References.of(text for page in own for text in elsewhere.texts(project, page)).figures)


_EXERCISES = """\
# Exercises

Every exercise of these chapters: what kind of work it is, how hard, and what checks the answer. Where the last column
names a label, `kd.check` says whether an answer is right. Solutions are folded below each exercise in its chapter.

```{exercise-table}
```
"""


def _questions(asked: Mapping[str, Sequence[str]]) -> str:
    lines = ["# Questions", "", "Each answer is explained when you choose it; try the others, too.", ""]
    for title, found in asked.items():
        if found:
            lines += [f"## {title}", "", *(f"{question}\n" for question in found)]
    return "\n".join(lines)


def _title_page(
    project: Project,
    chapters: Sequence[Chapter],
    title: str,
    paper: Iterable[str],
    written: Mapping[str, str],
    whole: Elsewhere,
) -> str:
    book = f"[*{project.title()}*]({whole.address})" if whole.address else f"*{project.title()}*"
    works = f" It goes with {{cite:t}}`{','.join(sorted(paper))}`." if paper else ""
    lines = [f"# {title}", "", f"A course made of chapters of the book {book}.{works}", ""]
    lines += [f"{number}. [](/{chapter.name}.ipynb)" for number, chapter in enumerate(chapters, start=1)]
    others = [f"[](/{page}.md)" for page in written]
    if others:
        lines += ["", f"Besides: {', '.join(others)}."]
    if any(made.name in {chapter.name for chapter in chapters} for made in decks.committed(project)):
        lines += ["", "## Slides", "", "```{deck-table}", "```"]
    return "\n".join(lines) + "\n"


def _toc(root: str, names: Iterable[str], written: Mapping[str, str]) -> str:
    parts: list[dict[str, Any]] = [{"caption": "Chapters", "numbered": 1, "chapters": [{"file": n} for n in names]}]
    others = [page for page in written if page != root]
    if others:
        parts.append({"caption": "Besides", "chapters": [{"file": page} for page in others]})
    return yaml.safe_dump({"format": "jb-book", "root": root, "parts": parts}, sort_keys=False, allow_unicode=True)


def _config(project: Project, title: str) -> str:
    """Return the book's configuration with another title, and without the address of the whole book."""
    text = (project.root / "_config.yml").read_text(encoding="utf-8")
    text = _with_value(text, ["title"], title)
    return _with_value(text, ["html", "baseurl"], "")


def _with_value(text: str, keys: Sequence[str], value: str) -> str:
    """Return YAML with another value at a place, if it has the place; comments stay."""
    node = yaml.compose(text)
    for key in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((inner for name, inner in pairs if name.value == key), None)
    if node is None:
        return text
    written = json.dumps(value, ensure_ascii=False)
    return f"{text[: node.start_mark.index]}{written}{text[node.end_mark.index :]}"


def _data(project: Project, kept: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what the book knows about the pages of the course."""
    said, default = asdict(pages.of(project).only(kept)), pages.Pages()
    values = {
        entry.name: said[entry.name] for entry in fields(default) if said[entry.name] != getattr(default, entry.name)
    }
    listed = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    yield pages.FILE, _yaml(listed)
    if (project.book / PROFILES).is_file():
        profiles = {name: settings or {} for name, settings in project.profiles().items()}
        reduced = {name: {k: v for k, v in settings.items() if k in kept} for name, settings in profiles.items()}
        yield PROFILES, _yaml(reduced)
    if (project.book / STATEMENTS).is_file():
        entries = yaml.safe_load((project.book / STATEMENTS).read_text(encoding="utf-8"))
        yield STATEMENTS, yaml.safe_dump(_statements(entries, kept), sort_keys=False, allow_unicode=True)


def _statements(entries: list[dict[str, Any]], kept: set[str]) -> list[dict[str, Any]]:
    """Return the statements of the course's pages, each with what it uses of them."""
    own = [entry for entry in entries if entry["chapter"] in kept]
    anchors = {entry["anchor"] for entry in own}
    return [{**entry, "uses": [used for used in entry["uses"] if used in anchors]} for entry in own]


def _symbols(sections: list[dict[str, Any]], kept: set[str]) -> str:
    """Return the list of symbols, without the pages that the course has not."""
    for symbol in (symbol for section in sections for symbol in section["symbols"]):
        own = [page for page in symbol.pop("not_in", []) if page in kept]
        symbol |= {"not_in": own} if own else {}
    return yaml.safe_dump(sections, sort_keys=False, allow_unicode=True, width=120) if sections else ""


def _yaml(values: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=120) if values else ""


def _copied(project: Project, kept: set[str], used: References, texts: Sequence[str]) -> dict[Path, bytes]:
    """Return the files that are taken as they are: licences, styles and scripts, and what pages name or have alone."""
    book = project.book
    wanted = [path for folder in _WHOLE_FOLDERS for path in (book / folder).rglob("*")]
    wanted += [book / "_static" / "live" / f"{name}.js" for name in used.live]
    wanted += [path for page in kept for path in (book / "_static" / "only" / page).rglob("*")]
    wanted += [path for path in (book / "_static").rglob("*") if _named(path.relative_to(book).as_posix(), texts)]
    found = {Path("book") / path.relative_to(book): path for path in wanted}
    found |= {Path(name): project.root / name for name in _AS_THEY_ARE}
    return {place: path.read_bytes() for place, path in found.items() if path.is_file()}


def _named(name: str, texts: Sequence[str]) -> bool:
    return any(name in text for text in texts)
