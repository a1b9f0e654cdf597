"""Checkers of the chapter "Errata"."""

from __future__ import annotations

from functools import partial
from math import exp, log, sqrt
from typing import Any

from kdbook.checkers.compare import integer, named, number
from kdbook.checkers.functions import function
from kdbook.checkers.registry import checker
from kdcore import bounds


def _as_printed(n_inputs: int, n: int) -> float:
    """Return the bound on a mean missing mass that has n where Lemma E.5 has 1/n."""
    return float(n_inputs * bounds.lemma_e_5(n_samples=n, form="stated") * n**2)


@checker("ex-errata-1")
def misplaced_letter(answer: Any) -> str:
    """Check the bound that Lemma E.5 gives as printed, and from which n on it says nothing."""

    def vacuous(n_inputs: int, value: Any) -> int:
        right = next(n for n in range(1, 10) if _as_printed(n_inputs, n) >= 1)
        mistakes = (
            [(right - 1, f"there the bound is {_as_printed(n_inputs, right - 1):.3g}, below 1")] if right > 1 else []
        )
        return integer(
            value, right, mistakes=[*mistakes, (right + 1, "it is vacuous one step earlier: a risk is at most 1")]
        )

    rules: dict[str, Any] = {
        "bound": lambda value: function(
            value,
            [(1, 1), (2, 5), (10, 100)],
            _as_printed,
            names=("S", "n"),
            mistakes=[
                (lambda S, n: 4 * S / (9 * n), "that is the bound with the lemma as it should be"),
                (lambda S, n: 4 * n / 9, "that is for one input: add up all S"),
                (lambda S, n: 4 * n / (9 * S), "each input costs as much: multiply by S"),
            ],
        )
    }
    named(answer, rules | {f"from_{n_inputs}": partial(vacuous, n_inputs) for n_inputs in (1, 2, 3)})
    return "right: it grows where the risk falls"


def _at_most(most: int, c: float, n: int = 10_000, delta: float = 0.01) -> float:
    """Return the probability that an input is drawn at most 0 or 1 times, term by term."""
    p = c * log(1 / delta) / n
    terms = [(1 - p) ** n, n * p * (1 - p) ** (n - 1)]
    return sum(terms[: most + 1])


@checker("ex-errata-2")
def threshold(answer: Any) -> str:
    """Check how often an input is drawn far too seldom, for both thresholds."""

    def chance(c: float, value: Any) -> float:
        mean = c * log(100)
        most = int((1 - sqrt(2 / c)) * mean)
        poisson = exp(-mean) * (1 + most * mean)
        mistakes = [
            (0.01, "that is δ, which Lemma E.9 promises; the exact probability is asked for"),
            (poisson, "that is Poisson's law; the count is binomial"),
            (1 - _at_most(most, c), "that is the probability of more"),
            (_at_most(1 - most, c), f"X may be at most {most} here"),
        ]
        return number(value, _at_most(most, c), mistakes=mistakes)

    named(answer, {"printed": partial(chance, 200 / 99), "repaired": partial(chance, 200 / 81)})
    return "right: both are far below δ"
