import numpy as np


def known(counts, told):
    return np.where(counts > 0, told, 0)


def distances(counts, told):
    n = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weighted = counts * known(counts, told)
    total = weighted.sum(axis=1, keepdims=True)
    return 0.5 * np.abs(weighted / np.where(total > 0, total, 1) - counts / n).sum(axis=1)


def visible(counts, told):
    return distances(counts, told) @ counts.sum(axis=1) / counts.sum()


def careless(counts, told):
    weighted = counts * told
    return 0.5 * np.abs(weighted / weighted.sum(axis=1, keepdims=True) - counts).sum()


WRONG = {
    "ex-rw-1.1": [
        (lambda x: x**2 / (x**2 + (1 - x) ** 2), "how far is it from x"),
        (lambda x: x * (1 - x) * (2 * x - 1), "divide by"),
        (lambda x: x - x**2, "normalised"),
        (lambda x: 2 * x * (1 - x) * (2 * x - 1) / (x**2 + (1 - x) ** 2), "twice the right value"),
    ],
    "ex-rw-1.2": [
        ((9 / 200, 0.00072), "divide it by c"),
        ((0.15, 0.00072), "the bias"),
        ((0.144, 0.00072), "p(1) - p(2)"),
        ((3 / 32, 0.00072), "not under p"),
        ((0.072, 0.0072), "not like 1/√n"),
        ((0.072, 0.072), "divide κ by"),
    ],
    "ex-rw-1.3": [
        ((0.505, 0.99), "not 2y"),
        ((0.51, 0.995), "not twice that"),
        ((0.99, 0.51), "swapped"),
        ((0.51, 0.51), "high: 0.51: swapped"),
    ],
    "ex-rw-2.1": [
        (lambda row, w: w(row) / w(row).sum(), "how often each label is drawn"),
        (lambda row, w: row * w(row), "normalise"),
        (lambda row, w: row**2 / (row @ row), "here w is any weight"),
    ],
    "ex-rw-2.2": [
        (lambda x: x, "w(0.05) and w(0.95) differ"),
        (lambda x: 1.0, "a constant weight"),
        (lambda x: x - 0.5, "must be positive"),
        (lambda x: "x", "a number is asked for"),
    ],
    "ex-rw-3.1": [
        (lambda n, told: distances(n, told)[n.sum(axis=1) > 0].mean(), "counts each drawn input alike"),
        (lambda n, told: visible(n, told) * n.sum(), "divide by n"),
        (careless, "gives NaN"),
        (lambda n, told: 2 * visible(n, told), "twice the right value"),
    ],
    "ex-rw-3.2": [
        ((300, "too low"), "off on average"),
        ((1000, "too low"), "that is enough, but 500"),
        ((500, "too high"), "both students agree"),
        ((500, "low"), "one of 'too high', 'too low'"),
    ],
    "ex-rw-4.1": [
        (lambda theta: 1 - theta, "exponent of the counts"),
        (lambda theta: theta**0.5, "expand"),
        (lambda theta: theta**2, "a variance"),
    ],
    "ex-rw-4.2": [
        (lambda n, told: np.where(n > 0, told, (1 - known(n, told).sum()) / max((n == 0).sum(), 1)), "the matcher"),
        (known, "normalise over"),
        (lambda n, told: n / n.sum(), "θ = 1"),
        (lambda n, told: told / told.sum(), "gives NaN"),
    ],
}
