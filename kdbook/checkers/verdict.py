"""What is said of an answer."""

from __future__ import annotations

from dataclasses import dataclass


class Wrong(Exception):
    """An answer that is not right; the text says what is wrong with it."""


class Blank(Exception):
    """An answer that was not given yet; the text says which part of it."""


@dataclass(frozen=True, repr=False)
class Verdict:
    """What :func:`kdcore.check` says of an answer; true where the answer is right.

    Parameters
    ----------
    label : str
        Of the exercise or its part.
    right : bool
        Whether the answer is right.
    message : str
        What is wrong, or what was checked.
    answered : bool
        False if a blank was left.

    Examples
    --------
    >>> Verdict("ex-hard-1.1", True, "right")
    ex-hard-1.1 ✓ right
    >>> bool(Verdict("ex-hard-1.1", False, "0.5 is too large"))
    False
    """

    label: str
    right: bool
    message: str
    answered: bool = True

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        mark = "✓" if self.right else "✗" if self.answered else "…"
        return f"{self.label} {mark} {self.message}"
