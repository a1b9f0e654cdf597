"""Every deck in the browser, from disk: nothing overflows, type is large, live figures, notes, keys, print."""

from __future__ import annotations

import pytest

from tests.committed import DECKS, TEXTS

STARTED = "async () => { await window.deckReady; await document.fonts.ready; }"
SMALLEST = 24
"""Of type, in pixels of a slide 720 pixels high."""
LINES = 10
"""Of code on a slide."""
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
    for (const e of slide.querySelectorAll(".jp-OutputArea-output")) {
        const raw = e.textContent.match(/array\\(|dtype|\\[ *-?[0-9][^\\]]*\\]|[0-9]e[-+][0-9]/);
        if (raw) wrong.push(`shows ${raw[0]} as it is printed`);
    }
    for (const e of slide.querySelectorAll(".highlight pre"))
        if (e.textContent.trim().split("\\n").length > LINES) wrong.push("code is too long to read");
    for (const e of slide.querySelectorAll("svg.drawing")) {
        const scale = e.getBoundingClientRect().width / e.viewBox.baseVal.width;
        if (scale && scale < 1.1) wrong.push(`a drawing ${scale.toFixed(2)} times its size on paper`);
    }
    if (!place && !slide.querySelector("svg.drawing")) wrong.push("the title slide has no picture");
    const heading = slide.querySelector("h1, h2");
    const seen = heading && document.elementFromPoint(60, heading.getBoundingClientRect().top + 20);
    if (!seen || !heading.contains(seen)) wrong.push("its heading cannot be seen");
    return [heading ? heading.textContent : place, wrong.slice(0, 3)];
}""".replace("SMALLEST", str(SMALLEST)).replace("LINES", str(LINES))
SAID = "box => box.querySelector('.live-words').textContent + box.querySelector('.live-drawing').innerHTML"
UNTYPESET = """() => [...document.querySelectorAll(".slides mjx-merror, .slides [data-show]")].map(e => e.textContent)
    .concat((document.querySelector(".slides").innerText.match(/\\$[^$]+\\$|\\\\\\(|\\{[a-z:]+\\}`/g) || []))"""

# Live figures, those that live, pictures of them for paper, and notes.
COUNTS = """() => [".live", ".live.is-live", ".live > figure > svg.drawing", ".slides section section aside.notes"].map(
    (where) => document.querySelectorAll(where).length)"""
# Slides below each other, as on paper, with what is said beside them.
SHOW_ALL = """() => {
    for (const e of document.querySelectorAll(".slides section"))
        for (const name of ["hidden", "aria-hidden", "style"]) e.removeAttribute(name);
    const style = document.createElement("style");
    style.textContent = `html, body, main, .reveal, .reveal .slides, .reveal .slides section {
        display: block !important; position: static !important; visibility: visible !important; opacity: 1 !important;
        transform: none !important; overflow: visible !important; height: auto !important;
    } .reveal aside.notes { display: block !important; } .reveal > :not(.slides) { display: none !important; }`;
    document.head.append(style);
}"""
PRINTED = ("english-bigrams", "tools")
"""A deck with a live figure, and one with code."""
THEOREMS = {name for name, texts in TEXTS.items() if any("{prf:theorem}" in text for text in texts)}


def go(tab, html, name):
    """Open a deck and wait until its first slide is there."""
    page = tab.go((html / "slides" / f"{name}.html"), width=1280, height=720)
    page.evaluate(STARTED)
    return page


def print_out(tab, html, name, query):
    """Open a deck as it is printed."""
    page = tab.go(f"{(html / 'slides' / name).with_suffix('.html').as_uri()}{query}", width=1280, height=720)
    page.wait_for_selector(".pdf-page")  # reveal.js shows all of them at once
    return page


@pytest.mark.parametrize("made", DECKS, ids=lambda made: made.name)
def test_every_slide_fits_and_can_be_read_and_all_is_accessible_with_the_notes(tab, html, made):
    page = go(tab, html, made.name)
    assert page.evaluate("Reveal.getTotalSlides()") == made.n_slides
    measured = page.evaluate(
        f"(count) => Array.from({{length: count}}, (_, place) => ({MEASURE})(place))", made.n_slides
    )
    assert len(measured) == made.n_slides
    assert not {heading: wrong for heading, wrong in measured if wrong}
    assert not page.evaluate(UNTYPESET)
    n_live, n_that_live, n_stills, n_notes = page.evaluate(COUNTS)
    assert n_live == n_that_live == n_stills >= (made.name in THEOREMS)
    assert n_notes == made.n_slides
    for box in page.locator(".live").all() if n_live else ():
        by_keyboard(page, box)
    assert not tab.remote()
    assert not tab.errors
    page.evaluate(SHOW_ALL)
    assert not tab.violations()


@pytest.mark.parametrize("name", PRINTED)
def test_on_paper_all_slides_are_there_with_notes_and_still_pictures_and_accessible(tab, html, name):
    """How a deck is printed, deck.js and reveal.js settle for all alike: one of each kind is looked at."""
    made = next(made for made in DECKS if made.name == name)
    page = print_out(tab, html, name, "?print-pdf&with-notes")
    assert page.locator(".pdf-page").count() == made.n_slides
    assert page.locator(".speaker-notes-pdf").count() == made.n_slides
    assert not page.locator(".live-panel").count()
    stills = page.locator(".live > figure > svg")
    assert stills.count() == page.locator(".live").count() == (name == PRINTED[0])
    assert all(still.is_visible() for still in stills.all())
    assert not tab.errors
    assert not tab.violations()


def by_keyboard(page, box):
    """Move the first control of a live figure; a presenter's key turns the slide all the same."""
    page.evaluate(
        "e => { const at = Reveal.getIndices(e.closest('section')); Reveal.slide(at.h, at.v); }", box.element_handle()
    )
    here = page.evaluate("Reveal.getSlidePastCount()")
    control = box.locator("input, button").first
    before = box.evaluate(SAID)
    control.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    assert page.evaluate("Reveal.getSlidePastCount()") == here
    assert box.evaluate(SAID) != before
    page.keyboard.press("PageDown")
    assert page.evaluate("Reveal.getSlidePastCount()") > here


def test_on_paper_there_are_no_notes_unless_asked_for(tab, html):
    page = print_out(tab, html, "errata", "?print-pdf")
    assert page.locator(".pdf-page").count() == next(made.n_slides for made in DECKS if made.name == "errata")
    assert page.locator(".speaker-notes-pdf").count() == 0


def test_keys_go_through_the_deck_step_by_step_and_a_phone_shows_it(tab, html):
    page = go(tab, html, "hard-labels")
    steps = page.evaluate("Reveal.getTotalSlides() - 1 + document.querySelectorAll('.slides .fragment').length")
    for _ in range(steps):
        assert not page.evaluate("Reveal.isLastSlide() && Reveal.availableFragments().next === false")
        page.keyboard.press("Space")
    assert page.evaluate("Reveal.isLastSlide() && Reveal.availableFragments().next === false")
    page.wait_for_url(f"**#/{page.evaluate('Reveal.getTotalSlides() - 1')}")
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    page.evaluate(STARTED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    turn = page.locator(".deck-turn")
    assert turn.inner_text().startswith("Turn the phone")
    page.set_viewport_size({"width": 800, "height": 390})
    assert not turn.is_visible()
    assert not tab.errors


def test_the_speaker_sees_notes_and_what_comes_next(tab, html):
    page = go(tab, html, "errata")
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    view = popup.value
    for key, minutes in ((None, "1 min."), ("ArrowRight", "2 min.")):
        if key:
            page.keyboard.press(key)
        notes = "document.querySelector('.speaker-controls-notes .value').textContent"
        view.wait_for_function(f"{notes}.includes('{minutes}')")
    assert len(view.frames) == 3
    view.close()
