"""Outlines of SVG in fewer characters: tenths of a unit, steps from point to point."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_PIECE = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_LENGTH = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
"""How many numbers follow each command that is understood."""
Command = tuple[str, tuple[int, ...]]


def short_path(data: str) -> str:
    """Return an outline in tenths of a unit: a twentieth of a point is not seen.

    Parameters
    ----------
    data : str
        The attribute ``d`` of a path.  One with other commands than M, L, Q, C and Z, which are all that Matplotlib
        writes, is returned as it is.
    """
    commands = read(data)
    return data if commands is None else write(commands)


def read(data: str) -> list[Command] | None:
    """Return the commands of an outline with their numbers in tenths, or None if there is another kind in it."""
    commands: list[Command] = []
    letter, numbers = "", []
    for piece in [*_PIECE.findall(data), "end"]:
        if not piece[0].isalpha():
            numbers.append(round(10 * float(piece)))
            continue
        if letter:
            n_numbers = _LENGTH[letter]
            if (n_numbers == 0 and numbers) or (n_numbers and (not numbers or len(numbers) % n_numbers)):
                return None
            commands.append((letter, tuple(numbers[:n_numbers])))
            after = "L" if letter == "M" else letter
            commands += [
                (after, tuple(numbers[i : i + n_numbers])) for i in range(n_numbers, len(numbers), n_numbers or 1)
            ]
        letter, numbers = piece.upper() if piece in "zZ" else piece, []
        if piece != "end" and letter not in _LENGTH:
            return None
    return commands


def moved(commands: Sequence[Command], x: int, y: int) -> list[Command]:
    """Return an outline at another place."""
    return [
        (letter, tuple(value + (y if i % 2 else x) for i, value in enumerate(values))) for letter, values in commands
    ]


def write(commands: Sequence[Command]) -> str:
    """Return the attribute ``d`` of an outline."""
    parts: list[str] = []
    before = ""
    for letter, values in _steps(commands):
        implied = {"m": "l"}.get(before, before)
        if letter != implied or letter in "MZz":
            parts.append(letter)
        elif values[0] >= 0:
            parts.append(" ")
        parts.append(_numbers(values))
        before = letter
    return "".join(parts)


def _steps(commands: Sequence[Command]) -> Iterator[Command]:
    """Yield the commands with places that count from the point before, the first of an outline excepted."""
    x = y = 0
    start = (0, 0)
    for place, (letter, values) in enumerate(commands):
        if letter == "Z":
            x, y = start
            yield "z", ()
            continue
        steps = tuple(value - (y if i % 2 else x) for i, value in enumerate(values))
        last_x, last_y = x, y
        x, y = values[-2:]
        if letter == "M":
            start = (x, y)
            yield ("M", values) if place == 0 else ("m", steps)
        elif letter == "L" and y == last_y:
            yield "h", steps[:1]
        elif letter == "L" and x == last_x:
            yield "v", steps[1:]
        else:
            yield letter.lower(), steps


def _numbers(tenths: Sequence[int]) -> str:
    text = ""
    for value in tenths:
        number = short_number(value / 10, 1)
        text += number if not text or number[0] == "-" else f" {number}"
    return text


def short_number(value: float, digits: int) -> str:
    """Return a number with so many digits after its point, without zeros that say nothing."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
    if text in ("-0", ""):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
