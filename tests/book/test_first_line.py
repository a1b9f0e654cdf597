"""What a page settles before its first line is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from kdbook.markup.typeface import typeface

SCRIPT = (Path(__file__).parents[2] / "book" / "_static" / "js" / "theme.js").read_text(encoding="utf-8")
PAGE = """<!DOCTYPE html><html data-mode="{mode}" data-theme="{mode}"><head><meta charset="utf-8">
<style>{style}</style><script>{script}</script>
<script>window.theme = document.documentElement.dataset.theme;</script></head><body></body></html>"""


@pytest.mark.parametrize(
    ("mode", "scheme", "theme"),
    [("auto", "dark", "dark"), ("auto", "light", "light"), ("light", "dark", "light"), ("dark", "light", "dark")],
)
def test_light_or_dark_is_known_before_there_is_a_body(tab, tmp_path, mode, scheme, theme):
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(mode=mode, style="", script=SCRIPT), encoding="utf-8")
    assert tab.go(page, scheme).evaluate("window.theme") == theme


def test_the_typeface_is_made_ready_although_no_text_is_set_yet(tab, tmp_path):
    style = typeface(tmp_path / "typeface.css")
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(mode="auto", style=style, script=SCRIPT), encoding="utf-8")
    faces = tab.go(page).evaluate("[...document.fonts].map((face) => [face.family.replaceAll('\"', ''), face.status])")
    ready = [family for family, status in faces if status == "loaded"]
    assert ready == ["Source Sans Pro"] * 4
    assert len(faces) == 5  # the icons wait until one is drawn
