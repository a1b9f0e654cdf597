"""What kdcore offers and does not contain: the checkers of exercises and the command line, found by their names."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

GROUP = "kdcore"
"""The group of entry points in ``pyproject.toml``."""


def extension(name: str) -> Any:
    """Return the object that an installed package offers under a name, ``"check"`` or ``"command"``.

    Raises
    ------
    ImportError
        If none does.
    """
    for entry in entry_points(group=GROUP, name=name):
        return entry.load()
    raise ImportError(f"no installed package offers {GROUP}.{name}: install kdcore again (pip install -e .)")
