"""The typeface of pages and decks, as a part of their style sheet."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from kdbook.files import digest, write_atomic

_FACES = {"Regular": (400, "normal"), "It": (400, "italic"), "Semibold": (600, "normal"), "Bold": (700, "normal")}
_PACKAGE = "font-source-sans-pro"
ICONS = {
    "angle-down": 0xF107,
    "angle-left": 0xF104,
    "angle-right": 0xF105,
    "arrow-up": 0xF062,
    "bars": 0xF0C9,
    "circle-half-stroke": 0xF042,
    "download": 0xF019,
    "expand": 0xF065,
    "file": 0xF15B,
    "file-pdf": 0xF1C1,
    "list": 0xF03A,
    "magnifying-glass": 0xF002,
    "moon": 0xF186,
    "pencil": 0xF303,
    "sun": 0xF185,
    "xmark": 0xF00D,
}
"""The icons that pages have, by name, with their places in Font Awesome."""
# Latin with its extensions, Greek, punctuation, super- and subscripts, arrows and what little mathematics prose has.
_CHARACTERS = [*range(0x20, 0x17F), *range(0x370, 0x400), *range(0x2000, 0x20A0), *range(0x2190, 0x2300)]


def typeface(cache: Path) -> str:
    """Return the ``@font-face`` rules of the book's typeface, with the fonts inside them.

    Fonts inside the stylesheet are there before the first line of text is set, so no line moves; and a browser that
    refuses fonts from disk has them too.  Making them takes seconds, so the result is kept in ``cache``.
    """
    packages = (_PACKAGE, "pydata-sphinx-theme", "fonttools")
    wanted = digest([repr((_FACES, ICONS, _CHARACTERS))])
    stamp = "/* " + ", ".join([*(f"{package} {version(package)}" for package in packages), wanted]) + " */"
    kept = cache.read_text(encoding="utf-8") if cache.is_file() else ""
    if kept.startswith(stamp):
        return kept
    rules = [stamp]
    for face, (weight, style) in _FACES.items():
        source = files("font_source_sans_pro") / "files" / f"SourceSansPro-{face}.ttf"
        rules.append(_font_face("Source Sans Pro", weight, style, _web_font(source.read_bytes(), _CHARACTERS)))
    icons = files("pydata_sphinx_theme") / "theme/pydata_sphinx_theme/static/vendor/fontawesome/webfonts"
    solid = (icons / "fa-solid-900.ttf").read_bytes()
    rules.append(_font_face("Font Awesome 6 Free", 900, "normal", _web_font(solid, ICONS.values())))
    text = "\n".join(rules) + "\n"
    write_atomic(cache, text)
    return text


def _font_face(family: str, weight: int, style: str, font: bytes) -> str:
    data = base64.b64encode(font).decode()
    return (
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; '
        f"src: url(data:font/woff;base64,{data}) format('woff'); }}"
    )


def _web_font(source: bytes, characters: Iterable[int]) -> bytes:
    """Return a font as WOFF, with some of its characters."""
    from fontTools import subset  # type: ignore[import-untyped]  # here, as its import takes long and fonts are kept

    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options(flavor="woff", hinting=False)
    with io.BytesIO(source) as data, subset.load_font(data, options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=list(characters))
        subsetter.subset(font)
        font.flavor = "woff"
        made = io.BytesIO()
        font.save(made, reorderTables=True)
    return made.getvalue()
