"""Drawings written shorter: each outline stays in its place, its order and its look, by another reader of SVG."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from fontTools.misc.transform import Identity
from fontTools.pens.recordingPen import RecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.svgLib.path import parse_path
from matplotlib import rc_context, rcParamsDefault
from matplotlib.figure import Figure

from kdbook.markup import svg
from kdbook.markup.shorter.paths import short_number, short_path

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
SET_FOR_ALL = {"stroke-linejoin", "stroke-linecap"}  # by the style of the page: no element gets it from one around it


@pytest.fixture(scope="module")
def drawing():
    """A figure with what chapters draw: words, powers, error bars, marks in one look and in many, dashes, a table."""
    with rc_context({**rcParamsDefault, "svg.hashsalt": "test"}):
        figure = Figure(figsize=(8, 4))
        left, right = figure.subplots(1, 2)
        n = np.array([10, 100, 1000])
        for color in ("#0072b2", "#c44e00"):
            left.errorbar(n, 1 / n, yerr=0.2 / n, color=color, marker="o", capsize=3, label="risk of $n$")
        left.loglog(n, 2 / n, ls="--", color="#444444", marker="|", label="a bound, a bound")
        left.grid(visible=True)
        left.set(xlabel="samples $n$", ylabel="risk (expected)")
        left.legend()
        right.scatter(n, n, c=[0.1, 0.5, 0.9], s=[10, 20, 30], alpha=0.5, marker="s")
        right.bar([10, 20], [300, 500], 8, hatch="//", edgecolor="white")
        right.vlines([200, 300, 400], 0, 500, color="#0072b2", alpha=0.5)
        right.text(500, 700, "a bound, a bound", rotation=30)
        file = io.StringIO()
        figure.savefig(file, format="svg")
    return file.getvalue()


def declarations(element):
    pairs = (declaration.split(":") for declaration in element.get("style", "").split(";") if declaration)
    named = r"var\(--kd-[\w-]+, (#\w+)\)|(url)\(.*"  # a colour of the palette, or a pattern
    return {name.strip(): re.sub(named, r"\1\2", value.strip()) for name, value in pairs}


def matrix(element):
    found = Identity
    for name, numbers in re.findall(r"(\w+)\(([^)]*)\)", element.get("transform", "")):
        values = [float(value) for value in re.split(r"[\s,]+", numbers.strip())]
        if name == "rotate":
            values = [np.radians(values[0])]
        found = getattr(found, name)(*values)
    return (
        found.translate(float(element.get("x", 0)), float(element.get("y", 0))) if element.tag == SVG + "use" else found
    )


def outlines(text, before=""):
    """Return each outline that is drawn: its points on the paper, the kinds of its parts, and its look."""
    root = ElementTree.fromstring(text)
    known = {e.get("id"): e for e in [*(ElementTree.fromstring(before).iter() if before else ()), *root.iter()]}
    found = []

    def walk(element, transform, look):
        if element.tag in (SVG + "defs", SVG + "metadata", SVG + "style"):
            return
        transform = transform.transform(matrix(element))
        look = {key: value for key, value in look.items() if key not in SET_FOR_ALL} | declarations(element)
        if "clip-path" in element.attrib:
            frame = known[re.search("#([^)]+)", element.get("clip-path"))[1]]
            look["clip-path"] = tuple(float(frame[0].get(key)) for key in ("x", "y", "width", "height"))
        if element.tag == SVG + "use":
            walk(known[(element.get("href") or element.get(LINK))[1:]], transform, look)
        if element.tag == SVG + "path":
            pen = RecordingPen()
            parse_path(element.get("d", ""), TransformPen(pen, transform))
            for kind, points in pen.value:
                if kind == "moveTo":
                    found.append([[], [], dict(look)])
                found[-1][0].extend(points)
                found[-1][1].append(kind)
        for child in element:
            walk(child, transform, look)

    walk(root, Identity, {})
    for points, kinds, look in found:
        if kinds[:2] == ["moveTo", "lineTo"] and len(points) == 2:
            look.pop("fill", None)  # a straight line has no inside
        look.pop("stroke-miterlimit", None)
        assert not points or len(points[0]) == 2
    return found


def is_paper(outline):
    return outline[2].get("fill") == "#ffffff" and len(outline[0]) in (4, 5) and not outline[2].get("stroke")


def test_every_outline_stands_where_it_stood_and_looks_as_it_did(drawing):
    before = [outline for outline in outlines(drawing) if not is_paper(outline)]
    after = outlines(svg.inline(drawing, "fig-x", "words"))
    assert len(before) > 300
    assert [kinds for _, kinds, _ in after] == [kinds for _, kinds, _ in before]
    for (old, _, look), (new, _, same) in zip(before, after, strict=True):
        assert np.allclose(new, old, rtol=0, atol=0.11)  # a mark has its place and its outline in tenths of a point
        assert same == look


def test_letters_are_no_further_from_their_place_than_a_hundredth_of_a_point_and_a_bit(drawing):
    letters = [
        [points for points, kinds, look in outlines(text) if "qCurveTo" in kinds and "stroke" not in look]
        for text in (drawing, svg.inline(drawing, "fig-x", "words"))
    ]
    assert len(letters[0]) > 40
    for old, new in zip(*letters, strict=True):
        assert np.allclose(np.mean(new, axis=0), np.mean(old, axis=0), rtol=0, atol=0.03)


def test_a_drawing_is_much_shorter_and_says_words_and_looks_once(drawing):
    text = svg.inline(drawing, "fig-x", "words")
    assert len(text) < 0.45 * len(drawing)
    assert "<g>" not in text
    assert "<defs/>" not in text
    assert "<defs></defs>" not in text
    words = re.findall(r'<use[^>]*href="#(fig-x\.w\d+)"', text)
    assert len(words) > 1
    assert [word for word in words if text.count(f'<g id="{word}">') != 1] == []


def test_the_second_drawing_of_a_page_is_whole_with_the_glyphs_of_the_first(drawing):
    glyphs: set[str] = set()
    first, second = (svg.inline(drawing, name, "words", glyphs) for name in ("fig-x", "fig-y"))
    alone = svg.inline(drawing, "fig-y", "words")
    assert len(second) < len(alone)
    assert outlines(second, before=first) == outlines(alone)


def test_marks_that_shine_through_are_not_joined():
    def drawn(style):
        marks = "".join(f'<use href="#m0123456789" x="{x}" y="5" style="{style}"/>' for x in (1, 2, 3.04))
        text = f'<defs><path id="m0123456789" d="M 0 0 L 0 4"/></defs><g>{marks}</g>'
        return svg.inline(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{text}</svg>', "f", "w")

    assert '<path d="M1 5v4m1-4v4m1-4v4" style="stroke:#123456;fill:none"/>' in drawn("stroke: #123456")
    assert drawn("stroke: #123456; stroke-opacity: 0.5").count('<use href="#f.0"') == 3


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("M 56.2 247.9 L 56.2 18.04 ", "M56.2 247.9v-229.9"),
        ("M 0.04 -0.5 L 1 1 L 2 1 z M 5 5 L 6 6", "M0-.5l1 1.5h1zm5 5.5 1 1"),
        ("M 0 0 C 1 2 3 4 5 6 C 1 2 3 4 5 7 Q 1 2 3 4", "M0 0c1 2 3 4 5 6-4-4-2-2 0 1q-4-5-2-3"),
        ("M 1 2 3 4 5 4", "M1 2l2 2h2"),
        ("M1e1 2L+3-4", "M10 2l-7-6"),
        ("", ""),
        ("M 0 0 A 1 1 0 0 0 2 2", "M 0 0 A 1 1 0 0 0 2 2"),
        ("m 0 0 l 1 1", "m 0 0 l 1 1"),
        ("M 0 0 L 1", "M 0 0 L 1"),
        ("M 0 0 z 1", "M 0 0 z 1"),
    ],
)
def test_outlines_are_steps_in_tenths_and_what_is_not_understood_stays(given, written):
    assert short_path(given) == written


def test_steps_add_up_without_a_drift():
    points = [(0.1 * i + 0.049, 0.33 * i) for i in range(1000)]
    pen = RecordingPen()
    parse_path(short_path("M " + " L ".join(f"{x:.6f} {y:.6f}" for x, y in points)), pen)
    drawn = [point for _, (point, *_) in pen.value[:-1]]
    assert np.allclose(drawn, points, rtol=0, atol=0.0501)


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (0.04, 1, "0"),
        (-0.04, 1, "0"),
        (-0.5, 1, "-.5"),
        (10, 0, "10"),
        (100.0, 2, "100"),
        (2.345, 2, "2.35"),
        (0, 0, "0"),
    ],
)
def test_numbers_have_no_zeros_that_say_nothing(value, digits, written):
    assert short_number(value, digits) == written
