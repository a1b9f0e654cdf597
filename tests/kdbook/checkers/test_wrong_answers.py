"""Every checker refuses wrong answers and says why; a label without a wrong answer fails."""

from __future__ import annotations

import importlib
import pkgutil
from fractions import Fraction

import numpy as np
import pytest

import kdcore as kd
from kdbook.checkers import labels
from tests.kdbook.checkers import wrong

MODULES = [importlib.import_module(f"{wrong.__name__}.{m.name}") for m in pkgutil.iter_modules(wrong.__path__)]
WRONG = {label: answers for module in MODULES for label, answers in module.WRONG.items()}
CASES = [
    pytest.param(label, answer, words, id=f"{label}-{words[:20]}")
    for label, answers in WRONG.items()
    for answer, words in answers
]


def boom(*_):
    raise ZeroDivisionError("for this test")


JUNK = [
    "text",
    "",
    0,
    -1.5,
    np.nan,
    np.inf,
    True,
    3j,
    [],
    (),
    {},
    set(),
    object(),
    kd,
    [1, [2, 3]],
    b"x",
    Fraction(1, 7),
]
JUNK += [np.zeros((2, 3)), np.array(["a"]), np.array([]), lambda: 1, lambda *_: "text", lambda *_: np.nan, boom, len]
JUNK += [lambda *_: [], lambda *_: {}, lambda *_: np.zeros((2, 2)), (1, 2), ("a", "b"), (np.nan,) * 3, {"a": 1}]


@pytest.mark.parametrize("label", labels())
def test_each_label_has_a_wrong_answer(label):
    assert WRONG.get(label)


def test_wrong_answers_are_to_labels_that_are_checked_and_stand_in_the_module_of_their_prefix():
    assert set(WRONG) == set(labels())
    for module in MODULES:
        assert {label.split("-")[1] for label in module.WRONG} == {module.__name__.rpartition(".")[2]}


@pytest.mark.parametrize(("label", "answer", "words"), CASES)
def test_a_wrong_answer_is_refused_with_what_is_wrong(label, answer, words):
    verdict = kd.check(label, answer)
    assert not verdict
    assert verdict.answered
    assert words in verdict.message


@pytest.mark.parametrize("label", labels())
def test_no_answer_makes_a_checker_fail_itself(label):
    for junk in JUNK:
        verdict = kd.check(label, junk)
        assert verdict.message
        assert "\n" not in repr(verdict)


@pytest.mark.parametrize("label", labels())
@pytest.mark.parametrize("blank", [..., None])
def test_blanks_are_not_answered_yet(label, blank):
    verdict = kd.check(label, blank)
    assert (verdict.right, verdict.answered) == (False, False)
