"""Benchmarks: they run, what they compare computes the same, and the page is made of the committed results."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib import pyplot as plt

import kdcore as kd
from benchmarks import building, cases, form, gate, measure, naive, page, pages, plots, results, words
from kdbook import palette
from kdbook.markup import svg
from kdbook.printing import chromium
from kdbook.site.pages import DRAWN
from kdcore import figures
from tests.book import browser
from tests.mini import kdcore, write_book

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "book" / "_static" / "benchmarks"

TINY = {
    "drawing": partial(cases.drawing, sizes=[(2, 4, 20)], n_cells=80, rounds=2),
    "loops": partial(cases.loops, sizes=[(2, 4, 20)], n_cells=80, repeats=(1, 2), rounds=2),
    "few-samples": partial(
        cases.few_samples, 3, cells=[36, 49, 64], n_grid=[2, 4, 7], n_draws=30, table_cells=200, rounds=1
    ),
    "workers": partial(cases.workers, (2, 4), n_grid=[20, 30], n_repeats=10, rounds=1),
    "exact": partial(cases.exact, ["2a", "2e"], n_points=2, n_repeats=2, rounds=1),
    "growth": partial(
        cases.growth, (2, 4, 20), 3, n_grid=[9, 20, 40], inputs=[1, 2, 4], labels=[1, 2, 4], repeats=[1, 2, 4], rounds=1
    ),
    "exact-growth": partial(cases.exact_growth, (2, 4), n_grid=[10, 20, 40, 80], fit_from=10, rounds=1),
    "memory": partial(cases.memory, (2, 4, 20), n_repeats=3),
    "logs": partial(cases.logs, 200, (20, 30, 3, 10), 5, [("a coin", kd.Teacher([1.0], [[0.5, 0.5]]), 20)]),
    "builds": lambda: _builds(),
    "gate": lambda: _gate(),
    "pages": lambda: _pages(),
}


def _builds():
    with TemporaryDirectory() as folder:
        yield from building.builds(write_book(Path(folder) / "book"), {"quick": 0.001})


def _gate():
    with TemporaryDirectory() as folder:
        root = _repository(Path(folder), "lint test:\n\t@$(BIN)/python -c ''\n")
        yield from gate.gate(root, {"lint": [["lint"], ["test"]], "tests": [["test"]]}, 0.001)


def _repository(root, makefile):
    (root / "Makefile").write_text(makefile)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True)
    return root


def test_a_gate_that_fails_is_no_measurement(tmp_path):
    root = _repository(tmp_path, "types:\n\t@exit 3\nbook:\n\t@touch made\n")
    for part in ([["types"]], [["types"], ["book"]], [["book"], ["types"]]):
        with pytest.raises(subprocess.CalledProcessError, match="exit status 2"):
            list(gate.gate(root, {"part": part}))


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>%s — A book</title><link rel="icon" href="data:,"></head>
<body style="margin: 0"><div id="top"></div><p>Some text.</p>%s</body></html>"""
JUMP = """<div style="background: grey; height: 2000px"></div><script>
const spacer = document.querySelector("#top");
addEventListener("load", () => setTimeout(() => { spacer.style.height = "90px"; }, 700));
</script>"""
BUSY = """<script src="_static/mathjax/tex.js"></script><script>
function work() { const end = performance.now() + 200; while (performance.now() < end); }
addEventListener("load", () => setTimeout(work, 300));
</script>"""


def write_site(folder):
    """Write a light page, and one that loads MathJax, has a long task and then jumps by 90 of 900 pixels."""
    for name, title, body in (("index", "A", ""), ("other", "2. B, or not", BUSY + JUMP)):
        (folder / f"{name}.html").write_text(PAGE % (title, body), encoding="utf-8")
    (folder / "_static" / "mathjax").mkdir(parents=True)
    (folder / "_static" / "mathjax" / "tex.js").write_text("// " + "x" * 50_000)
    return folder


def _pages():
    yield from _measured()[0]


@cache
def _measured():
    """Measure the site, once for all tests, and return the rows and the first load of each page in each window."""
    browser.chromium()
    loads, load = {}, pages.load

    def note(running, url, window="wide"):
        loaded = load(running, url, window)
        loads.setdefault((Path(url).stem, window), loaded)
        return loaded

    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(pages, "load", note)
        return list(pages.pages(write_site(Path(folder)), heaviest=1, rounds=1)), loads


