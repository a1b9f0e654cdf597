"""The answers of a class, from a spreadsheet or a form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kdbook.classroom import STUDENT, Cook, Guess
from kdbook.classroom.tables import Complaints, Table, distribution, read_table, squeeze
from kdbook.project import BookError

SIMULATED = "# SIMULATED"
"""A file whose remarks hold this is not a class; everything made from it says so."""
_KEYS = {
    "pair": ("pair", "pair number", "sheet", "group"),
    "protocol": ("protocol", "told"),
    "n": ("n", "throws", "samples", "n samples"),
    "input": ("input",),
}
_PROTOCOLS = {"label": "hard", "full": "soft"} | {protocol: protocol for protocol in STUDENT}
_PAIR = re.compile(r"(?:pair|sheet|group|no\.?|#)?\s*(\d{1,6})")


@dataclass(frozen=True)
class Answers:
    """What a file holds.

    Attributes
    ----------
    guesses : list of Guess
        Those that are complete.
    notes : list of str
        What was left out or changed.
    simulated : bool
        Whether the file says that it is.
    """

    guesses: list[Guess]
    notes: list[str]
    simulated: bool


@dataclass
class _Row:
    line: int
    place: tuple[int, str, int]
    which: int
    cells: list[str]
    columns: list[str]


def read_answers(path: Path, cook: Cook) -> Answers:
    """Read the answers of a class.

    A line holds the guess of one pair after n throws at one input (columns ``pair``, ``protocol``, ``n``, ``input`` and
    one for each label), or at all inputs (without ``input``, and columns such as ``sun bread``).

    Parameters
    ----------
    path : Path
        The file.
    cook : Cook
        Whose inputs and labels it speaks of.

    Raises
    ------
    BookError
        With everything that is wrong, each with line, column, what is allowed and what was seen.
    """
    table = read_table(path)
    complaints = Complaints(path)
    keys, blocks, ignored = _columns(table, cook, path)
    rows = [row for line, cells in table.rows for row in _split(line, cells, table, keys, blocks, cook, complaints)]
    notes = [f"column {name!r} is not used" for name in ignored]
    found: dict[tuple[int, str, int], dict[int, np.ndarray]] = {}
    lines: dict[tuple[tuple[int, str, int], int], int] = {}
    protocols: dict[int, tuple[str, int]] = {}
    for row in rows:
        pair, protocol, n = row.place
        told, where = protocols.setdefault(pair, (protocol, row.line))
        if told != protocol:
            allowed = f"{told!r} for pair {pair}, as in line {where}"
            complaints.add(row.line, table.header[keys["protocol"]], allowed, protocol)
            continue
        name = cook.inputs[row.which]
        guess = found.setdefault(row.place, {})
        if not any(row.cells):
            notes.append(f"line {row.line}: pair {pair} has no guess for {name} after {n} throws")
            continue
        values, done = distribution(row.cells, row.line, row.columns, complaints)
        if not values.size:
            continue
        if row.which in guess:
            where = lines[row.place, row.which]
            if not np.allclose(guess[row.which], values):
                allowed = f"the same as in line {where} (pair {pair}, n {n}, {name}), or another pair or n"
                complaints.add(row.line, row.columns[0], allowed, " ".join(row.cells))
            else:
                notes.append(f"line {row.line} repeats line {where}, used once")
            continue
        guess[row.which], lines[row.place, row.which] = values, row.line
        if done:
            notes.append(done)
    complaints.settle()
    guesses = []
    for (pair, protocol, n), guess in found.items():
        missing = [name for which, name in enumerate(cook.inputs) if which not in guess]
        if missing:
            notes.append(f"pair {pair} after {n} throws is left out: no guess for {', '.join(missing)}")
        else:
            guesses.append(Guess(pair, protocol, n, np.stack([guess[which] for which in range(len(cook.inputs))])))
    if not guesses:
        raise BookError("\n  ".join([f"no complete guess in {path}", *notes]))
    return Answers(guesses, notes, any(SIMULATED in remark for remark in table.remarks))


def _columns(table: Table, cook: Cook, path: Path) -> tuple[dict[str, int], list[list[int]], list[str]]:
    """Return where the keys are, where the labels of each block are (one, or one an input), and what is not used."""
    names = [squeeze(name) for name in table.header]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise BookError(f"{path}, first line: two columns are called {', '.join(map(repr, twice))}")
    keys = {key: names.index(word) for key, words in _KEYS.items() for word in words if word in names}
    if "input" in keys:
        wanted = [[squeeze(label) for label in cook.labels]]
    else:
        wanted = [[squeeze(f"{name} {label}") for label in cook.labels] for name in cook.inputs]
    missing = [key for key in ("pair", "protocol", "n") if key not in keys]
    missing += [column for block in wanted for column in block if column not in names]
    if missing:
        raise BookError(
            f"{path}, first line: no column {', '.join(map(repr, missing))}. It needs pair, protocol, n, input and "
            f"{', '.join(cook.labels)}; or, without input, a column for each input and label, such as "
            f"{f'{cook.inputs[0]} {cook.labels[0]}'!r}. Seen: {', '.join(map(repr, table.header))}"
        )
    blocks = [[names.index(column) for column in block] for block in wanted]
    used = {*keys.values(), *(place for block in blocks for place in block)}
    return keys, blocks, [name for place, name in enumerate(table.header) if place not in used and name]


def _split(
    line: int,
    cells: list[str],
    table: Table,
    keys: dict[str, int],
    blocks: list[list[int]],
    cook: Cook,
    complaints: Complaints,
) -> list[_Row]:
    """Return the guesses of a line, one for each input that it speaks of."""
    before = len(complaints.found)

    def complain(key: str, allowed: str) -> None:
        complaints.add(line, table.header[keys[key]], allowed, cells[keys[key]])

    pair = _PAIR.fullmatch(squeeze(cells[keys["pair"]]))
    if not pair or int(pair[1]) < 1:
        complain("pair", "the number on the pair's sheets, from 1 to 999999")
    protocol = _PROTOCOLS.get(squeeze(cells[keys["protocol"]]).removesuffix("s").removesuffix(" label"))
    if protocol is None:
        complain("protocol", ", ".join(STUDENT))
    n = cells[keys["n"]]
    if not re.fullmatch(r"\d{1,5}", n):
        complain("n", "a whole number of throws from 0 to 99999")
    inputs = list(range(len(cook.inputs)))
    if "input" in keys:
        names = [squeeze(name) for name in cook.inputs]
        word = squeeze(cells[keys["input"]])
        inputs = [names.index(word)] if word in names else []
        if not inputs:
            complain("input", ", ".join(cook.inputs))
    if len(complaints.found) > before or pair is None or protocol is None:
        return []
    place = (int(pair[1]), protocol, int(n))
    return [
        _Row(line, place, which, [cells[at] for at in block], [table.header[at] for at in block])
        for which, block in zip(inputs, blocks, strict=True)
    ]
