"""Drawings of Matplotlib written with fewer characters; what one sees of them stays.

A figure of the book had hundreds of groups around single marks, and each mark its colours twice.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import groupby
from typing import Any

from lxml import etree

from kdbook.markup.shorter import paths
from kdbook.markup.shorter.paths import short_number, short_path

_TRANSLATION = re.compile(r"translate\(\s*([^\s,)]+)[\s,]+([^\s,)]+)\s*\)")
_UNINHERITED = ("stroke-linejoin", "stroke-linecap")
"""What a rule of style sets for every element of a drawing, so that none gets it from the one around it."""
_WORD = 3
"""From how many letters on a word that stands twice is written once."""


def shorten(drawing: Any, name: str) -> None:
    """Write a drawing shorter.

    Parameters
    ----------
    drawing : lxml element
        The root, with its elements by their bare names.
    name : str
        The figure's name, with which the ids that are added begin.
    """
    _drop_spaces(drawing)
    _say_style_once(drawing)
    _round(drawing)
    _ungroup(drawing)
    _join_marks(drawing)
    _join_lines(drawing)
    _share_words(drawing, name)
    for element in drawing.iter():
        if "d" in element.attrib:
            element.set("d", short_path(element.get("d")))
        if style := element.get("style"):
            element.set("style", _written(_style(style)))


def _target(use: Any) -> str:
    return str(use.get("href", ""))[1:]


def _style(text: str | None) -> dict[str, str]:
    """Return the declarations of an attribute ``style``."""
    pairs = (declaration.split(":", 1) for declaration in (text or "").split(";") if ":" in declaration)
    return {name.strip(): value.strip() for name, value in pairs}


def _written(style: dict[str, str]) -> str:
    return ";".join(f"{name}:{value}" for name, value in style.items())


def _drop_spaces(drawing: Any) -> None:
    """Leave out letters without an outline, which are spaces."""
    empty = {path.get("id") for path in drawing.iter("path") if not path.get("d") and path.get("id")}
    for element in [*drawing.iter("path", "use")]:
        if (element.get("id") if element.tag == "path" else _target(element)) in empty:
            element.getparent().remove(element)


def _say_style_once(drawing: Any) -> None:
    """Give a mark the style that all places where it stands give it."""
    uses = defaultdict(list)
    for use in drawing.iter("use"):
        uses[_target(use)].append(use)
    for path in drawing.iter("path"):
        places = uses.get(path.get("id"), [])
        styles = {use.get("style") for use in places}
        if len(styles) == 1 and (around := _style(styles.pop())):
            inherited = {key: value for key, value in around.items() if key not in _UNINHERITED}
            path.set("style", _written(inherited | _style(path.get("style"))))
            for use in places:
                del use.attrib["style"]


def _round(drawing: Any) -> None:
    """Give places as few digits as can be seen: tenths of a point, but of words hundredths, as letters are close."""
    for element in drawing.iter():
        if element.tag != "use":
            if transform := element.get("transform"):
                element.set("transform", _TRANSLATION.sub(lambda match: _translation(match, 2), transform))
            continue
        for key in ("x", "y"):
            if key in element.attrib:
                element.set(key, short_number(float(element.get(key)), 1))
        transform = element.get("transform", "")
        if match := _TRANSLATION.fullmatch(transform):
            del element.attrib["transform"]
            for key, value in zip("xy", match.groups(), strict=True):
                if (number := short_number(float(value), 1)) != "0":
                    element.set(key, number)
        elif transform:
            element.set("transform", _TRANSLATION.sub(lambda match: _translation(match, 1), transform))


def _translation(match: re.Match[str], digits: int) -> str:
    x, y = (short_number(float(value), digits) for value in match.groups())
    return f"translate({x} {y})"


def _ungroup(drawing: Any) -> None:
    """Replace groups that say nothing by what they hold, and leave out those that hold nothing."""
    for group in [*drawing.iter("g", "defs")][::-1]:
        if not group.attrib and (group.tag == "g" or len(group) == 0):
            parent = group.getparent()
            place = parent.index(group)
            parent[place : place + 1] = list(group)


def _join_marks(drawing: Any) -> None:
    """Write neighbours that are the same straight mark, such as those at an axis, as one outline."""
    marks = {path.get("id"): path for path in drawing.iter("path") if path.get("id")}
    strokes = {}
    for name, path in marks.items():
        commands = paths.read(path.get("d", "")) or []
        is_straight = [letter for letter, _ in commands] == ["M", "L"]
        if is_straight and set(path.attrib) <= {"id", "d", "style"} and _is_opaque(path.get("style")):
            strokes[name] = commands
    for parent in {use.getparent(): None for use in drawing.iter("use") if _target(use) in strokes}:
        for target, group in groupby([*parent], lambda e: _target(e) if set(e.attrib) <= {"href", "x", "y"} else ""):
            uses = [*group]
            if target not in strokes or len(uses) == 1 or any(use.tag != "use" for use in uses):
                continue
            commands = []
            for use in uses:
                x, y = (round(10 * float(use.get(key, "0"))) for key in "xy")
                commands += paths.moved(strokes[target], x, y)
            joined = etree.Element("path", d=paths.write(commands))
            if style := _style(marks[target].get("style")):
                joined.set("style", _written(style | {"fill": "none"}))
            parent.replace(uses[0], joined)
            for use in uses[1:]:
                parent.remove(use)
    left = {_target(use) for use in drawing.iter("use")}
    for name in strokes.keys() - left:
        marks[name].getparent().remove(marks[name])
    _ungroup(drawing)


def _is_opaque(style: str | None) -> bool:
    return "opacity" not in (style or "")


def _join_lines(drawing: Any) -> None:
    """Write neighbours that are lines of one look as one outline."""

    def look(element: Any) -> tuple[tuple[str, str], ...]:
        style = _style(element.get("style"))
        if element.tag != "path" or "id" in element.attrib or style.get("fill") != "none":
            return ()
        if not _is_opaque(element.get("style")) or not paths.read(element.get("d", "")):
            return ()
        return tuple(sorted({**element.attrib, "d": "", "style": _written(style)}.items()))

    for parent in {path.getparent(): None for path in drawing.iter("path")}:
        for kind, group in groupby([*parent], look):
            lines = [*group]
            if kind and len(lines) > 1:
                commands = [command for line in lines for command in paths.read(line.get("d")) or []]
                lines[0].set("d", paths.write(commands))
                for line in lines[1:]:
                    parent.remove(line)


def _share_words(drawing: Any, name: str) -> None:
    """Write words that stand twice once, and again as a reference to the first."""
    words = defaultdict(list)
    for group in drawing.iter("g"):
        if "transform" in group.attrib and len(group) >= _WORD and all(child.tag == "use" for child in group):
            words[tuple(tuple(sorted(child.attrib.items())) for child in group)].append(group)
    for number, groups in enumerate(same for same in words.values() if len(same) > 1):
        identifier = f"{name}.w{number}"
        first, *others = groups
        letters = etree.Element("g", id=identifier)
        letters.extend([*first])
        first.append(letters)
        for group in others:
            del group[:]
            group.tag = "use"
            group.set("href", f"#{identifier}")
