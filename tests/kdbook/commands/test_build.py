"""`kdcore build` on a two-chapter book: what is run, what is kept, what a failure leaves."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import kdcore as kd
from kdbook.execution import records
from tests.mini import kdcore, kdcore_process, snapshot, write_book, write_chapter

pytestmark = pytest.mark.usefixtures("each_chapter_once")


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


def test_a_build_does_not_touch_the_sources(small_book, tmp_path):
    assert snapshot(small_book / "book") == snapshot(write_book(tmp_path / "again") / "book")
    assert {path.name for path in small_book.iterdir()} == {"book", "_build", "_config.yml", "_toc.yml", "CITATION.cff"}


def test_pages_hold_outputs_and_figures_are_files(small_book):
    assert "n is 3" in (small_book / "_build" / "html" / "first.html").read_text()
    figures = small_book / "_build" / "executed" / "second" / "figures"
    assert sorted(path.name for path in figures.iterdir()) == ["fig-line.csv", "fig-line.svg"]
    assert (figures / "fig-line.csv").read_text() == "x,y\n1,3\n2,4\n"


def test_pages_ask_no_other_host(small_book):
    for page in (small_book / "_build" / "html").glob("*.html"):
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:[^"]*)"', page.read_text())
        assert loaded == [], page.name


def test_executed_notebooks_carry_their_provenance(small_book):
    record = executed(small_book, "first")["metadata"]["kdcore"]
    assert record["parameters"] == {}
    assert record["profile"] == "quick"
    assert set(record["versions"]) >= {"kdcore", "numpy", "scipy"}
    assert record["duration_s"] > 0
    assert len(record["key"]) == 64


def test_a_second_build_runs_nothing_also_where_the_folder_was_moved_to(built):
    times, pages = run_times(built), snapshot(built / "_build" / "html")
    result = kdcore(built, "build", "--strict")
    assert result.returncode == 0, result.stderr
    assert "2 of 2 chapters unchanged" in result.stdout
    assert "Nothing changed" in result.stdout
    assert run_times(built) == times
    assert snapshot(built / "_build" / "html") == pages


def test_without_rendering_chapters_run_and_are_recorded_and_the_pages_stay(built):
    pages = snapshot(built / "_build" / "html")
    result = kdcore(built, "build", "--no-render", "--set", "first.n=8")
    assert (result.returncode, result.stderr) == (0, "")
    assert "1 of 2 chapters unchanged" in result.stdout
    assert result.stdout.splitlines()[-1] == f"Executed chapters are in {built / '_build' / 'executed'}"
    assert "Rendering" not in result.stdout
    assert executed(built, "first")["metadata"]["kdcore"]["parameters"] == {"n": 8}
    manifest = json.loads((built / "_build" / "manifest.json").read_text())
    assert manifest["chapters"]["first"]["parameters"] == {"n": 8}
    assert snapshot(built / "_build" / "html") == pages
    result = kdcore(built, "build", "--no-render", "--set", "first.n=8", "--json")
    assert json.loads(result.stdout.splitlines()[-1]) == {
        "event": "result",
        "count": 2,
        "total": 2,
        "folder": str(built / "_build" / "executed"),
        "rendered": False,
    }
    result = kdcore(built, "build", "--no-render", "--strict")
    assert result.returncode == 2
    assert "not allowed with argument" in result.stderr


def test_changed_prose_is_rendered_without_running_the_chapter(built):
    times = run_times(built)
    path = built / "book" / "first.ipynb"
    path.write_text(path.read_text().replace("# First", "# Renamed"))
    result = kdcore(built, "build")
    assert result.returncode == 0, result.stderr
    assert run_times(built) == times
    page = (built / "_build" / "html" / "first.html").read_text()
    assert "Renamed" in page
    assert "n is 3" in page


def test_after_a_change_the_search_knows_all_pages_as_a_build_from_nothing_does(tmp_path):
    root = write_book(tmp_path / "book")
    for name in ("first", "second"):
        (root / "book" / f"{name}.ipynb").unlink()
    config = root / "_config.yml"
    config.write_text(config.read_text().replace("kdbook.site.mathjax", "kdbook.site.pages"))
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


def test_changed_code_runs_that_chapter_only(built):
    times = run_times(built)
    write_chapter(built / "book" / "first.ipynb", "First", "print('n is now', n)")
    result = kdcore(built, "build")
    assert result.returncode == 0, result.stderr
    assert run_times(built)["first"] > times["first"]
    assert run_times(built)["second"] == times["second"]
    assert "n is now 3" in (built / "_build" / "html" / "first.html").read_text()


def test_a_profile_sets_parameters_and_names_the_unknown(tmp_path):
    root = write_book(tmp_path / "book")
    (root / "book" / "profiles.yml").write_text("quick: {}\nlarge:\n  first: {n: 8}\n")
    result = kdcore(root, "build", "--no-render", "--profile", "large")
    assert result.returncode == 0, result.stderr
    notebook = executed(root, "first")
    assert "n is 8" in json.dumps(notebook["cells"])
    assert notebook["metadata"]["kdcore"]["parameters"] == {"n": 8}
    result = kdcore(root, "build", "--profile", "huge")
    assert result.returncode == 1
    assert "unknown profile 'huge': book/profiles.yml has quick, large" in result.stderr


def test_a_chapter_that_raises_stops_the_build_and_the_last_good_book_stays(built):
    good = snapshot(built / "_build" / "html")
    write_chapter(built / "book" / "second.ipynb", "Second", "print('so far')", "raise ValueError('no such law')")
    result = kdcore(built, "build")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "chapter 'second' failed in cell 3 (In [3])" in result.stderr
    assert "raise ValueError('no such law')" in result.stderr
    assert "ValueError: no such law" in result.stderr
    assert "last good book is unchanged" in result.stderr
    kept = Path(re.search(r"partly executed copy: (.*)", result.stderr).group(1))
    assert "so far" in kept.read_text()
    assert snapshot(built / "_build" / "html") == good
    assert not list((built / "_build").glob(".running-*"))


def test_finished_chapters_are_kept_when_another_fails(tmp_path):
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "second.ipynb", "Second", "1 / 0")
    result = kdcore(root, "build", "--jobs", "1")
    assert result.returncode == 1
    assert "ZeroDivisionError" in result.stderr
    assert not (root / "_build" / "html").exists()
    write_chapter(root / "book" / "second.ipynb", "Second", "print('n is now', n)")
    result = kdcore(root, "build", "--no-render")
    assert result.returncode == 0, result.stderr
    assert "1 of 2 chapters unchanged" in result.stdout


def test_a_damaged_result_is_made_again(built):
    path = built / "_build" / "executed" / "first" / "notebook.ipynb"
    path.write_text(path.read_text()[:200])
    result = kdcore(built, "build", "--no-render")
    assert result.returncode == 0, result.stderr
    assert "1 of 2 chapters unchanged" in result.stdout
    assert executed(built, "first")["metadata"]["kdcore"]


def test_a_kernel_that_dies_is_one_line(tmp_path):
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "first.ipynb", "First", "import os; os._exit(1)")
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert "chapter 'first': its kernel died" in result.stderr
    assert "Traceback (most recent call last)" not in result.stderr


def test_strict_refuses_a_warning_and_keeps_the_last_good_book(built):
    good = snapshot(built / "_build" / "html")  # of a strict build
    (built / "book" / "index.md").write_text("# Title\n\n{ref}`nowhere`\n")
    result = kdcore(built, "build", "--strict")
    assert result.returncode == 1
    assert "nowhere" in result.stderr
    assert "last good book is unchanged" in result.stderr
    assert snapshot(built / "_build" / "html") == good
    assert kdcore(built, "build").returncode == 0
    again = kdcore(built, "build")
    assert "nowhere" in again.stderr
    assert "Nothing changed" in again.stdout
    result = kdcore(built, "build", "--strict")  # Sphinx would not read this page again
    assert result.returncode == 1
    assert "nowhere" in result.stderr


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
    assert (built / "_build" / "html" / "second.html").is_file()
    (built / "_toc.yml").write_text((built / "_toc.yml").read_text().replace("  - file: second\n", ""))
    assert kdcore(built, "build").returncode == 0
    assert not (built / "_build" / "html" / "second.html").exists()


def test_another_source_of_the_packages_renders_all_pages_anew(built, monkeypatch):
    left = built / "_build" / "sphinx" / "_build" / "html" / "left.html"
    left.write_text("of the source before")
    assert "Nothing changed" in kdcore(built, "build", "--strict").stdout
    monkeypatch.setattr(records, "package_digest", lambda: "of another source")
    assert "The book is ready." in kdcore(built, "build", "--strict").stdout
    assert not left.exists()


def test_a_docstring_is_part_of_the_source(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "ROOT", tmp_path)
    digests = set()
    for package in records.PACKAGES:
        (tmp_path / package).mkdir()
        for docstring in ("One text.", "Another text."):
            (tmp_path / package / "module.py").write_text(f'"""{docstring}"""\n')
            digests.add(records.package_digest.__wrapped__())  # computed anew, not remembered
    assert len(digests) == 2 * len(records.PACKAGES)


@pytest.mark.slow
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
