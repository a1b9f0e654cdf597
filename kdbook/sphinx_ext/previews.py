"""What a link leads to, shown where the link is: statements, equations, citations, terms and symbols.

When the pages are written, the elements that links can lead to are collected into one script, ``_static/previews.js``,
which a page loads when a reader first rests on a link (a page on disk cannot fetch another page).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from kdbook.markup.html import element_end

FILE = "previews.js"
# An element that links lead to: a statement, exercise or equation, an entry of the bibliography, a term, a symbol.
_TARGET = re.compile(r'<(?P<tag>div|dt|tr)\b[^>]*?\bid="(?P<id>[^"]+)"[^>]*>')
_WANTED = re.compile(r'class="(?:[^"]* )?(?:proof|exercise|math|citation)[ "]|id="(?:term|sym)-')


def targets(page: str, html: str) -> dict[str, str]:
    """Return the elements of a page that links lead to, by ``page.html#id``, with links that work on other pages.

    Parameters
    ----------
    page : str
        The page's name.
    html : str
        Its text.
    """
    found = {}
    for match in _TARGET.finditer(html):
        if not _WANTED.search(match[0]):
            continue
        end = element_end(html, match["tag"], match.start())
        if match["tag"] == "dt":  # a term without what it means says nothing
            end = element_end(html, "dd", html.index("<dd", end))
        element = html[match.start() : end]
        element = re.sub(r'<p class="uses">.*?</p>', "", element, flags=re.DOTALL)
        element = re.sub(r'<a class="headerlink".*?</a>', "", element, flags=re.DOTALL)
        element = element.replace('href="#', f'href="{page}.html#')
        element = re.sub(r'\s(?:id|role)="[^"]*"', "", element)
        found[f"{page}.html#{match['id']}"] = " ".join(element.split())
    return found


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
