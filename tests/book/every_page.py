"""What must hold for every page in the browser; test_pages_1.py and test_pages_2.py ask it of half of them each."""

from __future__ import annotations

from pathlib import Path

import pytest

from kdbook.project import Project
from tests.book.browser import BREAKS, WIDTHS, Tab

OPEN_FOLDS = """(() => {
  for (const fold of document.querySelectorAll("details.fold, .tag_check > details, .cite-page")) fold.open = true;
})()"""
GRAPH = """(() => {
  const boxes = [...document.querySelectorAll(".graph-frame a[data-anchor]")];
  const lines = [...document.querySelectorAll(".graph-frame path[data-used]")].map((line) => line.dataset);
  const marked = (state) => boxes.filter((box) => box.classList.contains(state)).map((box) => box.dataset.anchor);
  const differ = (one, other) => [...new Set(one)].sort().join() !== [...new Set(other)].sort().join();
  const wrong = [];
  const stops = () => boxes.filter((box) => box.getAttribute("tabindex") === "0").length;
  if (boxes.length && stops() !== 1) wrong.push("more stops than one at first");
  for (const box of boxes) {
    const anchor = box.dataset.anchor;
    box.focus();
    const used = lines.filter((line) => line.user === anchor).map((line) => line.used);
    const users = lines.filter((line) => line.used === anchor).map((line) => line.user);
    if (differ(marked("is-one"), [anchor]) || differ(marked("is-used"), used) || differ(marked("is-user"), users)) {
      wrong.push(`${anchor} marks others than it uses and is used by`);
    }
    box.blur();
    if (marked("is-one").length) wrong.push(`${anchor} leaves its mark`);
    const right = box.querySelector("rect").getBoundingClientRect().right;
    const words = [...box.querySelectorAll("tspan")].map((line) => line.getBoundingClientRect().right);
    if (Math.max(...words) > right) wrong.push(`${anchor} has words that leave its box`);
  }
  const walk = (from, key) => {
    from.focus();
    from.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    return document.activeElement;
  };
  if (boxes.length) {
    const [first, second] = boxes; // of one column, from the top
    if (walk(first, "ArrowDown") !== second || walk(second, "ArrowUp") !== first) wrong.push("arrows up and down");
    const right = walk(first, "ArrowRight");
    const x = (box) => box.querySelector("rect").x.baseVal.value;
    if (x(right) <= x(first) || x(walk(right, "ArrowLeft")) !== x(first)) wrong.push("arrows to the sides");
    if (stops() !== 1) wrong.push("more stops than one");
    document.activeElement.blur();
  }
  return wrong;
})()"""
"""What is wrong with the picture of statements, on the page that has it."""
NAMES = sorted([*Project.find().pages(), "search"])


def check(tab: Tab, html: Path, name: str) -> None:
    """Open a page from disk, without a network, and fail with everything that is wrong with it, light and dark.

    A dark page is a light one in other colours: of axe-core's rules those about colours are asked again.
    """
    tab.go(html / f"{name}.html")
    tab.page.evaluate(OPEN_FOLDS)
    theme = tab.page.evaluate("document.documentElement.dataset.theme")
    found: dict[str, object] = {
        "theme": "" if theme == "light" else theme,
        "mathematics": tab.untypeset(),
        "markup": tab.left_over(),
        "equations": tab.page.evaluate(BREAKS),
        "picture of statements": tab.page.evaluate(GRAPH),
        "live figures that do not live": tab.page.locator("[data-live]:not(.is-live)").count(),
    }
    requests = [address for address in tab.requests if not address.startswith("data:")]
    wide = {WIDTHS[0]: tab.overflow()}
    found["accessibility, light"] = tab.violations()
    tab.change_scheme("dark")
    found["accessibility, dark"] = tab.violations(colours_alone=True)
    wide |= {width: tab.overflow(width) for width in WIDTHS[1:]}
    found |= {
        "wider than the window, by window and pixels": {width: more for width, more in wide.items() if more > 0},
        "requests to other hosts": tab.remote(),
        "more than 30 requests": requests if len(requests) > 30 else [],
        "errors": tab.errors,
    }
    wrong = {what: where for what, where in found.items() if where}
    if wrong:
        pytest.fail(f"{name}: {wrong}", pytrace=False)
