"""Numbers that notebooks and slides quote are those that the pages show."""

from __future__ import annotations

from bs4 import BeautifulSoup

from kdbook.project import Project
from kdbook.site import numbers

PROJECT = Project.find()


def test_the_numbers_are_those_that_the_pages_show(html):
    names = dict(numbers.labels(PROJECT).names)
    shown = {}
    for page in PROJECT.pages():
        soup = BeautifulSoup((html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
        for number in soup.select("figcaption .caption-number, .steps .caption-number"):
            figure = number.find_parent("figure") or number.find_parent(class_="steps")
            shown[figure["id"]] = number.get_text().strip()
        for number in soup.select("div.math[id] .eqno"):
            shown[number.find_parent("div", id=True)["id"].removeprefix("equation-")] = number.get_text().strip("#¶ ")
    assert len([name for name in shown.values() if name.startswith("Fig.")]) > 20
    assert len([name for name in shown.values() if name.startswith("(")]) > 40
    assert {label: names.get(label) for label in shown} == shown
    assert names["fig-ws1-rows"] == "Fig. 5"  # after those of the title page, the story and the hour
    assert names["thm-5-2"] == "Theorem 5.2"
