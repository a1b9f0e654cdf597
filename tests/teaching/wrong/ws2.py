import numpy as np

import kdcore as kd


def curve(teacher, learner, n_grid, rng, protocol=None, factor=1.0):
    means = []
    for n in n_grid:
        counts = teacher.draw(n, 200, rng=rng)
        students = learner.fit(kd.reveal(teacher, counts, protocol or learner.protocol))
        means.append(factor * kd.conditional_tv(students, teacher).mean())
    return np.array(means)


def limit(teacher, power=2):
    weights = teacher.pi**power
    return weights / weights.sum(axis=1, keepdims=True)


def tv(policy, teacher):
    return np.abs(policy - teacher.pi).sum(axis=1) / 2


def line(x, y, place=0):
    return np.polyfit(x, y, deg=1)[place]


def one_favourite(mass, n_labels=25):
    row = np.full(n_labels, (1 - mass) / (n_labels - 1))
    row[0] = mass
    return kd.Teacher([1.0], [row])


WRONG = {
    "ex-ws2-1.1": [
        (lambda risks: (risks.mean(), risks.std() / np.sqrt(len(risks))), "ddof=1"),
        (lambda risks: (risks.mean(), risks.std(ddof=1)), "smaller by √R"),
        (lambda risks: (risks.mean(), risks.std()), "smaller by √R"),
        (lambda risks: (risks.mean(), risks.std(ddof=1) / len(risks)), "divide by √R, not by R"),
        (lambda risks: (risks.mean(), risks.var(ddof=1) / len(risks)), "take the root"),
        (lambda risks: (np.median(risks), risks.std(ddof=1) / np.sqrt(len(risks))), "wrong for"),
        (lambda risks: risks.mean(), "shape"),
    ],
    "ex-ws2-1.2": [(4000, "√10 times smaller"), (100, "how many data sets"), (400, "too small")],
    "ex-ws2-2": [
        (lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, rng, factor=0.5), "far from the exact"),
        (lambda teacher, learner, n_grid, rng: curve(teacher, kd.LEARNERS["ce_sgl"], n_grid, rng), "sel_ptl"),
        (lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, rng)[0], "one mean for each n"),
        (lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, 3), "two seeds"),
        (
            lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, np.random.default_rng()),
            "the same seed",
        ),
        (
            lambda teacher, learner, n_grid, rng: np.array(
                [kd.conditional_tv(learner.fit(teacher.draw(n, 200, rng=rng)), teacher).mean() for n in n_grid]
            ),
            "raises",
        ),
    ],
    "ex-ws2-3": [
        (lambda teacher: tv(limit(teacher), teacher).mean(), "not equally"),
        (lambda teacher: 2 * tv(limit(teacher), teacher) @ teacher.rho, "factor 1/2"),
        (lambda teacher: tv(teacher.pi**2, teacher) @ teacher.rho, "by their sum, row by row"),
        (lambda teacher: tv(teacher.pi**2 / (teacher.pi**2).sum(), teacher) @ teacher.rho, "its own sum"),
        (lambda teacher: tv(limit(teacher, 3), teacher) @ teacher.rho, "not the cube"),
    ],
    "ex-ws2-4": [
        (1165, "still leads there"),
        (1, "the two are equal"),
        (1200, "look closer"),
        (1166.5, "integer"),
        (700, "too small"),
    ],
    "ex-ws2-5": [
        (lambda n_samples, risk: line(n_samples, risk), "logarithms of both"),
        (lambda n_samples, risk: line(n_samples, np.log(risk)), "of n, too"),
        (lambda n_samples, risk: line(np.log(n_samples), risk), "of the risk, too"),
        (lambda n_samples, risk: line(np.log(n_samples), np.log(risk), 1), "the intercept"),
        (lambda n_samples, risk: line(np.log(risk), np.log(n_samples)), "n is x"),
        (lambda n_samples, risk: np.polyfit(np.log(n_samples), np.log(risk), deg=1), "must give a number"),
        (lambda n_samples, risk: -line(np.log(n_samples), np.log(risk)), "the wrong sign"),
    ],
    "ex-ws2-6.1": [
        ((2, 4, 4), "counter: 2: the risk falls"),
        ((1 / 4, 1 / 4, 1 / 4), "root in the counter's rate"),
        ((1 / 2, 1 / 2, 1 / 4), "no root in the matcher's rate"),
        ((1 / 2, 1 / 4, 1 / 2), "no root in the copier's rate"),
        ((1 / 2, 4, 1 / 4), "matcher: 4: the risk falls"),
        ((1, 1 / 4, 1 / 4), "n is in every rate"),
        (1 / 2, "3 values are asked for"),
    ],
    "ex-ws2-6.2": [
        ((2, 2, 1), "A is under the root"),
        ((2**0.5, 2**0.5, 1), "no root in the matcher's rate"),
        ((2**0.5, 2, 2), "is there an A in S/n"),
    ],
    "ex-ws2-7": [
        ((250_000, 18_394, 736), "the second term"),
        ((1_000_000, 18_394, 736), "without the constants"),
        ((700, 18_394, 736), "this is √n"),
        ((490_000, 50_000, 736), "matcher: 50000: there is an e"),
        ((490_000, 736, 736), "pairs!"),
        ((490_000, 18_394, 2000), "copier: 2000: there is an e"),
        ((490_000, 18_394, 18_394), "inputs only"),
    ],
    "ex-ws2-8.1": [
        (kd.instance_0(100, 25), "which leaves little to lose"),
        (one_favourite(0.2), "too little to win by squaring"),
        (one_favourite(0.35, 20), "as many labels as you may"),
        (one_favourite(0.3, 40), "at most 25 are allowed"),
        (kd.Teacher([1.0], [np.r_[0.3, 0.3, np.full(23, 0.4 / 23)]]), "spread the rest equally"),
        (0.346, "a kd.Teacher is asked for"),
    ],
    "ex-ws2-8.2": [
        (kd.instance_2(10, 11, 1000), "on Instance 2"),
        (kd.instance_0(10, 10), "S = 10 and A = 11"),
        (0.5, "a kd.Teacher is asked for"),
    ],
}
