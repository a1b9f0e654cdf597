"""The statement map: one list of the paper's numbered items, which ``{statement-table}`` shows as a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kdbook.project import BookError

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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("statement-table", StatementTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
