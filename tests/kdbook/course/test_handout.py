"""Notebooks for a course: what students get and do not get, what teachers get, and that both run."""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import zipfile
from contextlib import nullcontext
from itertools import takewhile
from subprocess import CompletedProcess
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import kdcore as kd
from kdbook.course import handout, nbgrader
from kdbook.course.exercises import Exercise, read_exercises
from kdbook.downloads import wheel_name
from kdbook.execution import notebooks
from kdbook.markup.labels import Labels
from kdbook.project import BookError, Project
from kdcore.figures import FOLDER_VARIABLE
from tests.committed import HANDED_OUT as CHAPTERS
from tests.committed import PROJECT
from tests.kdbook.checkers.test_solutions import run
from tests.labels import unnumbered
from tests.mini import kdcore, made_once, snapshot, write_book

EXERCISES = """\
# Second

Words with {{term}}`teacher`.

````{{exercise}} One
:label: ex-a-1
:class: with-code level-1

How many?

```python
answer = ...

print(answer, n)
kd.check("ex-a-1", answer)
```
````

````{{solution}} ex-a-1
Count them one after the other.

```python
answer = {answer}
print("counted", answer)
kd.check("ex-a-1", answer)
```
````

```{{exercise}} Two
:label: ex-a-2

And why?
```

```{{solution}} ex-a-2
For a reason that is long enough to be noticed.
```

## After
"""


@pytest.fixture(scope="module")
def made(handed_out, tmp_path_factory):
    """The handout of the book itself, made beside it with the wheel of the small book; not to be changed."""
    with made_once(tmp_path_factory, "handout") as (folder, empty):
        project = Project(PROJECT.root, folder / "build")
        if empty:
            shutil.copytree(handed_out[0] / "_build" / "wheel", project.build / "wheel")
            handout.write_handout(project, unnumbered(PROJECT), graded=True)
    return project.build / "handout"


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory, warm_rendering):
    """A small book that was never built and is not to be changed, and what the command said that made its handout."""
    with made_once(tmp_path_factory, "handed-out") as (folder, empty):
        root, said = folder / "small", folder / "said.json"
        if empty:
            write_book(root)
            for name in ("pyproject.toml", "requirements.txt"):
                (root / name).write_bytes((PROJECT.root / name).read_bytes())
            write_exercises(root, 42)
            result = kdcore(root, "handout")
            said.write_text(json.dumps([result.returncode, result.stdout, result.stderr]))
    return root, CompletedProcess(["kdcore", "handout"], *json.loads(said.read_text()))


@pytest.fixture
def book(handed_out, tmp_path):
    return shutil.copytree(handed_out[0], tmp_path / "small")


def write_exercises(root, answer):
    path = root / "book" / "second.ipynb"
    notebook = notebooks.read(path)
    notebook.cells[0].source = "# Second"
    new = nbformat.v4.new_markdown_cell
    slide = new("A slide.", metadata={"tags": ["slide"]})
    notebook.cells = [*notebook.cells[:2], new(EXERCISES.format(answer=answer)), slide]
    path.write_text(notebooks.to_text(notebook))


def read(path):
    notebook = notebooks.read(path)
    nbformat.validate(notebook)
    return notebook


def lines(text):
    """The lines of a text that say something, without what boxes and lists put before them."""
    stripped = (re.sub(r"^[\s>*\d.-]+", "", line).strip() for line in text.splitlines())
    return {line for line in stripped if len(line) > 25}


