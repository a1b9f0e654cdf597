"""Whether the stored book is what this code computes.

First each stored chapter is compared with its own record and with the manifest, which finds whatever was changed by
hand.  Then chapters run again, and every number that they print or save is compared with the stored one.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from kdbook.execution import notebooks, records
from kdbook.execution.chapters import Executed, Request, execute_chapters
from kdbook.execution.parameters import check_values, read_parameters
from kdbook.execution.progress import Progress
from kdbook.folders import locked
from kdbook.project import BookError, Project

RELATIVE_TOLERANCE = 1e-6
"""How far two numbers may be apart, relative to the larger one: other processors round the last digits otherwise."""
ABSOLUTE_TOLERANCE = 1e-14
"""How far two numbers near 0 may be apart: what should be 0 is rounding noise, which differs between processors."""

_NUMBER = re.compile(r"[-+−]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Sample:
    """Which chapters run again, and how.

    Attributes
    ----------
    only : tuple of str
        Names of chapters; empty for all.
    size : int or None
        How many of them, drawn at random; None for all.
    seed : int
        Of that draw.
    jobs : int
        How many run side by side.
    timeout : int or None
        Seconds that a cell may take.
    """

    only: tuple[str, ...] = ()
    size: int | None = None
    seed: int = 0
    jobs: int = 1
    timeout: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What came out.

    Attributes
    ----------
    n_stored, n_again : int
        How many stored chapters were compared with their record, and how many of them ran again.
    problems : list of str
        Each difference in one line; empty if the book is what this code computes.
    """

    n_stored: int
    n_again: int
    problems: list[str]


def verify(project: Project, path: Path, sample: Sample) -> Verdict:
    """Compare the chapters beside a manifest with their record, and with what they compute now.

    Raises
    ------
    BookError
        If the manifest cannot be read, has no chapters beside it, or does not hold a chapter that is asked for.
    """
    manifest = records.read_manifest(path)
    if not (path.parent / "executed").is_dir():
        raise BookError(f"{path.parent} has no folder executed/: a manifest is verified with the chapters beside it")
    stored, problems = stored_chapters(path, manifest)
    problems += _unlisted(project, path, manifest)
    names = _chosen(project, manifest, sample)
    runnable = [name for name in names if name in stored and not _refused(project, name, manifest[name], problems)]
    with tempfile.TemporaryDirectory(prefix="kdcore-verify-") as scratch, _lock(project):
        try:
            again = _run_again(replace(project, build_folder=Path(scratch)), manifest, runnable, sample)
        except BookError as error:
            raise BookError(_kept(project, Path(scratch), str(error))) from None
    for result in again:
        notebook, figures = stored[result.chapter.name]
        problems += [f"{result.chapter.name}: {p}" for p in differences(notebook, figures, result)]
    return Verdict(len(stored), len(again), problems)


def _kept(project: Project, scratch: Path, message: str) -> str:
    """Keep what a chapter printed before it failed, and return the message with the place where it is now."""
    try:
        shutil.copytree(scratch / "failed", project.build / "failed", dirs_exist_ok=True)
    except OSError:  # a book to verify may be read-only
        return "\n".join(line for line in message.splitlines() if str(scratch) not in line)
    return message.replace(str(scratch), str(project.build))


def _lock(project: Project) -> AbstractContextManager[None]:
    """Keep builds away while chapters are read, where that is possible: a book to verify may be read-only."""
    return locked(project) if os.access(project.build, os.W_OK) else nullcontext()


