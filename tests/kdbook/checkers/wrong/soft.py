import numpy as np

import kdcore as kd

ALIKE = kd.Teacher([0.25] * 4, [[1.0, 0.0]] * 4)
EACH = kd.Teacher(np.full(20, 1 / 20), np.eye(20))
CERTAIN = kd.Teacher([1.0], [[1.0, 0.0]])

WRONG = {
    "ex-soft-1.1": [
        (lambda t: [1, 2 * t, t, t * (1 - 2 * t)], "one draw more"),
        (lambda t: [2 * t, t, t * (1 - 2 * t), t * (1 - 2 * t) ** 2], "y³ + (1 - y)³"),
        (lambda t: [2 * t, 2 * t**2, 2 * t**3, 2 * t**4], "to be weighed by y"),
    ],
    "ex-soft-1.2": [
        ((1 / 2, 1 / 8, 1 / 16, 1 / 24), "costs half of it"),
        ((1 / 4, 1 / 8, 1 / 16, 1 / 32), "not the worst one any more"),
        ((1 / 4, 1 / 8), "4 values are asked for"),
    ],
    "ex-soft-2.1": [
        (lambda p: 1 - p.max(), "take the worst one"),
        (lambda p: 1 - 1 / len(p), "mean over random teachers"),
        (lambda p: 0.5 * np.abs(p - 1 / len(p)).sum(), "but a single label"),
    ],
    "ex-soft-2.2": [
        (lambda A: 1 - 1 / A, "turn it around"),
        (lambda A: 1 / A, "the ratio is asked for"),
        (lambda A: A, "not the reciprocal"),
    ],
    "ex-soft-3.1": [
        (0.5, "slope is negative"),
        (-1.0, "this law stands still"),
        (-4.6, "divide by log"),
        (-2.0, "exponent of the masses"),
    ],
    "ex-soft-3.2": [
        (lambda alpha: -1 / alpha, "factor 1/n"),
        (lambda alpha: 1 / alpha, "inputs seen grows"),
        (lambda alpha: 1 - alpha, "beyond s falls with s"),
    ],
    "ex-soft-4.3": [
        ((EACH.pi, 30), "a kd.Teacher is asked for"),
        ((kd.Teacher(np.full(200, 1 / 200), np.eye(200)), 30), "at most 2500 pairs"),
        ((EACH, 0), "integer from 1 to 10000"),
        ((EACH, 30.0), "integer from 1 to 10000"),
        ((CERTAIN, 5), "no difference beyond noise"),
        ((ALIKE, 5), "there the analogy helps"),
    ],
}
