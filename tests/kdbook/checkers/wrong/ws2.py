import numpy as np

import kdcore as kd


def both(error):
    return lambda risks: (risks.mean(), error(risks))


def curve(teacher, learner, n_grid, rng, shift=0, protocol=None):
    means = []
    for n in n_grid:
        data = kd.reveal(teacher, teacher.draw(n + shift, 200, rng=rng), protocol or learner.protocol)
        means.append(kd.conditional_tv(learner.fit(data), teacher).mean())
    return np.array(means)


def distance(policy, teacher):
    return np.abs(policy - teacher.pi).sum(axis=1) / 2


def squared(teacher, power=2):
    return teacher.pi**power / (teacher.pi**power).sum(axis=1, keepdims=True)


def line(x, y, place=0):
    return np.polyfit(x, y, deg=1)[place]


def one_favourite(h, n_labels=25):
    row = np.full(n_labels, (1 - h) / (n_labels - 1))
    row[0] = h
    return kd.Teacher([1.0], [row])


WRONG = {
    "ex-ws2-1.1": [
        (both(lambda r: r.std() / np.sqrt(len(r))), "ddof=1"),
        (both(lambda r: r.std(ddof=1)), "spread of one risk"),
        (both(np.std), "spread of one risk"),
        (both(lambda r: r.std(ddof=1) / len(r)), "by √R, not by R"),
        (both(lambda r: r.var(ddof=1) / len(r)), "take the root"),
        (lambda r: (r.sum(), r.std(ddof=1) / np.sqrt(len(r))), "it is wrong for"),
        (lambda r: r.mean(), "the shape must be (2,)"),
    ],
    "ex-ws2-1.2": [(4000, "√10"), (100, "this is the factor"), (399.5, "integer")],
    "ex-ws2-2": [
        (lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, rng)[:1], "one mean for each n"),
        (lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, rng, shift=3), "far from the exact"),
        (
            lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, rng, protocol="soft"),
            "raises ValueError",
        ),
        (lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, 7), "two seeds give the same"),
        (
            lambda teacher, learner, n_grid, rng: curve(teacher, learner, n_grid, np.random.default_rng()),
            "the same seed gives different",
        ),
    ],
    "ex-ws2-3": [
        (lambda teacher: distance(squared(teacher), teacher).mean(), "not equally"),
        (lambda teacher: 2 * distance(squared(teacher), teacher) @ teacher.rho, "factor 1/2"),
        (lambda teacher: distance(teacher.pi**2, teacher) @ teacher.rho, "row by row"),
        (lambda teacher: distance(teacher.pi**2 / (teacher.pi**2).sum(), teacher) @ teacher.rho, "its own sum"),
        (lambda teacher: distance(squared(teacher, 3), teacher) @ teacher.rho, "not the cube"),
        (lambda teacher: squared(teacher), "must give a number"),
    ],
    "ex-ws2-4": [(1165, "the next n"), (1, "equal"), (1200, "look closer"), (700, "too small"), (1166.5, "integer")],
    "ex-ws2-5": [
        (line, "logarithms of both"),
        (lambda n, risk: line(n, np.log(risk)), "logarithm of n"),
        (lambda n, risk: line(np.log(n), risk), "logarithm of the risk"),
        (lambda n, risk: line(np.log(n), np.log(risk), 1), "the intercept"),
        (lambda n, risk: line(np.log(risk), np.log(n)), "n is x"),
        (lambda n, risk: np.polyfit(np.log(n), np.log(risk), deg=1), "must give a number"),
        (lambda n, risk: -line(np.log(n), np.log(risk)), "wrong sign"),
    ],
    "ex-ws2-6.1": [
        ((1 / 4, 1 / 4, 1 / 4), "counter: 0.25: there is a root"),
        ((1 / 2, 1 / 2, 1 / 4), "matcher: 0.5: there is no root"),
        ((1 / 2, 1 / 4, 1 / 2), "copier: 0.5: there is no root"),
        ((2, 4, 4), "factors below 1"),
        ((4, 4, 4), "factors below 1"),
        ((1 / 2, 1, 1 / 4), "n is in every rate"),
    ],
    "ex-ws2-6.2": [
        ((2, 2, 1), "under the root"),
        ((2**0.5, 2**0.5, 1), "no root in the matcher"),
        ((2**0.5, 2, 2), "is there an A"),
    ],
    "ex-ws2-7": [
        ((250_000, 18_394, 736), "second term"),
        ((1_000_000, 18_394, 736), "without the constants"),
        ((700, 18_394, 736), "this is √n"),
        ((490_000, 50_000, 736), "matcher: 50000: there is an e"),
        ((490_000, 736, 736), "matcher: 736: its alphabet"),
        ((490_000, 18_394, 2000), "copier: 2000: there is an e"),
        ((490_000, 18_394, 18_394), "copier: 18394: its alphabet"),
    ],
    "ex-ws2-8.1": [
        (kd.instance_0(100, 25), "leaves little to lose"),
        (one_favourite(0.1), "too little to win"),
        (one_favourite(0.35, 15), "as many labels as you may"),
        (one_favourite(0.35, 40), "at most 25 are allowed"),
        (kd.Teacher([1.0], [np.r_[0.35, 0.3, np.full(23, 0.35 / 23)]]), "spread the rest equally"),
        (0.35, "a kd.Teacher is asked for"),
    ],
    "ex-ws2-8.2": [
        (kd.instance_2(10, 11, 1000), "and 0.012510 on Instance 2"),
        (kd.instance_0(10, 11), "the matcher's risk is"),
        (kd.instance_2(5, 11, 1000), "S = 10 and A = 11"),
        (None.__class__, "a kd.Teacher is asked for"),
    ],
}
