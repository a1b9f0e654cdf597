"""A Sphinx extension: mends what others write of boxes and of the bibliography, which HTML does not allow.

It comes after sphinx-proof in ``_config.yml``.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_proof.nodes import unenumerable_node

_CONTENTS = {"proof-content", "exercise-content", "solution-content"}
"""The ids that sphinx-proof and sphinx-exercise give to the contents of every box alike."""
TEXT = "proof-text"
"""The class of a proof, which is no box: look.css leaves it as it is."""


class MendBoxes(SphinxPostTransform):
    """Leave each id to one element of a page."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_: Any) -> None:
        """Transform one document."""
        for content in self.document.findall(nodes.section):
            content["ids"] = [name for name in content["ids"] if name not in _CONTENTS]
        for proof in self.document.findall(nodes.admonition):
            if proof["ids"] == ["proof"]:
                proof["ids"] = []
                proof["classes"].append(TEXT)
        for box in self.document.findall(unenumerable_node):
            box[0]["ids"] = [name for name in box[0]["ids"] if name not in box["ids"]]


def _begin_box(translator: Any, node: nodes.Element) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="admonition"))
    node["title-tag"] = len(translator.body)


def _end_box(translator: Any, node: nodes.Element) -> None:
    """End a box, and begin its title with what it is: sphinx-proof looks for the title by the id that it has not."""
    kind = f'<span class="caption-number">{node["realtype"].title()} </span>'
    translator.body.insert(node["title-tag"] + 1, kind)
    translator.body.append("</div>")


def _begin_citation(translator: Any, node: nodes.Element) -> None:
    """Begin an entry of the bibliography, without the roles of docutils: one is deprecated, one not for a div."""
    if not isinstance(node.previous_sibling(), nodes.citation):
        translator.body.append('<div class="citation-list">\n')
    translator.body.append(translator.starttag(node, "div", CLASS="citation"))


def _end_citation(translator: Any, node: nodes.Element) -> None:
    translator.body.append("</div>\n")
    if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
        translator.body.append("</div>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(MendBoxes)
    app.add_node(unenumerable_node, override=True, html=(_begin_box, _end_box))
    app.add_node(nodes.citation, override=True, html=(_begin_citation, _end_citation))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
