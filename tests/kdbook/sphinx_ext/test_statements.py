"""The statement map lists every numbered item of the paper, and each anchor is there, once."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from kdbook import pages
from kdbook.execution import notebooks
from kdbook.markup.myst import directives
from kdbook.project import BookError, Project
from kdbook.sphinx_ext.statements import read_statements, statement_table

PROJECT = Project.find()
ENTRIES = read_statements(PROJECT.book)

NUMBERED = (
    ["thm-3-1", "thm-3-2", "thm-4-1", "thm-4-3", "thm-4-4", "thm-5-1", "thm-5-2", "lem-4-2"]
    + [f"lem-e-{k}" for k in range(1, 10)]
    + ["cor-e-10", "prop-h-2", "def-b-1", "def-b-2", "def-h-1"]
    + ["rem-4-5", "rem-6-1", "rem-a-1", "rem-d-1", "rem-g-1"]
    + [f"instance-{k}" for k in range(4)]
    + ["tab-1", *(f"fig-1{panel}" for panel in "abcd"), *(f"fig-2{panel}" for panel in "abcdef")]
)
"""The paper's 42 items, written down here a second time on purpose."""


def anchors(chapter):
    """Every label that the prose of a chapter defines."""
    prose = "\n".join(cell.source for cell in notebooks.read(chapter.path).cells if cell.cell_type == "markdown")
    return re.findall(r"^:(?:label|name): (\S+)$", prose, re.MULTILINE)


DEFINED = {chapter.name: anchors(chapter) for chapter in PROJECT.chapters()}


def test_the_map_has_the_42_items():
    assert len(NUMBERED) == 42
    assert sorted(entry["anchor"] for entry in ENTRIES) == sorted(NUMBERED)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["anchor"])
def test_each_anchor_is_defined_in_its_chapter(entry):
    assert entry["chapter"] in DEFINED, "no such chapter"
    assert entry["anchor"] in DEFINED[entry["chapter"]]


def test_no_label_is_defined_twice():
    counts = Counter(label for labels in DEFINED.values() for label in labels)
    assert [label for label, count in counts.items() if count > 1] == []


def test_the_page_has_a_place_for_the_table_and_is_in_the_book():
    page = pages.of(PROJECT).statement_map
    assert page in PROJECT.pages()
    boxes = list(directives((PROJECT.book / f"{page}.md").read_text(encoding="utf-8")))
    assert [(box.name, box.argument) for box in boxes] == [("container", "cards-by-row"), ("statement-table", "")]


def test_the_table_links_every_item():
    table = statement_table(ENTRIES)
    for entry in ENTRIES:
        assert re.search(rf"ref}}`{re.escape(entry['item'])} <{entry['anchor']}>`", table)
    assert len(table.splitlines()) == 44


def test_a_wrong_entry_is_named(tmp_path):
    (tmp_path / "statements.yml").write_text("- {item: Lemma 9}")
    with pytest.raises(BookError, match="must have the fields anchor, chapter"):
        read_statements(tmp_path)
    (tmp_path / "statements.yml").write_text(
        "- {item: Lemma 9, says: x, anchor: y, chapter: z, checked: [faith], tight: no}"
    )
    with pytest.raises(BookError, match=r"Lemma 9 is checked by \{'faith'\}; known are definition, proof"):
        read_statements(tmp_path)