def _unlisted(project: Project, path: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return what is stored and not in the manifest, or in the manifest and not in the book."""
    known = {chapter.name for chapter in project.chapters()}
    names = {found.parent.name for found in (path.parent / "executed").glob(f"[!.]*/{records.NOTEBOOK}")}
    problems = [f"{name}: stored, but not in the manifest" for name in sorted(names - set(manifest))]
    problems += [f"{name}: the book has no such chapter now" for name in manifest if name not in known]
    return problems if names or manifest else ["nothing is stored"]


def _refused(project: Project, name: str, record: Mapping[str, Any], problems: list[str]) -> bool:
    """Return whether a chapter cannot run with the recorded parameters, after adding why to the problems."""
    try:
        chapter = project.chapter(name)
        parameters = record.get("parameters")
        if not isinstance(parameters, Mapping):
            raise BookError(f"chapter {name!r}: the manifest holds no parameters")
        check_values(read_parameters(notebooks.read(chapter.path), name), parameters, name)
    except BookError as error:
        problems.append(f"{name}: cannot run again as recorded: {str(error).splitlines()[0]}")
        return True
    return False


Stored = dict[str, tuple[NotebookNode, dict[str, bytes]]]


def stored_chapters(path: Path, manifest: Mapping[str, Any]) -> tuple[Stored, list[str]]:
    """Return the chapters that lie beside a manifest, and in one line each what is not as it was recorded."""
    stored: Stored = {}
    problems = []
    for name, recorded in manifest.items():
        folder = path.parent / "executed" / name
        try:
            notebook, figures = notebooks.read(folder / records.NOTEBOOK), records.read_figures(folder)
        except BookError as error:
            problems.append(f"{name}: {error}")
            continue
        stored[name] = notebook, figures
        problems += [f"{name}: {what} since it ran" for what in records.damage(notebook, figures)]
        own = json.loads(json.dumps(records.read_record(notebook)))
        for key in sorted(set(own) | set(recorded)):
            if own.get(key) != recorded.get(key):
                said, carried = _short(recorded.get(key)), _short(own.get(key))
                problems.append(f"{name}: the manifest says {key} = {said}, the notebook {carried}")
    return stored, problems


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _chosen(project: Project, manifest: Mapping[str, Any], sample: Sample) -> list[str]:
    """Return the chapters of a manifest that are to run again, of those that the book still has."""
    known = {chapter.name for chapter in project.chapters()}
    names = [name for name in manifest if name in known]
    if sample.only:
        missing = [name for name in sample.only if name not in names]
        if missing:
            raise BookError(f"the manifest does not hold {', '.join(missing)}")
        return list(sample.only)
    if sample.size is not None and sample.size < len(names):
        return sorted(random.Random(sample.seed).sample(names, sample.size), key=names.index)
    return names


def _run_again(project: Project, manifest: Mapping[str, Any], names: Sequence[str], sample: Sample) -> list[Executed]:
    if not names:
        return []
    settings = {name: manifest[name]["parameters"] for name in names}
    request = Request(settings=settings, only=tuple(names), jobs=sample.jobs, timeout=sample.timeout)
    return [result for result in execute_chapters(project, request, Progress()) if result.chapter.name in names]


def differences(notebook: NotebookNode, figures: Mapping[str, bytes], fresh: Executed) -> Iterator[str]:
    """Yield in one line each what a fresh run has otherwise than a stored one."""
    if not notebooks.same_code(fresh.notebook, notebook):
        yield "the code of the chapter has changed since"
        return
    record = records.read_record(notebook)
    for key in ("values", "seed"):
        if record.get(key) != fresh.record.get(key):
            yield f"the record says {key} = {_short(record.get(key))}, it is {_short(fresh.record.get(key))}"
    if record.get("source") == fresh.record.get("source") and record.get("key") != fresh.record.get("key"):
        yield "the hash of its inputs is not the recorded one, though code and kdcore are the same"
    before, after = notebooks.printed(notebook), notebooks.printed(fresh.notebook)
    for number, (old, new) in enumerate(zip_longest(before, after, fillvalue=""), start=1):
        found = compare_text(old, new)
        if found:
            yield f"what cell In [{number}] prints: {found}"
    pictures = _drawn_alike(record, fresh.record)
    for name in sorted(set(figures) | set(fresh.figures)):
        if name.endswith(".svg") and not pictures:
            continue
        if name not in figures or name not in fresh.figures:
            yield f"{name} is {'not stored' if name not in figures else 'not made now'}"
            continue
        found = compare_text(figures[name].decode(errors="replace"), fresh.figures[name].decode())
        if found:
            yield f"{name}: {found}"


def _drawn_alike(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether pictures can be compared: another Matplotlib draws the same data otherwise."""
    old, new = ((record.get("versions") or {}).get("matplotlib") for record in (before, after))
    return old is not None and old == new


def compare_text(old: str, new: str) -> str | None:
    """Return in one line how two texts differ, numbers within the tolerances being the same, or None."""
    if old == new:
        return None
    rest_old, rest_new = _NUMBER.sub("#", old), _NUMBER.sub("#", new)
    numbers_old, numbers_new = _numbers(old), _numbers(new)
    if rest_old.split() != rest_new.split() or len(numbers_old) != len(numbers_new):
        return f"the text differs: stored {_difference(old, new)}"
    apart = [(_distance(a, b), a, b) for a, b in zip(numbers_old, numbers_new, strict=True)]
    far = [entry for entry in apart if entry[0] > RELATIVE_TOLERANCE]
    if not far:
        return None
    worst, stored, now = max(far)
    return f"{len(far)} of {len(apart)} numbers differ, most {stored:g} stored and {now:g} now (by {worst:.1e} of it)"


def _difference(old: str, new: str) -> str:
    for a, b in zip_longest(old.splitlines(), new.splitlines(), fillvalue=""):
        if a != b:
            return f"{_short(a)}, now {_short(b)}"
    return "the same lines with other line ends"


def _numbers(text: str) -> list[float]:
    return [float(word.replace("−", "-").replace("_", "")) for word in _NUMBER.findall(text)]


def _distance(a: float, b: float) -> float:
    """Return how far two numbers are apart relative to the larger one; 0 if both are next to 0."""
    gap = abs(a - b)
    return 0.0 if gap <= ABSOLUTE_TOLERANCE else gap / max(abs(a), abs(b))
