"""The picture of what rests on what: statements as boxes in layers, each a link, and lines from what is used.

A box's edge and letter say how a statement is checked, its corners whether it is the paper's or the book's own.  The
picture is cut between two layers into parts that stand side by side on a screen and one below the other on paper.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from kdbook.palette import variable
from kdbook.sphinx_ext.statements.layout import Layout, layout
from kdbook.sphinx_ext.statements.listed import Statement, users

WIDTH, HEIGHT, BETWEEN, ABOVE, LINE = 120, 36, 40, 7, 10
"""Of a box; the room between layers, between boxes of a layer, and that of a line that passes boxes."""
_MARGIN, _BAND, _LETTERS, _STEP = 8, 18, 15, 14
_ONE_PART = 4  # layers that a page of paper holds


@dataclass(frozen=True)
class Kind:
    """How statements are checked: a letter, a colour of the palette, and words for the legend."""

    letter: str
    color: str
    words: str


EXACT = Kind("E", "matcher", "proved, and compared with exact values")
SIMULATED = Kind("S", "weigher", "proved, and simulated")
PROVED = Kind("P", "counter", "proved")
COMPUTED = Kind("C", "copier", "computed: a figure, a table, advice")
DEFINED = Kind("D", "grey-6", "a definition, or nothing to prove")
KINDS = (EXACT, SIMULATED, PROVED, COMPUTED, DEFINED)


def kind(statement: Statement) -> Kind:
    """Return how a statement is checked."""
    ways = set(statement.checked)
    if "proof" in ways:
        return EXACT if ways & {"exact", "symbolic"} else SIMULATED if "simulation" in ways else PROVED
    return DEFINED if "definition" in ways else COMPUTED


def name(statement: Statement) -> str:
    """Return what a statement is called in its box: a number with its kind, or a name without it."""
    named = re.fullmatch(r"\w+ \((.{2,})\)", statement.item)
    return named[1] if named else statement.item


def words(says: str) -> str:
    r"""Return what a statement says without TeX: ``$\sqrt{SA/n}$`` is ``√(SA/n)``."""
    says = re.sub(r"\\sqrt\{([^{}]*)\}", r"√(\1)", says)
    says = re.sub(r"\\sqrt ?", "√", says)
    says = re.sub(r"\\([a-z]+)", lambda found: unicodedata.lookup(f"GREEK SMALL LETTER {found[1]}"), says)
    return says.replace("$", "")


@dataclass(frozen=True)
class _Plan:
    """Where all boxes stand: those that use or are used in layers, the others in rows below."""

    layout: Layout
    edges: list[tuple[str, str]]
    layers: int
    corner: dict[str, tuple[float, float]]
    layer: dict[str, int]
    height: float

    @classmethod
    def of(cls, listed: Sequence[Statement]) -> _Plan:
        used = {anchor for one in listed for anchor in one.uses}
        joined = [one.anchor for one in listed if one.uses or one.anchor in used]
        alone = [one.anchor for one in listed if one.anchor not in joined]
        edges = [(tail, one.anchor) for one in listed for tail in one.uses]
        found = layout(joined, edges, HEIGHT + ABOVE, LINE)
        layers = max(found.layer.values(), default=-1) + 1 or min(len(alone), 2 * _ONE_PART)
        below = max((found.height[point] for point in found.height), default=-HEIGHT) + 2 * HEIGHT
        layer = {**found.layer, **{anchor: place % layers for place, anchor in enumerate(alone)}}
        middle = {anchor: found.height[anchor, layer[anchor]] for anchor in joined}
        middle |= {anchor: below + place // layers * (HEIGHT + ABOVE) for place, anchor in enumerate(alone)}
        corner = {anchor: (_x(layer[anchor]), _MARGIN + y) for anchor, y in middle.items()}
        return cls(found, edges, layers, corner, layer, max(middle.values()) + HEIGHT + 2 * _MARGIN)


def drawings(listed: Sequence[Statement], address: Callable[[Statement], str]) -> list[str]:
    """Return the parts of the picture as SVG elements, from left to right.

    Parameters
    ----------
    listed : sequence of Statement
        All statements that are to be seen, at least one; what they use is among them.
    address : callable
        Returns where a statement's box links to.
    """
    plan = _Plan.of(listed)
    cuts = [0, (plan.layers + 1) // 2, plan.layers] if plan.layers > _ONE_PART else [0, plan.layers]
    used_by = users(listed)
    items = {one.anchor: one.item for one in listed}
    parts = []
    for place, (first, end) in enumerate(pairwise(cuts), start=1):
        shown = [one for one in listed if first <= plan.layer[one.anchor] < end]
        left, right = (_x(layer) - BETWEEN / 2 if layer else 0 for layer in (first, end))
        if end == plan.layers:
            right = _x(end) - BETWEEN + _MARGIN
        lines = "".join(_line(plan, edge) for edge in plan.edges if _passes(plan, edge, first, end))
        boxes = "".join(
            _box(one, plan.corner[one.anchor], address(one), _spoken(one, items, used_by[one.anchor]))
            for one in sorted(shown, key=lambda one: (plan.layer[one.anchor], plan.corner[one.anchor][1]))
        )
        label = f"What rests on what, part {place} of {len(cuts) - 1}: {len(shown)} statements"
        parts.append(
            f'<svg xmlns="http://www.w3.org/2000/svg" role="group" aria-label="{label}" '
            f'viewBox="{left:g} 0 {right - left:g} {plan.height:.0f}" width="{right - left:g}" '
            f'height="{plan.height:.0f}"><g class="lines" aria-hidden="true">{lines}</g>{boxes}</svg>'
        )
    return parts


def _x(layer: int) -> float:
    return _MARGIN + layer * (WIDTH + BETWEEN)


def _passes(plan: _Plan, edge: tuple[str, str], first: int, end: int) -> bool:
    return plan.layer[edge[0]] < end and plan.layer[edge[1]] >= first


def _line(plan: _Plan, edge: tuple[str, str]) -> str:
    """Return the line of an edge: curves between layers, and straight past the boxes of a layer."""
    tail, head = edge
    heights = [y + _MARGIN + HEIGHT / 2 for y in plan.layout.way(edge)]
    steps = [f"M{_x(plan.layer[tail]) + WIDTH:g} {heights[0]:.1f}"]
    for layer, (one, other) in enumerate(pairwise(heights), start=plan.layer[tail]):
        right, left = _x(layer) + WIDTH, _x(layer + 1)
        middle = (left + right) / 2
        steps.append(f"C{middle:g} {one:.1f} {middle:g} {other:.1f} {left:g} {other:.1f}")
        if layer + 1 < plan.layer[head]:
            steps.append(f"H{left + WIDTH:g}")
    return f'<path data-used="{tail}" data-user="{head}" d="{"".join(steps)}"/>'


def _box(one: Statement, corner: tuple[float, float], address: str, spoken: str) -> str:
    x, y = corner
    found = kind(one)
    lines = textwrap.wrap(name(one), _LETTERS, max_lines=2, placeholder=" …", break_long_words=False)
    first = y + HEIGHT / 2 + 4 - _STEP * (len(lines) - 1) / 2
    text = "".join(
        f'<tspan x="{x + _BAND + 5:g}" y="{first + place * _STEP:.1f}">{escape(line)}</tspan>'
        for place, line in enumerate(lines)
    )
    return (
        f'<a href="{escape(address)}" data-anchor="{one.anchor}" class="{"ours" if one.ours else "papers"}" '
        f'aria-label="{escape(spoken)}" style="--kind: var({variable(found.color)})">'
        f"<title>{escape(f'{one.item}: {words(one.says)}')}</title>"
        f'<rect class="box" x="{x:g}" y="{y:.1f}" width="{WIDTH}" height="{HEIGHT}" rx="{11 if one.ours else 0}"/>'
        f'<path class="band" d="M{x + _BAND:g} {y:.1f}v{HEIGHT}"/>'
        f'<text class="letter" x="{x + _BAND / 2 + 1:g}" y="{y + HEIGHT / 2 + 4:.1f}">{found.letter}</text>'
        f"<text>{text}</text></a>"
    )


def _spoken(one: Statement, items: dict[str, str], used_by: Sequence[Statement]) -> str:
    return ". ".join(_sentences(one, items, used_by))


def _sentences(one: Statement, items: dict[str, str], used_by: Sequence[Statement]) -> Iterator[str]:
    yield f"{one.item}: {words(one.says)}"
    yield kind(one).words.capitalize()
    if one.uses:
        yield f"Uses {', '.join(items[anchor] for anchor in one.uses)}"
    if used_by:
        yield f"Used by {', '.join(other.item for other in used_by)}"
