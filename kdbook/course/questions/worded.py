"""Questions in HTML: references are the words that the book shows, formulas what a platform reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from typing import Any

from docutils.utils.math.latex2mathml import tex2mathml  # type: ignore[import-untyped]
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from kdbook.course.questions.outside import Outside
from kdbook.course.questions.read import Question
from kdbook.markup import html, myst
from kdbook.project import BookError

RIGHT, WRONG = "Right.", "Not right."
_MARKS = {"[x] ": True, "[ ] ": False}
_AS_TEX_READS = (
    (re.compile(r"(\\frac|\\sqrt|[\^_]) ?(\d)"), r"\1{\2}"),
    (re.compile(r"(\\frac\{[^{}]*\}) ?(\d)"), r"\1{\2}"),
    (re.compile(r"(?<=\d),(?=\d)"), ", "),
)
"""What makes docutils read digits as TeX does: to it, 12 is one number in \\frac12, and so is 0,1 in (0,1)."""
_BAR = re.compile(r"<mo[^>]*>\|</mo>")
"""To TeX a bar is no operator: it has no space around it."""
_HTML_ENTITY = re.compile(r"&(?!lt;|gt;|amp;|quot;)\w+;")
"""An entity that only HTML knows."""
_INLINE_MATH, _BLOCK_MATH = "math_inline", ("math_inline_double", "math_block", "math_block_label", "amsmath")

Maths = Callable[[str, bool], str]
"""Takes a formula in TeX, and whether it is displayed, and returns it as HTML."""


@dataclass(frozen=True)
class Answer:
    """An answer in HTML, without a paragraph around it, and the feedback on it, in paragraphs."""

    text: str
    right: bool
    feedback: str

    @property
    def judged(self) -> str:
        """The feedback, whose first paragraph begins with the verdict."""
        verdict = f'<p><strong class="quiz-verdict">{RIGHT if self.right else WRONG}</strong>'
        begins = self.feedback.startswith("<p>")
        return f"{verdict} {self.feedback.removeprefix('<p>')}" if begins else f"{verdict}</p>{self.feedback}"


@dataclass(frozen=True)
class Worded:
    """A question in HTML.

    Attributes
    ----------
    source : Question
        As the book has it.
    title : str
        What is asked, as plain text with formulas in TeX.
    asks : str
        What is asked, without a paragraph around it.
    more : str
        What the question adds before its answers, in blocks; mostly empty.
    answers : sequence of Answer
        In the book's order.
    """

    source: Question
    title: str
    asks: str
    more: str
    answers: Sequence[Answer]

    @property
    def n_right(self) -> int:
        """How many answers are right."""
        return sum(answer.right for answer in self.answers)

    @property
    def shares(self) -> list[float]:
        """What each answer adds to the point of the question.

        The right answers share the point, and so do the wrong ones what is taken away where several may be chosen:
        who chooses all, or none, has nothing.
        """
        n_wrong = len(self.answers) - self.n_right
        loss = -1 / n_wrong if self.source.several and n_wrong else 0.0
        return [1 / self.n_right if answer.right else loss for answer in self.answers]


def delimited(tex: str, displayed: bool) -> str:
    """Return a formula between the marks that MathJax looks for, as in Moodle."""
    opening, closing = ("\\[", "\\]") if displayed else ("\\(", "\\)")
    return escape(f"{opening}{tex.strip()}{closing}", quote=False)


def mathml(tex: str, displayed: bool) -> str:
    """Return a formula in MathML.

    Raises
    ------
    BookError
        If it cannot be read.
    """
    read = tex.strip()
    for pattern, new in _AS_TEX_READS:
        read = pattern.sub(new, read)
    try:
        lines = tex2mathml(read, as_block=displayed)
    except (SyntaxError, ValueError, AttributeError) as error:
        raise BookError(f"the formula {tex!r} cannot be written in MathML: {error}") from None
    joined = _BAR.sub('<mo lspace="0" rspace="0">|</mo>', "".join(line.strip() for line in lines.splitlines()))
    return _HTML_ENTITY.sub(lambda found: unescape(found[0]), joined)


def worded(question: Question, outside: Outside, maths: Maths) -> Worded:
    """Return a question in HTML.

    Parameters
    ----------
    question : Question
        As the book has it.
    outside : Outside
        Writes its references.
    maths : function
        Writes its formulas.

    Raises
    ------
    BookError
        If it is not as the ``quiz`` directive wants it, holds HTML, or shows a picture, which no format takes along.
    """
    try:
        write = _writer(maths)
        more, answers = _parts(outside.markdown(question.body), write)
        asks = outside.markdown(question.asks)
        title = html.piece(_writer(_as_tex).line(asks)).text_content()
        found = Worded(question, title, write.line(asks), more, answers)
        if not found.n_right or (found.n_right > 1 and not question.several):
            raise BookError(f"it has {found.n_right} right answers")
    except BookError as error:
        raise BookError(f"page {question.page}, question {question.label}: {error}") from None
    return found


def _as_tex(tex: str, _displayed: bool) -> str:
    return escape(tex.strip(), quote=False)


@cache
def _writer(maths: Maths) -> _Writer:
    """Return what writes Markdown with such formulas: setting up a parser takes longer than most texts."""
    return _Writer(maths)


class _Writer:
    """Writes Markdown as HTML."""

    def __init__(self, maths: Maths) -> None:
        self.parser: MarkdownIt = myst.parser.__wrapped__()
        self.parser.options["typographer"] = True
        self.parser.enable("smartquotes")

        def shown(_renderer: Any, tokens: Sequence[Token], place: int, _options: Any, _env: Any) -> str:
            return maths(tokens[place].content, tokens[place].type in _BLOCK_MATH)

        for name in (_INLINE_MATH, *_BLOCK_MATH):
            self.parser.add_render_rule(name, shown)
        assert isinstance(self.parser.renderer, RendererHTML)
        self.renderer = self.parser.renderer

    def tokens(self, text: str) -> list[Token]:
        found = self.parser.parse(text)
        kinds = {one.type for token in found for one in (token, *(token.children or []))}
        if "image" in kinds:
            raise BookError("it shows a picture, which cannot be taken along")
        if kinds & {"html_inline", "html_block"}:
            raise BookError("it holds HTML, which platforms may not show: write Markdown")
        return list(found)

    def blocks(self, tokens: Sequence[Token]) -> str:
        return self.renderer.render(tokens, self.parser.options, {}).strip()

    def line(self, text: str) -> str:
        (_, inline, _) = self.tokens(text)
        return self.inline(inline.children or [])

    def inline(self, tokens: Sequence[Token]) -> str:
        return self.renderer.renderInline(tokens, self.parser.options, {}).strip()


def _parts(body: str, write: _Writer) -> tuple[str, list[Answer]]:
    """Return what stands before the answers, and the answers."""
    tokens = write.tokens(body)
    starts = [place for place, token in enumerate(tokens) if token.type == "bullet_list_open" and token.level == 0]
    if not starts or tokens[-1].type != "bullet_list_close":
        raise BookError("it does not end with a list of answers")
    answers: list[Answer] = []
    item: list[Token] = []
    for token in tokens[starts[-1] + 1 : -1]:
        item.append(token)
        if token.type == "list_item_close" and token.level == 1:
            answers.append(_answer(item[1:-1], write, len(answers)))
            item = []
    return write.blocks(tokens[: starts[-1]]), answers


def _answer(tokens: Sequence[Token], write: _Writer, place: int) -> Answer:
    kinds = [token.type for token in tokens]
    words = list(tokens[1].children or []) if kinds[:3] == ["paragraph_open", "inline", "paragraph_close"] else []
    mark = words[0].content[:4] if words else ""
    if mark not in _MARKS or kinds[3:4] != ["blockquote_open"] or kinds[-1] != "blockquote_close":
        raise BookError(
            f"answer {letter(place)} is not one paragraph after '[ ] ' or '[x] ' and its feedback after '> '"
        )
    words[0].content = words[0].content[4:]
    return Answer(write.inline(words), _MARKS[mark], write.blocks(tokens[4:-1]))


def letter(place: int) -> str:
    """Return what the answer at a place is called: A, B and so on."""
    return chr(ord("A") + place)
