"""Elements of rendered pages."""

from __future__ import annotations

import re


def element_end(html: str, tag: str, start: int) -> int:
    """Return where the element that begins at ``start`` in a page ends."""
    depth = 0
    for match in re.compile(rf"<(/?){tag}\b").finditer(html, start):
        depth += -1 if match[1] else 1
        if depth == 0:
            return html.index(">", match.start()) + 1
    raise ValueError(f"an element <{tag}> is not closed: {html[start : start + 80]!r}")
