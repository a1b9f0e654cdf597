"""The built book as one PDF, and its summary on one sheet."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import kdcore
from kdbook import pages as special_pages
from kdbook.execution import records
from kdbook.files import digest, write_atomic
from kdbook.folders import replace_folder
from kdbook.printing import chromium, document, pdf_file
from kdbook.project import BookError, Project

if TYPE_CHECKING:
    from playwright.sync_api import Page

BOOK, SUMMARY = "knowledge-transfer.pdf", "summary.pdf"
TEXT_WIDTH_MM = 162
"""Width of the text on paper; print.css has the margins that leave it."""
_PASSES = 3
"""Page numbers may move the lines that they stand in: so often the book is printed at most until they agree."""
_MARGIN = "0.4in"
"""Around pages whose style sheets do not say."""
FINGERPRINT = ".fingerprint"
_NO_DATE = "20200101000000"

_TYPESET = """(async () => {
  if (window.MathJax) await MathJax.startup.promise;
  await document.fonts.ready;
  return document.querySelector("main.kd-book") !== null;
})()"""
_FIT = """(() => {
  let shrunk = 0;
  for (const box of document.querySelectorAll("div.math, table, mjx-container[display=true]")) {
    const room = box.parentElement.clientWidth;
    const need = Math.max(box.scrollWidth, box.offsetWidth);
    if (room > 0 && need > room + 1) { box.style.zoom = Math.max(0.4, room / need); shrunk += 1; }
  }
  return shrunk;
})()"""
_LEFT_OVER = """(() => {
  const left = [];
  for (const box of document.querySelectorAll(".math")) {
    if (!box.querySelector("mjx-container") || box.querySelector("mjx-merror")) left.push(box.textContent.slice(0, 60));
  }
  return left;
})()"""
_NUMBER = """(pages) => {
  for (const link of document.querySelectorAll("a[data-leaf]")) {
    const page = pages[decodeURIComponent(link.hash.slice(1))];
    link.dataset.leaf = page === undefined ? "" : page;
  }
}"""


@dataclass(frozen=True)
class Edition:
    """What the title page says.

    Attributes
    ----------
    title : str
        Of the book.
    commit : str or None
        Of the sources, if they are in git.
    date : str or None
        When that commit was made, as ``YYYYMMDDhhmmss``: not when the book was printed.
    """

    title: str
    commit: str | None
    date: str | None

    @classmethod
    def of(cls, project: Project) -> Edition:
        """Return the edition of a project."""
        time = records.commit_time(project)
        date = None if time is None else "{:04}{:02}{:02}{:02}{:02}{:02}".format(*time)
        return cls(project.title(), records.git_state(project)["commit"], date)


def print_to(project: Project, edition: Edition, program: str, target: Path, fingerprint: str) -> None:
    """Print the book and its summary sheet with a browser into the folder ``target``, in one step."""
    pages = project.pages()
    date = edition.date or _NO_DATE
    with tempfile.TemporaryDirectory(prefix=".running-pdf-", dir=project.build) as scratch:
        new = Path(scratch) / "pdf"
        new.mkdir()
        source = Path(scratch) / "book.html"
        headings = {page: document.heading(project.html, page) for page in pages}
        running = {page: document.plain(heading) for page, heading in headings.items()}
        text = document.document(project.html, pages, edition.title, _front(project, edition, headings), running)
        source.write_text(text, encoding="utf-8")
        (new / BOOK).write_bytes(pdf_file.with_date(_printed(program, source), date))
        summary = special_pages.of(project).summary
        if summary:
            title = f"{edition.title}: {running[summary].lower()}"
            source.write_text(document.document(project.html, [summary], title, ""), encoding="utf-8")
            (new / SUMMARY).write_bytes(pdf_file.with_date(_printed(program, source), date))
        (new / FINGERPRINT).write_text(fingerprint, encoding="utf-8")
        replace_folder(new, target)


def print_chapters(project: Project, edition: Edition, program: str, pages: Sequence[str], target: Path) -> None:
    """Print some pages of the book, with contents of their own, into the file ``target``, in one step."""
    headings = {page: document.heading(project.html, page) for page in pages}
    running = {page: document.plain(heading) for page, heading in headings.items()}
    front = _front(project, edition, headings)
    with tempfile.TemporaryDirectory(prefix=".running-pdf-", dir=project.build) as scratch:
        source = Path(scratch) / "chapters.html"
        text = document.document(project.html, pages, f"{edition.title}: {', '.join(running.values())}", front, running)
        source.write_text(text, encoding="utf-8")
        write_atomic(target, pdf_file.with_date(_printed(program, source), edition.date or _NO_DATE))


def _printed(program: str, source: Path) -> bytes:
    """Return a file as PDF, with all mathematics typeset and with page numbers that are right."""
    from playwright.sync_api import Error

    with chromium.running(program) as browser:
        try:
            width = round(TEXT_WIDTH_MM / 25.4 * 96)
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.emulate_media(media="print")
            page.goto(source.as_uri(), timeout=0)
            if not page.evaluate(_TYPESET):
                raise BookError(f"Chromium did not open {source}")
            left = page.evaluate(_LEFT_OVER)
            if left:
                raise BookError(f"{len(left)} formulas were not typeset, the first of them {left[0]!r}")
            page.evaluate(_FIT)
            return _with_page_numbers(page)
        except Error as error:
            reason = error.message.splitlines()[0]
            raise BookError(f"Chromium could not print the book (is there enough memory?): {reason}") from None


def _with_page_numbers(page: Page) -> bytes:
    """Print a page until the numbers in its contents are those of the pages."""
    if page.locator("a[data-leaf]").count() == 0:
        return _pdf(page)
    numbers = pdf_file.destinations(_pdf(page, draft=True))
    for _ in range(_PASSES):
        page.evaluate(_NUMBER, numbers)
        pdf = _pdf(page)
        found = pdf_file.destinations(pdf)
        if found == numbers:
            return pdf
        numbers = found
    raise BookError(f"the page numbers in the contents still change after {_PASSES} printings")


def _pdf(page: Page, *, draft: bool = False) -> bytes:
    """Print a page as it stands, on the paper that its style sheets name: tagged and with an outline, or a draft.

    A draft has the same lines on the same pages, and is made faster.
    """
    return page.pdf(
        print_background=True,
        prefer_css_page_size=True,
        tagged=not draft,
        outline=not draft,
        format="A4",
        margin={"top": _MARGIN, "right": _MARGIN, "bottom": _MARGIN, "left": _MARGIN},
    )


def _front(project: Project, edition: Edition, headings: Mapping[str, str]) -> str:
    """Return the title page and the table of contents, of the pages that have a heading here."""
    lines = [
        '<section class="kd-title-page">',
        f'<p class="kd-title">{html.escape(edition.title)}</p>',
        '<p class="kd-subtitle">An executable companion to “Towards the Fundamental Limits of Knowledge Transfer over '
        "Finite Domains” by Qingyue Zhao and Banghua Zhu (ICLR 2024)</p>",
        f'<p class="kd-edition">{"<br>".join(_edition_lines(edition))}</p>',
        "</section>",
        '<nav class="kd-contents" aria-label="Contents"><h1>Contents</h1>',
    ]
    for caption, listed in project.parts():
        pages = [page for page in listed if page in headings]
        if not pages:
            continue
        lines.append(f'<p class="kd-part">{html.escape(caption)}</p>' if caption else "")
        lines.append("<ul>")
        for page in pages:
            link = f'<a href="#{document.anchor(page)}" data-leaf="000">{headings[page]}</a>'
            lines.append(f"<li>{link}</li>")
        lines.append("</ul>")
    return "\n".join([*lines, "</nav>"])


def _edition_lines(edition: Edition) -> list[str]:
    lines = [f"kdcore {kdcore.__version__}"]
    if edition.commit is not None:
        lines.append(f"commit {edition.commit[:12]}")
    if edition.date is not None:
        lines.append(f"sources of {edition.date[:4]}-{edition.date[4:6]}-{edition.date[6:8]}")
    return lines


def fingerprint(project: Project, edition: Edition, program: str) -> str:
    """Return the hash of what is printed, and of what prints it."""
    parts: list[str | bytes] = [program, repr(edition), records.package_digest(), repr(project.parts())]
    parts += [
        (project.html / f"{page}.html").read_bytes()
        for page in project.pages()
        if (project.html / f"{page}.html").is_file()
    ]
    for folder in ("_static", "_images"):
        for path in sorted((project.html / folder).rglob("*")):
            if path.is_file() and path.suffix in (".css", ".svg", ".png"):
                parts += [path.relative_to(project.html).as_posix(), path.read_bytes()]
    return digest(parts)