def teachers():
    rng = np.random.default_rng(1)
    random = kd.Teacher(rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(5), size=4))
    zeros = kd.Teacher([0.5, 0.0, 0.5], [[1.0, 0.0], [0.5, 0.5], [0.2, 0.8]])
    return [kd.instance_0(3, 4), kd.instance_1(4, 6, 30), kd.instance_2(2, 5, 30), random, zeros]


# The benchmarks


def test_every_benchmark_has_a_tiny_run_a_title_and_a_text():
    assert list(cases.BENCHMARKS) == list(TINY) == list(words.TITLES) == list(words.TEXTS)
    assert set(words.FIGURES) == set(plots._DRAW) <= set(TINY)


SLOW = {"builds"}
"""What builds a book three times, of which two render it: test_builds_are_measured does the same without rendering."""


def check(name, rows):
    """Numbers are there and can be what they are said to be."""
    assert rows
    for row in rows:
        assert row.benchmark == name
        assert math.isfinite(row.measured)
        numbers = [row.alternative_measured, row.ratio] if row.alternative else []
        if row.unit == "exponent":
            assert row.low <= row.measured <= row.high
        elif row.unit == "shift":
            assert 0 <= row.measured == row.high
        elif row.unit == "share":
            assert 0 <= row.measured <= 1
        else:
            numbers.append(row.measured)
        assert all(math.isfinite(value) and value > 0 for value in numbers), row
        assert (row.met in ("yes", "no")) == bool(row.target_of)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in TINY]
)
def test_measurements_are_finite_and_positive(name):
    if name == "memory":
        pytest.importorskip("resource", reason="Windows does not say how much memory a process took")
    check(name, list(TINY[name]()))


def test_builds_are_measured(each_chapter_once, monkeypatch):
    commands = []

    def build(book, profile, *arguments):
        result = kdcore(book, "build", "--no-render", "--profile", profile, "--json", *arguments)
        assert result.returncode == 0, result.stderr
        commands.append(arguments)
        events = [json.loads(line) | {"at": 0.5 * place} for place, line in enumerate(result.stdout.splitlines(), 1)]
        return 10.0 * len(commands), events

    monkeypatch.setattr(building, "_build", build)
    rows = list(_builds())
    check("builds", rows)
    assert commands == [("--jobs", "1"), (), ()]
    whole, unchanged, *parts = rows
    assert (whole.measured, whole.alternative, whole.alternative_measured, whole.ratio, whole.met) == (
        20.0,
        building.ONE_BY_ONE,
        10.0,
        0.5,
        "no",
    )
    assert (unchanged.what, unchanged.measured, unchanged.met) == ("nothing changed", 30.0, "no")
    names = [part.what.removeprefix("quick: ") for part in parts]
    assert names[0] == "before the first chapter"
    assert sorted(names[1:-1]) == ["First", "Second"]
    assert names[-1] == "rendering"
    assert [part.x for part in parts] == [0.0, 1.0, 2.0, 3.0]


def test_two_processes_and_one_are_compared_on_the_same_risks(monkeypatch):
    tables = iter([pd.DataFrame({"risk": [0.1]}), pd.DataFrame({"risk": [0.2]})])
    monkeypatch.setattr(kd, "risk_curve", lambda *_args, **_how: next(tables))
    with pytest.raises(AssertionError, match="do not give the same risks"):
        list(cases.workers(rounds=1))


def test_a_race_takes_turns_and_compares_the_least_times(monkeypatch):
    calls = []
    times = iter([4.0, 10.0, 8.0, 2.0])  # ours, theirs, then the other way round
    monkeypatch.setattr(measure, "seconds", lambda function: (function(), next(times))[1])
    (result,) = measure.race(lambda: calls.append("ours"), lambda: calls.append("theirs"), rounds=2)
    assert calls == ["ours", "theirs", "theirs", "ours"]
    assert result == measure.Race((4.0, 2.0), (10.0, 8.0))
    faster = result.row("b", "w", "a", measure.FASTER)
    assert (faster.measured, faster.alternative_measured, faster.unit) == (2.0, 8.0, "s")
    assert (faster.ratio, faster.low, faster.high, faster.rounds) == (4.0, 2.5, 4.0, 2)
    longer = result.row("b", "w", "a", measure.TIME, per=(2, 4))
    assert (longer.measured, longer.alternative_measured, longer.unit) == (1.0, 2.0, "s/repeat")
    assert (longer.ratio, longer.low, longer.high) == (0.5, 0.5, 0.8)


