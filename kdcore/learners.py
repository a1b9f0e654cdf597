"""Students, each a function of one transfer set: the four of the paper with their losses, and those of one's own.

The four are tabular: the minimiser has a closed form at each drawn input.  At an input that was never drawn every
policy is a minimiser; these students answer Uniform there, as in the paper's experiments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr, xlogy

from kdcore._checks import check_choice, check_policies, find_first
from kdcore._types import Floats, Policy
from kdcore.protocols import HardLabels, PartialSoftLabels, Protocol, SoftLabels, check_protocol, key_of


def _row_sums(rows: Policy) -> Policy:
    """Sum over labels, keeping the axis; several times as fast as ``sum`` on rows as short as these."""
    sums: Policy = np.einsum("...a->...", rows)[..., np.newaxis]
    return sums


def _normalised(weights: Policy) -> Policy:
    """Divide each row by its sum, in place; a row of zeros (an input never drawn) becomes Uniform."""
    total = _row_sums(weights)
    never = total[..., 0] == 0
    weights /= np.where(total > 0, total, 1.0)
    weights[never] = 1 / weights.shape[-1]
    return weights


def _known(data: PartialSoftLabels) -> Policy:
    """Return the probabilities that were revealed, and 0 where the transfer set holds NaN."""
    return np.fmax(data.probabilities, 0.0)


def _fit_ce_sgl(data: HardLabels) -> Policy:
    return _normalised(data.counts.astype(np.float64))


def _fit_ce_ptl(data: PartialSoftLabels) -> Policy:
    return _normalised(data.counts * _known(data))


def _fit_sel_ptl(data: PartialSoftLabels) -> Policy:
    policy = _known(data)
    unseen = (data.counts == 0).astype(np.float64)
    rest = np.maximum(1 - _row_sums(policy), 0.0)
    unseen *= rest / np.maximum(_row_sums(unseen), 1)
    policy += unseen
    return policy


def _fit_ce_ful(data: SoftLabels) -> Policy:
    drawn = data.counts.sum(axis=-1, keepdims=True) > 0
    return np.where(drawn, data.rows, 1 / data.counts.shape[-1])


def _loss_ce_sgl(policy: Policy, data: HardLabels) -> Policy:
    loss: Policy = -xlogy(data.counts, policy).sum(axis=(-2, -1))
    return loss


def _loss_ce_ptl(policy: Policy, data: PartialSoftLabels) -> Policy:
    loss: Policy = -xlogy(data.counts * _known(data), policy).sum(axis=(-2, -1))
    return loss


def _loss_sel_ptl(policy: Policy, data: PartialSoftLabels) -> Policy:
    seen = data.counts > 0
    with np.errstate(divide="ignore"):
        gap = np.log(np.where(seen, policy, 1.0)) - np.log(np.where(seen, data.probabilities, 1.0))
    loss: Policy = 0.5 * (data.counts * gap**2).sum(axis=(-2, -1))
    return loss


def _loss_ce_ful(policy: Policy, data: SoftLabels) -> Policy:
    visits = data.counts.sum(axis=-1)
    drawn = (visits > 0)[..., np.newaxis]
    divergence = np.where(drawn, rel_entr(np.where(drawn, data.rows, 0.0), policy), 0.0).sum(axis=-1)
    loss: Policy = np.where(visits > 0, visits * divergence, 0.0).sum(axis=-1)
    return loss


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Learner:
    """A student: what it is told, how it answers, and the loss that its answer minimises.

    The four of the paper are in :data:`LEARNERS`.  One of your own goes wherever a key of those is taken.

    Parameters
    ----------
    name : str
        Its name in tables and figures.
    protocol : {"hard", "partial", "soft"} or Protocol
        What it is told.  The field holds the key of one of the three, or a protocol of one's own.
    fit : callable
        Takes a transfer set of the protocol, with counts of shape (..., S, A), and returns policies of this shape.
        Nothing but the transfer set may enter: neither random numbers nor other data sets of the stack.
    loss : callable, optional
        Takes policies and a transfer set, and returns the loss, shape (...).
    equation : str, optional
        Where the paper defines it.

    Raises
    ------
    ValueError
        If the name is no word, the protocol is unknown, or ``fit`` or ``loss`` cannot be called.

    Examples
    --------
    >>> student = LEARNERS["sel_ptl"]
    >>> student.protocol, student.equation
    ('partial', 'eq. 4.6, 4.7')
    >>> def smoothed(data):  # add one to each count
    ...     return (data.counts + 1) / (data.counts + 1).sum(axis=-1, keepdims=True)
    >>> student = Learner("add one", "hard", smoothed)
    >>> student.fit(HardLabels(np.array([[3, 1]]))).round(4)
    array([[0.6667, 0.3333]])
    """

    name: str
    protocol: str | Protocol
    equation: str | None
    _fit: Callable[[Any], ArrayLike]
    _loss: Callable[[Policy, Any], Floats] | None
    _rule: Any

    def __init__(
        self,
        name: str,
        protocol: str | Protocol,
        fit: Callable[[Any], ArrayLike],
        loss: Callable[[Policy, Any], Floats] | None = None,
        equation: str | None = None,
    ) -> None:
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"name must be a word, got {name!r}")
        told = key_of(check_protocol(protocol))
        if not (callable(fit) and (loss is None or callable(loss))):
            raise ValueError(f"fit and loss of {name} must be functions, got {fit!r} and {loss!r}")
        values = {"name": name, "protocol": told, "equation": equation, "_fit": fit, "_loss": loss, "_rule": None}
        for field, value in values.items():
            object.__setattr__(self, field, value)

    def __repr__(self) -> str:
        return f"Learner(name={self.name!r}, protocol={self.protocol!r})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        # One of the four stays the same object in every process.
        return (_of_the_paper, (self.name,)) if is_of_the_paper(self) else super().__reduce__()

    def fit(self, data: Any) -> Policy:
        """Return the student's answer; for the four a minimiser of the loss, in closed form.

        Parameters
        ----------
        data : HardLabels, PartialSoftLabels or SoftLabels
            The transfer set of this learner's protocol, counts of shape (..., S, A).

        Returns
        -------
        ndarray, shape (..., S, A)
            A policy: every row is a probability vector.

        Raises
        ------
        ValueError
            If the transfer set is of another protocol, or the ``fit`` of a learner of one's own returns no policy: NaN
            says that it looked at what it was not told.

        Examples
        --------
        >>> counts = np.array([[3, 1, 0]])
        >>> data = PartialSoftLabels(counts, np.array([[0.5, 0.3, np.nan]]))
        >>> LEARNERS["sel_ptl"].fit(data).round(4)  # the unseen gets the rest
        array([[0.5, 0.3, 0.2]])
        >>> LEARNERS["ce_ptl"].fit(data).round(4)  # as 3 * 0.5 to 1 * 0.3
        array([[0.8333, 0.1667, 0.    ]])
        """
        self._check(data)
        answer = self._fit(data)
        if is_of_the_paper(self):
            return answer  # type: ignore[return-value]
        policy = check_policies(answer, f"what the fit of {self.name} returns")
        counts = getattr(data, "counts", None)
        if counts is not None and policy.shape != np.shape(counts):
            raise ValueError(
                f"what the fit of {self.name} returns must have the shape of the counts, {np.shape(counts)}, "
                f"got {policy.shape}"
            )
        if (unknown := np.isnan(policy)).any():
            raise ValueError(
                f"what the fit of {self.name} returns is NaN at [{find_first(unknown)[1]}]: it must not use "
                f"what its protocol does not tell, which is NaN in its data, nor divide 0 by 0"
            )
        return policy

    def loss(self, policy: ArrayLike, data: Any) -> Floats:
        """Return the loss of a policy on a transfer set; ``inf`` where the policy excludes what it must allow.

        Parameters
        ----------
        policy : array_like, shape (..., S, A)
            Any policy.
        data : HardLabels, PartialSoftLabels or SoftLabels
            The transfer set of this learner's protocol.

        Returns
        -------
        ndarray, shape (...)
            The loss summed over samples, in nats (the matcher: nats squared).

        Raises
        ------
        ValueError
            If the transfer set is of another protocol, the policy's rows do not fit its counts, or the learner was
            given no loss.

        Examples
        --------
        >>> data = HardLabels(np.array([[3, 1]]))
        >>> student = LEARNERS["ce_sgl"]
        >>> for policy in ([[0.75, 0.25]], [[0.5, 0.5]], [[1.0, 0.0]]):
        ...     print(student.loss(policy, data).round(4))
        2.2493
        2.7726
        inf
        """
        if self._loss is None:
            raise ValueError(f"{self.name} has no loss: give it one, Learner({self.name!r}, ..., loss=...)")
        self._check(data)
        values = np.asarray(policy, dtype=np.float64)
        if hasattr(data, "counts") and values.shape[-2:] != data.counts.shape[-2:]:
            raise ValueError(
                f"policy must have shape (..., {', '.join(map(str, data.counts.shape[-2:]))}), got {values.shape}"
            )
        return self._loss(values, data)

    def _check(self, data: Any) -> None:
        data_type = check_protocol(self.protocol).data_type
        if not isinstance(data, data_type):
            protocol = repr(self.protocol) if isinstance(self.protocol, str) else "learner.protocol"
            raise ValueError(
                f"{self.name} learns from {data_type.__name__}, got {type(data).__name__}: "
                f"use reveal(teacher, counts, {protocol})"
            )


_FOUR: dict[str, Learner] = {
    learner.name: learner
    for learner in (
        Learner("ce_sgl", "hard", _fit_ce_sgl, _loss_ce_sgl, "eq. 3.2, 3.3"),
        Learner("ce_ptl", "partial", _fit_ce_ptl, _loss_ce_ptl, "eq. 4.2-4.4"),
        Learner("sel_ptl", "partial", _fit_sel_ptl, _loss_sel_ptl, "eq. 4.6, 4.7"),
        Learner("ce_ful", "soft", _fit_ce_ful, _loss_ce_ful, "eq. 5.2"),
    )
}

LEARNERS: dict[str, Learner] = dict(_FOUR)
"""The four students by key: ``ce_sgl``, ``ce_ptl``, ``sel_ptl``, ``ce_ful``."""

Learners = str | Learner | Iterable[str | Learner]
"""Keys of learners or learners, one or several."""


def _of_the_paper(name: str) -> Learner:
    return _FOUR[name]


def is_of_the_paper(learner: Learner) -> bool:
    """Tell whether a learner is one of the four, and not one of somebody's own."""
    return _FOUR.get(learner.name) is learner


