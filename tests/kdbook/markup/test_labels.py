"""What the book calls its parts: words from the chapters, numbers as given."""

from __future__ import annotations

import pytest

from kdbook.execution import notebooks
from kdbook.markup.labels import Labels
from kdbook.project import BookError, Project
from tests.mini import write_book

PROSE = """\
(sec-a)=
## A *part*

```python
# (sec-b)=
# ## no part
```

`````{prf:theorem} 3.1, from hard labels
:label: thm-3-1

````{prf:lemma} Step 1
:label: lem-step
````
`````

```{prf:remark} A.1
:label: rem-a-1
```

```{exercise} One more
:label: ex-a-1
```

$$x$$ (eq-a)
"""


@pytest.fixture
def book(tmp_path):
    root = write_book(tmp_path)
    path = root / "book" / "first.ipynb"
    notebook = notebooks.read(path)
    notebook.cells[0].source = f"# First $x$\n\n{PROSE}"
    path.write_text(notebooks.to_text(notebook))
    (root / "book" / "index.md").write_text("```text\n# No title\n```\n\n# The *title* page\n")
    return root


def test_words_come_from_the_chapters_and_numbers_from_sphinx(book):
    labels = Labels.of(Project(book), {"eq-a": "(7)"})
    assert labels.names == {
        "sec-a": "A *part*",
        "thm-3-1": "Theorem 3.1",
        "lem-step": "Lemma (Step 1)",
        "rem-a-1": "Remark A.1",
        "ex-a-1": "Exercise “One more”",
        "eq-a": "(7)",
    }
    assert labels.titles == {"index": "The *title* page", "first": "First $x$", "second": "Second"}


def test_sphinx_numbers_a_statement_that_the_chapter_does_not(book):
    assert Labels.of(Project(book), {"lem-step": "Lemma 2.4"}).names["lem-step"] == "Lemma 2.4"


def test_a_box_that_is_not_closed_is_named_with_its_chapter(book):
    path = book / "book" / "first.ipynb"
    path.write_text(path.read_text().replace("`````\\n", "\\n"))
    with pytest.raises(BookError, match=r"chapter first: the directive \{prf:theorem\} 3.1, from hard labels is not"):
        Labels.of(Project(book), {})


def test_authors_and_years_come_from_the_bibliography():
    works = Labels.of(Project.find(), {}).works
    assert works["zhao2024"] == ("Zhao and Zhu", "2024")
