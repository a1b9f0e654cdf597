"""What a build records of the sources: this project's commit, or why there is none."""

from __future__ import annotations

import ast
import subprocess

import pytest

from kdbook.execution import notebooks, records
from kdbook.execution.records import COMPUTING, ROOT, dependencies_digest, git_state
from kdbook.project import Project
from tests.mini import write_book


def git(folder, *arguments):
    identity = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def root(tmp_path):
    return write_book(tmp_path / "course" / "book of mine")


def test_the_commit_of_the_book_is_recorded(root):
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    assert git_state(Project(root)) == {"commit": git(root, "rev-parse", "HEAD").strip(), "clean": True}
    (root / "book" / "new.md").write_text("# New\n")
    assert git_state(Project(root))["clean"] is False


def test_a_repository_around_the_book_is_not_its_own(root):
    git(root.parent, "init", "-q")
    git(root.parent, "add", ".")
    git(root.parent, "commit", "-qm", "a course")
    found = git_state(Project(root))
    assert found["commit"] is found["clean"] is None
    assert "not its own" in found["no_commit"]


def test_a_link_to_the_book_is_the_book(root, tmp_path):
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "x")
    (tmp_path / "link").symlink_to(root)
    assert git_state(Project(tmp_path / "link"))["commit"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("fatal: detected dubious ownership in repository at '/x'", "safe.directory"),
        ("fatal: not a git repository", "no repository"),
    ],
)
def test_where_git_refuses_the_record_says_why(root, monkeypatch, said, why):
    def refuse(command, **_):
        raise subprocess.CalledProcessError(128, command, stderr=said)

    monkeypatch.setattr(subprocess, "run", refuse)
    assert why in git_state(Project(root))["no_commit"]


def test_a_repository_without_a_commit_and_a_machine_without_git_are_told_apart(root, monkeypatch):
    git(root, "init", "-q")
    assert git_state(Project(root))["no_commit"] == "no commit yet"
    monkeypatch.setenv("PATH", "")
    assert git_state(Project(root))["no_commit"] == "git is not installed"


def test_a_chapter_depends_on_the_folders_that_it_imports_from_and_on_no_checker():
    """What a chapter's numbers pass through are kdcore, what runs it, and the rooms of kdbook that its code imports."""
    used = {"kdcore", "kdbook/execution"}
    for chapter in Project.find().chapters():
        for cell in notebooks.read(chapter.path).cells:
            if cell.cell_type == "code" and "kdbook" in cell.source:
                for node in ast.walk(ast.parse(cell.source)):
                    if isinstance(node, ast.ImportFrom) and node.module.startswith("kdbook"):
                        names = [f"{node.module}.{alias.name}" for alias in node.names]
                        used |= {"/".join(name.split(".")[:2]) for name in names}
    assert used == set(COMPUTING)
    assert all((ROOT / folder).is_dir() for folder in COMPUTING)


def test_every_chapter_depends_on_the_lock_file_and_on_the_source(root, monkeypatch):
    found = {dependencies_digest(Project(root))}
    for pinned in ("numpy==1", "numpy==2"):
        (root / "requirements.txt").write_text(pinned)
        found.add(dependencies_digest(Project(root)))
    monkeypatch.setattr(records, "source_digest", lambda: "of another source")
    found.add(dependencies_digest(Project(root)))
    assert len(found) == 4
