"""Rendering: from executed chapters to HTML, with the last good book kept until the new one is whole."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from pathlib import Path

from nbformat import NotebookNode

from kdbook import downloads
from kdbook.course import decks, exercises
from kdbook.execution import notebooks, records
from kdbook.execution.chapters import Executed
from kdbook.files import digest, write_atomic
from kdbook.folders import replace_folder
from kdbook.markup import html
from kdbook.project import BookError, Project
from kdbook.site import assets, buttons, icons, record
from kdbook.sphinx_ext import statements

_BIBLIOGRAPHY = "bibliography"
OWN_PAGE = ".kdcore-page"
"""A file that marks the folder of a page made by :func:`render_page`."""
_FINGERPRINT = ".fingerprint"
_NOT_STAGED = {"figures", ".ipynb_checkpoints", "profiles.yml", "ruff.toml", statements.FILE}


def render(project: Project, executed: Sequence[Executed], strict: bool) -> bool:
    """Render the book to ``_build/html`` and return True, or return False if nothing changed since last time.

    Parameters
    ----------
    project : Project
        The book.
    executed : sequence of Executed
        Its chapters.
    strict : bool
        Whether a warning of Sphinx is an error.

    Raises
    ------
    BookError
        If Jupyter Book fails; the last good book stays.
    """
    source = project.build / "source"
    _stage(project, executed, source)
    fingerprint = _fingerprint(project, source, strict)
    if (project.html / _FINGERPRINT).is_file() and (project.html / _FINGERPRINT).read_text() == fingerprint:
        return False
    output = project.build / "sphinx"
    settings = _settings(source)
    if not (output / "settings").is_file() or (output / "settings").read_text() != settings:
        shutil.rmtree(output, ignore_errors=True)  # another configuration or look: no old page may linger
    output.mkdir(parents=True, exist_ok=True)
    (output / "settings").unlink(missing_ok=True)  # if this rendering is killed, the next one starts afresh
    _run_jupyter_book(project, source, output, strict)
    decks.write(project, executed, output / "_build" / "html")
    (output / "settings").write_text(settings)
    _publish(output / "_build" / "html", project.html, fingerprint)
    return True


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
        _stage(project, [replace(executed, notebook=_detached(project, executed))], source, pages={_BIBLIOGRAPHY})
        toc = f"format: jb-book\nroot: {name}\n"
        if (source / f"{_BIBLIOGRAPHY}.md").is_file():
            toc += f"chapters:\n  - file: {_BIBLIOGRAPHY}\n"
        (source / "_toc.yml").write_text(toc, encoding="utf-8")
        _run_jupyter_book(project, source, output, strict=False, tell=False)
        made = output / "_build" / "html"
        (made / OWN_PAGE).touch()
        replace_folder(made, folder / "html")
    return folder / "html" / f"{name}.html"


def _detached(project: Project, executed: Executed) -> NotebookNode:
    """Return the notebook with references to other pages replaced by their text."""
    notebook = notebooks.from_text(notebooks.to_text(executed.notebook))
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    own = set(re.findall(r":(?:label|name): *(\S+)|^\(([\w-]+)\)=|\$\$ *\(([\w-]+)\)", _joined(prose), re.MULTILINE))
    labels = {label for labels in own for label in labels}
    titles = {chapter.name: chapter.title for chapter in project.chapters()}

    def role(match: re.Match[str]) -> str:
        text, label = match["text"], match["label"]
        return match[0] if (label or text) in labels else text if label else f"({text})"

    def link(match: re.Match[str]) -> str:
        return match["text"] or titles.get(match["page"], match["page"])

    for cell in prose:
        cell.source = re.sub(r"\{(?:prf:ref|ref|eq)\}`(?P<text>[^`<]*?)(?: *<(?P<label>[^>`]+)>)?`", role, cell.source)
        cell.source = re.sub(r"\{term\}`(?P<text>[^`<]*?)(?:\s*<[^>`]+>)?`", r"\g<text>", cell.source)
        cell.source = re.sub(r"\[(?P<text>[^]]*)\]\(/?(?P<page>[\w-]+)(?:\.ipynb|\.md)?\)", link, cell.source)
    return notebook


def _joined(cells: Sequence[NotebookNode]) -> str:
    return "\n".join(cell.source for cell in cells)


def _stage(project: Project, executed: Sequence[Executed], source: Path, pages: Set[str] | None = None) -> None:
    """Make ``source`` hold the book with executed chapters; files that do not change are not touched.

    Of the plain pages all are taken, or those named in ``pages``, and then no template of decks, as there are none.
    """
    wanted: dict[Path, bytes] = {}
    for path in sorted(project.book.rglob("*")):
        relative = path.relative_to(project.book)
        if pages is not None and (
            (path.suffix == ".md" and path.stem not in pages) or relative.parts[0] == decks.TEMPLATE
        ):
            continue
        if path.is_file() and not _NOT_STAGED & set(relative.parts) and path.suffix != ".ipynb":
            wanted[relative] = path.read_bytes()
    if any(record.PLACEHOLDER.encode() in page for page in wanted.values()):
        manifest = project.build / records.MANIFEST
        wanted[Path("downloads") / records.MANIFEST] = manifest.read_bytes()
        wheel = downloads.build_wheel(project, records.package_digest())
        wanted[Path("downloads") / downloads.wheel_name()] = wheel
    tables: dict[str, Callable[[], str]] = {
        statements.PLACEHOLDER: lambda: statements.statement_table(statements.read_statements(project.book)),
        exercises.PLACEHOLDER: lambda: exercises.exercise_tables(project),
        decks.PLACEHOLDER: lambda: decks.deck_table(executed),
        record.PLACEHOLDER: lambda: record.record_page(executed),
    }
    for relative, page in wanted.items():
        for placeholder, table in tables.items():
            if relative.suffix == ".md" and placeholder.encode() in page:
                page = page.replace(placeholder.encode(), table().encode())
        wanted[relative] = page
    address = buttons.repository(project)
    wanted[Path("_config.yml")] = buttons.with_buttons((project.root / "_config.yml").read_text(), address).encode()
    wanted[Path("_toc.yml")] = (project.root / "_toc.yml").read_bytes()
    for result in executed:
        wanted[Path(f"{result.chapter.name}.ipynb")] = notebooks.to_text(_for_pages(result, address)).encode()
        for name, data in result.figures.items():
            wanted[Path("figures") / name] = data
        if icons.DATA in result.figures:
            data = result.figures[icons.DATA]
            wanted[Path("_static") / icons.ICON] = icons.icon(data)
            wanted[Path("_static") / icons.CARD] = icons.card(data, project.title(), project.build)
    wanted = assets.joined(wanted, project.build / "typeface.css")
    for path in [p for p in source.rglob("*") if p.is_file()]:
        if path.relative_to(source) not in wanted:
            path.unlink()
    for relative, data in wanted.items():
        path = source / relative
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _for_pages(result: Executed, address: str) -> NotebookNode:
    """Return the executed notebook as pages show it and readers download it.

    It begins with a cell that says how to get kdcore, and carries its record.
    """
    notebook = notebooks.from_text(notebooks.to_text(result.notebook))
    kept = ("kernelspec", "language_info", "kdcore")
    notebook.metadata = {key: notebook.metadata[key] for key in kept if key in notebook.metadata}
    notebook.cells.insert(0, downloads.first_cell(address))
    _name_no_empty_headers(notebook)
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k not in ("papermill", "execution")}
    return notebook


def _name_no_empty_headers(notebook: NotebookNode) -> None:
    """Make the empty corners of pandas' tables cells, not headers, which a screen reader would announce as nothing."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            shown = output.get("data", {}).get("text/html")
            if isinstance(shown, str) and "<th" in shown:
                root = html.piece(shown)
                empty = [header for header in root.iter("th") if len(header) == 0 and not header.text]
                for header in empty:
                    header.tag = "td"
                if empty:
                    output["data"]["text/html"] = html.inner(root)


