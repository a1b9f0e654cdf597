"""kdcore: the mathematics of *Towards the Fundamental Limits of Knowledge Transfer over Finite Domains*.

A teacher knows a law over labels for each input; students learn from what it reveals.  See the book for every
statement; the names below are the public surface.
"""

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from kdcore import bounds, exact
from kdcore.exact import expected_missing_mass, expected_risk
from kdcore.instances import INSTANCES, Instance, instance_0, instance_1, instance_2, instance_3
from kdcore.learners import LEARNERS, Learner
from kdcore.logs import Audit, Certificate, Forecast, Grade, Log, LogStudent, audit, certify, grade, more, read_log
from kdcore.needed import SamplesNeeded, samples_needed
from kdcore.protocols import PROTOCOLS, HardLabels, PartialSoftLabels, Protocol, SoftLabels, reveal
from kdcore.rates import Rate, fit_rate
from kdcore.risk import conditional_kl, conditional_tv, sample_risk, simulate_risk
from kdcore.sweep import risk_curve
from kdcore.teacher import Teacher
from kdcore.topk import TopK, TopKAnswers, TopKLabels, censored_counter, renormaliser, top_k_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    check: Callable[[str, Any], Any]

__version__ = "0.1.0"

__all__ = [
    "INSTANCES",
    "LEARNERS",
    "PROTOCOLS",
    "Audit",
    "Certificate",
    "Forecast",
    "Grade",
    "HardLabels",
    "Instance",
    "Learner",
    "Log",
    "LogStudent",
    "PartialSoftLabels",
    "Protocol",
    "Rate",
    "SamplesNeeded",
    "SoftLabels",
    "Teacher",
    "TopK",
    "TopKAnswers",
    "TopKLabels",
    "audit",
    "bounds",
    "censored_counter",
    "certify",
    "check",
    "conditional_kl",
    "conditional_tv",
    "exact",
    "expected_missing_mass",
    "expected_risk",
    "fit_rate",
    "grade",
    "instance_0",
    "instance_1",
    "instance_2",
    "instance_3",
    "more",
    "read_log",
    "renormaliser",
    "reveal",
    "risk_curve",
    "sample_risk",
    "samples_needed",
    "simulate_risk",
    "top_k_matcher",
]


def __getattr__(name: str) -> Any:
    if name == "check":  # the checkers of exercises belong to the book, not to the mathematics
        return _extension(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _extension(name: str) -> Any:
    """Return what an installed package offers to kdcore under a name, ``"check"`` or ``"command"``.

    Raises
    ------
    ImportError
        If none does.
    """
    for entry in entry_points(group="kdcore", name=name):  # of pyproject.toml
        return entry.load()
    raise ImportError(f"no installed package offers kdcore.{name}: install kdcore again (pip install -e .)")
