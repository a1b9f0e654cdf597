import numpy as np

import kdcore as kd


def mean(S, A, n):
    return (np.sqrt(S * A / n) + np.sqrt(S / n)) / 2


def looseness(eps, xi):
    row = np.r_[1 - eps, np.full(99, eps / 99)]
    return float(kd.bounds.equation_3_5(n_inputs=1, n_labels=100, n_samples=10_000, xi=xi)) / kd.expected_risk(
        kd.Teacher([1.0], [row]), 10_000, "ce_sgl"
    )


CONSTANT, THRESHOLD = np.exp(-0.5) / (4 * np.sqrt(8 * np.log(3))), 1 / (2 * np.log(3))

WRONG = {
    "ex-hard-1.1": [
        (np.exp(-0.5) / 16, "into the root as well"),
        (np.exp(-0.5) / 32, "√4"),
        (0.5, "too large"),
        (0.076, "three digits or more"),
    ],
    "ex-hard-1.2": [
        ((np.exp(-0.5) / 16, THRESHOLD), "constant: 0.0379"),
        ((1 / (4 * np.sqrt(8 * np.log(3))), THRESHOLD), "exponential factor"),
        ((CONSTANT, 0.25), "threshold: 0.25: that is the paper's"),
        ((CONSTANT, 1 / (8 * np.log(3))), "square of the best u"),
        (CONSTANT, "2 values are asked for"),
        ({"constant": CONSTANT, "n": THRESHOLD}, "keys constant, threshold"),
    ],
    "ex-hard-2.2": [
        (lambda S, A, n, delta: mean(S, A, n), "where is the confidence"),
        (lambda S, A, n, delta: np.sqrt(2 * np.log(1 / delta) / n), "add the mean"),
        (lambda S, A, n, delta: mean(S, A, n) + np.sqrt(np.log(1 / delta) / (2 * n)), "c = 2/n"),
        (lambda S, A, n, delta: mean(S, A, n) + np.sqrt(2 * np.log(2 / delta) / n), "one side"),
        (lambda S, A, n, delta: mean(S, A, n) + np.sqrt(2 * np.log(1 / delta) / n) + np.sqrt(S / n) / 2, "half of"),
        (lambda S, A, n, delta: np.log(S), "wrong for every input"),
        (lambda n: n, "must take 4 arguments (S, A, n, delta)"),
    ],
    "ex-hard-2.3": [(34, "still the smaller one"), (10, "joint form wins"), (34.5, "integer"), (100, "too large")],
    "ex-hard-3.1": [
        ((0.25, 0.75), "xi: 0.25: ξ/2"),
        ((1.0, 0.75), "square both"),
        ((0.5, 0.5), "top: 0.5: ξ is 2(1 - p)"),
    ],
    "ex-hard-3.2": [
        (lambda eps: looseness(eps, eps), "twice the mass"),
        (lambda eps: 1 / looseness(eps, 2 * eps), "turn it around"),
        (lambda eps: 2 * looseness(eps, 2 * eps), "twice the right value"),
    ],
    "ex-hard-4.2": [
        (np.sqrt(2 / np.pi), "B(L) for large L"),
        (1 / np.sqrt(2 * np.pi), "sharp constant"),
        (1 / np.sqrt(8), "mean square"),
    ],
    "ex-hard-4.3": [
        ((lambda L: L / 2, 0.77), "without looking at Z"),
        ((lambda L: np.sqrt(2 / np.pi), 0.77), "limit for large L"),
        ((lambda L: 1.0, 0.77), "B: it is wrong for every input"),
    ],
}
