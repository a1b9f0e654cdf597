"""The paper's definitions written out in plain loops, and expectations by enumerating every data set.

Nothing here calls kdcore or NumPy: laws, tables and policies are nested sequences of numbers, so what the tests compare
kdcore with shares no code with it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache

Row = Sequence[float]
Table = Sequence[Sequence[float]]

PROTOCOL_OF = {"ce_sgl": "hard", "ce_ptl": "partial", "sel_ptl": "partial", "ce_ful": "soft"}


@lru_cache(maxsize=64)
def compositions(total: int, parts: int) -> tuple[tuple[int, ...], ...]:
    """Every way to write ``total`` as an ordered sum of ``parts`` non-negative integers."""
    if parts == 1:
        return ((total,),)
    return tuple((first, *rest) for first in range(total + 1) for rest in compositions(total - first, parts - 1))


def data_sets(rho: Row, pi: Table, n_samples: int) -> Iterator[tuple[float, tuple[tuple[int, ...], ...]]]:
    """Every possible count table (S, A) of n i.i.d. pairs, with its multinomial probability."""
    n_labels = len(pi[0])
    law = [float(mass) * float(p) for mass, row in zip(rho, pi, strict=True) for p in row]
    for flat in compositions(n_samples, len(law)):
        probability = float(math.factorial(n_samples))
        for count, p in zip(flat, law, strict=True):
            probability *= p**count / math.factorial(count)
        if probability > 0:
            yield probability, tuple(flat[i : i + n_labels] for i in range(0, len(flat), n_labels))


def pairs(counts: Table) -> list[tuple[int, int]]:
    """The samples (s_i, a_i) behind a count table, in some order that a loss must not depend on."""
    samples = [(s, a) for s, row in enumerate(counts) for a, count in enumerate(row) for _ in range(int(count))]
    return samples[1::2] + samples[::2]


def student(key: str, counts: Table, pi: Table) -> list[list[float]]:
    """What a learner answers: the closed forms of the paper's section 2, one input at a time."""
    policy = []
    for drawn, row in zip(counts, pi, strict=True):
        n_labels = len(row)
        if not any(drawn):
            policy.append([1 / n_labels] * n_labels)
        elif key == "ce_sgl":
            policy.append([count / sum(drawn) for count in drawn])
        elif key == "ce_ptl":
            total = sum(count * p for count, p in zip(drawn, row, strict=True))
            policy.append([count * p / total for count, p in zip(drawn, row, strict=True)])
        elif key == "sel_ptl":
            unseen = [a for a in range(n_labels) if drawn[a] == 0]
            left = 1 - sum(row[a] for a in range(n_labels) if drawn[a] > 0)
            policy.append([left / len(unseen) if a in unseen else row[a] for a in range(n_labels)])
        elif key == "ce_ful":
            policy.append(list(row))
        else:
            raise AssertionError(key)
    return policy


def conditional_tv(policy: Table, rho: Row, pi: Table) -> float:
    """TV(policy, pi | rho) as the definition has it."""
    risk = 0.0
    for mass, mine, row in zip(rho, policy, pi, strict=True):
        for p, q in zip(mine, row, strict=True):
            risk += mass * 0.5 * abs(p - q)
    return risk


def risk_law(key: str, rho: Row, pi: Table, n_samples: int) -> list[tuple[float, float]]:
    """The law of a learner's risk as pairs (probability of a data set, risk on it)."""
    return [
        (probability, conditional_tv(student(key, counts, pi), rho, pi))
        for probability, counts in data_sets(rho, pi, n_samples)
    ]


def expected_risk(key: str, rho: Row, pi: Table, n_samples: int) -> float:
    """A learner's expected risk, summed over every data set."""
    return math.fsum(probability * risk for probability, risk in risk_law(key, rho, pi, n_samples))


def loss(key: str, policy: Table, samples: Sequence[tuple[int, int]], pi: Table) -> float:
    """The loss that the paper defines, a sum over the samples i = 1, ..., n (equations 3.2, 4.2, 4.6, 5.2)."""
    return math.fsum(_loss_of_sample(key, policy[s], a, pi[s]) for s, a in samples)


