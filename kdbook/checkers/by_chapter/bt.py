"""Checkers of the chapter "Beyond tables"."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from math import tanh
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from kdbook.checkers.compare import as_array, named, number
from kdbook.checkers.functions import call, function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Wrong


@checker("ex-bt-1.2")
def divergence(answer: Any) -> str:
    """Check the bound on the divergence, from the variable in [-M D, M D] that varies most."""
    function(
        answer,
        [(1.0, 0.3), (2.0, 1.5), (0.5, 4.0)],
        lambda M, D: np.var([-M * D, M * D]) / 2,
        names=("M", "D"),
        mistakes=[
            (lambda M, D: (M * D) ** 2, "that bounds the second derivative; Taylor's formula has another ½"),
            (lambda M, D: 2 * (M * D) ** 2, "the variance is at most a quarter of the squared range, which is 2MD"),
            (lambda M, D: M * D / 2, "that is what Pinsker makes of it: the divergence itself is asked for"),
        ],
    )
    return "right: Pinsker makes MD/2 of it"


@checker("ex-bt-1.3")
def at_two(answer: Any) -> str:
    """Check both bounds at M D = 2."""
    named(
        answer,
        {
            "pinsker": lambda value: number(
                value, float(np.sqrt(2.0**2 / 2 / 2)), mistakes=[(2.0, "the divergence is 2: half of it, and the root")]
            ),
            "best": lambda value: number(value, tanh(1), mistakes=[(tanh(2), "the tanh is that of MD/2")]),
        },
    )
    return "right: where Pinsker says nothing the tanh still does"


@checker("ex-bt-2.2")
def two_candidates(answer: Any) -> str:
    """Check that two parameters agree in the probabilities of two labels, and in no other."""
    two_parameters = partial(as_array, shape=(2,))
    parts = {"phi": partial(as_array, shape=(5, 2)), "one": two_parameters, "two": two_parameters}
    phi, one, two = named(answer, parts).values()
    for a, b, c in combinations(phi, 3):
        if abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) < 1e-6:
            raise Wrong("three of the features lie on a line: they are not generic")
    if np.abs(one - two).max() < 1e-3:
        raise Wrong("the two candidates are the same: look at the other side of the maximum")
    gap = np.abs(log_softmax(phi @ one) - log_softmax(phi @ two))
    same = int((gap < 1e-5).sum())
    if same < 2:
        drawn = np.abs((phi @ (one - two))[:, np.newaxis] - phi @ (one - two))[np.triu_indices(5, 1)]
        if (drawn < 1e-5).any():
            raise Wrong("the ratio of two labels agrees, but not their level: solve for t as well")
        raise Wrong(f"{same} of the labels have the same probability under both: two must")
    return "right: two labels seen, and two candidates left"


def _least(phi: Any, pi: Any, start: Any, square: bool) -> Any:
    """Minimise the weighted squared error of logarithms, or the relative entropy, without gradients of ours."""
    features, law = phi[0], pi[0]

    def loss(theta: Any) -> float:
        gap = log_softmax(features @ theta) - np.log(law)
        return float(law @ gap**2 / 2 if square else -law @ gap)

    return minimize(loss, start, options={"gtol": 1e-7}).x


@checker("ex-bt-3.1")
def where_it_goes(answer: Any) -> str:
    """Check the limit of the matcher for a teacher outside the class."""
    rng = np.random.default_rng(7)
    phi = rng.normal(size=(1, 40, 4))
    phi *= 2 / np.linalg.norm(phi, axis=2, keepdims=True)
    theta = rng.uniform(-0.7, 0.7, 4)
    pi = softmax(phi @ theta + 0.3 * rng.normal(size=(1, 40)), axis=1)
    found = as_array(call(answer, phi.copy(), pi.copy(), names=("phi", "pi")), (4,))
    centred = phi[0] - phi[0].mean(axis=0)
    plain = np.linalg.lstsq(centred, np.log(pi[0]) - np.log(pi[0]).mean())[0]
    if np.allclose(found, _least(phi, pi, plain, square=True), atol=1e-3):
        return "right: in general it is neither the teacher's parameter nor the limit of the counter"
    if np.allclose(found, _least(phi, pi, plain, square=False), atol=1e-3):
        raise Wrong("that is where the counter goes: it has the smallest relative entropy")
    if np.allclose(found, plain, atol=1e-3):
        raise Wrong("that weights all labels alike; the loss weights each by how often it is drawn")
    raise Wrong("it does not minimise the mean squared error of the logarithm under the teacher")
