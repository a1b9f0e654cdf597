"""Stand-ins for the figures of a chapter that has not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from nbformat import NotebookNode

from kdbook.markup import myst
from kdbook.markup.elements import Directive, Link, Role
from kdbook.palette import PALETTE

PLACEHOLDER_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 120" role="img">'
    '<rect width="480" height="120" fill="#f4f4f4"/>'
    '<text x="240" y="66" text-anchor="middle" font-family="sans-serif" font-size="15" '
    f'fill="{PALETTE["bound"].light}">'
    "not made in this build: its chapter was not run</text></svg>\n"
)


def stand_ins(source: NotebookNode) -> dict[str, bytes]:
    """Return a stand-in for every figure that the prose of a chapter that has not run refers to, and for its data."""
    content = {".svg": PLACEHOLDER_SVG.encode(), ".csv": b"not made in this build\n"}
    found: dict[str, bytes] = {}
    for cell in source.cells:
        for address in _addresses(cell.source) if cell.cell_type == "markdown" else ():
            path = PurePosixPath(address)
            if path.parent.name == "figures" and path.suffix in content:
                found |= {path.stem + ending: stand_in for ending, stand_in in content.items()}
    return found


def _addresses(text: str) -> Iterator[str]:
    """Yield the addresses of what a text shows or links to."""
    try:
        found = myst.elements(text, inside=True)
    except ValueError:
        return  # Sphinx says what is wrong, and where
    for element in found:
        content = element.content
        if isinstance(content, Directive):
            yield content.argument
        elif isinstance(content, Role):
            yield content.target
        elif isinstance(content, Link):
            yield content.address
