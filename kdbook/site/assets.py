"""Static files of the book that are made, not copied: one stylesheet, one script, the typeface inside the stylesheet.

Styles and scripts stay in small files under ``_static/css`` and ``_static/js``; a page loads them joined.  Files under
``_static/only/PAGE`` are loaded by that page alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kdbook import palette
from kdbook.markup.typeface import typeface

STYLESHEET, SCRIPT, ONLY = "book.css", "book.js", "only"


def joined(wanted: Mapping[Path, bytes], cache: Path) -> dict[Path, bytes]:
    """Return the files of a book with its styles and its scripts joined into one file of each kind.

    Parameters
    ----------
    wanted : mapping of Path to bytes
        The files, by path in the book; those under ``_static/css`` and ``_static/js`` are joined in the order of
        their names.
    cache : Path
        Where the typeface is kept between builds.
    """
    static = Path("_static")
    result = {path: data for path, data in wanted.items() if path.parent not in (static / "css", static / "js")}
    styles = [data.decode() for path, data in sorted(wanted.items()) if path.parent == static / "css"]
    scripts = [data.decode() for path, data in sorted(wanted.items()) if path.parent == static / "js"]
    if styles:
        result[static / STYLESHEET] = "\n".join([typeface(cache), palette.light(), palette.dark(), *styles]).encode()
    if scripts:
        result[static / SCRIPT] = "\n".join(scripts).encode()
    return result
