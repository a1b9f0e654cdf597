"""Validation shared by the package: every refusal names the value, the rule and what is allowed."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdcore._types import Floats, Policy

SUM_TOLERANCE = 1e-9
"""A probability vector may miss a sum of 1 by at most this much."""
ROW_TOLERANCE = 1e-6
"""A row of a student may miss a sum of 1, or be below 0, by at most this much: students may be made of float32."""


def check_integer(value: Any, name: str, minimum: int = 0) -> int:
    """Return ``value`` as an int of at least ``minimum``; floats and booleans are refused."""
    rule = "a non-negative integer" if minimum == 0 else f"an integer of at least {minimum}"
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        hint = ""
        if isinstance(value, float | np.floating) and float(value).is_integer():
            hint = f"; write {int(value)}"
        raise ValueError(f"{name} must be {rule}, got {value!r}{hint}") from None
    if number < minimum:
        raise ValueError(f"{name} must be {rule}, got {number}")
    return number


def check_table(values: ArrayLike, name: str, ndim: int = 2) -> Floats:
    """Return a copy of ``values`` as floats, one entry on each axis at least."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from None
    shape = "(S,)" if ndim == 1 else "(S, A)"
    if array.ndim != ndim:
        raise ValueError(f"{name} must have shape {shape}, got shape {array.shape}")
    if 0 in array.shape:
        raise ValueError(f"{name} must hold at least one entry on each axis, got shape {array.shape}")
    return array


def check_probabilities(values: ArrayLike, name: str, ndim: int) -> Floats:
    """Return a read-only copy of ``values`` whose last axis holds probability vectors."""
    array = check_table(values, name, ndim)
    for broken, rule in (
        (~np.isfinite(array), "probabilities must be finite"),
        (array < 0, "probabilities must not be negative"),
    ):
        if broken.any():
            index, where = find_first(broken)
            raise ValueError(f"{name}[{where}] = {array[index]}: {rule}")
    check_sums(array.sum(axis=-1), name)
    array.setflags(write=False)
    return array


def check_sums(sums: Any, name: str) -> None:
    """Raise ValueError that names the first row whose sum misses 1, or the vector if there is one sum only."""
    rows = np.atleast_1d(sums)
    off = np.abs(rows - 1) > SUM_TOLERANCE
    if off.any():
        row = int(np.argmax(off))
        label = name if np.ndim(sums) == 0 else f"{name}[{row}]"
        raise ValueError(
            f"{label} sums to {rows[row]:.12g}: it must sum to 1 within {SUM_TOLERANCE:g} (divide it by its sum)"
        )


def find_first(mask: Any) -> tuple[tuple[int, ...], str]:
    """Return the first index at which a mask holds, as a tuple and in words."""
    index = tuple(int(i) for i in np.argwhere(mask)[0])
    return index, ", ".join(map(str, index))


def check_policies(values: ArrayLike, name: str) -> Policy:
    """Return policies (..., S, A) as floats; rows that hold NaN pass, all others must be probability vectors."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from None
    if array.ndim < 2:
        raise ValueError(f"{name} must have shape (..., S, A), got {array.shape}")
    with np.errstate(invalid="ignore"):
        sums = np.einsum("...a->...", array)
    if (np.abs(sums - 1) <= ROW_TOLERANCE).all() and array.min(initial=0.0) >= -ROW_TOLERANCE:
        return array
    told = ~np.isnan(array).any(axis=-1)
    for broken, rule in (
        (told & (array < -ROW_TOLERANCE).any(axis=-1), "holds a negative number"),
        (told & ~(np.abs(sums - 1) <= ROW_TOLERANCE), "does not sum to 1"),
    ):
        if broken.any():
            index, where = find_first(broken)
            row = np.array2string(array[index], threshold=6, precision=6)
            raise ValueError(
                f"{name}[{where}] {rule}: each row must be a probability vector, within {ROW_TOLERANCE:g}, got {row}"
            )
    return array


def check_choice(value: object, name: str, known: list[str]) -> str:
    """Return ``value`` if it is one of ``known``; otherwise list what is."""
    if isinstance(value, str) and value in known:
        return value
    raise ValueError(f"unknown {name} {value!r}: known are {', '.join(known)}")
