"""How heavy the book's pages are and how soon one can use them: what Lighthouse would measure, in Chromium."""

from __future__ import annotations

import functools
import http.server
import statistics
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.measure import Row
from kdbook.printing import chromium
from kdbook.project import BookError

HTML = Path(__file__).parents[1] / "_build" / "html"
MATHJAX = "/_static/mathjax/"
WINDOWS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1300, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
SLOWER = {"wide": 1, "phone": 4}
"""By how much the processor is slowed down."""
LIMITS = {"MB without MathJax": 1.2, "requests in all": 30.0, "layout shift after load": 0.001}
"""Targets. A layout shift of 0.001 is the whole wide window moved by about a pixel: less is rounding."""

_PATIENCE = 180_000.0
"""Milliseconds that a page may take to load."""

_WATCH = """
window.kdcoreSeen = {typeset: null, long: [], shifts: [], largest: NaN};
(() => {
  const seen = window.kdcoreSeen;
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({type, buffered: true});
  watch("longtask", (entry) => seen.long.push(entry.startTime + entry.duration));
  watch("largest-contentful-paint", (entry) => { seen.largest = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shifts.push([entry.startTime, entry.value]); });
  addEventListener("load", async () => {
    await window.MathJax?.startup?.promise;
    seen.typeset = performance.now();
  });
})();
"""
"""Runs before the page's own scripts."""

_QUIET = """async () => {
  const seen = window.kdcoreSeen;
  for (;;) {
    const loaded = performance.getEntriesByType("navigation")[0].loadEventEnd;
    if (loaded > 0 && seen.typeset !== null) {
      const usable = Math.max(loaded, seen.typeset, ...seen.long);
      if (performance.now() > usable + 1000) {
        const late = seen.shifts.filter(([at]) => at > loaded);
        const sum = (shifts) => shifts.reduce((total, [, value]) => total + value, 0);
        return {
          title: document.title,
          first: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
          largest: seen.largest, usable, shift: sum(seen.shifts), late: sum(late),
        };
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""
"""Returns once a second has passed without a long task."""


@dataclass(frozen=True)
class Load:
    """One load of a page with an empty cache.

    Attributes
    ----------
    title : str
        Of the page, without that of the book.
    requests : dict of str to int
        The bytes that each request brought, headers included, by its address.
    first, largest, usable : float
        Seconds until the first and the largest contentful paint, and until one can use the page.
    shift, late : float
        The sum of all layout shifts, and of those after the load event.
    """

    title: str
    requests: dict[str, int]
    first: float
    largest: float
    usable: float
    shift: float
    late: float

    def megabytes(self, mathjax: bool = True) -> float:
        """Return the bytes of all requests, or of all but MathJax's, in MB."""
        return sum(size for url, size in self.requests.items() if mathjax or MATHJAX not in url) / 1e6

    def count(self, mathjax: bool = True) -> int:
        """Return the number of all requests, or of all but MathJax's."""
        return sum(mathjax or MATHJAX not in url for url in self.requests)


def pages(html: Path = HTML, heaviest: int = 3, rounds: int = 5) -> Iterator[Row]:
    """Measure the pages that transfer most; nothing without Chromium or without a rendered book."""
    try:
        program = chromium.find()
    except BookError as error:
        print(f"pages are left out: {error}", file=sys.stderr)
        return
    if not (html / "index.html").is_file():
        print("pages are left out: there is no book yet: run 'make book' first", file=sys.stderr)
        return
    with served(html) as address, chromium.running(program) as browser:
        found = {path.name: load(browser, f"{address}/{path.name}") for path in sorted(html.glob("*.html"))}
        chosen = sorted(found, key=lambda name: found[name].megabytes(), reverse=True)[:heaviest]
        loads = [(name, [load(browser, f"{address}/{name}") for _ in range(rounds)]) for name in chosen]
        for _, several in loads:
            yield from rows("wide", several)
        for name in chosen:
            yield from rows("phone", [load(browser, f"{address}/{name}", "phone")])


def rows(window: str, loads: Sequence[Load]) -> Iterator[Row]:
    """Yield what was measured of one page: medians, but of layout shifts the worst; targets on the wide window."""
    measures: dict[str, tuple[str, list[float]]] = {
        "MB in all": ("MB", [load.megabytes() for load in loads]),
        "MB without MathJax": ("MB", [load.megabytes(mathjax=False) for load in loads]),
        "requests in all": ("requests", [load.count() for load in loads]),
        "requests without MathJax": ("requests", [load.count(mathjax=False) for load in loads]),
        "first contentful paint": ("s", [load.first for load in loads]),
        "largest contentful paint": ("s", [load.largest for load in loads]),
        "time to interactive": ("s", [load.usable for load in loads]),
        "layout shift in all": ("shift", [load.shift for load in loads]),
        "layout shift after load": ("shift", [load.late for load in loads]),
    }
    for what, (unit, values) in measures.items():
        measured = max(values) if unit == "shift" else statistics.median(values)
        row = Row(
            "pages",
            f"{loads[0].title}, {window}: {what}",
            measured,
            unit,
            low=min(values),
            high=max(values),
            rounds=len(values),
        )
        yield row.aim("measured", high=LIMITS[what]) if window == "wide" and what in LIMITS else row


def load(browser: Browser, url: str, window: str = "wide") -> Load:
    """Open a page with an empty cache and return what happened until it was quiet."""
    context = browser.new_context(**WINDOWS[window])
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER[window]})
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    protocol.on("Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]}))
    protocol.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    page.add_init_script(_WATCH)
    page.goto(url, timeout=_PATIENCE)
    seen = page.evaluate(_QUIET)
    context.close()
    transferred = {url: sizes.get(key, 0) for key, url in addresses.items() if url.startswith("http")}
    times = [seen[name] / 1000 for name in ("first", "largest", "usable")]
    return Load(seen["title"].split(" — ")[0], transferred, *times, seen["shift"], seen["late"])


@contextmanager
def served(html: Path) -> Iterator[str]:
    """Serve a folder on this machine as ``kdcore serve`` does, and give its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(html)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
