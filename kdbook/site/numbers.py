"""What the book calls its parts, with the numbers of the last rendering, or else of a reading for this purpose.

``_build/numbers.json`` holds what Sphinx counted and the fingerprint of the text that it counted in.  When the text has
changed since, the numbers are counted again: Sphinx reads the pages, runs nothing and writes nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode

from kdbook.execution import notebooks, records
from kdbook.execution.chapters import Executed, as_committed
from kdbook.files import digest, write_atomic
from kdbook.markup.labels import COUNTER, NUMBERS, Labels
from kdbook.project import Project
from kdbook.site.jupyter_book import run_jupyter_book
from kdbook.site.staging import stage


def labels(project: Project) -> Labels:
    """Return what the book calls its parts, as its text is now.

    Raises
    ------
    BookError
        If the pages cannot be read.
    """
    chapters = {chapter.name: notebooks.read(chapter.path) for chapter in project.chapters()}
    fingerprint = _fingerprint(project, chapters)
    stored = _stored(project, fingerprint)
    if stored is None:
        print("Counting figures and equations, as the text is not that of the last rendering ...", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="kdcore-numbers-") as scratch:
            source, output = Path(scratch) / "source", Path(scratch) / "out"
            stage(project, as_committed(project), source, downloads=False)
            run_jupyter_book(project, source, output, builder=COUNTER, tell=False)
            stored = _keep(project, output, fingerprint)
    return Labels.of(project, stored)


def keep(project: Project, executed: Sequence[Executed], output: Path) -> dict[str, str]:
    """Store what a rendering of the book in ``output`` counted, and return it: names by label."""
    chapters = {result.chapter.name: result.notebook for result in executed}
    return _keep(project, output, _fingerprint(project, chapters))


def _keep(project: Project, output: Path, fingerprint: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((output / "_build" / ".doctrees" / NUMBERS).read_text(encoding="utf-8"))
    text = json.dumps({"fingerprint": fingerprint, "numbers": found}, indent=1, sort_keys=True)
    write_atomic(project.build / NUMBERS, text + "\n")
    return found


def _stored(project: Project, fingerprint: str) -> dict[str, str] | None:
    """Return the stored numbers, or None if there are none of this text."""
    try:
        stored = json.loads((project.build / NUMBERS).read_text(encoding="utf-8"))
        return dict(stored["numbers"]) if stored["fingerprint"] == fingerprint else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fingerprint(project: Project, chapters: Mapping[str, NotebookNode]) -> str:
    """Return the hash of what numbers depend on: the prose of chapters, plain pages, settings and both packages."""
    parts: list[str | bytes] = [records.package_digest()]
    for name in ("_toc.yml", "_config.yml"):
        parts.append((project.root / name).read_bytes())
    for path in sorted([*project.book.rglob("*.md"), *project.book.glob("*.yml")]):
        parts += [path.relative_to(project.book).as_posix(), path.read_bytes()]
    for name, notebook in sorted(chapters.items()):
        cells = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
        shown = [[cell.metadata.get(key) for key in ("tags", "mystnb")] for cell in cells]
        parts += [name, json.dumps(shown), *(cell.source for cell in cells if cell.cell_type == "markdown")]
    return digest(parts)
