"""Boxes and the bibliography as HTML allows them, in a small Sphinx project."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests import warm

CONF = """\
extensions = ["myst_parser", "sphinx_proof", "sphinx_exercise", "kdbook.sphinx_ext.boxes"]
html_theme = "sphinx_book_theme"
"""
PAGE = """\
# Page

```{prf:theorem} A *name*
:label: thm-a
:nonumber:
It holds.
```

````{prf:lemma}
:label: lem-b
:nonumber:
Before.

```{prf:remark} Inside
:label: rem-c
:nonumber:
Of a box.
```
````

```{prf:definition} Numbered
:label: def-d
It is.
```

```{prf:proof}
Like this.
```

```{prf:proof}
Or this.
```

```{exercise} Try
:label: ex-a
Do it.
```

```{solution} ex-a
:label: so-a
Done.
```

```{exercise}
:label: ex-b
Again.
```

```{eval-rst}
See [One]_ and [Two]_.

.. [One] First.
.. [Two] Second.
```
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("boxes")
    (root / "conf.py").write_text(CONF)
    (root / "index.md").write_text(PAGE)
    result = warm.sphinx("-q", "-N", "-b", "html", str(root), str(root / "html"))
    assert (result.returncode, result.stderr) == (0, "")
    return BeautifulSoup((root / "html" / "index.html").read_text(), "html.parser").find("article")


def test_each_id_is_that_of_one_element(page):
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert {"thm-a", "lem-b", "rem-c", "def-d", "ex-a", "so-a", "ex-b"} <= set(ids)


def test_a_title_begins_with_what_the_box_is(page):
    titles = {box["id"]: box.find(class_="admonition-title") for box in page.select("div.proof[id]")}
    words = {name: " ".join(title.get_text().split()) for name, title in titles.items()}
    assert words == {
        "thm-a": "Theorem (A name)",
        "lem-b": "Lemma",
        "rem-c": "Remark (Inside)",
        "def-d": "Definition 1 (Numbered)",
    }
    assert titles["thm-a"].find(class_="caption-number").get_text() == "Theorem "


def test_a_proof_is_no_box(page):
    proofs = page.select("div.proof.proof-text.admonition")
    assert [" ".join(proof.get_text().split()) for proof in proofs] == ["Proof. Like this.", "Proof. Or this."]
    assert not page.select("div.proof:not(.proof-text):not([id])")


def test_the_bibliography_has_no_roles(page):
    (entries,) = page.select("div.citation-list")
    assert [" ".join(entry.get_text().split()) for entry in entries.select("div.citation")] == [
        "[One] First.",
        "[Two] Second.",
    ]
    assert not [tag for tag in [entries, *entries.select("div")] if "role" in tag.attrs]
