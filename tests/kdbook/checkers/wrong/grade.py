import numpy as np


def refused(hidden, c, delta, last=False, summed=False):
    """One player, on a grid and then by bisection; or at the last line alone, or with gains added up."""
    values = np.asarray(hidden, dtype=float)

    def reached(t):
        gains = c * (t - values) / (1 - t)
        capital = 1 + np.cumsum(gains) if summed else np.exp(np.minimum(np.cumsum(np.log1p(gains)), 700))
        return (capital[-1] if last else capital.max()) >= 1 / delta

    low, high = 0.0, 1 - 1e-10
    if not reached(high):
        return 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


WRONG = {
    "ex-grade-1.1": [
        ((3, 0.44), "divide by the number of lines"),
        ((0.8, 0.44), "not all different pairs"),
        ((0.6, 0.24), "hides nothing more"),
        ((0.6, 2.2), "divide by the number of lines"),
    ],
    "ex-grade-1.2": [
        (17 / 54, "over all five lines"),
        (11 / 90, "nothing negative"),
        (1 / 12, "three hidden labels, not two"),
    ],
    "ex-grade-2.1": [
        (148, "one line fewer"),
        (150, "an approximation"),
        (59, "for t = 0.05"),
    ],
    "ex-grade-2.2": [
        (385, "one line fewer"),
        (313, "that is for two"),
        (596, "do not add up"),
    ],
    "ex-grade-3": [
        (lambda hidden, c, delta: refused(hidden, c, delta, last=True), "not at the last"),
        (lambda hidden, c, delta: refused(hidden, c, delta, summed=True), "no sum of the gains"),
    ],
}
