"""What kdcore needs, by extra, and what of it is installed: read from the metadata that pip installed with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from kdbook.project import BookError

PACKAGE = "kdcore"


@dataclass(frozen=True)
class Extra:
    """The packages that one extra asks for.

    Attributes
    ----------
    name : str
        Of the extra; empty for what kdcore needs without any.
    found : tuple of str
        Those that are installed in a version that will do, each with its version.
    missing : tuple of str
        What is asked for and not there, each with the version that is there instead, if there is one.
    """

    name: str
    found: tuple[str, ...]
    missing: tuple[str, ...]


def extras() -> list[Extra]:
    """Return what kdcore needs without extras, then what each extra adds, in the order of pyproject.toml.

    Raises
    ------
    BookError
        If kdcore runs from a folder and was not installed, so that there is no metadata.
    """
    try:
        names = metadata.metadata(PACKAGE).get_all("Provides-Extra") or []
        needs = [Requirement(line) for line in metadata.requires(PACKAGE) or []]
    except metadata.PackageNotFoundError:
        raise BookError(
            f"{PACKAGE} is not installed, so nothing says what it needs: pip install -e '.[book]' in a checkout"
        ) from None
    return [_extra(name, needs) for name in ["", *names]]


def _extra(name: str, needs: list[Requirement]) -> Extra:
    found, missing = [], []
    for need in _needs(name, needs):
        try:
            version = metadata.version(need.name)
        except metadata.PackageNotFoundError:
            missing.append(_asked(need))
            continue
        if need.specifier.contains(version, prereleases=True):
            found.append(f"{need.name} {version}")
        else:
            missing.append(f"{_asked(need)} ({version} is installed)")
    return Extra(name, tuple(found), tuple(missing))


def _needs(name: str, needs: list[Requirement], seen: frozenset[str] = frozenset()) -> Iterator[Requirement]:
    """Yield what an extra adds on this machine; other extras of kdcore that it names are followed."""
    for need in needs:
        if not _applies(need, name):
            continue
        if canonicalize_name(need.name) != PACKAGE:
            yield need
            continue
        for other in sorted(need.extras - seen - {name}):
            yield from _needs(other, needs, seen | {name})


def _applies(need: Requirement, name: str) -> bool:
    marker = need.marker
    if not name or marker is None:
        return not name if marker is None else marker.evaluate({"extra": ""})
    return marker.evaluate({"extra": name}) and not marker.evaluate({"extra": ""})


def _asked(need: Requirement) -> str:
    return f"{need.name}{need.specifier}"
