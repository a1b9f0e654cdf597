"""What a pair writes down, and pairs that are simulated, so that a leader can rehearse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdbook.classroom.cook import LABEL_FACES, SAMPLES, Cook
from kdcore._checks import check_integer

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Guess:
    """What one pair wrote down after n throws.

    Attributes
    ----------
    pair : int
        The number on its sheets.
    protocol : {"hard", "partial", "soft"}
        What it was told.
    n_samples : int
        Throws so far.
    rows : ndarray, shape (S, A)
        Its guess; rows sum to 1.
    """

    pair: int
    protocol: str
    n_samples: int
    rows: Floats


def protocol_of(pair: int) -> str:
    """Return the protocol that the sheets of a pair have: they take turns."""
    return ("hard", "partial", "soft")[(pair - 1) % 3]


def simulate_class(
    cook: Cook, n_pairs: int, seed: int, samples: Sequence[int] = SAMPLES, habit: float = 0.0
) -> list[Guess]:
    """Return the guesses of a simulated class, in whole thirty-sixths.

    A pair is the book's student of its protocol: *hard*, the share of each label in what it saw; *partial*, what it was
    told, and the rest in equal parts over labels not seen; *soft*, the row it was told.  Some pairs have a habit
    instead, and keep to it: *hard*, shares after half a count was added to each label; *partial*, the rest on a random
    half of the labels not seen.  Where nothing was seen at an input, a pair divides equally.

    The expected risks of :func:`kdbook.classroom.risk_of_a_pair` are those of pairs without a habit, but for the
    rounding.  With the hard habit a pair is closer to the book's cook, with the partial one further away.

    Parameters
    ----------
    cook : Cook
        The cook before shuffling.
    n_pairs : int
        Pairs, numbered from 1; their protocols take turns.
    seed : int
        Of all draws; each pair has a stream of its own.
    samples : sequence of int
        After how many throws guesses are written, increasing.
    habit : float
        How likely a pair has the habit of its protocol, from 0 to 1.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if not 0 <= habit <= 1:
        raise ValueError(f"habit must be from 0 to 1, got {habit}")
    pairs = range(1, check_integer(n_pairs, "n_pairs", minimum=1) + 1)
    seed = check_integer(seed, "seed")
    return [guess for pair in pairs for guess in _play(cook.shuffled(pair), pair, seed, samples, habit)]


def _play(cook: Cook, pair: int, seed: int, samples: Sequence[int], habit: float) -> list[Guess]:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(pair,)))
    protocol, own = protocol_of(pair), bool(rng.random() < habit)
    counts = np.zeros(cook.teacher.pi.shape, dtype=np.int64)
    guesses = []
    for before, n in zip((0, *samples), samples, strict=False):
        counts = counts + cook.teacher.draw(n - before, rng=rng)[0]
        rows = np.stack(
            [_RULES[protocol](seen, row, own, rng) for seen, row in zip(counts, cook.teacher.pi, strict=True)]
        )
        rows[counts.sum(axis=1) == 0] = 1 / len(cook.labels)
        guesses.append(Guess(pair, protocol, n, np.stack([_whole_parts(row) for row in rows])))
    return guesses


def _hard(seen: Counts, _row: Floats, careful: bool, _rng: np.random.Generator) -> Floats:
    weights = seen + (0.5 if careful else 0.0)
    return np.asarray(weights / max(weights.sum(), 1))


def _partial(seen: Counts, row: Floats, hunch: bool, rng: np.random.Generator) -> Floats:
    unseen = np.flatnonzero(seen == 0)
    rows = np.where(seen > 0, row, 0.0)
    if unseen.size:
        chosen = rng.permutation(unseen)[: (unseen.size + 1) // 2] if hunch else unseen
        rows[chosen] = (1 - rows.sum()) / chosen.size
    return rows


def _soft(_seen: Counts, row: Floats, _own: bool, _rng: np.random.Generator) -> Floats:
    return row.copy()


_RULES: dict[str, Callable[[Counts, Floats, bool, np.random.Generator], Floats]] = {
    "hard": _hard,
    "partial": _partial,
    "soft": _soft,
}


def _whole_parts(row: Floats) -> Floats:
    """Round a row to whole thirty-sixths that sum to 36, the largest remainders upwards."""
    exact = row / row.sum() * LABEL_FACES
    parts = np.floor(exact + 1e-9)
    missing = round(LABEL_FACES - parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:missing]] += 1
    return np.asarray(parts / LABEL_FACES)