def _fingerprint(project: Project, source: Path, strict: bool) -> str:
    """Return the hash of what the pages are made of: staged files, and the package, whose docstrings are a page."""
    digests = (records.package_digest(), records.dependencies_digest(project))
    parts: list[str | bytes] = [str(strict), sys.version, *digests]
    for path in sorted(p for p in source.rglob("*") if p.is_file()):
        parts += [path.relative_to(source).as_posix(), path.read_bytes()]
    return digest(parts)


def _settings(source: Path) -> str:
    """Return the hash of what every page carries: configuration, contents, symbols, templates, styles and scripts."""
    shared = [*sorted(source.glob("*.yml")), *sorted((source / "_templates").rglob("*.html"))]
    shared += [path for path in sorted((source / "_static").rglob("*")) if path.suffix in (".css", ".js")]
    return digest([records.package_digest(), *(path.read_bytes() for path in shared if path.is_file())])


def _run_jupyter_book(project: Project, source: Path, output: Path, strict: bool, tell: bool = True) -> None:
    start = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", start, "build", str(source), "--path-output", str(output), "-q"]
    if strict:
        command += ["-W", "--keep-going"]
    environment = os.environ | {"PYTHONUTF8": "1"}
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", env=environment
    )
    log = project.build / "render.log"
    write_atomic(log, result.stdout)
    warnings = [line for line in result.stdout.splitlines() if "WARNING" in line or "ERROR" in line]
    if result.returncode != 0:
        tail = warnings or result.stdout.strip().splitlines()[-15:]
        raise BookError("rendering failed:\n" + "\n".join(f"  {line}" for line in tail) + f"\n  full log: {log}")
    for line in warnings if tell else []:
        print(line, file=sys.stderr)


def _publish(made: Path, target: Path, fingerprint: str) -> None:
    """Put a copy of the rendered pages in the place of the last good book."""
    new = target.with_name(".html-new")
    shutil.rmtree(new, ignore_errors=True)
    try:
        shutil.copytree(made, new)
    except shutil.Error as error:  # it lists every file that could not be copied: one says it all
        shutil.rmtree(new, ignore_errors=True)
        raise OSError(errno.ENOSPC if "Errno 28" in str(error) else errno.EIO, error.args[0][0][2]) from None
    (new / _FINGERPRINT).write_text(fingerprint)
    replace_folder(new, target)
