"""The book's small pictures, drawn from the figure of its title page: an icon for the tab, a card for links to it."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

from kdbook.files import digest, write_atomic
from kdbook.palette import PALETTE

if TYPE_CHECKING:
    import pandas as pd

ICON, CARD = "favicon.svg", "social-card.png"
_SIDE, _MARGIN = 64, 10


def icon(data: bytes) -> bytes:
    """Return the curves of the title page as a small SVG, legible on light and on dark tabs.

    Parameters
    ----------
    data : bytes
        The figure's data as CSV: columns ``learner``, ``n_samples``, ``risk``.
    """
    from kdcore import figures  # here and below, as importing pandas and Matplotlib takes long

    table = _read(data)
    x, y = table["n_samples"].map(math.log), table["risk"].map(math.log)
    scale = _SIDE - 2 * _MARGIN
    table["x"] = _MARGIN + scale * (x - x.min()) / (x.max() - x.min())
    table["y"] = _SIDE - _MARGIN - scale * (y - y.min()) / (y.max() - y.min())
    lines = []
    for learner, rows in table.groupby("learner", sort=False):
        points = " ".join(f"{px:.1f},{py:.1f}" for px, py in zip(rows["x"], rows["y"], strict=True))
        color = figures.LEARNER_STYLE[str(learner)].color
        lines.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="7"/>')
    frame = f'<rect width="{_SIDE}" height="{_SIDE}" rx="12" fill="{PALETTE["paper"].light}"/>'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" stroke-linecap="round">'
    return f"{start}{frame}{''.join(lines)}</svg>\n".encode()


def card(data: bytes, title: str, cache: Path) -> bytes:
    """Return the picture that other sites show beside a link to the book: 1200 x 630 pixels, as PNG.

    Parameters
    ----------
    data : bytes
        As for :func:`icon`.
    title : str
        The book's title.
    cache : Path
        The folder where the picture is kept until the data or the title change.
    """
    kept = cache / f"card-{digest([title, data])}.png"
    if kept.is_file():
        return kept.read_bytes()
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from kdcore import figures

    with rc_context():
        figures.use_style()
        fig = Figure(figsize=(8, 4.2), dpi=150)
        ax = fig.subplots()
        for learner, rows in _read(data).groupby("learner", sort=False):
            style = figures.LEARNER_STYLE[str(learner)]
            ax.loglog(rows["n_samples"], rows["risk"], color=style.color, marker=style.marker, label=style.label, lw=3)
        ax.set(xlabel="samples $n$", ylabel="error of the student")
        ax.legend()
        ax.set_title(title, fontsize=26, fontweight="bold", pad=14)
        picture = io.BytesIO()
        fig.savefig(picture, format="png", metadata={"Software": None})
    for old in cache.glob("card-*.png"):
        old.unlink()
    write_atomic(kept, picture.getvalue())
    return picture.getvalue()


def _read(data: bytes) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(io.BytesIO(data))
