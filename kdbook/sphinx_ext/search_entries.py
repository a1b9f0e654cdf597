"""Keeping what the search knows of the index's entries from one rendering to the next.

Sphinx collects the entries of a page, and the names of objects, into its environment when it writes the page, but
stores the environment before it writes any.  The next rendering, which writes changed pages only, then makes a search
index without the entries of all others.  So the environment is stored once more at the end.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx

from kdbook.files import write_atomic


def store(app: Sphinx, error: Exception | None) -> None:
    """Store the environment as it is after all pages are written."""
    if error is None and app.builder.name == "html":
        stored = pickle.dumps(app.env, pickle.HIGHEST_PROTOCOL)
        write_atomic(Path(app.doctreedir) / ENV_PICKLE_FILENAME, stored)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("build-finished", store)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
