"""Arrays by what they hold; shapes stand in the docstrings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Complexes = NDArray[np.complex128]

Policy = NDArray[np.float64]
"""Policies: every row, along the last axis, is a probability vector."""
Bound = NDArray[np.float64]
"""A bound, in the shape of ``n_samples``."""
