"""The teacher of the classroom experiment: a cook who decides with three dice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from kdcore.teacher import Teacher

INPUT_FACES, LABEL_FACES = 6, 36
"""One die chooses the input, two dice the label: all probabilities are multiples of 1/6 and of 1/36."""
SAMPLES = (5, 10, 20)
"""After so many throws a pair writes down its guess."""
_WORD = 0xFFFFFFFF


def uniforms(seed: int) -> Iterator[float]:
    """Yield numbers in [0, 1) from a 32-bit generator that the page's script has, too.

    It is the generator known as mulberry32: so small that two languages can agree on it to the bit.  Sheets are
    shuffled with it; nothing that the book measures depends on it.

    Parameters
    ----------
    seed : int
        Which stream, modulo 2**32.

    Examples
    --------
    >>> stream = uniforms(1)
    >>> [round(next(stream), 6) for _ in range(2)]
    [0.627074, 0.002736]
    """
    state = seed & _WORD
    while True:
        state = (state + 0x6D2B79F5) & _WORD
        mixed = ((state ^ state >> 15) * (state | 1)) & _WORD
        mixed ^= (mixed + ((mixed ^ mixed >> 7) * (mixed | 61) & _WORD)) & _WORD
        yield (mixed ^ mixed >> 14) / 2**32


@dataclass(frozen=True)
class Cook:
    """A teacher whose probabilities are faces of dice, with names for inputs and labels.

    Parameters
    ----------
    inputs, labels : sequence of str
        Their names: S inputs, A labels.
    faces : sequence of int, shape (S,)
        How many of the 6 faces of a die mean each input.
    parts : sequence of sequence of int, shape (S, A)
        How many of the 36 throws of two dice mean each label, for each input.

    Raises
    ------
    ValueError
        If names are missing or repeated, or the faces do not sum to 6, or a row of parts does not sum to 36.

    Examples
    --------
    >>> cook = Cook(["day"], ["tea", "milk"], [6], [[27, 9]])
    >>> cook.teacher.pi
    array([[0.75, 0.25]])
    """

    inputs: Sequence[str]
    labels: Sequence[str]
    faces: Sequence[int]
    parts: Sequence[Sequence[int]]

    def __post_init__(self) -> None:
        for name in ("inputs", "labels", "faces"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        object.__setattr__(self, "parts", tuple(tuple(row) for row in self.parts))  # may be a key of a cache
        for names, what, fewest in ((self.inputs, "input", 1), (self.labels, "label", 2)):
            if len(names) < fewest or not all(names) or len({name.casefold() for name in names}) < len(names):
                raise ValueError(f"each {what} needs a name of its own, at least {fewest} of them: got {list(names)}")
        if len(self.faces) != len(self.inputs) or min(self.faces) < 1 or sum(self.faces) != INPUT_FACES:
            raise ValueError(f"the faces of the {len(self.inputs)} inputs must be positive and sum to 6: {self.faces}")
        if len(self.parts) != len(self.inputs):
            raise ValueError(f"{len(self.inputs)} inputs need as many rows of parts, got {len(self.parts)}")
        for name, row in zip(self.inputs, self.parts, strict=True):
            if len(row) != len(self.labels) or min(row) < 0 or sum(row) != LABEL_FACES:
                raise ValueError(
                    f"the parts of {name!r} must be {len(self.labels)} numbers, none negative, that sum to 36: "
                    f"{list(row)} sums to {sum(row)}"
                )

    @cached_property
    def teacher(self) -> Teacher:
        """The teacher, a :class:`kdcore.Teacher`."""
        return Teacher(np.array(self.faces) / INPUT_FACES, np.array(self.parts) / LABEL_FACES)

    def shuffled(self, pair: int) -> Cook:
        """Return the cook of a pair: in each row the same numbers, given to the labels in an order of its own.

        So what one pair hears tells another nothing, and no student can know more than it was told.

        Parameters
        ----------
        pair : int
            The number on the pair's sheets, which determines the order.
        """
        return _shuffled(self, pair)

    def on_input_die(self) -> list[str]:
        """Return what each face of the first die means."""
        return [name for name, faces in zip(self.inputs, self.faces, strict=True) for _ in range(faces)]

    def on_label_dice(self, which: int) -> list[list[str]]:
        """Return what two dice mean at an input: a row for each face of the one, a column for each of the other."""
        flat = [name for name, parts in zip(self.labels, self.parts[which], strict=True) for _ in range(parts)]
        return [flat[start : start + 6] for start in range(0, LABEL_FACES, 6)]


COOK = Cook(
    inputs=("sun", "rain"),
    labels=("bread", "fish", "noodles", "pie", "rice", "soup"),
    faces=(4, 2),
    parts=((15, 9, 6, 4, 2, 0), (12, 12, 6, 4, 2, 0)),
)
"""The cook of the printed sheets and of the page, before shuffling."""


@lru_cache(maxsize=256)
def _shuffled(cook: Cook, pair: int) -> Cook:
    """Do what :meth:`Cook.shuffled` says: once for all guesses of a pair, and all simulated classes."""
    stream = uniforms(pair)
    rows = []
    for row in cook.parts:
        order = list(row)
        for last in range(len(order) - 1, 0, -1):  # Fisher and Yates
            other = int(next(stream) * (last + 1))
            order[last], order[other] = order[other], order[last]
        rows.append(tuple(order))
    return Cook(cook.inputs, cook.labels, cook.faces, tuple(rows))
