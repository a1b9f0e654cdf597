import numpy as np

import kdcore as kd

PI = kd.instance_0(3, 4).pi


def draw(teacher, n, rng, pi=None, rho=None):
    pi, rho = teacher.pi if pi is None else pi, teacher.rho if rho is None else rho
    counts = np.zeros(pi.shape, dtype=int)
    for s in rng.choice(len(rho), size=n, p=rho):
        counts[s, rng.choice(pi.shape[1], p=pi[s])] += 1
    return counts


def shuffled(teacher, n, rng):
    """Labels from the row of another input."""
    return draw(teacher, n, rng, pi=teacher.pi[::-1])


def flat(teacher, n, rng):
    return draw(teacher, n, rng, pi=np.where(teacher.pi > 0, 1, 0) / np.sum(teacher.pi > 0, axis=1, keepdims=True))


def uniform_inputs(teacher, n, rng):
    drawn = teacher.rho > 0
    return draw(teacher, n, rng, rho=drawn / drawn.sum())


def partial(teacher, counts):
    return np.where(counts > 0, teacher.pi, np.nan)


def soft(teacher, counts):
    return np.where(counts.sum(axis=1, keepdims=True) > 0, teacher.pi, np.nan)


def share(weights, fill=None):
    total = weights.sum(axis=1, keepdims=True)
    fill = 1 / weights.shape[1] if fill is None else fill
    return np.where(total > 0, weights / np.where(total > 0, total, 1), fill)


def gap(student, teacher):
    return np.abs(student - teacher.pi)


def unnamed(p):
    return np.nan_to_num(p)