@pytest.mark.parametrize(
    ("low", "high", "met"),
    [(math.nan, 2.0, "yes"), (math.nan, 1.9, "no"), (2.0, math.nan, "yes"), (2.1, math.nan, "no"), (1.0, 3.0, "yes")],
)
def test_a_target_is_met_within_its_limits(low, high, met):
    row = measure.Row("b", "w", 1.0, "s", ratio=2.0).aim("ratio", low, high)
    assert (row.target_of, row.met) == ("ratio", met)


@pytest.fixture
def loads():
    return _measured()[1]


def test_bytes_and_requests_are_those_of_the_files(loads):
    load = loads["other", "wide"]
    assert load.title == "2. B, or not"
    assert load.count() == 2
    assert load.count(mathjax=False) == 1
    assert 0.050003 < load.megabytes() - load.megabytes(mathjax=False) < 0.0508  # headers are a few hundred bytes
    assert load.first <= load.largest <= load.usable


def test_a_page_is_interactive_after_its_last_long_task(loads):
    assert loads["index", "wide"].usable < loads["other", "wide"].usable - 0.2
    assert loads["other", "wide"].usable >= 0.5


def test_a_jump_after_loading_is_seen(loads):
    assert loads["index", "wide"].shift == 0
    load = loads["other", "wide"]
    expected = 90 / 1300  # all of the window moves, by 90 pixels of its longer side
    assert load.late == pytest.approx(expected, rel=0.12)
    assert load.shift == load.late
    assert loads["other", "phone"].late == pytest.approx(90 / 844, rel=0.12)


def test_the_heaviest_page_is_found_and_only_the_wide_window_has_targets():
    rows = list(_pages())
    assert {row.what.partition(", wide")[0] for row in rows if ", wide: " in row.what} == {"2. B, or not"}
    targets = {row.what: row.met for row in rows if row.target_of}
    assert targets == {
        f"2. B, or not, wide: {what}": "no" if what == "layout shift after load" else "yes" for what in pages.LIMITS
    }


def test_of_several_loads_the_median_counts_and_the_worst_shift():
    loads = [pages.Load("A", {"u": 2_000_000}, t, t, t, t / 10, 0.0) for t in (1.0, 5.0, 2.0)]
    rows = {row.what.partition(": ")[2]: row for row in pages.rows("wide", loads)}
    interactive, shift = rows["time to interactive"], rows["layout shift in all"]
    assert (interactive.measured, interactive.low, interactive.high, interactive.rounds) == (2.0, 1.0, 5.0, 3)
    assert shift.measured == 0.5
    assert rows["MB without MathJax"].met == "no"


