import itertools

import numpy as np


def rival(theta, row=(0.5, 0.3, 0.2)):
    risk = 0.0
    for a, mass in enumerate(row):
        first, second = (v for b, v in enumerate(row) if b != a)
        risk += mass * abs(theta * (first + second) - first)
    return risk


def averaged(theta):
    return np.mean([rival(theta, row) for row in itertools.permutations((0.5, 0.3, 0.2))])


BEST = 0.025
RIGHT = {"squared": True, "log loss": True, "chi squared": False, "largest error": False}

WRONG = {
    "ex-nobody-1": [
        ((0.3, 0.2, 0.125), "half the sum"),
        ((0.125, 0.2, 0.125), "the median"),
        ((0.15, 0.4, 0.125), "half the sum"),
        ((0.15, 0.125, 0.125), "too much, too"),
        ((0.15, 0.2, 0.25), "half the sum"),
        ((0.15, 0.2, 0.2), "exact"),
    ],
    "ex-nobody-2.1": [
        ((lambda theta: 2 * rival(theta), BEST), "half the sum"),
        ((averaged, BEST), "the row is fixed"),
        ((lambda theta: rival(1 - theta), BEST), "smaller index"),
        ((rival, rival(0.5)), "uniform fill; another"),
        ((rival, 0.625), "its risk"),
        ((rival, rival(0.6)), "the other two"),
        ((rival, rival(5 / 7)), "another is better"),
    ],
    "ex-nobody-2.2": [
        (rival, "on the row itself"),
        (lambda theta: 6 * averaged(theta), "number of orders"),
        (lambda theta: 2 * averaged(theta), "half the sum"),
    ],
    "ex-nobody-3.1": [
        ((1, 0.5), "twice this"),
        ((2, 1), "square root"),
    ],
    "ex-nobody-3.2": [
        ((1, 1000), "much larger"),
        ((0.5, 100), "beta A"),
        ((0.5, 0.1), "how many labels"),
    ],
    "ex-nobody-4": [
        ({**RIGHT, "squared": False}, "at their mean"),
        ({**RIGHT, "log loss": False}, "KL up to"),
        ({**RIGHT, "chi squared": True}, "mean square"),
        ({**RIGHT, "largest error": True}, "0.4, 0, 0, 0"),
        ({**RIGHT, "squared": "yes"}, "True or False"),
    ],
}
