"""Builds that are killed: the last good book stays, nothing that was finished is lost, the next build goes on."""

from __future__ import annotations

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kdbook.execution import notebooks, records
from kdbook.folders import clean_up
from kdbook.project import Project
from kdbook.site import render
from tests import warm
from tests.killed import POINTS, main_dying, rendered_before
from tests.mini import FIGURE, kdcore, kdcore_process, snapshot, write_book, write_chapter

pytestmark = [
    pytest.mark.usefixtures("each_chapter_once"),
    pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc"),
]
COMMAND = [sys.executable, "-m", "kdcore", "build", "--jobs", "2"]
CHAPTERS = ("first", "second")


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a build in a session of its own, so that a kill hits it and nothing else."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*COMMAND, *arguments], cwd=root, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    )


def version_of(page: Path) -> int:
    """Return which version of the small book a page belongs to, after checking that the page is whole."""
    text = page.read_text()
    assert text.rstrip().endswith("</html>"), page
    (number,) = {int(found) for found in re.findall(r"n is (\d+)", text)}
    return number


def version_of_book(html: Path) -> int:
    """Return the version of all pages of a book."""
    assert (html / "index.html").read_text().rstrip().endswith("</html>")
    (number,) = {version_of(html / f"{name}.html") for name in CHAPTERS}
    return number


def stored_version(root: Path, name: str) -> int:
    """Return the version of an executed chapter, after checking that it is what was recorded when it ran."""
    folder = root / "_build" / "executed" / name
    notebook = notebooks.read(folder / records.NOTEBOOK)
    assert records.damage(notebook, records.read_figures(folder)) == []
    return int(re.search(r"n is (\d+)", notebooks.printed(notebook)[-1])[1])


