"""What the commands on logs share: their options, reading with a line of progress, and reports."""

from __future__ import annotations

import argparse
import codecs
import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kdbook.project import BookError
from kdcore.logs import Log, read_log

_PROTOCOLS = {
    "hard": "labels alone",
    "partial": "each drawn label with its probability",
    "top_k": "each drawn label with its probability, and the {k} likeliest labels",
    "censored": "the {k} likeliest labels; the drawn one's probability only if it is among these",
    "soft": "the whole row of probabilities at each input",
}


def add_log(parser: argparse.ArgumentParser) -> None:
    """Add the log and how to read it to the parser of a command."""
    parser.add_argument("log", nargs="+", metavar="LOG", help=".jsonl, .csv or .parquet files, folders or patterns")
    parser.add_argument("--tokens", choices=["first", "all"], default="first", help="draws of longer answers (first)")
    parser.add_argument(
        "--skip-broken", action="store_true", help="leave out lines that are no answers, and count them"
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def add_delta(parser: argparse.ArgumentParser) -> None:
    """Add the probability of failure to the parser of a command."""
    parser.add_argument("--delta", type=float, default=0.05, metavar="D", help="probability of failure (0.05)")


def check_delta(options: argparse.Namespace) -> None:
    """Refuse what is no probability of failure."""
    if not 0 < options.delta < 1:
        raise BookError(f"--delta must be above 0 and below 1, got {options.delta}")


def read(options: argparse.Namespace, extra: tuple[str, ...] = ()) -> Log:
    """Return the log of a command."""
    with explained(), progress(f"Reading {options.log[0]}{' and others' if options.log[1:] else ''} ..."):
        return read_log(options.log, tokens=options.tokens, extra=extra, skip_broken=options.skip_broken)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what kdcore refuses into a line of the command."""
    try:
        yield
    except (ValueError, ImportError) as error:
        raise BookError(str(error).replace("skip_broken=True", "--skip-broken")) from None


@contextmanager
def progress(text: str) -> Iterator[None]:
    """Show what is being done, on a terminal, while it is done."""
    shown = sys.stderr.isatty()
    if shown:
        print(text, end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if shown:
            print("\r" + " " * len(text) + "\r", end="", file=sys.stderr, flush=True)


def describe(log: Log) -> dict[str, Any]:
    """Return what a log is, for programs."""
    names = ("protocol", "k", "n_samples", "n_inputs", "n_labels", "n_broken", "error")
    return {name: getattr(log, name) for name in names} | {"notes": list(log.notes)}


def print_log(log: Log) -> None:
    """Print what a log is, in words."""
    size = f"{log.n_samples:,} draws of {log.n_labels:,} labels at {log.n_inputs:,} inputs"
    print(f"log      {size}\ntells    {_PROTOCOLS[log.protocol].format(k=log.k)}")
    for note in log.notes:
        print(f"note     {note}")


def print_json(result: dict[str, Any]) -> None:
    """Print a result for programs: what is no number is null, and letters are escaped where the output is not UTF-8."""
    escaped = codecs.lookup(sys.stdout.encoding or "utf-8").name != "utf-8"
    print(json.dumps({name: _plain(value) for name, value in result.items()}, indent=1, ensure_ascii=escaped))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
