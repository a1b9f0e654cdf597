"""What a row loses, in total variation or in KL: a fill of its hidden labels, and the uniform answer."""

from __future__ import annotations

import numpy as np
from scipy.special import kl_div, xlogy

from kdcore._checks import check_choice
from kdcore._types import Floats, Integers

_ROUNDING = 1e-14
"""A loss of at most this share of the unseen mass is that of a fill that is right but for rounding."""


def check_divergence(value: object) -> str:
    """Return ``value`` if it is the key of a divergence."""
    return check_choice(value, "divergence", ["tv", "kl"])


def loss_of_fill(
    levels: Floats, unseen: Integers, mass: Floats, n_zeros: Integers | int, divergence: str = "tv"
) -> Floats:
    """Return the loss where ``unseen[l]`` labels of probability ``levels[l]``, and the zeros, share ``mass`` evenly.

    In KL, ``sum v log(v / c)`` over the hidden v with fill c is a sum of terms ``v log(v / c) - v + c``, none negative:
    what they add to it is 0 in all.
    """
    fill = mass / np.maximum(unseen.sum(axis=0) + n_zeros, 1)
    if divergence == "kl":
        safe = np.where(fill > 0, fill, 1.0)
        loss = n_zeros * fill
        for level, left in zip(levels, unseen, strict=True):
            loss += left * kl_div(level, safe)
        small = _ROUNDING * mass * (1 + np.abs(np.log(safe)))
    else:
        loss = n_zeros * fill
        for level, left in zip(levels, unseen, strict=True):
            loss += left * np.abs(fill - level)
        loss /= 2
        small = _ROUNDING * mass / 2
    loss[loss <= small] = 0
    return np.asarray(loss)


def loss_of_uniform(levels: Floats, sizes: Integers, n_zeros: int, divergence: str = "tv") -> float:
    """Return the loss of the uniform row against ``sizes[l]`` labels of probability ``levels[l]`` and some zeros."""
    n_labels = int(sizes.sum()) + n_zeros
    if divergence == "kl":
        return max(float(sizes @ xlogy(levels, levels * n_labels)), 0.0)
    return float(sizes @ np.abs(levels - 1 / n_labels) + n_zeros / n_labels) / 2
