"""Figures inside pages, and the static files that are made."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from matplotlib import rc_context, rcParamsDefault
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from kdbook.markup import svg
from kdbook.markup.typeface import ICONS
from kdbook.project import Project
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


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one, other):
    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


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
    shared = svg.share_glyphs(page)
    ids = re.findall(r' id="([^"]*)"', shared)
    assert len(ids) == len(set(ids))
    assert set(ids) == set(re.findall(r' id="([^"]*)"', page)) == set(re.findall(r'(?:url\(|href=")#([^)"]+)', shared))
    assert len(shared) < len(page)


def test_transformations_keep_their_digits_and_paths_keep_their_shape(drawing):
    before, after = (
        [e.get("transform") for e in ElementTree.fromstring(text).iter() if e.get("transform")]
        for text in (drawing, svg.inline(drawing, "fig-x", "words"))
    )
    assert before == after
    numbers = [
        [
            float(x)
            for e in ElementTree.fromstring(text).iter(SVG + "path")
            for x in re.findall(r"[\d.]+", e.get("d", ""))
        ]
        for text in (drawing.replace("#ffffff", "none"), svg.inline(drawing.replace("#ffffff", "none"), "x", "words"))
    ]
    assert np.allclose(*numbers, atol=0.0501, rtol=0)


def test_every_color_of_a_drawing_is_a_variable_with_the_drawn_one_as_default(drawing):
    text = svg.inline(drawing, "fig-x", "words")
    assert "var(--drawing-0072b2, #0072b2)" in text
    assert re.sub(r"var\(--drawing-[0-9a-f]{6}, #[0-9a-f]{6}\)", "", text).count("#0072b2") == 0


def test_a_file_without_a_view_box_is_refused():
    with pytest.raises(ValueError, match="fig-x: an SVG file of a figure needs a viewBox"):
        svg.inline("<svg></svg>", "fig-x", "words")


def test_the_dark_keeps_contrast():
    dark_page = svg.DARK["#ffffff"]
    for light, dark in svg.DARK.items():
        if light != "#ffffff":  # what can be told from paper by day can be told from the dark page at night
            needed = min(contrast(light, "#ffffff"), 4.5)
            assert contrast(dark, dark_page) > 0.9 * needed, light


def test_every_color_of_the_books_figures_has_a_dark_one():
    figures = sorted((Project.find().build / "executed").glob("*/figures/*.svg"))
    if not figures:
        pytest.skip("the book was not built")
    used = {color for path in figures for color in svg.colors(path.read_text())}
    assert used - set(svg.DARK) == set()


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
    assert style.index("@font-face") < style.index("--drawing-") < style.index("a {}")


def test_the_typeface_holds_what_pages_are_written_in(tmp_path):
    text = assets.typeface(tmp_path / "typeface.css")
    fonts = [TTFont(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"base64,([^)]*)", text)]
    families = re.findall(r'font-family: "([^"]*)"', text)
    for family, font in zip(families, fonts, strict=True):
        needed = set(ICONS.values()) if "Awesome" in family else set(map(ord, "Azé–’“”…×−≤≥√∞≈"))
        assert needed <= set(font.getBestCmap()), family
    assert set(map(ord, "πρδΔξ")) <= set(fonts[0].getBestCmap())
    assert assets.typeface(tmp_path / "typeface.css") == text
