"""`python -m benchmarks`: measure, print the table, write results.csv, the page and its figures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

from benchmarks import measure, results
from benchmarks.cases import BENCHMARKS
from benchmarks.page import terminal

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--page", action="store_true", help="measure nothing: make the page anew from results.csv")
    parser.add_argument("--only", choices=BENCHMARKS, help="measure this one anew and keep the others as they were")
    options = parser.parse_args()
    if not options.page:
        where = measure.machine()
        if float(str(where["load"])) > 0.5:
            print(f"other work keeps this machine busy (load {where['load']}): times will be long", file=sys.stderr)
        rows: list[measure.Row] = []
        chosen = [options.only] if options.only else list(BENCHMARKS)
        for number, name in enumerate(chosen, 1):
            print(f"[{number}/{len(chosen)}] {name}", file=sys.stderr, flush=True)
            rows += BENCHMARKS[name]()
        if rows:
            table = measure.table(rows, where)
            results.write(results.merged(results.read(ROOT), table) if options.only else table, ROOT)
    table = results.read(ROOT)
    print(terminal(table))
    results.publish(table, ROOT)


if __name__ == "__main__":
    main()
