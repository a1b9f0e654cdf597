import numpy as np
from scipy.stats import binom

FIRST, SECOND = 1.593624, 1.626153
OVERLAPS = (0.5, 1 - np.sqrt(1 - np.exp(-0.5)), np.exp(-0.5) / 2)
PAPER = np.exp(-0.5) / 16
UNION = np.sqrt(np.log(2) / 2)


def factor(n, p):
    return float(binom.sf(1, n + 2, p))


WRONG = {
    "ex-tools-1.1": [
        ((2, SECOND), "below_first: 2: there Pinsker's bound is 1"),
        ((SECOND, SECOND), "that is for the second form"),
        ((FIRST, FIRST), "below_second: 1.59362: that is for the first"),
        ((FIRST, 2), "below_second: 2: there"),
        ((0.5, SECOND), "too small"),
    ],
    "ex-tools-1.2": [
        ((0.75, *OVERLAPS[1:], 1 / 16), "is 1/2"),
        ((0.25, *OVERLAPS[1:], 1 / 16), "take the root"),
        ((0.5, 1 - OVERLAPS[1], OVERLAPS[2], 1 / 16), "one minus it"),
        ((0.5, OVERLAPS[1], 1 - OVERLAPS[2], 1 / 16), "second: 0.696735: that is"),
        ((0.5, OVERLAPS[1], np.exp(-0.5), 1 / 16), "factor 1/2 before"),
        ((*OVERLAPS, PAPER), "with the second form"),
        ((*OVERLAPS, PAPER * OVERLAPS[1] / OVERLAPS[2]), "with the first form"),
        ((*OVERLAPS, 1 / 8), "multiply by the overlap"),
        ((*OVERLAPS, 2 * PAPER * OVERLAPS[2]), "the larger overlap"),
    ],
    "ex-tools-2": [
        ((154, 735, UNION, 0.5), "first_05: 154: there E.4"),
        ((156, 735, UNION, 0.5), "for one letter less"),
        ((155, 155, UNION, 0.5), "first_6: 155: that is for the other"),
        ((155.5, 735, UNION, 0.5), "an integer"),
        ((155, 735, np.sqrt(np.log(2)), 0.5), "divide by 2"),
        ((155, 735, np.log(2) / 2, 0.5), "take the root"),
        ((155, 735, 0.5, UNION), "factor of bounded differences"),
        ((155, 735, UNION, UNION), "factor of E.4"),
        ((155, 735, UNION, 1), "halve it"),
    ],
    "ex-tools-3.1": [
        (lambda n, p: 1 / factor(n, p), "right side over left side"),
        (lambda n, p: 1, "no equality"),
        (lambda n, p: binom.sf(0, n + 2, p), "at least 2"),
        (lambda n, p: binom.sf(2, n + 2, p), "more than 2"),
        (lambda n, p: binom.sf(1, n, p), "n + 2 draws"),
        (lambda n, p: factor(n, p) / (p**2 * (n + 1) * (n + 2)), "divide by the right side"),
        (lambda n, p: p, "wrong for every input"),
    ],
    "ex-tools-3.2": [(2, "only at X = 0"), (1.5, "X is much larger"), (0, "falls as fast"), (0.9, "too small")],
}
