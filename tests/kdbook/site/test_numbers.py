"""Numbers that notebooks and slides quote follow the text; tests/book compares them with the pages."""

from __future__ import annotations

import json

import pytest

from kdbook.execution import notebooks
from kdbook.project import Project
from kdbook.site import numbers
from tests.mini import kdcore, write_book

pytestmark = pytest.mark.usefixtures("each_chapter_once")

CONFIG = """\
title: A small book
author: nobody
only_build_toc_files: true
execute: {execute_notebooks: "off"}
parse: {myst_enable_extensions: [dollarmath]}
sphinx:
  extra_extensions: [sphinx_proof, sphinx_exercise, sphinx-mathjax-offline]
  config: {numfig: true}
"""
FIGURE = "```{figure} figures/fig-line.svg\n:name: fig-NAME\n:alt: A line.\nWords.\n```\n"
PROSE = """\
# Second

$$
x
$$ (eq-a)

FIRST```{prf:theorem} A title
:label: thm-own
```

```{exercise} One
:label: ex-a-1
See {numref}`fig-b`, {eq}`eq-a` and {prf:ref}`thm-own`.
```

```{solution} ex-a-1
So.
```

"""


@pytest.fixture
def book(tmp_path):
    root = write_book(tmp_path / "small")
    (root / "_config.yml").write_text(CONFIG)
    write_prose(root, first="")
    return Project(root)


def write_prose(root, first):
    path = root / "book" / "second.ipynb"
    notebook = notebooks.read(path)
    notebook.cells[0].source = PROSE.replace("FIRST", first) + FIGURE.replace("NAME", "b")
    path.write_text(notebooks.to_text(notebook))


def test_handouts_count_by_themselves_and_again_when_the_text_has_changed(book, capsys):
    stored = book.build / "numbers.json"
    first = numbers.labels(book).names
    assert (first["fig-b"], first["eq-a"], first["thm-own"]) == ("Fig. 1", "(1)", "Theorem 1")
    assert capsys.readouterr().err.startswith("Counting figures and equations")
    before = stored.read_bytes()
    assert numbers.labels(book).names == first
    assert capsys.readouterr().err == ""
    write_prose(book.root, first=FIGURE.replace("NAME", "a"))
    changed = numbers.labels(book).names
    assert (changed["fig-a"], changed["fig-b"]) == ("Fig. 1", "Fig. 2")
    assert "Counting" in capsys.readouterr().err
    assert stored.read_bytes() != before
    assert not (book.build / "html").exists()
    stored.write_text("{")
    assert numbers.labels(book).names == changed


def test_a_rendering_leaves_its_numbers_and_no_reading_is_needed(book, capsys):
    assert kdcore(book.root, "build").returncode == 0
    counted = json.loads((book.build / "numbers.json").read_text())["numbers"]
    assert counted["fig-b"] == "Fig. 1"
    assert numbers.labels(book).names["fig-b"] == "Fig. 1"
    assert capsys.readouterr().err == ""
