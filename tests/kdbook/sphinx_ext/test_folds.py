"""Folds: the directive in a small Sphinx project, cells that check a step, and the script in a browser."""

from __future__ import annotations

import shutil

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kdbook.execution import checks
from kdbook.markup import html
from kdbook.project import Project
from tests import warm

STATIC = Project.find().book / "_static"
CONF = """\
extensions = ["myst_parser", "kdbook.sphinx_ext.folds"]
myst_enable_extensions = ["dollarmath"]
html_static_path = ["_static"]
html_css_files = ["css/folds.css"]
html_js_files = ["js/folds.js"]
"""
PAGE = """\
# Page

See [](#step-one), {ref}`words <step-two>` and {eq}`eq-x`.

## Proofs and checks

````{fold} Proof, step 1: of $x$
:name: step-one

Because *so*.

$$
x=1
$$ (eq-x)
````

```{fold} Proof, step 2
:name: step-two
The end.
```

```{fold} Proof, step 3
```
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    root = tmp_path_factory.mktemp("folds")
    for name in ("css/folds.css", "js/folds.js"):
        (root / "_static" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(STATIC / name, root / "_static" / name)
    (root / "conf.py").write_text(CONF)
    (root / "index.md").write_text(PAGE)
    result = warm.sphinx("-q", "-N", "-b", "html", str(root), str(root / "out"))
    assert result.returncode == 0, result.stderr
    return root / "out" / "index.html", result.stderr


def test_a_fold_is_closed_and_has_its_title_name_and_content(page):
    path, warnings = page
    tree = html.page(path.read_text())
    one, two = tree.xpath("//details[contains(@class, 'fold')]")
    assert (one.get("id"), two.get("id")) == ("step-one", "step-two")
    assert one.get("open") is None
    assert one.find("summary").text_content().startswith("Proof, step 1: of ")
    assert one.xpath(".//summary//span[contains(@class, 'math')]")
    assert one.xpath(".//em")[0].text == "so"
    assert two.text_content().split() == ["Proof,", "step", "2", "The", "end."]
    assert len(tree.xpath("//a[contains(@class, 'reference') and contains(@href, '#step-')]")) == 2
    assert "Content block expected" in warnings
    assert len(warnings.splitlines()) == 1


def test_a_link_opens_the_fold_that_it_leads_into_and_a_button_all(page, tab):
    shown = tab.go(f"{page[0].as_uri()}#equation-eq-x")
    folds = "() => [...document.querySelectorAll('details')].map((fold) => fold.open)"
    assert shown.evaluate(folds) == [True, False]
    shown.evaluate("() => { location.hash = '#step-two'; }")
    shown.wait_for_function("() => document.querySelectorAll('details[open]').length === 2")
    button = shown.locator(".folds-all")
    assert button.inner_text() == "Close all"
    button.click()
    assert shown.evaluate(folds) == [False, False]
    shown.wait_for_function("() => document.querySelector('.folds-all').textContent === 'Open all'")
    shown.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert shown.evaluate(folds) == [True, True]
    shown.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert shown.evaluate(folds) == [False, False]


def cell(source, *tags, count=1, outputs=(), **prompts):
    metadata = {"tags": list(tags)} | ({"mystnb": prompts} if prompts else {})
    return new_code_cell(source, metadata=metadata, execution_count=count, outputs=list(outputs))


@pytest.mark.parametrize(
    ("made", "title"),
    [
        (cell("x = 1\nassert x == 1", "check"), "Check this step: 2 lines, passes"),
        (cell("assert x", "check", count=None), "Check this step: 1 line, not run"),
        (cell("print(1)", "check"), "Check this step: 1 line, ran"),
        (cell("assert 0", "check", outputs=[new_output("error", ename="E")]), "Check this step: 1 line, fails"),
        (cell("assert 1", "check", code_prompt_show="Enumerate it"), "Enumerate it: 1 line, passes"),
        (cell("x = 1", "hide-input"), "Show the code: 1 line"),
        (cell("x = 1", "hide-input", code_prompt_show="Show the imports"), "Show the imports"),
        (cell("x = 1"), None),
    ],
)
def test_the_title_of_a_check_says_what_became_of_it(made, title):
    notebook = new_notebook(cells=[made])
    checks.fold(notebook)
    assert made.metadata.get("mystnb", {}).get("code_prompt_show") == title
    assert ("hide-cell" in made.metadata.get("tags", [])) == ("check" in made.metadata.get("tags", []))
