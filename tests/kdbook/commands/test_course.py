"""`kdcore course`: what it writes builds strictly and holds what its chapters need, no more; what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from nbformat.v4 import new_markdown_cell
from pybtex.database import parse_file

from kdbook.course import decks
from kdbook.course.references import glossary
from kdbook.execution import notebooks
from kdbook.markup import html
from kdbook.markup.myst import EXTENSIONS
from kdbook.project import Project
from kdbook.sphinx_ext.statements.listed import read_statements
from tests.mini import CONFIG, kdcore, snapshot, write_book

ROOT = Path(__file__).parents[3]
PARSE = (
    f"bibtex_bibfiles: [references.bib]\nparse:\n  myst_enable_extensions: [{', '.join(sorted(EXTENSIONS))}]\nexecute:"
)
MORE = (
    "[sphinx_proof, sphinx_exercise, kdbook.site.pages]\n  config: {numfig: true, bibtex_reference_style: author_year}"
)
TOC = """\
format: jb-book
root: index
chapters:
  - file: first
  - file: second
  - file: quiz
  - file: exercises
  - file: signs
  - file: words
  - file: works
"""
EXERCISE = """\
```{{exercise}} Try {0}
:label: ex-{0}
:class: open level-1

Try. See {{prf:ref}}`thm-{0}`.
```

```{{solution}} ex-{0}
Done.
```

```{{prf:theorem}} 9.{1}
:label: thm-{0}
:nonumber:

True.
```
"""
PROSE = """\
Here is a {{term}}`clever word`, {{prf:ref}}`thm-{0}` of [](/{0}.ipynb), $x$ and {{cite:t}}`one`.

