"""What can go wrong with a build: nothing that was good is lost, and one line says what to do."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kdbook.execution import notebooks
from kdbook.folders import clean_up, replace_folder
from kdbook.project import Project
from tests.mini import FIGURE, kdcore, kdcore_process, snapshot, write_book, write_chapter

COMMAND = [sys.executable, "-m", "kdcore", "build", "--jobs", "2"]


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
    (number,) = [n for n in range(100) if f"version {n}." in text]
    return number


def write_version(root: Path, number: int) -> None:
    for name in ("first", "second"):
        write_chapter(root / "book" / f"{name}.ipynb", name.title(), FIGURE, f"print('version {number}.')")


def descendants(text: str) -> list[int]:
    """Return the processes whose command line holds a text."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if text in (entry / "cmdline").read_bytes().decode(errors="replace"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_twenty_kills_at_random_moments_lose_nothing(tmp_path):
    """After each kill the book is one whole version, and the build after the last one finishes the work.

    A kill between two renamings leaves it moved aside, until the next build begins.
    """
    root = write_book(tmp_path / "book")
    write_version(root, 0)
    began = time.monotonic()
    assert subprocess.run(COMMAND, cwd=root, capture_output=True).returncode == 0
    whole = time.monotonic() - began
    rng = random.Random(20)
    pages = [root / "_build" / "html" / f"{name}.html" for name in ("first", "second")]
    killed = number = 0
    while killed < 20:
        number += 1
        assert number <= 100, f"only {killed} of 100 builds were still running when they were to be killed"
        write_version(root, number)
        began = time.monotonic()
        build = start(root)
        try:
            build.wait(rng.uniform(0.1, 1.1) * whole)
            whole = min(whole, time.monotonic() - began)  # the machine was slower when the first build was timed
        except subprocess.TimeoutExpired:
            build.send_signal(signal.SIGKILL)  # the build alone: its workers have to notice by themselves
            killed += 1
        build.communicate()
        if not (root / "_build" / "html").exists():
            clean_up(Project(root))
        versions = {version_of(page) for page in pages}
        assert len(versions) == 1, f"build {number}: pages of different versions {versions}"
        assert (root / "_build" / "html" / "index.html").is_file()
    result = kdcore(root, "build")
    assert result.returncode == 0, result.stderr
    assert {version_of(page) for page in pages} == {number}
    assert left_over(root) == []
    assert left_running(root) == []


def left_over(root: Path) -> list[str]:
    """Return what a killed build left half made and the next one did not clear away."""
    names = [path.name for path in (root / "_build").rglob(".*")]
    return [name for name in names if name.endswith((".old", ".new", "-new")) or name.startswith(".running")]


