"""Where things are: the project's folders, its chapters and their parameters."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePath
from typing import Any


class BookError(Exception):
    """A problem that the user can mend; its text is all that the command line shows."""


@dataclass(frozen=True)
class Chapter:
    """A notebook of the book.

    Attributes
    ----------
    name : str
        Its name in ``_toc.yml``.
    path : Path
        Its file.
    number : int
        The one that the book shows; notebooks of parts without numbers have those that follow.
    """

    name: str
    path: Path
    number: int

    @property
    def title(self) -> str:
        """The first heading, or the name if there is none."""
        from kdbook.markup import myst  # of the extra 'book', and 'kdcore doctor' has to start without it

        try:
            cells = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
            prose = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        except (OSError, ValueError, KeyError, TypeError):
            return self.name
        return next(filter(None, map(myst.title, prose)), self.name)


@dataclass(frozen=True)
class Project:
    """A checkout of the book.

    Attributes
    ----------
    root : Path
        The folder that holds ``_toc.yml``, ``_config.yml`` and ``book/``.
    build_folder : Path, optional
        Where to put what is made; ``_build`` in ``root`` if it is not given.
    """

    root: Path
    build_folder: Path | None = None

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
        return self.build_folder or self.root / "_build"

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
        self._check_spelling(pages)
        return pages

    def _check_spelling(self, pages: list[str]) -> None:
        """Refuse what only some systems take: two pages, or a page and its file, that differ by capital letters."""
        files = [path for path in map(self._source, pages) if path is not None]
        there = {folder: {_composed(name) for name in os.listdir(folder)} for folder in {p.parent for p in files}}
        if other := [path.name for path in files if _composed(path.name) not in there[path.parent]]:
            raise BookError(f"_toc.yml must spell pages as their files, small and capital letters: {', '.join(other)}")
        seen: dict[str, str] = {}
        for page in dict.fromkeys(pages):
            if (twin := seen.setdefault(page.casefold(), page)) != page:
                raise BookError(f"_toc.yml lists {twin!r} and {page!r}, whose files are one on macOS and Windows")

    def left_out(self) -> list[str]:
        """Return the pages whose files lie in ``book/`` and that ``_toc.yml`` does not list, sorted."""
        files = (path for path in self.book.rglob("*") if path.suffix in (".ipynb", ".md"))
        places = (path.relative_to(self.book).with_suffix("") for path in files)
        shown = (place for place in places if not any(part.startswith(("_", ".")) for part in place.parts))
        names = {_composed(place.as_posix()) for place in shown}
        return sorted(names - {_composed(page).removesuffix(".md").removesuffix(".ipynb") for page in self.pages()})

    def parts(self) -> list[tuple[str, list[str]]]:
        """Return the pages by part, each with its caption; the title page and pages of no part have an empty one."""
        toc = _load_yaml(self.root / "_toc.yml")
        inside = set(_files(toc.get("parts")))
        alone = [page for page in self.pages() if page not in inside]
        captioned = [(str(part.get("caption", "")), list(_files(part))) for part in toc.get("parts") or []]
        return [("", alone), *captioned]

    def title(self) -> str:
        """Return the title of the book, from ``_config.yml``."""
        config = _load_yaml(self.root / "_config.yml")
        return str(config.get("title", "")) if isinstance(config, dict) else ""

    def short_name(self) -> str:
        """Return the title as the name of a folder or file."""
        return re.sub(r"\W+", "-", self.title().lower()).strip("-") or "book"

    def chapters(self) -> list[Chapter]:
        """Return the notebooks among the pages, in reading order."""
        found = ((page, self._source(page)) for page in self.pages())
        notebooks = [(page, path) for page, path in found if path is not None and path.suffix == ".ipynb"]
        numbers = self._numbers([page for page, _ in notebooks])
        return [Chapter(page, path, numbers[page]) for page, path in notebooks]

    def numbered(self) -> list[str]:
        """Return the pages of the parts whose pages have numbers, in reading order."""
        parts = _load_yaml(self.root / "_toc.yml").get("parts") or []
        return [page for part in parts if part.get("numbered") for page in _files(part)]

    def _numbers(self, notebooks: list[str]) -> dict[str, int]:
        """Return the number of each page that has one, then those of the other notebooks."""
        shown = self.numbered()
        others = [page for page in notebooks if page not in shown]
        return {page: number for number, page in enumerate([*shown, *others], start=1)}

    def chapter(self, text: str) -> Chapter:
        """Return the chapter that a number, a name, a file name or a part of a title stands for.

        Raises
        ------
        BookError
            If none does, or several do; the message lists them.
        """
        chapters = self.chapters()
        wanted = text.strip().lower()
        name = PurePath(wanted).stem if wanted.endswith(".ipynb") else wanted
        for chapter in chapters:
            if chapter.name.lower() == name or wanted in (str(chapter.number), chapter.title.lower()):
                return chapter
        found = [c for c in chapters if wanted and (name in c.name.lower() or wanted in c.title.lower())]
        if len(found) == 1:
            return found[0]
        listed = "\n".join(f"  {c.number:2d}  {c.name:<20} {c.title}" for c in found or chapters)
        near = get_close_matches(name, [word for c in chapters for word in (c.name, c.title.lower())], n=1)
        guess = f" (did you mean {near[0]}?)" if near else ""
        problem = f"{text!r} may be any of these chapters" if found else f"no chapter {text!r}{guess}: the book has"
        raise BookError(f"{problem}\n{listed}")

    def profile(self, profile: str) -> dict[str, dict[str, Any]]:
        """Return the parameters that a profile sets, by chapter; an empty mapping means the chapter's defaults.

        Parameters
        ----------
        profile : str
            A name in ``book/profiles.yml``, or the path of a YAML file that maps chapters to parameters.

        Raises
        ------
        BookError
            If there is no such profile, or it does not map chapters of the book to parameters.  Chapters that the
            book leaves out may be among them.
        """
        if profile.lower().endswith((".yml", ".yaml")):
            chosen, source = _load_yaml(Path(profile)), profile
        else:
            profiles = self.profiles()
            if profile not in profiles:
                raise BookError(
                    f"unknown profile {profile!r}: book/profiles.yml has {', '.join(profiles)}; "
                    "a profile of your own is the path of a .yml file"
                )
            chosen, source = profiles[profile], f"profile {profile!r}"
        chosen = chosen or {}
        if not isinstance(chosen, dict) or not all(isinstance(v, dict | None) for v in chosen.values()):
            raise BookError(f"{source} must map chapters to parameters, as in 'figure-2: {{n_repeats: 500}}'")
        resolved: dict[str, dict[str, Any]] = {}
        left_out = self.left_out()
        for key, values in chosen.items():
            if key in left_out:
                continue
            try:
                name = self.chapter(str(key)).name
            except BookError as error:
                raise BookError(f"{source}: {error}") from None
            if name in resolved:
                raise BookError(f"{source} names the chapter {name} twice")
            resolved[name] = {str(parameter): value for parameter, value in (values or {}).items()}
        return resolved

    def profiles(self) -> dict[str, Any]:
        """Return what ``book/profiles.yml`` holds, by the name of the profile."""
        path = self.book / "profiles.yml"
        return _load_yaml(path) if path.exists() else {"quick": {}}

    def _source(self, page: str) -> Path | None:
        for suffix in (".ipynb", ".md"):
            path = self.book / (page.removesuffix(suffix) + suffix)
            if path.is_file():
                return path
        return None


@dataclass(frozen=True)
class StagedProject(Project):
    """A book as Sphinx reads it: its chapters beside ``_toc.yml``."""

    @property
    def book(self) -> Path:
        """The same folder."""
        return self.root


def _composed(name: str) -> str:
    """Return a file's name with each accent in its letter: some systems keep the two apart."""
    return unicodedata.normalize("NFC", name)


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
    import yaml  # of the extra 'book', and 'kdcore doctor' has to start without it

    try:
        # libyaml's loader reads the same and takes a tenth of the time; not every PyYAML has it
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BookError(f"cannot read {path}: {error}") from None
