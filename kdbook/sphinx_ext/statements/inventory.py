"""Names in the inventory, ``objects.inv``, so that other projects can link to what this book numbers and names.

Sphinx lists sections, terms and code.  Here come statements and equations, which it leaves out, and readable names for
exercises, figures, steps of proofs and questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from kdbook.sphinx_ext import folds, numbers, quiz
from kdbook.sphinx_ext.statements.listed import FILE, read_statements

Place = tuple[str, str]
"""A page and an anchor on it."""


def list_in_inventory(app: Sphinx) -> Iterator[Any]:
    """Give the inventory every label with its name; what has none gets that of its page.

    It is done just before the inventory is written, and undone after: inside the book a label would be a second target.
    """
    env = app.env
    labels = env.get_domain("std").labels  # type: ignore[attr-defined]
    env.kdcore_labels = dict(labels)  # type: ignore[attr-defined]
    places, names = _places(env), _names(env, Path(app.srcdir))
    names |= _titles(env, {label: place for label, place in places.items() if label not in names})
    for label, (page, anchor) in places.items():
        labels[label] = page, anchor, names.get(label) or env.titles[page].astext()
    yield from ()


def forget(app: Sphinx, _error: Exception | None) -> None:
    """Put Sphinx's own labels back."""
    kept = app.env.__dict__.pop("kdcore_labels", None)
    if kept is not None:
        labels = app.env.get_domain("std").labels  # type: ignore[attr-defined]
        labels.clear()
        labels.update(kept)


def _places(env: BuildEnvironment) -> dict[str, Place]:
    """Return where each label leads that Sphinx lists without a name, or not at all, or is to get another name."""
    std = env.get_domain("std")
    found = {label: place for label, place in std.anonlabels.items() if label not in std.labels}  # type: ignore[attr-defined]
    found |= {label: (page, anchor) for label, (page, anchor, _) in std.labels.items() if label in _exercises(env)}  # type: ignore[attr-defined]
    found |= {label: std.anonlabels[label] for label in numbers.numbers(env) if label in std.anonlabels}  # type: ignore[attr-defined]
    found |= {label: (one["docname"], label) for label, one in getattr(env, "proof_list", {}).items()}
    equations = env.get_domain("math").equations  # type: ignore[attr-defined]
    return found | {label: (page, nodes.make_id(f"equation-{label}")) for label, (page, _) in equations.items()}


def _names(env: BuildEnvironment, book: Path) -> dict[str, str]:
    """Return names by label: those that the book's own references have, with a word for equations and exercises."""
    listed = read_statements(book) if (book / FILE).is_file() else []
    names = numbers.numbers(env) | {one.anchor: one.item for one in listed}
    for label in env.get_domain("math").equations:  # type: ignore[attr-defined]
        names[label] = f"Equation {names[label]}"
    exercises = _exercises(env)
    for label, one in exercises.items():
        of = one["node"]["target_label"] if one["type"] == "solution" else label
        counted = env.toc_fignumbers.get(exercises[of]["docname"], {}).get("exercise", {}) if of in exercises else {}
        name = f"Exercise {'.'.join(map(str, counted[of]))}" if of in counted else f"Exercise ({of})"
        names[label] = f"Solution to {name}" if one["type"] == "solution" else name
    return names


def _exercises(env: BuildEnvironment) -> dict[str, Any]:
    found: dict[str, Any] = getattr(env, "sphinx_exercise_registry", {})
    return found


def _titles(env: BuildEnvironment, places: dict[str, Place]) -> dict[str, str]:
    """Return the titles of steps of proofs, questions, and statements without a number that no list names."""
    titles = {}
    proofs = getattr(env, "proof_list", {})
    for page, group in groupby(sorted(places, key=lambda label: places[label]), key=lambda label: places[label][0]):
        wanted = {places[label][1]: label for label in group}
        for node in env.get_doctree(page).findall(nodes.Element):
            for label in (wanted[anchor] for anchor in node["ids"] if anchor in wanted):
                if isinstance(node, (folds.FoldBox, quiz.Quiz)):
                    titles[label] = (node[0] if isinstance(node, folds.FoldBox) else node[0][0]).astext().rstrip(".")
                elif label in proofs:
                    titles[label] = f"{proofs[label]['realtype'].title()} {node[0].astext().strip()}"
    return titles


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-collect-pages", list_in_inventory)
    app.connect("build-finished", forget, priority=100)  # before the environment is stored
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