(sec-{1})=
## Section
"""
QUESTION = """\
```{{quiz}} Is {0} right?
:name: quiz-{0}

- [x] Yes
  > See {1}.
- [ ] No
  > It is.
```
"""
PAGES = {
    "index": "# Whole\n\nFrom {cite:t}`paper`: [](first.ipynb), [](second.ipynb).\n",
    "quiz": "# Asked\n\n## Part\n\n"
    + QUESTION.format("a", "{prf:ref}`thm-first`")
    + QUESTION.format("b", "[](second.ipynb) and [](first.ipynb)")
    + QUESTION.format("c", "nothing"),
    "exercises": "# All exercises\n\nOf {prf:ref}`thm-second`, too.\n\n```{exercise-table}\n```\n",
    "signs": "# Signs\n\n```{symbols} Letters\n```\n",
    "words": "# Words\n\nWith [](signs.md).\n\n```{glossary}\n:sorted:\n\nclever word\nother name\n  Needs a "
    "{term}`plain word`.\n\n  In two parts.\n\nplain word\n  See {prf:ref}`thm-second`."
    "\n\nunused word\n  Needs {cite}`three`.\n```\n",
    "works": "# Works\n\n```{bibliography}\n```\n",
}
WORK = "@article{{{0}, author = {{Ada {0}}}, title = {{T}}, journal = {{J}}, year = {{1999}}}}\n"
SYMBOLS = "- section: Letters\n  symbols:\n    - {anchor: sym-x, tex: [x], says: a letter, not_in: [second]}\n"
ITEM = (
    "- {{item: Theorem 9.{1}, says: x, anchor: thm-{0}, chapter: {0}, checked: [proof], uses: [{2}], tight: loose}}\n"
)


def write(root):
    """A book of two chapters that refer to each other, with all pages that a course has a part of."""
    write_book(root)
    config = CONFIG.replace("[kdbook.site.mathjax]", MORE).replace("execute:", PARSE)
    (root / "_config.yml").write_text(f'{config}html:\n  baseurl: "https://example.org/whole/" # where it is\n')
    (root / "_toc.yml").write_text(TOC)
    book = root / "book"
    for name, other, number in (("first", "second", 1), ("second", "first", 2)):
        notebook = notebooks.read(book / f"{name}.ipynb")
        slide = {"tags": ["slide", "remove-cell"], "slideshow": {"slide_type": "slide"}}
        texts = [(EXERCISE.format(name, number), {}), (PROSE.format(other, name), {})]
        texts.append((f"## Slide\n\nBy {{prf:ref}}`thm-{other}`.\n\n```{{show}} thm-{other}\n```", slide))
        for place, (text, metadata) in enumerate(texts):
            notebook.cells.append(new_markdown_cell(text, metadata=metadata, id=f"more-{place}"))
        (book / f"{name}.ipynb").write_text(notebooks.to_text(notebook))
    for name, text in PAGES.items():
        (book / f"{name}.md").write_text(text)
    (book / "references.bib").write_text("".join(map(WORK.format, ("paper", "one", "two", "three"))))
    (book / "symbols.yml").write_text(SYMBOLS)
    (book / "statements.yml").write_text(ITEM.format("first", 1, "thm-second") + ITEM.format("second", 2, ""))
    (book / "pages.yml").write_text("bibliography: works\nworkshops: [second]\nsections: {first: One, second: Two}\n")
    (book / "profiles.yml").write_text("quick: {}\npaper: {first: {n: 4}, second: {n: 8}}\n")
    for name in ("css/look.css", "live/unused.js", "only/second/x.js", "only/first/y.js"):
        (book / "_static" / name).parent.mkdir(parents=True, exist_ok=True)
        (book / "_static" / name).write_text("/* nothing */\n")
    shutil.copytree(ROOT / "book" / decks.TEMPLATE, book / decks.TEMPLATE)
    return root


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return write(tmp_path_factory.mktemp("whole") / "book")


@pytest.fixture(scope="module")
def course(whole, each_chapter_once):
    """A course of the first chapter, built strictly."""
    before = snapshot(whole)
    told = kdcore(whole, "course", "1", "--output", "../course", "--title", 'On "x": one')
    assert told.returncode == 0, told.stderr
    assert snapshot(whole) == before
    root = whole.parent / "course"
    built = kdcore(root, "build", "--strict")
    assert built.returncode == 0, built.stderr
    (root / "told.txt").write_text(told.stdout)
    return root


def page(course, name):
    return html.page((course / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8"))


def test_it_says_what_it_wrote_and_what_comes_next(course):
    lines = (course / "told.txt").read_text().splitlines()
    assert lines[0] == 'wrote ../course: On "x": one'
    assert lines[1].split() == ["1", "first", "First"]
    assert lines[2] == "  with 1 exercises, 1 decks, 1 questions, 2 terms, 2 works, 2 references in words"
    assert "kdcore --project ../course build --strict" in lines[3]


def test_it_holds_what_its_chapters_need_and_no_more(course):
    book = course / "book"
    project = Project(course)
    assert project.pages() == ["index", "first", "exercises", "questions", "signs", "words", "works"]
    assert project.title() == 'On "x": one'
    assert project.left_out() == []
    assert (book / "first.ipynb").read_bytes() == (course.parent / "book" / "book" / "first.ipynb").read_bytes()
    assert set(parse_file(str(book / "references.bib")).entries) == {"paper", "one"}
    assert "unused word" not in (book / "words.md").read_text()
    assert [q in (book / "questions.md").read_text() for q in ("quiz-a", "quiz-b", "quiz-c")] == [True, False, False]
    assert project.profiles() == {"quick": {}, "paper": {"first": {"n": 4}}}
    assert [(one.anchor, one.uses) for one in read_statements(book)] == [("thm-first", ())]
    said = yaml.safe_load((book / "pages.yml").read_text())
    assert said == {"bibliography": "works", "sections": {"first": "One"}}
    scripts = {
        path.relative_to(book / "_static").as_posix() for path in (book / "_static").rglob("*") if path.is_file()
    }
    assert scripts == {"css/look.css", "only/first/y.js"}


def test_references_to_other_chapters_are_words_with_the_address_of_the_whole_book(course):
    config = yaml.safe_load((course / "_config.yml").read_text())
    assert config["html"]["baseurl"] == ""
    where = "https://example.org/whole/second.html"
    links = {link.text_content(): link.get("href") for link in page(course, "first").find_class("elsewhere")}
    assert links == {"Theorem 9.2": f"{where}#thm-second", "Second": where}
    (term,) = page(course, "words").find_class("elsewhere")
    assert term.text_content() == "Theorem 9.2"
    assert "https://example.org/whole/" in page(course, "index").xpath("//article//@href")


def test_its_deck_and_its_handout_name_what_is_elsewhere(course):
    slides = kdcore(course, "slides")
    assert slides.returncode == 0
    assert "first.html" in slides.stdout
    deck = html.page((course / "_build/html/slides/first.html").read_text(encoding="utf-8")).text_content()
    assert "By Theorem 9.2." in deck
    assert "Not here: Theorem 9.2" in deck
    handout = kdcore(course, "handout")
    assert handout.returncode == 0, handout.stderr
    student = (course / "_build/handout/student/first.ipynb").read_text()
    assert "Theorem 9.2 of *Second*" in student


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["first", "third"], "no chapter 'third'"),
        (["first", "third"], "second"),
        (["first", "1"], "the chapter first is named twice, the second time as '1'"),
        (["index"], "index is the title page of the book"),
        (["first", "--title", " "], "a title must be one line with words in it, got ' '"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(whole, tmp_path, arguments, said):
    result = kdcore(whole, "course", *arguments, "--output", str(tmp_path / "new"))
    assert result.returncode == 1
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_and_the_books_own_are_refused(whole, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for target, said in (("full", "is not empty"), ("file", "is a file"), (str(whole / "book" / "x"), "own folder")):
        result = kdcore(whole, "course", "first", "--output", str(tmp_path / target))
        assert result.returncode == 1
        assert said in result.stderr
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"


def test_an_empty_folder_will_do(whole, tmp_path):
    assert kdcore(whole, "course", "second", "--output", str(tmp_path)).returncode == 0
    assert Project(tmp_path).title() == "A small book"
    assert [chapter.name for chapter in Project(tmp_path).chapters()] == ["second"]


def test_a_glossary_keeps_what_its_entries_need_and_ends_where_they_need_each_other():
    body = "a\n  Needs {term}`b`.\n\nb\nB two\n  Needs {term}`the first <a>`.\n\nc\n  Needs {term}`a`.\n"
    kept = "a\n  Needs {term}`b`.\n\nb\nB two\n  Needs {term}`the first <a>`."
    assert glossary(body, {"b two"}) == kept
    assert glossary(body, {"gone"}) == ""


@pytest.mark.slow
def test_a_course_of_four_chapters_of_the_book_builds_strictly(tmp_path):
    root = tmp_path / "course"
    names = ["setting", "missing-mass", "soft-labels", "squared-logits"]
    assert kdcore(ROOT, "course", *names, "--output", str(root)).returncode == 0
    built = kdcore(root, "build", "--strict")
    assert built.returncode == 0, built.stderr
    assert [made.name for made in decks.committed(Project(root))] == names
    assert kdcore(root, "handout").returncode == 0
