r"""The ``fold`` directive: a step of a proof, closed until a reader opens it.

A fold has a title, and a name where something links to it::

    ````{fold} Proof, step 2: what one letter costs
    :name: step-mm-2

    The bracket is largest at $p=\frac1{n+1}$.
    ````

``book/_static/js/folds.js`` opens those that a link leads into, and all of them in print or at a press; without scripts
a browser opens each at a click.  Cells that check a step fold, too: :mod:`kdbook.execution.checks` says how.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

CLASS = "fold"


class FoldBox(nodes.container):  # type: ignore[misc]
    """What folds: its first child is the title."""


class FoldTitle(nodes.rubric):  # type: ignore[misc]
    """What one presses."""


class Fold(SphinxDirective):
    """A fold with a title."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = {"name": directives.unchanged_required}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the fold, or raise the error that names what is missing."""
        self.assert_has_content()
        words, messages = self.state.inline_text(self.arguments[0], self.lineno)
        box = FoldBox(classes=[CLASS])
        self.set_source_info(box)
        box += FoldTitle(self.arguments[0], "", *words)
        self.state.nested_parse(self.content, self.content_offset, box)
        self.add_name(box)
        return [box, *messages]


def _visit_box(writer: Any, node: FoldBox) -> None:
    writer.body.append(writer.starttag(node, "details", CLASS=""))


def _depart_box(writer: Any, _node: FoldBox) -> None:
    writer.body.append("</details>\n")


def _visit_title(writer: Any, node: FoldTitle) -> None:
    writer.body.append(writer.starttag(node, "summary", "", CLASS=""))


def _depart_title(writer: Any, _node: FoldTitle) -> None:
    writer.body.append("</summary>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; writers other than HTML's treat the parts as the containers and rubrics they are."""
    app.add_node(FoldBox, html=(_visit_box, _depart_box))
    app.add_node(FoldTitle, html=(_visit_title, _depart_title))
    app.add_directive("fold", Fold)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
