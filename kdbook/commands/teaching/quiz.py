"""``kdcore quiz``: the book's questions, listed, or as a file for another platform."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from kdbook.arguments import check_output, page_of, split
from kdbook.commands.build import add_only
from kdbook.course.questions.export import FORMATS, export
from kdbook.course.questions.outside import Outside
from kdbook.course.questions.read import Question, chosen, read_questions
from kdbook.files import write_atomic
from kdbook.folders import locked
from kdbook.markup.elsewhere import Elsewhere
from kdbook.project import BookError, Project
from kdbook.site.numbers import labels

EXAMPLES = """\
formats:
  gift   text that Moodle imports (Question bank, Import, GIFT format); formulas for its MathJax filter
  qti    QTI 2.1: a zip file with imsmanifest.xml, one item a file, and a test of them all; formulas in MathML
  html   one page that needs no network, with the feedback on each answer; prints with the answers at the end

Questions keep the book's order. Each has one point; where several answers may be chosen, the right ones share it, and
the wrong ones take shares away. QTI asks the platform to shuffle answers, in Moodle a setting of the quiz does,
the page does not. References lead to the book if it has an address (html: baseurl in _config.yml), else they are words.

examples:
  kdcore quiz
  kdcore quiz --only hard-labels,quiz-start -o questions.gift
  kdcore quiz --question quiz-buddies,quiz-pinsker --format qti -o questions.zip
"""
_NEXT = "next: 'kdcore quiz -o FILE' writes them, as .gift for Moodle, .zip in QTI 2.1 or .html"


def add_quiz(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "quiz",
        help="list the book's questions, or write them for Moodle and other platforms",
        description="List the questions of the book, or write them with their feedback for another platform.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--format", choices=FORMATS, help="of the file (default: what its ending says)")
    add_only(parser, "those about these chapters, or on these pages, alone")
    parser.add_argument(
        "--question", action="append", default=[], metavar="ID[,...]", help="these, besides those of --only"
    )
    endings = ", ".join(ending for endings in FORMATS.values() for ending in endings)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=f"where to: {endings}; it is replaced")
    parser.set_defaults(run=_quiz)


def _quiz(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    output: Path | None = options.output
    form = _format(options.format, output)
    whole = Elsewhere.of(project, own=())
    questions = read_questions(project, whole)
    if not questions:
        raise BookError("the book has no questions")
    wanted = chosen(
        questions, _places(project, options.only, questions), split(options.question, "--question needs names")
    )
    if output is None:
        _list(wanted)
        return 0
    with locked(project):
        called = labels(project)
    write_atomic(output, export(project, Outside(called, whole), wanted, form))
    count = f"{len(wanted)} question{'s' * (len(wanted) != 1)}"
    print(f"wrote {output}: {count} of {len(questions)}, with feedback, as {form}")
    return 0


def _format(given: str | None, output: Path | None) -> str:
    """Return the format to write, after a look at the file: before the long work."""
    if output is None:
        if given:
            raise BookError(f"--format {given} needs -o FILE, a {' or '.join(FORMATS[given])} file")
        return ""
    found = given or next((form for form, endings in FORMATS.items() if output.suffix in endings), None)
    check_output(output, *(FORMATS[found] if found else (ending for ends in FORMATS.values() for ending in ends)))
    return found or ""


def _places(project: Project, words: Sequence[str], questions: Sequence[Question]) -> tuple[str, ...]:
    """Return the pages with questions, or the chapters, that ``--only`` means."""
    pages = {question.page for question in questions}
    return tuple(
        page_of(word) if page_of(word) in pages else project.chapter(word).name
        for word in split(words, "--only needs names")
    )


def _list(questions: Sequence[Question]) -> None:
    width = max(60, shutil.get_terminal_size().columns)
    margin = max(len(question.label) for question in questions)
    for (page, title, section), found in groupby(questions, key=lambda one: (one.page, one.page_title, one.section)):
        print(f"{title} ({page}){f': {section}' if section else ''}")
        for question in found:
            about = f" [{', '.join(question.about)}]" if question.about else ""
            asked = textwrap.shorten(question.asks, width - margin - len(about) - 4, placeholder=" …")
            print(f"  {question.label:{margin}}  {asked}{about}")
    print(f"{len(questions)} questions; after each the chapters that it is about. {_NEXT}")
