import numpy as np

import kdcore as kd

PI = kd.instance_0(3, 4).pi
FAVOURITES = np.eye(3, 4) > 0


def counted(n_pairs, teacher, n, rng, transposed=False):
    counts = rng.multinomial(n, n_pairs.ravel() / n_pairs.sum()).reshape(teacher.pi.shape)
    return counts.T if transposed else counts


def gap(student, teacher):
    return np.abs(student - teacher.pi)


def share(weights, instead=0.0):
    total = weights.sum(axis=1, keepdims=True)
    return np.where(total > 0, weights / np.where(total > 0, total, 1), instead)


def rest(told):
    return 1 - np.nan_to_num(told).sum(axis=1, keepdims=True)


def drawn(counts):
    return counts.sum(axis=1, keepdims=True) > 0


WRONG = {
    "ex-ws1-1": [
        (np.where(FAVOURITES, 0.5, 1 / 6), "the favourite included"),
        (np.where(FAVOURITES, 0.5, 0.125), "sum to 0.875"),
        (np.roll(PI, 1, axis=1), "counted from 0"),
        (np.full((3, 4), 0.25), "no favourite"),
        (PI.T, "shape"),
        (np.zeros((3, 4)), "sum"),
    ],
    "ex-ws1-2": [
        (lambda teacher, n, rng: counted(teacher.joint, teacher, n, rng, transposed=True), "got (A, S)"),
        (lambda teacher, n, rng: np.zeros(3), "got (3,)"),
        (lambda teacher, n, rng: counted(teacher.joint, teacher, n, rng) / 2, "whole number"),
        (lambda teacher, n, rng: counted(teacher.joint, teacher, n + 1, rng), "for n = 8 the counts sum to 9"),
        (lambda teacher, n, rng: counted(np.ones(teacher.pi.shape), teacher, n, rng), "probability 0 was drawn"),
        (lambda teacher, n, rng: counted((teacher.joint > 0) / 1.0, teacher, n, rng), "probabilities rho"),
        (
            lambda teacher, n, rng: counted(
                teacher.rho[:, None] * (teacher.pi > 0) / (teacher.pi > 0).sum(axis=1, keepdims=True), teacher, n, rng
            ),
            "probabilities of their input's row",
        ),
        (lambda teacher, n, rng: counted(teacher.joint, teacher, n, np.random.default_rng()), "the same seed"),
        (lambda teacher, n, rng: counted(teacher.joint, teacher, n, np.random.default_rng(n)), "two seeds"),
    ],
    "ex-ws1-3.1": [
        (lambda teacher, counts: np.where(drawn(counts), teacher.pi, np.nan), "these are soft labels"),
        (lambda teacher, counts: np.where(counts > 0, teacher.pi, 0), "NaN, not 0"),
        (lambda teacher, counts: np.where(counts > 0, counts, np.nan), "not counts"),
        (lambda teacher, counts: np.where(counts > 0, teacher.joint, np.nan), "without ρ(s)"),
        (lambda teacher, counts: teacher.pi, "tells everything"),
        (lambda teacher, counts: np.where(counts > 1, teacher.pi, np.nan), "silent at input 1, label 0"),
        (lambda teacher, counts: np.where(counts < 2, teacher.pi, np.nan), "tells something at input 0, label 1"),
        (lambda teacher, counts: np.where(counts > 0, teacher.pi / 2, np.nan), "not the teacher's"),
        (lambda teacher, counts: teacher.pi[counts > 0], "the shape of counts"),
        (lambda teacher, counts: "text", "array of numbers and NaN"),
    ],
    "ex-ws1-3.2": [
        (lambda teacher, counts: np.where(counts > 0, teacher.pi, np.nan), "these are partial soft labels"),
        (lambda teacher, counts: np.where(drawn(counts), teacher.pi, 0), "NaN, not 0"),
        (lambda teacher, counts: teacher.pi, "tells everything"),
    ],
    "ex-ws1-4.1": [
        (lambda student, teacher: gap(student, teacher).sum() / 2, "weigh each input by rho"),
        (lambda student, teacher: gap(student, teacher).sum(axis=1).mean() / 2, "not equally"),
        (lambda student, teacher: teacher.rho @ gap(student, teacher).mean(axis=1) / 2, "do not take their mean"),
        (lambda student, teacher: teacher.rho @ gap(student, teacher).max(axis=1), "do not take the largest"),
        (lambda student, teacher: teacher.rho @ gap(student, teacher).sum(axis=1), "factor 1/2"),
        (lambda student, teacher: gap(student, teacher).sum(axis=1) / 2, "must give a number"),
    ],
    "ex-ws1-4.2": [(0.75, "factor 1/2"), (0.1875, "1/8 each"), (1.125, "do not add"), (0.25, "too small")],
    "ex-ws1-5": [
        (lambda counts: share(counts), "a row of zeros"),
        (lambda counts: counts / counts.sum(), "by its own sum"),
        (lambda counts: counts / np.maximum(counts.sum(axis=0), 1), "axis=1"),
        (lambda counts: share(counts + 1.0), "no count is added"),
        (lambda counts: share(counts, 0.25), "A is not always 4"),
        (lambda counts: counts / counts.sum(axis=1, keepdims=True), "never drawn"),
    ],
    "ex-ws1-6.1": [
        (lambda counts, told: counts * np.nan_to_num(told), "by its sum"),
        (lambda counts, told: share(counts * np.nan_to_num(told)), "a row of zeros"),
        (lambda counts, told: share(counts, 1 / counts.shape[1]), "these are frequencies"),
        (lambda counts, told: share(np.nan_to_num(told), 1 / counts.shape[1]), "the counts are missing"),
        (lambda counts, told: share(counts * np.nan_to_num(told), 0.25), "A is not always 4"),
        (lambda counts, told: share(counts * np.nan_to_num(told) ** 2, 1 / counts.shape[1]), "once"),
        (lambda counts, told: counts * told, "0 times NaN"),
    ],
    "ex-ws1-6.2": [
        (0.625, "teacher's own number"),
        (25 / 64, "divide by the sum of the squares"),
        (25 / 26, "three labels"),
        (0.5, "too small"),
    ],
    "ex-ws1-7": [
        (lambda counts, told: np.nan_to_num(told), "remains to be shared"),
        (
            lambda counts, told: share(np.nan_to_num(told), 1 / counts.shape[1]),
            "must stay as they are",
        ),
        (lambda counts, told: np.nan_to_num(told) + rest(told) / counts.shape[1], "not among all"),
        (lambda counts, told: np.where(counts > 0, told, rest(told)), "divide it by their number"),
        (lambda counts, told: share(counts * np.nan_to_num(told), 1 / counts.shape[1]), "this is the weigher"),
    ],
    "ex-ws1-8": [
        (lambda counts, rows: np.nan_to_num(rows), "a row of zeros"),
        (lambda counts, rows: np.where(np.isnan(rows), 0.25, rows), "A is not always 4"),
        (lambda counts, rows: share(counts, 1 / counts.shape[1]), "this is the counter"),
        (lambda counts, rows: rows, "never drawn"),
    ],
    "ex-ws1-9.1": [
        (lambda law, counts: law[counts > 0].sum(), "of what was drawn"),
        (lambda law, counts: (counts == 0).sum(), "counts missing letters"),
        (lambda law, counts: (counts == 0).mean(), "share of letters"),
    ],
    "ex-ws1-9.2": [
        (lambda law, n: ((1 - law) ** n).sum(), "mean number of missing letters"),
        (lambda law, n: (law * (1 - law**n)).sum(), "n times in a row"),
        (lambda law, n: (law * (1 - law)).sum() ** n, "then add"),
    ],
}
