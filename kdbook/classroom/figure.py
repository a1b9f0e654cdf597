"""The class and the curves in one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kdbook.classroom.cook import Cook
from kdbook.classroom.theory import NAMES, STUDENT, compare, risk_of_a_pair

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_class(ax: Axes, risks: pd.DataFrame, cook: Cook) -> None:
    """Draw each pair as a dot, class means with two standard errors, and the curves of the book's students.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    risks : DataFrame
        As from :func:`kdbook.classroom.risks_of`.
    cook : Cook
        The cook before shuffling.
    """
    from kdcore.figures import LEARNER_STYLE  # here, as importing Matplotlib takes long

    table = compare(risks, cook)
    last = int(table["n_samples"].max())
    grid = np.unique(np.linspace(1, 1.15 * last, 24).round().astype(int))
    shift = 0.012 * last
    for place, (protocol, learner) in enumerate(STUDENT.items(), start=-1):
        style = LEARNER_STYLE[learner]
        curve = [risk_of_a_pair(cook, protocol, int(n))[0] for n in grid]
        ax.plot(
            grid, curve, color=style.color, linestyle=style.linestyle, label=f"{protocol}: {NAMES[protocol]}, expected"
        )
        dots = risks[risks["protocol"] == protocol]
        means = table[table["protocol"] == protocol]
        if means.empty:
            continue
        ax.plot(
            dots["n_samples"] + place * shift, dots["risk"], style.marker, color=style.color, markersize=3.5, alpha=0.4
        )
        ax.errorbar(
            means["n_samples"] + place * shift,
            means["class_mean"],
            yerr=2 * means["std_error"].fillna(0),
            color=style.color,
            marker=style.marker,
            markersize=9,
            linestyle="none",
            capsize=4,
            label=f"{protocol}: the class, mean",
        )
    ax.set(xlabel="throws $n$", ylabel="distance from the cook", ylim=(0, None), xlim=(0, None))
    ax.set_xticks(sorted(table["n_samples"].unique()))
    ax.legend(ncols=2)
