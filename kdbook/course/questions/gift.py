r"""GIFT: the text format that Moodle imports, with texts in HTML and formulas as its MathJax filter reads them.

A line that begins with ``//`` is a comment, a blank line ends a question, and ``\ ~ = # { } :`` and the end of a line
are written with a backslash wherever they mean themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

from kdbook.course.questions.worded import Answer, Worded

_ESCAPED = {character: f"\\{character}" for character in "\\~=#{}:"} | {"\n": "\\n"}
_MARK = "[html]"


def escaped(text: str) -> str:
    """Return a text with a backslash before each character that means something in GIFT."""
    return "".join(_ESCAPED.get(character, character) for character in text)


def gift(questions: Sequence[Worded], categories: Sequence[Sequence[str]], remarks: Sequence[str]) -> str:
    r"""Return questions in GIFT.

    Parameters
    ----------
    questions : sequence of Worded
        The questions, with formulas between ``\(`` and ``\)``.
    categories : sequence of sequence of str
        Of each question, from the outermost category to its own.
    remarks : sequence of str
        Lines to begin with, as comments.
    """
    blocks = ["\n".join(f"// {line}".rstrip() for line in remarks)]
    last: Sequence[str] = ()
    for question, category in zip(questions, categories, strict=True):
        if category != last:
            blocks.append(f"$CATEGORY: {'/'.join(name.replace('/', '//') for name in category)}")
            last = category
        blocks.append(_question(question))
    return "\n\n".join(blocks) + "\n"


def _question(question: Worded) -> str:
    source = question.source
    tags = "".join(f" [tag:{name}]" for name in source.about)
    asks = f"<p>{question.asks}</p>{question.more}"
    answers = [
        f"\t{_weight(answer, share, source.several)}{_MARK}{escaped(answer.text)}#{_MARK}{escaped(answer.feedback)}"
        for answer, share in zip(question.answers, question.shares, strict=True)
    ]
    head = f"// [id:{source.label}]{tags}\n::{escaped(source.label)}::{_MARK}{escaped(asks)}{{"
    return "\n".join([head, *answers, "}"])


def _weight(answer: Answer, share: float, several: bool) -> str:
    """Return the mark of an answer; shares have the five places with which Moodle lists them."""
    if several:
        return f"~%{100 * share:.5f}".rstrip("0").rstrip(".") + "%"
    return "=" if answer.right else "~"
