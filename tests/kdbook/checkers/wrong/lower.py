import numpy as np

CLAIM = 1 / (40 * np.e)
FACTORS = np.e * (1 - 1 / np.array([11, 101, 1001])) ** [10, 100, 1000]


def bayes(S, A, n, t):
    return S * (A - 1) / (4 * (n + 1)) * t * (1 - t / (n + 1)) ** n


def cost(g, x):
    return x * (1 - 1 / g)


WRONG = {
    "ex-lower-1.1": [
        ((CLAIM, CLAIM), "sum to one"),
        ((0.5, CLAIM), "sum to one"),
        ((0, 1 / (36 * np.e)), "n + 1"),
        ((0, 2 * CLAIM), "not A"),
        ((0, 0), "the bound is positive"),
    ],
    "ex-lower-1.2": [(1, "says nothing"), (3, "where both bounds are equal"), (2.5, "an integer")],
    "ex-lower-2.1": [
        ((lambda S, A, n, t: t * bayes(S, A, n, 1), 1), "hit with probability t/(n+1)"),
        ((lambda S, A, n, t: bayes(S, A, n, t) / t, 1), "x grows with t"),
        ((lambda S, A, n, t: S * (A - 1) / (4 * (n + 1)) * t * np.exp(-t), 1), "keep the power"),
        ((lambda S, A, n, t: 2 * bayes(S, A, n, t), 1), "twice the right value"),
        ((bayes, 1.278), "a random half"),
        ((bayes, 0), "then the risk is 0"),
    ],
    "ex-lower-2.2": [
        ((lambda g, x: x / 2, 2), "g = 2"),
        ((lambda g, x: x / g, 2), "not what it costs"),
        ((lambda g, x: x, 2), "costs less than x"),
        ((lambda g, x: 1 - 1 / g, 2), "proportional to x"),
        ((lambda g, x: 2 * cost(g, x), 2), "twice the right value"),
        ((cost, 1), "leaves no doubt"),
        ((cost, 3), "fewer groups"),
    ],
    "ex-lower-3.1": [
        (1 / FACTORS, "turn it around"),
        (FACTORS - 1, "not the gain"),
        (FACTORS[:2], "the shape must be (3,)"),
    ],
    "ex-lower-3.2": [
        ([1 / 3, 1 / 3, 1 / 3], "does each label have to exist"),
        ([0.01, 0.01, 0.98], "does each label have to exist"),
        ([0.05, 0, 0.95], "which mass"),
        ([0.01, 0, 0.98], "sums to 0.99"),
    ],
    "ex-lower-3.3": [
        ((4, 4 / 3), "both are equal"),
        ((1, 4 / 3), "nothing can be hidden but labels"),
        ((5, 16 / 15), "let S grow"),
        ((5, 2), "1 - 1/3, not 1"),
        ((5, 1), "what does each cost"),
        ((5, 3 / 4), "turn it around"),
    ],
}
