"""A Sphinx extension: what the pages of the book need beyond the theme."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

KEPT = "with-punctuation"
"""The class of a formula and what follows it; custom.css forbids a line break in it."""
_PUNCTUATION = re.compile(r"[.,;:!?)\]’”]+")


class KeepPunctuation(SphinxPostTransform):
    """Wrap each inline formula that punctuation follows, together with it."""

    default_priority = 900

    def run(self, **_: Any) -> None:
        """Transform one document."""
        for formula in list(self.document.findall(nodes.math)):
            parent = formula.parent
            place = parent.index(formula)
            after = parent[place + 1] if place + 1 < len(parent) else None
            match = _PUNCTUATION.match(after) if isinstance(after, nodes.Text) else None
            if match is None:
                continue
            together = nodes.inline(classes=[KEPT])
            parent[place : place + 2] = [together, nodes.Text(str(after)[match.end() :])]
            together += [formula, nodes.Text(match[0])]


def without_thebe(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Leave out the scripts of sphinx-thebe: no page runs code in the browser, and they declare a constant twice."""
    context["script_files"] = [
        file
        for file in context.get("script_files", [])
        if "thebe" not in f"{getattr(file, 'filename', file)} {getattr(file, 'attributes', {}).get('body', '')}".lower()
    ]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(KeepPunctuation)
    app.connect("html-page-context", without_thebe, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
