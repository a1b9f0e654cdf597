"""Property tests draw the same examples on every run; and a small book that was built once is there to be copied."""

from __future__ import annotations

import shutil

import pytest
from hypothesis import settings

from tests.mini import kdcore, made_once, write_book

settings.register_profile("kdcore", derandomize=True, deadline=None, database=None)
settings.load_profile("kdcore")


@pytest.fixture(scope="session")
def small_book(tmp_path_factory):
    """A small book that was built once, strictly; ``build.txt`` beside it holds what the build printed."""
    with made_once(tmp_path_factory, "small-book") as (folder, empty):
        root = folder / "book"
        if empty:
            result = kdcore(write_book(root), "build", "--strict", "--jobs", "2")
            assert result.returncode == 0, result.stdout + result.stderr
            (folder / "build.txt").write_text(result.stdout)
    return root


@pytest.fixture
def built(small_book, tmp_path):
    """A copy of the small book with all that its build made."""
    return shutil.copytree(small_book, tmp_path / "book")
