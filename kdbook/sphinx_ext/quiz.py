"""The ``quiz`` directive: one question that checks itself in the page.

The question is the title; what comes before the list, if anything, says more; each answer is an item of the list, and
the quotation in it is the feedback::

    ```{quiz} What is the mean of a fair die?
    :name: quiz-die

    - [ ] 3
      > This is half of the largest number. The smallest is 1, not 0.
    - [x] $3.5$
      > The numbers lie symmetrically about it.
    ```

One answer is right; with ``:several:`` it may be more, and the reader chooses them all before a check.  The HTML has
the answers with their feedback in a closed fold; ``book/_static/js/quiz.js`` makes buttons of them.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

RIGHT, WRONG = "Right.", "Not right."
_MARKS = {"[x] ": True, "[ ] ": False}


class Quiz(nodes.container):  # type: ignore[misc]
    """The whole; ``several`` says whether more than one answer may be right."""


class QuizQuestion(nodes.paragraph):  # type: ignore[misc]
    """What is asked."""


class QuizAnswers(nodes.enumerated_list):  # type: ignore[misc]
    """The answers, A, B, C and so on."""


class QuizText(nodes.paragraph):  # type: ignore[misc]
    """What an answer says."""


class QuizKey(nodes.container):  # type: ignore[misc]
    """Which answers are right, and why: the fold."""


class QuizReasons(nodes.enumerated_list):  # type: ignore[misc]
    """The feedback on each answer, in their order."""


class QuizReason(nodes.list_item):  # type: ignore[misc]
    """The feedback on one answer; ``right`` says whether it is right."""


class QuizDirective(SphinxDirective):
    """A question with answers, each with its feedback."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"name": directives.unchanged_required, "several": directives.flag}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the question, or raise the error that names it and what is missing."""
        question, messages = self.parse_inline(self.arguments[0])
        parsed = self.parse_content_to_nodes()
        messages += [node for node in parsed if isinstance(node, nodes.system_message)]
        stem = [node for node in parsed if not isinstance(node, nodes.system_message)]
        if "name" not in self.options:
            raise self._wrong("needs a name: add ':name: quiz-…'")
        if not stem or not isinstance(stem[-1], nodes.bullet_list):
            raise self._wrong("must end with a list of answers")
        items = stem.pop().children
        if len(items) < 2:
            raise self._wrong(f"needs at least two answers, got {len(items)}")
        answers, reasons = QuizAnswers(enumtype="upperalpha"), QuizReasons(enumtype="upperalpha")
        for place, item in enumerate(items):
            answer, reason = self._answer(f"answer {chr(ord('A') + place)}", item)
            answers += answer
            reasons += reason
        several = "several" in self.options
        right = sum(reason["right"] for reason in reasons)
        if right == 0:
            raise self._wrong("has no right answer: mark one with [x]")
        if right > 1 and not several:
            raise self._wrong(f"has {right} right answers: leave one, or add ':several:'")
        whole = Quiz(several=several)
        number = nodes.inline("", f"Question {self.env.new_serialno('quiz') + 1}.", classes=["quiz-number"])
        key = QuizKey()
        key += reasons
        whole += [QuizQuestion("", "", number, nodes.Text(" "), *question), *stem, answers, key]
        self.set_source_info(whole)
        self.add_name(whole)
        return [whole, *messages]

    def _answer(self, what: str, item: nodes.list_item) -> tuple[nodes.list_item, QuizReason]:
        """Return an answer and the feedback on it."""
        text, *feedback = item.children or [nodes.paragraph()]
        mark = str(text.children[0])[:4] if isinstance(text, nodes.paragraph) and text.children else ""
        if mark not in _MARKS:
            raise self._wrong(f"{what} must begin with '[ ] ' or '[x] '")
        if len(feedback) != 1 or not isinstance(feedback[0], nodes.block_quote):
            raise self._wrong(f"{what} must be one paragraph, then its feedback: lines that begin with '> '")
        text.replace(text.children[0], nodes.Text(str(text.children[0])[4:]))
        answer = nodes.list_item("", QuizText("", "", *text.children))
        reason = QuizReason(right=_MARKS[mark])
        verdict = nodes.strong("", RIGHT if reason["right"] else WRONG, classes=["quiz-verdict"])
        reason += [nodes.paragraph("", "", verdict), *feedback[0].children]
        first = reason.children[1]
        if isinstance(first, nodes.paragraph):
            reason.children[0].extend([nodes.Text(" "), *first.children])
            reason.remove(first)
        return answer, reason

    def _wrong(self, message: str) -> Exception:
        error: Exception = self.error(f'quiz "{self.arguments[0]}" {message}')
        return error


def _visit_quiz(writer: Any, node: Quiz) -> None:
    several = {"data-several": ""} if node["several"] else {}
    writer.body.append(writer.starttag(node, "fieldset", CLASS="quiz", **several))


def _visit_key(writer: Any, node: QuizKey) -> None:
    writer.body.append(writer.starttag(node, "details", "<summary>Answers</summary>\n", CLASS="quiz-key"))


def _visit_reason(writer: Any, node: QuizReason) -> None:
    right = {"data-right": ""} if node["right"] else {}
    writer.body.append(writer.starttag(node, "li", "", **right))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; writers other than HTML's treat the parts as the lists and paragraphs they are."""

    def opening(tag: str, name: str) -> Any:
        return lambda writer, node: writer.body.append(writer.starttag(node, tag, "", CLASS=name))

    def closing(tag: str) -> Any:
        return lambda writer, _node: writer.body.append(f"</{tag}>\n")

    app.add_node(Quiz, html=(_visit_quiz, closing("fieldset")))
    app.add_node(QuizQuestion, html=(opening("legend", "quiz-question"), closing("legend")))
    app.add_node(QuizAnswers, html=(opening("ol", "quiz-answers"), closing("ol")))
    app.add_node(QuizText, html=(opening("span", "quiz-text"), closing("span")))
    app.add_node(QuizKey, html=(_visit_key, closing("details")))
    app.add_node(QuizReasons, html=(opening("ol", "quiz-reasons"), closing("ol")))
    app.add_node(QuizReason, html=(_visit_reason, closing("li")))
    app.add_directive("quiz", QuizDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
