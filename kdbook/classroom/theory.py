"""What a class is compared with: the risk of the book's student of each protocol, and how widely one pair scatters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from kdbook.classroom.cook import Cook
from kdbook.classroom.people import Guess
from kdcore.exact import expected_risk
from kdcore.risk import conditional_tv, sample_risk
from kdcore.teacher import Teacher

if TYPE_CHECKING:
    import pandas as pd

STUDENT = {"hard": "ce_sgl", "partial": "sel_ptl", "soft": "ce_ful"}
"""The protocols of the experiment, and the student of the book that each is compared with."""
NAMES = {"hard": "the counter", "partial": "the matcher", "soft": "the copier"}
"""What the book calls these students."""
_REPEATS, _SEED = 20_000, 0
_LEVEL, _POWER = 0.05, 0.8
_QUANTILES = 2.801585
"""Those of the normal law at 1 - level / 2 and at the power, added."""


def risks_of(guesses: Iterable[Guess], cook: Cook) -> pd.DataFrame:
    """Return how far each guess is from the pair's own cook: the conditional total variation.

    Parameters
    ----------
    guesses : iterable of Guess
        What pairs wrote down.
    cook : Cook
        The cook before shuffling.

    Returns
    -------
    pandas.DataFrame
        Columns ``pair``, ``protocol``, ``n_samples``, ``risk``, sorted by protocol, n and pair.
    """
    import pandas as pd  # here, as importing it takes longer than importing kdcore

    rows = [
        {
            "pair": guess.pair,
            "protocol": guess.protocol,
            "n_samples": guess.n_samples,
            "risk": float(conditional_tv(guess.rows, cook.shuffled(guess.pair).teacher)),
        }
        for guess in guesses
    ]
    table = pd.DataFrame(rows, columns=["pair", "protocol", "n_samples", "risk"])
    rank = list(STUDENT)
    return table.sort_values(
        ["protocol", "n_samples", "pair"], key=lambda c: c.map(rank.index) if c.name == "protocol" else c
    ).reset_index(drop=True)


@lru_cache(maxsize=256)
def risk_of_a_pair(cook: Cook, protocol: str, n_samples: int) -> tuple[float, float, str]:
    """Return the expected risk of the student of a protocol, the standard deviation of its risk, and the method.

    A shuffle changes neither.  The expectation is exact where the book has a formula, and the method then "exact";
    else it comes, as the standard deviation always does, from 20 000 simulated data sets.

    Parameters
    ----------
    cook : Cook
        The cook.
    protocol : {"hard", "partial", "soft"}
        What the student is told.
    n_samples : int
        Throws, n >= 0.

    Examples
    --------
    >>> day = Cook(("day",), ("tea", "milk"), (6,), ((18, 18),))
    >>> risk_of_a_pair(day, "hard", 1)
    (0.5, 0.0, 'exact')
    """
    return _risk_of_a_pair(cook.teacher, STUDENT[protocol], n_samples)


def _risk_of_a_pair(teacher: Teacher, learner: str, n: int) -> tuple[float, float, str]:
    simulated = sample_risk(teacher, n, [learner], _REPEATS, _SEED)[learner]
    spread = float(simulated.std(ddof=1))
    try:
        return expected_risk(teacher, n, learner), spread, "exact"
    except ValueError:  # a row with more levels than the exact formula takes
        return float(simulated.mean()), spread, "simulated"


def compare(risks: pd.DataFrame, cook: Cook) -> pd.DataFrame:
    """Set the mean of each protocol and n beside the risk of the book's student.

    Parameters
    ----------
    risks : DataFrame
        As from :func:`risks_of`.
    cook : Cook
        The cook before shuffling.

    Returns
    -------
    pandas.DataFrame
        A row for each protocol and n: ``protocol``, ``n_samples``, ``pairs``, ``class_mean``, ``std_error`` (of that
        mean; NaN for one pair), ``theory`` (the expected risk of the book's student, which the pairs need not be),
        ``method`` (how it was computed), ``spread`` (the standard deviation of that student's risk).
    """
    import pandas as pd

    rows = []
    for _, part in risks.groupby(["protocol", "n_samples"], sort=False):
        protocol, n, group = str(part["protocol"].iloc[0]), int(part["n_samples"].iloc[0]), part["risk"]
        theory, spread, method = risk_of_a_pair(cook, protocol, n)
        size = len(group)
        rows.append(
            {
                "protocol": protocol,
                "n_samples": n,
                "pairs": size,
                "class_mean": group.mean(),
                "std_error": group.std(ddof=1) / math.sqrt(size) if size > 1 else math.nan,
                "theory": theory,
                "method": method,
                "spread": spread,
            }
        )
    return pd.DataFrame(rows)


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """Return by how much the class means of protocols differ, with standard errors, beside those of the book.

    Parameters
    ----------
    table : DataFrame
        As from :func:`compare`.

    Returns
    -------
    pandas.DataFrame
        A row for each n and two protocols that have guesses there: ``n_samples``, ``first``, ``second``, ``class_gap``
        (mean of the first minus that of the second), ``std_error`` (NaN if either has one pair), ``theory_gap``.
    """
    import pandas as pd

    rows = []
    for n, part in table.groupby("n_samples"):
        found = part.set_index("protocol").to_dict("index")
        for first, second in itertools.combinations([protocol for protocol in STUDENT if protocol in found], 2):
            one, two = found[first], found[second]
            rows.append(
                {
                    "n_samples": n,
                    "first": first,
                    "second": second,
                    "class_gap": one["class_mean"] - two["class_mean"],
                    "std_error": math.hypot(one["std_error"], two["std_error"]),
                    "theory_gap": one["theory"] - two["theory"],
                }
            )
    return pd.DataFrame(rows, columns=["n_samples", "first", "second", "class_gap", "std_error", "theory_gap"])


def pairs_needed(cook: Cook, first: str, second: str, n_samples: int) -> int | None:
    r"""Return how many pairs each of two protocols needs for their difference to show.

    It shows when a two-sided t test at 5 per cent, with :math:`m` pairs each, finds it 80 times in 100.  The power is
    that of normal risks whose two variances are equal to the mean :math:`\bar\sigma^2` of theirs: T has a noncentral t
    law, :math:`2m-2` degrees of freedom, noncentrality :math:`|r_1-r_2|/\sqrt{2\bar\sigma^2/m}`.

    Parameters
    ----------
    cook : Cook
        The cook.
    first, second : {"hard", "partial", "soft"}
        The protocols.
    n_samples : int
        Throws.

    Returns
    -------
    int or None
        At least 2; None if the two risks agree to within 1e-9, or a million pairs are not enough.
    """
    (r1, sd1, _), (r2, sd2, _) = (risk_of_a_pair(cook, protocol, n_samples) for protocol in (first, second))
    gap, noise = abs(r1 - r2), math.hypot(sd1, sd2)
    if gap < 1e-9 or noise * _QUANTILES > 1000 * gap:
        return None
    pairs = max(2, math.ceil((_QUANTILES * noise / gap) ** 2))  # right for many pairs; for few, more are needed
    while noise > 0 and _power(gap * math.sqrt(pairs) / noise, 2 * pairs - 2) < _POWER:
        pairs += 1
    return pairs


def _power(shift: float, freedom: int) -> float:
    """Return how often a two-sided t test finds a shift of the statistic."""
    from scipy import stats  # here, as importing it takes longer than importing kdcore

    critical = stats.t.ppf(1 - _LEVEL / 2, freedom)
    return float(stats.nct.sf(critical, freedom, shift) + stats.nct.cdf(-critical, freedom, shift))
