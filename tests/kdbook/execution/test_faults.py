"""What can go wrong with a build: nothing that was good is lost, and one line says what to do."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kdbook.execution import chapters
from kdbook.execution.progress import Progress
from kdbook.folders import clean_up, replace_folder
from kdbook.project import Project
from tests.mini import kdcore, snapshot, write_book, write_chapter

pytestmark = pytest.mark.usefixtures("each_chapter_once")

COMMAND = [sys.executable, "-m", "kdcore", "build", "--jobs", "2"]


def test_a_second_build_waits_and_says_so(built, monkeypatch):
    """The second one is a process that begins when the first has a chapter to store."""
    second, store = [], chapters._store

    def store_while_another_begins(*arguments):
        if not second:
            pipe = subprocess.PIPE
            command = [*COMMAND, "--no-render", "--set", "*.n=4"]
            second.append(subprocess.Popen(command, cwd=built, stdout=pipe, stderr=pipe, text=True))
            said = second[0].stderr.readline()
            assert "another build of this book is running: waiting until it ends" in said
        store(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(chapters, "_store", store_while_another_begins)
        first = kdcore(built, "build", "--no-render", "--set", "*.n=4")
    said, errors = second[0].communicate()
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("done ") == 2
    assert second[0].returncode == 0, errors
    assert "2 of 2 chapters unchanged" in said


def test_a_cell_that_never_ends_is_named_and_stopped(built):
    page = (built / "_build" / "html" / "second.html").read_bytes()
    endless = "for _ in range(60):\n    __import__('time').sleep(1)"  # were it not stopped, the test would fail
    write_chapter(built / "book" / "second.ipynb", "Second", "print('before')", endless)
    result = kdcore(built, "build", "--timeout", "3")
    assert result.returncode == 1
    assert "chapter 'second' was stopped: more than 3 s in cell 3:\n    for _ in range(60): …" in result.stderr
    assert "--timeout" in result.stderr
    assert "the last good book is unchanged" in result.stderr
    assert (built / "_build" / "html" / "second.html").read_bytes() == page
    failed = json.loads((built / "_build" / "failed" / "second.ipynb").read_text())
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
    stored = built / "_build" / "executed"
    page = (built / "_build" / "html" / "first.html").read_text()
    notebook = stored / "first" / "notebook.ipynb"
    notebook.write_text(notebook.read_text()[:200])
    figure = stored / "second" / "figures" / "fig-line.csv"
    figure.write_text(figure.read_text()[:3])
    result = kdcore(built, "build")
    assert result.returncode == 0, result.stderr
    assert "second: fig-line.csv was changed since it ran: it runs again" in result.stdout
    assert "done    first" in result.stdout
    assert "done    second" in result.stdout
    assert figure.read_text() == "x,y\n1,3\n2,4\n"
    again = (built / "_build" / "html" / "first.html").read_text()
    assert re.sub(r"\?v=[0-9a-f]+", "", again) == re.sub(r"\?v=[0-9a-f]+", "", page)  # Sphinx's hashes of style sheets


def test_a_spoilt_result_of_a_chapter_that_may_not_run_is_not_shown(built, capsys):
    figure = built / "_build" / "executed" / "second" / "figures" / "fig-line.csv"
    figure.write_text(figure.read_text().replace("2,4", "2,5"))
    first, second = chapters.execute_chapters(Project(built), chapters.Request(only=("first",)), Progress())
    told = "second: fig-line.csv was changed since it ran: its page shows the committed numbers until it runs again"
    assert told in capsys.readouterr().out
    assert (first.current, second.current) == (True, False)
    assert second.record == {}
    assert second.figures.get("fig-line.csv") != figure.read_bytes()


def test_a_deleted_build_folder_is_made_again(built):
    pages = snapshot(built / "_build" / "html")
    shutil.rmtree(built / "_build")
    assert kdcore(built, "build", "--strict").returncode == 0
    again = snapshot(built / "_build" / "html")
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
    size = sum(path.stat().st_size for path in (built / "_build").rglob("*") if path.is_file())
    small = tmp_path / "small"
    small.mkdir()
    megabytes = int(size / 1e6 * 2) + 5
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(small)]
    mount = subprocess.run(command, capture_output=True)
    if mount.returncode != 0:
        pytest.skip("this machine does not let root mount")
    try:
        root = shutil.copytree(built, small / "book")
        pages = snapshot(root / "_build" / "html")
        fill = small / "fill"
        fill_up(fill)
        result = kdcore(root, "build", "--set", "*.n=4321")  # which no other test runs
        assert result.returncode == 1
        assert "No space left on device" in result.stderr
        assert "free some space" in result.stderr
        assert "Traceback" not in result.stderr
        assert snapshot(root / "_build" / "html") == pages
        fill.unlink()
        result = kdcore(root, "build", "--no-render", "--set", "*.n=4")
        assert result.returncode == 0, result.stderr
        assert "n is 4" in (root / "_build" / "executed" / "first" / "notebook.ipynb").read_text()
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
