"""How good a student is: audited on fresh answers, graded from its own log, certified while one asks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kdcore._checks import check_integer
from kdcore._types import Floats
from kdcore.logs import _anytime, _betting
from kdcore.logs._log import Log
from kdcore.logs._student import LogStudent

if TYPE_CHECKING:
    import pandas as pd

Student = LogStudent | str | Callable[[list[str], list[str]], ArrayLike]

_FARTHEST = 10**6
"""No extrapolation goes further than this many times the log."""
_WHY_NOT_HARD = (
    "a log of labels alone grades no student: without the probabilities of drawn labels a total variation cannot be "
    "told from a few draws; ask the model for them"
)


@dataclass(frozen=True)
class Audit:
    """The risk of a student on fresh draws.

    Attributes
    ----------
    risk : float
        Unbiased estimate of the expected total variation; of a censored log an upper one.
    interval : tuple of (float, float)
        Holds the risk with probability 1 - delta, at every number of draws.
    kl, kl_std_error : float
        Unbiased estimate of the divergence in nats and its standard error; inf where the student excludes what was
        drawn, NaN of a censored log.
    n_samples : int
        Draws that were used.
    delta : float
        The probability that the interval does not hold the risk.

    Examples
    --------
    >>> Audit(0.02, (0.015, 0.026), 0.03, 0.004, 5000, 0.05).interval
    (0.015, 0.026)
    """

    risk: float
    interval: tuple[float, float]
    kl: float
    kl_std_error: float
    n_samples: int
    delta: float


@dataclass(frozen=True)
class Grade:
    """What a log says of the matcher that learned from it, leaving out one draw at a time.

    Attributes
    ----------
    risk : float
        Unbiased estimate of the matcher's expected total variation after n - 1 draws.
    missing_mass : float
        Unbiased estimate of the expected hidden mass after n - 1 draws, which bounds that risk.
    n_samples : int
        The draws of the log, n.

    Examples
    --------
    >>> Grade(risk=0.012, missing_mass=0.02, n_samples=1000).risk
    0.012
    """

    risk: float
    missing_mass: float
    n_samples: int


@dataclass(frozen=True, eq=False)
class Certificate:
    """An upper bound on the matcher's risk that holds at every number of draws at once.

    Attributes
    ----------
    risk_bound : float
        With probability 1 - delta the total variation of the matcher from the whole log is at most this.
    delta : float
        The probability that the bound fails at some number of draws.
    n_samples : int
        The draws of the log.
    curve : pandas.DataFrame
        ``n_samples`` and ``risk_bound`` along the log, and ``hidden_mass``: the mean, over the draws since the row
        before, of what was hidden at the input that was asked.

    Examples
    --------
    >>> import pandas as pd
    >>> curve = pd.DataFrame({"n_samples": [100], "risk_bound": [0.2], "hidden_mass": [0.1]})
    >>> Certificate(0.2, 0.05, 100, curve).risk_bound
    0.2
    """

    risk_bound: float
    delta: float
    n_samples: int
    curve: pd.DataFrame


@dataclass(frozen=True)
class Forecast:
    """About how many more answers a certificate needs: an extrapolation, no bound.

    Attributes
    ----------
    n_more : int or None
        More draws, about; 0 if the certificate has reached the target, None if the log is too short to tell.
    target : float
        The bound that is wanted.
    risk_bound : float
        The certificate of the log.
    back_test : tuple of (float, float)
        The same extrapolation from the first half of the log to the whole of it, and what the certificate was there.

    Examples
    --------
    >>> Forecast(n_more=4000, target=0.05, risk_bound=0.11, back_test=(0.12, 0.11)).n_more
    4000
    """

    n_more: int | None
    target: float
    risk_bound: float
    back_test: tuple[float, float]


def audit(student: Student, log: Log, delta: float = 0.05) -> Audit:
    r"""Return the risk of any student from fresh answers that tell the drawn label's probability.

    .. math:: \mathrm{TV}(\hat\pi,\pi^\star\mid\rho)
        =\mathbb E_{(s,a)\sim\rho\times\pi^\star}\Bigl(1-\frac{\hat\pi(a\mid s)}{\pi^\star(a\mid s)}\Bigr)^+

    So the mean over m fresh draws is unbiased, with values in [0, 1], for every alphabet.  The log must be fresh: not
    what the student learned from.

    Parameters
    ----------
    student : LogStudent, callable or str
        What ``learn`` of a :class:`kdcore.Log` returns; a function of two lists, inputs and labels, that returns the
        student's probabilities of these pairs; or the name of a column of the log (``extra`` of :func:`read_log`)
        with them.
    log : Log
        Of any protocol but hard labels.
    delta : float
        The probability that the interval does not hold the risk, in (0, 1).

    Returns
    -------
    Audit
        The estimate with its interval, and the divergence.

    Raises
    ------
    ValueError
        If the log tells no probabilities, delta is out of range, or the student's answers are not in [0, 1].

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from kdcore.logs import read_log
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = path.write_text("input,label,probability\nhi,hello,0.5\nhi,hey,0.25\n")
    >>> audit(lambda inputs, labels: [0.25] * len(inputs), read_log(path)).risk
    0.25
    """
    delta = _check_delta(delta)
    if log.protocol == "hard":
        raise ValueError(_WHY_NOT_HARD)
    told, least = _told(log)
    answers = _answers(student, log)
    upper = np.maximum(1 - answers / told, 0.0)
    interval = _betting.interval(upper, delta)
    if least.any():  # the least that a censored draw may add is nothing
        interval = (_betting.interval(np.where(least, 0.0, upper), delta)[0], interval[1])
    with np.errstate(divide="ignore"):
        divergence = np.log(told) - np.log(answers)
    kl = np.nan if least.any() else float(divergence.mean())
    known = np.isfinite(kl) and len(divergence) > 1
    error = float(divergence.std(ddof=1) / np.sqrt(len(divergence))) if known else np.nan
    return Audit(float(upper.mean()), interval, kl, error, len(upper), delta)


def _told(log: Log) -> tuple[Floats, Any]:
    """Return the probability told of each drawn label, in order; where it is censored the least one told, and where."""
    found = log._database.connection.execute(
        """WITH ends AS (SELECT top, min(p) AS p FROM shown GROUP BY top)
        SELECT coalesce(draws.p, shown.p, ends.p) AS p, draws.p IS NULL AND shown.p IS NULL AS least
        FROM draws LEFT JOIN shown ON shown.top = draws.top AND shown.a = draws.a
        LEFT JOIN ends ON ends.top = draws.top ORDER BY row"""
    ).fetchnumpy()
    return np.asarray(found["p"], dtype=np.float64), np.asarray(found["least"], dtype=bool)


def _answers(student: Student, log: Log) -> Floats:
    """Return the student's probability of each drawn label, in the order of the draws."""
    database = log._database
    if isinstance(student, str):
        if student not in database.extra:
            raise ValueError(f"the log has no column {student!r}: read_log(path, extra=[{student!r}]) reads it")
        column = database.connection.execute(f'SELECT "{student}" AS q FROM draws ORDER BY row').fetchnumpy()["q"]
        return _check_answers(np.ma.filled(np.ma.asarray(column), np.nan), len(column))
    pairs = database.frame(
        "SELECT s, a, inputs.text AS input, labels.text AS label FROM pairs JOIN inputs ON inputs.id = s "
        "JOIN labels ON labels.id = a ORDER BY s, a"
    )
    give = student.probabilities if isinstance(student, LogStudent) else student
    if not callable(give):
        raise ValueError(f"student must be a LogStudent, a function or the name of a column, got {student!r}")
    answers = _check_answers(give(pairs["input"].tolist(), pairs["label"].tolist()), len(pairs))
    database.connection.register("answers", pairs[["s", "a"]].assign(q=answers))
    query = "SELECT q FROM draws JOIN answers USING (s, a) ORDER BY row"
    column = database.connection.execute(query).fetchnumpy()["q"]
    database.connection.unregister("answers")
    return np.asarray(column, dtype=np.float64)


