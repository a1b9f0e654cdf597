import numpy as np


def share(S, A, n):
    y = S * (A - 1) / (2 * (n + 1))
    return y / (1 - 1 / A - y)


def exponent(S, A, n):
    return S / (S - 1) - share(S, A, n)


def border(S, A):
    return S**2 * A / 2


WRONG = {
    "ex-tab1-1.2": [
        ((lambda S, A, n: S / (S - 1) + share(S, A, n), border), "a minus"),
        ((lambda S, A, n: S / (S - 1), border), "in the last factor, too"),
        ((lambda S, A, n: 1 - share(S, A, n), border), "S - 1, not S"),
        ((lambda S, A, n: exponent(S, A, n) / S, border), "times S"),
        ((exponent, lambda S, A: S**2 * A / 2 - 1), "n + 1 is asked for"),
        ((exponent, lambda S, A: S * A / 2), "a factor S is missing"),
        ((exponent, lambda S, A: S**2 * (A - 1) / 2), "to divide by"),
    ],
    "ex-tab1-2": [(30, "four times the data"), (480, "0.01 is asked for"), (77, "square the ratio")],
    "ex-tab1-3.1": [
        ((-0.5, 1.0, 0.92), "its own examiner"),
        ({"n": -1.0, "S": 0.5, "A": 0.92}, "its own examiner"),
        ((-1.0, 1.0, 0.5), "its own examiner"),
    ],
    "ex-tab1-3.2": [
        ("Theorem 3.1", "lower bound"),
        ("Theorem 3.2", "does not look at the rows"),
        ("Theorem 4.4", "another student"),
    ],
    "ex-tab1-4": [
        (lambda tau: -1 / tau, "right for tau = 2 alone"),
        (lambda tau: 1 - tau, "now put a"),
        (lambda tau: -1.0, "move with n"),
        (lambda tau: 1 / tau, "exponent of the border"),
        (lambda tau: np.log(tau), "wrong for every input"),
    ],
}
