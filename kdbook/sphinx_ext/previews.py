"""What a link leads to, shown where the link is: statements, equations, citations, terms and symbols.

When the pages are written, the elements that links can lead to are collected into one script, ``_static/previews.js``,
which a page loads when a reader first rests on a link (a page on disk cannot fetch another page).
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from kdbook.markup import html

FILE = "previews.js"
_TAGS = ("div", "dt", "tr")
_CLASSES = {"proof", "exercise", "math", "citation"}
_PREFIXES = ("term-", "sym-")
_WHITESPACE = re.compile(r"\s+")


def targets(page: str, text: str) -> dict[str, str]:
    """Return the elements of a page that links lead to, by ``page.html#id``, with links that work on other pages.

    They are statements, exercises, equations, entries of the bibliography, terms and symbols.

    Parameters
    ----------
    page : str
        The page's name.
    text : str
        Its HTML.
    """
    found = {}
    for element in html.page(text).iter(*_TAGS):
        identifier = element.get("id", "")
        if identifier and (_CLASSES & set(element.classes) or identifier.startswith(_PREFIXES)):
            shown = _with_meaning(element) if element.tag == "dt" else [element]
            found[f"{page}.html#{identifier}"] = "".join(_preview(page, part) for part in shown)
    return found


def _with_meaning(term: Any) -> list[Any]:
    """Return a term and what follows it up to what it means, without which it says nothing."""
    shown = [term]
    for element in term.itersiblings():
        shown.append(element)
        if element.tag == "dd":
            return shown
    raise ValueError(f"a term without what it means: {term.text_content()!r}")


def _preview(page: str, element: Any) -> str:
    """Return an element as HTML, as it is shown on another page; outside of code, in one line."""
    shown = deepcopy(element)
    for extra in [*shown.find_class("uses"), *shown.find_class("headerlink")]:
        extra.drop_tree()
    for part in shown.iter():
        for attribute in ("id", "role"):
            part.attrib.pop(attribute, None)
        if part.get("href", "").startswith("#"):
            part.set("href", f"{page}.html{part.get('href')}")
    code = {part for block in shown.iter("pre") for part in block.iter()}
    for part in shown.iter():
        if part not in code:
            part.text = _WHITESPACE.sub(" ", part.text or "")
        if part.getparent() not in code:
            part.tail = _WHITESPACE.sub(" ", part.tail or "")
    return html.outer(shown)


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the script of previews once all pages are there."""
    if error is not None or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    found: dict[str, str] = {}
    for page in sorted(app.env.found_docs):
        if (folder / f"{page}.html").is_file():
            found |= targets(page, (folder / f"{page}.html").read_text(encoding="utf-8"))
    text = json.dumps(found, ensure_ascii=False, indent=0, sort_keys=True).replace("</", "<\\/")
    (folder / "_static" / FILE).write_text(f"window.kdPreviews = {text};\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
