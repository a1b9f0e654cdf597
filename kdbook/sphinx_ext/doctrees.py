"""Walking Sphinx's documents."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes  # type: ignore[import-untyped]


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """Yield what a node stands in, from the inside out."""
    while (node := node.parent) is not None:
        yield node
