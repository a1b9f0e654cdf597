"""Rates of convergence: slopes on log-log axes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Rate:
    r"""A fitted power law :math:`\text{risk}=e^{\text{intercept}}\,n^{\text{slope}}`.

    Attributes
    ----------
    slope, intercept : float
        Least-squares line of log risk on log n.
    std_error : float
        Standard error of the slope.
    interval : tuple of float
        Confidence interval of the slope.
    n_points : int
        Points fitted.

    Examples
    --------
    >>> rate = fit_rate([10, 100, 1000], [0.5, 0.05, 0.006])
    >>> round(rate.slope, 3), round(rate.std_error, 3), rate.n_points
    (-0.96, 0.023, 3)
    """

    slope: float
    intercept: float
    std_error: float
    interval: tuple[float, float]
    n_points: int


def fit_rate(
    n_samples: ArrayLike,
    risk: ArrayLike,
    std_error: ArrayLike | None = None,
    level: float = 0.95,
    *,
    weighted: bool = True,
) -> Rate:
    """Fit the exponent of a power law by least squares on logarithms.

    Without ``std_error`` all points weigh the same, as in the paper's Figure 2, and the slope's error comes from the
    scatter of the points around the line (Student's t).  With it, points are weighted by the precision of their
    logarithm, ``risk / std_error``, and the slope's error is that of the simulation alone (normal): it is the noise
    of the slope, and says nothing on whether the points lie on a line.  ``weighted=False`` keeps the weights equal and
    takes only the slope's error from ``std_error``.

    Parameters
    ----------
    n_samples : array_like, shape (m,)
        Sample sizes > 0, at least two distinct; m >= 3, or m >= 2 with ``std_error``.
    risk : array_like, shape (m,)
        Risks > 0.
    std_error : array_like, shape (m,), optional
        Standard errors > 0 of the risks.
    level : float
        Confidence level of the interval, in (0, 1).
    weighted : bool
        Whether ``std_error`` weights the points; without ``std_error`` they weigh the same in any case.

    Returns
    -------
    Rate
        The slope, its standard error and its interval.

    Raises
    ------
    ValueError
        If lengths differ, there are too few points, or a value is out of range; the message gives the index.

    Examples
    --------
    >>> round(fit_rate([10, 100, 1000], [0.5, 0.05, 0.005]).slope, 10)
    -1.0
    """
    columns = {"n_samples": n_samples, "risk": risk}
    if std_error is not None:
        columns["std_error"] = std_error
    values = {name: _check_positive(column, name) for name, column in columns.items()}
    sizes = {name: len(column) for name, column in values.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"all arguments must have the same length, got {sizes}")
    least = 3 if std_error is None else 2
    m = sizes["risk"]
    if m < least:
        raise ValueError(f"a slope with its error needs at least {least} points, got {m}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level!r}")
    from scipy import stats

    x, y = np.log(values["n_samples"]), np.log(values["risk"])
    if np.ptp(x) == 0:
        raise ValueError(f"n_samples must hold at least two distinct values, got only {values['n_samples'][0]:g}")
    precision = np.ones(m) if std_error is None else (values["risk"] / values["std_error"]) ** 2
    weight = precision if weighted else np.ones(m)
    centre = np.average(x, weights=weight)
    spread = float(weight @ (x - centre) ** 2)
    slope = float(weight @ ((x - centre) * y)) / spread
    intercept = float(np.average(y, weights=weight) - slope * centre)
    if std_error is None:
        residual = y - intercept - slope * x
        error = float(np.sqrt(residual @ residual / (m - 2) / spread))
        quantile = float(stats.t.ppf(0.5 + level / 2, df=m - 2))
    else:
        error = float(np.sqrt((weight * (x - centre)) ** 2 @ (1 / precision))) / spread
        quantile = float(stats.norm.ppf(0.5 + level / 2))
    return Rate(slope, intercept, error, (slope - quantile * error, slope + quantile * error), m)


def _check_positive(values: ArrayLike, name: str) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must have shape (m,), got shape {array.shape}")
    broken = ~(np.isfinite(array) & (array > 0))
    if broken.any():
        index = int(np.argmax(broken))
        raise ValueError(f"{name}[{index}] = {array[index]}: it must be positive and finite to have a logarithm")
    return array
