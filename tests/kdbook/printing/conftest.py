"""Where Chromium is missing, what needs it is skipped."""

from __future__ import annotations

import pytest

from tests.book.browser import chromium


@pytest.fixture(scope="session")
def chromium_there():
    """Skip the test where there is no Chromium; where ``CI`` is set, fail it."""
    chromium()
