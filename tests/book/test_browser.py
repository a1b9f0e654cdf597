"""What the book does in a browser: search, previews, the colours of figures, the typeface."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks import pages
from kdbook.markup.typeface import ICONS
from tests.book.browser import COLOURS, opened


@pytest.fixture(scope="module")
def served(html):
    """The book served on this machine, as on a web host."""
    with pages.served(html) as address:
        yield address


@pytest.mark.parametrize(
    ("words", "title"), [("missing mass", "Missing mass"), ("Assouad", "Hard labels"), ("glossary", "Glossary")]
)
def test_search_finds_from_disk(browser, html, words, title):
    with opened(browser, html / "index.html") as visit:
        visit.page.keyboard.press("Control+k")
        visit.page.keyboard.type(words)
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#search-results li")
        found = visit.page.locator("#search-results li").all_inner_texts()
        assert any(title in text for text in found[:5]), found
        assert visit.errors == []
        visit.page.locator("#search-results li a", has_text=title).first.click()
        visit.page.wait_for_load_state()
        assert title in visit.page.title()


def test_search_says_when_there_is_nothing(browser, html):
    with opened(browser, html / "search.html") as visit:
        visit.page.goto((html / "search.html").as_uri() + "?q=zyzzyva")
        visit.page.wait_for_function("document.querySelector('#search-results').textContent.includes('did not match')")
        assert visit.errors == []


def rest(visit, selector):
    """Rest with the pointer on a link, and return the preview that opens."""
    link = visit.page.locator(selector).first
    link.scroll_into_view_if_needed()
    link.hover()
    visit.page.wait_for_selector(".preview")
    visit.page.wait_for_function(
        "() => { const b = document.querySelector('.preview');"
        " return b && [...b.querySelectorAll('.math')].every(m => m.querySelector('mjx-container')); }"
    )
    return visit.page.locator(".preview")


@pytest.mark.parametrize(
    ("page", "selector", "words"),
    [
        ("squared-logits", "article p a[href*='missing-mass.html#lem-e-7']", "missing mass"),
        ("squared-logits", "article p a[href*='setting.html#equation-']", ""),
        ("squared-logits", "article p a[href*='bibliography.html#']", "Caruana"),
        ("squared-logits", "article a[href*='glossary.html#term-']", ""),
        ("hard-labels", "article p a.reference[href^='#fig-']", "Fig."),
        ("hard-labels", "article p a.reference[href^='#thm-3-1']", "lower bound"),
    ],
)
def test_a_link_shows_what_it_leads_to(browser, html, page, selector, words):
    with opened(browser, html / f"{page}.html") as visit:
        preview = rest(visit, selector)
        assert words in preview.inner_text()
        assert preview.bounding_box()["width"] > 60
        box = preview.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1300
        visit.page.keyboard.press("Escape")
        assert visit.page.locator(".preview").count() == 0
        assert visit.errors == []


def test_a_preview_stays_under_the_pointer_and_goes_when_it_leaves(browser, html):
    with opened(browser, html / "squared-logits.html") as visit:
        preview = rest(visit, "article p a[href*='missing-mass.html#lem-e-7']")
        preview.hover()
        visit.page.wait_for_timeout(600)
        assert preview.count() == 1
        visit.page.mouse.move(2, 2)
        visit.page.wait_for_selector(".preview", state="detached")


def test_a_preview_opens_for_the_keyboard(browser, html):
    with opened(browser, html / "squared-logits.html") as visit:
        visit.page.evaluate("document.querySelector(\"article p a[href*='#']:not(.headerlink)\").focus()")
        visit.page.keyboard.press("Shift+Tab")
        visit.page.keyboard.press("Tab")
        visit.page.wait_for_selector(".preview")


def test_links_in_previews_lead_somewhere(html):
    text = (html / "_static" / "previews.js").read_text(encoding="utf-8")
    previews = json.loads(text.removeprefix("window.kdPreviews = ").rstrip().rstrip(";"))
    assert {"hard-labels.html#thm-3-1", "missing-mass.html#lem-e-7"} <= set(previews)
    for place, element in previews.items():
        page, _, anchor = place.partition("#")
        assert f'id="{anchor}"' in (html / page).read_text(encoding="utf-8")
        assert element.count("<div") == element.count("</div>"), place
        for link in re.findall(r'href="([^"#:]+)(?:#[^"]*)?"', element):
            assert (html / link).is_file(), f"{place}: {link}"


def test_figures_follow_the_page_into_the_dark(browser, html):
    colors = {}
    for scheme in ("light", "dark"):
        with opened(browser, html / "hard-labels.html", scheme) as visit:
            colors[scheme] = visit.page.evaluate(
                """() => {
                    const texts = document.querySelectorAll("svg.drawing g[style*='--kd-ink']");
                    return getComputedStyle(texts[0]).fill;
                }"""
            )
    assert colors == {"light": "rgb(38, 38, 38)", "dark": "rgb(221, 225, 230)"}


def test_text_is_set_in_the_books_typeface(browser, html):
    with opened(browser, html / "index.html") as visit:
        family = visit.page.evaluate("getComputedStyle(document.querySelector('article p')).fontFamily")
        assert family.startswith('"Source Sans Pro"')
        for weight in ("400 16px", "italic 400 16px", "600 16px", "900 16px"):
            name = "Font Awesome 6 Free" if weight.startswith("900") else "Source Sans Pro"
            loaded = visit.page.evaluate(f"document.fonts.load('{weight} \"{name}\"').then(f => f.length)")
            assert loaded >= 1, weight


def test_every_icon_is_in_the_stylesheet(browser, html):
    with opened(browser, html / "hard-labels.html") as visit:
        shown = visit.page.evaluate(
            """() => [...document.querySelectorAll("[class*='fa-']")]
                .map(e => [e.className, getComputedStyle(e, "::before").content])"""
        )
    assert len(shown) > 5
    for name, content in shown:
        assert ord(content.strip("\"'")[0]) in ICONS.values(), name


def test_pages_look_the_same_from_disk_and_from_a_host(browser, html, served):
    for name in ("index", "figure-2"):
        pictures = []
        for address in (html / f"{name}.html", f"{served}/{name}.html"):
            with opened(browser, address) as visit:
                assert visit.errors == []
                pictures.append(visit.page.screenshot())
        assert pictures[0] == pictures[1], name


def test_the_tab_has_an_icon(browser, served):
    with opened(browser, f"{served}/index.html") as visit:
        icon = visit.page.evaluate("document.querySelector(\"link[rel='icon']\").href")
        assert visit.page.request.get(icon).ok


def test_what_is_hard_to_see_is_found(browser, html):
    with opened(browser, html / "setting.html") as visit:
        visit.page.add_style_tag(content=".highlight .k, .highlight .kn { color: #ccc !important; }")
        visit.page.evaluate("document.querySelector('article').insertAdjacentHTML('beforeend', '<img src=\"#\">')")
        assert any("#cccccc" in one for one in visit.violations(COLOURS))
        found = visit.violations()
        assert any("image-alt" in one for one in found)
        assert {one.split(":")[0] for one in found} == {"color-contrast", "image-alt"}
