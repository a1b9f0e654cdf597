"""Verdicts, and what is said of answers of each kind."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest

import kdcore as kd
from kdbook.checkers import Verdict, compare, registry
from kdbook.checkers.functions import call, function
from kdbook.checkers.registry import checker
from kdbook.checkers.verdict import Blank, Wrong


def why(rule, *arguments, **options):
    """What a helper says of a wrong answer."""
    with pytest.raises(Wrong) as caught:
        rule(*arguments, **options)
    return str(caught.value)


def divides(n):
    rest = n - 3
    return 1 / rest


def test_a_verdict_is_true_when_right_and_shows_label_mark_and_message():
    right, wrong = Verdict("ex-a-1", True, "right"), Verdict("ex-a-1", False, "too large")
    blank = Verdict("ex-a-1", False, "not answered yet", answered=False)
    assert (bool(right), bool(wrong), bool(blank)) == (True, False, False)
    assert [repr(v) for v in (right, wrong, blank)] == [
        "ex-a-1 ✓ right",
        "ex-a-1 ✗ too large",
        "ex-a-1 … not answered yet",
    ]
    assert str(right) == repr(right)
    with pytest.raises(dataclasses.FrozenInstanceError):
        right.right = False


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("ex-hard-1.11", "near it are ex-hard-1.1"),
        ("ex-hrad-1.1", "near it are ex-hard-1.1"),
        ("hard-2.3", "ex-hard-2.3"),
        ("nothing like it", "'ex-setting-1' or 'ex-hard-2.3'"),
        ("", "'ex-setting-1'"),
        (3, "no exercise is checked under 3"),
        (None, "under None"),
    ],
)
def test_an_unknown_label_is_refused_with_those_near_it(label, words):
    with pytest.raises(ValueError, match=r"no exercise is checked under") as caught:
        kd.check(label, 1)
    assert words in str(caught.value)


def test_kdcore_has_no_other_lazy_names():
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        kd.chek  # noqa: B018


@pytest.mark.parametrize("label", ["hard-1", "ex-hard", "ex-hard-1.", "ex-Hard-1", "ex-hard-1.2.3"])
def test_a_checker_needs_a_label_of_the_right_form(label):
    with pytest.raises(ValueError, match="a label looks like"):
        checker(label)


def test_a_checker_stands_in_the_module_of_its_prefix_and_is_the_only_one(monkeypatch):
    monkeypatch.setattr(registry, "_CHECKERS", {})

    def rule(answer):
        return None

    with pytest.raises(ValueError, match=r"belongs into by_chapter/hard\.py, not test_check\.py"):
        checker("ex-hard-9")(rule)
    rule.__module__ = "kdbook.checkers.by_chapter.hard"
    checker("ex-hard-9")(rule)
    with pytest.raises(ValueError, match="has a checker already"):
        checker("ex-hard-9")(rule)
    assert repr(kd.check("ex-hard-9", 0)) == "ex-hard-9 ✓ right"


@pytest.mark.parametrize(
    ("answer", "part"), [(None, ""), (..., ""), ((1, ...), ": part 2"), ([None, 1], ": part 1"), ({"a": ...}, ": a")]
)
def test_blanks_are_found_wherever_they_are(answer, part):
    with pytest.raises(Blank) as caught:
        compare.no_blank(answer)
    assert str(caught.value) == f"not answered yet{part}"


@pytest.mark.parametrize("answer", [0.5, np.float32(0.5), np.array(0.5), Fraction(1, 2), "sympy", 0.5005, 0.4995])
def test_a_number_may_come_in_many_types_and_with_three_digits(answer):
    if answer == "sympy":
        answer = pytest.importorskip("sympy").Rational(1, 2)  # here, as every process imports this file
    assert compare.number(answer, 0.5) == pytest.approx(0.5, rel=1.1e-3)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("0.5", "a number is asked for, got the text '0.5'"),
        (True, "got True of type bool"),
        (1 + 1j, "got (1+1j) of type complex"),
        ([0.5], "got a list of length 1"),
        (np.zeros(3), "got an array of shape (3,)"),
        (abs, "got a function"),
        (np.nan, "it is NaN"),
        (0.25, "0.25: divided twice"),
        (0.505, "is close, but off by more than rounding"),
        (0.6, "0.6 is too large"),
        (-math.inf, "-inf is too small"),
        (10**400, "inf is too large"),
    ],
)
def test_what_is_wrong_with_a_number(answer, words):
    said = why(compare.number, answer, 0.5, mistakes=[(0.25, "divided twice")])
    assert words in said
    assert "0.5 " not in said.replace("0.505 ", "")  # the right value is not told


def test_integers_are_hit_exactly():
    assert compare.integer(np.int64(3), 3) == compare.integer(3.0, 3) == 3
    assert why(compare.integer, 3.001, 3) == "an integer is asked for, got 3.001"
    assert "too large" in why(compare.integer, 1_000_001, 1_000_000)
    assert why(compare.integer, 4, 3, mistakes=[(4, "one less")]).endswith("one less")


def test_choices_say_why_another_is_not_right():
    hints = {"hard": "it is told no probability"}
    assert compare.choice("soft", "soft", hints) == "soft"
    assert why(compare.choice, "hard", "soft", hints) == "'hard': it is told no probability"
    assert why(compare.choice, "sfot", "soft", hints) == "one of 'hard', 'soft' is asked for, got 'sfot'"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("text", "an array of numbers is asked for, got the text"),
        ([[1], [2, 3]], "an array of numbers is asked for, got a list of length 2"),
        ([1, 2], "the shape must be (2, any), got (2,)"),
        ([[1.0], [np.nan]], "it holds NaN at [1, 0]"),
    ],
)
def test_what_is_wrong_with_an_array(answer, words):
    assert words in why(compare.as_array, answer, (2, None))


def test_arrays_are_compared_entry_by_entry():
    right = [[0.5, 0.5], [0.25, 0.75]]
    assert compare.array(right, right).shape == (2, 2)
    assert why(compare.array, [[0.5, 0.5], [0.75, 0.25]], right) == (
        "2 of 4 entries are wrong; the first at [1, 0] is 0.75"
    )
    flipped = np.flip(right, axis=1)
    assert why(compare.array, flipped, right, mistakes=[(flipped, "turned around")]) == "turned around"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([[0.5, 0.5], [0.5, 0.6]], "the row at [1] sums to 1.1, not to 1"),
        ([0.5, 0.4], "it sums to 0.9, not to 1"),
        ([1.5, -0.5], "a probability is negative at [1]"),
        (1.0, "got one number"),
    ],
)
def test_what_is_wrong_with_probabilities(answer, words):
    assert words in why(compare.probabilities, answer)


def test_several_values_come_as_a_tuple_in_order_or_as_a_dict():
    rules = {"low": lambda v: compare.number(v, 1), "high": lambda v: compare.number(v, 2)}
    compare.named((1, 2), rules)
    compare.named({"high": 2, "low": 1}, rules)
    assert why(compare.named, (2, 1), rules) == "low: 2 is too large"
    assert "2 values are asked for (low, high), got 3" in why(compare.named, (1, 2, 3), rules)
    assert "2 values are asked for (low, high), got 1 of type int" in why(compare.named, 1, rules)
    assert "must have the keys low, high, got low" in why(compare.named, {"low": 1}, rules)
    with pytest.raises(Blank, match="not answered yet: high"):
        compare.named((1, ...), rules)


SQUARE = {"cases": [(1.0,), (2.0,), (3.0,)], "right": lambda n: n**2, "names": ["n"]}


def test_functions_are_compared_case_by_case():
    function(lambda n: n * n, **SQUARE)
    function(np.square, **SQUARE)
    function(lambda n: [n, n], cases=[(1,), (2,)], right=lambda n: np.array([n, n]))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (4, "a function is asked for, got 4 of type int"),
        (lambda: 1, "must take 1 argument (n), but it is your function()"),
        (divides, "divides(n=3) raises ZeroDivisionError: float division by zero, in the line `return 1 / rest`"),
        (lambda n: None if n == 2 else n * n, "your function(n=2) gives None: does the function end with a return?"),
        (lambda n: np.nan, "your function(n=1) gives NaN"),
        (lambda n: "text", "your function(n=1) must give numbers, got the text 'text'"),
        (lambda n: [n, n], "your function(n=1) must give a number, got shape (2,)"),
        (lambda n: 2 * n * n, "it gives twice the right value for every input"),
        (lambda n: -n * n, "wrong sign"),
        (lambda n: n, "wrong for 2 of 3 inputs; your function(n=2) gives 2"),
        (lambda n: n**2 + 1, "wrong for every input; your function(n=1) gives 2"),
        (lambda n: n**3, "a cube"),
    ],
)
def test_what_is_wrong_with_a_function(answer, words):
    said = why(function, answer, **SQUARE, mistakes=[(lambda n: n**3, "a cube")])
    assert words.replace("float division", "division") in said.replace("float division", "division")


def test_a_function_without_a_body_is_a_blank():
    def dots(n): ...

    def told(n):
        """Return the square."""

    def returns(n):
        return ...

    for blank in (dots, told, returns):
        with pytest.raises(Blank):
            call(blank, 1)


def test_a_function_cannot_change_what_the_next_case_gets():
    data = np.array([1.0, 2.0])

    def spoil(values):
        values[:] = 0
        return 1

    call(spoil, data)
    assert data.tolist() == [1, 2]


def test_warnings_of_an_answer_are_not_errors():
    assert call(lambda n: np.divide(1.0, n), np.zeros(1)) == np.inf
