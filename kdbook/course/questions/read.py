"""The questions of the book as its pages have them, and which chapters they are about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from kdbook.course.references import leads_to
from kdbook.markup import myst
from kdbook.markup.elements import Directive, Heading
from kdbook.markup.elsewhere import Elsewhere, texts
from kdbook.project import BookError, Project


@dataclass(frozen=True)
class Question:
    """A question of the book.

    Attributes
    ----------
    label : str
        Its name.
    page, page_title, section : str
        The page that it stands on, and the heading above it there; empty if there is none but the page's title.
    about : tuple of str
        The chapters that it is about, in the book's order: the one that it stands in, or else the one that its section
        is called after, or else those that its text leads to, or else the one whose title the section's name begins.
    asks, body : str
        The question, and what follows: MyST Markdown.
    several : bool
        Whether more than one answer may be right.
    """

    label: str
    page: str
    page_title: str
    section: str
    about: tuple[str, ...]
    asks: str
    body: str
    several: bool


def read_questions(project: Project, whole: Elsewhere) -> list[Question]:
    """Return the questions of a book, in its order.

    Parameters
    ----------
    project : Project
        The book.
    whole : Elsewhere
        What is on all its pages.

    Raises
    ------
    BookError
        If a page cannot be read, or a question has no name or the name of another one.
    """
    chapters = [chapter.name for chapter in project.chapters()]
    called = {whole.pages[name]: name for name in chapters}
    in_short = {title.partition(":")[0]: name for title, name in called.items()}
    found: list[Question] = []
    for page in project.pages():
        section = ""
        for content in _contents(project, page):
            if isinstance(content, Heading):
                section = content.words if content.level > 1 else ""
                continue
            leads = leads_to(f"{content.argument}\n\n{content.body}", whole)
            own = page if page in chapters else called.get(section, "")
            told = tuple(name for name in chapters if name in leads) or tuple(filter(None, [in_short.get(section)]))
            about = (own,) if own else told
            several = "several" in content.options
            words = (about, content.argument, content.body, several)
            found.append(Question(content.label, page, whole.pages[page], section, *words))
    labels = [question.label for question in found]
    for place, question in enumerate(found):
        if not question.label or question.label in labels[:place]:
            wrong = "has the name of another one" if question.label else "has no name"
            raise BookError(f"page {question.page}: the question {question.label or repr(question.asks)} {wrong}")
    return found


def _contents(project: Project, page: str) -> Iterator[Heading | Directive]:
    """Yield the headings and the questions of a page."""
    for text in texts(project, page):
        try:
            found = [element.content for element in myst.elements(text, inside=True)]
        except ValueError as error:
            raise BookError(f"page {page}: {error}") from None
        for content in found:
            if isinstance(content, Heading) or (isinstance(content, Directive) and content.name == "quiz"):
                yield content


def chosen(questions: Sequence[Question], places: Collection[str] = (), labels: Collection[str] = ()) -> list[Question]:
    """Return the questions of some chapters or pages, and those of some names besides, in the book's order.

    Parameters
    ----------
    questions : sequence of Question
        All that there are.
    places, labels : collection of str
        Names of chapters or pages, and of questions; without either, all questions are chosen.

    Raises
    ------
    BookError
        If there is no question of a name, or none is about a chapter or stands on a page.
    """
    if not (places or labels):
        return list(questions)
    known = [question.label for question in questions]
    for label in labels:
        if label not in known:
            near = ", ".join(get_close_matches(label, known, n=3, cutoff=0.4))
            raise BookError(f"no question {label!r}{f' (near: {near})' if near else ''}; 'kdcore quiz' lists all")
    belong = [{question.page, *question.about} for question in questions]
    for place in places:
        if not any(place in names for names in belong):
            there = ", ".join(
                dict.fromkeys(name for question in questions for name in [question.page, *question.about])
            )
            raise BookError(f"no question is about {place}; there are some on {there}")
    return [
        question
        for question, names in zip(questions, belong, strict=True)
        if question.label in labels or names & set(places)
    ]
