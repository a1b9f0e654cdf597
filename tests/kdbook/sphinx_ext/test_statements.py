"""The list of statements: every numbered item of the paper, each anchor once, and nothing that contradicts itself."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from kdbook import pages
from kdbook.markup.myst import directives
from kdbook.project import BookError
from kdbook.sphinx_ext.statements.directives import list_of_uses, statement_table
from kdbook.sphinx_ext.statements.listed import only, read_statements, users
from tests.committed import PROJECT, TEXTS

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


DEFINED = {
    name: re.findall(r"^:(?:label|name): (\S+)$", "\n".join(texts), re.MULTILINE) for name, texts in TEXTS.items()
}
"""Every label that the prose of a chapter defines."""
DEFINED["instructor"] = re.findall(r"^:label: (\S+)$", (PROJECT.book / "instructor.md").read_text(), re.MULTILINE)
ENTRY = "{{item: Lemma {0}, says: x, anchor: lem-{0}, chapter: z, checked: [proof], uses: [{1}], ours: true}}"


def test_the_list_has_the_42_items_and_more():
    assert len(NUMBERED) == 42
    assert sorted(one.anchor for one in ENTRIES if not one.ours) == sorted(NUMBERED)
    assert [one.ours for one in ENTRIES] == sorted(one.ours for one in ENTRIES), "the paper's come first"
    chapters = [PROJECT.pages().index(one.chapter) for one in ENTRIES if one.ours]
    assert len(chapters) >= 65
    assert chapters == sorted(chapters), "the book's own stand in the order of the pages"


@pytest.mark.parametrize("one", ENTRIES, ids=lambda one: one.anchor)
def test_each_anchor_is_defined_in_its_chapter(one):
    assert one.chapter in DEFINED, "no such chapter"
    assert one.anchor in DEFINED[one.chapter]
    assert set(one.also) <= set().union(*DEFINED.values())


def test_no_label_is_defined_twice():
    counts = Counter(label for labels in DEFINED.values() for label in labels)
    assert [label for label, count in counts.items() if count > 1] == []


def test_the_page_has_a_place_for_tables_and_picture_and_is_in_the_book():
    page = pages.of(PROJECT).statement_map
    assert page in PROJECT.pages()
    boxes = [box.name for box in directives((PROJECT.book / f"{page}.md").read_text(encoding="utf-8"))]
    table = ["container", "statement-table"]
    assert boxes == ["container", "statement-graph", *table, *table]


@pytest.mark.parametrize("ours", [False, True])
def test_a_table_links_each_item_and_the_paper_s_says_how_tight(ours):
    shown = [one for one in ENTRIES if one.ours == ours]
    rows = statement_table(shown, tight=not ours).splitlines()
    assert len(rows) == len(shown) + 2
    for one, row in zip(shown, rows[2:], strict=True):
        assert f"ref}}`{one.item} <{one.anchor}>`" in row
        assert f'id="map-{one.anchor}"' in row
        assert row.count(" | ") == (4 if not ours else 3)


def test_the_list_of_uses_is_that_of_the_file():
    """Of each statement: what it uses, and what uses it; the others in one sentence."""
    lines, alone = list_of_uses(ENTRIES).split("Neither")
    said = {targets[0]: targets[1:] for line in lines.splitlines() if (targets := re.findall(r"<([\w-]+)>", line))}
    used_by = users(ENTRIES)
    others = {one.anchor: [*one.uses, *(other.anchor for other in used_by[one.anchor])] for one in ENTRIES}
    assert said == {anchor: some for anchor, some in others.items() if some}
    assert re.findall(r"<([\w-]+)>", alone) == [anchor for anchor, some in others.items() if not some]


def test_a_smaller_book_has_its_own_statements_and_uses():
    kept = only(ENTRIES, {"soft-labels", "missing-mass"})
    anchors_kept = {one.anchor for one in kept}
    assert {"thm-5-2", "lem-e-7", "thm-soft-minimax"} <= anchors_kept
    assert {one.chapter for one in kept} == {"soft-labels", "missing-mass"}
    whole = {one.anchor: one for one in ENTRIES}
    assert all(one.uses == tuple(u for u in whole[one.anchor].uses if u in anchors_kept) for one in kept)
    assert only(ENTRIES, {one.chapter for one in ENTRIES}) == ENTRIES


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {item: Lemma 9}", "must have the fields anchor, chapter, checked, item, says, uses and may have also"),
        ("- " + ENTRY.format(9, "").replace("ours", "mine"), "and may have also, ours, tight, got"),
        ("- " + ENTRY.format(9, "").replace("x", "no"), "'says' must be a text, got False in"),
        ("- " + ENTRY.format(9, "").replace("[]", "lem-1"), "'uses' must be a list, got 'lem-1' in"),
        ("- " + ENTRY.format(9, "").replace("true", "truly"), "'ours' must be a truth value, got 'truly' in"),
        ("- " + ENTRY.format(9, "").replace("[proof]", "[faith]"), r"Lemma 9 is checked by \{'faith'\}; known are"),
        ("- " + ENTRY.format(9, "").replace(", ours: true", ""), "Lemma 9 must have one of 'tight'"),
        ("- " + ENTRY.format(9, "").replace("true", "true, tight: loose"), "Lemma 9 must have one of 'tight'"),
        ("- " + ENTRY.format(9, "") + "\n- " + ENTRY.format(9, ""), "has the anchor 'lem-9', as another entry has"),
        (
            f"- {ENTRY.format(8, '')}\n- {ENTRY.format(9, 'lem-7')}",
            r"uses 'lem-7', which is no anchor of the list .near: lem-",
        ),
        (
            f"- {ENTRY.format(8, 'lem-9')}\n- {ENTRY.format(9, 'lem-8')}",
            "in a circle: lem-[89] uses lem-[89] uses lem-",
        ),
        (f"- {ENTRY.format(8, 'lem-8')}", "in a circle: lem-8 uses lem-8"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, text, said):
    (tmp_path / "statements.yml").write_text(text)
    with pytest.raises(BookError, match=said):
        read_statements(tmp_path)


def test_an_empty_list_is_one(tmp_path):
    (tmp_path / "statements.yml").write_text("# nothing yet\n")
    assert read_statements(tmp_path) == []
