"""The book's page and the table for the terminal, made of results.csv and nothing else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import naive
from benchmarks.form import limit, number, quantity, range_of, unbroken
from benchmarks.words import FIGURES, METHOD, NAMES, TEXTS, TITLES, WINDOWS
from kdcore.figures import LEARNER_STYLE


def page(results: pd.DataFrame) -> str:
    """Return ``book/benchmarks.md``."""
    return "\n\n".join(_parts(results)) + "\n"


def _parts(results: pd.DataFrame) -> Iterator[str]:
    rows = results[results["x"].isna()]
    yield "# Benchmarks"
    yield _origin(results.iloc[0])
    yield unbroken(METHOD)
    yield "## Targets"
    yield _verdict(rows)
    yield _targets(rows[rows["target_of"] != ""])
    for benchmark, title in TITLES.items():
        own = rows[rows["benchmark"] == benchmark]
        if own.empty:
            continue
        yield f"(bench-{benchmark})=\n## {title}"
        yield unbroken(TEXTS[benchmark])
        if benchmark == "pages":
            yield from _loads(own)
        else:
            yield _exponents(own) if (own["unit"] == "exponent").all() else _measurements(own)
        parts = results[(results["benchmark"] == benchmark) & results["x"].notna()]
        if benchmark == "builds" and not parts.empty:
            yield _breakdown(parts)
        if benchmark in FIGURES:
            yield _figure(*FIGURES[benchmark])
        if benchmark == "loops":
            yield _sources()


def _origin(first: pd.Series[Any]) -> str:
    memory = "" if np.isnan(first["memory_gib"]) else f" and {first['memory_gib']:.0f} GiB of memory"
    cores = "1 core" if first["cores"] == 1 else f"{first['cores']} cores"
    text = (
        f"`make bench` made this page on {first['date']}, on a machine with the processor {first['cpu']}, "
        f"{cores}{memory}, under Python {first['python']} and NumPy {first['numpy']}."
    )
    if not np.isnan(first["load"]):
        text += f" The load average was {first['load']:.1f} when it started; 0 is a machine with nothing else to do."
    return unbroken(text)


def _verdict(rows: pd.DataFrame) -> str:
    met = rows.loc[rows["target_of"] != "", "met"] == "yes"
    if met.all():
        return f"All {len(met)} targets are met."
    return f"{met.sum()} of {len(met)} targets are met, {(~met).sum()} missed."


def terminal(results: pd.DataFrame) -> str:
    """Return the results as a table for the terminal."""
    rows = results[results["x"].isna()]
    header = ["what", "measured", "alternative", "ratio", "target", "met"]
    lines = [header, *([f"{row.benchmark}: {row.what}", *_cells(row)] for row in rows.itertuples())]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*text, "", _verdict(rows)])


def _cells(row: Any) -> list[str]:
    """Return measured, alternative, ratio, target and met as words."""
    measured = quantity(row.measured, row.unit)
    alternative = f"{row.alternative}: {quantity(row.alternative_measured, row.unit)}" if row.alternative else ""
    ratio = "" if np.isnan(row.ratio) else f"{number(row.ratio)} {row.ratio_is} that{range_of(row.low, row.high)}"
    if row.unit == "exponent":
        measured += range_of(row.low, row.high)
    return [measured, alternative, ratio, _target(row), row.met]


def _target(row: Any) -> str:
    if not row.target_of:
        return ""
    unit = row.unit if row.target_of == "measured" else ""
    low, high = limit(row.target_low, unit), limit(row.target_high, unit)
    if np.isnan(row.target_low):
        return f"at\u00a0most\u00a0{high}"
    return f"at\u00a0least\u00a0{low}" if np.isnan(row.target_high) else f"{low}\u00a0to\u00a0{high}"


def _targets(rows: pd.DataFrame) -> str:
    """Return the rows that have a target, with the number that the target is for."""
    lines = [_target_line(row) for row in rows.itertuples()]
    return _markdown(["What", "Reached", "Target", "Met"], lines)


def _target_line(row: Any) -> list[str]:
    ratio = unbroken(f"{number(row.ratio)} {row.ratio_is} {row.alternative}")
    reached = ratio if row.target_of == "ratio" else quantity(row.measured, row.unit)
    return [
        f"{{ref}}`{NAMES[row.benchmark]} <bench-{row.benchmark}>`: {label(row.what)}",
        reached,
        _target(row),
        row.met,
    ]


def label(what: str) -> str:
    """Return what was measured with its symbols as mathematics and the students' names as the book writes them."""
    what = re.sub(r"\b(?:ce|sel)_(?:sgl|ptl|ful)\b", lambda m: "the " + LEARNER_STYLE[m[0]].label.split()[0], what)
    what = re.sub(r"\b(n|S|A|SA)\b(?: = )?", lambda m: f"${m[1]}$" + m[0][len(m[1]) :].replace(" ", "\u00a0"), what)
    return unbroken(what)


