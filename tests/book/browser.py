"""Chromium for the tests of pages, and what must hold for every page in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from kdbook.printing.chromium import find
from kdbook.project import BookError
from tests.book.access import violations

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
    await window.kdTypeset?.(); // what is in closed folds waits, as long as nobody asks
    await drawn();
    await document.fonts.ready;
    await drawn();
}"""
# Colours and places that change little by little, when the window or the scheme does, are at once what they become.
SETTLED = """() => {
    getComputedStyle(document.body).color;
    for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
}"""


# An equation of two rows, of which the second goes on with the first, is broken without need if both fit beside each
# other; one whose rows were joined must fit. The rows are those that are drawn and those in the TeX that was read.
BREAKS = r"""async () => {
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    const found = [];
    for (const item of window.MathJax?.startup?.document?.getMathItemsWithin?.(document.body) ?? []) {
        const box = item.display && item.start.node?.closest?.("article div.math");
        if (!box?.clientWidth || !item.math.includes("{aligned}")) continue;
        const container = box.querySelector("mjx-container");
        const spoken = [...box.querySelectorAll("mjx-assistive-mml mtable")].find((e) => e.children.length > 1);
        const drawn = [...box.querySelectorAll("mjx-itable")].find((e) => e.children.length > 1);
        const n_rows = spoken?.children.length ?? 1;
        if (container.scrollWidth > container.clientWidth + 1 && n_rows < item.math.split("\\\\").length)
            found.push(`joined and too wide: ${item.math}`);
        if (n_rows !== 2 || spoken.children[1].children.length !== 2) continue;
        const [left, right] = [...spoken.children[1].children].map((e) => e.textContent.trim());
        const widths = [...drawn.children].map((row) => {
            const letters = [...row.querySelectorAll("mjx-c")].map((e) => e.getBoundingClientRect());
            return Math.max(...letters.map((e) => e.right)) - Math.min(...letters.map((e) => e.left));
        });
        const fits = widths[0] + widths[1] + 30 < container.clientWidth;
        if (!left && /^[=≤≥<>≈∼→≲≳+−⋅×]/.test(right) && fits) found.push(`broken, but fits: ${item.math}`);
    }
    return found;
}"""


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
    """Run Chromium as readers do who open a file: a page may load scripts and pictures from disk, and fetch nothing,
    and it opens no window that nobody asked for.

    Each picture of a page is drawn whole: where Chromium draws parts anew, two of the same page differ in the last bit.
    Scripts have one thread: what is done in advance on others is lost on pages that are left after a moment.
    """
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-partial-raster", "--js-flags=--single-threaded"],
            ignore_default_args=["--disable-popup-blocking"],
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
def without_scripts(browser: Browser, address: str | Path) -> Iterator[Page]:
    """Open a page as one does who allows no scripts."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address.as_uri() if isinstance(address, Path) else address)
    yield page
    context.close()


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

    def overflow(self, width: int = WIDTHS[0]) -> int:
        """Make the window as wide as told, and return by how many pixels the page is wider."""
        if self.page.viewport_size["width"] != width:  # type: ignore[index]
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.evaluate(SETTLED)
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

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

    def violations(self, **how: Any) -> list[str]:
        """Return what axe-core objects to. The page is lightened for it: whatever needs all of it comes before."""
        return violations(self.page, **how)


class Tab(Visit):
    """One page that goes from address to address, and finds each as one does who comes for the first time.

    A new window costs more than the page in it: its process starts cold. Nothing is kept from one address to the next
    but which looks of text axe-core was asked about.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.looks: dict[str, int] = {}

    def violations(self, **how: Any) -> list[str]:
        """Return what axe-core objects to; looks of text that other pages showed are not asked about again."""
        self.page.mouse.move(0, 0)  # what the pointer rests on has another colour
        self.page.evaluate(SETTLED)
        return violations(self.page, self.looks, **how)

    def go(
        self,
        address: str | Path,
        scheme: str = "light",
        width: int = 1300,
        height: int = 900,
        motion: str | None = None,
    ) -> Page:
        """Open a page and wait until its mathematics is typeset; what was noted before is forgotten."""
        if self.page.url.startswith(("file:", "http")):
            self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        for other in self.page.context.pages:
            if other is not self.page:
                other.close()
        self.page.goto("about:blank")
        self.page.mouse.move(0, 0)
        self.page.emulate_media(media="null", color_scheme=scheme, reduced_motion=motion or "null")  # type: ignore[arg-type]
        self.page.set_viewport_size({"width": width, "height": height})
        self.requests.clear()
        self.errors.clear()
        self.page.goto(address.as_uri() if isinstance(address, Path) else address)
        self.page.evaluate(READY)
        return self.page

    @contextmanager
    def without_errors(self) -> Iterator[Callable[..., Page]]:
        """Give :meth:`go`; when one leaves a page that it opened, no error may be noted and no other host asked."""

        def leave() -> None:
            assert self.errors == []
            assert self.remote() == []

        def go(*where: Any, **how: Any) -> Page:
            leave()
            return self.go(*where, **how)

        self.errors.clear()
        self.requests.clear()
        yield go
        leave()

    def change_scheme(self, scheme: str) -> None:
        """Let the system change to light or dark, and wait until the page has followed."""
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        self.page.wait_for_function("(s) => document.documentElement.dataset.theme === s", arg=scheme, timeout=10_000)
        self.page.evaluate(SETTLED)
