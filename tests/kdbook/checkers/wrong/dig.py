import numpy as np


def gap(scores, counts, pi):
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return counts * (logs - np.log(pi)), np.exp(logs)


def gradient(scores, counts, pi):
    g, student = gap(scores, counts, pi)
    return g - student * g.sum(axis=1, keepdims=True)


def without_normaliser(scores, counts, pi):
    return gap(scores, counts, pi)[0]


def twice(scores, counts, pi):
    return 2 * gradient(scores, counts, pi)


def uphill(scores, counts, pi):
    return -gradient(scores, counts, pi)


def of_the_counter(scores, counts, pi):
    return counts.sum(axis=1, keepdims=True) * gap(scores, counts, pi)[1] - counts


WRONG = {
    "ex-dig-1.1": [(2301, "one fewer"), (2812, "not at 1"), (1000, "still missing"), (900, "more than 900")],
    "ex-dig-1.2": [(2301.4, "a tenth"), (1000, "factor e"), (500, "log 2")],
    "ex-dig-2.1": [
        ((0.5, 0.3, 0.2), "once more"),
        ((0.25, 0.09, 0.04), "their sum"),
        ((0.4154, 0.3218, 0.2627), "not the root"),
    ],
    "ex-dig-2.2": [(0.3158, "half the sum")],
    "ex-dig-2.3": [(8, "less even"), (16, "squared"), (0.5, "which is not 1"), (1, "fourth power")],
    "ex-dig-3": [
        (without_normaliser, "normaliser"),
        (twice, "factor 1/2"),
        (uphill, "other sign"),
        (of_the_counter, "counter's"),
    ],
}
