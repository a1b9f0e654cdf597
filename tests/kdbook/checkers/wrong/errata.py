import numpy as np
from scipy.stats import binom, poisson

MEANS = 200 / 99 * np.log(100), 200 / 81 * np.log(100)


def at_most(most, mean):
    return float(binom.cdf(most, 10_000, mean / 10_000))


PRINTED, REPAIRED = at_most(0, MEANS[0]), at_most(1, MEANS[1])


def bound(S, n):
    return 4 * S * n / 9


WRONG = {
    "ex-errata-1": [
        ((lambda S, n: 4 * S / (9 * n), 3, 2, 1), "as it should be"),
        ((lambda S, n: 4 * n / 9, 3, 2, 1), "add up all S"),
        ((lambda S, n: 4 * n / (9 * S), 3, 2, 1), "multiply by S"),
        ((bound, 2, 2, 1), "from_1: 2: there the bound is 0.889"),
        ((bound, 3, 3, 1), "from_2: 3: it is vacuous one step earlier"),
        ((bound, 3, 2, 0.75), "an integer"),
        (bound, "4 values are asked for"),
    ],
    "ex-errata-2": [
        ((0.01, 0.01), "printed: 0.01: that is δ"),
        ((poisson.cdf(0, MEANS[0]), REPAIRED), "the count is binomial"),
        ((PRINTED, poisson.cdf(1, MEANS[1])), "repaired: 0.000142602: that is Poisson's law"),
        ((1 - PRINTED, REPAIRED), "probability of more"),
        ((at_most(1, MEANS[0]), REPAIRED), "at most 0 here"),
        ((PRINTED, at_most(0, MEANS[1])), "at most 1 here"),
    ],
}
