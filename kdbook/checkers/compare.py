"""What checkers are made of: each helper returns what it was given, in one form, or raises what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kdbook.checkers.verdict import Blank, Wrong
from kdcore.teacher import Teacher

Floats = NDArray[np.float64]
NOT_YET = "not answered yet"
_BY_HAND = 2e-3
"""Relative error that a number written with three digits may have."""
_SUM = 1e-9
"""A probability vector may miss a sum of 1 by at most this much."""


def no_blank(answer: Any) -> None:
    """Raise Blank if an answer, or a part of it, is ``...`` or None."""
    if answer is None or answer is ...:
        raise Blank(NOT_YET)
    for name, part in _parts(answer):
        if part is None or part is ...:
            raise Blank(f"{NOT_YET}: {name}")


def _parts(answer: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(answer, Mapping):
        yield from ((str(key), value) for key, value in answer.items())
    elif isinstance(answer, tuple | list):
        yield from ((f"part {place}", value) for place, value in enumerate(answer, start=1))


def named(answer: Any, rules: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Check an answer of several parts: a tuple in the order of ``rules``, or a dict with their names.

    Returns what the rules return, by name.
    """
    names = list(rules)
    if isinstance(answer, Mapping):
        if set(answer) != set(names):
            raise Wrong(f"a dict must have the keys {_listed(names)}, got {_listed(map(str, answer)) or 'none'}")
        values = [answer[name] for name in names]
    elif isinstance(answer, tuple | list):
        if len(answer) != len(names):
            raise Wrong(f"{len(names)} values are asked for ({_listed(names)}), got {len(answer)}")
        values = list(answer)
    else:
        raise Wrong(f"{len(names)} values are asked for ({_listed(names)}), got {kind(answer)}")
    found = {}
    for (name, rule), value in zip(rules.items(), values, strict=True):
        try:
            no_blank(value)
            found[name] = rule(value)
        except Blank as blank:
            raise Blank(f"{blank}: {name}") from None
        except Wrong as wrong:
            raise Wrong(f"{name}: {wrong}") from None
    return found


def as_number(answer: Any) -> float:
    """Return a real number that is not NaN."""
    if isinstance(answer, str | bytes | bool | np.bool_) or _array(answer).ndim > 0:
        raise Wrong(f"a number is asked for, got {kind(answer)}")
    try:
        value = float(answer)
    except (TypeError, ValueError):
        raise Wrong(f"a number is asked for, got {kind(answer)}") from None
    except OverflowError:
        value = np.inf
    if np.isnan(value):
        raise Wrong("it is NaN, not a number")
    return value


def number(
    answer: Any, right: float, *, mistakes: Sequence[tuple[float, str]] = (), rtol: float = _BY_HAND, atol: float = 0.0
) -> float:
    """Check a number.

    Parameters
    ----------
    answer : object
        What was answered.
    right : float
        What is right.
    mistakes : sequence of (float, str)
        Wrong numbers that one gets easily, each with what to say of it.
    rtol, atol : float
        The error that is allowed, relative and absolute; by default that of three digits.
    """
    value = as_number(answer)

    def near(target: float, factor: float = 1.0) -> bool:
        return bool(abs(value - target) <= factor * max(rtol * abs(target), atol))

    if near(right):
        return value
    for wrong, hint in mistakes:
        if near(wrong):
            raise Wrong(f"{short(value)}: {hint}")
    if near(right, 10):
        raise Wrong(f"{short(value)} is close, but off by more than rounding: give three digits or more")
    raise Wrong(f"{short(value)} is too {'large' if value > right else 'small'}")


def integer(answer: Any, right: int, *, mistakes: Sequence[tuple[int, str]] = ()) -> int:
    """Check an integer, to be hit exactly; 3.0 will do for 3."""
    value = as_number(answer)
    if not value.is_integer():
        raise Wrong(f"an integer is asked for, got {short(value)}")
    return int(number(value, right, mistakes=mistakes, rtol=0.0))


