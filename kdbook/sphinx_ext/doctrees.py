"""Walking Sphinx's documents, and adding to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """Yield what a node stands in, from the inside out."""
    while (node := node.parent) is not None:
        yield node


def parsed(directive: SphinxDirective, text: str) -> list[nodes.Node]:
    """Return what a text with headings says, as nodes in its order.

    MyST-Parser puts sections straight into the section around the directive, before what the text says above them.
    """
    document = directive.state.document
    before = {id(section) for section in document.findall(nodes.section)}
    above = directive.parse_text_to_nodes(text, allow_section_headings=True)
    new = [section for section in document.findall(nodes.section) if id(section) not in before]
    sections = [section for section in new if section.parent not in new]
    for section in sections:
        section.parent.remove(section)
    return [*above, *sections]


def read_again_with(file: str) -> Callable[[Sphinx, str, list[str]], None]:
    """Return a handler of ``source-read`` that makes each page be read again when a file among the pages changes."""

    def depend(app: Sphinx, _page: str, _source: list[str]) -> None:
        path = Path(app.srcdir) / file
        if path.is_file():
            app.env.note_dependency(str(path))

    return depend
