"""Settings of every test run: figures that notebooks save under nbval go to a temporary folder, not into book/."""

from __future__ import annotations

import os
import tempfile

import matplotlib

matplotlib.use("Agg")
_FIGURES = tempfile.TemporaryDirectory(prefix="kdcore-figures-")
os.environ["KDCORE_FIGURES"] = _FIGURES.name