def descendants(text: str) -> list[int]:
    """Return the processes that hold a text in what they were started with: the command, or the environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if any(text.encode() in (entry / told).read_bytes() for told in ("cmdline", "environ")):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def all_end(text: str, seconds: float = 60) -> bool:
    """Return whether all processes that were started with a text end by themselves."""
    deadline = time.monotonic() + seconds
    while descendants(text) and time.monotonic() < deadline:
        time.sleep(0.1)
    return descendants(text) == []


def left_over(root: Path) -> list[str]:
    names = [path.name for path in (root / "_build").rglob(".*")]
    return [name for name in names if name.endswith((".old", ".new", "-new")) or name.startswith(".running")]


def kill_at(point: str, root: Path, outcomes: Path, pages: Path | None, *arguments: str) -> None:
    """Build in a process that dies at a point, and wait for what it started."""
    words = ["--project", str(root), "build", "--jobs", "1", *arguments]
    result = warm.call(main_dying, point, outcomes, pages, words)
    assert result.returncode == -signal.SIGKILL, (point, result.stdout, result.stderr)
    assert all_end(str(root))


@pytest.fixture(scope="module")
def next_book(small_book, each_chapter_once, tmp_path_factory):
    """Version 4 of the small book, built, so that killed builds of it can take chapters and pages from here."""
    root = shutil.copytree(small_book, tmp_path_factory.mktemp("next") / "book")
    assert kdcore(root, "build", "--set", "*.n=4").returncode == 0
    (root / "_build" / "sphinx" / "settings").unlink()  # what Jupyter Book left
    return root


@pytest.mark.parametrize("point", list(POINTS)[:6])
def test_a_build_killed_before_it_renders_leaves_pages_and_finished_chapters(built, outcomes, next_book, point):
    root = built
    pages = snapshot(root / "_build" / "html")
    kill_at(point, root, outcomes, None, "--no-render", "--set", "*.n=4")
    assert snapshot(root / "_build" / "html") == pages
    finished = {"one chapter is stored": 1}.get(point, 0 if list(POINTS).index(point) < 3 else 2)
    versions = [stored_version(root, name) for name in CHAPTERS if (root / "_build" / "executed" / name).exists()]
    assert versions.count(4) == finished
    assert versions.count(3) == 2 - finished - (point == "an old result is moved aside")
    json.loads((root / "_build" / "manifest.json").read_text())
    result = kdcore(root, "build", "--no-render", "--set", "*.n=4")
    assert result.returncode == 0, result.stderr
    told = re.findall(r"(\d) of 2 chapters unchanged", result.stdout)
    assert told == ([str(finished)] if finished else [])
    assert [stored_version(root, name) for name in CHAPTERS] == [4, 4]
    manifest = json.loads((root / "_build" / "manifest.json").read_text())["chapters"]
    assert [manifest[name]["parameters"] for name in CHAPTERS] == [{"n": 4}, {"n": 4}]
    assert left_over(root) == []


@pytest.mark.parametrize("point", list(POINTS)[6:])
def test_a_build_killed_while_it_renders_leaves_one_whole_book(built, outcomes, next_book, point, monkeypatch):
    """Where it dies after the rendering, the pages of both builds are those of a book rendered before.

    Else Jupyter Book renders twice, and begins afresh the second time: what it read before, it would not tell again.
    """
    html = built / "_build" / "html"
    left = built / "_build" / "sphinx" / "_build" / "html" / "left.html"
    left.write_text("of a rendering before")
    pages = None if point in ("Jupyter Book runs", "pages are rendered") else next_book / "_build" / "sphinx"
    kill_at(point, built, outcomes, pages, "--set", "*.n=4")
    if pages is not None:
        monkeypatch.setattr(render, "run_jupyter_book", rendered_before(pages))
    if point == "the old book is moved aside":
        assert not html.exists()
        clean_up(Project(built))  # with which the next build begins
    assert version_of_book(html) == (4 if point == "the new book is in its place" else 3)
    result = kdcore(built, "build", "--set", "*.n=4")
    assert result.returncode == 0, result.stderr
    assert "2 of 2 chapters unchanged" in result.stdout
    assert version_of_book(html) == 4
    assert left_over(built) == []
    assert not left.exists()


def test_a_build_after_a_kill_does_not_run_finished_chapters_again(tmp_path):
    """The build alone is killed: its workers and their kernels have to notice by themselves."""
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "second.ipynb", "Second", "import time", "time.sleep(n)")
    build = start(root, "--jobs", "1", "--set", "second.n=600")
    for line in build.stdout:
        if "running second" in line:
            break
    build.kill()
    build.communicate()
    result = kdcore(root, "build", "--no-render", "--set", "second.n=1")
    assert result.returncode == 0, result.stderr
    assert "1 of 2 chapters unchanged" in result.stdout
    assert "done    first" not in result.stdout
    assert all_end(str(root))


@pytest.mark.slow
def test_twenty_kills_at_random_moments_lose_nothing(tmp_path):
    """After each kill the book is one whole version, and the build after the last one finishes the work."""
    root = write_book(tmp_path / "book")
    began = time.monotonic()
    assert subprocess.run([*COMMAND, "--set", "*.n=1000"], cwd=root, capture_output=True).returncode == 0
    whole = time.monotonic() - began
    rng = random.Random(20)
    killed = number = 0
    while killed < 20:
        number += 1
        assert number <= 100, f"only {killed} of 100 builds were still running when they were to be killed"
        for name in CHAPTERS:
            write_chapter(root / "book" / f"{name}.ipynb", name.title(), FIGURE, f"print('n is {number}')")
        began = time.monotonic()
        build = start(root)
        try:
            build.wait(rng.uniform(0.1, 1.1) * whole)
            whole = min(whole, time.monotonic() - began)  # the machine was slower when the first build was timed
        except subprocess.TimeoutExpired:
            build.send_signal(signal.SIGKILL)  # the build alone: its workers have to notice by themselves
            killed += 1
        build.communicate()
        if not (root / "_build" / "html").exists():  # moved aside, until the next build begins
            clean_up(Project(root))
        assert version_of_book(root / "_build" / "html") in {*range(number + 1), 1000}
    result = kdcore_process(root, "build")
    assert result.returncode == 0, result.stderr
    assert version_of_book(root / "_build" / "html") == number
    assert left_over(root) == []
    assert all_end(str(root))
