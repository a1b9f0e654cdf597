"""Tables as pictures and as text: teachers, data sets, and results with words for heads."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

KNOWN_COLOR, BAR_COLOR = "#cfe6f5", "#9cc9e3"
"""A cell that is told, and the bar in it that is as long as its probability."""
SILENT_COLOR, HATCH_COLOR = "#f2f2f2", "#cfcfcf"
"""A cell that is not told, and the lines that hatch it."""
TABLE = "table"
"""The id of a figure with such a table in its file: pages do not shrink it to the width of a phone."""


def draw_table(
    ax: Axes,
    probabilities: ArrayLike,
    counts: ArrayLike | None = None,
    masses: ArrayLike | None = None,
    title: str = "",
) -> None:
    """Draw a teacher, or what a protocol tells of it, as a table of inputs by labels.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    probabilities : array_like of shape (S, A)
        Of labels given inputs, each in [0, 1]; NaN where nothing is told.
    counts : array_like of shape (S, A), optional
        How often each pair was drawn, written as "2×".  With hard labels there are only these.
    masses : array_like of shape (S,), optional
        How likely each input is, written beside its name.
    title : str
        The title of the table.

    Raises
    ------
    ValueError
        If shapes do not agree.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> draw_table(ax, [[0.7, float("nan")], [float("nan"), float("nan")]], counts=[[2, 0], [0, 0]])
    >>> [text.get_text() for text in ax.texts]
    ['2×  0.7', '', '', '']
    """
    from matplotlib.patches import Rectangle

    table = check_table(probabilities, "probabilities")
    drawn = np.zeros(table.shape) if counts is None else check_table(counts, "counts")
    if drawn.shape != table.shape:
        raise ValueError(f"counts must have the shape {table.shape} of probabilities, got {drawn.shape}")
    for (s, a), value in np.ndenumerate(table):
        told = math.isfinite(value)
        known = told or drawn[s, a] > 0
        if not known:
            ax.add_patch(Rectangle((a, s), 1, 1, lw=0, fc=SILENT_COLOR, ec=HATCH_COLOR, hatch="///"))
        ax.add_patch(Rectangle((a, s), 1, 1, lw=3, fc=KNOWN_COLOR if known else "none", ec="white"))
        if told and value > 0:
            ax.add_patch(Rectangle((a + 0.04, s + 0.84), 0.92 * value, 0.1, fc=BAR_COLOR, ec="none"))
        words = [f"{drawn[s, a]:.0f}×"] * bool(drawn[s, a]) + [f"{value:.3g}"] * told
        ax.text(a + 0.5, s + 0.47, "  ".join(words), ha="center", va="center", fontsize=11)
    n_inputs, n_labels = table.shape
    inputs = [f"input {s}" for s in range(n_inputs)]
    if masses is not None:
        inputs = [f"{name} ({mass:.3g})" for name, mass in zip(inputs, np.asarray(masses), strict=True)]
    ax.set(xlim=(0, n_labels), ylim=(n_inputs, 0), title=title)
    ax.set_xticks(np.arange(n_labels) + 0.5, [f"label {a}" for a in range(n_labels)])
    ax.set_yticks(np.arange(n_inputs) + 0.5, inputs)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.figure.set_gid(TABLE)


class Table:
    """A table of results as a notebook shows it: words for heads, the first column names the rows.

    Parameters
    ----------
    frame : DataFrame
        Its columns are the heads, its index is not shown.  Numbers are rounded; text stays as it is.
    digits : int
        Significant digits of numbers that are not whole.

    Raises
    ------
    ValueError
        If a row has no name, which a screen reader would have to guess.

    Examples
    --------
    >>> import pandas as pd
    >>> Table(pd.DataFrame({"student": ["matcher"], "risk at n = 100": [0.012345]}), digits=2)
    student  risk at n = 100
    matcher            0.012
    """

    def __init__(self, frame: pd.DataFrame, digits: int = 3) -> None:
        self._heads = [str(head) for head in frame.columns]
        self._rows = [[_text(value, digits) for value in row] for row in frame.itertuples(index=False)]
        self._numeric = [all(_is_number(value) for value in frame[head]) for head in frame.columns]
        for place, row in enumerate(self._rows):
            if not row[0].strip():
                raise ValueError(f"the first column names the rows: got no name for row {place}")

    def __repr__(self) -> str:
        columns = zip(self._heads, *self._rows, strict=True)
        padded = []
        for numeric, column in zip(self._numeric, columns, strict=True):
            width = max(map(len, column))
            padded.append([cell.rjust(width) if numeric else cell.ljust(width) for cell in column])
        return "\n".join("  ".join(line).rstrip() for line in zip(*padded, strict=True))

    def _repr_html_(self) -> str:
        kinds = ['class="number"' if numeric else "" for numeric in self._numeric]

        def row(cells: list[str], tags: list[str], numbers: list[bool]) -> str:
            shown = [_as_html(cell, number) for cell, number in zip(cells, numbers, strict=True)]
            return "".join(
                f"<{tag} {kind}>{cell}</{tag[:2]}>" for cell, tag, kind in zip(shown, tags, kinds, strict=True)
            )

        head = row(self._heads, ['th scope="col"'] * len(kinds), [False] * len(kinds))
        tags = ['th scope="row"', *["td"] * (len(kinds) - 1)]
        body = "".join(f"<tr>{row(cells, tags, self._numeric)}</tr>\n" for cells in self._rows)
        return f'<table class="results">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>'


def _as_html(cell: str, number: bool) -> str:
    """Return a cell for a page: a number with a minus and powers of ten as they are printed."""
    if not number:
        return html.escape(cell)
    digits, _, exponent = cell.replace("-", "\u2212").partition("e")
    return f"{digits} × 10<sup>{exponent[0].strip('+')}{exponent[1:].lstrip('0')}</sup>" if exponent else digits


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _text(value: Any, digits: int) -> str:
    if not _is_number(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}".replace(",", "\u202f")
    return f"{value:.{digits}g}"
