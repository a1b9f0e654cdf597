"""The plans of the seminar add up: minutes follow one another and sum to the length that the page promises."""

from __future__ import annotations

import ast
import builtins
import re

import pytest

from kdbook.execution import notebooks
from kdbook.project import Project

PROJECT = Project.find()
PLANS = {"seminar": [15, 15], "seminar-hour": [60], "seminar-sessions": [90, 90, 90], "seminar-workshop": [240]}
IN_WORDS = {60: "sixty minutes"}
_HEAD = re.compile(r"^\| *(?:Start|Minute) *\| *(?:Length|Minutes) *\|")
_TIME = re.compile(r"(?:(\d+):)?(\d+)")


def read_plans(text):
    """Return, for each plan in a page, the last heading before it, and ``(start, length)`` of each of its rows."""
    plans, heading, rows = [], "", None
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line
        if _HEAD.match(line):
            rows = []
            plans.append((heading, rows))
        elif not line.startswith("|"):
            rows = None
        elif rows is not None and not line.startswith("|-"):
            start, length = (cell.strip() for cell in line.split("|")[1:3])
            hours, minutes = _TIME.fullmatch(start).groups()
            rows.append((60 * int(hours or 0) + int(minutes), int(length)))
    return plans


def problems(rows):
    """Say where minutes overlap or are missing."""
    said, now = [], 0
    for start, length in rows:
        if start != now:
            said.append(f"minute {start} follows minute {now}")
        if length <= 0:
            said.append(f"nothing lasts {length} minutes")
        now = start + length
    return said


def page(name):
    path = PROJECT.book / f"{name}.md"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    cells = notebooks.read(PROJECT.book / f"{name}.ipynb").cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_adds_up_to_the_length_that_its_page_promises(name):
    plans = read_plans(page(name))
    assert [sum(length for _, length in rows) for _, rows in plans] == PLANS[name]
    assert [problems(rows) for _, rows in plans] == [[] for _ in plans]
    for (heading, _), length in zip(plans, PLANS[name], strict=True):
        assert f"{length} minutes" in heading or IN_WORDS.get(length, "no words") in page(name)


def test_every_part_of_the_workshop_is_explained_in_order():
    text = page("seminar-workshop")
    [(_, rows)] = read_plans(text)
    explained = [60 * int(h) + int(m) for h, m in re.findall(r"^### (\d):(\d\d) ", text, re.MULTILINE)]
    breaks = [start for start, _ in rows if start not in explained]
    assert explained == sorted(explained)
    assert set(explained) <= {start for start, _ in rows}
    assert len(breaks) <= 1


def test_every_part_of_the_sessions_is_explained():
    text = page("seminar-sessions")
    for part, (_, rows) in zip(text.split("\n## Session ")[1:], read_plans(text), strict=True):
        explained = {60 * int(h) + int(m) for h, m in re.findall(r"^\*\*(\d):(\d\d) ", part, re.MULTILINE)}
        assert explained | {rows[-1][0]} == {start for start, _ in rows}


def test_the_demonstration_has_the_names_and_numbers_of_its_chapter():
    _, _, rest = page("seminar").partition("(sec-seminar-box)=")
    told, _, _ = rest.partition("\n(sec-")
    [code] = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    cells = [cell for cell in notebooks.read(PROJECT.book / "black-box.ipynb").cells if cell.cell_type == "code"]
    used, defined = bindings(code), bindings("\n".join(cell.source for cell in cells))
    assert used[ast.Load] <= used[ast.Store] | defined[ast.Store] | set(dir(builtins))
    stored = [o.data["text/plain"] for cell in cells for o in cell.outputs if "text/plain" in o.get("data", {})]
    numbers = [float(n.replace(",", "")) for text in stored for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]
    quoted = re.findall(r"(?<![\d.])(?:0\.\d{3,4}|\d{1,2} ?\d{3})(?![\d.]*\d)", told)
    assert len(quoted) > 8
    for number in quoted:
        digits = len(number.partition(".")[2])
        assert float(number.replace(" ", "")) in [round(n, digits) for n in numbers], number


def bindings(code):
    """Return the names that code reads and those that it defines."""
    names = {ast.Load: set(), ast.Store: set()}
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Name) and type(node.ctx) in names:
            names[type(node.ctx)].add(node.id)
        elif isinstance(node, ast.FunctionDef):
            names[ast.Store].add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names[ast.Store].update(alias.asname or alias.name for alias in node.names)
    return names


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("| 0:06 | 5 | late | |", "minute 6 follows minute 5"),
        ("| 0:04 | 5 | early | |", "minute 4 follows minute 5"),
        ("| 5 | 0 | never | |", "nothing lasts 0 minutes"),
    ],
)
def test_a_plan_that_does_not_add_up_is_noticed(row, complaint):
    head = "## A plan\n\n| Start | Length | What | With |\n|--:|--:|:--|:--|"
    text = f"{head}\n| 0:00 | 5 | first | |\n{row}\n\n| 9 | 9 |\n"
    [(heading, rows)] = read_plans(text)
    assert heading == "## A plan"
    assert problems(rows) == [complaint]
