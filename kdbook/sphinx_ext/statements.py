"""The paper's numbered items: one list, which ``{statement-table}`` shows; and statements in the inventory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from kdbook.project import BookError
from kdbook.sphinx_ext import numbers

FILE = "statements.yml"
_FIELDS = {"item", "says", "anchor", "chapter", "checked", "tight"}
_WAYS = ("definition", "proof", "symbolic", "exact", "simulation")


def read_statements(book: Path) -> list[dict[str, Any]]:
    """Return the items of ``statements.yml``.

    Raises
    ------
    BookError
        If an entry has other fields than it should, or an unknown way to be checked.
    """
    entries: list[dict[str, Any]] = yaml.safe_load((book / FILE).read_text(encoding="utf-8"))
    for entry in entries:
        if set(entry) != _FIELDS:
            raise BookError(f"{FILE}: an entry must have the fields {', '.join(sorted(_FIELDS))}, got {entry}")
        unknown = set(entry["checked"]) - set(_WAYS)
        if unknown:
            raise BookError(f"{FILE}: {entry['item']} is checked by {unknown}; known are {', '.join(_WAYS)}")
    return entries


def row_id(anchor: str) -> str:
    """Return the id of a statement's row in the map."""
    return f"map-{anchor}"


def statement_table(entries: list[dict[str, Any]]) -> str:
    """Return the map as a Markdown table, each item linked to its anchor."""
    lines = ["| Item | What it says | Chapter | Checked by | How tight |", "|:--|:--|:--|:--|:--|"]
    for entry in entries:
        role = "ref" if entry["anchor"].startswith(("fig-", "tab-")) else "prf:ref"
        link = f"{{{role}}}`{entry['item']} <{entry['anchor']}>`"
        checked = ", ".join(entry["checked"])
        item = f'<span id="{row_id(entry["anchor"])}"></span>{link}'
        lines.append(f"| {item} | {entry['says']} | [](/{entry['chapter']}.ipynb) | {checked} | {entry['tight']} |")
    return "\n".join(lines) + "\n"


class StatementTable(SphinxDirective):
    """The map as a table."""

    def run(self) -> list[nodes.Node]:
        """Return the table, made of ``statements.yml`` beside the pages."""
        book = Path(self.env.srcdir)
        self.env.note_dependency(str(book / FILE))
        return self.parse_text_to_nodes(statement_table(read_statements(book)))


def list_in_inventory(app: Sphinx) -> Iterator[Any]:
    """Give the inventory, ``objects.inv``, every statement as a label, so that other projects can link to it.

    sphinx-proof has references of its own inside the book and lists nothing.  It is done just before the inventory is
    written, and undone after: inside the book a label would be a second target.
    """
    env = app.env
    book = Path(app.srcdir)
    entries = read_statements(book) if (book / FILE).is_file() else []
    of_the_paper = {entry["anchor"]: entry["item"] for entry in entries}
    named = numbers.numbers(env) | of_the_paper
    labels = env.get_domain("std").labels  # type: ignore[attr-defined]
    for label, statement in getattr(env, "proof_list", {}).items():
        if label not in labels:
            labels[label] = (
                statement["docname"],
                label,
                named.get(label, f"{statement['realtype'].title()} ({label})"),
            )
            _added(env).add(label)
    yield from ()


def forget(app: Sphinx, _error: Exception | None) -> None:
    """Take the labels of statements out again."""
    for label in _added(app.env):
        app.env.get_domain("std").labels.pop(label, None)  # type: ignore[attr-defined]
    _added(app.env).clear()


def _added(env: BuildEnvironment) -> set[str]:
    if not hasattr(env, "kdcore_added_labels"):
        env.kdcore_added_labels = set()  # type: ignore[attr-defined]
    added: set[str] = env.kdcore_added_labels  # type: ignore[attr-defined]
    return added


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("statement-table", StatementTable)
    app.connect("html-collect-pages", list_in_inventory)
    app.connect("build-finished", forget, priority=100)  # before the environment is stored
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
