"""The teachers of the paper's experiments (Zhao and Zhu 2024, section 6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kdcore._checks import check_integer
from kdcore._types import Floats
from kdcore.teacher import Teacher


def instance_0(n_inputs: int, n_labels: int) -> Teacher:
    r"""A teacher that does not depend on n: half uniform, half on one label (Instance 0).

    :math:`\rho` is uniform, and the row at s is
    :math:`\frac12\mathrm{Uniform}+\frac12\mathrm{Dirac}(s\bmod A)`.

    Parameters
    ----------
    n_inputs, n_labels : int
        S >= 1 and A >= 1.

    Returns
    -------
    Teacher
        With S inputs and A labels.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> instance_0(n_inputs=1, n_labels=4).pi
    array([[0.625, 0.125, 0.125, 0.125]])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=1)
    pi = np.full((n_inputs, n_labels), 0.5 / n_labels)
    inputs = np.arange(n_inputs)
    pi[inputs, inputs % n_labels] += 0.5
    return Teacher(_uniform(n_inputs), pi)


def instance_1(n_inputs: int, n_labels: int, n_samples: int) -> Teacher:
    r"""The hard teacher for hard labels (Instance 1, from the proof of Theorem 3.1).

    :math:`\rho` is uniform.  Labels come in pairs of mass :math:`(1+\Delta)/A` and :math:`(1-\Delta)/A`, with
    :math:`\Delta=\frac14\sqrt{SA/n}`.  For odd A the last label gets 0 and A - 1 takes the place of A.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int
        S >= 1, A >= 2 and n >= S A / 16, below which :math:`\Delta>1` and the masses are no distribution.
        (Theorem 3.1 itself asks for n >= S A / 4.)

    Returns
    -------
    Teacher
        With S inputs and A labels, made for n samples.

    Raises
    ------
    ValueError
        If an argument is out of range; when n is too small the message says which n would do.

    Examples
    --------
    >>> instance_1(n_inputs=1, n_labels=2, n_samples=2).pi
    array([[0.625, 0.375]])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=2)
    n_samples = check_integer(n_samples, "n_samples")
    paired = n_labels - n_labels % 2
    _require_samples("instance_1", n_inputs, n_labels, n_samples, -(-n_inputs * paired // 16))
    gap = 0.25 * np.sqrt(n_inputs * paired / n_samples)
    row = np.zeros(n_labels)
    row[0:paired:2] = (1 + gap) / paired
    row[1:paired:2] = (1 - gap) / paired
    return Teacher(_uniform(n_inputs), np.tile(row, (n_inputs, 1)))


def instance_2(n_inputs: int, n_labels: int, n_samples: int) -> Teacher:
    r"""The hard teacher for partial soft labels (Instance 2, from the proof of Theorem 4.1).

    :math:`\rho` is uniform.  Labels come in buddies of mass :math:`\frac S{n+1}` and 0; the last label takes the rest,
    :math:`1-\frac{S(A-1)}{2(n+1)}`.  For even A the last label gets 0 and A - 1 takes the place of A.

    Returns and raises as :func:`instance_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int
        S >= 1, A >= 3 and n >= S (A - 1) / 2 - 1, below which the rest would be negative.

    Examples
    --------
    >>> instance_2(n_inputs=1, n_labels=5, n_samples=9).pi
    array([[0.1, 0. , 0.1, 0. , 0.8]])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=3)
    n_samples = check_integer(n_samples, "n_samples")
    pairs = (n_labels - 1) // 2
    _require_samples("instance_2", n_inputs, n_labels, n_samples, n_inputs * pairs - 1)
    row = _buddies(n_inputs, n_labels, n_samples)
    return Teacher(_uniform(n_inputs), np.tile(row, (n_inputs, 1)))


def instance_3(n_inputs: int, n_labels: int, n_samples: int) -> Teacher:
    r"""The hard teacher for soft labels (Instance 3, from the proof of Theorem 5.1).

    Every input but the last has mass :math:`\frac1{n+1}`; the last takes the rest, :math:`1-\frac{S-1}{n+1}`.  The
    policy is that of Instance 2.

    Returns and raises as :func:`instance_1`.

    Parameters
    ----------
    n_inputs, n_labels, n_samples : int
        S >= 1, A >= 3, n >= S - 2 and n >= S (A - 1) / 2 - 1.

    Examples
    --------
    >>> instance_3(n_inputs=3, n_labels=3, n_samples=9).rho
    array([0.1, 0.1, 0.8])
    """
    n_inputs = check_integer(n_inputs, "n_inputs", minimum=1)
    n_labels = check_integer(n_labels, "n_labels", minimum=3)
    n_samples = check_integer(n_samples, "n_samples")
    pairs = (n_labels - 1) // 2
    _require_samples("instance_3", n_inputs, n_labels, n_samples, max(n_inputs - 2, n_inputs * pairs - 1))
    rho = np.full(n_inputs, 1 / (n_samples + 1))
    rho[-1] = (n_samples + 2 - n_inputs) / (n_samples + 1)
    row = _buddies(n_inputs, n_labels, n_samples)
    return Teacher(rho, np.tile(row, (n_inputs, 1)))


@dataclass(frozen=True)
class Instance:
    """One of the paper's instances: how to build it, whom it is made for, and sizes to look at it with.

    Attributes
    ----------
    name : str
        Its name in the paper.
    build : callable
        Takes S, A and n, in this order, and returns the teacher; Instance 0 does not depend on n.
    hard_for : str
        The key of the learner that it is hard for.
    n_inputs, n_labels : int
        S and A.
    n_samples : tuple of int
        The first and the last n of a curve.

    Examples
    --------
    >>> INSTANCES[2].hard_for, INSTANCES[2].build(10, 11, 1000)
    ('sel_ptl', Teacher(n_inputs=10, n_labels=11))
    """

    name: str
    build: Callable[[int, int, int], Teacher]
    hard_for: str
    n_inputs: int
    n_labels: int
    n_samples: tuple[int, int]


def _fixed(n_inputs: int, n_labels: int, _n_samples: int) -> Teacher:
    return instance_0(n_inputs, n_labels)


INSTANCES: dict[int, Instance] = {
    0: Instance("Instance 0", _fixed, "ce_ptl", 100, 25, (100, 2_500)),
    1: Instance("Instance 1", instance_1, "ce_sgl", 10, 10, (100, 10_000)),
    2: Instance("Instance 2", instance_2, "sel_ptl", 10, 11, (100, 10_000)),
    3: Instance("Instance 3", instance_3, "ce_ful", 10, 11, (100, 10_000)),
}
"""The four instances by number; sizes are those of the first panels of the paper's Figures 1 and 2."""


def _uniform(size: int) -> Floats:
    return np.full(size, 1 / size)


def _buddies(n_inputs: int, n_labels: int, n_samples: int) -> Floats:
    """One row of Instance 2: buddies (S/(n+1), 0) and, on the last odd label, the rest."""
    pairs = (n_labels - 1) // 2
    row = np.zeros(n_labels)
    row[0 : 2 * pairs : 2] = n_inputs / (n_samples + 1)
    row[2 * pairs] = (n_samples + 1 - n_inputs * pairs) / (n_samples + 1)
    return row


def _require_samples(name: str, n_inputs: int, n_labels: int, n_samples: int, least: int) -> None:
    least = max(0, least)
    if n_samples < least:
        raise ValueError(
            f"{name} with n_inputs={n_inputs} and n_labels={n_labels} is a distribution only for "
            f"n_samples >= {least}, got n_samples={n_samples}"
        )
