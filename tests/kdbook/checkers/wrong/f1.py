import numpy as np


def favourite(w, A):
    v, u = w + (1 - w) / A, (1 - w) / A
    return v, v**2 / (v**2 + (A - 1) * u**2)


def apart(w, A):
    row = np.r_[w, np.full(A - 1, (1 - w) / (A - 1))]
    return row[0] ** 2 / (row @ row) - row[0]


def one_label_or_all_alike(row):
    return bool(np.count_nonzero(row) == 1 or np.allclose(row, row[0]))


def saved(S, A):
    return (1 / S - 1 / A) / 2


WRONG = {
    "ex-f1-1.1": [
        (lambda w, A: favourite(w, A)[1], "subtract the teacher's share"),
        (lambda w, A: favourite(w, A)[1] - w, "the favourite has w + (1 - w)/A"),
        (apart, "falls on all A labels"),
        (lambda w, A: (A**2 - 1) / (2 * A * (A + 3)), "for w = 1/2 alone"),
    ],
    "ex-f1-1.2": [
        (lambda w: w, "what it misses is the rest"),
        (lambda w: 0.5, "for w = 1/2 alone"),
        (lambda w: 1, "the distance is asked for"),
    ],
    "ex-f1-1.3": [
        (lambda A: 0.25, "w must tend to 0"),
        (lambda A: A**-0.5, "tends to 1/2"),
        (lambda A: 1 / A, "too fast for the favourite"),
        (lambda A: 2, "w must lie between 0 and 1"),
    ],
    "ex-f1-2.1": [
        (one_label_or_all_alike, "with two labels the other one follows"),
        (lambda row: np.count_nonzero(row) <= 2 or np.allclose(row, row[0]), "one unseen label has none"),
        (lambda row: len(row) <= 2 or np.count_nonzero(row) == 1, "its risk is 0"),
        (lambda row: 1, "must return True or False"),
    ],
    "ex-f1-2.2": [
        (0.7, "a label of probability 0 is unseen, too"),
        (0.1, "the base is 1 - q"),
        (np.exp(-0.1), "not exp(-q)"),
        (-np.log(0.9), "the rate in an exponent"),
    ],
    "ex-f1-2.3": [
        (0.9, "are no pair"),
        (0.95, "no label has probability 0 any more"),
        (0.25, "the base is 1 - q"),
    ],
    "ex-f1-3": [
        (lambda S, A, n: saved(S, A), "where is n?"),
        (lambda S, A, n: (1 - 1 / S) / 2 * (1 - 1 / S) ** n, "the saving is asked for"),
    ],
}