def test_the_folders_hold_every_chapter_with_exercises_readme_and_wheel(made):
    wanted = {f"{chapter.name}.ipynb" for chapter in CHAPTERS} | {"README.md", wheel_name()}
    assert len(CHAPTERS) >= 15
    for who in (handout.STUDENT, handout.TEACHER):
        assert {path.name for path in (made / who).iterdir()} == wanted
        readme = (made / who / "README.md").read_text()
        assert wheel_name() in readme
        assert all(f"`{chapter.name}.ipynb`: {chapter.title}" in readme for chapter in CHAPTERS)
    folders = {"student", "teacher", "nbgrader"}
    assert {path.name for path in made.iterdir()} == folders | {f"{name}.zip" for name in folders}
    source = made / "nbgrader" / "source"
    files = {f"{one.name}/{one.name}.ipynb" for one in CHAPTERS if read_exercises(one)}
    assert {path.relative_to(source).as_posix() for path in source.glob("*/*")} == files
    assert wheel_name() in (made / "nbgrader" / "README.md").read_text()
    assert (made / "nbgrader" / wheel_name()).is_file()


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_students_get_no_line_of_a_solution_and_teachers_get_all_code(made, chapter):
    source = notebooks.read(chapter.path)
    student = read(made / "student" / f"{chapter.name}.ipynb")
    teacher = read(made / "teacher" / f"{chapter.name}.ipynb")
    exercises = read_exercises(chapter)
    given = "\n".join(one.statement + "\n" + (one.starter or "") for one in exercises)
    own = "\n".join(cell.source for cell in source.cells if cell.cell_type == "code")
    secret = set().union(*(lines(one.solution) for one in exercises)) - lines(given) - lines(own)
    assert secret or not exercises
    assert sorted(secret & lines("\n".join(cell.source for cell in student.cells))) == []
    assert not any(handout.SOLUTION in cell.metadata.get("tags", []) for cell in student.cells)
    code = [cell.source for cell in teacher.cells if cell.cell_type == "code"]
    assert [piece for one in exercises for piece in one.code if piece not in code] == []
    blanks = [cell for cell in student.cells if handout.BLANK in cell.metadata.get("tags", [])]
    assert [cell.source for cell in blanks] == [one.starter or "*Your answer.*" for one in exercises]


NBGRADER = {  # the keys of nbgrader's metadata of version 3, and what they may be: its nbgraderformat/v3.json
    "schema_version": lambda value: value == 3,
    "grade": lambda value: isinstance(value, bool),
    "solution": lambda value: isinstance(value, bool),
    "locked": lambda value: isinstance(value, bool),
    "task": lambda value: value is False,
    "grade_id": lambda value: bool(re.fullmatch(r"[a-zA-Z0-9_\-]+", value)),
    "points": lambda value: value == 1,
    "cell_type": lambda value: value in ("code", "markdown"),
}


def kind(cell):
    said = cell.metadata.nbgrader
    return said.grade, said.solution, said.locked


GIVEN, ANSWER, TESTS, BY_HAND = (
    (False, False, True),
    (False, True, False),
    (True, False, True),
    (True, True, False),
)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_assignments_are_nbgraders_and_hold_what_students_get_and_tests_of_each_check(made, chapter):
    exercises = read_exercises(chapter)
    if not exercises:
        return
    cells = read(made / "nbgrader" / "source" / chapter.name / f"{chapter.name}.ipynb").cells
    for cell in cells:
        said = cell.metadata.nbgrader
        assert all(NBGRADER[key](value) for key, value in said.items()), said
        assert set(said) == set(NBGRADER) - (set() if said.grade else {"points"})
        assert said.cell_type == cell.cell_type
        assert kind(cell) in ((GIVEN, ANSWER, TESTS) if cell.cell_type == "code" else (GIVEN, BY_HAND))
    names = [cell.metadata.nbgrader.grade_id for cell in cells]
    assert len(set(names)) == len(names)
    student = read(made / "student" / f"{chapter.name}.ipynb")
    shown = {line for cell in student.cells for line in cell.source.splitlines()}
    assert [line for c in cells if kind(c) != TESTS for line in c.source.splitlines() if line not in shown] == []
    answers = [place for place, cell in enumerate(cells) if kind(cell) in (ANSWER, BY_HAND)]
    assert len(answers) == len(exercises)
    for one, place in zip(exercises, answers, strict=True):
        tests = list(takewhile(lambda cell: kind(cell) == TESTS, cells[place + 1 :]))
        assert [cell.metadata.nbgrader.grade_id for cell in tests] == [label.replace(".", "-") for label in one.checks]
        starter = ast.unparse(ast.parse(one.starter or ""))
        assert "kd.check" not in cells[place].source
        for cell, label in zip(tests, one.checks, strict=True):
            call = ast.unparse(ast.parse(cell.source).body[1].value)
            assert call.startswith(f"kd.check('{label}', ")
            assert call in starter


