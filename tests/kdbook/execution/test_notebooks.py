"""Notebooks as data: what their cells printed and showed."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kdbook.execution import notebooks


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<table><tr><th></th><th>n</th></tr><tr><td>10</td><td>0.5</td></tr></table>", ["n", "10", "0.5"]),
        (
            "<style>td { width: 3px }</style><b>a</b>&minus;1 &lt; 2<br/>x<style scoped>p > q {}</style>",
            ["a", "−1", "<", "2", "x"],
        ),
        ("", []),
        ("1 <!-- 2 --> 3", ["1", "3"]),
    ],
)
def test_a_table_is_its_words_without_tags_and_styles(html, words):
    cell = new_code_cell("x", outputs=[new_output("display_data", {"text/html": html})])
    (printed,) = notebooks.printed(new_notebook(cells=[cell]))
    assert printed.split() == words


def test_what_was_printed_is_taken_as_it_is():
    outputs = [
        new_output("stream", name="stdout", text="<b>1</b>\n"),
        new_output("stream", name="stderr", text="no"),
        new_output("display_data", {"text/plain": "<Figure size 1x1>", "image/png": ""}),
        new_output("execute_result", {"text/plain": "a < b"}),
    ]
    assert notebooks.printed(new_notebook(cells=[new_code_cell("x", outputs=outputs)])) == ["<b>1</b>\na < b\n"]
