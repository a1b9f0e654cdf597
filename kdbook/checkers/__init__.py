"""Checkers of the book's exercises: :func:`kdcore.check` says whether an answer is right, and if not, what is wrong.

The checkers of a chapter are one module of :mod:`kdcore.teaching.exercises`, imported when first asked for.
"""

from kdcore.teaching._registry import check, labels
from kdcore.teaching._verdict import Verdict

__all__ = ["Verdict", "check", "labels"]
