"""What the book does in a browser: search, previews, the colours of figures, the typeface."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from benchmarks import pages
from kdbook.markup.typeface import ICONS
from tests.book.browser import opened

# What the page of the search does with the words in its address, after what it found before was taken away.
SEARCH = """(words) => {
    document.querySelector("#search-results").replaceChildren();
    Search.performSearch(words);
}"""


@pytest.fixture(scope="module")
def served(html):
    """The book served on this machine, as on a web host."""
    with pages.served(html) as address:
        yield address


def in_book(html, link):
    """The page of the book that a result leads to, read from disk."""
    path = html / urlsplit(link.evaluate("link => link.href")).path.rpartition("/")[2]
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_search_finds_from_disk(tab, html):
    """Words from the keyboard on a page, then others where the results are; the last result is followed."""
    page = tab.go(html / "index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("missing mass")
    page.keyboard.press("Enter")
    for words, title in (
        ("missing mass", "Missing mass"),
        ("Assouad", "Hard labels"),
        ("three rates", "The limits of knowledge transfer"),
        ("glossary", "Glossary"),
    ):
        if title != "Missing mass":
            page.evaluate(SEARCH, words)
        page.wait_for_function("document.querySelector('#search-results .search-summary')?.textContent")
        found = page.locator("#search-results li").all_inner_texts()
        assert any(title in text for text in found[:5]), found
        link = page.locator("#search-results li a", has_text=title).first
        assert title in in_book(html, link).title.get_text()
    assert tab.errors == []
    with page.expect_navigation():
        link.click()
    assert title in page.title()


def test_search_says_when_there_is_nothing(tab, html):
    """Two are properties of every object, which Sphinx would take for words of its index."""
    page = tab.go((html / "search.html").as_uri() + "?q=qwrtzpx")
    for word in ("qwrtzpx", "constructor", "__proto__"):
        if word != "qwrtzpx":
            page.evaluate(SEARCH, word)
        page.wait_for_function("document.querySelector('#search-results').textContent.includes('did not match')")
    assert tab.errors == []


def test_search_shows_lines_of_the_pages_from_a_host(tab, served):
    page = tab.go(f"{served}/search.html?q=missing+mass")
    page.wait_for_selector("#search-results li:first-of-type p.context")
    shown = page.locator("#search-results p.context").all_inner_texts()
    assert "missing mass" in shown[0].lower()
    assert not any("\\" in text or "Used in" in text for text in shown)
    magnifier, query = ".bd-search-container .fa-magnifying-glass", ".bd-search-container input"
    right = page.locator(magnifier).bounding_box()
    left = page.evaluate(
        "q => q.getBoundingClientRect().left + parseFloat(getComputedStyle(q).paddingLeft)",
        page.query_selector(query),
    )
    assert right["x"] + right["width"] < left
    assert tab.errors == []


def test_the_section_that_is_read_is_marked_and_paper_has_frames_that_break_and_how_a_page_is_cited(tab, html):
    """After a jump down or up; and frames of code break with their code."""
    page = tab.go(html / "hard-labels.html")
    marked = "[...document.querySelectorAll('nav.page-toc a[aria-current]')].map(link => link.hash)"
    anchors = page.eval_on_selector_all("nav.page-toc a", "links => links.map(link => link.hash)")
    for anchor in (anchors[0], anchors[-1], anchors[5], anchors[6], anchors[0]):
        page.evaluate("anchor => document.getElementById(anchor.slice(1)).scrollIntoView()", anchor)
        page.wait_for_function(f"JSON.stringify({marked}) === JSON.stringify(['{anchor}'])")
        link = page.locator(f"nav.page-toc a[href='{anchor}']").bounding_box()
        assert 0 <= link["y"] < page.viewport_size["height"]
    page.emulate_media(media="print")
    kept = """() => [...document.querySelectorAll("div.cell:not(.tag_hide-input) pre")].flatMap(pre => {
        const found = [];
        for (let box = pre.closest("div.cell_input") && pre; box && !box.matches("div.cell"); box = box.parentElement) {
            const style = getComputedStyle(box);
            if (style.breakInside !== "auto" || style.display !== "block") found.push(box.className || box.tagName);
        }
        return found;
    })"""
    assert page.evaluate(kept) == []
    assert not page.locator(".cite-page").evaluate("fold => fold.open")
    assert page.locator(".cite-page p").first.is_visible()  # how it is cited: a page that is printed alone says it
    assert not page.locator(".cite-page pre").first.is_visible()


def test_scripts_work_in_a_sandboxed_frame(tab, served):
    """Course sites embed pages so; there, asking for a storage raises an error. The fonts of formulas are refused."""
    page = tab.go(f"{served}/_static/pygments.css")
    page.set_content(
        f'<iframe sandbox="allow-scripts" src="{served}/quiz-paper.html" width="900" height="700"></iframe>'
    )
    page.frame_locator("iframe").locator(".quiz button").first.wait_for()
    assert [error for error in tab.errors if "torage" in error] == []


def rest(page, selector):
    """Rest with the pointer on a link, and return the preview that opens."""
    link = page.locator(selector).first
    link.scroll_into_view_if_needed()
    link.hover()
    page.wait_for_selector(".preview")
    page.wait_for_function(
        "() => { const b = document.querySelector('.preview');"
        " return b && [...b.querySelectorAll('.math')].every(m => m.querySelector('mjx-container')); }"
    )
    return page.locator(".preview")


def previews_show(page, links):
    """Rest on each link, and look at the preview that opens and closes."""
    for selector, words in links.items():
        preview = rest(page, selector)
        assert words in preview.inner_text(), selector
        box = preview.bounding_box()
        assert box["width"] > 60, selector
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= 1300, selector
        page.keyboard.press("Escape")
        assert page.locator(".preview").count() == 0, selector
        page.mouse.move(2, 2)


def test_a_link_shows_what_it_leads_to_while_the_pointer_rests_or_the_keyboard_is_there(tab, html):
    page = tab.go(html / "squared-logits.html")
    previews_show(
        page,
        {
            "article p a[href*='missing-mass.html#lem-e-7']": "missing mass",
            "article p a[href*='setting.html#equation-']": "",
            "article p a[href*='bibliography.html#']": "Caruana",
            "article a[href*='glossary.html#term-']": "",
        },
    )
    preview = rest(page, "article p a[href*='missing-mass.html#lem-e-7']")
    preview.hover()
    page.wait_for_timeout(600)
    assert preview.count() == 1
    page.mouse.move(2, 2)
    page.wait_for_selector(".preview", state="detached")
    page.evaluate("document.querySelector(\"article p a[href*='#']:not(.headerlink)\").focus()")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.wait_for_selector(".preview")
    assert tab.errors == []


def test_a_link_in_a_page_shows_what_it_leads_to_figures_follow_into_the_dark_and_icons_are_there(tab, html):
    page = tab.go(html / "hard-labels.html", "dark")
    colours = {}
    fill = """() => {
        const texts = document.querySelectorAll("svg.drawing g[style*='--kd-ink']");
        const whole = texts[0].closest("svg.drawing"); // whose colour is that of what Matplotlib draws black
        return [document.documentElement.dataset.theme, ...[texts[0], whole].map((e) => getComputedStyle(e).fill)];
    }"""
    colours["dark at first"] = page.evaluate(fill)
    for scheme in ("light", "dark"):
        tab.change_scheme(scheme)
        colours[scheme] = page.evaluate(fill)
    dark = ["dark", *["rgb(221, 225, 230)"] * 2]
    assert colours == {"dark at first": dark, "light": ["light", *["rgb(38, 38, 38)"] * 2], "dark": dark}
    shown = page.evaluate(
        """() => [...document.querySelectorAll("[class*='fa-']")]
            .map(e => [e.className, getComputedStyle(e, "::before").content])"""
    )
    assert len(shown) > 5
    for name, content in shown:
        assert ord(content.strip("\"'")[0]) in ICONS.values(), name
    previews_show(
        page,
        {
            "article p a.reference[href^='#fig-']": "Fig.",
            "article p a.reference[href^='#thm-3-1']": "lower bound",
        },
    )
    preview = rest(page, "article p a.reference[href^='#fig-']")
    inside = preview.evaluate(
        """(box) => ["figcaption", "svg.drawing"].map((part) => {
            const { top, bottom, height } = box.querySelector(part).getBoundingClientRect();
            const frame = box.getBoundingClientRect();
            return height > 40 && top >= Math.max(0, frame.top) && bottom <= Math.min(innerHeight, frame.bottom);
        })"""
    )
    assert inside == [True, True], "a figure's preview shows the drawing and the whole caption"
    caption = preview.locator("figcaption").inner_text().strip()
    assert re.search(r"\w[.)]$", caption), f"nothing is left of the downloads: {caption[-30:]}"
    assert tab.errors == []


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


def test_text_is_set_in_the_books_typeface(tab, html):
    page = tab.go(html / "seminar.html")
    family = page.evaluate("getComputedStyle(document.querySelector('article p')).fontFamily")
    assert family.startswith('"Source Sans Pro"')
    for weight in ("400 16px", "italic 400 16px", "600 16px", "900 16px"):
        name = "Font Awesome 6 Free" if weight.startswith("900") else "Source Sans Pro"
        loaded = page.evaluate(f"document.fonts.load('{weight} \"{name}\"').then(f => f.length)")
        assert loaded >= 1, weight


# A picture, code, a formula and an icon are there to be seen.
SHOWN = """() => ["svg.drawing", ".highlight pre", "mjx-math", "[class*='fa-']"].map((what) =>
    [...document.querySelectorAll(what)].some((e) => e.checkVisibility() && e.getBoundingClientRect().height > 0))"""


def test_pages_look_the_same_from_disk_and_from_a_host_and_the_tab_has_an_icon(browser, html, served):
    for _ in range(3):  # on a busy machine a first picture may lack what is painted last
        pictures = []
        for address in (html / "table-1.html", f"{served}/table-1.html"):
            with opened(browser, address) as visit:  # to the last bit alike are first pictures of a window alone
                assert visit.errors == []
                assert visit.page.evaluate(SHOWN) == [True] * 4
                first = visit.page.screenshot()
                visit.page.evaluate(
                    "document.querySelector('article svg.drawing').scrollIntoView({behavior: 'instant'})"
                )
                pictures.append([first, visit.page.screenshot()])
                icon = visit.page.evaluate("document.querySelector(\"link[rel='icon']\").href")
                assert not icon.startswith("http") or visit.page.request.get(icon).ok
        assert icon.startswith(served)
        if pictures[0] == pictures[1]:
            break
    assert pictures[0] == pictures[1]


def test_what_is_hard_to_see_is_found(tab, html):
    page = tab.go(html / "overview.html")
    page.add_style_tag(content=".highlight .k, .highlight .kn { color: #ccc !important; }")
    small = (
        '<div style="display: flex">' + 2 * '<button style="width: 9px; height: 9px" title="Go"></button>' + "</div>"
    )
    more = "(more) => document.querySelector('article').insertAdjacentHTML('beforeend', more)"
    page.evaluate(more, f'<img src="#">{small}')
    found = tab.violations()
    assert any("#cccccc" in one for one in found)
    assert any("image-alt" in one for one in found)
    assert {one.split(":")[0] for one in found} == {"color-contrast", "image-alt", "target-size"}
    page.add_style_tag(content="html[data-theme=dark] h1 { color: #333 !important; }")
    tab.change_scheme("dark")
    assert any("#333333" in one for one in tab.violations(colours_alone=True))
