"""Checkers of the chapter "Figure 2"."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import poisson

from kdbook.checkers.compare import choice, integer, named, number
from kdbook.checkers.registry import checker
from kdcore import expected_risk, fit_rate, instance_3


@checker("ex-f2-1")
def lost_shares(answer: Any) -> str:
    """Check which share of the light mass three students lose, by sums over the counts of many light labels."""
    drawn = np.arange(40)
    short = float((poisson.pmf(drawn, 1) * np.maximum(1 - drawn, 0)).sum())
    apart = float((poisson.pmf(drawn, 1) * np.abs(drawn - 1)).sum())
    unseen = float(poisson.pmf(0, 1))
    spread = unseen / (unseen + 1)
    named(
        answer,
        {
            "ce_ptl": lambda value: number(
                value, 1.0, mistakes=[(0.5, "that is in units of SA: divide by S m, and m is about A/2")]
            ),
            "ce_sgl": lambda value: number(
                value,
                short,
                mistakes=[
                    (apart, "that is d(1): total variation has a factor 1/2"),
                    (short / 2, "that is in units of SA: divide by S m, and m is about A/2"),
                    (1 - unseen, "that is the share of labels that were drawn; who loses?"),
                ],
            ),
            "sel_ptl": lambda value: number(
                value,
                spread,
                mistakes=[
                    (unseen, "that mass is unseen, but part of it is put on the right labels"),
                    (unseen * spread, "that is what it gets right; the rest of the unseen mass is lost"),
                    (spread / 2, "that is in units of SA: divide by S m, and m is about A/2"),
                ],
            ),
        },
    )
    return "right: nothing is gained by weighing, and a bet on the unseen saves a quarter"


@checker("ex-f2-2")
def unequal_weights(answer: Any) -> str:
    """Check the slope of the exact risks, and whom the weights favour."""
    fine = np.geomspace(2_500, 100_000, 17).round().astype(int)[::2]
    risk = np.array([expected_risk(instance_3(100, 25, n), n, "ce_ful") for n in fine.tolist()])
    slope, late = fit_rate(fine, risk).slope, fit_rate(fine[4:], risk[4:]).slope
    named(
        answer,
        {
            "slope": lambda value: number(
                value,
                slope,
                mistakes=[
                    (-slope, "the risk falls: the slope is negative"),
                    (late, "that is for the right half of the grid alone"),
                    (-1.0, "that is what it tends to; fit the exact risks on this grid"),
                ],
            ),
            "end": lambda value: choice(
                value,
                "neither",
                {
                    "left": "print the noise relative to the risk: is it smaller there?",
                    "right": "print the noise relative to the risk: is it smaller there?",
                },
            ),
        },
    )
    return "right: both fits are far from -1, and for a good reason"


@checker("ex-f2-4")
def seeds_needed(answer: Any) -> str:
    """Check how many seeds show a bias of one standard error at four standard deviations."""
    right = next(m for m in range(1, 1000) if np.sqrt(m) >= 4)
    named(
        answer,
        {
            "seeds": lambda value: integer(
                value,
                right,
                mistakes=[
                    (4, "the mean of m deviations has the standard deviation 1/√m, not 1/m"),
                    (256, "this would show a quarter of a standard error"),
                ],
            ),
            "verdict": lambda value: choice(
                value,
                "luck",
                {"bias": "a bias would pull the mean over the seeds to one side by several of its standard errors"},
            ),
        },
    )
    return "right: and the seed stays as it is"


@checker("ex-f2-3")
def best_of_both(answer: Any) -> str:
    """Check the largest smallest ratio of a mixed teacher, by trying all shares."""
    share = np.linspace(0, 1, 1_000_001)  # of the first group; the others take the rest in equal parts
    ratio = float(np.minimum(np.sqrt(share), (1 - share) / 2).max())
    number(
        answer,
        ratio,
        mistakes=[
            (
                1 / 3,
                "that is for three equal shares: the first ratio is the root of its share, so less will do",
            ),
            (ratio**2, "that is the share of the first group; the ratio is its root"),
            (0.5, "the three shares must add up to 1: α + 2√α = 1"),
            ((np.sqrt(3) - 1) / 2, "that is for masses in proportion to the shares; a mass costs the others nothing"),
        ],
    )
    return "right: two fifths of each examiner's hardness, all at once"
