"""What must hold for every page in the browser; test_pages_light.py and test_pages_dark.py ask it of each."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from kdbook.project import Project
from tests.book.browser import COLOURS, RULES, opened

NAMES = [*Project.find().pages(), "search"]


def check(browser: Browser, html: Path, name: str, scheme: str) -> None:
    """Open a page from disk, without a network, and fail with everything that is wrong with it.

    A dark page is a light one in other colours: of axe-core's rules the one about colours is asked again.
    """
    with opened(browser, html / f"{name}.html", scheme) as visit:
        theme = visit.page.evaluate("document.documentElement.dataset.theme")
        found = {
            "theme": [] if theme == scheme else [theme],
            "requests to other hosts": visit.remote(),
            "mathematics": visit.untypeset(),
            "wider than the window, by window and pixels": visit.overflow(),
            "markup": visit.left_over(),
            "accessibility": visit.violations(RULES if scheme == "light" else COLOURS),
            "errors": visit.errors,
        }
    wrong = {what: where for what, where in found.items() if where}
    if wrong:
        pytest.fail(f"{name}, {scheme}: {wrong}", pytrace=False)
