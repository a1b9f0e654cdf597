"""Where things are: the project's folders, its chapters and their parameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class BookError(Exception):
    """A problem that the user can mend; its text is all that the command line shows."""


@dataclass(frozen=True)
class Chapter:
    """A notebook of the book: its name in ``_toc.yml`` and its file."""

    name: str
    path: Path


@dataclass(frozen=True)
class Project:
    """A checkout of the book.

    Attributes
    ----------
    root : Path
        The folder that holds ``_toc.yml``, ``_config.yml`` and ``book/``.
    """

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """Return the project that ``start`` (the working folder by default) lies in."""
        folder = (start or Path.cwd()).resolve()
        for candidate in (folder, *folder.parents):
            if (candidate / "_toc.yml").is_file() and (candidate / "book").is_dir():
                return cls(candidate)
        raise BookError(f"no book here: neither {folder} nor a folder above it holds _toc.yml and book/")

    @property
    def book(self) -> Path:
        """The sources of the book; nothing here writes to it."""
        return self.root / "book"

    @property
    def build(self) -> Path:
        """Everything that is made."""
        return self.root / "_build"

    @property
    def html(self) -> Path:
        """The last good book."""
        return self.build / "html"

    def pages(self) -> list[str]:
        """Return the pages that ``_toc.yml`` lists, in reading order, without file endings."""
        toc = _load_yaml(self.root / "_toc.yml")
        if not isinstance(toc, dict) or "root" not in toc:
            raise BookError("_toc.yml must be a mapping with an entry 'root'")
        pages = [str(toc["root"]), *_files(toc)]
        missing = [page for page in pages if self._source(page) is None]
        if missing:
            raise BookError(
                f"_toc.yml lists pages that do not exist: {', '.join(missing)} (looked in book/ for .ipynb and .md)"
            )
        return pages

    def chapters(self) -> list[Chapter]:
        """Return the notebooks among the pages, in reading order."""
        sources = ((page, self._source(page)) for page in self.pages())
        return [Chapter(page, path) for page, path in sources if path is not None and path.suffix == ".ipynb"]

    def parameters(self, profile: str) -> dict[str, dict[str, Any]]:
        """Return the parameters that a profile sets, by chapter; an empty mapping means the chapter's defaults."""
        path = self.book / "profiles.yml"
        profiles = _load_yaml(path) if path.exists() else {"quick": {}}
        if profile not in profiles:
            raise BookError(f"unknown profile {profile!r}: book/profiles.yml has {', '.join(profiles)}")
        chosen: dict[str, dict[str, Any]] = profiles[profile] or {}
        unknown = set(chosen) - {chapter.name for chapter in self.chapters()}
        if unknown:
            raise BookError(
                f"profile {profile!r} sets parameters of chapters that _toc.yml does not list: {', '.join(unknown)}"
            )
        return chosen

    def _source(self, page: str) -> Path | None:
        for suffix in (".ipynb", ".md"):
            path = self.book / (page.removesuffix(suffix) + suffix)
            if path.is_file():
                return path
        return None


def _files(node: Any) -> Iterator[str]:
    """Yield every ``file`` below a node of the table of contents, in order."""
    if isinstance(node, list):
        for item in node:
            yield from _files(item)
    elif isinstance(node, dict):
        if "file" in node:
            yield str(node["file"])
        for key in ("parts", "chapters", "sections", "subtrees", "entries"):
            yield from _files(node.get(key))


def _load_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BookError(f"cannot read {path}: {error}") from None
