"""``kdcore classroom``: sheets to print, answers to compare, a class to rehearse with."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

from kdbook.arguments import positive
from kdbook.classroom import COOK, SAMPLES, Cook, Guess, compare, risks_of, sheets, simulate_class
from kdbook.classroom.answers import SIMULATED, read_answers
from kdbook.classroom.tables import read_cook, read_table
from kdbook.files import write_atomic
from kdbook.project import BookError

_TEACHER = """\
A teacher of one's own (--teacher) is a CSV file: a line of names, then a line for each input, with its chance in sixths
(the faces of a die) and the share of each label in thirty-sixths:
  input,chance,tea,milk
  morning,3,27,9
  evening,3,9,27
"""
_ANSWERS = """\
Columns: pair, protocol (hard, partial, soft), n (throws so far), input, and one for each label; or, as forms export
them, without input and with a column for each input and label, such as "sun bread". Case, spaces and other columns do
not matter; the separator may be comma, semicolon or tab. A guess is written in thirty-sixths (9), as a percentage
(25%), a fraction (9/36) or a number (0.25 or 0,25). A row that misses its sum by up to 5 per cent is divided by it.
"""


def add_classroom(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "classroom",
        help="an experiment with dice for a class: sheets, comparison with the book's students, a rehearsal",
        description="An experiment in which pairs of people play teacher and student, with dice and paper.",
    )
    steps = parser.add_subparsers(title="steps", metavar="STEP", required=True)
    raw = argparse.RawDescriptionHelpFormatter

    printed = steps.add_parser("sheets", help="write the sheets to print", epilog=_TEACHER, formatter_class=raw)
    printed.add_argument("-o", "--output", type=Path, default=Path("classroom-sheets"), metavar="FOLDER")
    printed.set_defaults(run=_sheets)

    example = steps.add_parser("example", help="write the answers of a simulated class, to rehearse with")
    example.add_argument("--seed", type=_seed, default=0, metavar="N", help="seed of the simulation (0)")
    example.add_argument(
        "--habit",
        type=_share,
        default=0.0,
        metavar="P",
        help="how likely a pair has a habit of its own instead of the book's rule, from 0 to 1 (0)",
    )
    example.add_argument("-o", "--output", type=Path, default=Path("answers.csv"), metavar="FILE")
    example.set_defaults(run=_example)

    against = steps.add_parser(
        "compare",
        help="compare the answers of a class with the book's students",
        description=_ANSWERS,
        formatter_class=raw,
    )
    against.add_argument("answers", type=Path, metavar="answers.csv")
    against.add_argument("-o", "--output", type=Path, default=Path("classroom-results"), metavar="FOLDER")
    against.set_defaults(run=_compare)

    for step in (printed, example):
        step.add_argument("--pairs", type=positive, default=12, metavar="N", help="how many pairs (12)")
        step.add_argument(
            "--samples", type=_samples, default=SAMPLES, metavar="N,...", help="guess after these (5,10,20)"
        )
    for step in (printed, example, against):
        step.add_argument(
            "--teacher", type=Path, metavar="FILE", help="a teacher of your own (default: the book's cook)"
        )


def _samples(text: str) -> tuple[int, ...]:
    numbers = tuple(positive(word.strip()) for word in text.split(","))
    if list(numbers) != sorted(set(numbers)):
        raise argparse.ArgumentTypeError(f"must increase, got {text}")
    return numbers


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be an integer of at least 0, got {text!r}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 1, got {text!r}")
    return share


def _cook(options: argparse.Namespace) -> Cook:
    return read_cook(options.teacher) if options.teacher else COOK


def _sheets(options: argparse.Namespace) -> int:
    cook, folder = _cook(options), options.output
    pairs = range(1, options.pairs + 1)
    empty = folder / "answers-empty.csv"
    if empty.exists() and any(any(cells[4:]) for _, cells in read_table(empty).rows):
        raise BookError(f"{empty} has been filled in: rename it first")
    write_atomic(empty, sheets.empty_answers(cook, pairs, options.samples))
    write_atomic(folder / "sheets.html", sheets.sheets(cook, pairs, options.samples))
    print(
        f"Open {folder / 'sheets.html'} and print it: for each of {options.pairs} pairs a cook's and a student's sheet."
    )
    print(f"Type the guesses into a copy of {empty}.")
    return 0


def _example(options: argparse.Namespace) -> int:
    cook, path = _cook(options), options.output
    if path.exists() and SIMULATED not in path.read_text(encoding="utf-8", errors="replace"):
        raise BookError(f"{path} exists and is not marked as simulated: it may be the answers of a class")
    guesses = simulate_class(cook, options.pairs, options.seed, options.samples, options.habit)
    made = f"{SIMULATED} with seed {options.seed}, habit {options.habit:g}: these are not answers of people"
    write_atomic(path, _as_csv(cook, guesses, made))
    print(f"{path}: {options.pairs} simulated pairs. Next: kdcore classroom compare {path}")
    return 0


def _as_csv(cook: Cook, guesses: list[Guess], remark: str) -> str:
    text = io.StringIO()
    text.write(remark + "\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["pair", "protocol", "n", "input", *cook.labels])
    for guess in guesses:
        for name, row in zip(cook.inputs, guess.rows, strict=True):
            writer.writerow([guess.pair, guess.protocol, guess.n_samples, name, *(round(36 * float(p)) for p in row)])
    return text.getvalue()


def _compare(options: argparse.Namespace) -> int:
    from kdbook.classroom import report  # here, as no other command waits for what it draws with

    cook = _cook(options)
    answers = read_answers(options.answers, cook)
    risks = risks_of(answers.guesses, cook)
    table = compare(risks, cook)
    paths = report.write(options.output, risks, cook, answers.simulated, answers.notes)
    if answers.simulated:
        print(report.MARK)
    for note in answers.notes:
        print(f"note: {note}")
    print(report.shown(table).to_string(index=False))
    print("\nDifferences between protocols:")
    print(report.gaps(table).to_string(index=False))
    print("\nPairs that each protocol needs for a difference to show (80 times in 100, t test at 5 per cent):")
    samples = sorted(int(n) for n in table["n_samples"].unique())
    print(report.needed(cook, samples).to_string(index=False))
    print("\nOpen " + str(paths[-1]))
    return 0
