"""``kdcore course``: some chapters as a small book of one's own."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kdbook.arguments import page_of, title_of
from kdbook.course.selection import Course, course
from kdbook.files import move, write_atomic
from kdbook.project import BookError, Chapter, Project

EXAMPLES = """\
example:
  kdcore course setting missing-mass soft-labels squared-logits --output my-course --title "What is not seen"
  kdcore --project my-course build --strict
"""


def add_course(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "course",
        help="write some chapters as a small book of their own",
        description="Write a folder with some chapters as a book: with their exercises, slides and questions, the "
        "glossary and the bibliography as far as they are used, and a title page. References to other chapters become "
        "words, with a link if the whole book has an address (html: baseurl in _config.yml).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("chapters", nargs="+", metavar="CHAPTER", help="a name, a number or a part of a title")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="a new or an empty folder")
    parser.add_argument("--title", metavar="TITLE", help="of the course (default: that of the book)")
    parser.set_defaults(run=_course)


def _course(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    title = title_of(options.title, project.title())
    target = _target(project, options.output)
    made = course(project, _chapters(project, options.chapters), title)
    _write(made, target)
    _tell(made, options.output)
    return 0


def _chapters(project: Project, words: Sequence[str]) -> list[Chapter]:
    root = project.pages()[0]
    found: list[Chapter] = []
    for word in words:
        if page_of(word) == root:
            raise BookError(f"{root} is the title page of the book: a course has its own")
        chapter = project.chapter(word)
        if chapter in found:
            raise BookError(f"the chapter {chapter.name} is named twice, the second time as {word!r}")
        found.append(chapter)
    return found


def _target(project: Project, folder: Path) -> Path:
    target = folder.resolve()
    if target.is_relative_to(project.book.resolve()):
        raise BookError(f"{folder} lies in the book's own folder book/: choose another place for the course")
    if target.exists() and not target.is_dir():
        raise BookError(f"{folder} is a file: a course needs a new or an empty folder")
    if target.is_dir() and any(target.iterdir()):
        raise BookError(f"{folder} is not empty: a course needs a new or an empty folder")
    return target


def _write(made: Course, target: Path) -> None:
    """Write all files, or none."""
    new = target.with_name(f".{target.name}-new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        for path, data in made.files.items():
            write_atomic(new / path, data)
        if target.is_dir():
            target.rmdir()
        move(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _tell(made: Course, folder: Path) -> None:
    print(f"wrote {folder}: {made.title}")
    for number, chapter in enumerate(made.chapters, start=1):
        print(f"  {number}  {chapter.name:<20} {chapter.title}")
    print("  with " + ", ".join(f"{count} {what}" for what, count in made.counts.items() if count))
    print(f"next: 'kdcore --project {folder} build --strict', then open {folder / '_build' / 'html' / 'index.html'}")
    print(
        f"      'kdcore --project {folder} slides' lists its decks, 'kdcore --project {folder} handout' makes notebooks"
    )