def _measurements(rows: pd.DataFrame) -> str:
    """Return rows with the number for each alternative in a column of its own, and the ratio beside it."""
    alternatives = [name for name in dict.fromkeys(rows["alternative"]) if name]
    lines = []
    for what, own in rows.groupby("what", sort=False):
        line = [unbroken(str(what)), quantity(own["measured"].min(), str(own["unit"].iloc[0]))]
        for alternative in alternatives:
            row: Any = next(own[own["alternative"] == alternative].itertuples(), None)
            if row is None:
                line += ["", ""]
                continue
            ratio = unbroken(f"{number(row.ratio)} {row.ratio_is.rpartition(' ')[0]}")
            line += [quantity(row.alternative_measured, row.unit), ratio + range_of(row.low, row.high)]
        lines.append(line)
    header = [cell for alternative in alternatives for cell in (str(alternative), "Ratio")]
    return _markdown(["What", "Measured", *header], lines)


def _breakdown(rows: pd.DataFrame) -> str:
    """Return where the time of builds goes: a row for each part, a column for each profile."""
    names = rows["what"].str.partition(": ")
    table = pd.DataFrame({"profile": names[0], "part": names[2], "seconds": rows["measured"]})
    profiles, parts = list(dict.fromkeys(table["profile"])), list(dict.fromkeys(table["part"]))
    seconds = table.set_index(["part", "profile"])["seconds"]
    lines = [[part, *(quantity(float(seconds[part, profile]), "s") for profile in profiles)] for part in parts]
    return _markdown(["Where it goes", *profiles], lines)


def _exponents(rows: pd.DataFrame) -> str:
    intervals = [f"{number(low)} to {number(high)}" for low, high in zip(rows["low"], rows["high"], strict=True)]
    values = [number(value) for value in rows["measured"]]
    header = ["Fitted", "Value", unbroken("95 % interval")]
    return _markdown(header, zip(map(label, rows["what"]), values, intervals, strict=True))


def _loads(rows: pd.DataFrame) -> Iterator[str]:
    """Yield a table for each window: a row for each measure, a column for each page."""
    parts = rows["what"].str.extract(r"(?P<page>.*), (?P<window>\w+): (?P<measure>.*)")
    table = pd.concat([parts, rows[["measured", "unit"]]], axis=1)
    for window, heading in WINDOWS.items():
        own = table[table["window"] == window]
        names = list(dict.fromkeys(own["page"]))
        lines = [
            [measure, *map(quantity, some["measured"], some["unit"])]
            for measure, some in own.groupby("measure", sort=False)
        ]
        yield _markdown([heading, *names], lines)


def _markdown(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, [":--"] * len(header), *lines))


def _figure(name: str, alternative: str, caption: str) -> str:
    path = f"_static/benchmarks/{name}"
    downloads = f"{{download}}`SVG <{path}.svg>`, {{download}}`data (CSV) <{path}.csv>`."
    options = f":name: {name}\n:alt: {unbroken(alternative)}\n:figclass: unnumbered"
    return f"```{{figure}} {path}.svg\n{options}\n{unbroken(caption)} {downloads}\n```"


def _sources() -> str:
    functions = (naive.sample_by_sample, naive.risks_of_counts, naive.repeat_by_repeat, naive.risks_of_table)
    code = "\n\n".join(inspect.getsource(function) for function in functions)
    return f"````{{dropdown}} The code of the two loops\n```python\n{code}```\n````"
