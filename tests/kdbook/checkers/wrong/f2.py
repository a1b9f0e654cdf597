from math import e, sqrt

import numpy as np

import kdcore as kd

GRID = np.geomspace(2_500, 100_000, 17).round().astype(int)[::2]
RISK = np.array([kd.expected_risk(kd.instance_3(100, 25, int(n)), int(n), "ce_ful") for n in GRID])
SLOPE = kd.fit_rate(GRID, RISK).slope

WRONG = {
    "ex-f2-1": [
        ((1 / 2, 1 / e, 1 / (e + 1)), "in units of SA"),
        ((1, 2 / e, 1 / (e + 1)), "a factor 1/2"),
        ((1, 1 / (2 * e), 1 / (e + 1)), "in units of SA"),
        ((1, 1 - 1 / e, 1 / (e + 1)), "share of labels that were drawn"),
        ((1, 1 / e, 1 / e), "part of it is put on the right labels"),
        ((1, 1 / e, 1 / (e * (e + 1))), "that is what it gets right"),
        ((1, 1 / e, 1 / (2 * e + 2)), "in units of SA"),
    ],
    "ex-f2-2": [
        ((-SLOPE, "neither"), "the slope is negative"),
        ((kd.fit_rate(GRID[4:], RISK[4:]).slope, "neither"), "the right half of the grid alone"),
        ((-1, "neither"), "what it tends to"),
        ((SLOPE, "left"), "is it smaller there?"),
        ((SLOPE, "right"), "is it smaller there?"),
    ],
    "ex-f2-4": [
        ((4, "luck"), "not 1/m"),
        ((256, "luck"), "a quarter of a standard error"),
        ((16, "bias"), "to one side by several"),
    ],
    "ex-f2-3": [
        (1 / 3, "three equal shares"),
        (3 - 2 * sqrt(2), "the ratio is its root"),
        (1 / 2, "must add up to 1"),
        ((sqrt(3) - 1) / 2, "in proportion to the shares"),
    ],
}
