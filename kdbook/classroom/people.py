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


def simulate_class(cook: Cook, n_pairs: int, seed: int, samples: Sequence[int] = SAMPLES) -> list[Guess]:
    """Return the guesses of a simulated class: pairs who go by sensible rules of thumb and write whole thirty-sixths.

    Each pair keeps to one of two rules of its protocol, chosen by a coin.  *Hard*: the share of each label in what it
    saw; or the same after half a count was added to each label.  *Partial*: what it was told, and the rest in equal
    parts over labels not seen; or the rest on a random half of those.  *Full*: the row it was told.  Where nothing
    was seen at an input, a pair divides equally, or (second rule) writes what it wrote at the first input that it saw.

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
    """
    pairs = range(1, check_integer(n_pairs, "n_pairs", minimum=1) + 1)
    seed = check_integer(seed, "seed")
    return [guess for pair in pairs for guess in _play(cook.shuffled(pair), pair, seed, samples)]


def _play(cook: Cook, pair: int, seed: int, samples: Sequence[int]) -> list[Guess]:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(pair,)))
    protocol, second = protocol_of(pair), bool(rng.integers(2))
    counts = np.zeros(cook.teacher.pi.shape, dtype=np.int64)
    guesses = []
    for before, n in zip((0, *samples), samples, strict=False):
        counts = counts + cook.teacher.draw(n - before, rng=rng)[0]
        rows = np.stack(
            [_RULES[protocol](seen, row, second, rng) for seen, row in zip(counts, cook.teacher.pi, strict=True)]
        )
        never = counts.sum(axis=1) == 0
        rows[never] = rows[~never][0] if second and not never.all() else 1 / len(cook.labels)
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


def _soft(_seen: Counts, row: Floats, _second: bool, _rng: np.random.Generator) -> Floats:
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
