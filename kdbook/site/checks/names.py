"""Files beside the pages name pages: each must be one that the book has."""

from __future__ import annotations

from collections.abc import Iterator, Set
from difflib import get_close_matches

from kdbook import pages
from kdbook.markup import elsewhere
from kdbook.project import BookError, Project
from kdbook.site import assets
from kdbook.sphinx_ext.statements import listed


def check(project: Project) -> None:
    """Check ``pages.yml``, ``profiles.yml``, ``statements.yml``, ``symbols.yml`` and ``_static/only``.

    They may name pages that the book leaves out, if these exist.

    Raises
    ------
    BookError
        If one of them is wrong, or names a page or chapter that ``_toc.yml`` has not; the message names all of these.
        Or if pages are left out, and the address of the whole book is none.
    """
    pages.of(project)
    known = project.pages()
    left_out = {*project.left_out(), *elsewhere.read(project.book).pages}
    if left_out:
        elsewhere.address(project)
    unknown = [
        f"{where} names {name!r}, which is no page of _toc.yml{_guess(name, known)}"
        for where, name in _named(project)
        if name not in known and name not in left_out
    ]
    unknown += list(_profiles(project, left_out))
    if unknown:
        raise BookError("; ".join(unknown))


def _guess(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=3)
    return f" (near: {', '.join(near)})" if near else f": {', '.join(known)}"


def _named(project: Project) -> Iterator[tuple[str, str]]:
    """Yield the pages that are named, each with where."""
    from kdbook.sphinx_ext import symbols  # it imports Sphinx, which takes long

    if (project.book / listed.FILE).is_file():
        for statement in listed.read_statements(project.book):
            yield f"{listed.FILE}: {statement.item}", statement.chapter
    for section in symbols.read_symbols(project.book).values():
        for symbol in section:
            yield from ((f"{symbols.FILE}: {symbol.anchor}, not_in", page) for page in symbol.not_in)
    for folder in sorted((project.book / "_static" / assets.ONLY).glob("*/")):
        yield f"the folder _static/{assets.ONLY}/{folder.name}", folder.name


def _profiles(project: Project, left_out: Set[str]) -> Iterator[str]:
    names = {chapter.name for chapter in project.chapters()}
    for profile, settings in project.profiles().items():
        for key in settings if isinstance(settings, dict) else ():
            if key not in names and key not in left_out:
                try:
                    project.chapter(str(key))
                except BookError as error:
                    yield f"profiles.yml: {profile}: {str(error).splitlines()[0]} {', '.join(sorted(names))}"
