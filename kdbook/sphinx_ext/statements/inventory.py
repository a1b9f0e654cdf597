"""Statements in the inventory, ``objects.inv``, so that other projects can link to them.

sphinx-proof has references of its own inside the book and lists nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from kdbook.sphinx_ext import numbers
from kdbook.sphinx_ext.statements.listed import FILE, read_statements


def list_in_inventory(app: Sphinx) -> Iterator[Any]:
    """Give the inventory every statement as a label.

    It is done just before the inventory is written, and undone after: inside the book a label would be a second target.
    """
    env = app.env
    book = Path(app.srcdir)
    listed = read_statements(book) if (book / FILE).is_file() else []
    labels = env.get_domain("std").labels  # type: ignore[attr-defined]
    named = numbers.numbers(env) | {one.anchor: one.item for one in listed}
    for label, statement in getattr(env, "proof_list", {}).items():
        if label not in labels:
            labels[label] = (
                statement["docname"],
                label,
                named.get(label, f"{statement['realtype'].title()} ({label})"),
            )
            _added(env).add(label)
    yield from ()


def forget(app: Sphinx, _error: Exception | None) -> None:
    """Take the labels of statements out again."""
    for label in _added(app.env):
        app.env.get_domain("std").labels.pop(label, None)  # type: ignore[attr-defined]
    _added(app.env).clear()


def _added(env: BuildEnvironment) -> set[str]:
    if not hasattr(env, "kdcore_added_labels"):
        env.kdcore_added_labels = set()  # type: ignore[attr-defined]
    added: set[str] = env.kdcore_added_labels  # type: ignore[attr-defined]
    return added


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-collect-pages", list_in_inventory)
    app.connect("build-finished", forget, priority=100)  # before the environment is stored
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
