import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

PHI = np.array([[0.0, 0.0], [2.0, 0.0], [0.3, 1.5], [-1.0, 0.7], [0.4, -1.2]])


def cross_entropy(phi, pi):
    return minimize(lambda theta: -(pi[0] @ log_softmax(phi[0] @ theta)), np.zeros(4)).x


def plain(phi, pi):
    logs = np.log(pi[0])
    return np.linalg.lstsq(phi[0] - phi[0].mean(axis=0), logs - logs.mean())[0]


WRONG = {
    "ex-bt-1.2": [
        (lambda M, D: M**2 * D**2, "another ½"),
        (lambda M, D: 2 * M**2 * D**2, "quarter of the squared range"),
        (lambda M, D: M * D / 2, "divergence itself"),
    ],
    "ex-bt-1.3": [
        ((2.0, np.tanh(1)), "pinsker: 2"),
        ((1.0, np.tanh(2)), "that of MD/2"),
        (1.0, "2 values are asked for"),
    ],
    "ex-bt-2.2": [
        (PHI, "3 values are asked for"),
        ((PHI, [1.0, 0.0], [1.0, 0.0]), "the same"),
        ((PHI, [1.0, 0.0], [1.0, 1.0]), "not their level"),
        ((PHI, [1.0, 0.0], [0.2, 1.1]), "two must"),
        ((np.outer(np.arange(5), [1.0, 1.0]), [1.0, 0.0], [0.0, 1.0]), "not generic"),
        ((PHI[:4], [1.0, 0.0], [0.0, 1.0]), "the shape must be (5, 2)"),
    ],
    "ex-bt-3.1": [
        (cross_entropy, "where the counter goes"),
        (plain, "weights all labels alike"),
        (lambda phi, pi: np.zeros(4), "does not minimise"),
        (lambda phi, pi: 0.5, "the shape must be (4,)"),
    ],
}
