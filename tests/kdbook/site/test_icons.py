"""The icon of the tab and the card for other sites."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from kdbook.site import icons
from kdcore.figures import LEARNER_STYLE

DATA = b"learner,n_samples,risk\nce_sgl,10,0.5\nce_sgl,1000,0.05\nce_ful,10,0.1\nce_ful,1000,0.001\n"


def test_the_icon_shows_the_curves_of_the_data():
    root = ElementTree.fromstring(icons.icon(DATA))
    lines = root.findall("{*}polyline")
    assert [line.get("stroke") for line in lines] == [LEARNER_STYLE[key].color for key in ("ce_sgl", "ce_ful")]
    ends = [[tuple(map(float, point.split(","))) for point in line.get("points").split()] for line in lines]
    slopes = [(end[1] - start[1]) / (end[0] - start[0]) for start, end in ends]
    assert np.isclose(slopes[1] / slopes[0], 2, atol=0.02)  # on log-log axes, one falls twice as fast
    assert all(0 < value < 64 for points in ends for point in points for value in point)


def test_the_card_has_the_size_that_sites_ask_for_and_is_kept_until_something_changes(tmp_path):
    picture = icons.card(DATA, "A book", tmp_path)
    assert Image.open(io.BytesIO(picture)).size == (1200, 630)
    (kept,) = tmp_path.glob("card-*.png")
    assert icons.card(DATA, "A book", tmp_path) == picture
    assert icons.card(DATA, "Another book", tmp_path) != picture
    assert not kept.exists()