def check_learner(learner: str | Learner) -> Learner:
    """Return the learner of a key, or one that is given itself unless it goes by the name of one of the four."""
    if not isinstance(learner, Learner):
        return LEARNERS[check_choice(learner, "learner", list(LEARNERS))]
    if learner.name in _FOUR and not is_of_the_paper(learner):
        raise ValueError(f"{learner.name} is the name of one of the paper's learners: give your own another name")
    return learner


def with_rule(learner: Learner, rule: object) -> Learner:
    """Return a learner of the package after giving it the rule of its exact risk."""
    object.__setattr__(learner, "_rule", rule)
    return learner


def rule_of(learner: Learner) -> Any:
    """Return how the exact risk of a learner is computed: the key of one of the four, a rule, or None."""
    return learner.name if is_of_the_paper(learner) else learner._rule


def check_exact(learner: str | Learner) -> Learner:
    """Return a learner whose exact risk is known: one of the four, its key, or one that was given a rule."""
    found = check_learner(learner)
    if rule_of(found) is None:
        known = ", ".join(_FOUR)
        raise ValueError(
            f"the exact risk of {found.name} is not known, only those of {known} and of "
            f"the students of top-k answers: use simulate_risk"
        )
    return found


def check_learners(learners: Learners | None) -> list[Learner]:
    """Return the learners asked for (None: all four) after checking that each has a name of its own."""
    if learners is None:
        return list(_FOUR.values())
    if isinstance(learners, str | Learner):
        learners = [learners]
    if not isinstance(learners, Iterable):
        raise ValueError(f"learners must be a key, a Learner or several of these, got {learners!r}")
    found = [check_learner(learner) for learner in learners]
    if not found:
        raise ValueError(f"no learner given: known are {', '.join(LEARNERS)}")
    names = [learner.name for learner in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two learners are called {name}: each must have a name of its own")
    return found
