"""The menu of a formula, on a page opened from disk: whatever it fetches is there, and formulas come back."""

from __future__ import annotations

import pytest

from kdbook.site.needed import unused
from tests.book.browser import opened

PAGE = "index"
COUNT = "document.querySelectorAll('article mjx-container').length"


@pytest.fixture
def visit(browser, html):
    with opened(browser, html / f"{PAGE}.html") as visit:
        yield visit
        assert visit.errors == []
        assert visit.remote() == []


def choose(visit, *path):
    """Open the menu of the first formula that can be seen and choose an entry."""
    visit.page.locator("article mjx-container:visible").first.click(button="right")
    for place, text in enumerate(path):
        entry = visit.page.locator(f'.CtxtMenu_MenuItem:has-text("{text}")').last
        if place + 1 < len(path):
            entry.hover()
        else:
            entry.click()
    visit.page.wait_for_selector(".CtxtMenu_Menu", state="detached")


def explore(visit, letter):
    """Go into the first formula by the keyboard, and wait until something with such a letter is said of it."""
    visit.page.wait_for_selector("article mjx-container[sre-explorer-id]")
    visit.page.locator("article mjx-container").first.press("Enter")
    said = f"[...document.querySelectorAll('.MJX_LiveRegion')].some((e) => /{letter}/.test(e.textContent))"
    visit.page.wait_for_function(said)
    visit.page.keyboard.press("Escape")


def test_the_other_renderer(visit):
    n_formulas = visit.page.evaluate(COUNT)
    assert n_formulas > 5
    choose(visit, "Math Settings", "Math Renderer", "SVG")
    visit.page.wait_for_function(f"document.querySelectorAll('article mjx-container > svg').length === {n_formulas}")
    choose(visit, "Math Settings", "Math Renderer", "CHTML")
    visit.page.wait_for_function("document.querySelectorAll('article mjx-container > svg').length === 0")
    assert visit.page.evaluate(COUNT) == n_formulas


def test_formulas_can_be_heard_and_read_in_braille(visit):
    n_formulas = visit.page.evaluate(COUNT)
    choose(visit, "Accessibility", "Activate")
    visit.page.wait_for_function("document.querySelectorAll('article [data-semantic-speech]').length > 5")
    assert visit.page.evaluate(COUNT) == n_formulas
    explore(visit, "[a-z]{3}")
    choose(visit, "Accessibility", "Speech", "Braille Output")
    explore(visit, r"[\u2800-\u28ff]")
    with visit.page.expect_request("**/sre/mathmaps/de.js"):
        choose(visit, "Accessibility", "Speech", "Language", "German")
    explore(visit, "[a-z]{3}")


def test_formulas_can_be_folded(visit):
    n_formulas = visit.page.evaluate(COUNT)
    choose(visit, "Accessibility", "Collapsible Math")
    visit.page.wait_for_function("document.querySelectorAll('article [data-semantic-complexity]').length > 5")
    assert visit.page.evaluate(COUNT) == n_formulas


def test_the_mathml_for_screen_readers_can_be_left_out(visit):
    assert visit.page.evaluate("document.querySelectorAll('mjx-assistive-mml').length") > 5
    choose(visit, "Accessibility", "Include Hidden MathML")
    visit.page.wait_for_function("document.querySelectorAll('mjx-assistive-mml').length === 0")


def test_a_macro_that_the_bundle_does_not_hold(visit):
    visit.page.evaluate(
        r"""() => {
            const p = document.createElement("p");
            p.className = "math";
            p.textContent = String.raw`\(\cancel{x} \ce{H2O} \bcancel{y}\)`;
            document.querySelector("article").append(p);
            return MathJax.typesetPromise([p]);
        }"""
    )
    assert visit.page.locator("mjx-merror").count() == 0
    assert visit.page.locator("article > p.math mjx-menclose").count() == 2


def test_the_book_holds_no_static_file_that_no_page_needs(html):
    assert unused(html) == set()
