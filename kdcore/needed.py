"""How many samples a student needs until its risk stays below a target."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from kdcore._checks import check_integer
from kdcore._numerics import losses
from kdcore._numerics.divergence import check_divergence
from kdcore.exact import ce_ptl_limit, expected_risk
from kdcore.learners import Learner, check_learner, is_of_the_paper, rule_of
from kdcore.risk import mean_risk, sample_risk
from kdcore.teacher import Teacher

_STEP = 4
"""The search multiplies n by this until the risk is below the target."""
_BEYOND = 3
"""It must be below the target at this many further steps, too."""
_APART = 0.01
"""Where risks are simulated, the search ends when n is known up to this share."""


@dataclass(frozen=True)
class SamplesNeeded:
    """How many samples a student needs.

    Attributes
    ----------
    n_samples : int or None
        The least n from which the risk stays below the target; None if it never does.
    interval : tuple of (int, int) or None
        The same number twice where risks are exact; from 2 standard errors below to 2 above where they are simulated.
    limit : float
        What the risk tends to; NaN where it is not known.

    Examples
    --------
    >>> print(SamplesNeeded(1200, (1100, 1310), 0.0))
    1,200 (1,100 to 1,310)
    """

    n_samples: int | None
    interval: tuple[int, int] | None
    limit: float

    def __str__(self) -> str:
        if self.n_samples is None:
            return (
                f"never: the risk does not fall below {self.limit:.4g}" if self.limit > 0 else "not within the search"
            )
        low, high = self.interval or (self.n_samples, self.n_samples)
        return f"{self.n_samples:,}" + (f" ({low:,} to {high:,})" if low < high else "")


def samples_needed(
    teacher: Teacher,
    target: float,
    learner: str | Learner,
    divergence: str = "tv",
    n_repeats: int = 400,
    seed: int = 0,
    most: int = 2**40,
) -> SamplesNeeded:
    """Return the least number of samples from which a student's expected risk stays below a target.

    Risks need not fall with n.  The search looks at n = 1, 4, 16, ... until the risk is below the target there and at
    the next three, and then between the last two that the target separates.  Risks are exact where these are quick and
    simulated elsewhere, as those of ``risk_curve(..., method="auto")``.

    Parameters
    ----------
    teacher : Teacher
        The law to learn.
    target : float
        The risk that is wanted, above 0.
    learner : str or Learner
        The student.
    divergence : {"tv", "kl"}
        The risk.
    n_repeats, seed
        Of simulations, at each n.
    most : int
        Where the search ends.

    Returns
    -------
    SamplesNeeded
        With ``n_samples`` None where the risk has a floor above the target, in print "never" with the floor, or where
        the search ended before.

    Raises
    ------
    ValueError
        If the target is not above 0, the learner is unknown, or an argument is out of range.

    Examples
    --------
    >>> teacher = Teacher([0.5, 0.5], [[0.8, 0.2], [0.4, 0.6]])
    >>> print(samples_needed(teacher, 0.05, "ce_sgl"))
    102
    >>> print(samples_needed(teacher, 0.05, "ce_ptl"))
    never: the risk does not fall below 0.1167
    """
    if not (isinstance(target, int | float | np.floating) and target > 0):
        raise ValueError(f"target must be a number above 0, got {target!r}")
    found = check_learner(learner)
    check_divergence(divergence)
    most = check_integer(most, "most", minimum=1)
    limit = _limit(teacher, found, divergence)
    if limit >= target:
        return SamplesNeeded(None, None, limit)
    quick = rule_of(found) is not None

    @cache
    def risk(n: int) -> tuple[float, float]:
        """The risk and its standard error."""
        if quick and losses.is_quick(inputs, n, rule_of(found), divergence):
            return losses.expected(inputs, n, rule_of(found), divergence), 0.0
        values = sample_risk(teacher, n, found, n_repeats, seed, point=n.bit_length(), divergence=divergence)
        mean = mean_risk(values[found.name])
        return float(mean["risk"]), float(mean["std_error"])

    def is_below(n: int) -> bool:
        """Compare the risk with the target, without computing it where a bound tells."""
        lower, upper = losses.bounds(inputs, n, rule_of(found), divergence) if quick else (0.0, math.inf)
        return upper <= target or (lower <= target and risk(n)[0] <= target)

    inputs = list(losses.inputs_of(teacher)) if quick else []
    below, n = 0, 1
    above = 0
    while below <= _BEYOND:
        if n > most:
            return SamplesNeeded(None, None, limit)
        if is_below(n):
            below += 1
        else:
            below, above = 0, n
        n *= _STEP
    needed = _between(risk, target, above, max(_STEP * above, 1))
    return SamplesNeeded(needed, _interval(risk, needed), limit)


def _limit(teacher: Teacher, learner: Learner, divergence: str) -> float:
    """Return what the risk tends to, NaN where it is not known."""
    if not is_of_the_paper(learner):
        return math.nan
    if divergence == "kl" and learner.name in ("ce_sgl", "ce_ptl"):  # infinite from one draw on, or always 0
        return expected_risk(teacher, 1, learner, "kl")
    return ce_ptl_limit(teacher) if learner.name == "ce_ptl" else 0.0


def _between(risk: Callable[[int], tuple[float, float]], target: float, low: int, high: int) -> int:
    """Return the least n in (low, high] at which the risk is at most the target, if it falls there.

    By the line through both ends, logarithm against logarithm, and every other time by halves.  Where risks are exact,
    a step beyond the line comes in between, as far as the line may be wrong: then what is left is short, as its ends
    lie on both sides of the line.  Only where more than a quarter is left it is halved.
    """
    exact = risk(high)[1] == 0
    turn, before = 0, high - low
    while high - low > 1 and (exact or high - low >= _APART * high):
        above, below = risk(low)[0] if low else math.inf, risk(high)[0]
        width, share, beyond = high - low, 0.5, 0
        if math.isfinite(above) and 0 < below < above and (turn == 0 or (exact and turn == 1)):
            share = math.log(above / target) / math.log(above / below)
            beyond = turn * (1 + min(width // 4, width**2 // (8 * high)))
        middle = round(max(low, 0.5) ** (1 - share) * high**share)
        middle += beyond if high - middle > middle - low else -beyond
        middle = min(max(middle, low + 1), high - 1)
        if risk(middle)[0] <= target:
            high = middle
        else:
            low = middle
        turn += 1
        if turn == 3 or (turn == 2 and (not exact or high - low <= before / 4)):
            turn, before = 0, high - low
    return high


def _interval(risk: Callable[[int], tuple[float, float]], n: int) -> tuple[int, int]:
    """Return the range of n in which the risk is within 2 standard errors of that at n, by its slope there."""
    value, error = risk(n)
    if not error > 0:
        return n, n
    before = risk(max(n // 2, 1))[0]
    slope = math.log(before / value) / math.log(2) if before > value else 0.5
    reach = math.exp(min(2 * error / (value * max(slope, 0.1)), 5.0))
    return math.floor(n / reach), math.ceil(n * reach)
