"""What rendering changes in the notebooks that pages show."""

from __future__ import annotations

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kdbook.site import staging

TABLE = pd.DataFrame({"n": [1], "a < b": ["x & y"]}, index=["row"])


def shown(html, change=staging._name_no_empty_headers):
    cell = new_code_cell("x", outputs=[new_output("display_data", {"text/html": html})])
    notebook = new_notebook(cells=[cell])
    change(notebook)
    return notebook.cells[0].outputs[0].data["text/html"]


def test_the_empty_corner_of_a_table_is_a_cell_and_nothing_else_changes():
    table = TABLE._repr_html_()
    assert table.count("<th></th>") == 1
    assert shown(table) == table.replace("<th></th>", "<td></td>")


@pytest.mark.parametrize(
    "html",
    ["<p>no table<br/></p>", "<table><tr><th>n</th></tr></table>", "<table><tr><th><b></b></th></tr></table><br/>"],
)
def test_what_has_no_empty_header_is_left_as_it_is(html):
    assert shown(html) == html


def test_a_header_with_attributes_may_be_empty_too():
    assert shown('<table><tr><th class="x"></th></tr></table>') == '<table><tr><td class="x"></td></tr></table>'


def test_a_narrow_table_breaks_before_an_error_and_not_inside_it():
    assert shown("<table><td>1 ± 2</td></table>", staging._keep_errors_whole) == "<table><td>1 ±\u00a02</td></table>"
    assert shown("<p>1 ± 2</p>", staging._keep_errors_whole) == "<p>1 ± 2</p>"
