"""Settings of every test run: chapters under nbval save figures to a temporary folder and use one thread each."""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import matplotlib

from kdbook.execution.job import THREAD_VARIABLES
from kdbook.execution.kernel import NEW_OBJECTS, kernel_environment

gc.set_threshold(NEW_OBJECTS)
matplotlib.use("Agg")
_FIGURES = tempfile.TemporaryDirectory(prefix="kdcore-figures-")
os.environ["KDCORE_FIGURES"] = _FIGURES.name
_KERNEL = tempfile.TemporaryDirectory(prefix="kdcore-kernel-")
_CLEANED = kernel_environment(Path(_KERNEL.name), os.environ)  # nbval's kernels are those that a build starts
for _variable in set(os.environ) - set(_CLEANED):
    del os.environ[_variable]
os.environ.update(_CLEANED)
for _variable in THREAD_VARIABLES:  # kernels of chapters, as in a build: small matrices are slower on many threads
    os.environ.setdefault(_variable, "1")
