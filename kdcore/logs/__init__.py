"""Answers of a model: read, counted, learned from and graded."""

from kdcore.logs._grades import Audit, Certificate, Forecast, Grade, audit, certify, check_target, forecast, grade, more
from kdcore.logs._log import Log, read_log
from kdcore.logs._student import STUDENTS, LogStudent

__all__ = [
    "STUDENTS",
    "Audit",
    "Certificate",
    "Forecast",
    "Grade",
    "Log",
    "LogStudent",
    "audit",
    "certify",
    "check_target",
    "forecast",
    "grade",
    "more",
    "read_log",
]