def _check_answers(values: ArrayLike, length: int) -> Floats:
    answers = np.asarray(values, dtype=np.float64)
    if answers.shape != (length,):
        raise ValueError(f"a student must answer one number for each pair, {length} here, got shape {answers.shape}")
    wrong = ~((answers >= 0) & (answers <= 1 + 1e-6))
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(f"a student must answer probabilities, got {answers[place]} for pair {place}")
    return answers


def grade(log: Log, n_labels: int | None = None) -> Grade:
    r"""Return the matcher's risk and hidden mass from its own training log, leaving one draw out at a time.

    What the matcher, trained on all draws but one, gives the one left out is an audit by a fresh draw; the mean over
    all n is an unbiased estimate of its expected risk after n - 1 draws, and of the hidden mass there.

    Parameters
    ----------
    log : Log
        Of the protocol partial, top_k or soft.
    n_labels : int, optional
        A, if the model has more labels than the log shows.  If it is left out, A is itself taken from the log.

    Returns
    -------
    Grade
        Both estimates, each in [0, 1].

    Raises
    ------
    ValueError
        If the log tells no probabilities, or not those of all drawn labels.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from kdcore.logs import read_log
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = path.write_text("input,label,probability\nhi,hello,0.5\nhi,hello,0.5\nhi,hey,0.25\n")
    >>> grade(read_log(path), n_labels=3).missing_mass  # (1/4 + 1/4 + 1/2) / 3
    0.3333333333333333
    """
    _check_told(log)
    total = log.n_labels if n_labels is None else check_integer(n_labels, "n_labels", minimum=log.n_labels)
    found = log._database.connection.execute(
        """WITH sums AS (SELECT s, sum(p) AS mass, count(*) AS many FROM told GROUP BY s),
        visits AS (SELECT s, sum(n) AS visits FROM pairs GROUP BY s),
        lists AS (SELECT s, top, count(*) AS n FROM draws GROUP BY s, top),
        shows AS (SELECT s, shown.a, sum(n) AS n FROM lists JOIN shown USING (top) GROUP BY s, shown.a),
        own AS (SELECT s, draws.a, count(*) AS n FROM draws JOIN shown ON shown.top = draws.top AND shown.a = draws.a
            GROUP BY s, draws.a)
        SELECT pairs.n, told.p, mass, many, visits, coalesce(shows.n, 0) - coalesce(own.n, 0) AS others
        FROM pairs JOIN told USING (s, a) JOIN sums USING (s) JOIN visits USING (s)
        LEFT JOIN shows USING (s, a) LEFT JOIN own USING (s, a)"""
    ).fetchnumpy()
    n, p, mass, many, visits, others = (np.asarray(found[name], dtype=np.float64) for name in found)
    alone = visits == 1  # without this draw, the input was never asked
    forgotten = (n == 1) & (others == 0) & ~alone  # without it, nothing tells this label
    known = np.where(alone, 0.0, np.where(forgotten, mass - p, mass))
    listed = np.where(alone, 0.0, np.where(forgotten, many - 1, many))
    hidden = np.clip(1 - known, 0.0, 1.0)
    loss = np.maximum(1 - hidden / np.maximum(total - listed, 1) / p, 0.0)
    draws = n.sum()
    risk = float((n * np.where(alone | forgotten, loss, 0.0)).sum() / draws)
    return Grade(risk, float((n * hidden).sum() / draws), int(draws))


