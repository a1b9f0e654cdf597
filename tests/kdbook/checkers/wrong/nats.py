import math

import numpy as np
from scipy.stats import poisson

RATES = np.geomspace(0.02, 100, 120)
HITS = np.arange(300)
WEIGHTS = poisson.pmf(HITS, RATES[:, None])
HARD, PARTIAL, SOFT = 120_000, 73_009.1, 11_723.2
RATIO = 98.95


def rare(b):
    return (RATES * np.log(RATES) - RATES * (WEIGHTS @ np.log(HITS + b)) + b).max()


WRONG = {
    "ex-nats-1.1": [
        ((0.1, 0.01007), "half the sum"),
        ((0.05, 0.25 * math.log(0.25 / 0.3) + 0.25 * math.log(0.25 / 0.2)), "other direction"),
        ((0.05, 0.01007 / math.log(2)), "in bits"),
    ],
    "ex-nats-1.2": [
        ((0.2, 0.03048), "half the sum"),
        ((0.1, 0.6 * math.log(1.2) + 0.2 * math.log(2 / 3)), "other direction"),
        ((0.1, 0.03048 / math.log(2)), "in bits"),
    ],
    "ex-nats-1.3": [
        ((0.07095, 0.07095), "does not use the mass"),
        ((0.035475, 0.07095), "under the root"),
        ((0.05017, 0.10035), "half of the KL"),
    ],
    "ex-nats-2.1": [
        (lambda b: b, "rare labels can cost more"),
        (rare, "rate 0 is a case"),
    ],
    "ex-nats-2.2": [
        (0.5, "Krichevsky and Trofimov"),
        (1, "Laplace's rule"),
        (0.75, "add less"),
    ],
    "ex-nats-3.1": [
        ((240_000, PARTIAL, SOFT), "at least half"),
        ((125_000, PARTIAL, SOFT), "A - 1"),
        ((HARD, 38_602, SOFT), "total variation"),
        ((HARD, PARTIAL, 0.96 * 99 / math.e / 0.01), "log A"),
        ((HARD, PARTIAL, math.log(25) * 100 / math.e / 0.01), "S - 1"),
    ],
    "ex-nats-3.2": [
        ((math.sqrt(2400 / (2 * math.pi * 1e-4)) / 38_602.5, 1.6436), "the risk is squared"),
        ((RATIO, 3.2872), "at most"),
    ],
}
