import numpy as np

LIMIT = np.sqrt(20 / (2 * np.pi))
TEXT = 1 + 0.431922 / 0.872 + 0.568078 / 0.663
DRAWS = 1 + 0.431922 / 0.568078 + 0.568078 / 0.431922

WRONG = {
    "ex-dep-1.2": [
        ((21, LIMIT), "one round is enough"),
        ((19, LIMIT), "still unseen"),
        ((20, LIMIT / np.sqrt(20)), "n/S labels"),
        ((20, 2 * LIMIT), "half of the sum"),
        ((20, np.sqrt(20) / 2), "root of the mean square"),
    ],
    "ex-dep-1.3": [("all", "fixed one"), ("multiples of S", "nowhere else"), ("some", "one of")],
    "ex-dep-2.1": [(3.3, "turn it around"), (1.0, "independence"), (0.55, "standard deviations")],
    "ex-dep-2.2": [
        ((TEXT - 1, DRAWS), "first letter"),
        ((DRAWS, DRAWS), "those are the draws"),
        ((TEXT, DRAWS - 1), "first draw"),
        ((TEXT, TEXT), "that is the text"),
    ],
    "ex-dep-3.2": [
        ((0.92, 0.74, 0.92), "never worth skipping"),
        ((0.0, 0.0, 0.92), "one: 0"),
        ((0.0, 0.74, 0.0), "1000/11"),
        ((0.0, 0.74, 0.98), "too few inputs"),
    ],
}
