"""References to figures and tables by their numbers: each page that they lead to is read once, not for each of them."""

from __future__ import annotations

import functools
from typing import Any

from sphinx.application import Sphinx
from sphinx.domains.std import StandardDomain
from sphinx.environment import BuildEnvironment


class _Reading:
    """An environment that reads each page once.

    What it gives must not be changed: the domain looks for a label in it.
    """

    def __init__(self, env: BuildEnvironment) -> None:
        self._env = env
        self.get_doctree = functools.cache(env.get_doctree)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)


class NumberedReferences(StandardDomain):
    """Sphinx's own domain, which is asked for references after all pages were read."""

    _reading: _Reading | None = None

    def _resolve_numref_xref(self, env: BuildEnvironment, *where: Any) -> Any:
        self._reading = self._reading or _Reading(env)
        return super()._resolve_numref_xref(self._reading, *where)  # type: ignore[arg-type]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_domain(NumberedReferences, override=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
