"""The rendered pages of the book as one document for paper: title page, contents, chapters, links inside.

The pages themselves are joined, not rendered a second time: numbers of sections, figures and equations are those of
the book, and what a page shows is what is printed.  (Sphinx's own ``singlehtml`` gives two sections of the same name
in different chapters one anchor, and does not know the nodes of half of the extensions.)
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from kdbook.project import BookError

TOP = "page"
"""The anchor of a page as a whole."""
_MATHEMATICS = "MathJax|mathjax"
_DROPPED = (
    "script, .headerlink, button, .cell.tag_hide-input:not(.tag_parameters) > details, .cell.tag_parameters summary, "
    "noscript, [class*=thebe], .copybtn, iframe, .kd-not-on-paper"
)
"""What paper has no use for: buttons, anchors' signs, and folded cells, which draw the figure after them or import.

The parameters stay: without their values the other cells say little.
"""
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
    read = {page: BeautifulSoup(_text(folder, page), "html.parser") for page in pages}
    articles = [_article(folder, soup, page, set(pages)) for page, soup in read.items()]
    known = {str(article["id"]) for article in articles}
    known |= {str(tag["id"]) for article in articles for tag in article.select("[id]")}
    for link in (link for article in articles for link in article.select("a[href^='#']")):
        if str(link["href"])[1:] not in known:
            _make_text(link)
    body = "".join(map(str, articles))
    head = "\n".join(dict.fromkeys(part for soup in read.values() for part in _head(folder, soup)))
    styles = "".join(_running_title(page, text) for page, text in (running or {}).items())
    return (
        '<!DOCTYPE html>\n<html lang="en" data-theme="light" data-mode="light" class="kd-paper">\n<head>\n'
        f'<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n{head}\n<style>{styles}</style>\n</head>\n'
        f'<body>\n{front}\n<main class="kd-book">\n{body}\n</main>\n</body>\n</html>\n'
    )


def heading(folder: Path, page: str) -> str:
    """Return the first heading of a page as HTML, with its number and without an anchor."""
    text = _text(folder, page)
    match = re.compile(r"<h1\b.*?</h1>", re.DOTALL).search(text, max(0, text.find("<article")))
    first = BeautifulSoup(match[0], "html.parser").h1 if match else None
    if first is None:
        return html.escape(page)
    for tag in first.select(".headerlink"):
        tag.decompose()
    return first.decode_contents().strip()


def plain(markup: str) -> str:
    """Return the text of a piece of HTML."""
    return BeautifulSoup(markup, "html.parser").get_text().strip()


def _text(folder: Path, page: str) -> str:
    path = folder / f"{page}.html"
    if not path.is_file():
        raise BookError(f"the book has no page {page}: run 'make book' (or 'kdcore build') again")
    return path.read_text(encoding="utf-8")


def _head(folder: Path, soup: BeautifulSoup) -> list[str]:
    """Return style sheets and MathJax, with files of the book by their full address."""
    kept = []
    for tag in soup.select("head link[rel=stylesheet], head script"):
        if tag.name == "script" and not re.search(_MATHEMATICS, f"{tag.get('src', '')}{tag.string or ''}"):
            continue
        _address(folder, tag)
        kept.append(str(tag))
    return kept


def _article(folder: Path, soup: BeautifulSoup, page: str, pages: set[str]) -> Tag:
    """Return what a page says, with anchors that are its own in the whole document."""
    article = soup.select_one("article.bd-article")
    if article is None:
        raise BookError(f"the page {page} has no article: which theme is this?")
    for tag in article.select(_DROPPED):
        tag.decompose()
    for fold in article.select(".cell.tag_parameters > details"):
        fold.unwrap()
    _without_downloads(article)
    _solutions_last(article)
    seen: set[str] = set()
    for tag in article.find_all(True):
        if not isinstance(tag, Tag):
            continue
        _address(folder, tag)
        _rename(tag, page, seen)
        if tag.name == "a" and "href" in tag.attrs:
            _point(tag, page, pages)
        elif tag.name == "details":
            tag["open"] = ""
    for tag in article.select("use"):
        if str(tag.get("href", "")).startswith("#"):
            tag["href"] = "#" + anchor(page, str(tag["href"])[1:])
    article.name = "section"
    article["id"] = anchor(page)
    article["class"] = "bd-article kd-page"
    article["style"] = f"page: {_style_name(page)}"
    return article


def _without_downloads(article: Tag) -> None:
    """Remove links to files, from captions with the commas between them; elsewhere their text stays."""
    for link in article.select("figcaption a.download"):
        after = link.next_sibling
        if isinstance(after, str):
            after.replace_with(re.sub(r"^\s*[,.]\s*", "", after))
        link.decompose()
    for link in article.select("a.download"):
        link.unwrap()


def _solutions_last(article: Tag) -> None:
    """Move the answers to the questions of a quiz to the end of the page, so that it can be handed out as a test."""
    soup = BeautifulSoup("<h2>Answers</h2>", "html.parser")
    for quiz in article.select("fieldset.quiz"):
        title = soup.new_tag("h3")
        title.string = " ".join(number.get_text() for number in quiz.select(".quiz-number"))
        soup.extend([title, *quiz.select("ol.quiz-reasons")])
        for key in quiz.select("details.quiz-key"):
            key.decompose()
    if soup.h3:
        section = soup.new_tag("section", attrs={"class": "quiz-solutions"})
        section.extend(list(soup.children))
        article.append(section)


def _address(folder: Path, tag: Tag) -> None:
    for name in ("src", "href") if tag.name == "link" else ("src",):
        source = str(tag.get(name, ""))
        if source and not urlsplit(source).scheme:
            tag[name] = (folder / unquote(urlsplit(source).path)).resolve().as_uri()


def _rename(tag: Tag, page: str, seen: set[str]) -> None:
    """Make the anchors of a tag, and what points to anchors, the page's own."""
    if "id" in tag.attrs:
        name = str(tag["id"])
        if name in seen:
            del tag["id"]
        else:
            seen.add(name)
            tag["id"] = anchor(page, name)
    for attribute, value in list(tag.attrs.items()):
        if attribute in _POINTING:
            words = value if isinstance(value, list) else str(value).split()
            tag[attribute] = " ".join(anchor(page, str(word)) for word in words)
        elif isinstance(value, str) and "url(#" in value:
            tag[attribute] = re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{anchor(page, match[1])})", value)


def _point(link: Tag, page: str, pages: set[str]) -> None:
    """Make a link lead to its place in the whole document; one that leads out of the book into a file is text."""
    parts = urlsplit(str(link["href"]))
    if parts.scheme or parts.netloc:
        return
    target = parts.path.removesuffix(".html") if parts.path else page
    if target in pages:
        link["href"] = "#" + anchor(target, unquote(parts.fragment) or TOP)
    else:
        _make_text(link)


def _make_text(link: Tag) -> None:
    """Keep the words of a link that leads nowhere."""
    link.name = "span"
    del link["href"]


def _style_name(page: str) -> str:
    return "kd-" + re.sub(r"[^\w-]", "-", page)


def _running_title(page: str, text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return f'@page {_style_name(page)} {{ @top-right {{ content: "{quoted}" }} }}\n'
