"""Settings of every test run: chapters under nbval save figures to a temporary folder and use one thread each."""

from __future__ import annotations

import os
import tempfile

import matplotlib

from kdbook.execution.job import THREAD_VARIABLES

matplotlib.use("Agg")
_FIGURES = tempfile.TemporaryDirectory(prefix="kdcore-figures-")
os.environ["KDCORE_FIGURES"] = _FIGURES.name
for _variable in THREAD_VARIABLES:  # kernels of chapters, as in a build: small matrices are slower on many threads
    os.environ.setdefault(_variable, "1")
