import math

import numpy as np

ROW = np.array([0.5, 0.3, 0.2, 0.0])


def stationary(K):
    values, vectors = np.linalg.eig(np.asarray(K).T)
    d = vectors[:, np.abs(values - 1).argmin()].real
    return d / d.sum()


def alphas(K, shift):
    d = stationary(K)
    return [(t, (np.linalg.matrix_power(K, t - shift) / d).min()) for t in range(1, 31)]


def from_the_input(K):
    return min((t / alpha for t, alpha in alphas(K, 0) if alpha > 1e-12), default=math.inf)


def first_found(K):
    return next((t / alpha for t, alpha in alphas(K, 1) if alpha > 1e-12), math.inf)


def share(rho, pi, k, rest, weight):
    def constant(told):
        below = -np.sort(-pi, axis=1)[:, told:]
        mass = below.sum(axis=1, keepdims=True) if rest else 1
        return (rho**weight) @ np.sqrt(below * (1 - below / mass)).sum(axis=1)

    return constant(k) / constant(0)


WRONG = {
    "ex-bigram-1.1": [
        ((ROW**2, 0.158), "sum to 1"),
        ((ROW, 0.158), "the table's row"),
        ((ROW**2 / 0.38, 0.316), "half the sum"),
    ],
    "ex-bigram-1.2": [(5, "one input in 250"), (250, "one in five"), (50, "both")],
    "ex-bigram-1.3": [(0.5, "errors of counts"), (0.63185, "the mass is known")],
    "ex-bigram-2": [(from_the_input, "next input"), (first_found, "the least"), (lambda K: 1.0, "wrong for")],
    "ex-bigram-3": [
        (lambda rho, pi, k: share(rho, pi, k, False, 0.5), "it is known"),
        (lambda rho, pi, k: share(rho, pi, k, True, 1.0), "the root"),
    ],
}
