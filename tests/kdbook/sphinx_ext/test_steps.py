"""Stepped figures: the directive in a small Sphinx project, and its script in a browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from kdbook.project import Project
from tests import warm
from tests.book.browser import without_scripts

STATIC = Project.find().book / "_static"
TEXTS = ["Nothing yet.", "One *sample*.", "Two samples, and a sentence that is longer than the others. " * 3]
CONF = """\
extensions = ["myst_parser", "kdbook.sphinx_ext.figures.steps"]
myst_enable_extensions = ["dollarmath"]
html_theme = "sphinx_book_theme"
html_static_path = ["_static"]
html_css_files = ["css/buttons.css", "css/steps.css"]
html_js_files = ["js/steps.js"]
numfig = True
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"><text y="99">{}</text></svg>'


def frame(place, text="What is new.", alternative="A drawing of one thing", options=""):
    alt = f":alt: {alternative}\n" if alternative else ""
    return f"```{{figure}} figures/fig-s-{place}.svg\n{alt}{options}{text}\n```\n"


def stepped(*parts, options=":name: fig-s\n"):
    return "````{stepped-figure}\n" + options + "\n" + "\n".join(parts) + "````\n"


GOOD = stepped("The whole.\n", *(frame(i, text, f"Drawing {i}") for i, text in enumerate(TEXTS, start=1)))
PAGE = f"""\
# Page

See {{numref}}`fig-s` and {{numref}}`fig-after`.

{GOOD}
```{{figure}} figures/fig-s-1.svg
:name: fig-after
:alt: A drawing once more
After it.
```
"""


def build(root: Path, page: str, **others: str) -> tuple[str, str]:
    """Build a page with Sphinx, and others beside it; return its HTML and the warnings."""
    (root / "figures").mkdir(parents=True)
    for place in range(1, 4):
        (root / "figures" / f"fig-s-{place}.svg").write_text(SVG.format(place))
        (root / "figures" / f"fig-s-{place}.csv").write_text("x\n1\n")
    for name in ("css/buttons.css", "css/steps.css", "js/steps.js"):
        (root / "_static" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STATIC / name, root / "_static" / name)
    (root / "conf.py").write_text(CONF)
    for name, text in {"index": page, **others}.items():
        (root / f"{name}.md").write_text(text)
    result = warm.sphinx("-q", "-N", "-b", "html", str(root), str(root / "out"))
    assert result.returncode == 0, result.stderr
    return (root / "out" / "index.html").read_text(), result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("steps")
    html, warnings = build(root, PAGE)
    assert warnings == ""
    return root / "out" / "index.html", html


def test_frames_are_figures_with_alternative_text_place_and_sentence(built):
    whole = re.search(r'<figure class="steps[^"]*" id="fig-s">(.*?)</div>\n(.*?)</figure>', built[1], re.DOTALL)
    frames = re.findall(r'<figure class="steps-frame">(.*?)</figure>', whole[1], re.DOTALL)
    assert len(frames) == len(TEXTS)
    for place, content in enumerate(frames, start=1):
        assert f'alt="Drawing {place}"' in content
        assert f'<span class="steps-place">Step {place} of 3.</span>' in content
    assert '<span class="steps-text">One <em>sample</em>.</span>' in frames[1]
    assert "The whole." in whole[2]
    assert 'data-label="Step"' in whole[0]


def test_each_frame_offers_its_drawing_and_its_data(built):
    for place in range(1, 4):
        for ending in ("svg", "csv"):
            link = re.search(rf'href="(_downloads/[^"]*/fig-s-{place}\.{ending})"', built[1])
            assert (built[0].parent / link[1]).is_file()


def test_the_whole_has_one_number_and_the_frames_have_none(built):
    assert re.findall(r'<span class="caption-number">(Fig\. \d+)', built[1]) == ["Fig. 1", "Fig. 2"]
    assert re.findall(r'class="std std-numref">(.*?)</span>', built[1]) == ["Fig. 1", "Fig. 2"]


def test_a_frame_can_be_called_something_else(tmp_path):
    page = stepped("Whole.\n", frame(1), frame(2), options=":name: fig-s\n:label: Day\n")
    html, warnings = build(tmp_path, f"# Page\n\n{page}")
    assert warnings == ""
    assert "Day 2 of 2." in html
    assert 'data-label="Day"' in html


def test_other_writers_keep_every_sentence(built, tmp_path):
    source = str(built[0].parents[1])
    assert warm.sphinx("-q", "-W", "-b", "text", source, str(tmp_path)).returncode == 0
    text = (tmp_path / "index.txt").read_text()
    assert "Step 1 of 3. Nothing yet." in text
    assert "The whole." in text


