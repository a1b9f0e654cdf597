"""Places for a graph in layers: what is used stands left of what uses it, and lines seldom cross.

The steps are those of Sugiyama, Tagawa and Toda (1981): layers that make all edges together as short as possible, by
linear programming; an order in each layer, by repeated means of neighbours; heights near those of the neighbours, by
isotonic regression, which keeps the order and the distances.  SciPy does the two optimisations, so that no library of
graphs is needed: those that lay out in layers give long edges no way between the nodes, or need a program beside them.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import accumulate, pairwise

import numpy as np

Edge = tuple[str, str]
"""A node that is used, and one that uses it."""
Point = tuple[str, int]
"""A node in its layer, or in a later layer the place where edges from it pass."""
_SWEEPS = 24


@dataclass(frozen=True)
class Layout:
    """Where nodes stand and edges run.

    Attributes
    ----------
    layer : mapping of str to int
        Of each node, from 0.
    height : mapping of tuple to float
        Of each point: a node or a place where edges from it pass, in a layer.  The smallest is 0.
    """

    layer: Mapping[str, int]
    height: Mapping[Point, float]

    def way(self, edge: Edge) -> list[float]:
        """Return the heights of an edge, layer by layer, from one node to the other."""
        tail, head = edge
        passed = [self.height[tail, layer] for layer in range(self.layer[tail], self.layer[head])]
        return [*passed, self.height[head, self.layer[head]]]


def layout(nodes: Sequence[str], edges: Sequence[Edge], node: float, line: float) -> Layout:
    """Return places for a graph without circles.

    Parameters
    ----------
    nodes : sequence of str
        The nodes; where nothing else decides they stay in this order.
    edges : sequence of tuple of str
        The edges.
    node, line : float
        How much room a node and an edge that passes take in their layer, with the space to the next one.
    """
    layer = _layers(nodes, edges)
    links: dict[tuple[Point, Point], None] = {}  # a set in order; edges from one node share their ways
    for tail, head in edges:
        for place in range(layer[tail], layer[head]):
            following = tail if place + 1 < layer[head] else head
            links[(tail, place), (following, place + 1)] = None
    points = dict.fromkeys([(name, layer[name]) for name in nodes] + [point for link in links for point in link])
    columns = [[point for point in points if point[1] == place] for place in range(max(layer.values(), default=-1) + 1)]
    room = {point: node if layer[point[0]] == point[1] else line for point in points}
    return Layout(layer, _heights(_ordered(columns, list(links)), list(links), room))


def _layers(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return layers in which the edges are together as short as can be, in no more layers than the longest way has."""
    if not edges:
        return dict.fromkeys(nodes, 0)
    from scipy.optimize import linprog  # it takes long to import

    number = {name: place for place, name in enumerate(nodes)}
    ends = np.array([(number[tail], number[head]) for tail, head in edges])
    constraints = np.zeros((len(edges), len(nodes)))
    each = np.arange(len(edges))
    constraints[each, ends[:, 0]], constraints[each, ends[:, 1]] = 1, -1  # one layer at least from end to end
    cost = -constraints.sum(axis=0) + 1e-3  # a node that could stand in several layers stands in the first
    found = linprog(cost, constraints, -np.ones(len(edges)), bounds=(0, _longest(nodes, edges)))
    return dict(zip(nodes, np.asarray(found.x).round().astype(int).tolist(), strict=True))


def _longest(nodes: Sequence[str], edges: Sequence[Edge]) -> int:
    """Return the number of edges on the longest way."""
    used: dict[str, list[str]] = {name: [] for name in nodes}
    for tail, head in edges:
        used[head].append(tail)
    depth: dict[str, int] = {}
    for name in TopologicalSorter(used).static_order():
        depth[name] = max((depth[tail] + 1 for tail in used[name]), default=0)
    return max(depth.values())


def _ordered(columns: list[list[Point]], links: Sequence[tuple[Point, Point]]) -> list[list[Point]]:
    """Return each layer in an order with few crossings."""
    before = _neighbours((head, tail) for tail, head in links)
    after = _neighbours(links)
    columns = [list(column) for column in columns]
    best, fewest = columns, _crossings(columns, links)
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        for column in columns if forwards else reversed(columns):
            place = {point: rank / len(other) for other in columns for rank, point in enumerate(other)}
            near = before if forwards else after
            means = {point: _mean([place[other] for other in near.get(point, ())], place[point]) for point in column}
            column.sort(key=means.__getitem__)
        crossings = _crossings(columns, links)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def _crossings(columns: Sequence[Sequence[Point]], links: Iterable[tuple[Point, Point]]) -> int:
    """Return how many pairs of links cross."""
    rank = {point: place for column in columns for place, point in enumerate(column)}
    count, met = 0, list[int]()
    layer = -1
    for place, _, end in sorted((tail[1], rank[tail], rank[head]) for tail, head in links):
        if place != layer:
            layer, met = place, []
        count += len(met) - bisect(met, end)  # links met so far begin above this one, and these end below it
        insort(met, end)
    return count


def _heights(
    columns: Sequence[Sequence[Point]], links: Sequence[tuple[Point, Point]], room: Mapping[Point, float]
) -> dict[Point, float]:
    """Return heights that keep the order and the room of each point, and are otherwise near those of neighbours."""
    height: dict[Point, float] = {}
    for column in columns:
        height |= dict(zip(column, _starts(column, room), strict=True))
    if not links:
        return height
    from scipy.optimize import isotonic_regression  # it takes long to import

    both = _neighbours([*links, *((head, tail) for tail, head in links)])
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            least = np.array(_starts(column, room))
            wanted = [_mean([height[other] for other in both.get(point, ())], height[point]) for point in column]
            weights = [len(both.get(point, ())) + 0.1 for point in column]
            found = isotonic_regression(np.array(wanted) - least, weights=weights).x + least
            height |= dict(zip(column, found.tolist(), strict=True))
    top = min(height.values())
    return {point: value - top for point, value in height.items()}


def _starts(column: Sequence[Point], room: Mapping[Point, float]) -> list[float]:
    """Return the heights of the points of a layer that are as near to each other as they may be."""
    halves = [room[point] / 2 for point in column]
    return list(accumulate((one + other for one, other in pairwise(halves)), initial=0.0))[: len(column)]


def _neighbours(links: Iterable[tuple[Point, Point]]) -> dict[Point, list[Point]]:
    found: dict[Point, list[Point]] = {}
    for one, other in links:
        found.setdefault(one, []).append(other)
    return found


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
