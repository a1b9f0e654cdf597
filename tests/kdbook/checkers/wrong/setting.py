import numpy as np

import kdcore as kd


def risks(sgl, ptl=None, sel=0.0):
    return lambda p: {"ce_sgl": sgl(p), "ce_ptl": (ptl or sgl)(p), "sel_ptl": sel, "ce_ful": 0.0}


def right(p):
    return 2 * p * (1 - p)


WHO = kd.Teacher([0.5, 0.5], [[0.5, 0.5, 0, 0]] * 2)
COUNTS = WHO.draw(10_000, rng=1)
SGL = kd.LEARNERS["ce_sgl"].fit(kd.reveal(WHO, COUNTS, "hard"))


def to_the_last_two(data):
    """Half of the unseen mass to each of two labels."""
    policy = np.where(data.counts > 0, data.probabilities, 0.0)
    rest = 1 - policy.sum(axis=-1)
    order = np.argsort(data.counts, axis=-1, kind="stable")
    for place in (0, 1):
        index = order[..., place : place + 1]
        share = np.take_along_axis(policy, index, -1) + rest[..., np.newaxis] / 2
        np.put_along_axis(policy, index, share, -1)
    return policy


WRONG = {
    "ex-setting-1": [
        (risks(lambda p: 2 * right(p)), "factor 1/2"),
        (risks(lambda p: 1 - p), "mean over both"),
        (risks(right, lambda p: p * (1 - p) * (2 * p - 1) / (p**2 + (1 - p) ** 2)), "squared teacher"),
        (risks(right, sel=0.1), "the other one follows"),
        (lambda p: [0, 0, 0, 0], "the keys ce_sgl"),
    ],
    "ex-setting-2.1": [
        (lambda row: bool(np.allclose(row, 1 / len(row))), "one label has all mass"),
        (lambda row: bool(row.max() == 1), "it is uniform"),
        (lambda row: True, "two levels"),
        (lambda row: 1, "True or False"),
    ],
    "ex-setting-2.2": [
        ((COUNTS, SGL, SGL**2 / (SGL**2).sum(axis=-1, keepdims=True)), "sgl is not what"),
        ((COUNTS, SGL[0], SGL), "ptl: the shape must be"),
        ((COUNTS[..., ::-1], SGL, SGL), "labels 2 or 3"),
        ((COUNTS // 2, SGL, SGL), "sum to 10000"),
        (SGL, "in a tuple"),
    ],
    "ex-setting-3": [
        (kd.LEARNERS["sel_ptl"].fit, "uniform fill"),
        (lambda data: data.probabilities, "told nothing"),
        (lambda data: np.where(data.counts > 0, data.probabilities, 0.0), "not to 1"),
        (lambda data: kd.LEARNERS["ce_sgl"].fit(data), "that was told"),
        (to_the_last_two, "must go to one label"),
    ],
}
