"""The page's figures, made of results.csv alone, each with the table that it shows."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

import kdcore as kd
from benchmarks.form import number, quantity
from benchmarks.words import FIGURES
from kdbook.palette import PALETTE
from kdcore import figures

OURS = PALETTE["counter"].light
"""What is measured is drawn in this blue, everything else in the grey of bounds."""


def save_all(results: pd.DataFrame, folder: Path) -> None:
    """Write each figure as SVG and CSV to a folder."""
    with _figures_in(folder):
        figures.use_style()
        for benchmark, draw in _DRAW.items():
            data = draw(results)
            figures.save(plt.gcf(), FIGURES[benchmark][0], data)
            plt.close()


@contextmanager
def _figures_in(folder: Path) -> Iterator[None]:
    before = os.environ.get(figures.FOLDER_VARIABLE)
    os.environ[figures.FOLDER_VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[figures.FOLDER_VARIABLE]
        if before is not None:
            os.environ[figures.FOLDER_VARIABLE] = before


def _loops(results: pd.DataFrame) -> pd.DataFrame:
    times = _times(results)
    sizes = list(dict.fromkeys(times["size"]))
    _, axes = plt.subplots(len(sizes), 1, figsize=(6.4, 1.8 * len(sizes)), sharex=True, squeeze=False)
    left = times["seconds_per_repeat"].min() / 3
    for ax, size in zip(axes[:, 0], sizes, strict=True):
        own = times[times["size"] == size][::-1]
        for way, seconds in zip(own["way"], own["seconds_per_repeat"], strict=True):
            ax.hlines(way, left, seconds, color=PALETTE["grey-c"].light, lw=1.5)
            ax.plot(seconds, way, "o", color=OURS if way == "kdcore" else figures.BOUND_COLOR, ms=7)
            text = quantity(seconds, "s")
            ax.annotate(text, (seconds, way), (8, 0), textcoords="offset points", va="center", fontsize=12)
        ax.set(
            xscale="log", title=size, xlim=(left, times["seconds_per_repeat"].max() * 8), ylim=(-0.6, len(own) - 0.4)
        )
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)
    axes[-1, 0].set_xlabel("seconds for one repeat")
    return times


def _times(results: pd.DataFrame) -> pd.DataFrame:
    """Return the time of one repeat at each size, whichever way; Instance 0."""
    rows = results[results["x"].isna()]
    loops, floors = rows[rows["benchmark"] == "loops"], rows[rows["benchmark"] == "drawing"]
    times = []
    for size, own in loops.groupby("what", sort=False):
        floor = floors.loc[floors["what"] == f"{size}, Instance 0", "alternative_measured"]
        times += [(size, *way) for way in zip(own["alternative"], own["alternative_measured"], strict=True)]
        times += [(size, "kdcore", own["measured"].min())]
        times += [(size, "drawing alone", seconds) for seconds in floor]
    return pd.DataFrame(times, columns=["size", "way", "seconds_per_repeat"])


def _few_samples(results: pd.DataFrame) -> pd.DataFrame:
    rows = _points(results, "few-samples")
    exponent = round(np.log10(rows.loc[rows["what"] == "SA", "x"].max()))
    labels = {"SA": "cells of a table $SA$, at $n$ = 200", "n": f"samples $n$, at $SA$ = $10^{{{exponent}}}$"}
    _, axes = plt.subplots(1, 2, figsize=(6.8, 3.4), sharey=True)
    for ax, (curve, label) in zip(axes, labels.items(), strict=True):
        own = rows[rows["what"] == curve]
        ax.plot(own["x"], own["alternative_measured"], "s--", color=figures.BOUND_COLOR, label="count tables")
        ax.plot(own["x"], own["measured"], "o-", color=OURS, label="kd.sample_risk")
        ax.set(xscale="log", yscale="log", xlabel=label)
    axes[0].set_ylabel("seconds for one repeat")
    axes[0].legend(loc="upper left")
    return _tidy(rows, measured="seconds_per_repeat", alternative_measured="count_tables_seconds_per_repeat")


def _growth(results: pd.DataFrame) -> pd.DataFrame:
    rows = _points(results, "growth")
    labels = {"n": "samples $n$", "S": "inputs $S$", "A": "labels $A$", "repeats": "repeats"}
    _, axes = plt.subplots(2, 2, figsize=(6.8, 5.2), sharey=True)
    for ax, (curve, label) in zip(axes.flat, labels.items(), strict=True):
        _with_fit(ax, rows[rows["what"] == curve])
        ax.set(xscale="log", yscale="log", xlabel=label)
    for ax in axes[:, 0]:
        ax.set_ylabel("seconds")
    return _tidy(rows, measured="seconds")


def _with_fit(ax: Axes, own: pd.DataFrame) -> None:
    """Draw the points of a curve and the fitted power law, with its exponent."""
    rate = kd.fit_rate(own["x"], own["measured"])
    ax.plot(own["x"], np.exp(rate.intercept) * own["x"] ** rate.slope, color=figures.BOUND_COLOR, lw=1)
    ax.plot(own["x"], own["measured"], "o", color=OURS)
    text = f"exponent {number(rate.slope)}"
    ax.text(0.04, 0.96, text, transform=ax.transAxes, va="top", color=figures.BOUND_COLOR, fontsize=12.5)


def _exact_growth(results: pd.DataFrame) -> pd.DataFrame:
    rows = _points(results, "exact-growth")
    _, ax = plt.subplots(figsize=(6.4, 4))
    for key, style in figures.LEARNER_STYLE.items():
        own = rows[rows["what"] == key]
        look: dict[str, Any] = {"color": style.color, "marker": style.marker, "ls": style.linestyle}
        ax.plot(own["x"], own["measured"], label=style.label, **look)
    ax.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel="seconds for one exact risk")
    ax.legend(loc="upper left")
    return _tidy(rows, measured="seconds")


def _points(results: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    return results[(results["benchmark"] == benchmark) & results["x"].notna()]


def _tidy(rows: pd.DataFrame, **names: str) -> pd.DataFrame:
    """Return the points of curves with columns that say what they hold."""
    return rows[["what", "x", *names]].rename(columns={"what": "curve", **names})


_DRAW: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "loops": _loops,
    "few-samples": _few_samples,
    "growth": _growth,
    "exact-growth": _exact_growth,
}
