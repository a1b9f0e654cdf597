"""One palette: figures, pages, slides and scripts take their colours from it, and each has a partner in the dark."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from kdbook import palette
from kdbook.markup import svg
from kdbook.palette import PALETTE
from kdbook.project import Project
from kdcore.figures import BOUND_COLOR, LEARNER_STYLE

PROJECT = Project.find()
STYLED = sorted(
    path
    for folder in ("_static/css", "_static/js", "_static/only", "_slides")
    for path in (PROJECT.book / folder).rglob("*")
    if path.suffix in (".css", ".js", ".j2")
)
SOURCES = sorted(
    path for package in ("kdcore", "kdbook", "benchmarks") for path in (PROJECT.root / package).rglob("*.py")
)
SHADES = {shade for color in PALETTE.values() for shade in color}


def luminance(color):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color)]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one, other):
    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def literals(text):
    """The colours that a text gives as numbers, as ``#rrggbb``."""
    found = re.findall(r"(?<![\w&-])#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b(?!-)", text)
    return {f"#{''.join(2 * c for c in one[1:4]) if len(one) < 6 else one[1:7]}".lower() for one in found}


def test_colours_are_found_however_they_are_written():
    text = "a{color:#FFF} b{color: #00805A80} #kd-box{} #add-one{} &#123; '#e3e3e3'"
    assert literals(text) == {"#ffffff", "#00805a", "#e3e3e3"}


@pytest.mark.parametrize("path", STYLED, ids=lambda path: path.name)
def test_styles_and_scripts_name_the_colours_of_the_palette(path):
    text = path.read_text(encoding="utf-8")
    assert literals(text) & SHADES == set()
    named = set(re.findall(r"var\((--kd-[\w-]+)", text))
    own = {
        name for other in STYLED for name in re.findall(r"(--kd-[\w-]+)(?: *:| \{)", other.read_text(encoding="utf-8"))
    }
    assert named <= own | {palette.variable(name) for name in PALETTE}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT.root).as_posix())
def test_modules_name_the_colours_of_the_palette(path):
    black_and_white = {PALETTE["black"].light, PALETTE["paper"].light}  # of sheets that are printed
    found = literals(path.read_text(encoding="utf-8")) & SHADES - black_and_white
    where = path.relative_to(PROJECT.root)
    assert not found or where == Path("kdbook/palette.py") or where.parent == Path("kdcore/figures")


def test_each_colour_has_one_name_and_six_digits():
    assert len(palette.NAMES) == len(PALETTE)
    assert all(re.fullmatch("#[0-9a-f]{6}", shade) for shade in SHADES)


def test_the_styles_of_pages_set_each_colour_light_and_on_screens_dark():
    for rule, shade, selector in ((palette.light(), 0, ":root"), (palette.dark(), 1, 'html[data-theme="dark"]')):
        assert dict(re.findall(r"--kd-([\w-]+): (#\w+);", rule)) == {
            name: pair[shade] for name, pair in PALETTE.items()
        }
        assert f"{selector} {{" in rule
        assert rule.count("{") == rule.count("}")
    assert palette.dark().startswith("@media screen {")


def test_learners_and_bounds_are_drawn_in_the_palette():
    names = [palette.NAMES[style.color] for style in LEARNER_STYLE.values()]
    assert names == ["counter", "weigher", "matcher", "copier"]
    assert palette.NAMES[BOUND_COLOR] == "bound"


def test_the_dark_keeps_contrast():
    paper = PALETTE["paper"]
    for name, color in PALETTE.items():
        if name != "paper":  # what can be told from paper by day can be told from the dark page at night
            needed = min(contrast(color.light, paper.light), 4.5)
            assert contrast(color.dark, paper.dark) > 0.9 * needed, name


def test_every_color_of_the_books_figures_has_a_dark_one(html):
    figures = sorted((PROJECT.build / "executed").glob("*/figures/*.svg"))
    assert figures
    used = {color for path in figures for color in svg.colors(path.read_text(encoding="utf-8"))}
    assert used - set(palette.NAMES) == set()