def test_pages_are_left_out_without_chromium_or_a_book(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(chromium.VARIABLE, "no-such-program")
    assert list(pages.pages(tmp_path)) == []
    assert "no-such-program" in capsys.readouterr().err
    monkeypatch.setenv(chromium.VARIABLE, "python3")
    assert list(pages.pages(tmp_path)) == []
    assert "make book" in capsys.readouterr().err
    monkeypatch.delenv(chromium.VARIABLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list(pages.pages(tmp_path)) == []
    assert "apt-get install chromium" in capsys.readouterr().err


# The alternatives compute what kdcore does


def with_kdcore(teacher, counts):
    data = {protocol: kd.reveal(teacher, counts, protocol) for protocol in kd.PROTOCOLS}
    return {
        key: kd.conditional_tv(learner.fit(data[learner.protocol]), teacher) for key, learner in kd.LEARNERS.items()
    }


@pytest.mark.parametrize("n_samples", [0, 1, 5, 40])
@pytest.mark.parametrize("teacher", teachers(), ids=str)
def test_the_loops_have_kdcores_risks_on_the_same_counts(teacher, n_samples):
    for counts in teacher.draw(n_samples, n_repeats=5, rng=2):
        expected = with_kdcore(teacher, counts)
        pairs = {(int(s), int(a)): int(counts[s, a]) for s, a in np.argwhere(counts)}
        for found in (naive.risks_of_counts(teacher, pairs), naive.risks_of_table(teacher, counts)):
            assert found == pytest.approx(expected, rel=0, abs=1e-14)


@pytest.mark.parametrize("simulate", [naive.sample_by_sample, naive.repeat_by_repeat])
@pytest.mark.parametrize("teacher", [kd.instance_0(2, 3), kd.instance_1(2, 4, 4)], ids=str)
def test_the_loops_have_the_exact_mean(simulate, teacher):
    risks = simulate(teacher, 4, 400, np.random.default_rng(3))
    assert list(risks) == list(kd.LEARNERS)
    for key, values in risks.items():
        assert len(values) == 400
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert np.mean(values) == pytest.approx(kd.expected_risk(teacher, 4, key), rel=0, abs=4 * error + 1e-12)


def test_drawing_alone_draws_as_many_tables_as_the_simulation(monkeypatch):
    sizes = []

    class Generator:
        def multinomial(self, n, p, size):
            assert n == 20
            assert p.sum() == pytest.approx(1)
            sizes.append(size)

    blocks = [size for _, size in cases.repeat_blocks(kd.instance_0(2, 4), 20, 100_000)]
    monkeypatch.setattr(np.random, "default_rng", lambda _seed: Generator())
    cases._draw_alone(kd.instance_0(2, 4), 20, blocks)
    assert sizes == blocks
    assert sum(sizes) == 100_000


# The page


@pytest.fixture(scope="module")
def committed():
    return results.read(ROOT)


def test_the_page_is_made_of_the_committed_results(committed):
    made = (ROOT / "book" / "benchmarks.md").read_bytes()
    assert page.page(committed).encode() == made, "python -m benchmarks --page makes the page anew"
    assert (STATIC / "results.csv").read_bytes() == (ROOT / "benchmarks" / "results.csv").read_bytes()


def test_the_figures_show_the_committed_results(committed, tmp_path, monkeypatch):
    monkeypatch.delenv(figures.FOLDER_VARIABLE)
    plots.save_all(committed, tmp_path)
    assert figures.FOLDER_VARIABLE not in os.environ
    assert not plt.get_fignums()
    names = {f"{name}{end}" for name, _, _ in words.FIGURES.values() for end in (".svg", ".csv")}
    assert {path.name for path in tmp_path.iterdir()} == names
    assert {path.name for path in STATIC.iterdir()} == names | {"results.csv"}
    for path in tmp_path.glob("*.csv"):
        assert (STATIC / path.name).read_bytes() == path.read_bytes()


def test_the_page_says_first_what_made_it(committed):
    title, first, *_ = page.page(committed).split("\n\n")
    row = committed.iloc[0]
    assert title == "# Benchmarks"
    sentence = first.partition(". ")[0].replace("\u00a0", " ") + "."
    for part in ("`make bench`", row["date"], row["cpu"], row["python"], row["numpy"], f"{row['cores']} core"):
        assert part in sentence
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"])


def test_nothing_says_where_it_was_measured(committed):
    text = committed.to_csv() + page.page(committed)
    text += "".join(path.read_text(encoding="utf-8") for path in STATIC.iterdir())
    assert str(ROOT) not in text
    assert not re.search(r"/(home|root|work|Users)/", text)


def test_every_result_is_on_the_page_and_says_whether_its_target_is_met(committed):
    text = page.page(committed)
    rows = committed[committed["x"].isna()]
    # Pages need a browser.
    assert set(rows["benchmark"]) | {"pages"} == set(cases.BENCHMARKS)
    for row in rows[rows["benchmark"] != "pages"].itertuples():
        what = page.label(row.what)
        assert f"| {what} |" in text or f": {what} |" in text
    targets = rows[rows["target_of"] != ""]
    for row in targets.itertuples():
        again = measure.Row(**{name: getattr(row, name) for name in measure.Row.__dataclass_fields__})
        assert replace(again.aim(row.target_of, row.target_low, row.target_high)).met == row.met
    assert len(re.findall(r"\| (?:yes|no) \|$", text, re.MULTILINE)) == len(targets)


@pytest.mark.parametrize("missed", [0, 1, 3])
def test_a_missed_target_is_said(committed, missed):
    rows = committed[committed["target_of"] != ""].reset_index(drop=True)
    rows["met"] = ["no"] * missed + ["yes"] * (len(rows) - missed)
    said = f"{len(rows) - missed} of {len(rows)} targets are met, {missed} missed."
    expected = said if missed else f"All {len(rows)} targets are met."
    assert expected in page.page(rows)
    assert page.terminal(rows).endswith(expected)


def test_opening_the_book_has_a_table_for_each_window():
    loads = {title: [pages.Load(title, {"u": 1_134_000}, 0.5, 0.6, 2.5, 0.25, 0.0)] for title in ("1. A, b", "C")}
    rows = [row for window in pages.WINDOWS for several in loads.values() for row in pages.rows(window, several)]
    text = page.page(measure.table(rows, measure.machine()))
    for heading in words.WINDOWS.values():
        assert f"| {heading} | 1. A, b | C |" in text
    for line in ("MB in all | 1.13\u00a0MB", "requests in all | 1", "time to interactive | 2.50\u202fs"):
        assert text.count(f"| {line} | ") == 2
    assert text.count("| layout shift after load | 0.000 | 0.000 |") == 2
    reached, target = "1.13\u00a0MB", "at\u00a0most\u00a01.2\u00a0MB"
    assert f"{{ref}}`opening <bench-pages>`: C, wide: MB without MathJax | {reached} | {target} | yes |" in text


def prose(committed):
    """Return the page without its program and the names of files."""
    text = re.sub(r"````.*?````", "", page.page(committed), flags=re.DOTALL)
    return re.sub(r"`[^`\n]*`|\(bench-[\w-]+\)=|:name:.*", "", text)


def test_no_line_ends_between_a_number_and_its_unit(committed):
    text = re.sub(r"\$[^$\n]*\$", "", prose(committed))
    assert re.findall(r"\d (?:\d|[µm]?s\b|[GM]i?B\b|×|%|cores?\b|samples\b|repeats\b)", text) == []


def test_nothing_is_called_by_its_key(committed):
    text = prose(committed)
    for key in [*kd.LEARNERS, "few-samples", "exact-growth", "hard-labels", "missing-mass"]:
        assert not re.search(rf"(?<!/){key}\b", text), key
    assert set(words.NAMES) == set(cases.BENCHMARKS)
    assert page.label("exponent in n of ce_ptl, from n = 100") == (
        "exponent in $n$ of the weigher, from $n$\u00a0=\u00a0100"
    )
    assert page.label("nothing changed, SAME") == "nothing changed, SAME"


def test_pictures_follow_the_page_into_the_dark_and_have_no_number(committed):
    assert STATIC.name in DRAWN
    for path in STATIC.glob("*.svg"):
        assert svg.colors(path.read_text(encoding="utf-8")) <= set(palette.NAMES), path.name
    assert page.page(committed).count(":figclass: unnumbered") == len(words.FIGURES)


def test_a_table_in_the_terminal_is_aligned(committed):
    header, rule, *lines = page.terminal(committed).splitlines()[:-2]
    assert len(lines) == committed["x"].isna().sum()
    starts = [match.start() for match in re.finditer(r"-+", rule)]
    assert [header[start:].split()[0] for start in starts] == header.split()
    assert header.split() == ["what", "measured", "alternative", "ratio", "target", "met"]
    for line in lines:
        assert all(start >= len(line) or line[start - 1] == " " for start in starts[1:])


def test_results_are_read_as_they_were_written(tmp_path):
    (tmp_path / "benchmarks").mkdir()
    rows = [measure.Row("loops", "w", 1 / 3, "s", alternative="a", met="yes"), measure.Row("loops", "v", 2, "GiB")]
    results.write(measure.table(rows, measure.machine()), tmp_path)
    table = results.read(tmp_path)
    assert table["measured"].tolist() == [0.333333, 2.0]
    assert table["alternative"].tolist() == ["a", ""]
    before = (tmp_path / "benchmarks" / "results.csv").read_bytes()
    results.write(table, tmp_path)
    assert (tmp_path / "benchmarks" / "results.csv").read_bytes() == before


def test_the_book_lists_the_page_under_reference_before_the_bibliography():
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    (back,) = [part for part in parts if part["caption"] == "Reference"]
    files = [chapter["file"] for chapter in back["chapters"]]
    assert files.index("benchmarks") < files.index("bibliography")


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (2.345, "s", "2.35\u202fs"),
        (0.9996, "s", "1.00\u202fs"),
        (0.0123, "s", "12.3\u202fms"),
        (4.56e-5, "s/repeat", "45.6\u202fµs"),
        (0.17, "GiB", "0.170\u00a0GiB"),
        (1.5, "MB", "1.50\u00a0MB"),
        (37, "requests", "37"),
        (0.0004, "shift", "0.000"),
        (-0.05, "exponent", "−0.05"),
        (-0.001, "exponent", "0.00"),
        (12345.0, "exponent", "12\u202f300"),
        (123.4, "exponent", "123"),
    ],
)
def test_quantities_are_written_with_three_digits_and_units(value, unit, words):
    assert form.quantity(value, unit) == words
