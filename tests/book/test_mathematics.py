"""The menu of a formula, on a page opened from disk: whatever it fetches is there, and formulas come back."""

from __future__ import annotations

import pytest

from kdbook.site.needed import unused
from tests.book.browser import BREAKS

PAGE = "index"
COUNT = "document.querySelectorAll('article mjx-container').length"


@pytest.fixture
def visit(tab, html):
    """The page as it is found at first: what was chosen in the menu before is forgotten."""
    with tab.without_errors() as go:
        go(html / f"{PAGE}.html")
        yield tab


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


BROKEN = [  # an equation as it is written for a phone, in which rows it is drawn where there is room
    (r"&\log 2\cdot f(x)\\&\quad=\{x-y\}\,b", [r"\log 2\cdot f(x)=\{x-y\}\,b"]),
    (r"X={}&a\log b\\&+c\sum_i d_i\\&\cdot e", [r"X=a\log b+c\sum_i d_i\cdot e"]),
    (r"X&\le \frac ab\\&=-\max_t t<\infty", [r"X\le \frac ab=-\max_t t<\infty"]),
    (r"&X\\&\quad=a\\&\qquad-b\\&\quad\le c\\&\quad<d", ["X=a-b", r"\le c", "<d"]),
    (r"X&=a,\\Y&=b\\&<c", ["X=a,", "Y=b<c"]),
    (r"&X=a,\\&Y=b", ["X=a,", "Y=b"]),
    (r"X&=a\\&=b\\&=c", ["X=a", "=b", "=c"]),
]
DRAW = r"""async (texts) => {
    const box = document.createElement("div");
    box.id = "drawn";
    for (const text of texts) {
        const one = document.createElement("div");
        one.className = "math";
        one.textContent = String.raw`\[` + text + String.raw`\]`;
        box.append(one);
    }
    document.querySelector("article").append(box);
    await MathJax.typesetPromise([box]);
}"""
ROWS = """() => [...document.querySelectorAll("#drawn > .math")].map((box) =>
    [...box.querySelectorAll("mjx-mtr")].map((row) => {
        const parts = [...row.querySelectorAll("mjx-mtd > *:not(mjx-tstrut)")].map((e) => e.getBoundingClientRect());
        const shown = parts.filter((part) => part.width > 0);
        return Math.max(...shown.map((e) => e.right)) - Math.min(...shown.map((e) => e.left));
    }))"""


def test_an_equation_is_broken_only_where_it_does_not_fit(visit):
    """Rows that join are as wide as if they had been written as one; in a narrow window, and on paper, all are back."""
    aligned = [rf"\begin{{aligned}}{text}\end{{aligned}}" for text, _ in BROKEN]
    expected = [rf"\begin{{aligned}}{row}\end{{aligned}}" for _, rows in BROKEN for row in rows]
    visit.page.evaluate(DRAW, aligned + expected)
    drawn = visit.page.evaluate(ROWS)
    joined, alone = drawn[: len(BROKEN)], [width for rows in drawn[len(BROKEN) :] for width in rows]
    assert [len(rows) for rows in joined] == [len(rows) for _, rows in BROKEN]
    for (text, rows), widths in zip(BROKEN, joined, strict=True):
        for row, width in zip(rows, widths, strict=True):
            assert width == pytest.approx(alone.pop(0), abs=6 if row[0] in "=<\\" else 0.5), (text, row)
    written = [text.count(r"\\") + 1 for text, _ in BROKEN]
    n_rows = f"({ROWS})().slice(0, {len(BROKEN)}).map((rows) => rows.length).join()"
    for change, count in (
        ("dispatchEvent(new Event('beforeprint'))", written),
        ("dispatchEvent(new Event('afterprint'))", [len(rows) for rows in joined]),
        ("document.querySelector('#drawn').style.width = '1em'", written),
        ("document.querySelector('#drawn').style.width = ''", [len(rows) for rows in joined]),
    ):
        visit.page.evaluate(change)
        visit.page.wait_for_function(f"{n_rows} === '{','.join(map(str, count))}'")


def test_what_is_closed_waits_but_not_its_title_and_paper_shows_it(tab, html):
    """Formulas: at first those outside of folds, with their fonts; on paper all, in folds that are open and drawn."""
    page = tab.go("about:blank")
    page.goto((html / "missing-mass.html").as_uri())  # which has a formula in such a title
    fonts = page.evaluate(
        """async () => {
        await MathJax.startup.promise;
        return [...document.fonts].filter((e) => e.family.startsWith("MJX") && e.status === "loaded").length;
    }"""
    )
    assert fonts >= 6
    plain = """(where) => [...document.querySelectorAll(where)]
        .filter((e) => e.matches(".math") && !e.parentElement.closest(".math") && !e.querySelector("mjx-container"))
        .map((e) => e.textContent.trim())"""
    assert page.evaluate("document.querySelectorAll('article details:not([open]) > summary mjx-container').length") > 0
    assert page.evaluate(plain, "article summary .math") == []
    assert page.evaluate(plain, "details.fold:not([open]) > :not(summary) .math") != []
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(plain, "article .math") == []
    unseen = page.evaluate(
        """() => {
        const folds = [...document.querySelectorAll("article details:is(.fold, .hide)")];
        const closed = folds.filter((e) => !e.open && getComputedStyle(e).display !== "none");
        for (const fold of folds) fold.open = true; // as a reader may have done before printing
        return closed.concat(folds.flatMap((e) => [...e.querySelectorAll(":scope > :not(summary)")]))
        .filter((e) => closed.includes(e) || getComputedStyle(e).opacity !== "1" || !e.getBoundingClientRect().height)
        .map((e) => `${e.parentElement.className}: ${e.className} ${getComputedStyle(e).opacity}`);
        }"""
    )
    assert unseen == []


def test_on_a_phone_no_equation_scrolls_whose_rows_were_joined(tab, html):
    assert tab.go(html / "reweighting.html", width=390).evaluate(BREAKS) == []


def test_the_book_holds_no_static_file_that_no_page_needs(html):
    assert unused(html) == set()