REFUSED = {
    "empty": (stepped(options=""), "Content block expected"),
    "no-caption": (stepped(frame(1), frame(2)), "first paragraph must be the caption"),
    "one-frame": (stepped("Whole.\n", frame(1)), "at least two frames are needed, got 1"),
    "a-paragraph-between": (
        stepped("Whole.\n", frame(1), "More.\n", frame(2)),
        "only figures are allowed, got a paragraph",
    ),
    "no-alternative-text": (
        stepped("Whole.\n", frame(1), frame(2, alternative="")),
        "step 2 of 2, figures/fig-s-2.svg, has no alternative",
    ),
    "no-sentence": (
        stepped("Whole.\n", frame(1, text=""), frame(2)),
        "step 1 of 2, figures/fig-s-1.svg, has no sentence",
    ),
    "a-name": (stepped("Whole.\n", frame(1), frame(2, options=":name: fig-two\n")), "must have no name"),
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """The folder of a small book of which each page but the first has a figure that is refused, and the warnings."""
    root = tmp_path_factory.mktemp("refused")
    pages = {name: f"# Page\n\n{page}" for name, (page, _) in REFUSED.items()}
    contents = "```{toctree}\n" + "\n".join(REFUSED) + "\n```\n"
    _, warnings = build(root, f"# Start\n\n{contents}", **pages)
    return root / "out", warnings


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_missing_is_named(refused, name):
    made, warnings = refused
    parts = re.split(r"^(?=/\S*\.md:)", warnings, flags=re.MULTILINE)
    said = "".join(part for part in parts if f"{name}.md:" in part.partition("\n")[0])
    assert REFUSED[name][1] in said
    assert f"{name}.md:3" in said
    assert 'class="steps-frames"' not in (made / f"{name}.html").read_text()


@pytest.fixture
def open_page(tab, built):
    return lambda **how: tab.go(built[0], **how)


def shown(page):
    """The places of the frames that can be seen, from 1."""
    script = "all => all.flatMap((f, i) => getComputedStyle(f).visibility === 'visible' ? [i + 1] : [])"
    return page.locator(".steps-frame").evaluate_all(script)


def test_next_and_previous_stop_at_the_ends(tab, open_page):
    page = open_page()
    assert shown(page) == [1]
    before, after = page.locator(".steps-previous"), page.locator(".steps-next")
    before.press("Enter")  # a click by Playwright waits for the end of aria-disabled
    assert shown(page) == [1]
    assert before.get_attribute("aria-disabled") == "true"
    places = []
    for _ in range(3):
        after.press("Enter")
        places += shown(page)
    assert places == [2, 3, 3]
    assert after.get_attribute("aria-disabled") == "true"
    before.click()
    assert shown(page) == [2]
    assert after.get_attribute("aria-disabled") == "false"
    assert [error for error in tab.errors if "theme mode" not in error] == []  # the bare theme's own warning


def test_arrow_keys_move_the_slider_and_the_frames(open_page):
    page = open_page()
    slider = page.locator(".steps-slider")
    slider.focus()
    for key, place in [("ArrowRight", 2), ("End", 3), ("ArrowRight", 3), ("ArrowLeft", 2), ("Home", 1)]:
        page.keyboard.press(key)
        assert shown(page) == [place], key
        assert slider.get_attribute("aria-valuetext") == f"{place} of 3"
    assert slider.get_attribute("aria-label") == "Step"


def test_focus_can_be_seen(open_page):
    page = open_page()
    page.locator(".steps-previous").focus()
    for name in ("steps-slider", "steps-next"):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "[document.activeElement.className, getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert name in focused[0]
        assert focused[1] == "solid"


def test_the_live_region_is_silent_at_first_and_then_reads_the_sentence(open_page):
    page = open_page()
    live = page.locator(".steps-live")
    assert live.get_attribute("aria-live") == "polite"
    assert live.text_content() == ""
    page.locator(".steps-next").click()
    assert live.text_content() == "Step 2 of 3. One sample."


def test_no_step_moves_the_text_below(open_page):
    for width in (1300, 390):
        page = open_page(width=width, height=800)
        positions = set()
        for _ in range(3):
            positions.add(page.evaluate("document.querySelector('#fig-after').getBoundingClientRect().top + scrollY"))
            page.locator(".steps-next").press("Enter")
        assert len(positions) == 1


def test_controls_are_large_enough_to_touch(open_page):
    page = open_page(width=390, height=800)
    for control in page.locator(".steps-controls > *").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 32


def test_play_never_starts_by_itself_and_stops_at_the_end(browser, built):
    context = browser.new_context(reduced_motion="no-preference")
    page = context.new_page()
    page.clock.install()
    page.goto(built[0].as_uri())
    page.clock.run_for(60_000)
    assert shown(page) == [1]
    play = page.locator(".steps-play")
    play.click()
    assert (shown(page), play.text_content()) == ([2], "Pause")
    page.clock.run_for(60_000)
    assert (shown(page), play.text_content()) == ([3], "Play")
    play.click()
    assert shown(page) == [1]
    play.click()
    page.clock.run_for(60_000)
    assert (shown(page), play.text_content()) == ([1], "Play")
    context.close()


def test_there_is_no_play_for_those_who_want_no_motion(open_page):
    page = open_page(motion="reduce")
    assert page.locator(".steps-play").count() == 0
    assert page.locator(".steps-next").count() == 1


def test_without_scripts_and_on_paper_all_frames_are_shown(browser, built, open_page):
    with without_scripts(browser, built[0]) as page:
        assert page.locator(".steps-controls").count() == 0
        assert page.locator(".steps-frame:visible").count() == 3
        boxes = [frame.bounding_box() for frame in page.locator(".steps-frame").all()]
        assert len({(box["x"], box["y"]) for box in boxes}) == 3
    page = open_page()
    page.emulate_media(media="print")
    assert shown(page) == [1, 2, 3]
    assert not page.locator(".steps-controls").is_visible()
