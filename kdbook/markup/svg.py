"""Figures as part of the page: SVG elements whose colours follow the page into the dark.

A figure's file is drawn on white and can be downloaded as it is.  In a page its paper is transparent and each colour
is a CSS variable with the drawn colour as its default; :func:`dark_colors` sets the variables in the dark.
"""

from __future__ import annotations

import html
import re

_PAPER = "#ffffff"

DARK = {
    _PAPER: "#14181e",  # behind labels and markers: the colour of the theme's dark page
    "#000000": "#f0f0f0",
    "#262626": "#dde1e6",
    "#444444": "#b9c0c8",
    "#555555": "#aab2bb",
    "#666666": "#a3abb4",
    "#888888": "#8b949e",
    "#999999": "#7d8691",
    "#cfcfcf": "#4b535d",
    "#e3e3e3": "#333a43",
    "#f2f2f2": "#22282f",
    "#0072b2": "#5db3ea",
    "#9cc9e3": "#2f6f97",
    "#cfe6f5": "#1d3c50",
    "#c44e00": "#f28e4b",
    "#f0b58f": "#8a4c22",
    "#7a4b00": "#d9a85c",
    "#00805a": "#45c49a",
    "#8a4a9e": "#cd92e0",
}
"""Each colour that the book's figures are drawn in, and what it becomes in the dark."""

_COLOR = re.compile(r"#[0-9a-f]{6}\b")
_GLYPH = re.compile(r"[A-Za-z]+[A-Za-z0-9]*(?:-[A-Za-z]+)*-[0-9a-f]+")
"""The ids that Matplotlib gives to glyphs: the font's name and the number of the character in it."""


def dark_colors() -> str:
    """Return the CSS rule that turns figures dark with the page, on a screen: paper stays white."""
    lines = [f"    {_variable(light)}: {dark};" for light, dark in DARK.items()]
    return '@media screen {\n  html[data-theme="dark"] {\n' + "\n".join(lines) + "\n  }\n}\n"


def inline(svg: str, name: str, alternative: str) -> str:
    """Return a figure of Matplotlib's as an element of a page.

    Parameters
    ----------
    svg : str
        The file.
    name : str
        The figure's name; ids in it begin with the name, as a page may hold several figures.
    alternative : str
        What a screen reader says in its place.
    """
    view = re.search(r'viewBox="[^"]*"', svg)
    if view is None:
        raise ValueError(f"{name}: an SVG file of a figure needs a viewBox, this one has none")
    body = svg[svg.index(">", view.end()) + 1 : svg.rindex("</svg>")]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)  # Matplotlib's one rule: see .drawing in CSS
    body = _without_paper(body)
    used = set(re.findall(r'(?:url\(|href=")#([^)"]+)', body))
    body = re.sub(r' id="([^"]*)"', lambda m: f' id="{_own(name, m[1])}"' if m[1] in used else "", body)
    body = re.sub(r'(url\(|href=")#([^)"]+)', lambda m: f"{m[1]}#{_own(name, m[2])}", body).replace("xlink:", "")
    # In paths, a twentieth of a point is not seen.  (In transformations it may be.)
    body = re.sub(r' d="[^"]*"', lambda m: re.sub(r"\d+\.\d+", lambda n: f"{float(n[0]):.1f}", m[0]), body)
    body = _COLOR.sub(lambda m: f"var({_variable(m[0])}, {m[0]})", body)
    body = re.sub(r"\s+", " ", body).replace("> <", "><").strip()
    label = html.escape(alternative, quote=True)
    return f'<svg class="drawing" {view[0]} role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg">{body}</svg>'


def share_glyphs(page: str) -> str:
    """Return a page whose drawings have each glyph once, in the first drawing that uses it."""
    seen: set[str] = set()

    def once(match: re.Match[str]) -> str:
        if match[1] in seen:
            return ""
        seen.add(match[1])
        return match[0]

    return re.sub(rf'<path id="({_GLYPH.pattern})"[^>]*/>', once, page)


def _own(name: str, identifier: str) -> str:
    """Return an id of a drawing as one of the page: glyphs are the same in all drawings, everything else is not."""
    return identifier if _GLYPH.fullmatch(identifier) else f"{name}.{identifier}"


def colors(svg: str) -> set[str]:
    """Return the colours that a figure is drawn in."""
    return set(_COLOR.findall(svg))


def _variable(color: str) -> str:
    return f"--drawing-{color[1:]}"


def _without_paper(body: str) -> str:
    """Leave out the white rectangles behind the figure and its axes, which Matplotlib draws as the first patches."""
    pattern = rf'<g id="patch_\d+">\s*<path d="[^"]*" style="fill: {_PAPER}"/>\s*</g>'
    return re.sub(pattern, "", body)
