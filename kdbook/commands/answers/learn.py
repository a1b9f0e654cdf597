"""``kdcore learn``: a student from a model's answers."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kdbook.arguments import check_output, positive
from kdbook.commands.answers.logs import add_log, describe, explained, print_json, print_log, progress, read
from kdcore.logs import STUDENTS, grade

NAMES = {"ce_sgl": "counter", "ce_ptl": "weigher", "sel_ptl": "matcher", "ce_ful": "copier", "censored": "tail counter"}


def add_learn(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "learn",
        help="a student from a model's answers",
        description="Read a model's answers, learn the best student that they allow and save it as Parquet.",
    )
    add_log(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="a .parquet file")
    parser.add_argument("--learner", choices=list(NAMES), help="(default: the best one that the log allows)")
    parser.add_argument("--labels", type=positive, metavar="A", help="labels of the model (default: those in the log)")
    parser.set_defaults(run=_learn)


def _learn(options: argparse.Namespace) -> int:
    output: Path = options.output
    check_output(output, ".parquet")
    log = read(options)
    learner = options.learner or STUDENTS[log.protocol][-1]
    with explained(), progress("Learning ..."):
        student = log.learn(learner, options.labels)
        student.save(output)
        own = grade(log, options.labels) if learner in ("sel_ptl", "ce_ful") else None
    if options.json:
        result = describe(log) | {"learner": learner, "output": str(output)}
        print_json(result | ({} if own is None else {"risk": own.risk, "missing_mass": own.missing_mass}))
        return 0
    print_log(log)
    print(f"student  the {NAMES[learner]} ({learner}), saved in {output}")
    if options.labels is None and log.protocol != "soft":
        print(f"note     the model may have more labels than these {log.n_labels:,}: --labels says how many")
    if own is not None:
        print(
            f"grade    total variation about {own.risk:.4g}, hidden mass about {own.missing_mass:.4g} (leaving one out)"
        )
        print(f"next     kdcore certify {options.log[0]}, or fresh answers: kdcore audit {output} FRESH_LOG")
    return 0
