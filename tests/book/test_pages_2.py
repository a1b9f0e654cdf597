"""Every page in the browser, light and dark, at three widths: half 2 of 2."""

from __future__ import annotations

import pytest

from tests.book.every_page import NAMES, check


@pytest.mark.parametrize("name", NAMES[1::2])
def test_page(tab, html, name):
    check(tab, html, name)
