"""Numbers that pages, slides and notes state by hand are those that the package computes."""

from __future__ import annotations

import json
import math
import re

import pytest

import kdcore as kd
from kdbook.project import Project

BOOK = Project.find().book


def cells(chapter):
    return json.loads((BOOK / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]


def sources(chapter, kind="markdown"):
    return ["".join(cell["source"]) for cell in cells(chapter) if cell["cell_type"] == kind]


def printed(chapter):
    """Return all text that the cells of a chapter print."""
    outputs = [output for cell in cells(chapter) for output in cell.get("outputs", [])]
    return "\n".join("".join(output.get("text", output.get("data", {}).get("text/plain", ""))) for output in outputs)


def test_the_title_page_counts_samples_with_the_best_constants():
    """S = 100, A = 25, error 0.01; the third is also where the exact minimax risk crosses 0.01."""
    n_inputs, n_labels, error = 100, 25, 0.01
    text = (BOOK / "index.md").read_text(encoding="utf-8")
    found = re.findall(r"\| \$([\d.]+) \\times 10\^\{(\d)\}\$ \|", text)
    stated = [float(digits) * 10 ** int(power) for digits, power in found]
    constant = kd.bounds.uniform_fill_constant().value
    computed = [
        n_inputs * (n_labels - 1) / (2 * math.pi * error**2),
        constant * n_inputs * n_labels / error,
        (1 - 1 / n_labels) * (n_inputs - 1) / (math.e * error),
    ]
    assert stated == [float(f"{number:.1e}") for number in computed]
    story = (BOOK / "story.md").read_text(encoding="utf-8")
    words = re.search(r"counter needs ([\d.]+) million calls, the matcher\s+([\d ]+), and the copier ([\d ]+)\.", story)
    in_story = [float(words[1]) * 1e6, *(float(number.replace(" ", "")) for number in words.groups()[1:])]
    assert in_story == stated
    sizes = {"n_inputs": n_inputs, "n_labels": n_labels}
    hard = kd.Teacher([1 / n_inputs] * n_inputs, [[1 / n_labels] * n_labels] * n_inputs)
    assert kd.expected_risk(hard, round(computed[0]), "ce_sgl") == pytest.approx(error, rel=0.01)
    assert kd.bounds.soft_minimax(**sizes, n_samples=round(computed[2])) == pytest.approx(error, rel=0.01)
    # the constant for partial labels is a limit for many labels; a lower bound for 25 is below it, and near
    assert 0.85 * error < kd.bounds.partial_lower(**sizes, n_samples=round(computed[1])) < error


def test_the_slide_of_table_1_has_the_numbers_of_its_chapter():
    slide = next(text for text in sources("table-1") if text.startswith("## The room that bounds leave"))
    rows = [re.findall(r"0\.\d{3}", line) for line in slide.splitlines() if line.startswith("|")]
    output = printed("table-1")
    names = ("counter", "matcher", "same, two-point teacher", "copier")
    computed = [re.search(rf"^{name} +(0\.\d+) +(0\.\d+) +(0\.\d+)$", output, re.MULTILINE) for name in names]
    assert [row for row in rows if row] == [list(match.groups()) for match in computed]
    minimax = kd.bounds.soft_minimax(n_inputs=64, n_labels=65, n_samples=200 * 64 * 65) * 200 * 65
    assert f"every student: {minimax:.4f}" in output
    assert any(f"they are equal: {minimax:.4f}" in text for text in sources("table-1"))


def test_the_slide_on_confidence_says_what_is_proved_and_what_was_found():
    output = printed("tools")
    assert "K = 2: at most 0.28 delta here, 0.50 delta proved" in output
    slide = next(text for text in sources("tools") if text.startswith("## Confidence need not cost more"))
    assert r"$\frac12\delta$" in slide
    assert r"$n=3$, $\delta=0.9$: $0.28\,\delta$" in slide
    assert "0.15" not in slide


def test_no_page_says_that_pairs_or_a_parity_are_needed():
    text = "\n".join(sources("errata"))
    assert "pairs are needed" not in text
    for label in ("thm-3-1", "thm-4-1", "thm-5-1"):
        assert label in next(line for line in text.splitlines() if line.startswith("| 7 |"))
