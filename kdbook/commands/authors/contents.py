"""A line more in ``_toc.yml``, whose comments and order stay."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from kdbook.project import BookError, Project


def with_page(project: Project, name: str, after: str) -> str:
    """Return the text of ``_toc.yml`` with a page more.

    Raises
    ------
    BookError
        If there is no line for the page ``after`` in a list of the usual form, ``- file: NAME``.
    """
    path = project.root / "_toc.yml"
    text = path.read_text(encoding="utf-8")
    for entry in _entries(yaml.compose(text)):
        if any(key.value == "file" and value.value == after for key, value in entry.value):
            lines = text.splitlines(keepends=True)
            last = max(node.end_mark.line for node in _scalars(entry))
            lines[last] = f"{lines[last].rstrip()}\n"
            new = f"{' ' * (entry.start_mark.column - 2)}- file: {name}\n"
            made = "".join([*lines[: last + 1], new, *lines[last + 1 :]])
            if _follows(made, name, after):
                return made
    raise BookError(f"{path} has no line '- file: {after}' that another could follow: list {name!r} there by hand")


def _entries(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """Yield every mapping in a document, outer ones first."""
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _entries(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _entries(item)


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for part in pair:
                yield from _scalars(part)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.ScalarNode):
        yield node


def _follows(text: str, name: str, after: str) -> bool:
    """Return whether a page stands in the same list as another, directly after it."""

    def lists(node: object) -> Iterator[list[object]]:
        if isinstance(node, list):
            yield [item.get("file") for item in node if isinstance(item, dict)]
        for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from lists(inner)

    try:
        found = list(lists(yaml.safe_load(text)))
    except yaml.YAMLError:
        return False
    return any(name in pages and pages.index(name) == pages.index(after) + 1 for pages in found if after in pages)
