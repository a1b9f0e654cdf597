"""What a class sees: the table as text, the figure, and one page to project."""

from __future__ import annotations

import html
import io
import itertools
import math
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from kdbook.classroom import STUDENT, Cook, compare, differences, pairs_needed, plot_class
from kdbook.files import write_atomic
from kdbook.palette import PALETTE
from kdcore import figures

NAME = "classroom-comparison"
MARK = "SIMULATED CLASS: no people took part"
READING = (
    "Each dot is one pair, and one draw of luck: the column spread says how far the book’s student lies from its mean. "
    "A bar is two standard errors of the class mean.",
    "The curves are the expected distances of the book’s students: the counter, the matcher, the copier. They are no "
    "prediction for people, who need not be those students. With the answer alone, a pair that keeps something back "
    "for what it has not seen can be much closer than the counter.",
    "With more than the answer, the order of each pair’s row was drawn by chance, and then nobody’s expected distance "
    "is below the curve of the protocol: a mean below it is luck. A mean far above it is misreading or arithmetic.",
    "The comparison shows the order of the protocols on this one cook. It does not show rates, and says nothing of "
    "other cooks.",
)
_COLUMNS = {
    "protocol": "protocol",
    "n_samples": "n",
    "pairs": "pairs",
    "class_mean": "class mean",
    "std_error": "std error",
    "theory": "book’s student",
    "spread": "its spread",
}
_PAPER, _MARKED = PALETTE["paper"].light, PALETTE["refused"].light
_STYLE = f"""
body {{ max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; color: #1b1b1b; background: {_PAPER}; }}
body {{ font: 1.15rem/1.45 "Source Sans Pro", system-ui, sans-serif; }}
h1 {{ font-size: 1.7rem; }} h2 {{ font-size: 1.25rem; }}
figure {{ margin: 0; }} svg {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: 0.2rem 0.9rem 0.2rem 0; border-bottom: 1px solid #bbb; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }}
.mark {{ padding: 0.4rem 0.8rem; border: 3px solid {_MARKED}; color: {_MARKED}; font-weight: 700; }}
div {{ overflow-x: auto; }}
"""


def needed(cook: Cook, samples: list[int]) -> pd.DataFrame:
    """Return, for each n, how many pairs each protocol needs for a difference to show; "-" where there is none."""
    rows = []
    for n in samples:
        counts = {f"{a} / {b}": pairs_needed(cook, a, b, n) for a, b in itertools.combinations(STUDENT, 2)}
        rows.append({"n": n} | {key: "-" if count is None else str(count) for key, count in counts.items()})
    return pd.DataFrame(rows)


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of :func:`kdbook.classroom.compare` as it is printed."""
    result = table.copy()
    for column in ("class_mean", "std_error", "theory", "spread"):
        result[column] = [_digits(value) for value in table[column]]
    result.loc[table["method"] != "exact", "theory"] += " (simulated)"
    return result[list(_COLUMNS)].rename(columns=_COLUMNS)


def gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the differences between protocols as they are printed."""
    found = differences(table)
    return pd.DataFrame(
        {
            "n": found["n_samples"],
            "difference": [f"{a} - {b}" for a, b in zip(found["first"], found["second"], strict=True)],
            "class": [_digits(value) for value in found["class_gap"]],
            "std error": [_digits(value) for value in found["std_error"]],
            "book’s students": [_digits(value) for value in found["theory_gap"]],
        }
    )


def draw(risks: pd.DataFrame, cook: Cook, simulated: bool) -> tuple[bytes, bytes]:
    """Return the figure as SVG and as PNG."""
    with mpl.rc_context():
        figures.use_style()
        fig = Figure(figsize=(9, 5.2))
        ax = fig.subplots()
        plot_class(ax, risks, cook)
        if simulated:
            ax.set_title(MARK)
        files = []
        for kind, metadata in (("svg", {"Date": None, "Creator": None}), ("png", {"Software": None})):
            data = io.BytesIO()
            fig.savefig(data, format=kind, metadata=metadata)
            files.append(data.getvalue())
    return files[0], files[1]


def page(table: pd.DataFrame, cook: Cook, svg: bytes, simulated: bool, notes: list[str]) -> str:
    """Return the page to project, with the figure inside."""
    drawing = svg.decode()
    drawing = drawing[drawing.index("<svg") :].replace("<svg", '<svg role="img" aria-labelledby="what"', 1)
    mark = f'<p class="mark">{MARK}</p>' if simulated else ""
    read = "".join(f"<p>{html.escape(text)}</p>" for text in READING)
    samples = sorted(int(n) for n in table["n_samples"].unique())
    remarks = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>The class and the book’s students</title><style>{_STYLE}</style></head><body><main>"
        f'<h1 id="what">The class and the book’s students: distance from the cook</h1>{mark}<figure>{drawing}</figure>'
        f"<div>{_html(shown(table))}</div>{read}"
        f"<h2>Differences between protocols</h2><div>{_html(gaps(table))}</div>"
        "<h2>Pairs that each protocol needs for a difference to show</h2>"
        "<p>Found 80 times in 100 by a two-sided t test at 5 per cent, if pairs were the book’s students."
        f"</p><div>{_html(needed(cook, samples))}</div>"
        + (f"<h2>Remarks on the file</h2><ul>{remarks}</ul>" if notes else "")
        + "</main></body></html>\n"
    )


def write(folder: Path, risks: pd.DataFrame, cook: Cook, simulated: bool, notes: list[str]) -> list[Path]:
    """Write table, figure and page into a folder, each whole, the page last."""
    table = compare(risks, cook)
    svg, png = draw(risks, cook, simulated)
    data = (f"# {MARK}\n" if simulated else "") + table.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    files: dict[str, str | bytes] = {
        "csv": data,
        "svg": svg,
        "png": png,
        "html": page(table, cook, svg, simulated, notes),
    }
    paths = [folder / f"{NAME}.{ending}" for ending in files]
    for path, content in zip(paths, files.values(), strict=True):
        write_atomic(path, content)
    return paths


def _digits(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _html(table: pd.DataFrame) -> str:
    return table.to_html(index=False, border=0)
