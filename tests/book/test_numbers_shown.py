"""Numbers that notebooks and slides quote are those that the pages show."""

from __future__ import annotations

from kdbook.markup.html import page as tree_of
from kdbook.project import Project
from kdbook.site import numbers

PROJECT = Project.find()


def test_the_numbers_are_those_that_the_pages_show(html):
    names = dict(numbers.labels(PROJECT).names)
    shown = {}
    for page in PROJECT.pages():
        tree = tree_of((html / f"{page}.html").read_text(encoding="utf-8"))
        for number in tree.find_class("caption-number"):
            figures = [around for around in number.iterancestors("figure") if around.get("id")]
            if figures:
                shown[figures[0].get("id")] = number.text_content().strip()
        for number in tree.find_class("eqno"):
            equation = next(around for around in number.iterancestors("div") if around.get("id"))
            shown[equation.get("id").removeprefix("equation-")] = number.text_content().strip("#¶ \n")
    assert len([name for name in shown.values() if name.startswith("Fig.")]) > 20
    assert len([name for name in shown.values() if name.startswith("(")]) > 40
    assert {label: names.get(label) for label in shown} == shown
    assert names["fig-ws1-rows"] == "Fig. 5"  # after those of the title page, the story and the hour
    assert names["thm-5-2"] == "Theorem 5.2"
