"""What must hold for every page in the browser; test_pages_light.py and test_pages_dark.py ask it of each."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from kdcore.reproduce.project import Project
from tests.book.browser import opened

NAMES = [*Project.find().pages(), "search"]


def check(browser: Browser, html: Path, name: str, scheme: str) -> None:
    """Open a page from disk, without a network, and collect everything that is wrong with it."""
    with opened(browser, html / f"{name}.html", scheme) as visit:
        theme = visit.page.evaluate("document.documentElement.dataset.theme")
        found = {
            "theme": [] if theme == scheme else [theme],
            "errors": visit.errors,
            "requests to other hosts": visit.remote(),
            "mathematics": visit.untypeset(),
            "wider than the window": visit.overflow(),
            "markup": visit.left_over(),
            "errors of scripts on other widths": visit.errors,
        }
        found |= {"accessibility": visit.violations()}
    assert {what: list for what, list in found.items() if list} == {}
