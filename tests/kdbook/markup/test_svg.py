"""Figures inside pages, and the static files that are made."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont
from matplotlib import rc_context, rcParamsDefault
from matplotlib.figure import Figure

from kdbook.markup import svg, typeface
from kdbook.site import assets

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def drawing():
    with rc_context(rcParamsDefault):  # another test may have set the book's style
        figure = Figure()
        axes = figure.subplots()
        axes.plot([0, 1], [0.123456, 1], color="#0072b2", marker="o", label="$n$ & more")
        axes.legend()
        file = io.StringIO()
        figure.savefig(file, format="svg")
    return file.getvalue()


def test_a_drawing_is_one_element_that_says_what_it_shows(drawing):
    root = ElementTree.fromstring(svg.inline(drawing, "fig-x", 'A line "rises" & ends <here>.'))
    assert root.tag == SVG + "svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'A line "rises" & ends <here>.'
    assert root.get("viewBox") == ElementTree.fromstring(drawing).get("viewBox")


def test_ids_of_a_drawing_begin_with_its_name_and_references_still_resolve(drawing):
    text = svg.inline(drawing, "fig-x", "words")
    ids = re.findall(r' id="([^"]*)"', text)
    used = re.findall(r'(?:url\(|href=")#([^)"]+)', text)
    assert set(ids) == set(used)
    assert len(ids) == len(set(ids)) > 3
    own = {name for name in ids if name.startswith("fig-x.")}
    assert own
    assert all(re.fullmatch(r"DejaVuSans(-\w+)?-[0-9a-f]+", name) for name in set(ids) - own)  # glyphs


def test_a_page_has_each_glyph_once_and_every_reference_still_resolves(drawing):
    page = svg.inline(drawing, "fig-x", "words") + svg.inline(drawing, "fig-y", "words")
    glyphs = set()
    drawings = [svg.inline(drawing, name, "words", glyphs) for name in ("fig-x", "fig-y")]
    shared = "".join(drawings)
    ids = re.findall(r' id="([^"]*)"', shared)
    assert len(ids) == len(set(ids))
    assert set(ids) == set(re.findall(r' id="([^"]*)"', page)) == set(re.findall(r'(?:url\(|href=")#([^)"]+)', shared))
    assert glyphs == {name for name in ids if not name.startswith("fig-")}
    assert drawings[0] == svg.inline(drawing, "fig-x", "words")
    assert len(drawings[1]) < len(drawings[0])


def test_every_color_of_the_palette_is_a_variable_with_the_drawn_one_as_default(drawing):
    text = svg.inline(drawing.replace("#000000", "#123456"), "fig-x", "words")
    assert "var(--kd-counter, #0072b2)" in text
    assert re.sub(r"var\(--kd-[\w-]+, #[0-9a-f]{6}\)", "", text).count("#0072b2") == 0
    assert ":#123456" in text  # of a chapter of one's own: the palette has no name for it


def test_a_drawing_may_hold_text_comments_and_entities():
    text = """<?xml version="1.0"?>
    <!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://nowhere.invalid/svg11.dtd">
    <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox='0 0 9 9'>
      <!-- <style>x</style> --><g id="patch_1"><path d="M 0 0" style="fill: #ffffff"/><path d="M 1 1"/></g>
      <a xlink:href="page.html#part"><text id="t">1 &lt; 2 &amp;
        3 &gt; 2</text></a><use xlink:href="#t" fill="url(#g)"/><g id="g"/>
    </svg>"""
    assert svg.inline(text, "f", "w") == (
        '<svg class="drawing" viewBox="0 0 9 9" role="img" aria-label="w" xmlns="http://www.w3.org/2000/svg">'
        '<path d="M0 0" style="fill:var(--kd-paper, #ffffff)"/><path d="M1 1"/>'
        '<a href="page.html#part"><text id="f.t">1 &lt; 2 &amp; 3 &gt; 2</text></a>'
        '<use href="#f.t" fill="url(#f.g)"/><g id="f.g"/></svg>'
    )


def test_a_file_without_a_view_box_is_refused():
    with pytest.raises(ValueError, match="fig-x: an SVG file of a figure needs a viewBox"):
        svg.inline("<svg></svg>", "fig-x", "words")


def test_styles_and_scripts_are_joined_and_others_left_alone(tmp_path):
    static = Path("_static")
    given = {
        static / "css" / "b.css": b"b {}",
        static / "css" / "a.css": b"a {}",
        static / "js" / "x.js": b"x();",
        static / "only" / "page" / "y.js": b"y();",
        Path("index.md"): b"# Title",
    }
    made = assets.joined(given, tmp_path / "typeface.css")
    assert set(made) == {static / "book.css", static / "book.js", static / "only" / "page" / "y.js", Path("index.md")}
    style = made[static / "book.css"].decode()
    assert style.endswith("a {}\nb {}")
    assert style.index("@font-face") < style.index("--kd-paper") < style.index("a {}")


def test_the_typeface_holds_what_pages_are_written_in(tmp_path):
    text = typeface.typeface(tmp_path / "typeface.css")
    fonts = [TTFont(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"base64,([^)]*)", text)]
    families = re.findall(r'font-family: "([^"]*)"', text)
    for family, font in zip(families, fonts, strict=True):
        needed = set(typeface.ICONS.values()) if "Awesome" in family else set(map(ord, "Azé–’“”…×−≤≥√∞≈"))
        assert needed <= set(font.getBestCmap()), family
    assert set(map(ord, "πρδΔξ")) <= set(fonts[0].getBestCmap())
    assert typeface.typeface(tmp_path / "typeface.css") == text
