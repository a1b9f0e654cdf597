"""``kdcore sweep``: risks over a grid, written as CSV or Parquet."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

import kdcore
from kdbook.arguments import check_output, positive
from kdbook.files import write_atomic
from kdbook.project import BookError
from kdcore.sweep import METHODS

EXAMPLES = """\
examples:
  kdcore sweep --instance 1
  kdcore sweep --instance 1 --inputs 10 --labels 10 --samples 100:10000:9
  kdcore sweep --instance 2 --inputs 10,20 --labels 11,21 --samples 1000 --method exact --output risks.parquet
  kdcore sweep --instance 1 --repeats 64000 --output risks.csv --resume
  kdcore sweep --teacher mine.npz --samples 100:100000:10 --method auto
"""


def add_sweep(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "sweep",
        help="risks over a grid of samples, inputs and labels, as CSV or Parquet",
        description="Exact or simulated risks of the four students on an instance of the paper or on your own teacher.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--instance", type=int, choices=list(kdcore.INSTANCES), help="which instance of the paper")
    which.add_argument("--teacher", type=Path, metavar="FILE", help="a teacher of one's own, as Teacher.save writes it")
    usual = "(default: as in the paper's figures)"
    parser.add_argument("--inputs", type=_numbers, metavar="S[,S...]", help=f"numbers of inputs {usual}")
    parser.add_argument("--labels", type=_numbers, metavar="A[,A...]", help=f"numbers of labels {usual}")
    parser.add_argument(
        "--samples",
        type=_grid,
        metavar="N[,N...]",
        help=f"sample sizes; FIRST:LAST:POINTS is a grid of equal ratios, rounded {usual}",
    )
    parser.add_argument("--learners", type=_words, metavar="KEY[,KEY...]", help="(default: all four)")
    parser.add_argument("--method", choices=METHODS, default="simulate", help="(default: simulate)")
    parser.add_argument("--repeats", type=positive, metavar="R", help="data sets per point (1000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the simulation (0)")
    parser.add_argument("--jobs", type=positive, metavar="N", help="local processes (one for each core)")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler, e.g. tcp://127.0.0.1:8786")
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="a .csv or .parquet file (default: CSV on standard output)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with an interrupted sweep: its finished risks are in FILE.partial"
    )
    parser.set_defaults(run=_sweep)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",")]


def _numbers(text: str) -> list[int]:
    numbers = _integers(text, ",", f"must be integers separated by commas, got {text!r}")
    return [positive(str(number)) for number in numbers]


def _integers(text: str, separator: str, complaint: str) -> list[int]:
    try:
        return [int(word) for word in text.split(separator)]
    except ValueError:
        raise argparse.ArgumentTypeError(complaint) from None


def _grid(text: str) -> list[int]:
    if ":" not in text:
        return _numbers(text)
    complaint = f"must be FIRST:LAST:POINTS with three integers, got {text!r}"
    numbers = [positive(str(number)) for number in _integers(text, ":", complaint)]
    if len(numbers) != 3:
        raise argparse.ArgumentTypeError(complaint)
    return _ratios(*numbers)


def _ratios(first: int, last: int, points: int) -> list[int]:
    return np.unique(np.geomspace(first, last, points).round().astype(np.int64)).tolist()  # type: ignore[no-any-return]


def _sweep(options: argparse.Namespace) -> int:
    output: Path | None = options.output
    if output is not None:
        check_output(output, ".csv", ".parquet")
    partial = _partial(output, options.resume)
    if partial is not None:
        options.interrupted = f"; finished risks are in {partial}: the same command with --resume goes on from there"
    try:
        family, samples, sizes = _of_instance(options) if options.teacher is None else _of_file(options)
        table = kdcore.risk_curve(
            family,
            samples,
            options.learners,
            method=options.method,
            n_repeats=options.repeats,
            seed=options.seed,
            scheduler=options.scheduler,
            n_jobs=options.jobs,
            sizes=sizes,
            checkpoint=partial,
        )
    except ValueError as error:
        raise BookError(str(error)) from None
    if output is None:
        table.to_csv(sys.stdout, index=False, lineterminator="\n")
    elif output.suffix == ".csv":
        write_atomic(output, table.to_csv(index=False, lineterminator="\n"))
    else:
        write_atomic(output, _parquet(table))
    if partial is not None:
        partial.unlink(missing_ok=True)
    return 0


def _of_instance(options: argparse.Namespace) -> tuple[Any, list[int], list[tuple[int, int]]]:
    """Return what builds the teachers of an instance, the sample sizes and the sizes of tables."""
    instance = kdcore.INSTANCES[options.instance]
    n_inputs, n_labels = options.inputs or [instance.n_inputs], options.labels or [instance.n_labels]
    sizes = [(inputs, labels) for inputs in n_inputs for labels in n_labels]
    return instance.build, options.samples or _ratios(*instance.n_samples, 9), sizes


def _of_file(options: argparse.Namespace) -> tuple[Any, list[int], None]:
    """Return the teacher of a file and the sample sizes: from a tenth to a hundred times its positive pairs."""
    if options.inputs or options.labels:
        raise BookError("--inputs and --labels are sizes of an instance: a teacher from a file has its own")
    teacher = kdcore.Teacher.load(options.teacher)
    n_pairs = len(teacher.entries.labels)
    return teacher, options.samples or _ratios(max(1, n_pairs // 10), 100 * n_pairs, 7), None


def _partial(output: Path | None, resume: bool) -> Path | None:
    """Return the file that keeps finished risks until all are written; none without an output file."""
    if output is None:
        if resume:
            raise BookError("--resume needs --output FILE: without a file nothing is kept of an interrupted sweep")
        return None
    partial = output.with_name(f"{output.name}.partial")
    if partial.exists() and not resume:
        raise BookError(f"{partial} holds risks of an interrupted sweep: go on with --resume, or delete it")
    return partial


def _parquet(table: Any) -> bytes:
    try:
        data: bytes = table.to_parquet(index=False)
    except ImportError:
        raise BookError("writing Parquet needs pyarrow: install it with pip install 'kdcore[parquet]'") from None
    return data
