"""``{record}``: the record of the build on a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kdbook.site import record
from kdbook.sphinx_ext.doctrees import parsed


class RecordDirective(SphinxDirective):
    """The record of the build, with headings of its own."""

    def run(self) -> list[nodes.Node]:
        """Return the record as the build left it."""
        path = Path(self.env.srcdir) / record.FILE
        self.env.note_dependency(str(path))
        runs = record.from_text(path.read_text(encoding="utf-8"))
        return parsed(self, record.record_page(runs))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive(record.DIRECTIVE, RecordDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
