"""Every page in the browser, light."""

from __future__ import annotations

import pytest

from tests.book.every_page import NAMES, check


@pytest.mark.parametrize("name", NAMES)
def test_page(browser, html, name):
    check(browser, html, name, "light")