def test_tests_pass_for_a_right_answer_alone(made):
    chapter = next(one for one in CHAPTERS if one.name == "soft-labels")
    exercise = read_exercises(chapter)[0]
    cells = read(made / "nbgrader" / "source" / "soft-labels" / "soft-labels.ipynb").cells
    place = next(i for i, c in enumerate(cells) if c.metadata.nbgrader.grade_id == f"{exercise.label}-answer")
    tests = [cell.source for cell in cells[place + 1 : place + 3]]
    for answer, right in ((cells[place].source, False), ("\n".join(exercise.code), True)):
        names = {"np": np, "kd": kd}
        exec(answer, names)
        for test in tests:
            with nullcontext() if right else pytest.raises(AssertionError, match=r"ex-soft-1\.\d . not answered yet"):
                exec(test, names)


def test_nbgrader_is_told_to_leave_the_cells_to_fill_in(made):
    config = SimpleNamespace(ClearSolutions=SimpleNamespace(), Execute=SimpleNamespace())
    exec((made / "nbgrader" / "nbgrader_config.py").read_text(), {"get_config": lambda: config})
    assert config.ClearSolutions.enabled is False
    assert config.Execute.timeout == 300
    readme = (made / "nbgrader" / "README.md").read_text()
    exercises = [one for chapter in CHAPTERS for one in read_exercises(chapter)]
    assert f"There are {sum(len(one.checks) for one in exercises)} such cells" in readme
    assert f"Answers in words ({sum(not one.starter for one in exercises)})" in readme


def test_a_check_within_another_line_is_refused():
    exercise = Exercise("first", "ex-a-1", "One", (), 1, "How?", 'x = kd.check("ex-a-1", 1)', "So.")
    cell = nbformat.v4.new_code_cell(exercise.starter, metadata={"tags": ["blank"]})
    with pytest.raises(BookError, match="exercise ex-a-1: each check of its starter must be a line of its own"):
        nbgrader.assignment(nbformat.v4.new_notebook(cells=[cell]), [exercise], "blank")


@pytest.mark.parametrize("who", [handout.STUDENT, handout.TEACHER])
@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_notebooks_are_for_jupyter(made, who, chapter):
    notebook = read(made / who / f"{chapter.name}.ipynb")
    assert notebook.cells[0].id == "get-kdcore"
    assert wheel_name() in notebook.cells[0].source
    for cell in notebook.cells:
        assert "slide" not in cell.metadata.get("tags", [])
        assert not cell.get("outputs")
        if cell.cell_type == "markdown":
            assert not re.search(r"\{(?:prf:|exercise|solution|figure|eq|term|cite)|<!--", cell.source)
    own = [c.source for c in notebooks.read(chapter.path).cells if c.cell_type == "code"]
    kept = [c.source for c in notebook.cells if not {"blank", "solution"} & set(c.metadata.get("tags", []))]
    assert [c for c in kept if c in own] == own


def test_a_students_notebook_runs_in_jupyter_to_its_end_with_blanks_left(made, tmp_path, monkeypatch):
    """One that takes a kernel little time; the next test and those of the solutions run code without one."""
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    notebook = read(made / "student" / "workshop-1.ipynb")
    assert any(handout.BLANK in cell.metadata.get("tags", []) for cell in notebook.cells)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    assert saved_by(notebook, tmp_path)


def test_a_students_chapter_runs_without_its_solutions(made, tmp_path, monkeypatch):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    notebook = read(made / "student" / "squared-logits.ipynb")
    verdicts = [verdict for _, _, verdict in run(cell for cell in notebook.cells if cell.cell_type == "code")]
    assert verdicts
    assert not any(verdict.answered for verdict in verdicts)
    assert saved_by(notebook, tmp_path)


