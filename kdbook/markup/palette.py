"""The palette as variables of CSS: ``--kd-NAME`` for each of its colours."""

from __future__ import annotations

from kdcore.palette import PALETTE

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


def _rule(selector: str, colors: dict[str, str]) -> str:
    lines = [f"  {variable(name)}: {color};\n" for name, color in colors.items()]
    return f"{selector} {{\n{''.join(lines)}}}\n"
