"""Every solution runs after its chapter and is right; half of the chapters, so that two workers share them."""

from __future__ import annotations

import pytest

from tests.kdbook.checkers.solutions import CHAPTERS, assert_solved


@pytest.mark.parametrize("chapter", CHAPTERS[0::2], ids=lambda chapter: chapter.name)
def test_solutions_are_right(chapter, tmp_path):
    assert_solved(chapter, tmp_path)
