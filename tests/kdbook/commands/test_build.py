"""`kdcore build` on a two-chapter book: what is run, what is kept, what a failure leaves."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import kdcore as kd
from tests.mini import kdcore, kdcore_process, snapshot, write_book, write_chapter


def executed(root: Path, chapter: str) -> dict:
    return json.loads((root / "_build" / "executed" / chapter / "notebook.ipynb").read_text())


def run_times(root: Path) -> dict[str, int]:
    return {p.parent.name: p.stat().st_mtime_ns for p in (root / "_build" / "executed").glob("*/notebook.ipynb")}


def test_a_build_prints_the_page_to_open(small_book):
    printed = (small_book.parent / "build.txt").read_text()
    page = re.search(r"^Open (.*)$", printed, re.MULTILINE).group(1)
    assert Path(page) == small_book / "_build" / "html" / "index.html"
    assert "Mathematics" in Path(page).read_text()
    assert "done    first" in printed
    assert "done    second" in printed


def test_a_build_does_not_touch_the_sources(built):
    before = snapshot(built / "book")
    assert kdcore(built, "build", "--force", "--no-render").returncode == 0
    assert snapshot(built / "book") == before
    assert {path.name for path in built.iterdir()} == {"book", "_build", "_config.yml", "_toc.yml"}


def test_without_rendering_chapters_run_and_pages_stay(tmp_path):
    root = write_book(tmp_path / "book")
    result = kdcore(root, "build", "--no-render", "--json", "--set", "first.n=4")
    assert result.returncode == 0, result.stderr
    last = json.loads(result.stdout.splitlines()[-1])
    assert (last["event"], last["folder"]) == ("result", str(root / "_build" / "executed"))
    assert "n is 4" in json.dumps(executed(root, "first"))
    assert set(json.loads((root / "_build" / "manifest.json").read_text())["chapters"]) == {"first", "second"}
    assert not (root / "_build" / "html").exists()
    assert kdcore(root, "build", "--no-render", "--strict").returncode == 2


def test_pages_hold_outputs_and_figures_are_files(built):
    root = built
    assert "n is 3" in (root / "_build" / "html" / "first.html").read_text()
    figures = root / "_build" / "executed" / "second" / "figures"
    assert sorted(path.name for path in figures.iterdir()) == ["fig-line.csv", "fig-line.svg"]
    assert (figures / "fig-line.csv").read_text() == "x,y\n1,3\n2,4\n"


def test_pages_ask_no_other_host(built):
    root = built
    for page in (root / "_build" / "html").glob("*.html"):
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]*)"', page.read_text())
        assert loaded == [], page.name


def test_executed_notebooks_carry_their_provenance(built):
    root = built
    record = executed(root, "first")["metadata"]["kdcore"]
    assert record["parameters"] == {}
    assert record["profile"] == "quick"
    assert set(record["versions"]) >= {"kdcore", "numpy", "scipy"}
    assert record["duration_s"] > 0
    assert len(record["key"]) == 64


def test_the_second_build_runs_nothing(built):
    root = built
    times = run_times(root)
    result = kdcore(root, "build", "--strict")
    assert result.returncode == 0, result.stderr
    assert "2 of 2 chapters unchanged" in result.stdout
    assert "Nothing changed" in result.stdout
    assert run_times(root) == times


def test_changed_prose_is_rendered_without_running_the_chapter_and_changed_code_runs_that_chapter_alone(built):
    root = built
    times = run_times(root)
    path = root / "book" / "first.ipynb"
    path.write_text(path.read_text().replace("# First", "# Renamed"))
    write_chapter(root / "book" / "second.ipynb", "Second", "print('n is now', n)")
    result = kdcore(root, "build")
    assert result.returncode == 0, result.stderr
    assert run_times(root)["first"] == times["first"]
    assert run_times(root)["second"] != times["second"]
    page = (root / "_build" / "html" / "first.html").read_text()
    assert "Renamed" in page
    assert "n is 3" in page
    assert "n is now 3" in (root / "_build" / "html" / "second.html").read_text()


def test_after_a_change_the_search_knows_all_pages_as_a_build_from_nothing_does(tmp_path):
    root = write_book(tmp_path / "book")
    for name in ("first", "second"):
        (root / "book" / f"{name}.ipynb").unlink()
    config = root / "_config.yml"
    config.write_text(config.read_text().replace("[sphinx-mathjax", "[kdbook.site.pages, sphinx-mathjax"))
    glossary = "```{glossary}\nMissing mass\n  What was not seen.\n```"
    (root / "book" / "second.md").write_text(f"# Second\n\n{glossary}\n")
    (root / "book" / "first.md").write_text("# First\n")
    assert kdcore(root, "build").returncode == 0
    (root / "book" / "first.md").write_text("# First and last\n")
    assert kdcore(root, "build").returncode == 0
    index = root / "_build" / "html" / "searchindex.js"
    after_a_change = index.read_text()
    assert re.search(r'"indexentries": \{[^}]*"missing mass"', after_a_change)
    shutil.rmtree(root / "_build" / "sphinx")
    shutil.rmtree(root / "_build" / "html")
    assert kdcore(root, "build").returncode == 0
    assert index.read_text() == after_a_change


def test_a_profile_sets_parameters_and_names_the_unknown(built):
    root = built
    (root / "book" / "profiles.yml").write_text("quick: {}\nlarge:\n  first: {n: 8}\n")
    result = kdcore(root, "build", "--profile", "large", "--no-render")
    assert result.returncode == 0, result.stderr
    assert "n is 8" in json.dumps(executed(root, "first"))
    assert executed(root, "first")["metadata"]["kdcore"]["parameters"] == {"n": 8}
    result = kdcore(root, "build", "--profile", "huge")
    assert result.returncode == 1
    assert "unknown profile 'huge': book/profiles.yml has quick, large" in result.stderr


def test_a_chapter_that_raises_stops_the_build_and_the_last_good_book_stays(built):
    root = built
    good = snapshot(root / "_build" / "html")
    write_chapter(root / "book" / "second.ipynb", "Second", "print('so far')", "raise ValueError('no such law')")
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "chapter 'second' failed in cell 3 (In [3])" in result.stderr
    assert "raise ValueError('no such law')" in result.stderr
    assert "ValueError: no such law" in result.stderr
    assert "last good book is unchanged" in result.stderr
    copy = Path(re.search(r"partly executed copy: (.*)", result.stderr).group(1))
    assert "so far" in copy.read_text()
    assert snapshot(root / "_build" / "html") == good
    assert not list((root / "_build").glob(".running-*"))


def test_finished_chapters_are_kept_when_another_fails(tmp_path):
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "second.ipynb", "Second", "1 / 0")
    result = kdcore(root, "build", "--jobs", "1")
    assert result.returncode == 1
    assert "ZeroDivisionError" in result.stderr
    assert not (root / "_build" / "html").exists()
    write_chapter(root / "book" / "second.ipynb", "Second", "print(1)")
    result = kdcore(root, "build", "--no-render")
    assert result.returncode == 0, result.stderr
    assert "1 of 2 chapters unchanged" in result.stdout


def test_a_damaged_result_is_made_again(built):
    root = built
    path = root / "_build" / "executed" / "first" / "notebook.ipynb"
    path.write_text(path.read_text()[:200])
    result = kdcore(root, "build", "--no-render")
    assert result.returncode == 0, result.stderr
    assert "1 of 2 chapters unchanged" in result.stdout
    assert executed(root, "first")["metadata"]["kdcore"]


def test_a_kernel_that_dies_is_one_line(built):
    root = built
    write_chapter(root / "book" / "first.ipynb", "First", "import os; os._exit(1)")
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert "chapter 'first': its kernel died" in result.stderr
    assert "Traceback (most recent call last)" not in result.stderr


def test_strict_refuses_a_warning_and_keeps_the_last_good_book(built):
    root = built  # with --strict
    good = snapshot(root / "_build" / "html")
    (root / "book" / "index.md").write_text("# Title\n\n{ref}`nowhere`\n")
    result = kdcore(root, "build", "--strict")
    assert result.returncode == 1
    assert "nowhere" in result.stderr
    assert "last good book is unchanged" in result.stderr
    assert snapshot(root / "_build" / "html") == good
    assert kdcore(root, "build").returncode == 0


def test_a_page_that_is_missing_or_a_broken_notebook_is_one_line(tmp_path):
    root = write_book(tmp_path / "book")
    (root / "book" / "first.ipynb").write_text('{"cells": [')
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert "first.ipynb is not a readable notebook" in result.stderr
    (root / "book" / "first.ipynb").unlink()
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert "_toc.yml lists pages that do not exist: first" in result.stderr


def test_a_page_that_left_the_book_leaves_no_trace(built):
    root = built
    (root / "_toc.yml").write_text((root / "_toc.yml").read_text().replace("  - file: second\n", ""))
    assert kdcore(root, "build").returncode == 0
    assert not (root / "_build" / "html" / "second.html").exists()


def test_a_changed_docstring_is_rendered(tmp_path):
    root = write_book(tmp_path / "book")
    package = Path(kd.__file__).parent
    shutil.copytree(package, root / "kdcore", ignore=shutil.ignore_patterns("__pycache__"))  # python -m takes this one
    (root / "_config.yml").write_text((root / "_config.yml").read_text().replace("[", "[sphinx.ext.autodoc, "))
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    index = root / "book" / "index.md"
    index.write_text("# Title\n\n```{eval-rst}\n.. autofunction:: kdcore.instance_0\n```\n")
    for docstring in ("One text.", "Another text."):
        source = root / "kdcore" / "instances.py"
        source.write_text(
            re.sub(r'(def instance_0.*?r?""").*?"""', rf'\1{docstring}"""', source.read_text(), flags=re.S)
        )
        result = kdcore_process(root, "build", "--strict")
        assert result.returncode == 0, result.stdout + result.stderr
        assert docstring in (root / "_build" / "html" / "index.html").read_text()
