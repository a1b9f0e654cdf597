"""Parameters of chapters: the cell is read as written, and what a chapter cannot use is refused in one line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from kdbook.execution import notebooks
from kdbook.execution.parameters import Parameter, check_values, parse_value, read_parameters
from kdbook.project import BookError, Project
from tests.mini import kdcore, write_book

SOURCE = """\
n_inputs = 10  # S [>= 2]
n_labels = 11  # A, in pairs and one more [odd, >= 3]
n_first = 60  # smallest n [>= n_inputs * (n_labels - 1) / 2 - 1, < n_last]
n_last = 1_000
delta = 0.05  # how often a bound may fail [> 0, <= 0.1]
name = "first"  # of the run
fast = True
"""
PROJECT = Project.find()


def parameters(source: str = SOURCE) -> list[Parameter]:
    cell = new_code_cell(source, metadata={"tags": ["parameters"]})
    return read_parameters(new_notebook(cells=[new_code_cell("x = 1"), cell]), "trial")


def refusal(values: dict, source: str = SOURCE) -> str:
    with pytest.raises(BookError) as error:
        check_values(parameters(source), values, "trial")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_cell_is_read_as_written():
    first, second, *_, last = parameters()
    assert first == Parameter("n_inputs", "int", 10, "S", (">= 2",))
    assert second == Parameter("n_labels", "int", 11, "A, in pairs and one more", ("odd", ">= 3"))
    assert last == Parameter("fast", "bool", True, "", ())
    assert [p.type for p in parameters()] == ["int", "int", "int", "int", "float", "str", "bool"]
    assert parameters()[3].default == 1000


def test_a_chapter_without_the_cell_has_no_parameters():
    assert read_parameters(new_notebook(cells=[new_code_cell("x = 1")]), "trial") == []
    with pytest.raises(BookError, match=re.escape("chapter 'trial' has no parameter 'x'; it has: none")):
        check_values([], {"x": 1}, "trial")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("n = ", "the parameters cell is not Python"),
        ("print(1)", "line 1 of its parameters cell must read 'name = value  # help'"),
        ("n = 3\nn, m = 1, 2", "line 2 of its parameters cell must read"),
        ("n = 3 * k", "the default of n must be a plain value"),
        ("n = [1, 2]", "the default of n is a list, not int, float, str, bool"),
        ("n = 3  # how many [positive]", "rule 'positive' of n must be odd, even, or a comparison"),
        ("n = 3  # how many [>= 1", "the comment of n must end in [rules], got 'how many [>= 1'"),
        ("n = 3  # how many [>= n[0]]", "the comment of n must end in [rules]"),
        ("n = 3  # how many [>= ]", "rule '>=' of n must be odd, even, or a comparison"),
    ],
)
def test_a_cell_of_another_form_is_named(source, message):
    with pytest.raises(BookError, match=re.escape(f"chapter 'trial': {message}")):
        parameters(source)


def test_values_take_the_type_of_the_default():
    given_values = {"n_last": 1e6, "delta": 0.1, "name": "x", "fast": False}
    checked = check_values(parameters(), given_values, "trial")
    assert check_values(parameters(), {"n_last": "1e3"}, "trial") == {"n_last": 1000}  # as YAML reads it
    assert checked == {"n_last": 1_000_000, "delta": 0.1, "name": "x", "fast": False}
    assert type(checked["n_last"]) is int
    assert check_values(parameters("x = 0.5"), {"x": 2}, "trial") == {"x": 2.0}
    assert type(check_values(parameters("x = 0.5"), {"x": 2}, "trial")["x"]) is float


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"n_imputs": 3}, "has no parameter 'n_imputs' (did you mean n_inputs?); it has: n_inputs, n_labels, n_first"),
        ({"zzz": 3}, "has no parameter 'zzz'; it has: n_inputs"),
        ({"n_inputs": -3}, "n_inputs must be >= 2, got -3 (S)"),
        ({"n_inputs": 2.5}, "n_inputs must be of type int, >= 2, got 2.5 (float); it is S, 10 by default"),
        ({"n_inputs": "many"}, "n_inputs must be of type int, >= 2, got 'many' (str)"),
        ({"n_inputs": True}, "n_inputs must be of type int, >= 2, got True (bool)"),
        ({"fast": 1}, "fast must be of type bool, got 1 (int)"),
        ({"n_labels": 12}, "n_labels must be odd, got 12 (A, in pairs and one more)"),
        ({"n_first": 48}, "n_first must be >= n_inputs * (n_labels - 1) / 2 - 1 = 49, got 48 (smallest n)"),
        ({"n_inputs": 30}, "n_first must be >= n_inputs * (n_labels - 1) / 2 - 1 = 149, got 60 (smallest n)"),
        ({"n_last": 60}, "n_first must be < n_last = 60, got 60 (smallest n)"),
        ({"delta": 0}, "delta must be > 0, got 0.0"),
        ({"delta": float("nan")}, "delta must be a finite number, got nan"),
        ({"delta": float("inf")}, "delta must be a finite number, got inf"),
        ({"n_inputs": 10**400}, "n_first must be >= n_inputs * (n_labels - 1) / 2 - 1, where int too large"),
        ({"delta": 0.2}, "delta must be <= 0.1, got 0.2"),
    ],
)
def test_what_a_chapter_cannot_use_is_refused_in_one_line(values, message):
    assert f"chapter 'trial'{'' if message.startswith('has') else ':'} {message}" in refusal(values)


@pytest.mark.parametrize("rule", ["> __import__('os').getpid()", "> n ** 2", "> unknown", "> n(0)", "> 'a'"])
def test_a_rule_computes_nothing_but_arithmetic(rule):
    assert "a rule may hold numbers, parameters and + - * / only" in refusal({}, f"n = 3  # how many [{rule}]")


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 50))
def test_rules_are_pythons_arithmetic(a, b, c):
    known = parameters(f"a = {a}\nb = {b}\nc = {c}\nx = 0.5  # [>= -a * (b - 2) / c + 3]")
    limit = -a * (b - 2) / c + 3
    assert check_values(known, {"x": limit}, "trial") == {"x": limit}
    with pytest.raises(BookError):
        check_values(known, {"x": limit - 1e-3}, "trial")


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("1_000", 1000), ("1e6", 1e6), ("-0.5", -0.5), ("true", True), ("False", False), ("'a b'", "a b")],
)
def test_texts_of_the_command_line_are_literals(text, value):
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@pytest.mark.parametrize("text", ["{[]: 1}", "(" * 300, "", "1 +", "\x00"])
def test_a_text_that_is_no_value_is_a_text(text):
    assert parse_value(text) == text


@given(st.text(alphabet="abcxyz -./", min_size=1))
def test_any_other_text_is_itself(text):
    assert parse_value(text) == text or parse_value(text) == eval(text, {}, {})


@pytest.fixture(scope="module")
def profiles():
    return [PROJECT.profile(name) for name in PROJECT.profiles()]


@pytest.mark.parametrize("chapter", PROJECT.chapters(), ids=lambda chapter: chapter.name)
def test_each_parameter_of_the_book_has_a_line_of_help_and_fits_its_rules_in_each_profile(chapter, profiles):
    known = read_parameters(notebooks.read(chapter.path), chapter.name)
    assert known
    for parameter in known:
        assert len(parameter.help) >= 1, parameter.name
        assert parameter.rules, f"{parameter.name} may be anything?"
    for profile in profiles:
        values = profile.get(chapter.name, {})
        assert check_values(known, values, chapter.name) == values


def test_a_chapter_is_found_by_number_name_file_or_title(tmp_path):
    project = Project(write_book(tmp_path / "book"))
    for text in (
        "2",
        "second",
        "Second",
        "second.ipynb",
        "book/second.ipynb",
        "./book/second.ipynb",
        "sec",
        " SECOND ",
    ):
        assert project.chapter(text).name == "second", text
    for text in ("3", "0", "third", "", "s"):
        with pytest.raises(BookError) as error:
            project.chapter(text)
        assert "second               Second" in str(error.value)
    assert "may be any of these" in str(error.value)  # 's' is in both names


def test_a_wrong_parameter_stops_a_build_before_anything_runs(tmp_path):
    root = write_book(tmp_path / "book")
    for arguments, complaint in [
        (["--set", "first.n=0"], "n must be >= 1, got 0 (how many)"),
        (["--set", "first.m=0"], "has no parameter 'm'"),
        (["--set", "third.n=4"], "no chapter 'third'"),
        (["--set", "n=4"], "--set must read CHAPTER.PARAM=VALUE"),
        (["--set", "*.m=4"], "no chapter that matches '*' has a parameter 'm'"),
        (["--only", "third"], "no chapter 'third'"),
        (["--only", "secnd"], "no chapter 'secnd' (did you mean second?)"),
        (["--only", ","], "--only needs names of chapters"),
        (["--share"], "--share needs --scheduler"),
    ]:
        result = kdcore(root, "build", *arguments)
        assert result.returncode == 1
        assert complaint in result.stderr
        assert "Traceback" not in result.stderr
        assert not (root / "_build" / "executed").exists()
