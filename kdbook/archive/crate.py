"""An archive described for machines: ``ro-crate-metadata.json``, RO-Crate 1.1 (https://w3id.org/ro/crate/1.1)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

FILE = "ro-crate-metadata.json"
_FORMAT = "https://w3id.org/ro/crate/1.1"
_KINDS = {
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".md": "text/markdown",
    ".whl": "application/zip",
}
Entity = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What an archive says of itself.

    Attributes
    ----------
    cited : mapping
        What ``CITATION.cff`` says.
    name : str
        Of the archive's folder.
    commit : str
        Of the sources in it.
    clean : bool
        Whether the book was made from this commit and nothing else.
    address : str
        Of the repository; empty as long as there is none.
    """

    cited: Mapping[str, Any]
    name: str
    commit: str
    clean: bool
    address: str

    @property
    def unclean(self) -> str:
        """A sentence that says what is not in the sources; empty if all is."""
        return "" if self.clean else "The book was made from this commit with changes that are not in source/."


def text(told: Told, titles: Mapping[str, str], wheel: str, names: Collection[str]) -> str:
    """Return the description.

    Parameters
    ----------
    told : Told
        What the archive says of itself.
    titles : mapping of str to str
        The titles of the executed chapters by name.
    wheel : str
        The file name of kdcore.
    names : collection of str
        Those of all files of the archive, from its folder on.
    """
    chapters = [_file(f"executed/{name}/notebook.ipynb", f"{title}, executed") for name, title in titles.items()]
    drawn = {name.split("/")[1] for name in names if name.startswith("executed/") and "/figures/" in name}
    data = [
        _folder(f"executed/{name}/figures/", f"{title}: figures and their data")
        for name, title in titles.items()
        if name in drawn
    ]
    source = _folder("source/", "Sources as committed", version=told.commit, description=told.unclean)
    if told.address:
        source["codeRepository"] = told.address
    software = _file(wheel, "kdcore, which computed the book", version=str(told.cited["version"]))
    software["@type"] = ["File", "SoftwareApplication"]
    pages = _folder("html/", "The rendered book; open html/index.html")
    action = {
        "@id": "#build",
        "@type": "CreateAction",
        "name": "kdcore build",
        "instrument": _to(software),
        "object": _to(source),
        "result": [_to(pages), *map(_to, chapters), *map(_to, data)],
    }
    others = [_file(name, name) for name in sorted(names) if "/" not in name and name != wheel]
    parts = [pages, *chapters, *data, source, software, *others]
    persons = [_person(place, author) for place, author in enumerate(told.cited["authors"], start=1)]
    licences = [_licence(name) for name in _list(told.cited["license"])]
    paper = _paper(told.cited["preferred-citation"])
    root = _folder("./", str(told.cited["title"]))
    root |= {
        "description": str(told.cited["abstract"]).strip(),
        "datePublished": str(told.cited["date-released"]),
        "version": str(told.cited["version"]),
        "keywords": ", ".join(told.cited.get("keywords", [])),
        "author": [*map(_to, persons)],
        "license": [*map(_to, licences)],
        "citation": _to(paper[0]),
        "hasPart": [*map(_to, parts)],
        "mentions": _to(action),
    }
    about = {"@id": FILE, "@type": "CreativeWork", "about": _to(root), "conformsTo": {"@id": _FORMAT}}
    graph = [about, root, *parts, action, *persons, *licences, *paper]
    filled = [{key: _single(value) for key, value in entity.items() if value} for entity in graph]
    return json.dumps({"@context": f"{_FORMAT}/context", "@graph": filled}, indent=1, ensure_ascii=False) + "\n"


def _file(name: str, title: str, **more: str) -> Entity:
    kind = _KINDS.get(PurePosixPath(name).suffix, "text/plain")
    return {"@id": name, "@type": "File", "name": title, "encodingFormat": kind, **more}


def _folder(name: str, title: str, **more: str) -> Entity:
    return {"@id": name, "@type": "Dataset", "name": title, **more}


def _to(entity: Entity) -> Entity:
    return {"@id": entity["@id"]}


def _single(value: Any) -> Any:
    """Return a list of one as this one: RO-Crate asks for that."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _licence(name: str) -> Entity:
    return {"@id": f"https://spdx.org/licenses/{name}", "@type": "CreativeWork", "name": name}


def _person(place: int, author: Mapping[str, str], what: str = "author") -> Entity:
    """Return a person, or whoever has one name only: CFF calls them an entity."""
    found: Entity = {"@id": author.get("orcid", f"#{what}-{place}")}
    if "name" in author:
        return found | {"@type": "Organization", "name": author["name"]}
    given, family = author.get("given-names", ""), author.get("family-names", "")
    return found | {"@type": "Person", "name": f"{given} {family}".strip()}


def _paper(paper: Mapping[str, Any]) -> list[Entity]:
    """Return the paper that the book accompanies, and then its authors."""
    authors = [_person(place, author, "paper-author") for place, author in enumerate(paper["authors"], start=1)]
    known = [str(one["value"]) for one in paper.get("identifiers", [])]
    entity = {
        "@id": paper.get("url", "#paper"),
        "@type": "ScholarlyArticle",
        "name": paper["title"],
        "author": [*map(_to, authors)],
        "datePublished": str(paper["year"]),
        "identifier": known,
    }
    return [entity, *authors]
