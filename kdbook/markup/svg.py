"""Figures as part of the page: SVG elements whose colours follow the page into the dark.

A figure's file is drawn on white and can be downloaded as it is.  In a page its paper is transparent and each colour
of the palette is a CSS variable with the drawn colour as its default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree

from kdbook.markup.shorter import shorten
from kdbook.palette import NAMES, PALETTE, variable
from kdcore.figures.tables import TABLE

_SVG = "http://www.w3.org/2000/svg"
_PAPER = f"fill: {PALETTE['paper'].light}"
_COLOR = re.compile(r"#[0-9a-f]{6}\b")
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+")
_GLYPH = re.compile(r"[A-Za-z]+[A-Za-z0-9]*(?:-[A-Za-z]+)*-[0-9a-f]+")
"""The ids that Matplotlib gives to glyphs: the font's name and the number of the character in it."""
_FACES = {f"SourceSansPro-{face}-": f"{face[0]}-" for face in ("Regular", "It", "Semibold", "Bold")}
"""What the ids of the book's own typeface begin with, and shorter in pages, which have thousands of them."""
_HASHED = re.compile(r"[A-Za-z]+[0-9a-f]{10}")
"""The ids that Matplotlib gives to marks and frames."""
_WHITESPACE = re.compile(r"[ \t\n\r]+")


def inline(svg: str, name: str, alternative: str, glyphs: set[str] | None = None) -> str:
    """Return a figure of Matplotlib's as an element of a page.

    Parameters
    ----------
    svg : str
        The file.
    name : str
        The figure's name; ids in it begin with the name, as a page may hold several figures.
    alternative : str
        What a screen reader says in its place.
    glyphs : set of str, optional
        The ids of the glyphs that the page has already; the drawing refers to them, and its own are added.
    """
    drawing = _parsed(svg)
    view = drawing.get("viewBox")
    if view is None:
        raise ValueError(f"{name}: an SVG file of a figure needs a viewBox, this one has none")
    for element in [*drawing.iter("metadata", "style")]:  # Matplotlib's one rule of style: see .drawing in CSS
        _remove(element)
    _remove_paper(drawing)
    is_table = any(group.get("id") == TABLE for group in drawing.iter("g"))
    targets = (target for _, attribute, value in _attributes(drawing) for target in _targets(attribute, value))
    own = _names(name, dict.fromkeys(targets))
    for element, attribute, value in _attributes(drawing):
        if attribute == "id" and value not in own:
            del element.attrib[attribute]
        else:
            element.set(attribute, _in_page(own, attribute, value))
    shorten(drawing, name)
    if glyphs is not None:
        _share(drawing, glyphs)
    for element in drawing.iter():
        element.text, element.tail = _squeezed(element.text), _squeezed(element.tail)
    drawing.attrib.clear()
    opening = {
        "class": "drawing drawn-table" if is_table else "drawing",
        "viewBox": view,
        "role": "img",
        "aria-label": alternative,
        "xmlns": _SVG,
    }
    for attribute, value in opening.items():
        drawing.set(attribute, value)
    drawing.tail = None
    return str(etree.tostring(drawing, encoding="unicode"))


def ratio(svg: str) -> float:
    """Return by how much a figure is wider than it is high."""
    _, _, width, height = map(float, re.split(r"[ ,]+", _parsed(svg).get("viewBox").strip()))
    return width / height


def colors(svg: str) -> set[str]:
    """Return the colours that a figure is drawn in."""
    return {color for _, _, value in _attributes(_parsed(svg)) for color in _COLOR.findall(value)}


def _parsed(svg: str) -> Any:
    """Return a file's root, its elements and attributes by their bare names, without comments."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False, huge_tree=True)
    root = etree.fromstring(svg.encode(), parser)
    for element in root.iter():
        element.tag = etree.QName(element).localname
        if any(attribute.startswith("{") for attribute in element.attrib):
            attributes = {etree.QName(attribute).localname: value for attribute, value in element.attrib.items()}
            element.attrib.clear()
            element.attrib.update(attributes)
    etree.cleanup_namespaces(root)
    return root


def _attributes(drawing: Any) -> Iterator[tuple[Any, str, str]]:
    """Yield each attribute of the elements inside a drawing, with its element, its name and its value."""
    for element in drawing.iterdescendants():
        for attribute, value in list(element.attrib.items()):
            yield element, attribute, value


def _targets(attribute: str, value: str) -> list[str]:
    """Return the ids that an attribute points to: ``#id`` in a link, ``url(#id)`` elsewhere."""
    if attribute == "href":
        return [value[1:]] if value.startswith("#") else []
    return _REFERENCE.findall(value)


def _names(name: str, identifiers: Iterable[str]) -> dict[str, str]:
    """Return what ids of a drawing are called in a page: glyphs the same in all drawings, everything else not."""
    names: dict[str, str] = {}
    for identifier in identifiers:
        if _GLYPH.fullmatch(identifier):
            face = next((face for face in _FACES if identifier.startswith(face)), "")
            names[identifier] = _FACES.get(face, "") + identifier.removeprefix(face)
        else:
            names[identifier] = f"{name}.{len(names) if _HASHED.fullmatch(identifier) else identifier}"
    return names


def _in_page(names: Mapping[str, str], attribute: str, value: str) -> str:
    """Return the value of an attribute as it is in a page."""
    if attribute == "id":
        return names[value]
    if attribute == "href":
        return f"#{names[value[1:]]}" if value.startswith("#") else value
    value = _REFERENCE.sub(lambda target: names[target[0]], value)
    value = _COLOR.sub(lambda color: _color(color[0]), value)
    return _WHITESPACE.sub(" ", value)


def _color(color: str) -> str:
    return f"var({variable(NAMES[color])}, {color})" if color in NAMES else color


def _share(drawing: Any, glyphs: set[str]) -> None:
    """Leave out the glyphs that the page has already."""
    for path in [*drawing.iter("path")]:
        identifier = path.get("id", "")
        if identifier in glyphs:
            around = path.getparent()
            _remove(path)
            if around.tag == "defs" and len(around) == 0:
                _remove(around)
        elif _GLYPH.fullmatch(identifier):
            glyphs.add(identifier)


def _remove_paper(drawing: Any) -> None:
    """Leave out the white rectangles behind the figure and its axes, which Matplotlib draws as the first patches."""
    for group in [*drawing.iter("g")]:
        if group.get("id", "").startswith("patch_") and len(group) == 1:
            (path,) = group
            if path.tag == "path" and path.get("style") == _PAPER:
                _remove(group)


def _remove(element: Any) -> None:
    """Remove an element and what follows it up to the next, which in a drawing is white space."""
    parent = element.getparent()
    parent.remove(element)
    if len(parent) == 0:
        parent.text = ""  # written with a closing tag, as what is empty from the start is not


def _squeezed(text: str | None) -> str | None:
    """Return text between elements with its white space squeezed, or none."""
    if text is None or (text and not text.strip()):
        return None
    return _WHITESPACE.sub(" ", text)