def certify(log: Log, delta: float = 0.05) -> Certificate:
    r"""Return a bound on the risk of the matcher from this log that holds at every number of draws at once.

    So *ask until the bound reaches the target* is a valid rule.  It assumes that draws are independent, in the order of
    the log.  What is told of a pair more than once with a relative difference of e adds e to the bound.

    Parameters
    ----------
    log : Log
        Of the protocol partial, top_k or soft.
    delta : float
        The probability that the bound fails at some number of draws, in (0, 1).

    Returns
    -------
    Certificate
        The bound, and its curve along the log.

    Raises
    ------
    ValueError
        If the log does not tell the probabilities of all drawn labels, or delta is out of range.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from kdcore.logs import read_log
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = path.write_text("input,label,probability\n" + "hi,hello,1\n" * 100)
    >>> round(certify(read_log(path)).risk_bound, 2)
    0.05
    """
    import pandas as pd

    delta = _check_delta(delta)
    _check_told(log)
    found = _anytime.curve(log.hidden(), delta)
    bound = np.minimum(found.bound + log.error, 1.0)
    table = pd.DataFrame({"n_samples": found.n_samples, "risk_bound": bound, "hidden_mass": found.hidden})
    return Certificate(float(bound[-1]), delta, log.n_samples, table)


def more(log: Log, target: float, delta: float = 0.05) -> Forecast:
    r"""Return about how many more answers the certificate needs until it reaches a target.

    Hidden mass falls as the mean of exp(-p n) over the probabilities p of what is hidden.  A gamma law of p makes it
    (1 + n / b)^-k, a line on logarithmic scales for large n and one that bends before; b and k are fitted to the last
    seven eighths of the log.  What the certificate adds to it is taken to fall as the root of hidden mass over n, or
    as 1/n if that is slower.
    This is an extrapolation and no bound; ``back_test`` shows how well it would have done from half of the log.

    Parameters
    ----------
    log, delta
        As of :func:`certify`.
    target : float
        Above 0.

    Returns
    -------
    Forecast
        How many more answers, and the test of this way on the log itself.

    Raises
    ------
    ValueError
        As :func:`certify`, or if the target is not above 0, or not above what contradictions in the log leave.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from kdcore.logs import read_log
    >>> path = pathlib.Path(tempfile.mkdtemp(), "log.csv")
    >>> _ = path.write_text("input,label,probability\n" + "hi,hello,1\n" * 1000)
    >>> more(read_log(path), 0.004).n_more
    209
    """
    check_target(log, target)
    return forecast(certify(log, delta), target)


