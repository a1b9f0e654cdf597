"""The classroom experiment: its mathematics against enumeration, its files, and its page in the browser."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from pypdf import PdfReader
from scipy import optimize, stats

import kdcore as kd
from kdbook import classroom
from kdbook.classroom import COOK, Cook, Guess, answers, cook, report, tables
from kdbook.project import BookError, Project
from tests.book.browser import without_scripts
from tests.kdcore import oracles
from tests.mini import kdcore, snapshot

SMALL = Cook(("day",), ("tea", "milk", "beer"), (6,), ((24, 12, 0),))
TWO = Cook(("sun", "rain"), ("a", "b", "c"), (4, 2), ((18, 12, 6), (30, 6, 0)))
HEADER = "pair,protocol,n,input," + ",".join(COOK.labels)
SUN, RAIN = "12,9,6,4,3,2", "6,6,6,6,6,6"


def write(tmp_path, *lines, name="answers.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def read(tmp_path, *lines, **options):
    return answers.read_answers(write(tmp_path, *lines, **options), COOK)


# ---- the mathematics ----


@pytest.mark.parametrize("cook", [SMALL, TWO])
@pytest.mark.parametrize("protocol", list(classroom.STUDENT))
@pytest.mark.parametrize("n", [1, 3, 5])
def test_theory_and_spread_agree_with_all_data_sets(cook, protocol, n):
    teacher = cook.teacher
    law = oracles.risk_law(classroom.STUDENT[protocol], teacher.rho, teacher.pi, n)
    mean = sum(p * risk for p, risk in law)
    spread = math.sqrt(max(0.0, sum(p * (risk - mean) ** 2 for p, risk in law)))
    risk, deviation, method = classroom.risk_of_a_pair(cook, protocol, n)
    assert method == "exact"
    assert risk == pytest.approx(mean, abs=1e-12)
    assert deviation == pytest.approx(spread, rel=0.05, abs=1e-12)


def test_a_shuffle_changes_the_order_and_neither_numbers_nor_theory():
    orders = {COOK.shuffled(pair).parts for pair in range(1, 200)}
    assert len(orders) > 190
    for pair in range(1, 20):
        shuffled = COOK.shuffled(pair)
        assert [sorted(row) for row in shuffled.parts] == [sorted(row) for row in COOK.parts]
        assert shuffled == cook._shuffled.__wrapped__(COOK, pair)  # not what is remembered
        assert kd.expected_risk(shuffled.teacher, 10, "sel_ptl") == pytest.approx(
            kd.expected_risk(COOK.teacher, 10, "sel_ptl"), rel=1e-12
        )


def test_shuffles_give_each_label_each_number_equally_often():
    pairs = 6000
    table = np.zeros((6, 6))
    for pair in range(1, pairs + 1):
        for place, part in enumerate(COOK.shuffled(pair).parts[0]):
            table[place, COOK.parts[0].index(part)] += 1
    assert stats.chi2.sf(((table - pairs / 6) ** 2 / (pairs / 6)).sum(), 25) > 1e-4


def bayes_risk(numbers, n, told):
    """The least expected risk of any student on one randomly ordered row: a linear programme for each observation."""
    orders = list(itertools.permutations(numbers))
    weights = {}
    for row in orders:
        for data in itertools.product(range(len(numbers)), repeat=n):
            chance = math.prod(row[a] for a in data) / len(orders)
            if chance > 0:
                seen = told(row, data)
                weights.setdefault(seen, {}).setdefault(row, 0.0)
                weights[seen][row] += chance
    return sum(least(list(rows.items()), len(numbers)) for rows in weights.values())


def least(rows, size):
    """Minimise the weighted distance to rows over distributions: q, then |q - row| for each row."""
    cost = np.concatenate([np.zeros(size), *[np.full(size, weight / 2) for _, weight in rows]])
    above, limits = [], []
    for place, (row, _) in enumerate(rows):
        for a in range(size):
            for sign in (1, -1):
                line = np.zeros(len(cost))
                line[a], line[size * (place + 1) + a] = sign, -1
                above.append(line)
                limits.append(sign * row[a])
    total = np.concatenate([np.ones(size), np.zeros(len(cost) - size)])
    done = optimize.linprog(cost, above, limits, [total], [1], bounds=(0, None))
    assert done.success
    return done.fun


@pytest.mark.parametrize("numbers", [(24, 12, 0), (18, 12, 6), (20, 10, 4, 2)])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_on_shuffled_rows_nobody_beats_the_curves(numbers, n):
    numbers = [part / 36 for part in numbers]
    teacher = kd.Teacher([1.0], [numbers])
    partial = bayes_risk(numbers, n, lambda row, data: tuple(sorted((a, row[a]) for a in data)))
    assert partial == pytest.approx(kd.expected_risk(teacher, n, "sel_ptl"), abs=1e-9)
    hard = bayes_risk(numbers, n, lambda row, data: tuple(sorted(data)))
    assert partial - 1e-9 <= hard < kd.expected_risk(teacher, n, "ce_sgl")
    never = least([(row, 1 / math.factorial(len(numbers))) for row in itertools.permutations(numbers)], len(numbers))
    assert never == pytest.approx(kd.expected_risk(teacher, 0, "ce_ful"), abs=1e-9)


@pytest.mark.parametrize(("first", "second", "n"), [("hard", "partial", 10), ("partial", "soft", 20)])
def test_pairs_needed_find_the_difference_in_classes_of_the_books_students(first, second, n):
    pairs, classes = classroom.pairs_needed(COOK, first, second, n), 4000
    one, two = (
        kd.sample_risk(COOK.teacher, n, [classroom.STUDENT[key]], pairs * classes, seed=3, point=place)
        for place, key in enumerate((first, second))
    )
    one, two = (next(iter(risks.values())).reshape(classes, pairs) for risks in (one, two))
    error = np.sqrt((one.var(axis=1, ddof=1) + two.var(axis=1, ddof=1)) / pairs)
    found = (np.abs(one.mean(axis=1) - two.mean(axis=1)) > stats.t.ppf(0.975, 2 * pairs - 2) * error).mean()
    assert found > 0.7
    assert classroom.pairs_needed(SMALL, "partial", "partial", 5) is None


def test_pairs_needed_is_the_usual_sample_size_of_the_t_test(monkeypatch):
    """For half a standard deviation, 80 per cent and 5 per cent, tables say 64 in each group; for one, 17."""
    for gap, answer in ((0.5, 64), (1.0, 17), (0.2, 394)):
        values = {"hard": (gap, 1.0, "exact"), "soft": (0.0, 1.0, "exact")}
        monkeypatch.setattr("kdbook.classroom.theory.risk_of_a_pair", lambda _c, key, _n, v=values: v[key])
        assert classroom.pairs_needed(COOK, "hard", "soft", 5) == answer


def test_the_protocols_separate_early_on_the_cook_of_the_sheets():
    for n in classroom.SAMPLES:
        risks = [kd.expected_risk(COOK.teacher, n, key) for key in classroom.STUDENT.values()]
        assert risks[0] > 1.8 * risks[1] > 0
        assert risks[1] > 6 * risks[2]
        assert all(classroom.pairs_needed(COOK, a, b, n) <= 5 for a, b in itertools.combinations(classroom.STUDENT, 2))


def test_compare_and_differences_by_hand():
    rows = {1: COOK.shuffled(1).teacher.pi, 4: np.full((2, 6), 1 / 6), 3: COOK.shuffled(3).teacher.pi}
    guesses = [Guess(pair, "soft" if pair == 3 else "hard", 5, guess) for pair, guess in rows.items()]
    table = classroom.compare(classroom.risks_of(guesses, COOK), COOK).set_index("protocol")
    # uniform against (15, 9, 6, 4, 2, 0) and (12, 12, 6, 4, 2, 0): 12 parts too low each
    uniform = Fraction(12, 36)
    assert table.loc["hard", "class_mean"] == pytest.approx(float(uniform) / 2)
    assert table.loc["hard", "std_error"] == pytest.approx(float(uniform) / 2)
    assert math.isnan(table.loc["soft", "std_error"])
    gap = classroom.differences(table.reset_index()).iloc[0]
    assert (gap["first"], gap["second"]) == ("hard", "soft")
    assert gap["class_gap"] == pytest.approx(float(uniform) / 2)
    assert math.isnan(gap["std_error"])


def test_simulated_pairs_write_whole_parts_and_know_no_more_than_they_are_told():
    guesses = classroom.simulate_class(COOK, 60, seed=1)
    assert len(guesses) == 180
    for guess in guesses:
        parts = guess.rows * 36
        assert np.allclose(parts, parts.round())
        assert np.allclose(guess.rows.sum(axis=1), 1)
        assert guess.protocol == classroom.protocol_of(guess.pair)
    again = classroom.simulate_class(COOK, 60, seed=1)
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(guesses, again, strict=True))
    other = classroom.simulate_class(COOK, 60, seed=2)
    assert not all(np.array_equal(a.rows, b.rows) for a, b in zip(guesses, other, strict=True))
    few = classroom.simulate_class(COOK, 3, seed=1)
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(few, guesses, strict=False))


def half_a_count(cook, n):
    """The exact risk of shares after half a count was added to each label, equal shares where nothing was seen."""
    total, half = 0.0, len(cook.labels) / 2
    for chance, row in zip(cook.teacher.rho, cook.teacher.pi, strict=True):
        for k in range(n + 1):
            x = np.arange(k + 1)
            misses = sum(stats.binom.pmf(x, k, p) @ np.abs((x + 0.5) / (k + half) - p) for p in row) / 2
            total += chance * stats.binom.pmf(k, n, chance) * misses
    return total


@pytest.fixture(scope="module")
def large_classes():
    """Means and standard errors of 500 pairs for each protocol, without and with their habits, at n = 5, 10, 20."""
    tables = [
        classroom.compare(classroom.risks_of(classroom.simulate_class(COOK, 1500, seed=5, habit=habit), COOK), COOK)
        for habit in (0.0, 1.0)
    ]
    return [table.set_index(["protocol", "n_samples"]) for table in tables]


def test_a_simulated_class_has_the_risk_of_the_books_students(large_classes):
    table, _ = large_classes
    assert (table["pairs"] == 500).all()
    assert table.loc[("hard", 5), "theory"] == pytest.approx(0.4735, abs=5e-5)
    assert table.loc[("hard", 5), "std_error"] == pytest.approx(0.0052, abs=3e-4)
    # 4 standard errors; and rounding to thirty-sixths moves a mean by less than 0.002
    assert (abs(table["class_mean"] - table["theory"]) < 4 * table["std_error"] + 0.002).all()


def test_a_habit_beats_the_counter_and_no_habit_beats_the_matcher(large_classes):
    _, table = large_classes
    for n, risk in ((5, 0.2858), (10, 0.2484), (20, 0.2035)):
        assert half_a_count(COOK, n) == pytest.approx(risk, abs=5e-5)
        hard = table.loc[("hard", n)]
        assert abs(hard["class_mean"] - risk) < 4 * hard["std_error"] + 0.002
        assert hard["class_mean"] < hard["theory"] - 6 * hard["std_error"]
        partial = table.loc[("partial", n)]
        assert partial["class_mean"] > partial["theory"] + 4 * partial["std_error"]


def test_a_mixed_class_lies_between():
    table = classroom.compare(
        classroom.risks_of(classroom.simulate_class(COOK, 600, seed=6, samples=(5,), habit=0.5), COOK), COOK
    ).set_index("protocol")
    middle = (classroom.risk_of_a_pair(COOK, "hard", 5)[0] + half_a_count(COOK, 5)) / 2
    assert abs(table.loc["hard", "class_mean"] - middle) < 4 * table.loc["hard", "std_error"] + 0.002
    with pytest.raises(ValueError, match=r"habit must be from 0 to 1, got 1\.5"):
        classroom.simulate_class(COOK, 3, 0, habit=1.5)


def test_curves_are_named_after_students_and_not_after_the_class():
    risks = classroom.risks_of(classroom.simulate_class(COOK, 6, seed=1), COOK)
    svg, _ = report.draw(risks, COOK, simulated=False)
    assert b"hard: the counter, expected" in svg
    assert b": theory" not in svg
    assert "book’s student" in report.shown(classroom.compare(risks, COOK)).columns


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((("a", "A"), ("x", "y"), (3, 3), ((18, 18), (18, 18))), "a name of its own"),
        ((("a",), ("x", "y"), (5,), ((18, 18),)), "sum to 6"),
        ((("a",), ("x", "y"), (6,), ((18, 17),)), "sums to 35"),
        ((("a",), ("x", "y"), (6,), ((18, 18), (18, 18))), "as many rows"),
    ],
)
def test_a_cook_that_dice_cannot_be_is_refused(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        Cook(*arguments)


def test_dice_tables_hold_each_outcome_once():
    for which, parts in enumerate(COOK.parts):
        flat = [name for row in COOK.on_label_dice(which) for name in row]
        assert [flat.count(label) for label in COOK.labels] == list(parts)
    assert COOK.on_input_die() == ["sun"] * 4 + ["rain"] * 2


# ---- the file of answers ----


@pytest.mark.parametrize(
    "cells",
    [
        "12,9,6,3,3,3",
        "33.333,25,16.667,8.333,8.333,8.333",
        "12/36,9/36,6/36,1/12,3/36,3 / 36",
        "33.333%,25%,16.667%,8.333 %,8.333%,8.333%",
        ".333333,0.25,.166667,0.083333,0.083333,0.083333",
        '"0,333333","0,25","0,166667","0,083333","0,083333","0,083333"',
    ],
)
def test_numbers_as_people_write_them(tmp_path, cells):
    found = read(tmp_path, HEADER, f"1,hard,5,sun,{cells}", f"1,hard,5,rain,{RAIN}")
    assert found.guesses[0].rows[0] == pytest.approx(np.array([12, 9, 6, 3, 3, 3]) / 36, abs=2e-5)
    assert found.guesses[0].rows[1] == pytest.approx(np.full(6, 1 / 6))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_case_spaces_and_columns(tmp_path, separator, encoding):
    lines = [
        "Zeit; Pair ;PROTOCOL;N;Input;Soup;rice;pie;Noodles;fish;BREAD",
        "früh;Pair 2; Soft ;5; Sun ;2;3;4;6;9;12",
        "früh;#2;FULL;5;RAIN;0,5;0,5;0;;;",
    ]
    found = read(tmp_path, *(line.replace(";", separator) for line in lines), encoding=encoding)
    (guess,) = found.guesses
    assert (guess.pair, guess.protocol, guess.n_samples) == (2, "soft", 5)
    assert guess.rows[0] * 36 == pytest.approx(np.array([12, 9, 6, 4, 3, 2]))
    assert guess.rows[1].tolist() == [0, 0, 0, 0, 0.5, 0.5]
    assert found.notes == ["column 'Zeit' is not used"]


def test_a_form_has_one_line_for_each_guess(tmp_path):
    columns = [f"{name} {label}" for name in COOK.inputs for label in COOK.labels]
    found = read(tmp_path, "Timestamp,pair,throws,protocol," + ",".join(columns), f"now,7,10,hard,{SUN},{RAIN}")
    (guess,) = found.guesses
    assert (guess.pair, guess.n_samples) == (7, 10)
    assert guess.rows[0] * 36 == pytest.approx(np.array([12, 9, 6, 4, 3, 2]))


def test_a_row_near_its_sum_is_divided_by_it_and_the_rest_is_reported(tmp_path):
    found = read(
        tmp_path,
        HEADER,
        "1,hard,5,sun,12,9,6,4,3,1",
        f"1,hard,5,rain,{RAIN}",
        f"1,hard,5,rain,{RAIN}",
        f"2,full,5,sun,{SUN}",
        "2,full,5,rain,,,,,,",
    )
    assert [guess.pair for guess in found.guesses] == [1]
    assert found.guesses[0].rows[0] == pytest.approx(np.array([12, 9, 6, 4, 3, 1]) / 35)
    assert found.notes == [
        "line 2: the row sums to 35, divided by it",
        "line 4 repeats line 3, used once",
        "line 6: pair 2 has no guess for rain after 5 throws",
        "pair 2 after 5 throws is left out: no guess for rain",
    ]


def test_all_that_is_wrong_is_named_at_once(tmp_path):
    path = write(
        tmp_path,
        HEADER,
        f"zero,hard,5,sun,{SUN}",
        f"1,loud,5,sun,{SUN}",
        f"1,hard,few,sun,{SUN}",
        f"1,hard,5,snow,{SUN}",
        "1,hard,5,sun,12,nine,6,4,3,-2",
        "2,hard,5,sun,12,9,6,4,3,9",
        "2,hard,5,rain,1/2,1/0,0,0,0,0",
        f"3,hard,5,sun,{SUN}",
        f"3,hard,5,sun,{RAIN}",
        f"3,full,10,sun,{SUN}",
    )
    with pytest.raises(BookError) as caught:
        answers.read_answers(path, COOK)
    message = str(caught.value)
    assert message.startswith(f"10 problems in {path}:")
    for line, column, allowed, seen in [
        (2, "pair", "the number on the pair's sheets", "'zero'"),
        (3, "protocol", "hard, partial, soft", "'loud'"),
        (4, "n", "a whole number of throws", "'few'"),
        (5, "input", "sun, rain", "'snow'"),
        (6, "fish", "a number such as 9, 0.25", "'nine'"),
        (6, "soup", "a number such as 9, 0.25", "'-2'"),
        (7, "bread", "sum to 1, 36 or 100 within 5 per cent", "(sum 43)"),
        (8, "fish", "a number such as", "'1/0'"),
        (10, "bread", "the same as in line 9", "'6 6 6 6 6 6'"),
        (11, "protocol", "'hard' for pair 3, as in line 9", "'soft'"),
    ]:
        pattern = rf"line {line}, column '{column}': must be .*{re.escape(allowed)}.*, got .*{re.escape(seen)}"
        assert re.search(pattern, message), (line, column)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([""], "must have a line of column names"),
        ([HEADER], "must have a line of column names"),
        (["pair,protocol,n,input,bread", "1,hard,5,sun,3"], "no column 'fish', 'noodles', 'pie', 'rice', 'soup'"),
        ([HEADER.replace("pair", "who"), f"1,hard,5,sun,{SUN}"], "no column 'pair'"),
        ([HEADER + ",Bread", f"1,hard,5,sun,{SUN},3"], "two columns are called 'bread'"),
        ([HEADER, "1,hard,5,sun,0,25,0,25,0,5,0,0,0,0"], "a decimal comma needs ; as separator"),
        ([HEADER, "1,hard,5,sun,,,,,,"], "no complete guess"),
    ],
)
def test_a_file_that_is_no_table_of_answers_is_refused(tmp_path, lines, complaint):
    with pytest.raises(BookError, match=re.escape(complaint)):
        read(tmp_path, *lines)


def test_a_sum_at_the_edge_of_five_per_cent(tmp_path):
    complaints = tables.Complaints(tmp_path)
    columns = ["x", "y"]
    for cells, good in (
        (["0.5", "0.55"], True),
        (["0.5", "0.56"], False),
        (["50%", "45%"], True),
        (["18", "50%"], False),
    ):
        values, _ = tables.distribution(cells, 2, columns, complaints)
        assert bool(values.size) is good
    assert len(complaints.found) == 2


# ---- the commands ----


def test_rehearsal_from_sheets_to_page(tmp_path):
    result = kdcore(tmp_path, "classroom", "sheets", "--pairs", "4")
    assert result.returncode == 0, result.stderr
    sheets = (tmp_path / "classroom-sheets" / "sheets.html").read_text(encoding="utf-8")
    assert sheets.count("<section>") == 8
    assert not re.search(r"(src|href)=|https?://|@import", sheets)
    empty = list(csv.DictReader((tmp_path / "classroom-sheets" / "answers-empty.csv").read_text().splitlines()))
    assert len(empty) == 4 * 3 * 2
    assert [row["protocol"] for row in empty[::6]] == ["hard", "partial", "soft", "hard"]

    assert kdcore(tmp_path, "classroom", "example", "--pairs", "9").returncode == 0
    first = (tmp_path / "answers.csv").read_bytes()
    assert b"SIMULATED" in first.splitlines()[0]
    result = kdcore(tmp_path, "classroom", "compare", "answers.csv")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(report.MARK)
    folder = tmp_path / "classroom-results"
    table = classroom.compare(classroom.risks_of(classroom.simulate_class(COOK, 9, 0), COOK), COOK)
    written = list(csv.DictReader((folder / "classroom-comparison.csv").read_text().splitlines()[1:]))
    assert [float(row["class_mean"]) for row in written] == pytest.approx(
        table["class_mean"].tolist(), rel=1e-4, abs=1e-6
    )
    page = (folder / "classroom-comparison.html").read_text(encoding="utf-8")
    assert report.MARK in page
    assert not re.search(r'(src|href)="(?!#)', page)
    assert f"{table['class_mean'][0]:.3f}" in page

    before = snapshot(folder)
    assert kdcore(tmp_path, "classroom", "example", "--pairs", "9").returncode == 0
    assert (tmp_path / "answers.csv").read_bytes() == first
    assert kdcore(tmp_path, "classroom", "compare", "answers.csv").returncode == 0
    assert snapshot(folder) == before
    assert sorted(before) == [f"classroom-comparison.{ending}" for ending in ("csv", "html", "png", "svg")]


def test_answers_of_people_are_not_written_over(tmp_path):
    path = write(tmp_path, HEADER, f"1,hard,5,sun,{SUN}")
    before = path.read_bytes()
    result = kdcore(tmp_path, "classroom", "example")
    assert result.returncode == 1
    assert "may be the answers of a class" in result.stderr
    assert path.read_bytes() == before
    assert kdcore(tmp_path, "classroom", "sheets", "--pairs", "1").returncode == 0
    filled = tmp_path / "classroom-sheets" / "answers-empty.csv"
    filled.write_text(filled.read_text().replace("sun,,,,,,", f"sun,{SUN}"))
    result = kdcore(tmp_path, "classroom", "sheets", "--pairs", "1")
    assert result.returncode == 1
    assert "has been filled in" in result.stderr


def test_without_the_mark_nothing_says_simulated(tmp_path):
    write(tmp_path, HEADER, f"1,hard,5,sun,{SUN}", f"1,hard,5,rain,{RAIN}")
    result = kdcore(tmp_path, "classroom", "compare", "answers.csv", "-o", "out")
    assert result.returncode == 0, result.stderr
    assert "SIMULATED" not in result.stdout
    assert "SIMULATED" not in (tmp_path / "out" / "classroom-comparison.html").read_text(encoding="utf-8")


def test_a_teacher_of_ones_own(tmp_path):
    lines = ["input;chance;tea;milk;water", "morning;1/2;24;9;3", "evening;0,5;50%;1/4;25%"]
    path = write(tmp_path, *lines, name="mine.csv")
    cook = tables.read_cook(path)
    assert (cook.faces, cook.parts) == ((3, 3), ((24, 9, 3), (18, 9, 9)))
    for step in (["sheets"], ["example", "-o", "a.csv"], ["compare", "a.csv"]):
        result = kdcore(tmp_path, "classroom", *step, "--teacher", "mine.csv")
        assert result.returncode == 0, result.stderr
    sheets = (tmp_path / "classroom-sheets" / "sheets.html").read_text(encoding="utf-8")
    assert "weather" not in sheets
    assert "dish" not in sheets


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["input,chance,tea,milk", "day,6,20,15"], "sums to 35"),
        (["input,chance,tea,milk", "day,4,20,16"], "sum to 6"),
        (["input,chance,tea,milk", "day,6,0.3,0.7"], "line 2, column 'tea': must be a whole number of parts out of 36"),
        (["input,chance,tea,milk", "day,all,x,16"], "2 problems"),
        (["input,chance,tea", "day,6,36"], "two or more different labels"),
    ],
)
def test_a_teacher_that_dice_cannot_be_is_refused(tmp_path, lines, complaint):
    write(tmp_path, *lines, name="mine.csv")
    result = kdcore(tmp_path, "classroom", "sheets", "--teacher", "mine.csv")
    assert result.returncode == 1
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "classroom-sheets").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        ([], 2, "required: STEP"),
        (["compare", "none.csv"], 1, "no file none.csv"),
        (["sheets", "--samples", "10,5"], 2, "must increase"),
        (["example", "--seed", "-1"], 2, "at least 0"),
        (["example", "--habit", "2"], 2, "must be a number from 0 to 1, got '2'"),
    ],
)
def test_wrong_usage_is_explained(tmp_path, arguments, status, complaint):
    result = kdcore(tmp_path, "classroom", *arguments)
    assert result.returncode == status
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_each_sheet_is_one_page_of_a4_and_says_what_its_protocol_says(tab, tmp_path):
    assert kdcore(tmp_path, "classroom", "sheets", "--pairs", "3").returncode == 0
    page = tab.go(tmp_path / "classroom-sheets" / "sheets.html")
    pages = [leaf.extract_text() for leaf in PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages]
    assert len(pages) == 6
    for pair, (for_cook, for_student) in enumerate(zip(pages[::2], pages[1::2], strict=True), start=1):
        assert f"pair {pair}" in for_cook
        assert f"pair {pair}" in for_student
        assert ("Throws out of 36" in for_cook) is (classroom.protocol_of(pair) != "hard")


# ---- the page ----


@pytest.fixture(scope="module")
def address(html):
    return (html / "classroom.html").as_uri()


@pytest.fixture
def visit(tab, address):
    with tab.without_errors() as go:
        yield lambda fragment="": go(address + fragment, width=390, height=844)


# Presses the button where it can be seen; returns what the cook said.
THROW = """(button) => {
    button.scrollIntoView({block: "center", behavior: "instant"});
    const box = button.getBoundingClientRect();
    const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    if (!button.contains(there)) throw new Error(`${there?.outerHTML} lies over the button`);
    there.click();
    return document.querySelector(".kdc-said").innerText;
}"""
# Writes into the fields as one does who can see and change them.
FILL = """(guess) => guess.forEach((row, s) => row.forEach((part, a) => {
    const field = document.getElementById(`kdc-${s}-${a}`);
    if (field.disabled || field.readOnly || !field.checkVisibility({visibilityProperty: true}))
        throw new Error(`${field.outerHTML} takes no number`);
    field.focus();
    field.value = part;
    for (const what of ["input", "change"]) field.dispatchEvent(new Event(what, {bubbles: true}));
}))"""


def throw(page, times=1):
    """Throw as often as asked; return what the cook said."""
    return [page.get_by_role("button", name="Throw the dice").evaluate(THROW) for _ in range(times)]


def play(page, guess, throws=20):
    """Throw and guess as often as asked; return what the cook said."""
    said = []
    for n in range(1, throws + 1):
        said += throw(page)
        if n in classroom.SAMPLES:
            fill(page, guess)
            page.get_by_role("button", name="Write it down").click()
    return said


def fill(page, guess):
    page.evaluate(FILL, guess)


GUESS = [[12, 9, 6, 4, 3, 2], [6, 6, 6, 6, 6, 6]]


def test_the_phones_cook_is_the_cook_of_the_sheets(visit):
    page = visit()
    cook = page.evaluate("kdClassroom.COOK")
    assert (cook["inputs"], cook["labels"], cook["faces"]) == (list(COOK.inputs), list(COOK.labels), list(COOK.faces))
    assert cook["parts"] == [list(row) for row in COOK.parts]
    assert page.evaluate("kdClassroom.STOPS") == list(classroom.SAMPLES)
    pairs = [*range(1, 60), 999_999]
    rows = page.evaluate("(pairs) => pairs.map((pair) => kdClassroom.shuffled(pair))", pairs)
    assert rows == [[list(row) for row in COOK.shuffled(pair).parts] for pair in pairs]
    assert page.evaluate("[1, 2, 3, 4].map(kdClassroom.protocolOf)") == [classroom.protocol_of(k) for k in range(1, 5)]
    far = page.evaluate("(guess) => kdClassroom.distance(guess, kdClassroom.shuffled(5))", GUESS)
    assert far == pytest.approx(float(kd.conditional_tv(np.array(GUESS) / 36, COOK.shuffled(5).teacher)), abs=1e-12)


@pytest.mark.parametrize(("pair", "protocol"), [(1, "hard"), (2, "partial"), (3, "soft")])
def test_a_game_says_what_its_protocol_allows_and_ends_in_lines_that_compare_reads(visit, tmp_path, pair, protocol):
    page = visit(f"#pair={pair}&seed=4")
    page.get_by_role("button", name="Start").click()
    said = play(page, GUESS)
    rows = COOK.shuffled(pair).parts
    counts = np.zeros((2, 6), dtype=int)
    for n, text in enumerate(said, start=1):
        match = re.fullmatch(r"Throw (\d+)\. (\w+): (\w+)(?:, (\d+) of 36)?(?:\. When (\w+): (.*))?\.", text)
        assert match, text
        s, a = COOK.inputs.index(match[2]), COOK.labels.index(match[3])
        assert int(match[1]) == n
        assert rows[s][a] > 0
        assert (match[4] is not None) is (protocol == "partial")
        assert match[4] in (None, str(rows[s][a]))
        assert (match[5] is not None) is (protocol == "soft" and not counts[s].any())
        if match[6]:
            assert match[6] == ", ".join(f"{label} {part}" for label, part in zip(COOK.labels, rows[s], strict=True))
        counts[s, a] += 1
    lines = page.input_value("#kdc-lines")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    path = tmp_path / "pair.csv"
    download.value.save_as(path)
    assert path.read_text() == HEADER + "\n" + lines
    found = answers.read_answers(path, COOK)
    assert [(g.pair, g.protocol, g.n_samples) for g in found.guesses] == [(pair, protocol, n) for n in (5, 10, 20)]
    assert all(np.allclose(g.rows * 36, GUESS) for g in found.guesses)
    risk = classroom.risks_of(found.guesses, COOK)["risk"].tolist()
    shown = [float(node.get_attribute("value")) for node in page.locator(".kdc-result data").all()]
    assert shown == pytest.approx(risk, abs=1e-12)


def test_the_phones_stream_is_that_of_the_sheets_and_fair(visit):
    page = visit()
    drawn = page.evaluate("""() => {
        const next = kdClassroom.uniforms(123);
        return Array.from({ length: 36000 }, next);
    }""")
    assert drawn == list(itertools.islice(classroom.uniforms(123), 36000))
    assert stats.chisquare(np.bincount((np.array(drawn) * 36).astype(int), minlength=36)).pvalue > 1e-4


def test_a_guess_must_sum_to_36_and_steppers_work_by_keyboard(visit):
    page = visit("#pair=4&protocol=partial&seed=1")
    assert page.input_value("#kdc-protocol") == "partial"
    page.get_by_role("button", name="Start").click()
    for _ in range(5):
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "kdc-0-0"
    assert not page.get_by_role("button", name="Throw the dice").is_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    assert page.input_value("#kdc-0-0") == "1"
    page.get_by_role("button", name="one more: bread when sun").click()
    assert page.inner_text("#kdc-left-0") == "34 of 36 left to give"
    page.fill("#kdc-0-1", "many")
    assert page.get_attribute("#kdc-0-1", "aria-invalid") == "true"
    page.get_by_role("button", name="Write it down").click()
    assert "sun and rain must be whole and sum to 36" in page.inner_text(".kdc-guess [role=alert]")
    fill(page, GUESS)
    assert page.inner_text("#kdc-left-1") == "sum 36"
    page.get_by_role("button", name="Write it down").click()
    assert "written down" in page.inner_text(".kdc-said")


def test_a_pair_without_a_number_is_asked_for_it(visit):
    page = visit()
    for text in ("", "0", "x", "1.5"):
        page.evaluate("""() => {
            document.querySelector("#kdc-error").textContent = "";
            document.querySelector("#kdc-pair").removeAttribute("aria-invalid");
        }""")
        page.fill("#kdc-pair", text)
        page.get_by_role("button", name="Start").click()
        assert "whole number from 1 to 999999" in page.inner_text("#kdc-error"), text
        assert page.get_attribute("#kdc-pair", "aria-invalid") == "true", text
        assert not page.locator(".kdc-throw").is_visible(), text


REACHED = """() => [...document.querySelectorAll("pre")].every(
    (e) => (e.scrollWidth <= e.clientWidth && e.scrollHeight <= e.clientHeight) || e.tabIndex >= 0
)"""
"""The theme lets the keyboard reach what scrolls, a moment after the window has changed."""


def test_each_state_is_accessible_and_no_wider_than_the_window(tab, visit):
    page = visit("#pair=3&seed=2")
    page.get_by_role("button", name="Start").click()
    throw(page, 5)
    for last in (False, True):
        if last:
            fill(page, GUESS)
            page.get_by_role("button", name="Write it down").click()
            play(page, GUESS, 5)
            throw(page, 10)
            fill(page, GUESS)
            page.get_by_role("button", name="Write it down").click()
        for width in (1300, 390, 320):
            tab.change_scheme("light")
            assert tab.overflow(width) <= 0, width
            page.wait_for_function(REACHED)
            assert tab.violations() == [], width
            tab.change_scheme("dark")
            assert tab.violations(colours_alone=True) == [], width


def test_without_scripts_the_page_says_what_to_do(browser, address):
    with without_scripts(browser, address) as page:
        assert "The cook needs JavaScript" in page.inner_text("body")


def test_the_page_prints_the_example_that_the_command_writes():
    text = (Project.find().book / "classroom.ipynb").read_text(encoding="utf-8")
    first = classroom.simulate_class(COOK, 24, 0)[0]
    for name, row in zip(COOK.inputs, first.rows, strict=True):
        assert f"1;hard;5;{name};" + ";".join(str(round(36 * float(p))) for p in row) in text
