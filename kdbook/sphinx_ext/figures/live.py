"""The ``live`` directive: a figure with controls on a screen, a still picture on paper and without scripts.

The still picture is the figure inside it, and its caption is that of both::

    ````{live} filling
    :room: 34rem 44rem

    ```{figure} figures/fig-fill.svg
    :name: fig-fill
    :alt: A table of seven rows and six columns, half of it filled.
    A table fills up as samples arrive.
    ```
    ````

With ``:keep:`` the picture stays on the screen and the live figure comes below it.

``book/_static/live/filling.js`` says what its controls are and draws it; ``book/_static/js/live.js`` shows how.
``room`` is the height of controls and drawing in a wide and in a narrow window, kept free until scripts have run.  A
page holds the scripts of its own figures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FOLDER = "live"
"""Where the scripts are, in ``_static``."""


class LiveBox(nodes.container):  # type: ignore[misc]
    """A live figure around its still picture."""


class Live(SphinxDirective):
    """A live figure."""

    required_arguments = 1
    has_content = True
    option_spec = {"room": directives.unchanged_required, "keep": directives.flag}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the figure, or raise the error that names what is missing."""
        self.assert_has_content()
        (name,) = self.arguments
        scripts = Path(self.env.srcdir) / "_static" / FOLDER
        known = sorted(path.stem for path in scripts.glob("*.js"))
        if name not in known:
            raise self.error(f"live: there is no _static/{FOLDER}/{name}.js: known are {', '.join(known) or 'none'}")
        rooms = self.options.get("room", "").split()
        if len(rooms) not in (0, 2):
            raise self.error(f"live: room must be two heights, as in '34rem 44rem', got {self.options['room']!r}")
        classes = ["live", "live-below"] if "keep" in self.options else ["live"]
        self.env.note_dependency(str(scripts / f"{name}.js"))
        box = LiveBox(classes=classes, live=name, rooms=rooms)
        self.set_source_info(box)
        self.state.nested_parse(self.content, self.content_offset, box)
        if not any(isinstance(child, nodes.figure) for child in box):
            raise self.error("live: a figure is needed inside, which is shown on paper and without scripts")
        return [box]


def add_scripts(app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: Any) -> None:
    """Put the scripts of a page's live figures into the page: they are short, and a request costs more."""
    names = [box["live"] for box in doctree.findall(LiveBox)] if doctree is not None else []
    for name in dict.fromkeys(names):
        script = Path(app.srcdir) / "_static" / FOLDER / f"{name}.js"
        app.add_js_file(None, body=script.read_text(encoding="utf-8"), priority=2000)  # after the book's own


def _visit(writer: Any, node: LiveBox) -> None:
    style = dict(zip(("--live-room", "--live-room-phone"), node["rooms"], strict=False))
    given = {"style": "; ".join(f"{key}: {value}" for key, value in style.items())} if style else {}
    writer.body.append(writer.starttag(node, "div", CLASS="", **{"data-live": node["live"]}, **given))


def _depart(writer: Any, _node: LiveBox) -> None:
    writer.body.append("</div>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx; writers other than HTML's show the still picture."""
    app.add_node(LiveBox, html=(_visit, _depart))
    app.add_directive("live", Live)
    app.connect("html-page-context", add_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
