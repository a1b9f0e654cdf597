"""A Sphinx extension: the line under the title of an exercise, with its kind, its level, and whether code checks it.

It is made of the classes of the exercise; :mod:`kdbook.course.exercises` knows them.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from kdbook.course import exercises

_LOGGER = logging.getLogger(__name__)


class ExerciseLines(SphinxTransform):
    """Put the line under the title of each exercise that has a kind or a level."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Transform one document."""
        for box in self.document.findall(lambda node: node.get("type") == "exercise" if _is_box(node) else False):
            try:
                kinds, level = exercises.understood(name for name in box["classes"] if name != "exercise")
            except ValueError as error:
                _LOGGER.warning("exercise %s: %s", box["label"], error, location=box)
                continue
            if kinds or level:
                code = any(exercises.checked(block.astext()) for block in box.findall(nodes.literal_block))
                box.children[1].insert(0, _line(kinds, level, code))


def _is_box(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Element) and "label" in node and len(node.children) > 1


def _line(kinds: tuple[str, ...], level: int | None, code: bool) -> nodes.paragraph:
    parts: list[nodes.Node] = [nodes.Text(exercises.kinds_in_words(kinds))] if kinds else []
    if level:
        parts.append(nodes.raw("", exercises.spoken_stars(level), format="html"))
    if code:
        parts.append(nodes.Text("checked by code"))
    line = nodes.paragraph(classes=["exercise-line"])
    for place, part in enumerate(parts):
        line += [nodes.Text(" · "), part] if place else [part]
    return line


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_transform(ExerciseLines)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
