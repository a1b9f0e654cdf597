import numpy as np

import kdcore as kd

LARGEST, P = [1 / 2, 1 / 4, 1 / 8, 1 / 12], (1 - 1 / np.sqrt(3)) / 2
PEAK = kd.bounds.lemma_e_5(n_samples=[1, 2, 3, 4])


def once(counts):
    return (counts == 1).sum(axis=-1) / counts.sum(axis=-1)


def ours(K, L):
    return float(kd.bounds.missing_mass_tail(n_letters=K, n_samples=1, delta=np.exp(-L)))


def best(K, L):
    theta = np.geomspace(1e-4, 1 - 1e-9, 400_001)
    return (K * (1 - theta) ** (1 / theta - 1) + L / theta).min()


WRONG = {
    "ex-mm-1": [
        (([1 / 2, 1 / 4, 1 / 8, 1 / 16], P), "largest: these are the fair coin's"),
        ((PEAK, P), "one side alone"),
        ((2 * PEAK, P), "at once"),
        ((LARGEST, 0.2), "p: 0.2: 1/(n+1)"),
        ((LARGEST, 0.5), "for n ≤ 3"),
        ((LARGEST, 1 / 6), "solve for p"),
        ((LARGEST, 1.2), "not a probability"),
        ((LARGEST[:3], P), "the shape must be (4,)"),
    ],
    "ex-mm-2.2": [
        ((lambda c: (c == 1).sum(axis=1), 0.9), "divide by n, the number of draws"),
        ((lambda c: (c == 1).mean(axis=1), 0.9), "not by K"),
        ((lambda c: (c == 0).sum(axis=1) / c.sum(axis=1), 0.9), "never drawn"),
        ((lambda c: (c == 1).sum(axis=1) / 1000, 0.9), "here not always 1000"),
        ((once, 0.1), "farther away"),
        ((once, 90), "between 0 and 1"),
        ((once, 1.0), "0.01, not 0.1"),
        ((once, 0.5), "too small"),
    ],
    "ex-mm-2.3": [
        (("hard", "none of them"), "no probability"),
        (("soft", "none of them"), "less is enough"),
        (("none of them", "none of them"), "add up"),
        (("partial", "soft"), "of_inputs: 'soft': who tells"),
    ],
    "ex-mm-3.3": [
        (ours, "bound of the chapter"),
        (lambda K, L: ours(K, L) - L / 4, "bound of part 1"),
        (lambda K, L: best(K, L) - K / np.e, "on top of K/e"),
        (lambda K, L: 2 * best(K, L), "twice the right value"),
    ],
    "ex-mm-4.1": [
        (lambda alpha: -1, "finite alphabet"),
        (lambda alpha: -1 / alpha, "add up all beyond"),
        (lambda alpha: 1 - alpha, "near n^(1/α)"),
        (lambda alpha: 1 - 1 / alpha, "wrong sign"),
    ],
}
