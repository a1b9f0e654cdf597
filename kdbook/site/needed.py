"""Which files of ``_static`` the pages need: themes and extensions bring many more than a book of theirs loads."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from kdbook.markup import html
from kdbook.site import mathjax

STATIC = "_static"
_ADDRESSES = etree.XPath("//@href | //@src | //@content", smart_strings=False)
_IN_STYLE = re.compile(r"""(?:url\(|@import\s+)\s*["']?([^"')?#\s]+)""")
_OLD_FONT = ".ttf"  # beside a font of the same name in .woff2, which every browser that shows the pages reads


def unused(folder: Path) -> set[Path]:
    """Return the files of ``_static`` in a rendered book that no page loads or names.

    Needed is what a page refers to; what a needed stylesheet refers to; what a needed script names, as it may load it;
    and what :mod:`kdbook.site.mathjax` has put there.

    Parameters
    ----------
    folder : Path
        The rendered book.
    """
    static = folder / STATIC
    files = {path for path in static.rglob("*") if path.is_file()}
    wanted = {path for path in files if path.is_relative_to(static / mathjax.FOLDER)}
    todo = [path for page in folder.rglob("*.html") if page not in files for path in _of_page(page, static)]
    while todo:
        path = todo.pop()
        if path in files and path not in wanted:
            wanted.add(path)
            todo += _of_file(path, files)
    return files - wanted


def _of_page(page: Path, static: Path) -> Iterator[Path]:
    """Yield the files of ``_static`` that a page refers to, by whichever address it names them."""
    for address in sorted(set(_ADDRESSES(html.page(page.read_text(encoding="utf-8"))))):
        _, found, name = unquote(re.split(r"[?#]", address)[0]).rpartition(f"{STATIC}/")
        if found:
            yield static / name


def _of_file(path: Path, files: set[Path]) -> Iterator[Path]:
    """Yield the files that a stylesheet refers to, or those whose name stands in a script."""
    if path.suffix == ".css":
        for name in _IN_STYLE.findall(path.read_text(encoding="utf-8")):
            other = (path.parent / unquote(name)).resolve()
            if other.suffix != _OLD_FONT or other.with_suffix(".woff2") not in files:
                yield other
    elif path.suffix == ".js":
        text = re.sub(r"//# sourceMappingURL=.*", "", path.read_text(encoding="utf-8"))
        names = _named(text, frozenset(other.name for other in files))
        yield from (other for other in files if other.name in names)


@functools.cache  # the scripts and files of themes are the same in every book
def _named(text: str, names: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in names if name in text)
