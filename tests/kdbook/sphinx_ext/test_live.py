"""The live directive in a small Sphinx project: what it writes, loads and refuses."""

from __future__ import annotations

import pytest

from kdbook.markup import html
from tests import warm

CONF = """\
extensions = ["myst_parser", "kdbook.sphinx_ext.figures.live"]
html_static_path = ["_static"]
"""
STILL = "```{figure} still.svg\n:name: fig-still\n:alt: A line\nA line.\n```\n"
PAGES = {
    "index": f"# One\n\n````{{live}} waves\n:room: 30rem 40rem\n\n{STILL}````\n",
    "kept": f"# Six\n\n````{{live}} waves\n:keep:\n\n{STILL}````\n",
    "plain": "# Two\n\nNothing here.\n",
    "unknown": f"# Three\n\n````{{live}} wave\n{STILL}````\n",
    "no-picture": "# Four\n\n```{live} waves\nWords.\n```\n",
    "room": f"# Five\n\n````{{live}} waves\n:room: 30rem\n\n{STILL}````\n",
}
REFUSED = {
    "unknown": "there is no _static/live/wave.js: known are tides, waves",
    "no-picture": "a figure is needed inside",
    "room": "room must be two heights, as in '34rem 44rem', got '30rem'",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    root = tmp_path_factory.mktemp("live")
    (root / "_static" / "live").mkdir(parents=True)
    for name in ("waves", "tides"):
        (root / "_static" / "live" / f"{name}.js").write_text(f'const name = "{name}";')
    (root / "still.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    (root / "conf.py").write_text(CONF)
    for name, text in PAGES.items():
        (root / f"{name}.md").write_text(text.replace("fig-still", f"fig-{name}"))
    result = warm.sphinx("-q", "-N", "-b", "html", str(root), str(root / "out"))
    assert result.returncode == 0, result.stderr
    return root / "out", result.stderr


def test_the_still_picture_is_inside_and_room_is_kept(made):
    (box,) = html.page((made[0] / "index.html").read_text()).xpath("//div[@data-live]")
    assert box.get("data-live") == "waves"
    assert box.get("style") == "--live-room: 30rem; --live-room-phone: 40rem"
    assert box.xpath("./figure[@id='fig-index']//img/@alt") == ["A line"]


@pytest.mark.parametrize(("page", "classes"), [("index", "live"), ("kept", "live live-below")])
def test_a_picture_may_stay(made, page, classes):
    (box,) = html.page((made[0] / f"{page}.html").read_text()).xpath("//div[@data-live]")
    assert box.get("class") == classes


@pytest.mark.parametrize(("page", "n_scripts"), [("index", 1), ("plain", 0)])
def test_a_page_holds_the_scripts_of_its_figures_alone(made, page, n_scripts):
    text = (made[0] / f"{page}.html").read_text()
    assert text.count('const name = "waves";') == n_scripts
    assert "tides" not in text


@pytest.mark.parametrize("page", REFUSED)
def test_what_is_wrong_is_named(made, page):
    folder, warnings = made
    said = [line for line in warnings.splitlines() if f"{page}.md:" in line]
    assert REFUSED[page] in "\n".join(said)
    assert "data-live" not in (folder / f"{page}.html").read_text()
