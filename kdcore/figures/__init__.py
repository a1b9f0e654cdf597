"""One look for all figures, and files that a reader can take away."""

from __future__ import annotations

import io
import itertools
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from kdcore._checks import check_choice
from kdcore._workers import FOLDER_VARIABLE, variable
from kdcore.figures.tables import Table, draw_table
from kdcore.learners import Learner, Learners

if TYPE_CHECKING:  # here and in functions, as importing Matplotlib and pandas takes longer than all the rest
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FOLDER_VARIABLE", "LEARNER_STYLE", "LearnerStyle", "Table", "draw_table", "plot_risks", "save", "use_style"]


@dataclass(frozen=True)
class LearnerStyle:
    r"""How a learner looks in every figure: told apart by colour, marker and dashes, so also in greyscale.

    Attributes
    ----------
    label : str
        Its name in legends: what the book calls it, and the protocol that it needs.
    color, marker : str
        Matplotlib's colour and marker.
    linestyle : str or tuple
        Matplotlib's line style.

    Examples
    --------
    >>> LEARNER_STYLE["sel_ptl"].label
    'matcher (partial)'
    """

    label: str
    color: str
    marker: str
    linestyle: str | tuple[int, tuple[float, ...]]


LEARNER_STYLE: dict[str, LearnerStyle] = {
    "ce_sgl": LearnerStyle("counter (hard)", "#0072b2", "o", "-"),
    "ce_ptl": LearnerStyle("weigher (partial)", "#c44e00", "s", (0, (5, 2))),
    "sel_ptl": LearnerStyle("matcher (partial)", "#00805a", "^", (0, (5, 2, 1, 2))),
    "ce_ful": LearnerStyle("copier (soft)", "#8a4a9e", "D", (0, (1, 1.5))),
}
"""The look of each learner by key."""

BOUND_COLOR = "#444444"
"""Bounds are drawn in this grey."""
GRID_COLOR = "#e3e3e3"
"""Grids are drawn in this grey."""
_OWN: tuple[tuple[str, str, str | tuple[int, tuple[float, ...]]], ...] = (
    (BOUND_COLOR, "v", "-"),
    (BOUND_COLOR, "P", (0, (5, 2))),
    (BOUND_COLOR, "X", (0, (1, 1.5))),
)
"""Colour, marker and dashes of learners of one's own, in turn."""


_TYPEFACE = "Source Sans Pro"
"""The typeface of figures, which is that of the pages."""


def use_style() -> None:
    """Set the book's look for all figures drawn from here on, whatever was set before but the backend.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with mpl.rc_context():  # only here, as this is an example
    ...     use_style()
    ...     mpl.rcParams["axes.grid"]
    True
    """
    import matplotlib as mpl
    import seaborn as sns
    from matplotlib import font_manager

    mpl.rcdefaults()
    if _TYPEFACE not in font_manager.get_font_names():
        for face in ("Regular", "It", "Bold", "Semibold"):
            font_manager.fontManager.addfont(str(files("font_source_sans_pro") / f"files/SourceSansPro-{face}.ttf"))
    sns.set_theme(
        context="notebook",
        style="ticks",
        font=_TYPEFACE,
        rc={
            "axes.grid": True,
            "axes.labelsize": 12,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 12,
            "figure.constrained_layout.use": True,
            "figure.dpi": 110,
            "figure.labelsize": 12,
            "grid.color": GRID_COLOR,
            "grid.linewidth": 0.7,
            "legend.fontsize": 11,
            "legend.frameon": False,
            "lines.linewidth": 1.7,
            "lines.markersize": 5.5,
            "mathtext.fontset": "custom",
            "mathtext.rm": _TYPEFACE,
            "mathtext.it": f"{_TYPEFACE}:italic",
            "mathtext.bf": f"{_TYPEFACE}:bold",
            "mathtext.cal": f"{_TYPEFACE}:italic",
            "mathtext.fallback": "stixsans",  # italic Greek, which the typeface has not
            "svg.fonttype": "path",
            "svg.hashsalt": "kdcore",
            "xtick.labelsize": 11,
            "ytick.labelsize": 11,
        },
    )


