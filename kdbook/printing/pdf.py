"""The built book as one PDF, and its summary sheet on one page."""

from __future__ import annotations

import asyncio
import html
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import kdcore
from kdbook import pages as special_pages
from kdbook.execution import records
from kdbook.files import digest
from kdbook.folders import replace_folder
from kdbook.printing import chromium, document, pdf_file
from kdbook.project import BookError, Project

BOOK, SUMMARY = "knowledge-transfer.pdf", "summary.pdf"
TEXT_WIDTH_MM = 162
"""Width of the text on paper; print.css has the margins that leave it."""
_PASSES = 3
"""Page numbers may move the lines that they stand in: so often the book is printed at most until they agree."""
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
_NUMBER = """((pages) => {
  for (const link of document.querySelectorAll("a[data-leaf]")) {
    const page = pages[decodeURIComponent(link.hash.slice(1))];
    link.dataset.leaf = page === undefined ? "" : page;
  }
})(%s)"""


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
        return cls(project.title(), records.git_state(project)["commit"], _commit_date(project))


def print_to(project: Project, edition: Edition, program: str, target: Path, fingerprint: str) -> None:
    """Print the book and its summary sheet with a browser into the folder ``target``, in one step."""
    pages = project.pages()
    date = edition.date or _NO_DATE
    with tempfile.TemporaryDirectory(prefix=".running-pdf-", dir=project.build) as scratch:
        new = Path(scratch) / "pdf"
        new.mkdir()
        source = Path(scratch) / "book.html"
        running = {page: document.plain(document.heading(project.html, page)) for page in pages}
        text = document.document(project.html, pages, edition.title, _front(project, edition), running)
        source.write_text(text, encoding="utf-8")
        (new / BOOK).write_bytes(pdf_file.with_date(asyncio.run(_printed(program, source)), date))
        summary = special_pages.of(project).summary
        if summary:
            title = f"{edition.title}: {running[summary].lower()}"
            source.write_text(document.document(project.html, [summary], title, ""), encoding="utf-8")
            (new / SUMMARY).write_bytes(pdf_file.with_date(asyncio.run(_printed(program, source)), date))
        (new / FINGERPRINT).write_text(fingerprint)
        replace_folder(new, target)


async def _printed(program: str, source: Path) -> bytes:
    """Return a file as PDF, with all mathematics typeset and with page numbers that are right."""
    async with chromium.opened(program, source) as page:
        await page.call("Emulation.setEmulatedMedia", media="print")
        width = round(TEXT_WIDTH_MM / 25.4 * 96)
        await page.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        if not await page.evaluate(_TYPESET):
            raise BookError(f"Chromium did not open {source}")
        left = await page.evaluate(_LEFT_OVER)
        if left:
            raise BookError(f"{len(left)} formulas were not typeset, the first of them {left[0]!r}")
        await page.evaluate(_FIT)
        await page.call("Emulation.clearDeviceMetricsOverride")
        if await page.evaluate("document.querySelector('a[data-leaf]') === null"):
            return await page.pdf()
        numbers = pdf_file.destinations(await page.pdf(draft=True))
        for _ in range(_PASSES):
            await page.evaluate(_NUMBER % json.dumps(numbers))
            pdf = await page.pdf()
            found = pdf_file.destinations(pdf)
            if found == numbers:
                return pdf
            numbers = found
        raise BookError("the page numbers in the contents do not come to rest")


def _front(project: Project, edition: Edition) -> str:
    """Return the title page and the table of contents."""
    lines = [
        '<section class="kd-title-page">',
        f'<p class="kd-title">{html.escape(edition.title)}</p>',
        '<p class="kd-subtitle">An executable companion to “Towards the Fundamental Limits of Knowledge Transfer over '
        "Finite Domains” by Qingyue Zhao and Banghua Zhu (ICLR 2024)</p>",
        f'<p class="kd-edition">{"<br>".join(_edition_lines(edition))}</p>',
        "</section>",
        '<nav class="kd-contents" aria-label="Contents"><h1>Contents</h1>',
    ]
    for caption, pages in project.parts():
        lines.append(f'<p class="kd-part">{html.escape(caption)}</p>' if caption else "")
        lines.append("<ul>")
        for page in pages:
            link = f'<a href="#{document.anchor(page)}" data-leaf="000">{document.heading(project.html, page)}</a>'
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


def _commit_date(project: Project) -> str | None:
    command = ["git", "log", "-1", "--format=%cd", "--date=format-local:%Y%m%d%H%M%S"]
    try:
        done = subprocess.run(
            command, cwd=project.root, capture_output=True, text=True, check=True, env=os.environ | {"TZ": "UTC"}
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None


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
