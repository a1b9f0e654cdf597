"""When all pages are rendered anew: with what each of them carries, and not with what one of them shows."""

from __future__ import annotations

import pytest

from kdbook.site.render import _settings


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("_config.yml", True),
        ("_toc.yml", True),
        ("symbols.yml", True),
        ("_templates/layout.html", True),
        ("_static/css/look.css", True),
        ("_static/js/quiz.js", True),
        ("_static/icon.svg", False),
        ("first.md", False),
        ("statements.yml", False),
    ],
)
def test_pages_are_made_anew_when_what_each_carries_has_changed(tmp_path, name, carried):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("before")
    before = _settings(tmp_path)
    path.write_text("after")
    assert (_settings(tmp_path) != before) == carried