WRONG = {
    "ex-ws1-1": [
        (np.where(PI > 0.5, 0.5, 0.125), "sum to 0.875"),
        (np.where(PI > 0.5, 0.5, 1 / 6), "the favourite included"),
        (np.roll(PI, 1, axis=1), "counted from 0"),
        (np.full((3, 4), 0.25), "no favourite"),
        (PI.T, "the shape must be (3, 4)"),
        (PI / 2, "sums to 0.5"),
        (PI[::-1], "entries are wrong"),
    ],
    "ex-ws1-2": [
        (lambda teacher, n, rng: draw(teacher, n, rng).T, "must have shape (S, A) = (3, 4), got (A, S)"),
        (lambda teacher, n, rng: draw(teacher, n, rng) / max(n, 1), "not a whole number"),
        (lambda teacher, n, rng: draw(teacher, n + 1, rng), "for n = 8 the counts sum to 9"),
        (shuffled, "probability 0 was drawn"),
        (flat, "their input's row"),
        (uniform_inputs, "probabilities rho"),
        (lambda teacher, n, rng: draw(teacher, n, np.random.default_rng(0)), "two seeds give the same counts"),
        (lambda teacher, n, rng: draw(teacher, n, np.random.default_rng()), "the same seed gives different counts"),
        (lambda n: n, "must take 3 arguments"),
    ],
    "ex-ws1-3.1": [
        (soft, "these are soft labels"),
        (lambda teacher, counts: np.where(counts > 0, teacher.pi, 0), "NaN, not 0"),
        (lambda teacher, counts: np.where(counts > 0, counts, np.nan), "not counts"),
        (lambda teacher, counts: np.where(counts > 0, teacher.joint, np.nan), "without ρ(s)"),
        (lambda teacher, counts: teacher.pi, "this tells everything"),
        (lambda teacher, counts: partial(teacher, counts)[:1], "the shape of counts"),
        (lambda teacher, counts: np.where(counts == 0, teacher.pi, np.nan), "nothing may be told"),
        (lambda teacher, counts: np.where(counts > 1, teacher.pi, np.nan), "it is silent at input 1, label 0"),
        (lambda teacher, counts: partial(teacher, counts) / 3, "not the teacher's"),
        (lambda teacher, counts: "pi", "an array of numbers and NaN"),
    ],
    "ex-ws1-3.2": [
        (partial, "these are partial soft labels"),
        (lambda teacher, counts: np.nan_to_num(soft(teacher, counts)), "NaN, not 0"),
        (lambda teacher, counts: teacher.pi, "this tells everything"),
        (lambda teacher, counts: np.where(counts.sum(axis=0) > 0, teacher.pi, np.nan), "it is silent"),
    ],
    "ex-ws1-4.1": [
        (lambda student, teacher: gap(student, teacher).sum() / 2, "what is asked more often counts more"),
        (lambda student, teacher: gap(student, teacher).sum(axis=1).mean() / 2, "not equally"),
        (lambda student, teacher: teacher.rho @ gap(student, teacher).mean(axis=1) / 2, "do not take their mean"),
        (lambda student, teacher: teacher.rho @ gap(student, teacher).max(axis=1), "do not take the largest"),
        (lambda student, teacher: teacher.rho @ gap(student, teacher).sum(axis=1), "has a factor 1/2"),
        (lambda student, teacher: gap(student, teacher).sum(axis=1) / 2, "must give a number"),
    ],
    "ex-ws1-4.2": [(0.75, "factor 1/2"), (0.1875, "together by as much"), (1.125, "do not add"), (0.3, "too small")],
    "ex-ws1-5": [
        (lambda counts: counts / counts.sum(axis=1, keepdims=True), "an input that was never drawn"),
        (lambda counts: share(counts, 0), "row of zeros"),
        (lambda counts: counts / counts.sum(), "by its own sum"),
        (lambda counts: counts / np.maximum(counts.sum(axis=0), 1), "axis=1"),
        (lambda counts: share(counts + 1), "no count is added"),
        (lambda counts: share(counts, 0.25), "not always 4"),
    ],
    "ex-ws1-6.1": [
        (lambda counts, told: counts * told / (counts * told).sum(axis=1, keepdims=True), "0 times NaN is NaN"),
        (lambda counts, told: share(counts * told), "NaN > 0 false"),
        (lambda counts, told: counts * unnamed(told), "divide each row by its sum"),
        (lambda counts, told: share(counts * unnamed(told), 0), "row of zeros"),
        (lambda counts, told: share(counts), "these are frequencies"),
        (lambda counts, told: share(unnamed(told)), "the counts are missing"),
        (lambda counts, told: share(counts * unnamed(told), 0.25), "not always 4"),
        (lambda counts, told: share(counts * unnamed(told) ** 2), "once"),
    ],
    "ex-ws1-6.2": [
        (5 / 8, "the teacher's own"),
        (25 / 64, "sum of the squares"),
        (25 / 26, "three labels"),
        (0.9, "off"),
    ],
    "ex-ws1-7": [
        (lambda counts, told: unnamed(told), "remains to be shared"),
        (lambda counts, told: share(unnamed(told)), "must stay as they are"),
        (
            lambda counts, told: unnamed(told) + (1 - unnamed(told).sum(axis=1, keepdims=True)) / told.shape[1],
            "not among all",
        ),
        (
            lambda counts, told: np.where(counts > 0, unnamed(told), 1 - unnamed(told).sum(axis=1, keepdims=True)),
            "divide it by their number",
        ),
        (lambda counts, told: share(counts * unnamed(told)), "this is the weigher"),
        (lambda counts, told: told, "0 times NaN is NaN"),
    ],
    "ex-ws1-8": [
        (lambda counts, rows: rows, "an input that was never drawn"),
        (lambda counts, rows: unnamed(rows), "row of zeros"),
        (lambda counts, rows: np.where(np.isnan(rows), 0.25, rows), "not always 4"),
        (lambda counts, rows: share(counts), "this is the counter"),
    ],
    "ex-ws1-9.1": [
        (lambda law, counts: law[counts > 0].sum(), "what was drawn"),
        (lambda law, counts: (counts == 0).sum(), "counts missing letters"),
        (lambda law, counts: (counts == 0).mean(), "share of letters"),
        (lambda law, counts: law[counts <= 1].sum(), "it is wrong for"),
    ],
    "ex-ws1-9.2": [
        (lambda law, n: ((1 - law) ** n).sum(), "mean number of missing letters"),
        (lambda law, n: (law * (1 - law**n)).sum(), "(1 - p)^n"),
        (lambda law, n: (law * (1 - law)).sum() ** n, "take the power for each letter"),
        (lambda law, n: (law * (1 - law) ** (n + 1)).sum(), "it is wrong for"),
    ],
}
