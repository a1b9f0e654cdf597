"""``kdcore audit``: the risk of any student, on fresh answers."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from kdbook.commands.answers.logs import (
    add_delta,
    add_log,
    check_delta,
    describe,
    explained,
    print_json,
    print_log,
    progress,
    read,
)
from kdcore.logs import LogStudent, audit


def add_audit(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "audit",
        help="the risk of a student on fresh answers, with an interval",
        description="Compare a student with answers that it has not learned from: its total variation, with an exact "
        "interval, and its divergence.",
    )
    parser.add_argument("student", metavar="STUDENT", help="what 'kdcore learn' saved; with --column, a column of LOG")
    add_log(parser)
    parser.add_argument(
        "--column", action="store_true", help="STUDENT is the name of a column of LOG that holds its probabilities"
    )
    add_delta(parser)
    parser.set_defaults(run=_audit)


def _audit(options: argparse.Namespace) -> int:
    check_delta(options)
    with explained():
        student = options.student if options.column else LogStudent.load(options.student)
    log = read(options, (options.student,) if options.column else ())
    with explained(), progress("Comparing ..."):
        result = audit(student, log, options.delta)
    if options.json:
        print_json(describe(log) | dataclasses.asdict(result))
        return 0
    print_log(log)
    low, high = result.interval
    upper = " (an upper estimate: some numbers are censored)" if log.protocol == "censored" else ""
    print(f"risk     total variation {result.risk:.4g}{upper}")
    print(f"         between {low:.4g} and {high:.4g}, with confidence {1 - options.delta:.4g}")
    if result.kl == result.kl:
        error = f" ± {result.kl_std_error:.2g}" if result.kl_std_error == result.kl_std_error else ""
        print(f"         divergence {result.kl:.4g}{error} nats")
    return 0
