import numpy as np

import kdcore as kd

W, C = 0.278465, kd.bounds.uniform_fill_constant().value
Y, HIGH, PHI = 1 / (np.e + 1), 1.9777, np.exp(-0.5) * kd.bounds.uniform_fill_constant().value
RISK = kd.expected_risk(kd.instance_2(10, 1001, 10**7), 10**7, "sel_ptl")

WRONG = {
    "ex-sharp-1.1": [
        (lambda J, Z, x: x * J * Z / (J + Z), "sum to one"),
        (lambda J, Z, x: J * x / 2, "the answer 0; for"),
        (lambda J, Z, x: Z * x / 2, "the answer x on each label; for"),
        (lambda J, Z, x: min(J, Z) / 2, "proportional to x"),
        (lambda J, Z, x: x * min(J, Z), "twice the right value"),
    ],
    "ex-sharp-1.2": [
        ((C, 1 + W), "for rows that sum to one"),
        ((W, 1 + W), "half of x"),
        ((Y / 2, 1 + W), "t = 1"),
        ((1 / (4 * np.e), 1 + W), "for pairs"),
        ((W / 2, W), "for t - 1"),
        ((W / 2, 1), "the derivative"),
        ((W / 2, 1.478), "the best mass for rows"),
    ],
    "ex-sharp-2.1": [
        ((0.5, Y / 2), "the mean mass"),
        ((1 / (2 * np.e), Y / 2), "divide by the share"),
        ((1 / np.e, Y / 2), "both kinds"),
        ((Y / 2, Y / 2), "the limit of the risk"),
        ((Y, C), "the worst law"),
        ((Y, 1 / (4 * np.e)), "Theorem 4.1"),
        ((Y, Y), "count each by its share"),
    ],
    "ex-sharp-2.2": [
        (Y / 2, "the limit; the value"),
        (RISK, "divide by SA/n"),
        (RISK * 10**7 / 10_000, "all A labels"),
    ],
    "ex-sharp-3": [
        ((0, HIGH, PHI), "at least 1/2"),
        ((0.5, HIGH - 0.5, PHI), "both masses are shifted"),
        ((0.5, HIGH, C), "without the knowledge"),
        ((0.5, HIGH, C / np.e), "the factor is exp(-1/2)"),
        ((0.5, HIGH, C - 0.5), "divides each exp(-t)"),
    ],
}
