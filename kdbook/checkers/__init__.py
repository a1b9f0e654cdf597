"""Checkers of the book's exercises: :func:`kdcore.check` says whether an answer is right, and if not, what is wrong.

May import: kdcore alone.
The checkers of a chapter are one module of :mod:`kdbook.checkers.by_chapter`, imported when first asked for.
Begin with ``registry``, which finds them; ``compare`` and ``functions`` hold what they share.
"""

from kdbook.checkers.registry import check, labels
from kdbook.checkers.verdict import Verdict

__all__ = ["Verdict", "check", "labels"]