def left_running(root: Path) -> list[int]:
    """Return the processes of a killed build that have not ended within half a minute."""
    deadline = time.monotonic() + 30
    while descendants(str(root)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return descendants(str(root))


POINTS = {
    "after a chapter was stored": "from kdbook.execution import chapters as place; name, before = '_store', False",
    "while pages are rendered": "from kdbook.site import render as place; name, before = '_run_jupyter_book', False",
    "while pages are published": "from kdbook.site import render as place; name, before = 'replace_folder', True",
    "between the two renamings": "import kdbook.folders, os as place; name, before = 'replace', False",
}
"""Where a build kills itself: the function, and whether before or after it has run."""

KILLED = """\
import os, signal, sys
{point}
really = getattr(place, name)
def then_killed(*arguments):
    if not before:
        really(*arguments)
    if name != "replace" or str(arguments[0]).endswith("html"):
        os.kill(os.getpid(), signal.SIGKILL)
setattr(place, name, then_killed)
from kdbook.commands import main
main(["build", "--jobs", "1"])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills as POSIX does")
def test_a_build_that_is_killed_at_any_point_loses_nothing(built):
    """The last good book is whole after each kill, and the build after the last one finishes the work."""
    root = built
    write_chapter(root / "book" / "second.ipynb", "Second", "print('version 1.')")
    good = {name: data for name, data in snapshot(root / "_build" / "html").items() if name.endswith(".html")}
    for when, point in POINTS.items():
        code = KILLED.format(point=point)
        killed = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
        assert killed.returncode == -signal.SIGKILL, (when, killed.stdout, killed.stderr)
        assert "running first" not in killed.stdout, when
        if not (root / "_build" / "html").exists():  # it was moved aside; the next command brings it back
            assert when == "between the two renamings"
            clean_up(Project(root))
        pages = snapshot(root / "_build" / "html")
        assert {name: data for name, data in pages.items() if name.endswith(".html")} == good, when
    result = kdcore(root, "build")
    assert result.returncode == 0, result.stderr
    assert "2 of 2 chapters unchanged" in result.stdout
    assert "version 1." in (root / "_build" / "html" / "second.html").read_text()
    assert left_over(root) == []


def test_a_build_after_a_kill_does_not_run_finished_chapters_again(tmp_path):
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "second.ipynb", "Second", "import time", "time.sleep(n)")
    build = start(root, "--jobs", "1", "--set", "second.n=600")
    for line in build.stdout:
        if "running second" in line:
            break
    build.kill()  # the build alone: its workers and their kernels have to notice by themselves
    build.communicate()
    if Path("/proc").is_dir():
        assert left_running(root) == []
    result = kdcore(root, "build", "--no-render", "--set", "second.n=1")
    assert result.returncode == 0, result.stderr
    assert "1 of 2 chapters unchanged" in result.stdout
    assert "done    first" not in result.stdout


def test_a_second_build_waits_and_says_so(tmp_path):
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "first.ipynb", "First", "import time; time.sleep(n)")
    first = start(root)
    for line in first.stdout:
        if "running" in line:
            break
    second = kdcore_process(root, "build")
    rest, errors = first.communicate()
    assert first.returncode == 0, errors
    assert second.returncode == 0, second.stderr
    assert "another build of this book is running: waiting until it ends" in second.stderr
    assert "2 of 2 chapters unchanged" in second.stdout
    assert "The book is ready." in rest


def test_a_cell_that_never_ends_is_named_and_stopped(built):
    root = built
    page = (root / "_build" / "html" / "second.html").read_bytes()
    write_chapter(root / "book" / "second.ipynb", "Second", "print('before')", "while True:\n    pass")
    result = kdcore(root, "build", "--timeout", "3")
    assert result.returncode == 1
    assert "chapter 'second' was stopped: more than 3 s in cell 3:\n    while True: …" in result.stderr
    assert "--timeout" in result.stderr
    assert "the last good book is unchanged" in result.stderr
    assert (root / "_build" / "html" / "second.html").read_bytes() == page
    failed = json.loads((root / "_build" / "failed" / "second.ipynb").read_text())
    assert "before" in json.dumps(failed)


@pytest.mark.parametrize("text", ["", "{", '{"cells": []}', "[]", '{"cells": [{"cell_type": "code"}], "metadata": {}}'])
def test_a_broken_notebook_is_one_line_and_the_book_stays(tmp_path, text):
    root = write_book(tmp_path / "book")
    (root / "_build" / "html").mkdir(parents=True)
    (root / "_build" / "html" / "index.html").write_text("the last good book")
    (root / "book" / "first.ipynb").write_text(text)
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert result.stderr.startswith(f"kdcore: {root / 'book' / 'first.ipynb'} is not a readable notebook")
    assert "Traceback" not in result.stderr
    assert (root / "_build" / "html" / "index.html").read_text() == "the last good book"


def test_without_a_kernel_it_says_what_is_missing(tmp_path, monkeypatch):
    from jupyter_client import kernelspec

    from kdbook.execution import job

    def none_such(self, name):
        raise kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", none_such)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    root = write_book(tmp_path / "book")
    broken = job.Job("first", (root / "book" / "first.ipynb").read_text(), {}, None, {})
    with pytest.raises(job.ChapterError, match=r"is ipykernel installed.*kdcore doctor"):
        job.run(broken)


def test_a_truncated_result_runs_again(built):
    root = built
    stored = root / "_build" / "executed"
    notebook = stored / "first" / "notebook.ipynb"
    printed = notebooks.printed(notebooks.read(notebook))
    notebook.write_text(notebook.read_text()[:200])
    figure = stored / "second" / "figures" / "fig-line.csv"
    figure.write_text(figure.read_text()[:3])
    result = kdcore(root, "build", "--no-render")
    assert result.returncode == 0, result.stderr
    assert "second: fig-line.csv was changed since it ran: it runs again" in result.stdout
    assert "done    first" in result.stdout
    assert "done    second" in result.stdout
    assert figure.read_text() == "x,y\n1,3\n2,4\n"
    assert notebooks.printed(notebooks.read(notebook)) == printed


def test_a_deleted_build_folder_is_made_again(built):
    root = built
    pages = snapshot(root / "_build" / "html")
    shutil.rmtree(root / "_build")
    assert kdcore(root, "build").returncode == 0
    again = snapshot(root / "_build" / "html")
    assert {name for name in pages if name.endswith(".html")} == {name for name in again if name.endswith(".html")}
    assert again["first.html"] == pages["first.html"]


def test_a_build_folder_that_is_a_file_is_named(tmp_path):
    root = write_book(tmp_path / "book")
    (root / "_build").write_text("")
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert result.stderr == f"kdcore: {root / '_build'} is not a folder: move it out of the way\n"


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="lets another user build, which root can")
def test_a_folder_without_write_permission_is_named(tmp_path):
    root = write_book(tmp_path / "book")
    for folder in [root, *root.parents]:
        if folder == Path("/tmp"):
            break
        folder.chmod(0o755)
    config = tmp_path / "matplotlib"
    config.mkdir(mode=0o777)
    config.chmod(0o777)
    environment = os.environ | {"HOME": str(root), "PYTHONDONTWRITEBYTECODE": "1", "MPLCONFIGDIR": str(config)}
    result = subprocess.run(COMMAND, cwd=root, env=environment, capture_output=True, text=True, user=65534, group=65534)
    assert result.returncode == 1
    assert result.stderr == f"kdcore: cannot write to {root / '_build'}: no permission\n"


def fill_up(path: Path) -> None:
    """Write to a file until the disk is full."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    assert shutil.disk_usage(path.parent).free < 4096


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="mounts a small file system, which root can")
def test_a_full_disk_is_named_and_the_book_stays(built, tmp_path):
    root = built
    size = sum(path.stat().st_size for path in (root / "_build").rglob("*") if path.is_file())
    small = tmp_path / "small"
    small.mkdir()
    megabytes = int(size / 1e6 * 2) + 5
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(small)]
    mount = subprocess.run(command, capture_output=True)
    if mount.returncode != 0:
        pytest.skip("this machine does not let root mount")
    try:
        subprocess.run(["cp", "-r", *[str(path) for path in root.iterdir()], str(small)], check=True)
        pages = snapshot(small / "_build" / "html")
        write_version(small, 7)
        fill = small / "fill"
        fill_up(fill)
        result = kdcore(small, "build")
        assert result.returncode == 1
        assert "No space left on device" in result.stderr
        assert "free some space" in result.stderr
        assert "Traceback" not in result.stderr
        assert snapshot(small / "_build" / "html") == pages
        fill.unlink()
        result = kdcore(small, "build")
        assert result.returncode == 0, result.stderr
        assert "version 7." in (small / "_build" / "html" / "first.html").read_text()
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_folders_are_replaced_whole(tmp_path):
    new, target = tmp_path / "new", tmp_path / "target"
    for text in ("first", "second"):
        new.mkdir()
        (new / text).write_text(text)
        replace_folder(new, target)
        assert [path.name for path in target.iterdir()] == [text]
        assert [path.name for path in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("renamings", [0, 1, 2])
def test_a_kill_while_a_folder_is_replaced_leaves_the_old_or_the_new_one(tmp_path, monkeypatch, renamings):
    project = Project(write_book(tmp_path / "book"))
    new = project.build / ".html-new"
    for folder, text in ((project.html, "old"), (new, "new")):
        folder.mkdir(parents=True)
        (folder / "page").write_text(text)
    rename, done = os.replace, []

    def until_killed(source, target):
        if len(done) == renamings:
            raise KeyboardInterrupt
        done.append(target)
        rename(source, target)

    with monkeypatch.context() as patch, contextlib.suppress(KeyboardInterrupt):
        patch.setattr(os, "replace", until_killed)
        replace_folder(new, project.html)
    clean_up(project)
    assert (project.html / "page").read_text() == ("new" if renamings == 2 else "old")
    assert not (project.build / ".html.old").exists()


def test_what_was_moved_aside_when_a_build_died_comes_back(tmp_path):
    project = Project(write_book(tmp_path / "book"))
    for folder in (project.build / ".html.old", project.build / "executed" / ".first.old"):
        folder.mkdir(parents=True)
        (folder / "good").write_text("yes")
    (project.build / ".running-first-abc").mkdir()
    clean_up(project)
    assert (project.html / "good").read_text() == "yes"
    assert (project.build / "executed" / "first" / "good").read_text() == "yes"
    assert sorted(path.name for path in project.build.iterdir()) == ["executed", "html"]
