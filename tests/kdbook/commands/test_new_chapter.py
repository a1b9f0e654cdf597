"""`kdcore new-chapter`: what it writes builds strictly and is normal, what it refuses, and that `_toc.yml` stays."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from itertools import filterfalse
from pathlib import Path

import pytest
import yaml

import kdcore as kd
from kdbook.checkers import by_chapter, registry
from kdbook.commands.authors.contents import with_page
from kdbook.course import decks, skeleton
from kdbook.course.exercises import KINDS, checked, read_exercises
from kdbook.execution import notebooks
from kdbook.execution.parameters import read_parameters
from kdbook.markup.myst import EXTENSIONS
from kdbook.project import BookError, Project
from kdbook.sphinx_ext.statements import listed
from tests.mini import CONFIG, TOC, kdcore, shows_a_figure, snapshot, write_book

pytestmark = pytest.mark.usefixtures("each_chapter_once")

ROOT = Path(__file__).parents[3]
NAME = "label-noise-2"
PARSE = f"parse:\n  myst_enable_extensions: [{', '.join(sorted(EXTENSIONS))}]\nexecute:"
MORE = "[sphinx_proof, sphinx_exercise, kdbook.site.pages]\n  config: {numfig: true}"
PARTS = """\
# Chapters in reading order.
format: jb-book
root: index
parts:
  - caption: One   # the first
    numbered: 1
    chapters:
    - file: first  # by whom

    # the last of them
    - file: more
  - caption: Two
    chapters:
      - {file: second}
"""


def book(root):
    """A small book that knows proofs and exercises, and a place for checkers."""
    write_book(root)
    config = CONFIG.replace("[kdbook.site.mathjax]", MORE).replace("execute:", PARSE)
    (root / "_config.yml").write_text(config)
    for folder in ("kdbook/checkers/by_chapter", "tests/kdbook/checkers/wrong"):
        (root / folder).mkdir(parents=True)
    return root


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A book with a new chapter, built strictly."""
    root = book(tmp_path_factory.mktemp("new-chapter"))
    shutil.copytree(ROOT / "book" / decks.TEMPLATE, root / "book" / decks.TEMPLATE)
    told = kdcore(root, "new-chapter", NAME, "--title", "Noisy labels", "--after", "1")
    assert told.returncode == 0, told.stderr
    built = kdcore(root, "build", "--strict", "--only", NAME)
    assert built.returncode == 0, built.stderr
    (root / "told.txt").write_text(told.stdout)
    return root


@pytest.fixture(scope="module")
def chapter(made):
    return Project(made).chapter(NAME)


def test_it_says_what_it_wrote_and_what_comes_next(made):
    lines = (made / "told.txt").read_text().splitlines()
    assert lines[:4] == [
        f"wrote book/{NAME}.ipynb",
        "wrote kdbook/checkers/by_chapter/labelnoise2.py",
        "wrote tests/kdbook/checkers/wrong/labelnoise2.py",
        f"listed {NAME} in _toc.yml, after first",
    ]
    assert f"kdcore build --only {NAME}" in lines[4]
    assert len(lines) <= 6
    assert Project(made).pages() == ["index", "first", NAME, "second"]


def test_the_page_shows_each_thing_that_a_chapter_has(made):
    page = (made / f"_build/html/{NAME}.html").read_text()
    assert "<h1>Noisy labels" in page
    assert "@" not in re.sub(r"<(script|style|head|pre)\b.*?</\1>", "", page, flags=re.DOTALL)  # BibTeX has some
    for identifier in skeleton.labels(NAME):
        assert re.search(rf'id="(equation-)?{identifier}"', page), identifier
    deck = (made / f"_build/html/slides/{NAME}.html").read_text()
    assert 'aria-label="Here stands what one sees' in deck


