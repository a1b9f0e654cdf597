"""``kdcore certify``: a bound on the matcher's risk that holds at any time, and how many more answers it takes."""

from __future__ import annotations

import argparse
from pathlib import Path
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
from kdbook.palette import PALETTE
from kdbook.project import BookError
from kdcore.logs import Certificate, certify, check_target, forecast


def add_certify(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "certify",
        help="a bound on the risk of the student of a log, valid whenever one stops",
        description="From a log alone: an upper bound on the total variation of the matcher that learned from it. It "
        "holds at every number of draws at once, so that one may ask until it is low enough.",
    )
    add_log(parser)
    add_delta(parser)
    parser.add_argument(
        "--target", type=float, metavar="T", help="the bound that is wanted: about how many more answers?"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the bound along the log (.svg, .png or .pdf)")
    parser.set_defaults(run=_certify)


def _certify(options: argparse.Namespace) -> int:
    check_delta(options)
    if options.plot is not None and options.plot.suffix not in (".svg", ".png", ".pdf"):
        raise BookError(f"--plot must end in .svg, .png or .pdf, got {options.plot}")
    log = read(options)
    with explained(), progress("Certifying ..."):
        if options.target is not None:
            check_target(log, options.target)
        result = certify(log, options.delta)
        expected = None if options.target is None else forecast(result, options.target)
    if options.plot is not None:
        _draw(result, options.target, options.plot)
    if options.json:
        found: dict[str, Any] = {"delta": result.delta, "risk_bound": result.risk_bound}
        if expected is not None:
            found |= {"target": expected.target, "n_more": expected.n_more, "back_test": expected.back_test}
        print_json(describe(log) | found | {"curve": result.curve.to_dict("list")})
        return 0
    print_log(log)
    print(f"bound    total variation at most {result.risk_bound:.4g}, with confidence {1 - options.delta:.4g}")
    if result.risk_bound == 1:
        print("         nothing is known yet: most inputs were asked once; ask the same ones again")
    if expected is not None:
        if expected.n_more == 0:
            print(f"target   {options.target:.4g} is reached")
        elif expected.n_more is None:
            print(f"target   {options.target:.4g}: the log is too short to tell how many more answers it takes")
        else:
            print(f"target   {options.target:.4g}: about {expected.n_more:,} more answers (an extrapolation, no bound)")
        guess, was = expected.back_test
        if guess == guess:
            print(
                f"         tried on the first half of this log it said {guess:.4g} for the whole, which has {was:.4g}"
            )
    return 0


def _draw(result: Certificate, target: float | None, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.subplots()
    axes.step(result.curve["n_samples"], result.curve["risk_bound"], where="post", color=PALETTE["matcher"].light)
    if target is not None:
        axes.axhline(target, color=PALETTE["edge"].light, ls="--", lw=1)
        axes.annotate(f"target {target:g}", (1, target), xycoords=("axes fraction", "data"), ha="right", va="bottom")
    axes.set(xscale="log", yscale="log", xlabel="draws", ylabel=f"bound on total variation, δ = {result.delta:g}")
    figure.savefig(path)
