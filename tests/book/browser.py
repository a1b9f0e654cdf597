"""Chromium for the tests of pages, and what must hold for every page in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, sync_playwright

from kdbook.printing.chromium import find
from kdbook.project import BookError

WIDTHS = (1300, 768, 390)
LEFT_OVER = re.compile(
    r"```|:::|\{[a-z:-]+\}`|\{(?:figure|admonition|note|margin|glossary|index|prf:\w+|exercise|solution)\}"
    r"|^:(?:label|name|alt|nonumber|class):|\\\(|\\\)|\?\?\?|\bUnknown interpreted text role\b",
    re.MULTILINE,
)
# A font that formulas need is asked for when they are drawn, after they are typeset, and is seen a frame later.
READY = """async () => {
    const drawn = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    await window.MathJax?.startup?.promise;
    await drawn();
    await document.fonts.ready;
    await drawn();
}"""
# What axe-core would take minutes to look at and need not: drawings are images, what MathJax draws is hidden from
# assistive technology (its MathML stays), and of words of code that can be seen three in each colour are enough.
# Formulas keep their size.
LIGHTEN = """() => {
    const formulas = [...document.querySelectorAll("mjx-math")].map(e => [e, e.getBoundingClientRect()]);
    const words = [...document.querySelectorAll(".highlight pre span:not(:has(*))")].map(e => {
        const own = getComputedStyle(e), block = getComputedStyle(e.closest("pre"));
        const look = [own.color, own.backgroundColor, own.fontWeight, block.backgroundColor, block.color].join();
        return [e, e.checkVisibility() ? look : "hidden"];
    });
    for (const [e, box] of formulas) {
        e.replaceChildren();
        Object.assign(e.style, {display: "inline-block", width: `${box.width}px`, height: `${box.height}px`});
    }
    document.querySelectorAll("svg.drawing > :not(title, desc)").forEach(e => e.remove());
    const seen = {hidden: 3};
    for (const [e, look] of words) {
        seen[look] = (seen[look] ?? 0) + 1;
        if (seen[look] > 3) e.replaceWith(e.textContent);
    }
}"""
# Without preload: from disk a page cannot fetch its stylesheets, and the attempt is an error on the console.
RULES = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False}
COLOURS = {**RULES, "rules": {}, "runOnly": ["color-contrast"]}


def chromium() -> str:
    """Return the path of Chromium; without one, skip the test, or fail where ``CI`` is set, which requires it."""
    try:
        return find()
    except BookError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@contextmanager
def running() -> Iterator[Browser]:
    """Run Chromium as readers do who open a file: a page may load scripts and pictures from disk, and fetch nothing.

    Each picture of a page is drawn whole: where Chromium draws parts anew, two of the same page differ in the last bit.
    """
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-partial-raster"]
        )
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, address: str | Path, scheme: str = "light", width: int = 1300) -> Iterator[Visit]:
    """Open a page, wait until its mathematics is typeset, and give it with what happened meanwhile."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    visit = Visit(context.new_page())
    url = address.as_uri() if isinstance(address, Path) else address
    visit.page.goto(url)
    visit.page.evaluate(READY)
    yield visit
    context.close()


@contextmanager
def fresh_pages(browser: Browser, address: str, width: int, height: int) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page, each time in a context of its own; at the end no script may have failed.

    The function takes a fragment of the address, and options of the context.
    """
    contexts, failures = [], []

    def open_page(fragment: str = "", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": width, "height": height}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda message: failures.append(message.text) if message.type == "error" else None)
        page.goto(address + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert failures == []


def left_over_in(text: str) -> list[str]:
    """Return markup in a text, with what stands around it."""
    return [text[max(0, m.start() - 20) : m.end() + 30] for m in LEFT_OVER.finditer(text)]


class Visit:
    """A page, with the requests and errors since it was opened."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", self._note_failure)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type in ("error", "warning") else None)

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # as when one goes on to another page before the icon was there
            self.errors.append(f"failed: {request.url}: {request.failure}")

    def remote(self) -> list[str]:
        """Return the requests that left this machine."""
        here = ("file:", "data:", "blob:", "http://127.0.0.1", "about:")
        return [url for url in self.requests if not url.startswith(here)]

    def untypeset(self) -> list[str]:
        """Return formulas that are not typeset, or that MathJax could not read."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll("span.math, div.math")]
                .filter(e => !e.querySelector("mjx-container") || e.querySelector("mjx-merror"))
                .map(e => e.textContent.slice(0, 80))"""
        )

    def overflow(self) -> dict[int, int]:
        """Return by how many pixels the page is wider than its window, for each width where it is."""
        result = {}
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                result[width] = wide
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        return result

    def left_over(self) -> list[str]:
        """Return markup that the reader sees, outside of code."""
        text = self.page.evaluate(
            """() => {
                const article = (document.querySelector("article") || document.querySelector("main")).cloneNode(true);
                article.querySelectorAll("pre, code, script, style, svg, mjx-container").forEach(e => e.remove());
                return article.textContent;
            }"""
        )
        return left_over_in(text)

    def violations(self, rules: dict[str, Any] = RULES) -> list[str]:
        """Return what axe-core objects to. The page is lightened for it: whatever else is asked comes before."""
        self.page.evaluate(LIGHTEN)
        response = Axe().run(self.page, options=rules).response
        return [
            f"{rule['id']}: {node['target'][0]}: {' '.join(node['failureSummary'].split())[:200]}"
            for rule in response["violations"]
            for node in rule["nodes"]
        ]
