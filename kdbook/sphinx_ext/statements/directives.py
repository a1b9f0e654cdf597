"""Directives of the statement map: ``{statement-table}``, and ``{statement-graph}`` with a list of the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kdbook.palette import variable
from kdbook.sphinx_ext.folds import CLASS as FOLD
from kdbook.sphinx_ext.folds import FoldBox, FoldTitle
from kdbook.sphinx_ext.statements.drawing import KINDS, drawings
from kdbook.sphinx_ext.statements.listed import FILE, Statement, only, read_statements, users

OURS = "ours"
LIST = "statement-uses"


def row_id(anchor: str) -> str:
    """Return the id of a statement's row in the map."""
    return f"map-{anchor}"


def reference(statement: Statement) -> str:
    """Return a reference to a statement's box, called as the list calls it."""
    role = "ref" if statement.anchor.startswith(("fig-", "tab-")) else "prf:ref"
    return f"{{{role}}}`{statement.item} <{statement.anchor}>`"


def statement_table(listed: Iterable[Statement], tight: bool) -> str:
    """Return statements as a Markdown table, each linked to its box.

    Parameters
    ----------
    listed : iterable of Statement
        The statements.
    tight : bool
        Whether a column says how tight they are.
    """
    heads = ["Item", "What it says", "Chapter", "Checked by", *["How tight"] * tight]
    lines = [f"| {' | '.join(heads)} |", "|:--" * len(heads) + "|"]
    for one in listed:
        item = f'<span id="{row_id(one.anchor)}"></span>{reference(one)}'
        cells = [item, one.says, f"{{doc}}`/{one.chapter}`", ", ".join(one.checked), *[one.tight] * tight]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def list_of_uses(listed: Sequence[Statement]) -> str:
    """Return Markdown that says of each statement what it uses and what uses it."""
    by_anchor = {one.anchor: one for one in listed}
    used_by = users(listed)
    lines, alone = [], []
    for one in listed:
        uses, users_of = [by_anchor[anchor] for anchor in one.uses], used_by[one.anchor]
        said = [
            f"{word} {', '.join(map(reference, some))}"
            for word, some in (("uses", uses), ("used by", users_of))
            if some
        ]
        if said:
            lines.append(f"- {reference(one)} {'; '.join(said)}")
        else:
            alone.append(reference(one))
    if alone:
        lines += ["", f"Neither uses one of these nor is used by one: {', '.join(alone)}."]
    return "\n".join(lines) + "\n"


class _OfStatements(SphinxDirective):
    def listed(self) -> list[Statement]:
        """Return the statements; the page is read again when their list changes."""
        book = Path(self.env.srcdir)
        self.env.note_dependency(str(book / FILE))
        return read_statements(book)


class StatementTable(_OfStatements):
    """The paper's statements as a table, or with the argument ``ours`` the book's own."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table, made of ``statements.yml`` beside the pages."""
        wanted = self.arguments[0] if self.arguments else ""
        if wanted not in ("", OURS):
            raise self.error(f"statement-table: the argument may be {OURS!r} or nothing, got {wanted!r}")
        shown = [one for one in self.listed() if one.ours == bool(wanted)]
        return self.parse_text_to_nodes(statement_table(shown, tight=not wanted))


class StatementGraph(_OfStatements):
    """What rests on what, of the statements on pages that the book has: a picture, and a fold with a list."""

    def run(self) -> list[nodes.Node]:
        """Return both, or nothing if the book has no statements."""
        listed = only(self.listed(), self.env.found_docs)
        if not listed:
            return []
        title = f"As a list: what each of {len(listed)} statements uses, and what uses it"
        fold = FoldBox(classes=[FOLD, LIST])
        self.set_source_info(fold)
        fold += FoldTitle(title, title)
        fold += self.parse_text_to_nodes(list_of_uses(listed))
        return [nodes.raw("", "".join(self._picture(listed)), format="html"), fold]

    def _picture(self, listed: Sequence[Statement]) -> Iterator[str]:
        def address(one: Statement) -> str:
            return f"{self.env.app.builder.get_relative_uri(self.env.docname, one.chapter)}#{one.anchor}"

        yield '<div class="statement-graph">\n<ul class="graph-legend">\n'
        for found in KINDS:
            color = f"--kind: var({variable(found.color)})"
            yield f'<li><span class="letter" style="{color}">{found.letter}</span> {escape(found.words)}</li>\n'
        yield '<li><span class="corners papers"></span> of the paper</li>\n'
        yield '<li><span class="corners ours"></span> the book’s own</li>\n'
        yield '</ul>\n<p class="graph-sign">The picture goes on to the right: scroll it sideways.</p>\n'
        yield '<div class="graph-frame" role="group" aria-label="What rests on what">'
        yield from drawings(listed, address)
        yield "</div>\n</div>\n"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("statement-table", StatementTable)
    app.add_directive("statement-graph", StatementGraph)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