def test_what_is_written_is_normal_and_what_its_cells_print_is_what_a_run_prints(made, chapter):
    source = notebooks.read(chapter.path)
    assert chapter.path.read_text() == notebooks.to_text(notebooks.normalise(source))
    executed = notebooks.normalise(notebooks.read(made / f"_build/executed/{NAME}/notebook.ipynb"))
    runs, written = (
        [
            [one.source, list(filterfalse(shows_a_figure, one.outputs))]
            for one in chapter.cells
            if one.cell_type == "code"
        ]
        for chapter in (executed, source)
    )
    assert written == runs  # a build shows no figure on a screen, which Jupyter does
    printed = [output for _, outputs in runs for output in outputs if output.output_type == "stream"]
    assert len(printed) == 4  # as many as a chapter of the book has at least


def test_it_has_parameters_with_help_slides_with_notes_and_each_kind_of_exercise(chapter):
    parameters = read_parameters(notebooks.read(chapter.path), NAME)
    assert {"seed", "n_inputs"} <= {one.name for one in parameters}
    assert all(one.help for one in parameters)
    deck = decks.deck(NAME, chapter.title, notebooks.read(chapter.path))
    assert (deck.n_slides, deck.minutes) == (3, 5)
    found = read_exercises(chapter)
    assert {kind for one in found for kind in one.kinds} == set(KINDS)
    assert [one.level for one in found] == [1, 2, 3]


def test_code_that_it_writes_passes_lint_and_format(made):
    shutil.copy(ROOT / "pyproject.toml", made)
    shutil.copy(ROOT / "book" / "ruff.toml", made / "book")
    written = [f"book/{NAME}.ipynb", "kdbook", "tests"]
    for command in (["check"], ["format", "--check"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--no-cache", *written], cwd=made, capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout


def test_its_checker_takes_its_solution_and_refuses_wrong_answers(made, chapter, monkeypatch):
    module = f"{by_chapter.__name__}.labelnoise2"
    monkeypatch.setattr(by_chapter, "__path__", [*by_chapter.__path__, str(made / "kdbook/checkers/by_chapter")])
    monkeypatch.setattr(registry, "_CHECKERS", dict(registry._CHECKERS))
    try:
        (exercise,) = [one for one in read_exercises(chapter) if one.starter]
        (label,) = exercise.checks
        assert checked(exercise.code[0]) == [label]
        namespace = {"kd": kd}
        exec(exercise.code[0], namespace)
        assert kd.check(label, namespace["answer"]).right
        assert not kd.check(label, ...).answered
        wrong = {}
        exec((made / "tests/kdbook/checkers/wrong/labelnoise2.py").read_text(), wrong)
        assert set(wrong["WRONG"]) == {label}
        for answer, words in wrong["WRONG"][label]:
            assert words in kd.check(label, answer).message
    finally:
        sys.modules.pop(module, None)
        importlib.invalidate_caches()


def test_a_book_without_checkers_gets_an_exercise_that_checks_nothing(tmp_path):
    root = write_book(tmp_path)
    result = kdcore(root, "new-chapter", "noise")
    assert "this book has no checkers" in result.stdout
    assert sorted(path.name for path in root.rglob("*noise*")) == ["noise.ipynb"]
    chapter = Project(root).chapter("noise")
    assert chapter.title == "Noise"
    assert [one.starter for one in read_exercises(chapter)] == [None] * 3
    assert "kd.check" not in chapter.path.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["Noise"],
            "digits and single hyphens and begins with a letter, as in 'hard-labels': got 'Noise'",
        ),
        (["2-noise"], "got '2-noise'"),
        (["a--b"], "got 'a--b'"),
        (["a/b"], "got 'a/b'"),
        (["noise.ipynb"], "got 'noise.ipynb'"),
        (["n" * 41], "at most 40"),
        (["lamb-da"], "a word of Python is: got 'lamb-da'"),
        (["search"], "Sphinx makes the pages genindex, search itself: got 'search'"),
        (["first"], "the book has a page 'first' already"),
        (["index"], "the book has a page 'index' already"),
        (["labels"], "second.ipynb has the label 'thm-labels' already: give the chapter another name, got 'labels'"),
        (["taken"], "by_chapter/taken.py exists: give the chapter another name, got 'taken'"),
        (["noise", "--title", " "], "a title must be one line with words in it, got ' '"),
        (["noise", "--title", "a\nb"], r"got 'a\nb'"),
        (["noise", "--after", "third"], "no chapter 'third'"),
        (["noise", "--after", "index"], "has no line '- file: index' that another could follow"),
    ],
)
def test_what_is_refused_is_said_before_anything_is_written(tmp_path, arguments, said):
    root = book(tmp_path)
    notebook = notebooks.read(root / "book" / "second.ipynb")
    notebook.cells[0].source = "# Second\n\n````{prf:theorem} x\n:label: thm-labels\n\ny\n````\n\nNot thm-noise."
    (root / "book" / "second.ipynb").write_text(notebooks.to_text(notebook))
    (root / "kdbook/checkers/by_chapter/taken.py").touch()
    before = snapshot(root)
    result = kdcore(root, "new-chapter", *arguments)
    assert result.returncode == 1
    assert said in result.stderr
    assert snapshot(root) == before


