"""The colours of figures, pages and slides: each has a name and a partner in the dark, and is a variable of CSS.

Those of the learners, of bounds and of grids are kdcore's own, which draws with them.
"""

from __future__ import annotations

from typing import NamedTuple

from kdcore.figures import BOUND_COLOR, GRID_COLOR, LEARNER_STYLE


class Color(NamedTuple):
    """A colour by day and by night, as ``#rrggbb`` in lower case."""

    light: str
    dark: str


PALETTE: dict[str, Color] = {
    "paper": Color("#ffffff", "#14181e"),  # of the theme's dark page
    "black": Color("#000000", "#f0f0f0"),
    "ink": Color("#262626", "#dde1e6"),  # axes and their labels
    "bound": Color(BOUND_COLOR, "#b9c0c8"),
    "grey-5": Color("#555555", "#aab2bb"),
    "grey-6": Color("#666666", "#a3abb4"),
    "grey-8": Color("#888888", "#8b949e"),
    "grey-9": Color("#999999", "#7d8691"),
    "grey-c": Color("#cfcfcf", "#4b535d"),
    "grid": Color(GRID_COLOR, "#333a43"),
    "shade": Color("#f2f2f2", "#22282f"),
    "counter": Color(LEARNER_STYLE["ce_sgl"].color, "#5db3ea"),
    "counter-soft": Color("#9cc9e3", "#2f6f97"),
    "counter-pale": Color("#cfe6f5", "#1d3c50"),
    "weigher": Color(LEARNER_STYLE["ce_ptl"].color, "#f28e4b"),
    "weigher-soft": Color("#f0b58f", "#8a4c22"),
    "brown": Color("#7a4b00", "#d9a85c"),
    "matcher": Color(LEARNER_STYLE["sel_ptl"].color, "#45c49a"),
    "copier": Color(LEARNER_STYLE["ce_ful"].color, "#cd92e0"),
    # Of pages alone.
    "link": Color("#0f5bc4", "#86b7f7"),
    "remark": Color("#8a6d00", "#d9bd5a"),
    "box": Color("#f7f9fb", "#1c2126"),
    "edge": Color("#767676", "#9a9a9a"),  # of what can be filled in or pressed
    "right": Color("#00704e", "#5fc7a4"),
    "wrong": Color("#a83200", "#f0976b"),
    "refused": Color("#a4123f", "#ff9db4"),  # input that is no answer
}
"""Each colour by its name.  The four learners' are called as the learners are in prose."""

NAMES = {color.light: name for name, color in PALETTE.items()}
"""The name of each colour by day."""


def variable(name: str) -> str:
    """Return the variable that holds a colour of the palette."""
    return f"--kd-{name}"


def light() -> str:
    """Return the CSS rule that sets the palette's variables."""
    return _rule(":root", {name: color.light for name, color in PALETTE.items()})


def dark() -> str:
    """Return the CSS rule that turns them dark with the page, on a screen: paper stays white."""
    rule = _rule('html[data-theme="dark"]', {name: color.dark for name, color in PALETTE.items()})
    return f"@media screen {{\n{rule}}}\n"


def dark_as_the_system() -> str:
    """Return the CSS rule that turns them dark where the reader's system is: for a page without a switch of its own."""
    rule = _rule(":root", {name: color.dark for name, color in PALETTE.items()})
    return f"@media screen and (prefers-color-scheme: dark) {{\n{rule}}}\n"


def _rule(selector: str, colors: dict[str, str]) -> str:
    lines = [f"  {variable(name)}: {color};\n" for name, color in colors.items()]
    return f"{selector} {{\n{''.join(lines)}}}\n"
