"""Answers that are functions: called on some inputs, and compared with the right function there."""

from __future__ import annotations

import copy
import inspect
import linecache
import traceback
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kdbook.checkers.compare import NOT_YET, kind, short
from kdbook.checkers.verdict import Blank, Wrong

Mistake = tuple[Callable[..., ArrayLike], str]
_FACTORS = {2.0: "twice the right value", 0.5: "half the right value", -1.0: "the right value with the wrong sign"}


def call(answer: Any, *arguments: Any, names: Sequence[str] = ()) -> Any:
    """Call an answer on copies of some arguments, and return what it gives.

    Parameters
    ----------
    answer : object
        What was answered: something to call.
    *arguments : object
        What to call it with.
    names : sequence of str
        What the exercise calls the arguments.
    """
    if not callable(answer):
        raise Wrong(f"a function is asked for, got {kind(answer)}")
    told = written(answer, arguments, names)
    _accepts(answer, arguments, names)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = answer(*copy.deepcopy(arguments))
    except Exception as error:
        raise Wrong(f"{told} raises {type(error).__name__}{_said(error)}{_last_line(answer, error)}") from None
    if result is ... or (result is None and _has_no_body(answer)):
        raise Blank(NOT_YET)
    if result is None:
        raise Wrong(f"{told} gives None: does the function end with a return?")
    return result


def function(
    answer: Any,
    cases: Sequence[tuple[Any, ...]],
    right: Callable[..., ArrayLike],
    *,
    names: Sequence[str] = (),
    mistakes: Sequence[Mistake] = (),
    rtol: float = 1e-6,
    atol: float = 1e-12,
) -> None:
    """Check a function that returns a number or an array.

    Parameters
    ----------
    answer : object
        What was answered.
    cases : sequence of tuple
        The arguments of each call.
    right : function
        The right function, called on the same arguments.
    names : sequence of str
        What the exercise calls the arguments.
    mistakes : sequence of (function, str)
        Wrong functions that one gets easily, each with what to say of it; recognised if they agree in every case.
    rtol, atol : float
        The error that is allowed, relative and absolute.
    """
    given = [_values(call(answer, *case, names=names), written(answer, case, names)) for case in cases]
    targets = [np.asarray(right(*case), dtype=np.float64) for case in cases]
    for case, value, target in zip(cases, given, targets, strict=True):
        if value.shape != target.shape:
            asked = f"an array of shape {target.shape}" if target.ndim else "a number"
            got = f"shape {value.shape}" if value.ndim else "a number"
            raise Wrong(f"{written(answer, case, names)} must give {asked}, got {got}")

    def agree(others: Sequence[Any]) -> list[bool]:
        pairs = zip(given, others, strict=True)
        return [bool(np.allclose(value, other, rtol=rtol, atol=atol)) for value, other in pairs]

    good = agree(targets)
    if all(good):
        return
    for mistake, hint in mistakes:
        if all(agree([mistake(*case) for case in cases])):
            raise Wrong(hint)
    for factor, words in _FACTORS.items():
        if all(agree([factor * target for target in targets])):
            raise Wrong(f"it gives {words} for every input")
    first = good.index(False)
    count = "every input" if not any(good) else f"{good.count(False)} of {len(good)} inputs"
    raise Wrong(f"it is wrong for {count}; {written(answer, cases[first], names)} gives {short(given[first][()])}")


def written(answer: Any, arguments: Sequence[Any], names: Sequence[str]) -> str:
    """Return a call as one would write it."""
    shown = [short(argument) for argument in arguments]
    if names:
        shown = [name if "..." in text else f"{name}={text}" for name, text in zip(names, shown, strict=True)]
    return f"{_name(answer)}({', '.join(shown)})"


def _name(answer: Any) -> str:
    name = getattr(answer, "__name__", "")
    return name if name.isidentifier() else "your function"


def _values(result: Any, told: str) -> Any:
    try:
        values = np.asarray(result, dtype=np.float64)
    except (TypeError, ValueError):
        raise Wrong(f"{told} must give numbers, got {kind(result)}") from None
    if np.isnan(values).any():
        raise Wrong(f"{told} gives NaN")
    return values


def _accepts(answer: Any, arguments: Sequence[Any], names: Sequence[str]) -> None:
    try:
        inspect.signature(answer).bind(*arguments)
    except TypeError:
        asked = f"{len(arguments)} argument{'s' if len(arguments) != 1 else ''}"
        asked += f" ({', '.join(names)})" if names else ""
        raise Wrong(f"the function must take {asked}, but it is {_name(answer)}{inspect.signature(answer)}") from None
    except ValueError:  # a function written in C may have no signature: the call itself will tell
        pass


def _said(error: Exception) -> str:
    lines = str(error).splitlines()
    return f": {lines[0]}" if lines else ""


def _last_line(answer: Any, error: Exception) -> str:
    """Return the last line of the answer's own file that the error came through."""
    code = getattr(answer, "__code__", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if code and f.filename == code.co_filename]
    if not frames:
        return ""
    line = frames[-1].line or linecache.getline(frames[-1].filename, frames[-1].lineno or 0).strip()
    return f", in the line `{line}`" if line else ""


def _has_no_body(answer: Any) -> bool:
    """Return whether a function does nothing but perhaps say in a docstring what it should do."""
    code = getattr(answer, "__code__", None)
    return code is not None and not code.co_names and set(code.co_consts) <= {None, ..., answer.__doc__}
