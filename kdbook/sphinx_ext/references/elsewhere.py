"""References to pages that the book leaves out become words, with a link to the whole book if it has an address.

``elsewhere.yml`` among the pages says what is there; staging makes it, :mod:`kdbook.markup.elsewhere` reads it.  What
stands nowhere, not even there, stays what it is, and Sphinx warns of it.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from kdbook.markup import elsewhere
from kdbook.markup.elsewhere import Elsewhere, Place
from kdbook.markup.labels import citation, works
from kdbook.sphinx_ext.doctrees import read_again_with

CLASS = "elsewhere"
_BIBLIOGRAPHY = "references.bib"
_DECKS = "slides"


class RefersElsewhere(SphinxPostTransform):
    """Replace references to pages that are left out, before others look for their targets and warn."""

    default_priority = 4

    def run(self, **_: Any) -> None:
        """Transform one document."""
        there = _there(self.app)
        if not (there.pages or there.labels or there.terms):
            return
        for reference in list(self.document.findall(addnodes.pending_xref)):
            if reference.get("refdomain") == "cite":
                self._cite(reference, there)
            elif place := self._place(reference, there):
                reference.replace_self(_words(reference, place, there.address))
        for link in list(self.document.findall(nodes.raw)):
            if link.get("format") == "html":
                link.replace_self(nodes.raw("", _without_links(link.astext(), there), format="html"))

    def _place(self, reference: addnodes.pending_xref, there: Elsewhere) -> Place | None:
        target, kind = reference["reftarget"], reference["reftype"]
        if kind == "term":
            return there.terms.get(" ".join(target.lower().split()))
        if kind in ("myst", "doc"):
            path, _, label = target.partition("#")
            page = path.lstrip("/").removesuffix(".ipynb").removesuffix(".md")
            page = page if page in there.pages else str(PurePosixPath(self.env.docname).parent / page)
            if page in there.pages:
                return Place(page, reference.get("reftargetid") or label, there.pages[page])
        return there.labels.get(target)

    def _cite(self, reference: addnodes.pending_xref, there: Elsewhere) -> None:
        """Replace a citation, if the page with the bibliography is left out and knows the works."""
        path = Path(self.app.srcdir) / _BIBLIOGRAPHY
        if there.bibliography not in there.pages or not path.is_file():
            return
        known = works(path)
        keys = [key.strip() for key in reference["reftarget"].split(",")]
        if all(key in known for key in keys):
            words = citation(reference["reftype"], [known[key] for key in keys])
            place = Place(there.bibliography, "", words)
            reference.replace_self(_linked(nodes.Text(words), place, there.address))


class PicturesElsewhere(SphinxTransform):
    """Put words in the place of pictures that chapters draw which are left out."""

    default_priority = 400

    def apply(self, **_: Any) -> None:
        """Transform one document."""
        there = _there(self.app)
        for image in list(self.document.findall(nodes.image)):
            path = PurePosixPath(image["uri"])
            if path.stem in there.figures and not (Path(self.app.srcdir) / path).is_file():
                words = f"The picture is left out, as the chapter that draws it is. {image.get('alt', '')}".strip()
                image.replace_self(nodes.paragraph("", words, classes=[CLASS]))


def _there(app: Sphinx) -> Elsewhere:
    return elsewhere.read(Path(app.srcdir))


def _words(reference: addnodes.pending_xref, place: Place, address: str) -> nodes.Node:
    """Return what stands in the place of a reference: its own words, or what the place is called."""
    own = reference.get("refexplicit") and not any(form in reference.astext() for form in ("{number}", "{name}", "%s"))
    if own and reference.children:
        content = reference.children[0]
        shown = nodes.inline(
            "", "", *[child.deepcopy() for child in content.children] or [nodes.Text(content.astext())]
        )
    else:
        shown = nodes.Text(_capital(place.words) if _begins_sentence(reference) else place.words)
    return _linked(shown, place, address)


def _linked(shown: nodes.Node, place: Place, address: str) -> nodes.Node:
    if not address:
        return nodes.inline("", "", shown, classes=[CLASS])
    fragment = f"#{place.anchor}" if place.anchor else ""
    target = f"{address}{place.page}.html{fragment}"
    return nodes.reference("", "", shown, refuri=target, internal=False, classes=[CLASS])


def _begins_sentence(node: nodes.Node) -> bool:
    before = "".join(other.astext() for other in node.parent.children[: node.parent.index(node)]).rstrip()
    return isinstance(node.parent, nodes.paragraph) and (not before or before[-1] in ".?!:")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


class _Tags(HTMLParser):
    """Notes the tags of links as they are written, each with its address."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.found.append((self.get_starttag_text() or "", target))


def _without_links(text: str, there: Elsewhere) -> str:
    """Return HTML whose links to pages and decks that are left out lead to the whole book, or nowhere."""
    tags = _Tags()
    tags.feed(text)
    for tag, target in tags.found:
        parts = urlsplit(target)
        page = parts.path.removeprefix(f"{_DECKS}/").removesuffix(".html")
        if not parts.scheme and not parts.netloc and page in there.pages:
            text = text.replace(tag, f'<a href="{there.address}{target}">' if there.address else "<a>")
    return text


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_post_transform(RefersElsewhere)
    app.add_transform(PicturesElsewhere)
    app.connect("source-read", read_again_with(elsewhere.FILE))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
