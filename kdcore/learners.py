"""The four students, each a function of one transfer set, and the losses that they minimise.

All of them are tabular: the minimiser has a closed form at each drawn input.  At an input that was never drawn every
policy is a minimiser; these students answer Uniform there, as in the paper's experiments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr, xlogy

from kdcore._types import Floats, Policy
from kdcore.protocols import HardLabels, PartialSoftLabels, SoftLabels, TransferSet


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


@dataclass(frozen=True)
class Learner:
    """A student: what it is told, what it minimises, and the minimiser.

    Attributes
    ----------
    key : str
        Its name in tables, e.g. ``"ce_sgl"``.
    protocol : {"hard", "partial", "soft"}
        The transfer set that it learns from.
    equation : str
        Where the paper defines it.

    Examples
    --------
    >>> student = LEARNERS["sel_ptl"]
    >>> student.protocol, student.equation
    ('partial', 'eq. 4.6, 4.7')
    """

    key: str
    protocol: str
    equation: str
    _data_type: type
    _fit: Callable[[Any], Policy]
    _loss: Callable[[Policy, Any], Policy]

    def fit(self, data: TransferSet) -> Policy:
        """Return a minimiser of the loss, in closed form.

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
            If the transfer set is of another protocol.

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
        return self._fit(data)

    def loss(self, policy: ArrayLike, data: TransferSet) -> Floats:
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
            The loss summed over samples, in nats (SEL_ptl: nats squared).

        Raises
        ------
        ValueError
            If the transfer set is of another protocol, or the policy's rows do not fit its counts.

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
        self._check(data)
        values = np.asarray(policy, dtype=np.float64)
        if values.shape[-2:] != data.counts.shape[-2:]:
            raise ValueError(
                f"policy must have shape (..., {', '.join(map(str, data.counts.shape[-2:]))}), got {values.shape}"
            )
        return self._loss(values, data)

    def _check(self, data: TransferSet) -> None:
        if not isinstance(data, self._data_type):
            raise ValueError(
                f"{self.key} learns from {self._data_type.__name__}, got {type(data).__name__}: "
                f"use reveal(teacher, counts, {self.protocol!r})"
            )


LEARNERS: dict[str, Learner] = {
    learner.key: learner
    for learner in (
        Learner("ce_sgl", "hard", "eq. 3.2, 3.3", HardLabels, _fit_ce_sgl, _loss_ce_sgl),
        Learner("ce_ptl", "partial", "eq. 4.2-4.4", PartialSoftLabels, _fit_ce_ptl, _loss_ce_ptl),
        Learner("sel_ptl", "partial", "eq. 4.6, 4.7", PartialSoftLabels, _fit_sel_ptl, _loss_sel_ptl),
        Learner("ce_ful", "soft", "eq. 5.2", SoftLabels, _fit_ce_ful, _loss_ce_ful),
    )
}
"""The four students by key: ``ce_sgl``, ``ce_ptl``, ``sel_ptl``, ``ce_ful``."""
