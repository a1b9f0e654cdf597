"""Rendering: from executed chapters to HTML, with the last good book kept until the new one is whole."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kdbook import pages
from kdbook.course import deck_files
from kdbook.execution import records
from kdbook.execution.chapters import Executed
from kdbook.files import digest
from kdbook.folders import replace_folder
from kdbook.markup.detached import detached
from kdbook.project import BookError, Project
from kdbook.site import needed, numbers
from kdbook.site.checks import links
from kdbook.site.jupyter_book import run_jupyter_book
from kdbook.site.lighter import files
from kdbook.site.staging import stage

OWN_PAGE = ".kdcore-page"
"""A file that marks the folder of a page made by :func:`render_page`."""
_FINGERPRINT = ".fingerprint"
_OF_ONE_PAGE = {"statements.yml"}
"""Data on which pages depend that say so: when they change, no other page is made anew."""


def render(project: Project, executed: Sequence[Executed], strict: bool) -> bool:
    """Render the book to ``_build/html`` and return True, or return False if nothing changed since last time.

    Parameters
    ----------
    project : Project
        The book.
    executed : sequence of Executed
        Its chapters.
    strict : bool
        Whether a warning of Sphinx, or a link that leads nowhere, is an error.

    Raises
    ------
    BookError
        If Jupyter Book fails, or with ``strict`` a link leads nowhere; the last good book stays.
    """
    source = project.build / "source"
    stage(project, executed, source)
    fingerprint = _fingerprint(project, source, strict)
    output = project.build / "sphinx"
    warned = output / "warnings"
    published = project.html / _FINGERPRINT
    if published.is_file() and published.read_text(encoding="utf-8") == fingerprint:
        if warned.is_file():
            print(warned.read_text(encoding="utf-8"), end="", file=sys.stderr)
        return False
    settings = _settings(source)
    same = (output / "settings").is_file() and (output / "settings").read_text(encoding="utf-8") == settings
    # Another configuration or look: no old page may linger.  Warnings: Sphinx tells them when it reads a page only.
    if not same or warned.is_file():
        shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    (output / "settings").unlink(missing_ok=True)  # if this rendering is killed, the next one starts afresh
    warnings = run_jupyter_book(project, source, output, strict)
    counted = numbers.keep(project, executed, output)
    deck_files.write(project, executed, output / "_build" / "html", counted)
    warnings += _dead_links(project, executed, output / "_build" / "html", warnings, strict)
    if warnings:
        warned.write_text("".join(f"{line}\n" for line in warnings), encoding="utf-8")
    (output / "settings").write_text(settings, encoding="utf-8")
    _publish(output / "_build" / "html", project.html, fingerprint)
    return True


def is_current(project: Project, executed: Sequence[Executed]) -> bool:
    """Return whether the last good book is what rendering these chapters would give."""
    source, last = project.build / "source", project.html / _FINGERPRINT
    stage(project, executed, source)
    return last.is_file() and last.read_text() in {_fingerprint(project, source, strict) for strict in (True, False)}


def _dead_links(
    project: Project, executed: Sequence[Executed], made: Path, warnings: Sequence[str], strict: bool
) -> list[str]:
    """Tell which links lead nowhere, without those that Sphinx has named, and return these lines."""
    found = links.dead(project, executed, made)
    if strict and found:
        raise BookError("rendering failed:\n" + "\n".join(f"  {line}" for line in found))
    new = [str(link) for link in found if not any(link.target.removeprefix("#") in line for line in warnings)]
    for line in new:
        print(line, file=sys.stderr)
    return new


def render_page(project: Project, executed: Executed, folder: Path) -> Path:
    """Render one executed chapter alone into ``folder/html`` and return the page to open.

    References to other chapters become plain text.

    Raises
    ------
    BookError
        If Jupyter Book fails.
    """
    name = executed.chapter.name
    with tempfile.TemporaryDirectory(prefix="kdcore-page-") as scratch:
        source, output = Path(scratch) / "source", Path(scratch) / "out"
        if not os.access(project.build if project.build.exists() else project.root, os.W_OK):
            project = replace(project, build_folder=Path(scratch) / "build")  # somebody else's checkout
            project.build.mkdir()
        bibliography = pages.of(project).bibliography
        stage(project, [replace(executed, notebook=detached(project, executed))], source, only={bibliography})
        toc = f"format: jb-book\nroot: {name}\n"
        if bibliography:
            toc += f"chapters:\n  - file: {bibliography}\n"
        (source / "_toc.yml").write_text(toc, encoding="utf-8")
        run_jupyter_book(project, source, output, strict=False, tell=False)
        made = output / "_build" / "html"
        for path in needed.unused(made):
            path.unlink()
        (made / OWN_PAGE).touch()
        replace_folder(made, folder / "html")
    return folder / "html" / f"{name}.html"


def _fingerprint(project: Project, source: Path, strict: bool) -> str:
    """Return the hash of what the pages are made of: staged files, and the package, whose docstrings are a page."""
    digests = (records.package_digest(), records.dependencies_digest(project))
    parts: list[str | bytes] = [str(strict), sys.version, *digests]
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        parts += [path.relative_to(source).as_posix(), path.read_bytes()]
    return digest(parts)


def _settings(source: Path) -> str:
    """Return the hash of what every page carries: configuration, contents, symbols, templates, styles and scripts."""
    settings = [path for path in sorted(source.glob("*.yml")) if path.name not in _OF_ONE_PAGE]
    shared = [*settings, *sorted((source / "_templates").rglob("*.html"))]
    shared += [path for path in sorted((source / "_static").rglob("*")) if path.suffix in (".css", ".js")]
    return digest([records.package_digest(), *(path.read_bytes() for path in shared if path.is_file())])


def _publish(made: Path, target: Path, fingerprint: str) -> None:
    """Put the rendered pages, made light and without files that none needs, in the place of the last good book."""
    new = target.with_name(".html-new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        shutil.copytree(made, new)
        files.join(new)
        for path in needed.unused(new):
            path.unlink()
    except shutil.Error as error:  # it lists every file that could not be copied: one says it all
        shutil.rmtree(new, ignore_errors=True)
        raise OSError(errno.ENOSPC if "Errno 28" in str(error) else errno.EIO, error.args[0][0][2]) from None
    (new / _FINGERPRINT).write_text(fingerprint, encoding="utf-8")
    replace_folder(new, target)
