"""Staging: the book as Jupyter Book reads it, with executed chapters and with what is made of data."""

from __future__ import annotations

from collections.abc import Sequence, Set
from pathlib import Path

import yaml
from nbformat import NotebookNode

from kdbook import citation, pages
from kdbook.course import decks
from kdbook.downloads import build_wheel, first_cell, wheel_name
from kdbook.execution import checks, notebooks, records
from kdbook.execution.chapters import Executed
from kdbook.markup import elsewhere, html
from kdbook.markup.elsewhere import Elsewhere
from kdbook.project import Project
from kdbook.site import assets, buttons, icons, record

_NOT_STAGED = {"figures", ".ipynb_checkpoints", "profiles.yml", "ruff.toml"}
_EXTENSIONS = ("kdbook.sphinx_ext.references.elsewhere", "kdbook.sphinx_ext.numbers", "kdbook.site.record_directive")
"""What every book is read with, whatever its own configuration says."""


def stage(
    project: Project, executed: Sequence[Executed], source: Path, only: Set[str] | None = None, downloads: bool = True
) -> None:
    """Make ``source`` hold the book with executed chapters; files that do not change are not touched.

    Parameters
    ----------
    project : Project
        The book.
    executed : sequence of Executed
        The chapters to stage.
    source : Path
        Where to.
    only : set of str, optional
        The plain pages to take, and then no template of decks, as there are none; all if it is not given.
    downloads : bool
        Whether the files that the page of the record offers are needed.

    Raises
    ------
    BookError
        If ``pages.yml`` is wrong, or kdcore cannot be packed.
    """
    special = pages.of(project)
    wanted: dict[Path, bytes] = {}
    for path in sorted(project.book.rglob("*")):
        relative = path.relative_to(project.book)
        if only is not None and (
            (path.suffix == ".md" and path.stem not in only) or relative.parts[0] == decks.TEMPLATE
        ):
            continue
        if path.is_file() and not _NOT_STAGED & set(relative.parts) and path.suffix != ".ipynb":
            wanted[relative] = path.read_bytes()
    left_out = Elsewhere.of(project)
    for page in left_out.pages:
        wanted.pop(Path(f"{page}.md"), None)  # while its file is there, a link to it is one to download it
    wanted.pop(Path(elsewhere.FILE), None)
    if text := left_out.to_text():
        wanted[Path(elsewhere.FILE)] = text.encode()
    wanted[Path(record.FILE)] = record.to_text(executed).encode()
    if downloads and any(record.is_shown(page.decode()) for path, page in wanted.items() if path.suffix == ".md"):
        wanted[Path("downloads") / records.MANIFEST] = (project.build / records.MANIFEST).read_bytes()
        wheel = build_wheel(project, records.package_digest())
        wanted[Path("downloads") / wheel_name()] = wheel
    address = buttons.repository(project)
    config = buttons.with_buttons((project.root / "_config.yml").read_text(encoding="utf-8"), address)
    wanted[Path("_config.yml")] = _with_extensions(config).encode()
    if (project.root / citation.FILE).is_file():
        wanted[Path(citation.FILE)] = (project.root / citation.FILE).read_bytes()
    wanted[Path("_toc.yml")] = (project.root / "_toc.yml").read_bytes()
    for result in executed:
        wanted[Path(f"{result.chapter.name}.ipynb")] = notebooks.to_text(_for_pages(result, address)).encode()
        for name, data in result.figures.items():
            wanted[Path("figures") / name] = data
        if result.record and special.icon_data in result.figures:
            data = result.figures[special.icon_data]
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


def _with_extensions(config: str) -> str:
    settings = yaml.safe_load(config) or {}
    extensions = settings.setdefault("sphinx", {}).setdefault("extra_extensions", [])
    extensions += [name for name in _EXTENSIONS if name not in extensions]
    return yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def _for_pages(result: Executed, address: str) -> NotebookNode:
    """Return the executed notebook as pages show it and readers download it.

    It begins with a cell that says how to get kdcore, and carries its record.
    """
    notebook = notebooks.from_text(notebooks.to_text(result.notebook))
    kept = ("kernelspec", "language_info", "kdcore")
    notebook.metadata = {key: notebook.metadata[key] for key in kept if key in notebook.metadata}
    notebook.cells.insert(0, first_cell(address))
    _name_no_empty_headers(notebook)
    _keep_errors_whole(notebook)
    checks.fold(notebook)
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in cell.metadata.items() if k not in ("papermill", "execution")}
    return notebook


def _keep_errors_whole(notebook: NotebookNode) -> None:
    """Let a narrow table break before ± and not after it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            shown = output.get("data", {}).get("text/html")
            if isinstance(shown, str) and "<table" in shown:
                output["data"]["text/html"] = shown.replace("± ", "±\u00a0")


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
