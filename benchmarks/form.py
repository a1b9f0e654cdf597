"""Numbers as people read them."""

from __future__ import annotations

import math
import re

UNITS = ("s", "GiB", "MB")
"""Units that are written behind a number."""
_COUNTED = "ms|µs|s|GiB|MB|cores?|samples|repeats|requests|pixels?|%|×"


def grouped(number: float) -> str:
    """Return a whole number with its thousands apart."""
    return f"{round(number):,}".replace(",", "\u202f")


def number(value: float) -> str:
    """Return a number with three digits, or two after the point if it is small, and a true minus sign."""
    if abs(value) >= 1000:
        return grouped(float(f"{value:.3g}"))
    if abs(value) < 0.1:
        value = round(value, 2) + 0.0  # no negative zero
        return f"{value:.2f}".replace("-", "−")
    return f"{value:#.3g}".rstrip(".").replace("-", "−")


def limit(value: float, unit: str) -> str:
    """Return a target with its unit, as it was set."""
    return f"{value:g}\u00a0{unit if unit in UNITS else ''}".strip().replace("-", "−")


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit: seconds as s, ms or µs; an exponent, a count and a layout shift have none."""
    if unit == "requests":
        return grouped(value)
    if unit == "shift":
        return f"{value:.3f}"
    if unit not in ("s", "s/repeat"):
        return f"{number(value)}\u00a0{unit if unit in UNITS else ''}".strip()
    factor, prefix = (1.0, "") if value >= 0.9995 else (1e3, "m") if value >= 0.9995e-3 else (1e6, "µ")
    return f"{number(value * factor)}\u202f{prefix}s"


def range_of(low: float, high: float) -> str:
    """Return an interval in brackets, or nothing."""
    return "" if math.isnan(low) else f" [{number(low)},\u00a0{number(high)}]"


def unbroken(text: str) -> str:
    """Return prose in which no line ends inside of a number, or between a number and what it counts."""
    text = re.sub(r"(?<=\d) (?=\d{3}\b)", "\u202f", text)
    return re.sub(rf"(?<=\d) (?=(?:{_COUNTED})(?!\w))", "\u00a0", text)
