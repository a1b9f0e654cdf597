"""The rendered pages of the book as one document for paper: title page, contents, chapters, links inside.

The pages themselves are joined, not rendered a second time: numbers of sections, figures and equations are those of
the book, and what a page shows is what is printed.  (Sphinx's own ``singlehtml`` gives two sections of the same name
in different chapters one anchor, and does not know the nodes of half of the extensions.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from kdbook.markup import html
from kdbook.project import BookError

TOP = "page"
"""The anchor of a page as a whole."""
_MATHEMATICS = "MathJax|mathjax"
_DROPPED = {"script", "button", "noscript", "iframe"}
_DROPPED_CLASSES = {"headerlink", "copybtn", "kd-not-on-paper"}
_POINTING = ("aria-labelledby", "aria-describedby", "aria-controls", "for")


def anchor(page: str, name: str = TOP) -> str:
    """Return what an anchor of a page is called in the whole document."""
    return f"{name}--{page}"


def document(
    folder: Path, pages: Sequence[str], title: str, front: str, running: Mapping[str, str] | None = None
) -> str:
    """Return the pages as one HTML document.

    Parameters
    ----------
    folder : Path
        The rendered book.
    pages : sequence of str
        Names of the pages, in order.
    title : str
        Of the document.
    front : str
        HTML that comes first.
    running : mapping of str to str, optional
        The running title of each page; without it there are none, and no page numbers.
    """
    read = {page: _page(folder, page) for page in pages}
    articles = [_article(folder, tree, page, set(pages)) for page, tree in read.items()]
    known = {name for article in articles for name in article.xpath("descendant-or-self::*/@id")}
    for link in (link for article in articles for link in article.xpath(".//a[starts-with(@href, '#')]")):
        if link.get("href")[1:] not in known:
            _make_text(link)
    body = "".join(map(html.outer, articles))
    head = "\n".join(dict.fromkeys(part for tree in read.values() for part in _head(folder, tree)))
    styles = "".join(_running_title(page, text) for page, text in (running or {}).items())
    return (
        '<!DOCTYPE html>\n<html lang="en" data-theme="light" data-mode="light" class="kd-paper">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{escape(title)}</title>\n{head}\n<style>{styles}</style>\n</head>\n'
        f'<body>\n{front}\n<main class="kd-book">\n{body}\n</main>\n</body>\n</html>\n'
    )


def heading(folder: Path, page: str) -> str:
    """Return the first heading of a page as HTML, with its number and without an anchor."""
    tree = _page(folder, page)
    for first in (tree.xpath("//article//h1") or tree.xpath("//h1"))[:1]:
        for tag in first.find_class("headerlink"):
            tag.drop_tree()
        return html.inner(first).strip()
    return escape(page)


def plain(markup: str) -> str:
    """Return the text of a piece of HTML."""
    return str(html.piece(markup).text_content()).strip()


def _page(folder: Path, page: str) -> Any:
    path = folder / f"{page}.html"
    if not path.is_file():
        raise BookError(f"the book has no page {page}: run 'make book' (or 'kdcore build') again")
    return html.page(path.read_text(encoding="utf-8"))


def _head(folder: Path, tree: Any) -> list[str]:
    """Return style sheets and MathJax, with files of the book by their full address."""
    kept = []
    for tag in tree.xpath("//head//*[self::link or self::script]"):
        wanted = (
            tag.get("rel") == "stylesheet"
            if tag.tag == "link"
            else re.search(_MATHEMATICS, f"{tag.get('src', '')}{tag.text or ''}")
        )
        if wanted:
            _address(folder, tag)
            kept.append(html.outer(tag))
    return kept


def _article(folder: Path, tree: Any, page: str, pages: set[str]) -> Any:
    """Return what a page says, with anchors that are its own in the whole document."""
    articles = [article for article in tree.iter("article") if "bd-article" in article.classes]
    if not articles:
        raise BookError(f"the page {page} has no article: which theme is this?")
    article = articles[0]
    for tag in [tag for tag in article.iterdescendants("*") if _is_for_screens_alone(tag)]:
        tag.drop_tree()
    for cell in article.find_class("tag_parameters"):
        for fold in cell.findall("details"):
            fold.drop_tag()
    _without_downloads(article)
    _solutions_last(article)
    seen: set[str] = set()
    for tag in article.iterdescendants("*"):
        _address(folder, tag)
        _rename(tag, page, seen)
        if tag.tag == "a" and "href" in tag.attrib:
            _point(tag, page, pages)
        elif tag.tag == "details":
            tag.set("open", "")
        elif tag.tag == "use" and tag.get("href", "").startswith("#"):
            tag.set("href", "#" + anchor(page, tag.get("href")[1:]))
    article.tag = "section"
    article.set("class", "bd-article kd-page")
    article.set("id", anchor(page))
    article.set("style", f"page: {_style_name(page)}")
    return article


def _is_for_screens_alone(tag: Any) -> bool:
    """Return whether paper has no use for an element: a button, an anchor's sign, a folded cell.

    Folded cells draw the figure after them, or import.  The parameters stay: without their values the other cells say
    little.
    """
    classes = set(tag.classes)
    if tag.tag in _DROPPED or classes & _DROPPED_CLASSES or "thebe" in tag.get("class", ""):
        return True
    if tag.tag == "details":
        cell = set(tag.getparent().classes)
        return cell >= {"cell", "tag_hide-input"} and "tag_parameters" not in cell
    return tag.tag == "summary" and any("tag_parameters" in above.classes for above in tag.iterancestors("*"))


def _without_downloads(article: Any) -> None:
    """Remove links to files, from captions with the commas between them; elsewhere their text stays."""
    for link in [link for link in article.find_class("download") if link.tag == "a"]:
        if next(link.iterancestors("figcaption"), None) is None:
            link.drop_tag()
        else:
            link.tail = re.sub(r"^\s*[,.]\s*", "", link.tail or "")
            link.drop_tree()


def _solutions_last(article: Any) -> None:
    """Move the answers to the questions of a quiz to the end of the page, so that it can be handed out as a test."""
    questions = [quiz for quiz in article.iter("fieldset") if "quiz" in quiz.classes]
    if not questions:
        return
    section = etree.SubElement(article, "section", {"class": "quiz-solutions"})
    etree.SubElement(section, "h2").text = "Answers"
    for quiz in questions:
        numbers = (number.text_content() for number in quiz.find_class("quiz-number"))
        etree.SubElement(section, "h3").text = " ".join(numbers)
        section.extend([reasons for reasons in quiz.iter("ol") if "quiz-reasons" in reasons.classes])
        for key in [key for key in quiz.iter("details") if "quiz-key" in key.classes]:
            key.drop_tree()


def _address(folder: Path, tag: Any) -> None:
    for name in ("src", "href") if tag.tag == "link" else ("src",):
        source = tag.get(name, "")
        if source and not urlsplit(source).scheme:
            tag.set(name, (folder / unquote(urlsplit(source).path)).resolve().as_uri())


def _rename(tag: Any, page: str, seen: set[str]) -> None:
    """Make the anchors of a tag, and what points to anchors, the page's own."""
    for attribute, value in list(tag.attrib.items()):
        if attribute == "id" and value in seen:
            del tag.attrib["id"]
        elif attribute == "id":
            seen.add(value)
            tag.set("id", anchor(page, value))
        elif attribute in _POINTING:
            tag.set(attribute, " ".join(anchor(page, word) for word in value.split()))
        elif "url(#" in value:
            tag.set(attribute, re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{anchor(page, match[1])})", value))


def _point(link: Any, page: str, pages: set[str]) -> None:
    """Make a link lead to its place in the whole document; one that leads out of the book into a file is text."""
    parts = urlsplit(link.get("href"))
    if parts.scheme or parts.netloc:
        return
    target = parts.path.removesuffix(".html") if parts.path else page
    if target in pages:
        link.set("href", "#" + anchor(target, unquote(parts.fragment) or TOP))
    else:
        _make_text(link)


def _make_text(link: Any) -> None:
    """Keep the words of a link that leads nowhere, or its part of a drawing."""
    link.tag = "g" if next(link.iterancestors("svg"), None) is not None else "span"
    del link.attrib["href"]


def _style_name(page: str) -> str:
    return "kd-" + re.sub(r"[^\w-]", "-", page)


def _running_title(page: str, text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return f'@page {_style_name(page)} {{ @top-right {{ content: "{quoted}" }} }}\n'
