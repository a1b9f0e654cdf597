"""Table 1, extended: one list, whose links lead somewhere and whose numbers are those of kdcore."""

from __future__ import annotations

import re

import pytest
import yaml

import kdcore as kd
from kdbook.execution import notebooks
from kdbook.markup.myst import directives
from kdbook.project import BookError, Project
from kdbook.sphinx_ext.tables.limits import CELLS, DISTANCES, FILE, limits_table, read_limits

PROJECT = Project.find()
ROWS = read_limits(PROJECT.book)
KNOWN = [
    (row["protocol"], distance, name, cell)
    for row in ROWS
    for distance in DISTANCES
    for name, cell in row[distance].items()
    if cell["status"] != "open"
]


@pytest.fixture(scope="module")
def labels():
    prose = "\n".join(
        cell.source
        for chapter in PROJECT.chapters()
        for cell in notebooks.read(chapter.path).cells
        if cell.cell_type == "markdown"
    )
    return set(re.findall(r"^:(?:label|name): (\S+)$", prose, re.MULTILINE))


def test_six_protocols_and_two_distances_each_with_four_cells():
    assert len(ROWS) == 6
    assert len({row["protocol"] for row in ROWS}) == 6
    for distance in DISTANCES:
        lines = limits_table(ROWS, distance).splitlines()
        assert len(lines) == 8
        assert all(len(re.split(r"(?<!\\)\|", line)) == len(CELLS) + 3 for line in lines)


def test_every_link_leads_to_a_statement_or_a_reference(labels):
    references = (PROJECT.book / "references.bib").read_text(encoding="utf-8")
    for protocol, distance, name, cell in KNOWN:
        where = f"{protocol}, {distance}, {name}: {cell['at']}"
        assert f"{{{cell['at']}," in references if cell["status"] == "cited" else cell["at"] in labels, where


def test_the_numbers_are_those_of_kdcore():
    bounds = kd.bounds
    right = {
        ("Text", "tv"): [bounds.hard_sharp_constant(n_labels=2) * 2**0.5],
        ("Number", "tv"): [bounds.partial_constant().value],
        ("Number and top $k$", "tv"): [bounds.partial_constant().value],
        ("Number", "kl"): [bounds.partial_kl_constant()],
        ("Number and top $k$", "kl"): [bounds.partial_kl_constant()],
    }
    for (protocol, distance), values in right.items():
        (cells,) = [row[distance] for row in ROWS if row["protocol"] == protocol]
        shown = re.findall(r"0\.\d{4}", cells["constant"]["says"])
        assert [float(number) for number in shown] == [pytest.approx(value, abs=5e-5) for value in values]
    for protocol in ("Number", "Number and top $k$"):
        (cells,) = [row["kl"] for row in ROWS if row["protocol"] == protocol]
        low, high = (float(re.search(r"0\.\d{4}", cells[name]["says"])[0]) for name in ("lower", "upper"))
        assert low <= bounds.partial_kl_constant() <= high  # rounded so that both bounds stay true


def test_the_sheet_and_the_page_show_both_tables():
    for page in ("summary", "table-1-extended"):
        boxes = list(directives((PROJECT.book / f"{page}.md").read_text(encoding="utf-8")))
        assert [box.argument for box in boxes if box.name == "limits-table"] == list(DISTANCES), page


def written(tmp_path, change):
    rows = yaml.safe_load((PROJECT.book / FILE).read_text(encoding="utf-8"))
    change(rows[0])
    (tmp_path / FILE).write_text(yaml.safe_dump(rows))
    return tmp_path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row.pop("shows"), "a row must have the fields kl, protocol, shows, tv: Text has"),
        (lambda row: row["tv"].pop("exact"), "tv of a row must have the fields constant, exact, lower, upper: Text"),
        (lambda row: row["tv"].update(exact={"status": "true"}), "Text, tv, exact is 'true'; known are proved, cited"),
        (
            lambda row: row["kl"].update(lower={"status": "proved", "says": "x"}),
            "Text, kl, lower is proved, so it must",
        ),
        (lambda row: row["kl"].update(lower={"says": "x"}), "a cell has the fields at, says, status, words: Text, kl"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, change, message):
    with pytest.raises(BookError, match=re.escape(message)):
        read_limits(written(tmp_path, change))