def saved_by(notebook, folder):
    """The names of the figures that a notebook saves, after checking that they are there."""
    names = set(re.findall(r'figures\.save\(\w+, "([^"]+)"', "\n".join(cell.source for cell in notebook.cells)))
    assert {path.stem for path in folder.glob("figures/*.svg")} >= names
    return names


def test_the_command_makes_both_from_a_book_that_was_never_built(handed_out):
    root, result = handed_out
    assert result.returncode == 0, result.stderr
    assert not (root / "_build" / "html").exists()
    assert not (root / "_build" / "handout" / "nbgrader").exists()
    folder = root / "_build" / "handout"
    for who in ("student", "teacher"):
        assert str(folder / who / "README.md") in result.stdout
        assert str(folder / f"{who}.zip") in result.stdout
        assert sorted(p.name for p in (folder / who).glob("*.ipynb")) == ["second.ipynb"]
    student, teacher = (read(folder / who / "second.ipynb") for who in ("student", "teacher"))
    words = [cell.source.splitlines()[0] for cell in student.cells]
    assert words[1:] == [
        "# Second",
        "n = 3  # how many [>= 1]",
        "# Second",
        "**Exercise: One** (`ex-a-1`)",
        "answer = ...",
        "**Exercise: Two** (`ex-a-2`)",
        "*Your answer.*",
        "## After",
    ]
    assert "*With code · ★☆☆ · checked by code*" in student.cells[4].source
    assert [cell.source.splitlines()[0] for cell in teacher.cells if "solution" in cell.metadata.get("tags", [])] == [
        "**Solution**",
        "Count them one after the other.",
        "answer = 42",
        "**Solution**",
        "For a reason that is long enough to be noticed.",
    ]


def test_the_same_book_gives_the_same_bytes_and_a_changed_one_replaces_all(book):
    folder = book / "_build" / "handout"
    first = snapshot(folder)
    (folder / "student" / "old.ipynb").write_text("left over")
    assert kdcore(book, "handout").returncode == 0
    assert snapshot(folder) == first
    write_exercises(book, 43)
    assert kdcore(book, "handout").returncode == 0
    changed = {name for name, data in snapshot(folder).items() if data != first[name]}
    assert changed == {"teacher/second.ipynb", "teacher.zip"}
    told = kdcore(book, "handout", "--nbgrader")
    assert f"nbgrader 1 assignments  {folder / 'nbgrader' / 'README.md'}" in told.stdout
    assert set(snapshot(folder)) - set(first) > {"nbgrader.zip", "nbgrader/source/second/second.ipynb"}


def test_zip_files_hold_the_folders(made):
    for who in ("student", "teacher"):
        archive = zipfile.ZipFile(io.BytesIO((made / f"{who}.zip").read_bytes()))
        held = {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}
        assert held == snapshot(made / who)
        assert {name.split("/")[0] for name in archive.namelist()} == {f"the-limits-of-knowledge-transfer-{who}"}
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_what_is_wrong_leaves_the_last_handout(book):
    before = snapshot(book / "_build" / "handout")
    path = book / "book" / "second.ipynb"
    path.write_text(path.read_text().replace("level-1", "level-9"))
    result = kdcore(book, "handout")
    assert result.returncode == 1
    assert "kdcore: chapter second, exercise ex-a-1: unknown class 'level-9'" in result.stderr
    assert snapshot(book / "_build" / "handout") == before


def test_a_book_without_exercises_has_nothing_to_hand_out(tmp_path):
    root = write_book(tmp_path)
    with pytest.raises(BookError, match="no chapter has exercises"):
        handout.write_handout(Project(root), Labels({}, {}, {}))


def test_only_some_chapters_can_be_handed_out(book):
    assert kdcore(book, "handout").returncode == 0
    before = snapshot(book / "_build" / "handout")
    refused = kdcore(book, "handout", "--only", "first")
    assert refused.returncode == 1
    assert "without exercises, and no workshops: first; there are second" in refused.stderr
    assert "no chapter 'third'" in kdcore(book, "handout", "--only", "third").stderr
    assert snapshot(book / "_build" / "handout") == before
    assert kdcore(book, "handout", "--only", "second").returncode == 0
    assert snapshot(book / "_build" / "handout") == before
