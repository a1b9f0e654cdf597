"""`kdcore list` and `run`, and the options of `build`, on a small book as a user would call them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import kdcore as kd
from kdbook.execution import chapters, notebooks
from tests.mini import FIGURE, PRINT, kdcore, snapshot, write_book, write_chapter

pytestmark = pytest.mark.usefixtures("each_chapter_once")

PROSE = """\
# Second

(here)=
## A heading

See {ref}`this <here>`, {ref}`Theorem 9 <of-another-page>`, [](first.ipynb) and [*that*](first).
A {term}`teacher` has {term}`students <student>`.

```{figure} figures/fig-line.svg
:name: fig-line
:alt: A line.
A line. {download}`data <figures/fig-line.csv>`
```
"""

GLOSSARY = """
```{glossary}
student
  One who copies.

teacher
  One who is copied.
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    root = write_book(tmp_path_factory.mktemp("commands"))
    (root / "book" / "index.md").write_text("# Title\n\n(of-another-page)=\n## Elsewhere\n" + GLOSSARY)
    (root / "book" / "profiles.yml").write_text("quick: {}\nlarge:\n  second: {n: 8}\n")
    write_chapter(root / "book" / "second.ipynb", "Second", FIGURE, PRINT)
    notebook = notebooks.read(root / "book" / "second.ipynb")
    notebook.cells[0].source = PROSE
    (root / "book" / "second.ipynb").write_text(notebooks.to_text(notebook))
    return root


def printed(root, folder="_build/executed/second"):
    return notebooks.printed(notebooks.read(root / folder / "notebook.ipynb"))[-1]


def test_list_shows_each_parameter_with_type_default_profile_and_help(book):
    lines = kdcore(book, "list").stdout.splitlines()
    assert lines[0] == " 1  first: First"
    assert lines[1].split() == ["parameter", "type", "default", "large", "what", "it", "is"]
    assert lines[2].split() == ["n", "int", "3", "how", "many", "[>=", "1]"]
    only = kdcore(book, "list", "2").stdout.splitlines()
    assert only[0] == " 2  second: Second"
    assert only[2].split() == ["n", "int", "3", "8", "how", "many", "[>=", "1]"]
    data = json.loads(kdcore(book, "list", "--json").stdout)
    assert data[1]["parameters"] == [
        {
            "name": "n",
            "type": "int",
            "default": 3,
            "help": "how many",
            "rules": [">= 1"],
            "profiles": {"large": 8},
        }
    ]


def test_run_leaves_notebook_figures_and_page(book, tmp_path):
    before = snapshot(book)
    result = kdcore(book, "run", "sec", "-p", "n", "6", "-o", str(tmp_path / "out"), "--html")
    assert result.returncode == 0, result.stderr
    assert printed(tmp_path, "out") == "n is 6\n"
    assert sorted(path.name for path in (tmp_path / "out" / "figures").iterdir()) == ["fig-line.csv", "fig-line.svg"]
    page = re.search(r"page +(.*)$", result.stdout, re.MULTILINE).group(1)
    html = Path(page).read_text()
    assert "n is 6" in html
    assert "Theorem 9" in html
    assert "that" in html
    assert "of-another-page" not in html
    assert "A teacher has students." in html
    assert 'href="#here"' in html
    record = notebooks.read(tmp_path / "out" / "notebook.ipynb").metadata["kdcore"]
    assert (record["parameters"], record["values"], record["title"]) == ({"n": 6}, {"n": 6}, "Second")
    after = snapshot(book)
    assert {name for name in after if after[name] != before.get(name)} <= {"_build/render.log"}


def test_run_goes_to_a_folder_of_its_own_and_may_be_repeated(book):
    assert kdcore(book, "run", "2").returncode == 0
    assert kdcore(book, "run", "2", "--profile", "large").returncode == 0
    assert printed(book, "_build/runs/second") == "n is 8\n"


def test_a_chapter_that_runs_alone_has_all_cores_for_its_sweeps(book, monkeypatch):
    jobs, real = [], chapters.Job
    monkeypatch.setattr(chapters, "Job", lambda *arguments: jobs.append(real(*arguments)) or jobs[-1])
    monkeypatch.setenv("KDCORE_JOBS", "3")
    assert kdcore(book, "run", "second").returncode == 0
    assert [job.environment for job in jobs] == [{"KDCORE_JOBS": "3"}]


def test_run_does_not_write_over_what_is_not_its_own(book, tmp_path):
    ours = tmp_path / "ours"
    assert kdcore(book, "run", "second", "-o", str(ours)).returncode == 0
    for name in ("thesis.tex", "figures/mine.svg", "html/index.html", "notebook.ipynb"):
        for folder in (tmp_path / name.replace("/", "-"), ours):
            if folder == ours and name == "notebook.ipynb":
                continue
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("years of work")
            result = kdcore(book, "run", "second", "-o", str(folder))
            assert result.returncode == 1, (folder, name)
            assert "exists and is not the result of a run" in result.stderr
            assert (folder / name).read_text() == "years of work"
            (folder / name).unlink()
    shutil.rmtree(ours / "html")
    assert kdcore(book, "run", "second", "-o", str(ours)).returncode == 0
    (tmp_path / "file").write_text("")
    result = kdcore(book, "run", "second", "-o", str(tmp_path / "file" / "below"))
    assert result.stderr == f"kdcore: cannot write to {tmp_path / 'file' / 'below'}: Not a directory\n"


def test_run_goes_into_the_working_folder_itself_and_leaves_nothing_else(book, tmp_path):
    n = ["-p", "n", "5432"]  # which no other test runs
    result = kdcore(tmp_path, "--project", str(book), "run", "second", "-o", ".", *n)
    assert result.returncode == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "notebook.ipynb"]


def test_a_page_of_one_chapter_needs_no_build_of_the_book(book, tmp_path):
    copy = shutil.copytree(book, tmp_path / "copy", ignore=shutil.ignore_patterns("_build"))
    (copy / "book" / "record.md").write_text("# Record\n\n```{record}\n```\n")
    result = kdcore(copy, "run", "second", "--html")
    assert result.returncode == 0, result.stderr
    assert (copy / "_build" / "runs" / "second" / "html" / "second.html").is_file()
    assert not (copy / "_build" / "wheel").exists()


def test_a_broken_chapter_does_not_keep_others_from_running(book, tmp_path):
    copy = shutil.copytree(book, tmp_path / "copy", ignore=shutil.ignore_patterns("_build"))
    (copy / "book" / "first.ipynb").write_text("{")
    assert kdcore(copy, "run", "second").returncode == 0


def test_a_failing_cell_is_told_with_the_line_that_raised(book, tmp_path):
    copy = shutil.copytree(book, tmp_path / "copy", ignore=shutil.ignore_patterns("_build"))
    write_chapter(copy / "book" / "second.ipynb", "Second", "def f():\n    pass\n\n\nf()\n[][n]")
    result = kdcore(copy, "run", "second", "--timeout", "100")
    assert result.returncode == 1
    assert "failed in cell 2 (In [2]):\n    [][n]\n  IndexError: list index out of range" in result.stderr
    assert "Traceback" not in result.stderr
    assert "ZMQ" not in result.stderr


def test_a_reader_who_has_enough_is_no_error(book):
    command = f"{sys.executable} -m kdcore list | head -1"
    result = subprocess.run(command, shell=True, cwd=book, capture_output=True, text=True)
    assert (result.stdout, result.stderr) == (" 1  first: First\n", "")


def test_a_parameter_may_be_given_with_an_equals_sign(book):
    assert kdcore(book, "run", "2", "-p", "n=6").returncode == 0
    assert printed(book, "_build/runs/second") == "n is 6\n"
    result = kdcore(book, "run", "2", "-p", "n")
    assert "-p must read NAME VALUE or NAME=VALUE, got 'n'" in result.stderr


@pytest.fixture
def nothing_may_run(monkeypatch):
    monkeypatch.setattr(chapters, "ProcessPoolExecutor", lambda *_: pytest.fail("processes for chapters were started"))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "third"], "no chapter 'third': the book has"),
        (["run", "first", "-p", "n", "0"], "chapter 'first': n must be >= 1, got 0 (how many)"),
        (["run", "first", "-p", "n", "x"], "n must be of type int, >= 1, got 'x' (str)"),
        (["run", "first", "-p", "k", "1"], "has no parameter 'k'; it has: n"),
        (["run", "first", "-p", "n", "4", "-p", "n", "5"], "-p n is given twice"),
        (["run", "first", "--profile", "huge"], "unknown profile 'huge': book/profiles.yml has quick, large"),
        (["run", "first", "--profile", "none.yml"], "cannot read none.yml"),
        (["list", "third"], "no chapter 'third'"),
    ],
)
def test_refusals_are_clear_and_come_before_anything_runs(book, nothing_may_run, arguments, complaint):
    result = kdcore(book, *arguments)
    assert result.returncode == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "first: 3",
        "third: {n: 4}",
        "first: {m: 4}",
        "first: {n: 0}",
        "7: {n: 4}",
        "null: {}",
        "first: {1: 2}",
        "first: {n: 4}\n1: {n: 5}",
        "first: [",
        b"first: {n: \xff}",
    ],
)
def test_a_profile_file_that_does_not_fit_is_refused(book, nothing_may_run, tmp_path, text):
    (tmp_path / "mine.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = kdcore(book, "build", "--profile", str(tmp_path / "mine.yml"))
    assert result.returncode == 1
    assert result.stderr.startswith("kdcore: ")
    assert "Traceback" not in result.stderr
    assert not (book / "_build" / "executed").exists()


def test_set_goes_on_top_of_a_profile_file(book, tmp_path):
    (tmp_path / "mine.yml").write_text("2: {n: 20}\nfirst: {n: 21}\n")
    copy = shutil.copytree(book, tmp_path / "copy", ignore=shutil.ignore_patterns("_build"))
    build = ["build", "--no-render"]
    result = kdcore(copy, *build, "--profile", str(tmp_path / "mine.yml"), "--set", "2.n=6")
    assert result.returncode == 0, result.stderr
    assert printed(copy) == "n is 6\n"
    assert printed(copy, "_build/executed/first") == "n is 21\n"
    manifest = json.loads((copy / "_build" / "manifest.json").read_text())
    assert manifest["chapters"]["second"]["parameters"] == {"n": 6}
    result = kdcore(copy, *build, "--set", "*.n=8")
    assert result.returncode == 0, result.stderr
    assert printed(copy) == "n is 8\n"
    assert printed(copy, "_build/executed/first") == "n is 8\n"


def test_only_runs_what_it_names_and_the_others_stay(book, tmp_path):
    copy = shutil.copytree(book, tmp_path / "copy", ignore=shutil.ignore_patterns("_build"))
    result = kdcore(copy, "build", "--only", "first", "--strict")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Not run, shown with the committed numbers and without figures: second" in result.stdout
    assert not (copy / "_build" / "executed" / "second").exists()
    assert "not made in this build" in next((copy / "_build" / "html").rglob("fig-line.svg")).read_text()
    result = kdcore(copy, "build", "--only", "first", "--no-render", "--set", "*.m=6")
    assert "no chapter that runs and matches '*' has a parameter 'm'" in result.stderr
    result = kdcore(copy, "build", "--no-render", "--only", "2", "--set", "*.n=6")
    assert result.returncode == 0, result.stderr
    assert "done    first" not in result.stdout
    result = kdcore(copy, "build", "--only", "first")
    assert "Shown as they last ran, with other code or parameters: second" in result.stdout
    assert "n is 6" in (copy / "_build" / "html" / "second.html").read_text()
    assert "not made in this build" not in next((copy / "_build" / "html").rglob("fig-line.svg")).read_text()


def test_quiet_prints_the_page_and_json_an_object_a_line(built):
    copy = built
    result = kdcore(copy, "build", "--json", "--force", "--strict")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["event"] for event in events].count("done") == 2
    assert events[0] == {"event": "start", "count": 0, "total": 2}
    assert events[-1]["event"] == "result"
    assert events[-1]["page"] == str(copy / "_build" / "html" / "index.html")
    done = [event for event in events if event["event"] == "done"]
    assert {event["chapter"] for event in done} == {"first", "second"}
    assert all(event["seconds"] > 0 for event in done)
    result = kdcore(copy, "build", "--quiet", "--strict")
    assert result.stdout.splitlines() == [f"Open {copy / '_build' / 'html' / 'index.html'}"]
    assert result.stderr == ""


def test_the_manifest_says_what_ran_with_what(book, tmp_path):
    copy = shutil.copytree(book, tmp_path / "copy", ignore=shutil.ignore_patterns("_build"))
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
        subprocess.run(["git", *identity, *arguments], cwd=copy, check=True)
    assert kdcore(copy, "build", "--no-render", "--profile", "large").returncode == 0
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=copy, capture_output=True, text=True).stdout.strip()
    manifest = json.loads((copy / "_build" / "manifest.json").read_text())
    assert list(manifest["chapters"]) == ["first", "second"]
    record = manifest["chapters"]["second"]
    assert (record["parameters"], record["values"], record["profile"]) == ({"n": 8}, {"n": 8}, "large")
    assert (record["commit"], record["clean"]) == (head, False)  # _build is not ignored in this small repository
    assert set(record["versions"]) >= {"kdcore", "numpy", "scipy", "pandas", "matplotlib"}
    assert record["duration_s"] > 0
    assert {len(record[key]) for key in ("key", "source")} == {64}
    assert set(record["outputs"]["figures"]) == {"fig-line.csv", "fig-line.svg"}
    assert record == notebooks.read(copy / "_build" / "executed" / "second" / "notebook.ipynb").metadata["kdcore"]


def test_a_page_can_show_the_record_and_hands_out_manifest_wheel_and_notebook(book, tmp_path):
    copy = shutil.copytree(book, tmp_path / "copy", ignore=shutil.ignore_patterns("_build"))
    (copy / "book" / "record.md").write_text("# Record\n\n```{record}\n```\n")
    with (copy / "_toc.yml").open("a") as toc:
        toc.write("  - file: record\n")
    assert kdcore(copy, "build", "--set", "second.n=6", "--strict").returncode == 0
    html = copy / "_build" / "html"
    page = (html / "record.html").read_text()
    text = re.sub(r"<[^>]+>", "", page)
    assert "kdcore run second -p n 6" in text
    assert "kdcore run first\n" in text or "kdcore run first<" in page.replace("</span>", "<")
    assert next(html.rglob("manifest.json")).read_bytes() == (copy / "_build" / "manifest.json").read_bytes()
    with zipfile.ZipFile(next(html.rglob("*.whl"))) as wheel:
        assert "kdcore/__init__.py" in wheel.namelist()
        assert not [name for name in wheel.namelist() if "__pycache__" in name]
    downloaded = notebooks.read(html / "_sources" / "second.ipynb")
    assert "%pip install" in downloaded.cells[0].source
    assert downloaded.metadata["kdcore"]["parameters"] == {"n": 6}
    script = "\n".join(["import sys; sys.modules['kdcore'] = None", downloaded.cells[0].source])
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (
        f'kdcore is not installed here: %pip install "./kdcore-{kd.__version__}-py3-none-any.whl[book]"' in run.stderr
    )
    run = subprocess.run([sys.executable, "-c", downloaded.cells[0].source], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    assert "%pip install" not in (html / "second.html").read_text()
