"""The exercises of the book: what each must have, how they are read, and what is refused."""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import kdcore as kd
from kdbook.checkers import labels
from kdbook.course import exercises
from kdbook.course.exercises import KINDS, checked, read_exercises
from kdbook.execution import notebooks
from kdbook.markup.myst import directives
from kdbook.project import BookError, Chapter
from tests import committed
from tests.committed import PROJECT

EXERCISES = [exercise for exercises in committed.EXERCISES.values() for exercise in exercises]
CHAPTERS = [chapter for chapter in committed.CHAPTERS if chapter.name in PROJECT.numbered()]

BOX = """\
````{exercise} A title
:label: ex-a-1
:class: with-code by-hand level-2

By hand, *this*:

```python
print("shown")
```

then that.

```python
x = ...

kd.check("ex-a-1.1", x)
```
````
"""
SOLUTION = """\
````{solution} ex-a-1
:class: dropdown

1. Three.

   ```python
   x = 3

   kd.check("ex-a-1.1", x)
   ```

   More words.
````
"""


def read(*sources):
    cells = [new_code_cell("1"), *(new_markdown_cell(source) for source in sources)]
    return read_exercises(Chapter("some", None, 1), new_notebook(cells=cells))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_a_chapter_has_exercises_of_every_kind_each_with_a_level(chapter):
    found = read_exercises(chapter)
    assert len(found) >= 3
    assert {kind for one in found for kind in one.kinds} == set(KINDS)
    assert [one.label for one in found if not one.kinds or one.level is None] == []


@pytest.mark.parametrize("chapter", PROJECT.chapters(), ids=lambda chapter: chapter.name)
def test_no_cell_of_a_chapter_checks(chapter):
    """A checker that changes does not run chapters again."""
    cells = notebooks.read(chapter.path).cells
    assert [cell.source for cell in cells if cell.cell_type == "code" and "kd.check" in cell.source] == []


def test_starters_solutions_and_checkers_have_the_same_labels():
    started = [label for one in EXERCISES for label in one.checks]
    solved = [label for one in EXERCISES for code in one.code for label in checked(code)]
    assert sorted(started) == sorted(solved) == labels()


@pytest.mark.parametrize("one", [e for e in EXERCISES if e.kinds], ids=lambda one: one.label)
def test_an_exercise_does_not_say_twice_what_kind_it_is_and_its_code_is_narrow(one):
    assert not re.match(r"(By hand|With code|Open-ended)\.", one.statement)
    assert [line for code in (one.starter or "", *one.code) for line in code.split("\n") if len(line) > 80] == []


def test_an_exercise_is_read_with_its_starter_and_its_solution():
    (one,) = read("Words.\n\n" + BOX, SOLUTION + "\nMore.")
    assert (one.chapter, one.label, one.title) == ("some", "ex-a-1", "A title")
    assert (one.kinds, one.level) == (("by-hand", "with-code"), 2)
    assert one.statement == 'By hand, *this*:\n\n```python\nprint("shown")\n```\n\nthen that.'
    assert one.starter == 'x = ...\n\nkd.check("ex-a-1.1", x)'
    assert one.checks == ["ex-a-1.1"]
    assert [kind for kind, _ in one.pieces] == ["text", "code", "text"]
    assert one.code == ['x = 3\n\nkd.check("ex-a-1.1", x)']
    assert one.line == "By hand and with code · ★★☆ · checked by code"


def test_code_is_read_whatever_fence_it_has_and_wherever_it_stands():
    box = BOX.replace("```python\nx = ...\n\nkd", "~~~python\nx = ...\n\nkd").replace("x)\n```\n````", "x)\n~~~\n`````")
    solution = (
        '```{solution} ex-a-1\n> - Quoted.\n>\n>   ````python\n>   x = "```"\n>   ``````\n\n~~~\nno Python\n~~~\n```'
    )
    (one,) = read(box, solution)
    assert one.starter == 'x = ...\n\nkd.check("ex-a-1.1", x)'
    assert one.code == ['x = "```"']


def test_an_exercise_without_starter_or_class():
    (one,) = read("```{exercise} B\n:label: ex-b-1\n\nWhy?\n```", "```{solution} ex-b-1\nSo.\n```")
    assert (one.starter, one.kinds, one.level, one.code, one.line) == (None, (), None, [], "")


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ([BOX], "exercise ex-a-1: it has no solution"),
        ([SOLUTION], "exercise ex-a-1: there is a solution, but no such exercise before it"),
        ([BOX, SOLUTION, SOLUTION], "exercise ex-a-1: it has two solutions"),
        ([BOX, BOX], "exercise ex-a-1: another one has the same label"),
        ([BOX.replace(":label: ex-a-1\n", ""), SOLUTION], "exercise 'A title': it has no label"),
        ([BOX.replace("level-2", "level-4"), SOLUTION], "unknown class 'level-4': allowed are by-hand"),
        ([BOX.replace("by-hand", "by-head"), SOLUTION], "unknown class 'by-head'"),
        ([BOX.replace("level-2", "level-2 level-3"), SOLUTION], "it has 2 levels"),
        ([BOX.replace('"ex-a-1.1"', '"ex-a-11"'), SOLUTION], "its starter checks ex-a-11, which is another"),
        ([BOX.replace("```\n````", "```\n"), SOLUTION], "is not closed"),
        (["`````{note}\n" + BOX + "`````", SOLUTION], "exercise ex-a-1: it stands in a list, a quotation or another"),
        ([BOX, "> " + SOLUTION.replace("\n", "\n> ")], "solution ex-a-1: it stands in a list, a quotation or another"),
    ],
)
def test_what_is_wrong_is_said_with_chapter_and_exercise(sources, words):
    with pytest.raises(BookError, match=f"chapter some.*{re.escape(words)}"):
        read(*sources)


def test_the_page_lists_every_exercise_with_kind_level_and_checks():
    table = exercises.exercise_tables(PROJECT)
    for one in EXERCISES:
        (row,) = [line for line in table.splitlines() if f"<{one.label}>`" in line]
        assert one.kind in row
        assert all(f"`{label}`" in row for label in one.checks)
        assert one.level is None or f"level {one.level} of 3" in row
    page = (PROJECT.book / "exercises.md").read_text(encoding="utf-8")
    assert [box.name for box in directives(page)] == ["exercise-table"]


def test_the_page_quotes_what_a_check_says():
    page = (PROJECT.book / "exercises.md").read_text(encoding="utf-8")
    label, answer, said = re.search(r'kd\.check\("(.+?)", (.+?)\)\n```\n\n```text\n(.+?)\n```', page).groups()
    assert repr(kd.check(label, float(answer))) == said


def test_the_rendered_page_and_boxes_show_it(html):
    page = (html / "exercises.html").read_text(encoding="utf-8")
    for one in EXERCISES:
        assert f'href="{one.chapter}.html#{one.label}"' in page
    box = (html / "hard-labels.html").read_text(encoding="utf-8")
    box = box[box.index('id="ex-hard-1"') :]
    line = re.search(r'<p class="exercise-line">(.*?)</p>', box, re.DOTALL).group(1)
    assert re.sub(r"<[^>]+>", "", line) == "By hand · ★☆☆level 1 of 3 · checked by code"
    assert '<span class="exercise-level" aria-hidden="true">★☆☆</span>' in line
    assert '<span class="visually-hidden">level 1 of 3</span>' in line
