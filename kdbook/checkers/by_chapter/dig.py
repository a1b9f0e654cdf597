"""Checkers of the exercises in book/digits-classifier.ipynb."""

from __future__ import annotations

from typing import Any

from kdbook.checkers.compare import number
from kdbook.checkers.registry import checker


@checker("ex-digitsclassifier-2")
def one_draw(answer: Any) -> str:
    """Check the expected risk after one draw, added up over both draws."""
    rows = {0.7: 1 - 0.7, 0.3: 1 - 0.3}  # the probability of a label, and the risk once it was drawn
    number(
        answer,
        sum(chance * risk for chance, risk in rows.items()),
        mistakes=[
            (0.3, "that is the risk if the likely label was drawn: take the mean over both"),
            (0.84, "that is twice the right value, as total variation has a factor 1/2"),
        ],
    )
    return "right"
