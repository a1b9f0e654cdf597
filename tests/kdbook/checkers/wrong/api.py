import itertools

import numpy as np
from scipy.stats import multinomial

P = 1 / np.arange(1, 50_001)
P = P / P.sum()
BOUND = np.exp(-2000 * P[19])
EXACT = (P[:20] * (1 - P[:20]) ** 2000).sum()


def counted(row, k, n, empty):
    """The censored student's risk by enumeration of sequences; what it loses without a draw below is optional."""
    p = np.asarray(row)
    total = 0.0
    for counts in itertools.product(range(n + 1), repeat=len(p)):
        if sum(counts) != n:
            continue
        below = sum(counts[k:])
        share = np.array(counts[k:]) / below if below else np.full(len(p) - k, 1 / (len(p) - k))
        if below or empty:
            total += multinomial.pmf(counts, n, p) * np.abs(p[k:].sum() * share - p[k:]).sum() / 2
    return total


WRONG = {
    "ex-api-1.1": [
        ((8 / 9, 2), "dividing by the sum"),
        ((1, 2), "a factor 1/2"),
        ((7 / 16, 2), "not the worst number"),
        ((0.5, 3), "k of these are the top ones"),
        ((0.5, 8), "loses nothing"),
        ((0.5, 1), "with two the loss is larger"),
    ],
    "ex-api-1.2": [(0.5, "what spreading loses"), (1 / 9, "what is told"), (2 / 3, "the uniform row is worse")],
    "ex-api-1.3": [
        (33_471, "round up"),
        (45_000, "for dividing by the sum"),
        (40_909, "square the ratio"),
        (40_910, "square the ratio"),
    ],
    "ex-api-2": [
        (lambda row, k, n: counted(row, k, n, False), "when no draw falls below"),
        (lambda row, k, n: counted(row, 0, n, True), "the first k are known exactly"),
        (lambda row, k, n: 2 * counted(row, k, n, True), "twice the right value"),
    ],
    "ex-api-3.1": [(20, "not by 1/20"), (1 / P[20], "counts from 0"), (1 / P[0], "the first label")],
    "ex-api-3.2": [
        ((20 * BOUND, EXACT), "no factor k"),
        ((EXACT, EXACT), "that is exact"),
        ((BOUND, BOUND), "that is the bound"),
        ((BOUND, ((1 - P[:20]) ** 2000).sum()), "weigh each label"),
    ],
    "ex-api-3.3": [
        (P[2000:].sum(), "from number 2001 on"),
        (1 - (P * (1 - P) ** 2000).sum(), "that were seen"),
    ],
}
