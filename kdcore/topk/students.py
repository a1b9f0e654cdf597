"""Students of top-k answers, each a :class:`kdcore.Learner` with a known exact risk."""

from __future__ import annotations

import numpy as np

from kdcore._numerics.topk import TopKRule
from kdcore._types import Policy
from kdcore.learners import Learner, with_rule
from kdcore.topk.protocol import Drawn, TopK, TopKAnswers, TopKLabels


def top_k_matcher(k: int, drawn: Drawn = "revealed") -> Learner:
    """Return the matcher of top-k answers: exact on what is revealed, the hidden mass in equal parts on other labels.

    With ``drawn="revealed"`` and ties broken at random no student does better on average over relabellings of a
    teacher's rows, in TV or KL (proved in the book).  With the drawn label censored it does not use counts; see
    :func:`censored_counter`.

    Parameters
    ----------
    k, drawn
        As of :class:`kdcore.TopK`.

    Returns
    -------
    Learner
        With an exact risk: :func:`kdcore.expected_risk` takes it.  With ``drawn="revealed"`` for rows of few distinct
        probabilities beyond the k most likely ones, otherwise for every teacher.

    Raises
    ------
    ValueError
        As :class:`kdcore.TopK`.

    Examples
    --------
    >>> from kdcore import Teacher, expected_risk, reveal
    >>> teacher, student = Teacher([1.0], [[0.5, 0.3, 0.2, 0.0]]), top_k_matcher(1)
    >>> student.fit(reveal(teacher, [[0, 1, 0, 0]], student.protocol)).round(2)
    array([[0.5, 0.3, 0.1, 0.1]])
    >>> round(expected_risk(teacher, 10, student), 4)
    0.0149
    """
    return _learner("matcher", TopK(k, drawn), _match)


def censored_counter(k: int) -> Learner:
    """Return the student of censored answers: exact on the k most likely labels, counts share out the rest.

    Where none of the drawn labels is beyond the k, the rest is shared out in equal parts.

    Parameters
    ----------
    k : int
        As of :class:`kdcore.TopK`; drawn labels are censored.

    Returns
    -------
    Learner
        With an exact risk for every teacher.  In KL it is infinite after one draw if any row that can be drawn has two
        labels of positive probability beyond the k.

    Raises
    ------
    ValueError
        As :class:`kdcore.TopK`.

    Examples
    --------
    >>> from kdcore import Teacher, reveal
    >>> teacher, student = Teacher([1.0], [[0.4, 0.3, 0.2, 0.1]]), censored_counter(1)
    >>> student.fit(reveal(teacher, [[4, 2, 1, 0]], student.protocol)).round(2)
    array([[0.4, 0.4, 0.2, 0. ]])
    """
    return _learner("censored counter", TopK(k, "censored"), _count_the_tail)


def renormaliser(k: int, drawn: Drawn = "hidden") -> Learner:
    """Return a warning example, truncate and renormalise: what is revealed is divided by its sum, the rest gets 0.

    Its risk is the hidden mass, at most 1 - k/A at a drawn input and as much on a uniform row, for every n if nothing
    is told of draws.

    Parameters
    ----------
    k, drawn
        As of :class:`kdcore.TopK`.

    Returns
    -------
    Learner
        With an exact risk for every teacher; in KL it is infinite where a positive probability may be hidden.

    Raises
    ------
    ValueError
        As :class:`kdcore.TopK`.

    Examples
    --------
    >>> from kdcore import Teacher, reveal
    >>> teacher, student = Teacher([1.0], [[0.6, 0.2, 0.2]]), renormaliser(2)
    >>> student.fit(reveal(teacher, [[0, 0, 1]], student.protocol))
    array([[0.75, 0.25, 0.  ]])
    """
    return _learner("renormaliser", TopK(k, drawn), _renormalise)


def _learner(student: str, protocol: TopK, fit: object) -> Learner:
    learner = Learner(f"{student} ({protocol.name})", protocol, fit)  # type: ignore[arg-type]
    return with_rule(learner, TopKRule(student, protocol.k, protocol.drawn == "revealed"))


def _known(data: TopKLabels | TopKAnswers) -> tuple[Policy, Policy]:
    """Return the revealed probabilities with 0 elsewhere, and the even answer on hidden labels, which sums to 1."""
    silent = np.isnan(data.probabilities)
    number = silent.sum(axis=-1, keepdims=True)
    return np.where(silent, 0.0, data.probabilities), silent / np.maximum(number, 1)


def _rest(known: Policy) -> Policy:
    return np.asarray(np.maximum(1 - known.sum(axis=-1, keepdims=True), 0.0))


def _match(data: TopKLabels | TopKAnswers) -> Policy:
    known, even = _known(data)
    return np.asarray(known + _rest(known) * even)


def _count_the_tail(data: TopKLabels) -> Policy:
    known, even = _known(data)
    tail = np.where(np.isnan(data.probabilities), data.counts, 0)
    total = tail.sum(axis=-1, keepdims=True)
    share = np.where(total > 0, tail / np.maximum(total, 1), even)
    return np.asarray(known + _rest(known) * share)


def _renormalise(data: TopKLabels | TopKAnswers) -> Policy:
    known, even = _known(data)
    total = known.sum(axis=-1, keepdims=True)
    return np.where(total > 0, known / np.where(total > 0, total, 1.0), even)
