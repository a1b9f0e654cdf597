"""Where results lie: benchmarks/results.csv, and what the book makes of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from benchmarks import plots
from benchmarks.page import page

TEXTS = ("benchmark", "what", "unit", "alternative", "ratio_is", "target_of", "met", "date", "cpu", "python", "numpy")


def write(table: pd.DataFrame, root: Path) -> None:
    """Write measurements to ``benchmarks/results.csv``."""
    table.to_csv(_path(root), index=False, float_format="%.6g", lineterminator="\n")


def read(root: Path) -> pd.DataFrame:
    """Return the measurements of ``benchmarks/results.csv``."""
    table = pd.read_csv(_path(root), dtype=dict.fromkeys(TEXTS, str))
    return table.fillna(dict.fromkeys(TEXTS, ""))


def merged(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return all measurements, those of the benchmarks in ``after`` in the place of the ones before."""
    kept = before[~before["benchmark"].isin(after["benchmark"])]
    return pd.concat([kept, after], ignore_index=True)


def publish(table: pd.DataFrame, root: Path) -> None:
    """Write the book's page, its figures, and a copy of the measurements to download."""
    folder = root / "book" / "_static" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    plots.save_all(table, folder)
    shutil.copyfile(_path(root), folder / "results.csv")
    (root / "book" / "benchmarks.md").write_text(page(table), encoding="utf-8", newline="\n")


def _path(root: Path) -> Path:
    return root / "benchmarks" / "results.csv"
