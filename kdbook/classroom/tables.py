"""Tables that people typed: cells with their lines, numbers as people write them, and all complaints at once."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np

from kdbook.classroom import Cook
from kdbook.project import BookError

WITHIN = 0.05
"""A row may miss its sum by this share; it is then divided by its sum."""
UNITS = (1, 36, 100)
"""What a row of plain numbers may sum to: probabilities, thirty-sixths, percentages."""
NUMBER = "a number such as 9, 0.25, 0,25, 25% or 9/36"
_PLAIN = re.compile(r"(\d+([.,]\d*)?|[.,]\d+)\s*(%?)")
_FRACTION = re.compile(r"(\d+)\s*/\s*(\d+)")


def squeeze(text: str) -> str:
    """Return a word as it is compared: without case, with single spaces in place of others and of ``_`` and ``-``."""
    return re.sub(r"[\s_\-]+", " ", text).strip().casefold()


@dataclass
class Complaints:
    """All that is wrong with a file; :meth:`settle` raises it."""

    path: Path
    found: list[str] = field(default_factory=list)

    def add(self, line: int, column: str, allowed: str, seen: str) -> None:
        """Note what was seen in a cell, and what is allowed there."""
        self.found.append(f"{self.path}, line {line}, column {column!r}: must be {allowed}, got {seen!r}")

    def settle(self) -> None:
        """Raise a BookError with all complaints, if there are any."""
        if self.found:
            count = f"{len(self.found)} problems" if len(self.found) > 1 else "1 problem"
            raise BookError(f"{count} in {self.path}:\n  " + "\n  ".join(self.found))


@dataclass(frozen=True)
class Table:
    """A file as cells.

    Attributes
    ----------
    header : list of str
        Names of columns, as typed.
    rows : list of (int, list of str)
        The number of each line that is not empty, and its cells.
    remarks : list of str
        Lines that begin with ``#``.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    remarks: list[str]


def read_table(path: Path) -> Table:
    """Read a file of values separated by semicolons, tabs or commas, in UTF-8 or as spreadsheets on Windows write it.

    Raises
    ------
    BookError
        If there is no such file, or it is empty, or rows have more cells than there are columns.
    """
    try:
        data = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        raise BookError(f"no file {path}") from None
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = text.splitlines()
    remarks = [line for line in lines if line.lstrip('" ').startswith("#")]
    first = next((line for line in lines if line.strip() and line not in remarks), "")
    separator = next((mark for mark in (";", "\t", ",") if mark in first), ",")
    complaints = Complaints(path)
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    header: list[str] = []
    rows = []
    for cells in reader:
        cells = [cell.strip() for cell in cells]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if not header:
            header = cells
            continue
        if any(cells[len(header) :]):
            allowed = f"at most {len(header)} cells, as the first line has (a decimal comma needs ; as separator)"
            complaints.add(reader.line_num, header[-1], allowed, separator.join(cells))
        rows.append((reader.line_num, (cells + [""] * len(header))[: len(header)]))
    complaints.settle()
    if not rows:
        raise BookError(f"{path} must have a line of column names and at least one more line, got {len(lines)} lines")
    return Table(header, rows, remarks)


def number(text: str) -> tuple[float, bool]:
    """Return a number as people write it, and whether it is a share by itself (a percentage or a fraction).

    Raises
    ------
    ValueError
        If it is no such number.
    """
    if match := _FRACTION.fullmatch(text):
        if int(match[2]) == 0:
            raise ValueError(text)
        return float(Fraction(int(match[1]), int(match[2]))), True
    if match := _PLAIN.fullmatch(text):
        value = float(match[1].replace(",", "."))
        return (value / 100, True) if match[3] else (value, False)
    raise ValueError(text)


def distribution(cells: list[str], line: int, columns: list[str], complaints: Complaints) -> tuple[np.ndarray, str]:
    """Return a row of guesses that sums to 1, and what was done to it ("" for nothing).

    Plain numbers may sum to 1, 36 or 100, percentages and fractions to 1, each within 5 per cent: then the row is
    divided by its sum.  An empty cell beside others counts as 0.
    """
    values, shares, broken = [], [], False
    for cell, column in zip(cells, columns, strict=True):
        try:
            value, share = number(cell) if cell else (0.0, False)
        except ValueError:
            complaints.add(line, column, NUMBER, cell)
            broken = True
            continue
        values.append(value)
        shares.append(share)
    if broken:
        return np.empty(0), ""
    total = sum(values)
    units = (1,) if any(shares) else UNITS
    unit = next((unit for unit in units if abs(total - unit) <= WITHIN * unit + 1e-9), None)
    if unit is None:
        wanted = "1" if any(shares) else "1, 36 or 100"
        allowed = f"numbers that sum to {wanted} within 5 per cent together with the cells up to {columns[-1]!r}"
        complaints.add(line, columns[0], allowed, " ".join(cell or "-" for cell in cells) + f" (sum {total:.4g})")
        return np.empty(0), ""
    done = f"line {line}: the row sums to {total:.4g}, divided by it" if abs(total - unit) > 1e-6 * unit else ""
    return np.array(values) / total, done


def read_cook(path: Path) -> Cook:
    """Read a teacher of one's own: a line for each input, with its name, its chance, and its labels' shares.

    Raises
    ------
    BookError
        With everything that is wrong.
    """
    table = read_table(path)
    complaints = Complaints(path)
    labels = table.header[2:]
    if len(labels) < 2 or len({squeeze(label) for label in labels}) < len(labels) or not all(labels):
        raise BookError(
            f"{path}: the first line must be input, chance and two or more different labels: {table.header}"
        )
    faces, parts = [], []
    for line, cells in table.rows:
        faces.append(_times(cells[1], 6, line, table.header[1], complaints))
        parts.append(
            [_times(cell or "0", 36, line, label, complaints) for label, cell in zip(labels, cells[2:], strict=True)]
        )
    complaints.settle()
    try:
        return Cook(tuple(cells[0] for _, cells in table.rows), tuple(labels), tuple(faces), tuple(map(tuple, parts)))
    except ValueError as error:
        raise BookError(f"{path}: {error}") from None


def _times(cell: str, whole: int, line: int, column: str, complaints: Complaints) -> int:
    """Return how many parts of a whole a cell means: a whole number is one already, a share is multiplied."""
    allowed = f"a whole number of parts out of {whole}, or a fraction that is one, such as 2/{whole}"
    try:
        value, share = number(cell)
    except ValueError:
        complaints.add(line, column, allowed, cell)
        return 0
    parts = value * whole if share or value != int(value) else value
    if abs(parts - round(parts)) > 1e-6:
        complaints.add(line, column, allowed, cell)
    return round(parts)
