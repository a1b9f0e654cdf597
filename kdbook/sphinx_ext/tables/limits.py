"""``{limits-table} tv`` and ``{limits-table} kl``: what is known of each protocol, from ``limits.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kdbook.project import BookError

FILE = "limits.yml"
DISTANCES = ("tv", "kl")
CELLS = {"lower": "At least", "upper": "At most", "constant": "Constant", "exact": "Exactly"}
"""What is known of a protocol, and the head of its column."""
STATUSES = {"proved": "proof", "cited": "cited", "computed": "computed", "open": ""}
"""How something is known, and the words of its link unless it has some of its own."""
_ROW, _CELL = {"protocol", "shows", *DISTANCES}, {"says", "status", "at", "words"}


def read_limits(book: Path) -> list[dict[str, Any]]:
    """Return the rows of ``limits.yml``: a protocol, what it shows, and the cells of each distance.

    Raises
    ------
    BookError
        If a row or a cell has other fields than it should, or is not linked although it is known.
    """
    rows: list[dict[str, Any]] = yaml.safe_load((book / FILE).read_text(encoding="utf-8"))
    for row in rows:
        _check(row, _ROW, "a row", row.get("protocol", row))
        for distance in DISTANCES:
            cells = row[distance]
            _check(cells, set(CELLS), f"{distance} of a row", row["protocol"])
            for name, cell in cells.items():
                where = f"{row['protocol']}, {distance}, {name}"
                if not {"status"} <= set(cell) <= _CELL:
                    raise BookError(f"{FILE}: a cell has the fields {', '.join(sorted(_CELL))}: {where} has {cell}")
                if cell["status"] not in STATUSES:
                    raise BookError(f"{FILE}: {where} is {cell['status']!r}; known are {', '.join(STATUSES)}")
                if cell["status"] != "open" and not {"says", "at"} <= set(cell):
                    raise BookError(f"{FILE}: {where} is {cell['status']}, so it must say what, and at which label")
    return rows


def _check(found: dict[str, Any], fields: set[str], what: str, where: Any) -> None:
    if set(found) != fields:
        raise BookError(f"{FILE}: {what} must have the fields {', '.join(sorted(fields))}: {where} has {set(found)}")


def limits_table(rows: list[dict[str, Any]], distance: str) -> str:
    """Return the table of one distance in Markdown, each cell with a link to where it is proved."""
    lines = [f"| What is shown | {' | '.join(CELLS.values())} |", "|:--" * (len(CELLS) + 1) + "|"]
    for row in rows:
        cells = [_cell(row[distance][name]) for name in CELLS]
        lines.append(f"| **{row['protocol']}**: {row['shows']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(cell: dict[str, str]) -> str:
    says = cell.get("says", "")
    if cell["status"] == "open":
        return f"{says}, open" if says else "open"
    words, label = cell.get("words", STATUSES[cell["status"]]), cell["at"]
    if cell["status"] == "cited":
        return f"{says} ({{cite:t}}`{label}`)"
    if label.startswith(("thm-", "prop-", "cor-", "lem-")):
        return f"{says} ({{prf:ref}}`{words} <{label}>`)"
    return f"{says} ([{words}]({label}))"


class LimitsTable(SphinxDirective):
    """The table of one distance."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        (distance,) = self.arguments
        if distance not in DISTANCES:
            raise self.error(f"limits-table: known are {', '.join(DISTANCES)}, got {distance!r}")
        book = Path(self.env.srcdir)
        self.env.note_dependency(str(book / FILE))
        return self.parse_text_to_nodes(limits_table(read_limits(book), distance))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("limits-table", LimitsTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
