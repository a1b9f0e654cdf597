"""What is in an archive, gathered from the built book and from git.

The same commit and the same build give the same bytes: the times of all files are that of the commit.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kdbook import citation
from kdbook.archive import checksums, crate, readme
from kdbook.downloads import build_wheel, wheel_name
from kdbook.execution import notebooks, records
from kdbook.execution.chapters import Executed, as_last_run
from kdbook.execution.verify import stored_chapters
from kdbook.files import OLDEST, zipped
from kdbook.project import BookError, Project
from kdbook.site import buttons, render

PAGES, EXECUTED, SOURCE = "html", "executed", "source"
"""The folders of an archive."""
LOCK = f"{SOURCE}/requirements.txt"


@dataclass(frozen=True)
class Archive:
    """An archive as a file, and what went into it.

    Attributes
    ----------
    data : bytes
        The zip file.
    n_files : int
        How many files it holds.
    commit : str
        Of the sources in it.
    clean : bool
        Whether that commit is all that the book was made from.
    """

    data: bytes
    n_files: int
    commit: str
    clean: bool


def name(project: Project) -> str:
    """Return what the archive of a book is called, without an ending."""
    return f"{project.short_name()}-{_cited(project)['version']}"


def pack(project: Project) -> Archive:
    """Return the archive of a built book.

    Raises
    ------
    BookError
        If the sources are not in a repository of their own, or the built book is not what they give now.
    """
    state = records.git_state(project)
    if state["commit"] is None:
        raise BookError(f"an archive holds the sources as git has them, and here there are none: {state['no_commit']}")
    cited = _cited(project)
    manifest = records.read_manifest(project.build / records.MANIFEST)
    chapters = _up_to_date(project, manifest)
    files, executable = _sources(project)
    files |= _pages(project)
    for chapter in chapters:
        folder = f"{EXECUTED}/{chapter.chapter.name}"
        files[f"{folder}/{records.NOTEBOOK}"] = notebooks.to_text(notebooks.without_paths(chapter.notebook)).encode()
        files |= {f"{folder}/figures/{figure}": data for figure, data in chapter.figures.items()}
    files[records.MANIFEST] = (project.build / records.MANIFEST).read_bytes()
    files[wheel_name()] = build_wheel(project, records.package_digest())
    told = crate.Told(cited, name(project), state["commit"], bool(state["clean"]), buttons.repository(project))
    files[readme.FILE] = readme.text(told, wheel_name(), LOCK).encode()
    titles = {chapter.chapter.name: chapter.chapter.title for chapter in chapters}
    files[crate.FILE] = crate.text(told, titles, wheel_name(), [*files, checksums.FILE]).encode()
    files[checksums.FILE] = checksums.write(files)
    data = zipped(files, name(project), records.commit_time(project) or OLDEST, executable)
    return Archive(data, len(files), state["commit"], bool(state["clean"]))


def _cited(project: Project) -> Mapping[str, Any]:
    found = citation.read(project.root)
    if not found:
        raise BookError(f"an archive says how it is cited, and there is no {project.root / citation.FILE}")
    return found


def _up_to_date(project: Project, manifest: Mapping[str, Any]) -> Sequence[Executed]:
    """Return the executed chapters, if they and the pages are what the sources give now."""
    _, problems = stored_chapters(project.build / records.MANIFEST, manifest)
    settings = {found: record.get("parameters", {}) for found, record in manifest.items()}
    known = {chapter.name for chapter in project.chapters()}
    chapters = as_last_run(project, {found: given for found, given in settings.items() if found in known})
    problems += [
        f"{one.chapter.name}: code or parameters have changed since it ran" for one in chapters if not one.current
    ]
    if not problems and not render.is_current(project, chapters):
        problems = ["the pages are not those of the chapters and texts as they are now"]
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise BookError(f"the built book is not up to date: run 'make book' (or 'kdcore build') first{lines}")
    return chapters


def _sources(project: Project) -> tuple[dict[str, bytes], set[str]]:
    """Return the files of the commit by name, and which of them can be executed."""
    command = ["git", "archive", "--format=tar", "HEAD"]
    done = subprocess.run(command, cwd=project.root, capture_output=True)
    if done.returncode != 0:
        raise BookError(f"git archive failed: {done.stderr.decode(errors='replace').strip()}")
    files, executable = {}, set()
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                files[f"{SOURCE}/{member.name}"] = content.read()
                if member.mode & 0o100:
                    executable.add(f"{SOURCE}/{member.name}")
    return files, executable


def _pages(project: Project) -> dict[str, bytes]:
    paths = [path for path in sorted(project.html.rglob("*")) if path.is_file() and not _is_hidden(path, project.html)]
    return {f"{PAGES}/{path.relative_to(project.html).as_posix()}": path.read_bytes() for path in paths}


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
