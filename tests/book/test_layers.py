"""Each chapter has a story that one can read through, and proofs and checks below it that one can open."""

from __future__ import annotations

import re

import pytest

from kdbook.execution import checks, notebooks
from kdbook.markup import myst
from kdbook.markup.elements import Directive
from kdbook.project import Project

PROJECT = Project.find()
CHAPTERS = {chapter.name: chapter for chapter in PROJECT.chapters() if chapter.name in PROJECT.numbered()}
WORDS, CELLS, LINES = 1500, 3, 10
GROUND, EXERCISES = "## Proofs and checks", "## Exercises"
HIDDEN = {"hide-input", "remove-input", "remove-cell", checks.TAG}


def shown(chapter):
    """The cells of a chapter that its page has, without those of its slides."""
    cells = notebooks.read(chapter.path).cells
    return [cell for cell in cells if "remove-cell" not in cell.metadata.get("tags", [])]


def layers(chapter):
    """The cells of the story, those of the ground and those from the exercises on; a cell may begin in the middle."""
    parts, now = {"story": [], "ground": [], "exercises": []}, "story"
    for cell in shown(chapter):
        pieces = [cell.source]
        if cell.cell_type == "markdown":
            pieces = re.split(rf"^(?={re.escape(GROUND)}$|{re.escape(EXERCISES)}$)", cell.source, flags=re.M)
        for piece in pieces:
            if cell.cell_type == "markdown" and piece.startswith((GROUND, EXERCISES)):
                now = "ground" if piece.startswith(GROUND) else "exercises"
            if piece.strip():
                parts[now].append((cell, piece))
    return parts


def words(text):
    """How many words a reader reads: formulas count as one each, options and names of directives do not."""
    count = 0
    for part in myst.parts(text):
        if isinstance(part, Directive):
            if part.name != "index":
                count += words(part.body) + (len(part.argument.split()) if part.name.startswith("prf:") else 0)
        else:
            plain = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$", " x ", part, flags=re.S)
            plain = re.sub(r"\{[\w:-]+\}`([^`<]*)(<[^`]*>)?`", r" \1 ", plain)
            count += len([word for word in plain.split() if re.search(r"\w", word)])
    return count


def is_visible(cell):
    """Whether a reader sees the code of a cell without pressing anything."""
    return cell.cell_type == "code" and not HIDDEN & set(cell.metadata.get("tags", []))


@pytest.mark.parametrize("name", sorted(CHAPTERS))
def test_a_story_is_short_and_shows_little_code(name):
    story = layers(CHAPTERS[name])["story"]
    text = "\n\n".join(piece for cell, piece in story if cell.cell_type == "markdown")
    assert words(text) <= WORDS, f"the story of {name} has {words(text)} words, {WORDS} are allowed"
    visible = [cell for cell, _ in story if is_visible(cell)]
    assert len(visible) <= CELLS, f"the story of {name} shows {len(visible)} cells, {CELLS} are allowed"
    for cell in visible:
        lines = len(cell.source.splitlines())
        assert lines <= LINES, f"{name}: a visible cell has {lines} lines, {LINES} are allowed:\n{cell.source}"


@pytest.mark.parametrize("name", sorted(CHAPTERS))
def test_the_ground_is_folded(name):
    parts = layers(CHAPTERS[name])
    assert parts["ground"], f"{name} has no heading '{GROUND}'"
    assert parts["exercises"], f"{name} has no heading '{EXERCISES}'"
    for cell, _ in parts["ground"] + parts["exercises"]:
        tags = set(cell.metadata.get("tags", []))
        assert cell.cell_type == "markdown" or tags & {checks.TAG, "hide-input"}, f"{name} shows: {cell.source[:200]}"


@pytest.mark.parametrize("name", sorted(CHAPTERS))
def test_a_story_asserts_nothing(name):
    for cell, _ in layers(CHAPTERS[name])["story"]:
        if is_visible(cell):
            assert not checks.asserts(cell.source), f"{name}: checks belong to the ground:\n{cell.source}"


@pytest.mark.parametrize("page", PROJECT.pages())
def test_no_heading_has_an_underscore(page):
    path = PROJECT.book / f"{page}.md"
    sources = [path.read_text(encoding="utf-8")] if path.is_file() else []
    if not sources:
        cells = notebooks.read(PROJECT.book / f"{page}.ipynb").cells
        sources = [cell.source for cell in cells if cell.cell_type == "markdown"]
    for source in sources:
        without_code = re.sub(r"^(`{3,}).*?^\1", "", source, flags=re.M | re.S)
        headings = re.findall(r"^#+ .*$", without_code, re.M)
        assert not [line for line in headings if "_" in re.sub(r"\$[^$]*\$|`[^`]*`", "", line)]