def _loss_of_sample(key: str, mine: Row, a: int, row: Row) -> float:
    if key == "ce_sgl":
        return -_log(mine[a])
    if key == "ce_ptl":
        return -row[a] * _log(mine[a])
    if key == "sel_ptl":
        return 0.5 * (_log(mine[a]) - _log(row[a])) ** 2
    if key == "ce_ful":
        return sum(p * (_log(p) - _log(q)) for p, q in zip(row, mine, strict=True) if p > 0)
    raise AssertionError(key)


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def unseen_law(n_samples: int, mass: Fraction, size: int) -> list[Fraction]:
    """P(j of ``size`` cells of probability ``mass`` each are unseen by n draws), j = 0, ..., size, in exact arithmetic.

    Inclusion and exclusion: given j cells that are unseen, the others are not.
    """
    whole = mass.denominator  # all terms are integers over a power of it
    power = [(whole - k * mass.numerator) ** n_samples for k in range(size + 1)]
    ways = [
        math.comb(size, j) * sum((-1) ** i * math.comb(size - j, i) * power[j + i] for i in range(size - j + 1))
        for j in range(size + 1)
    ]
    return [Fraction(number, whole**n_samples) for number in ways]


def missing_mass_law(law: Sequence[Fraction], n_samples: int) -> list[tuple[float, float]]:
    """The law of the missing mass as pairs (probability, mass), one for each set of unseen letters; exact, K <= 12."""
    sets = range(1 << len(law))
    whole = math.lcm(*(p.denominator for p in law))
    parts = [int(p * whole) for p in law]
    masses = [sum(part for x, part in enumerate(parts) if letters >> x & 1) for letters in sets]
    seen_within = [mass**n_samples for mass in masses]  # all draws fall on these letters, in units of whole ** -n
    for x in range(len(law)):  # Moebius inversion: from "only these" to "exactly these are seen"
        for letters in sets:
            if letters >> x & 1:
                seen_within[letters] -= seen_within[letters ^ 1 << x]
    every = whole**n_samples
    return [(seen_within[letters] / every, (whole - masses[letters]) / whole) for letters in sets]


def bayes_risk(
    prior: Sequence[tuple[float, Row, Table]], n_samples: int, protocol: str, *, normalised: bool = True
) -> float:
    """The least risk that any student has on average over a prior of teachers (weight, rho, pi), by enumeration."""
    seen: dict[object, list[tuple[float, Row, Table]]] = {}
    for weight, rho, pi in prior:
        for probability, counts in data_sets(rho, pi, n_samples):
            told: tuple[object, ...] = ()
            if protocol == "partial":
                told = tuple(
                    p for row, drawn in zip(pi, counts, strict=True) for p, n in zip(row, drawn, strict=True) if n
                )
            elif protocol == "soft":
                told = tuple(tuple(row) for row, drawn in zip(pi, counts, strict=True) if any(drawn))
            seen.setdefault((counts, told), []).append((weight * probability, rho, pi))
    return math.fsum(
        least_error([(weight * rho[s], pi[s]) for weight, rho, pi in posterior], normalised=normalised)
        for posterior in seen.values()
        for s in range(len(prior[0][1]))
    )


def least_error(rows: Sequence[tuple[float, Row]], *, normalised: bool = True) -> float:
    """The minimum over laws p of ``sum weight TV(p, row)``; over non-negative p of half the l1 distance otherwise.

    Each entry's error is convex and piecewise linear, and their sum is to be shared out: steepest descents first.
    """
    total = math.fsum(weight / 2 * sum(row) for weight, row in rows)  # at p = 0
    pieces = []
    for a in range(len(rows[0][1])):
        ends = [0.0, *sorted({row[a] for _, row in rows if row[a] > 0}), math.inf]
        for left, right in itertools.pairwise(ends):
            slope = math.fsum(weight if row[a] <= left else -weight for weight, row in rows) / 2
            pieces.append((slope, right - left))
    left_over = 1.0 if normalised else math.inf
    for slope, length in sorted(pieces):
        step = min(length, left_over) if normalised or slope < 0 else 0.0
        total += slope * step if step else 0.0
        left_over -= step
    return total
