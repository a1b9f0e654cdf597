"""The ``stepped-figure`` directive: one figure in frames, walked through on a screen, side by side on paper.

The frames are figure directives inside it; the first paragraph is the caption of the whole::

    ````{stepped-figure}
    :name: fig-fill

    A table fills up as samples arrive.

    ```{figure} figures/fig-fill-1.svg
    :alt: An empty table of seven rows and six columns.
    Nothing has been drawn yet.
    ```

    ```{figure} figures/fig-fill-2.svg
    :alt: The same table with four cells filled.
    After four samples four pairs are known.
    ```
    ````

The whole has one number.  The HTML has all frames; ``book/_static/js/steps.js`` shows one at a time.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class StepsFrames(nodes.container):  # type: ignore[misc]
    """All frames of a stepped figure; ``label`` is what a frame is called."""


class StepsFrame(nodes.container):  # type: ignore[misc]
    """One frame: an image and its sentence."""


class StepsSentence(nodes.paragraph):  # type: ignore[misc]
    """What a frame shows, after its place in the row and before its files."""


class SteppedFigure(SphinxDirective):
    """A stepped figure."""

    has_content = True
    option_spec = {"name": directives.unchanged_required, "label": directives.unchanged_required}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the figure, or raise the error that names what is missing."""
        self.assert_has_content()
        content = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, content)
        messages = [child for child in content if isinstance(child, nodes.system_message)]
        children = [child for child in content if child not in messages]
        if not children or not isinstance(children[0], nodes.paragraph):
            raise self.error("stepped-figure: the first paragraph must be the caption of the whole")
        caption, *figures = children
        for figure in figures:
            if not isinstance(figure, nodes.figure):
                raise self.error(f"stepped-figure: after the caption only figures are allowed, got a {figure.tagname}")
        if len(figures) < 2:
            raise self.error(f"stepped-figure: at least two frames are needed, got {len(figures)}")
        label = self.options.get("label", "Step")
        frames = StepsFrames(classes=["steps-frames"], label=label)
        for place, figure in enumerate(figures, start=1):
            frames += self._frame(figure, f"{label} {place} of {len(figures)}")
        whole = nodes.figure(classes=["steps"])
        whole += [frames, nodes.caption(caption.rawsource, "", *caption.children)]
        self.set_source_info(whole)
        self.add_name(whole)
        return [whole, *messages]

    def _frame(self, figure: nodes.figure, place: str) -> StepsFrame:
        image = next(iter(figure.findall(nodes.image)))
        caption = next(iter(figure.findall(nodes.caption)), None)
        where = f"stepped-figure: {place.lower()}, {image['uri']},"
        if figure["names"] or image["names"]:
            raise self.error(f"{where} must have no name: the whole has one")
        if not image.get("alt", "").strip():
            raise self.error(f"{where} has no alternative text: add ':alt: …'")
        if caption is None:
            raise self.error(f"{where} has no sentence that says what is new in it")
        sentence = StepsSentence()
        sentence += [nodes.inline("", f"{place}.", classes=["steps-place"]), nodes.Text(" ")]
        sentence += nodes.inline("", "", *caption.children, classes=["steps-text"])
        sentence += _files(image["uri"])
        frame = StepsFrame(classes=["steps-frame"])
        frame.extend([image, sentence])
        return frame


def _files(uri: str) -> list[nodes.Node]:
    """Return links to a frame's drawing and data, if it is one of the book's figures."""
    path = PurePosixPath(uri)
    if path.parent.name != "figures":
        return []
    files = nodes.inline(classes=["steps-files"])
    for text, ending in (("SVG", ".svg"), ("data (CSV)", ".csv")):
        link = addnodes.download_reference(reftarget=str(path.with_suffix(ending)))
        link += nodes.inline("", text, classes=["download"])
        files += [link, nodes.Text(", " if ending == ".svg" else ".")]
    return [nodes.Text(" "), files]


def _visit_frames(writer: Any, node: StepsFrames) -> None:
    writer.body.append(writer.starttag(node, "div", "", CLASS="", **{"data-label": node["label"]}))


def _visit_frame(writer: Any, node: StepsFrame) -> None:
    writer.body.append(writer.starttag(node, "figure", ""))


def _visit_sentence(writer: Any, _node: StepsSentence) -> None:
    writer.body.append("<figcaption>")


def _depart_frames(writer: Any, _node: StepsFrames) -> None:
    writer.body.append("</div>\n")


def _depart_frame(writer: Any, _node: StepsFrame) -> None:
    writer.body.append("</figure>\n")


def _depart_sentence(writer: Any, _node: StepsSentence) -> None:
    writer.body.append("</figcaption>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; writers other than HTML's treat the parts as the containers and paragraphs they are."""
    app.add_node(StepsFrames, html=(_visit_frames, _depart_frames))
    app.add_node(StepsFrame, html=(_visit_frame, _depart_frame))
    app.add_node(StepsSentence, html=(_visit_sentence, _depart_sentence))
    app.add_directive("stepped-figure", SteppedFigure)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