@pytest.mark.parametrize("there", ["# nothing yet\n", "- {item: Lemma 1, anchor: x}"])
def test_its_statement_is_listed_after_those_that_are_there(tmp_path, there):
    root = book(tmp_path)
    path = root / "book" / listed.FILE
    path.write_text(there)
    result = kdcore(root, "new-chapter", "noise", "--title", 'Noise: "one", {two}')
    assert "move the last line of book/statements.yml" in result.stdout
    text = path.read_text(encoding="utf-8")
    assert text.startswith(there)
    path.write_text(text.splitlines()[-1])
    (made,) = listed.read_statements(root / "book")
    assert (made.item, made.anchor, made.chapter) == ('Theorem (Noise: "one", {two})', "thm-noise", "noise")
    assert made.ours


@pytest.fixture
def parts(tmp_path):
    root = write_book(tmp_path)
    (root / "book" / "more.md").write_text("# More\n")
    (root / "_toc.yml").write_text(PARTS)
    return root


@pytest.mark.parametrize(
    ("options", "before"),
    [
        ([], "    - file: more\n"),  # the end of the part with the last numbered chapter, which is the first part
        (["--after", "more"], "    - file: more\n"),
        (["--after", "First"], "    - file: first  # by whom\n"),
        (["--after", "first.ipynb"], "    - file: first  # by whom\n"),
    ],
)
def test_the_contents_get_one_line_and_keep_all_others(parts, options, before):
    assert kdcore(parts, "new-chapter", "noise", *options).returncode == 0
    assert (parts / "_toc.yml").read_text() == PARTS.replace(before, f"{before}    - file: noise\n")


def test_a_page_of_sections_is_followed_after_them_and_a_last_line_without_an_end_gets_one(parts):
    toc = f"{TOC}    sections:\n      - file: more".replace("  - file: first\n", "")
    (parts / "_toc.yml").write_text(toc)
    assert with_page(Project(parts), "noise", "second") == f"{toc}\n  - file: noise\n"
    assert with_page(Project(parts), "noise", "more") == f"{toc}\n      - file: noise\n"


@pytest.mark.parametrize("chapters", ["[{file: first}, {file: second}]", "[{file: first, title: x}]"])
def test_contents_of_another_form_are_left_alone(parts, chapters):
    (parts / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters: {chapters}\n")
    assert yaml.safe_load((parts / "_toc.yml").read_text())
    with pytest.raises(BookError, match="has no line '- file: first' that another could follow: list 'noise'"):
        with_page(Project(parts), "noise", "first")


def test_help_has_an_example(tmp_path):
    result = kdcore(tmp_path, "new-chapter", "--help")
    assert result.returncode == 0
    assert 'kdcore new-chapter label-noise --title "Noisy labels" --after soft-labels' in result.stdout
