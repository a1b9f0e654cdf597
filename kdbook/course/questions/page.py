"""One page of HTML that needs nothing else: questions that check themselves, as they do in the book.

It has the script and the style of the book's own questions in it.  Formulas are MathML, which browsers show by
themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from kdbook import palette
from kdbook.course.questions.worded import Worded
from kdbook.project import BookError, Project

SCRIPT, STYLE = "_static/js/quiz.js", "_static/css/quiz.css"
"""Of the questions in the book's own pages."""
_HOW = (
    "Each answer is explained as soon as you choose it, and you may try the others, too. On the keyboard, the arrow "
    "keys move and the space bar chooses. Nothing is sent anywhere. On paper, the answers come at the end."
)


def page(project: Project, questions: Sequence[Worded], credit: str) -> str:
    """Return questions as a page.

    Parameters
    ----------
    project : Project
        The book, whose script and style the page takes along.
    questions : sequence of Worded
        The questions, with formulas in MathML.
    credit : str
        Who is to be named, and the licence.

    Raises
    ------
    BookError
        If the book has no such script or style.
    """
    title = f"{project.title()}: questions"
    parts: list[str] = []
    number = 0
    for heading, there in groupby(questions, key=lambda one: one.source.page_title):
        parts.append(f"<h2>{escape(heading)}</h2>")
        for section, found in groupby(there, key=lambda one: one.source.section):
            parts += [f"<h3>{escape(section)}</h3>"] if section else []
            for question in found:
                number += 1
                parts.append(_question(question, number))
    own = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    styles = [palette.light(), palette.dark_as_the_system(), _of_the_book(project, STYLE), own]
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>\n<style>",
            *styles,
            '</style>\n</head>\n<body>\n<main class="bd-article">',
            f'<h1>{escape(title)}</h1>\n<p class="how">{_HOW}</p>',
            *parts,
            f"<footer><p>{escape(credit)}</p></footer>\n</main>\n<script>",
            _of_the_book(project, SCRIPT),
            "</script>\n</body>\n</html>\n",
        ]
    )


def _question(question: Worded, number: int) -> str:
    source = question.source
    several = ' data-several=""' if source.several else ""
    answers = "\n".join(f'<li><span class="quiz-text">{answer.text}</span></li>' for answer in question.answers)
    right = {True: ' data-right=""', False: ""}
    reasons = "\n".join(f"<li{right[answer.right]}>{answer.judged}</li>" for answer in question.answers)
    return f"""\
<fieldset class="quiz" id="{escape(source.label)}"{several}>
<legend class="quiz-question"><span class="quiz-number">Question {number}.</span> {question.asks}</legend>
{question.more}
<ol class="quiz-answers">
{answers}
</ol>
<details class="quiz-key"><summary>Answers</summary>
<ol class="quiz-reasons">
{reasons}
</ol>
</details>
</fieldset>"""


def _of_the_book(project: Project, name: str) -> str:
    path = project.book / name
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BookError(f"a page of questions needs {path}: {error.strerror}") from None
