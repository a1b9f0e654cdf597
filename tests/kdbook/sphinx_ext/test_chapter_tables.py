"""Tables that pages show of data: statements, exercises, decks, the record; pages are read again when these change."""

from __future__ import annotations

import json
import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from kdbook.downloads import wheel_name
from kdbook.execution import notebooks
from tests import warm

CONF = """\
extensions = ["myst_nb", "sphinx_proof", "sphinx_exercise", "sphinx_external_toc", "kdbook.site.pages",
              "kdbook.site.record_directive"]
external_toc_path = "_toc.yml"
nb_execution_mode = "off"
exclude_patterns = ["out", "jupyter_execute"]
html_theme = "basic"
"""
EXERCISE = "```{exercise} One\n:label: ex-a-1\n:class: by-hand level-2\nWhy?\n```\n\n```{solution} ex-a-1\nSo.\n```"
STATEMENT = """\
- {item: Theorem 1, says: SAYS, anchor: thm-1, chapter: first, checked: [proof], uses: [lem-2, lem-3], tight: loose}
- {item: Lemma (two), says: TWO, anchor: lem-2, chapter: first, checked: [proof], uses: [], ours: true}
- {item: Lemma (gone), says: GONE, anchor: lem-3, chapter: left-out, checked: [proof], uses: [], ours: true}
"""
RECORD = {"profile": "quick", "python": "3.0", "platform": "p", "versions": {"kdcore": "1"}, "source": "0" * 64}
RECORD |= {"duration_s": 2.5, "seed": 7, "parameters": {"n": 6}, "values": {"n": 6}, "key": "1" * 64}
RECORD |= {"outputs": {"cells": "2" * 64, "figures": {}}}
PAGES = {
    "index": "# Start\n\nWords.\n",
    "map": "# Map\n\nBefore.\n\n```{statement-table}\n```\n\nAfter.\n\n```{statement-graph}\n```\n",
    "list": "# List\n\nBefore.\n\n```{exercise-table}\n```\n",
    "slides": "# Slides\n\n```{deck-table}\n```\n\nAfter.\n",
    "ran": "# Ran\n\nBefore.\n\n```{record}\n```\n",
}


@pytest.fixture
def book(tmp_path):
    (tmp_path / "conf.py").write_text(CONF)
    listed = "".join(f"  - file: {name}\n" for name in ("first", *list(PAGES)[1:]))
    (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{listed}")
    for name, text in PAGES.items():
        (tmp_path / f"{name}.md").write_text(text)
    write_chapter(tmp_path, EXERCISE)
    (tmp_path / "statements.yml").write_text(STATEMENT)
    write_record(tmp_path, RECORD)
    (tmp_path / "downloads").mkdir()
    for name in ("manifest.json", wheel_name()):  # what the record offers
        (tmp_path / "downloads" / name).write_text("")
    return tmp_path


def write_chapter(root, exercise):
    slide = {"slideshow": {"slide_type": "slide"}}
    boxes = "```{prf:theorem} 1\n:label: thm-1\n:nonumber:\nTrue.\n```\n\n```{prf:lemma}\n:label: lem-2\nTrue.\n```"
    cells = [new_markdown_cell(f"# First\n\n{boxes}", metadata=slide), new_markdown_cell(exercise)]
    (root / "first.ipynb").write_text(notebooks.to_text(new_notebook(cells=cells)))


def write_record(root, record):
    (root / "record.json").write_text(json.dumps([{"name": "first", "record": record, "current": True}]))


def build(root):
    """Build the book; return its pages without markup, by name, and which of them were read."""
    result = warm.sphinx("-v", "-N", "-b", "html", str(root), str(root / "out"))
    assert result.returncode == 0, result.stderr
    read = set(re.findall(r"reading sources\.\.\. \[ *\d+%\] (\S+)", result.stdout))
    texts = {name: (root / "out" / f"{name}.html").read_text() for name in PAGES}
    return {name: " ".join(re.sub(r"<[^>]+>|¶", " ", text).split()) for name, text in texts.items()}, read


def in_order(text, *words):
    places = [text.index(word) for word in words]
    assert places == sorted(places)


def test_each_table_stands_in_its_place_and_only_its_page_is_read_again(book):
    pages, read = build(book)
    assert read == {"first", *PAGES}
    in_order(pages["map"], "Before.", "What it says", "Theorem 1", "SAYS", "After.", "proved", "each of 2 statements")
    assert "Theorem 1 uses Lemma (two)" in pages["map"]
    assert "Lemma (two) used by Theorem 1" in pages["map"]
    assert "gone" not in pages["map"].lower()  # the book has no such page
    assert (book / "out" / "map.html").read_text().count('data-used="lem-2" data-user="thm-1"') == 1
    in_order(pages["list"], "Before.", "First", "Exercise", "One", "By hand", "level 2 of 3")
    in_order(pages["slides"], "Deck", "First", "After.")
    in_order(pages["ran"], "Before.", "Made with", "Each chapter", "kdcore run first -p n 6", "Parameters", "Hashes")

    boxes = (book / "out" / "first.html").read_text()
    assert re.search(r'Uses: <a [^>]*href="#lem-2">Lemma \(two\)</a>', boxes)
    assert "lem-3" not in boxes

    (book / "statements.yml").write_text(STATEMENT.replace("SAYS", "SAYS MORE").replace("[lem-2, lem-3]", "[]"))
    pages, read = build(book)
    assert read == {"map"}
    assert "SAYS MORE" in pages["map"]
    assert "Uses:" not in (book / "out" / "first.html").read_text()  # written again, not read again

    write_record(book, RECORD | {"parameters": {"n": 8}})
    pages, read = build(book)
    assert read == {"ran"}
    assert "kdcore run first -p n 8" in pages["ran"]

    write_chapter(book, EXERCISE.replace("level-2", "level-3"))
    pages, read = build(book)
    assert read == {"first", "list", "slides"}
    assert "level 3 of 3" in pages["list"]