def choice(answer: Any, right: str, hints: Mapping[str, str]) -> str:
    """Check which of some words was chosen; ``hints`` says of each wrong one why it is not the right one."""
    options = sorted([right, *hints])
    if not isinstance(answer, str) or answer not in options:
        raise Wrong(f"one of {_listed(map(repr, options))} is asked for, got {short(answer)}")
    if answer != right:
        raise Wrong(f"{answer!r}: {hints[answer]}")
    return answer


def as_array(answer: Any, shape: tuple[int | None, ...] | None = None) -> Floats:
    """Return an array of numbers, none of them NaN, of a shape; None in the shape stands for any length."""
    values = _array(answer)
    if values.dtype.kind not in "biuf":
        raise Wrong(f"an array of numbers is asked for, got {kind(answer)}")
    array = values.astype(np.float64)
    if shape is not None and not _fits(array.shape, shape):
        asked = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ("," if len(shape) == 1 else "") + ")"
        raise Wrong(f"the shape must be {asked}, got {array.shape}")
    if np.isnan(array).any():
        raise Wrong(f"it holds NaN{_at(np.isnan(array))}")
    return array


def array(
    answer: Any,
    right: ArrayLike,
    *,
    mistakes: Sequence[tuple[ArrayLike, str]] = (),
    rtol: float = 1e-6,
    atol: float = 1e-9,
) -> Floats:
    """Check an array, entry by entry; the parameters are those of :func:`number`."""
    target = np.asarray(right, dtype=np.float64)
    values = as_array(answer, target.shape)
    close = np.isclose(values, target, rtol=rtol, atol=atol)
    if close.all():
        return values
    for wrong, hint in mistakes:
        if np.allclose(values, wrong, rtol=rtol, atol=atol):
            raise Wrong(hint)
    first = tuple(np.argwhere(~close)[0])
    raise Wrong(f"{(~close).sum()} of {close.size} entries are wrong; the first{_at(~close)} is {short(values[first])}")


def as_teacher(answer: Any) -> Teacher:
    """Return a teacher."""
    if not isinstance(answer, Teacher):
        raise Wrong(f"a kd.Teacher is asked for, got {type(answer).__name__}")
    return answer


def probabilities(answer: Any, shape: tuple[int | None, ...] | None = None) -> Floats:
    """Check that the last axis of an array holds probability vectors."""
    values = as_array(answer, shape)
    if values.ndim == 0:
        raise Wrong("probabilities are asked for, got one number")
    if (values < 0).any():
        raise Wrong(f"a probability is negative{_at(values < 0)}")
    sums = values.sum(axis=-1)
    off = np.abs(sums - 1) > _SUM
    if off.any():
        where = f"the row{_at(off)}" if sums.ndim else "it"
        raise Wrong(f"{where} sums to {short(np.atleast_1d(sums)[np.atleast_1d(off)][0])}, not to 1")
    return values


def _fits(shape: tuple[int, ...], asked: tuple[int | None, ...]) -> bool:
    return len(shape) == len(asked) and all(n is None or n == m for m, n in zip(shape, asked, strict=True))


def _array(answer: Any) -> NDArray[Any]:
    """Return anything as an array; what holds no numbers alone has another type of entries."""
    try:
        return np.asarray(answer)
    except (TypeError, ValueError):  # rows of different lengths
        return np.empty(0, dtype=object)


def _at(mask: Any) -> str:
    """Return where a mask is first true, as an index to read."""
    where = np.argwhere(np.atleast_1d(mask))[0]
    return f" at [{', '.join(map(str, where))}]" if np.ndim(mask) else ""


def kind(answer: Any) -> str:
    """Return what an answer is, in words."""
    if isinstance(answer, str):
        return f"the text {short(answer)}"
    if callable(answer):
        return "a function"
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape}"
    if isinstance(answer, tuple | list | dict | set):
        return f"a {type(answer).__name__} of length {len(answer)}"
    return f"{short(answer)} of type {type(answer).__name__}"


def short(value: Any) -> str:
    """Return a value in one short line."""
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _listed(names: Any) -> str:
    return ", ".join(names)
