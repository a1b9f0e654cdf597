"""Every deck in the browser, from disk: nothing overflows, type is large, notes, keys, print."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from kdbook.course.decks import committed
from kdbook.project import Project
from tests.book.browser import opened

DECKS = committed(Project.find())
STARTED = "async () => { await window.deckReady; await document.fonts.ready; }"
SMALLEST = 24
"""Of type, in pixels of a slide 720 pixels high."""
MEASURE = """(place) => {
    const slide = Reveal.getSlides()[place];
    const at = Reveal.getIndices(slide);
    Reveal.slide(at.h, at.v);
    slide.querySelectorAll(".fragment").forEach(e => e.classList.add("visible"));
    const wrong = [];
    for (const e of slide.querySelectorAll("*")) {
        if (e.closest("aside, svg, mjx-assistive-mml")) continue;
        const box = e.getBoundingClientRect();
        if (box.width && box.height && (box.bottom > 695 || box.right > 1280 || box.left < 0 || box.top < 0))
            wrong.push(`${e.tagName.toLowerCase()} ends at ${Math.round(box.right)}, ${Math.round(box.bottom)}`);
        const words = [...e.childNodes].some(c => c.nodeType === Node.TEXT_NODE && c.textContent.trim());
        const size = parseFloat(getComputedStyle(e).fontSize);
        if (words && !e.closest("mjx-container, code, sup, sub") && size < (e.closest(".highlight") ? 20 : SMALLEST))
            wrong.push(`${size} px: ${e.textContent.trim().slice(0, 30)}`);
        if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === "auto")
            wrong.push(`${e.tagName.toLowerCase()} scrolls`);
    }
    const heading = slide.querySelector("h1, h2");
    const seen = heading && document.elementFromPoint(60, heading.getBoundingClientRect().top + 20);
    if (!seen || !heading.contains(seen)) wrong.push("its heading cannot be seen");
    return [heading ? heading.textContent : place, wrong.slice(0, 3)];
}""".replace("SMALLEST", str(SMALLEST))
UNTYPESET = """() => [...document.querySelectorAll(".slides mjx-merror, .slides [data-show]")].map(e => e.textContent)
    .concat((document.querySelector(".slides").innerText.match(/\\$[^$]+\\$|\\\\\\(|\\{[a-z:]+\\}`/g) || []))"""


@contextmanager
def deck(browser, html, name, query=""):
    with opened(browser, f"{(html / 'slides' / name).with_suffix('.html').as_uri()}{query}", width=1280) as visit:
        visit.page.set_viewport_size({"width": 1280, "height": 720})
        visit.page.evaluate(STARTED)
        yield visit


@pytest.mark.parametrize("made", DECKS, ids=lambda made: made.name)
def test_every_slide_fits_and_can_be_read(browser, html, made):
    with deck(browser, html, made.name) as visit:
        assert visit.page.evaluate("Reveal.getTotalSlides()") == made.n_slides
        measured = [visit.page.evaluate(MEASURE, place) for place in range(made.n_slides)]
        assert not {heading: wrong for heading, wrong in measured if wrong}
        assert not visit.page.evaluate(UNTYPESET)
        assert not visit.remote()
        assert not visit.errors


@pytest.mark.parametrize("made", DECKS, ids=lambda made: made.name)
def test_on_paper_all_slides_are_there_and_accessible(browser, html, made):
    with deck(browser, html, made.name, "?print-pdf") as visit:
        visit.page.wait_for_selector(".pdf-page")
        assert visit.page.locator(".pdf-page").count() == made.n_slides
        assert not visit.violations()
    with deck(browser, html, made.name, "?print-pdf&notes") as visit:
        visit.page.wait_for_selector(".pdf-page")
        assert visit.page.locator(".speaker-notes-pdf").count() == made.n_slides


def test_keys_go_through_the_deck_step_by_step(browser, html):
    with deck(browser, html, "hard-labels") as visit:
        page = visit.page
        steps = page.evaluate("Reveal.getTotalSlides() - 1 + document.querySelectorAll('.slides .fragment').length")
        for _ in range(steps):
            assert not page.evaluate("Reveal.isLastSlide() && Reveal.availableFragments().next === false")
            page.keyboard.press("Space")
        assert page.evaluate("Reveal.isLastSlide() && Reveal.availableFragments().next === false")
        page.wait_for_url(f"**#/{page.evaluate('Reveal.getTotalSlides() - 1')}")


def test_the_speaker_sees_notes_and_what_comes_next(browser, html):
    with deck(browser, html, "hard-labels") as visit:
        with visit.page.expect_popup() as popup:
            visit.page.keyboard.press("s")
        view = popup.value
        view.wait_for_function(
            "document.querySelector('.speaker-controls-notes .value').textContent.includes('1 min.')"
        )
        visit.page.keyboard.press("ArrowRight")
        view.wait_for_function(
            "document.querySelector('.speaker-controls-notes .value').textContent.includes('2 min.')"
        )
        assert len(view.frames) == 3


def test_a_phone_shows_the_slides(browser, html):
    with deck(browser, html, "hard-labels") as visit:
        visit.page.set_viewport_size({"width": 390, "height": 800})
        visit.page.reload()
        visit.page.evaluate(STARTED)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
        assert not visit.errors