def check_target(log: Log, target: float) -> None:
    """Raise ValueError if no certificate of a log can reach a target."""
    if not target > log.error:
        raise ValueError(f"target must be above {log.error:.3g} here, got {target}")


def forecast(certificate: Certificate, target: float) -> Forecast:
    """Return what :func:`more` does, from a certificate that is there already."""
    from scipy.optimize import brentq

    curve, n = certificate.curve, certificate.n_samples
    before = _fall(curve[curve["n_samples"] <= n / 2])
    back_test = (np.nan if before is None else before.bound(n), certificate.risk_bound)
    if certificate.risk_bound <= target:
        return Forecast(0, target, certificate.risk_bound, back_test)
    fall = _fall(curve)
    if fall is None or fall.bound(n * _FARTHEST) > target:
        return Forecast(None, target, certificate.risk_bound, back_test)
    wanted = brentq(lambda size: fall.bound(size) - target, n, n * _FARTHEST)
    return Forecast(math.ceil(wanted - n), target, certificate.risk_bound, back_test)


class _Fall(NamedTuple):
    """A hidden mass of (1 + n / scale)^-shape after n draws, and the certificate of the log, of n_log draws."""

    shape: float
    scale: float
    n_log: float
    risk_bound: float

    def hidden(self, n: float | Floats) -> Floats:
        return np.asarray(np.exp(-self.shape * np.log1p(n / self.scale)))

    def bound(self, n: float) -> float:
        """Return the certificate to be expected at n draws: what it adds falls as a deviation does, 1/n at most."""
        ratio, now, then = self.n_log / n, float(self.hidden(self.n_log)), float(self.hidden(n))
        return then + (self.risk_bound - now) * max(ratio, math.sqrt(ratio * then / now))


def _fall(curve: pd.DataFrame) -> _Fall | None:
    """Return how the hidden mass falls, by weighted least squares; None if there is little to tell it from."""
    from scipy.optimize import least_squares

    if not len(curve):
        return None
    ends, mass = (curve[name].to_numpy(dtype=np.float64) for name in ("n_samples", "hidden_mass"))
    n, risk_bound = float(ends[-1]), float(curve["risk_bound"].iloc[-1])
    draws = np.diff(ends, prepend=0.0)
    middles = ends - (draws + 1) / 2  # a draw is judged by those before it
    used = middles >= n / 8
    if np.count_nonzero(used) < 3 or mass[used].min() >= 1:
        return None

    def fall(logs: Floats) -> _Fall:
        shape, scale = np.exp(logs).tolist()
        return _Fall(shape, scale, n, risk_bound)

    def misses(logs: Floats) -> Floats:
        fitted = fall(logs).hidden(middles[used])
        missed: Floats = (mass[used] - fitted) * np.sqrt(draws[used] / np.maximum(fitted, 1 / n))
        return missed

    starts = [(shape, np.log(n) + scale) for shape in (-1.0, 1.0, 4.0) for scale in (-3.0, 0.0, 3.0)]
    limits = ([-6.0, -3.0], [8.0, np.log(n) + 12.0])
    fits = [least_squares(misses, start, bounds=limits) for start in starts]
    return fall(min(fits, key=lambda fit: fit.cost).x)


def _check_told(log: Log) -> None:
    if log.protocol == "hard":
        raise ValueError(_WHY_NOT_HARD)
    if log.protocol == "censored":
        raise ValueError(
            "this log is censored, it tells the drawn label's probability only among the k likeliest: its student "
            "cannot grade itself; audit it on fresh draws, which gives an upper bound"
        )


def _check_delta(delta: float) -> float:
    if not 0 < delta < 1:
        raise ValueError(f"delta must be above 0 and below 1, got {delta!r}")
    return float(delta)