def plot_risks(ax: Axes, table: pd.DataFrame, learners: Learners | None = None, n_errors: float = 2.0) -> None:
    r"""Draw the rows of :func:`kdcore.risk_curve` on log-log axes, a line a learner, with error bars.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    table : DataFrame
        Columns ``learner``, ``n_samples``, ``risk``, ``std_error``.
    learners : str, Learner or several of these, optional
        Which learners, in this order; all in the table by default.  One of one's own has a look of its own, by its
        place in the table, and its name in the legend.
    n_errors : float
        Half the length of an error bar, in standard errors.

    Raises
    ------
    ValueError
        If the table has no rows of a learner.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from kdcore import instance_1, risk_curve
    >>> family = lambda n: instance_1(2, 4, n)
    >>> table = risk_curve(family, [10, 100], ["ce_sgl"], method="exact")
    >>> ax = Figure().subplots()
    >>> plot_risks(ax, table)
    >>> ax.get_xscale(), ax.get_legend_handles_labels()[1]
    ('log', ['counter (hard)'])
    """
    in_table = list(dict.fromkeys(table["learner"]))
    styles = _styles(in_table)
    asked = [learners] if isinstance(learners, str | Learner) else learners or in_table
    for one in asked:
        name = one.name if isinstance(one, Learner) else one
        style = styles[check_choice(name, "learner", in_table)]
        rows = table[(table["learner"] == name) & (table["risk"] > 0)]
        ax.errorbar(
            rows["n_samples"],
            rows["risk"],
            yerr=n_errors * rows["std_error"],
            color=style.color,
            marker=style.marker,
            linestyle=style.linestyle,
            label=style.label,
            capsize=2,
            elinewidth=1,
        )
    ax.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel="risk (expected total variation)")


def _styles(names: Iterable[str]) -> dict[str, LearnerStyle]:
    """Return the look of each learner: its own for the four, one of ``_OWN`` in turn for the others."""
    others = [name for name in names if name not in LEARNER_STYLE]
    looks = zip(others, itertools.cycle(_OWN), strict=False)
    return LEARNER_STYLE | {name: LearnerStyle(name.replace("$", r"\$"), *look) for name, look in looks}


def save(fig: Figure, name: str, data: pd.DataFrame) -> None:
    """Write a figure as ``name.svg`` and its data as ``name.csv``, both the same to the byte on every run.

    Parameters
    ----------
    fig : matplotlib Figure
        The figure.
    name : str
        Its anchor in the book, e.g. ``"fig-2a"``: lower-case letters, digits and hyphens.
    data : DataFrame
        What is drawn, a row a point.

    Raises
    ------
    ValueError
        If the name has other characters, or there is no data.

    Examples
    --------
    >>> import os
    >>> import pandas as pd
    >>> from matplotlib.figure import Figure
    >>> from tempfile import TemporaryDirectory
    >>> from unittest.mock import patch
    >>> data = pd.DataFrame({"n_samples": [10, 100], "risk": [0.5, 0.16]})
    >>> fig = Figure()
    >>> lines = fig.subplots().plot(data["n_samples"], data["risk"])
    >>> with TemporaryDirectory() as folder:  # in a notebook, save(...) is enough
    ...     with patch.dict(os.environ, {FOLDER_VARIABLE: folder}):
    ...         save(fig, "fig-risk", data)
    ...     sorted(os.listdir(folder))
    ['fig-risk.csv', 'fig-risk.svg']
    """
    import matplotlib as mpl

    if not name or not all(c.isascii() and (c.islower() or c.isdigit() or c == "-") for c in name):
        raise ValueError(f"name must consist of lower-case letters, digits and hyphens, got {name!r}")
    if data.empty:
        raise ValueError(f"the data of figure {name!r} is empty: give the table that is drawn")
    folder = Path(variable(FOLDER_VARIABLE) or "figures")
    folder.mkdir(parents=True, exist_ok=True)
    # The salt makes the ids in the SVG the same on every run, also where use_style() was not called.
    with warnings.catch_warnings(), mpl.rc_context({"svg.hashsalt": "kdcore"}):
        warnings.simplefilter("error")  # a glyph missing from the font, an axis that cannot be log: not in a book
        drawn = _drawn_once(fig, {"Date": None, "Creator": f"Matplotlib {mpl.__version__}"})
    (folder / f"{name}.svg").write_bytes(drawn)
    data.to_csv(folder / f"{name}.csv", index=False, float_format="%.10g", lineterminator="\n", encoding="utf-8")


def _drawn_once(fig: Figure, metadata: dict[str, str | None]) -> bytes:
    """Return a figure as SVG.  ``Figure.savefig`` writes the same, but draws twice: first for the layout alone."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    drawn = io.BytesIO()  # lines end alike on every system, which they do not in a file that Matplotlib opens
    canvas, dpi = fig.canvas, fig.dpi
    try:
        FigureCanvasSVG(fig).print_svg(drawn, metadata=metadata)  # type: ignore[no-untyped-call]
    finally:
        fig.dpi = dpi
        fig.set_canvas(canvas)
    return drawn.getvalue()
