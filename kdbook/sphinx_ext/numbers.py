"""What Sphinx calls the parts that it numbers, stored for notebooks and slides, which quote them outside of pages.

Every build leaves ``numbers.json`` beside its environment.  The builder ``numbers`` reads the pages and writes nothing
else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment

from kdbook.files import write_atomic
from kdbook.markup.labels import COUNTER, NUMBERS


def numbers(env: BuildEnvironment) -> dict[str, str]:
    """Return what references call each numbered part, by label: ``(2.3)``, ``Fig. 2.1``, ``Theorem 2.4``."""
    return {label: name for found in (_equations(env), _figures(env), _statements(env)) for label, name in found}


def _equations(env: BuildEnvironment) -> Iterator[tuple[str, str]]:
    form = env.config.math_eqref_format or "({number})"
    for label, (page, place) in env.get_domain("math").equations.items():  # type: ignore[attr-defined]
        number = str(place)
        if env.config.math_numfig and env.config.numfig:
            number = _joined(_counted(env, page, "displaymath").get(nodes.make_id(f"equation-{label}"), ()))
        yield label, form.format(number=number)


def _figures(env: BuildEnvironment) -> Iterator[tuple[str, str]]:
    for label, (page, anchor) in env.get_domain("std").anonlabels.items():  # type: ignore[attr-defined]
        for kind in ("figure", "table", "code-block"):
            number = _counted(env, page, kind).get(anchor)
            if number:
                yield label, env.config.numfig_format[kind] % _joined(number)


def _statements(env: BuildEnvironment) -> Iterator[tuple[str, str]]:
    for label, statement in getattr(env, "proof_list", {}).items():
        number = _counted(env, statement["docname"], statement["countertype"]).get(label)
        if number and not statement["nonumber"]:
            yield label, f"{statement['realtype'].title()} {_joined(number)}"


def _counted(env: BuildEnvironment, page: str, kind: str) -> dict[str, tuple[int, ...]]:
    return env.toc_fignumbers.get(page, {}).get(kind, {})


def _joined(number: Iterable[int]) -> str:
    return ".".join(map(str, number))


def store(app: Sphinx, error: Exception | None) -> None:
    """Store the numbers of this build."""
    if error is None:
        write_atomic(Path(app.doctreedir) / NUMBERS, json.dumps(numbers(app.env), indent=1, sort_keys=True) + "\n")


class NumbersBuilder(Builder):
    """Reads the pages, so that everything is counted, and writes none."""

    name = COUNTER
    epilog = ""

    def get_outdated_docs(self) -> list[str]:
        """Return nothing: no page is written."""
        return []

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return nothing: no page links to another."""
        return ""

    def write(self, *_: Any, **__: Any) -> None:
        """Write nothing."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_builder(NumbersBuilder)
    app.connect("build-finished", store)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
