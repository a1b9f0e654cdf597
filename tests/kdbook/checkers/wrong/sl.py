import numpy as np

import kdcore as kd


def row(S, A, n, light=None):
    light = np.full(A - 2, S / (n + 1) if light is None else light)
    return np.r_[light, 0.0, 1 - light.sum()]


def spread(S, A, n):
    light = np.full(A - 1, S / (n + 1) / 2)
    return np.r_[light, 1 - light.sum()]


def first(S, A):
    return S * (A - 2) - 1


def closed(K, n, delta, root=2 / np.e, logs=1):
    L = np.log(1 / delta)
    return (K / np.e + np.sqrt(root * K * L) + logs * L) / n


ZIPF = 1 / np.arange(1, 12) / (1 / np.arange(1, 12)).sum()
TOLD = np.exp(np.round(np.log(ZIPF), 1))
RISK = np.abs(TOLD / TOLD.sum() - ZIPF).sum() / 2
FACTOR = float(kd.bounds.lemma_e_7(n_letters=110, n_samples=1, delta=0.05)) / closed(110, 1, 0.05)

WRONG = {
    "ex-sl-1": [
        ((spread, first), "no label has mass 0"),
        ((lambda S, A, n: np.r_[1.0, np.zeros(A - 1)], first), "one label of mass 0 is enough"),
        ((lambda S, A, n: row(S, A, n, 1 / (10 * n)), first), "its mean missing mass is"),
        ((lambda S, A, n: row(S, A, n)[:-1], first), "the shape must be"),
        ((row, lambda S, A: S * (A - 2)), "n + 1, not n"),
        ((row, lambda S, A: S * (A - 1) - 1), "one takes the rest"),
        ((row, lambda S, A: S * (A - 1) / 2 - 1), "buddies"),
        ((row, lambda S, A: A - 3), "S/(n+1) at its input"),
    ],
    "ex-sl-2.2": [
        (lambda K, n, delta: closed(K, n, delta, logs=0), "leaves another L"),
        (lambda K, n, delta: closed(K, n, delta, root=2), "an e as well"),
        (lambda K, n, delta: closed(K, n, delta, root=1 / np.e), "both parts are equal"),
        (lambda K, n, delta: closed(K, 1, delta), "divide by n"),
        (lambda K, n, delta: kd.bounds.lemma_e_7(n_letters=K, n_samples=n, delta=delta), "that is Lemma E.7"),
    ],
    "ex-sl-2.3": [(1 / FACTOR, "turn it around"), (FACTOR * 1.01, "off by more than rounding")],
    "ex-sl-3.1": [
        (1, "live on B"),
        (0, "the derivative"),
        (1 - 1 / np.e, "what leaves B"),
        (-1 / np.e, "the value of the minimum"),
    ],
    "ex-sl-3.2": [
        (1 / np.e, "what stays on B"),
        (2 - 2 / np.e, "half of the sum"),
        (0, "gets what the others lose"),
    ],
    "ex-sl-4.1": [
        (np.expm1, "there is a smaller one"),
        (lambda eps: eps, "to first order"),
        (np.sinh, "too little"),
        (lambda eps: np.expm1(eps) / 2, "too small for a teacher"),
        (lambda eps: 2 - 2 * np.exp(-eps), "twice the right value"),
    ],
    "ex-sl-4.2": [
        (2 * RISK, "half of the sum"),
        (np.abs(TOLD - ZIPF).sum() / 2, "divide by the sum first"),
        (0.0488, "the worst case"),
    ],
}
