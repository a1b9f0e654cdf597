"""The picture of what rests on what: nothing overlaps, and it shows each statement and each use, once."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from lxml import etree

from kdbook.project import Project
from kdbook.sphinx_ext.statements import drawing, layout
from kdbook.sphinx_ext.statements.drawing import KINDS, drawings, kind, name, words
from kdbook.sphinx_ext.statements.listed import Statement, only, read_statements

PROJECT = Project.find()
LISTED = read_statements(PROJECT.book)
SVG = "{http://www.w3.org/2000/svg}"
BOOKS = {
    "whole": LISTED,
    "two chapters": only(LISTED, {"soft-labels", "missing-mass"}),
    "one": only(LISTED, {"classroom"}),
}


def address(one):
    return f"{one.chapter}.html#{one.anchor}"


@pytest.fixture(scope="module", params=BOOKS.values(), ids=BOOKS)
def drawn(request):
    """A list and the parts of its picture, parsed."""
    return request.param, [etree.fromstring(part) for part in drawings(request.param, address)]


def boxes(part):
    """The boxes of a part: anchor to left, top, right and bottom."""
    found = {}
    for link in part.iter(f"{SVG}a"):
        x, y, width, height = (float(link.find(f"{SVG}rect").get(key)) for key in ("x", "y", "width", "height"))
        found[link.get("data-anchor")] = (x, y, x + width, y + height)
    return found


def numbers(path):
    """The points of a line of curves and level pieces, and its pieces that are level."""
    points, level = [], []
    for command, text in re.findall(r"([MCH])([^MCH]*)", path):
        values = [float(value) for value in text.split()]
        if command == "H":
            level.append((points[-1], (values[0], points[-1][1])))
            points.append((values[0], points[-1][1]))
        else:
            points.append((values[-2], values[-1]))
    return points, level


def test_every_statement_is_a_box_that_links_to_it_and_says_what_it_is(drawn):
    listed, parts = drawn
    links = [link for part in parts for link in part.iter(f"{SVG}a")]
    assert sorted(link.get("data-anchor") for link in links) == sorted(one.anchor for one in listed)
    by_anchor = {one.anchor: one for one in listed}
    for link in links:
        one = by_anchor[link.get("data-anchor")]
        assert link.get("href") == address(one)
        assert link.get("class") == ("ours" if one.ours else "papers")
        assert link.find(f"{SVG}title").text == f"{one.item}: {words(one.says)}"
        letter, shown = ("".join(text.itertext()) for text in link.iter(f"{SVG}text"))
        assert letter == kind(one).letter
        assert shown.replace(" ", "") == name(one).replace(" ", "")
        spoken = link.get("aria-label")
        assert all(by_anchor[used].item in spoken for used in one.uses)
        assert all(other.item in spoken for other in listed if one.anchor in other.uses)


def test_every_use_is_a_line_from_box_to_box(drawn):
    listed, parts = drawn
    lines = {}
    for line in (line for part in parts for line in part.iter(f"{SVG}path") if line.get("data-used")):
        lines.setdefault((line.get("data-used"), line.get("data-user")), set()).add(line.get("d"))
    assert set(lines) == {(used, one.anchor) for one in listed for used in one.uses}
    all_boxes = {anchor: box for part in parts for anchor, box in boxes(part).items()}
    for (used, user), (path, *others) in lines.items():
        assert others == []  # a line that both parts show is the same in both
        points, _ = numbers(path)
        begin, end = all_boxes[used], all_boxes[user]
        assert points[0] == pytest.approx((begin[2], (begin[1] + begin[3]) / 2), abs=0.2)
        assert points[-1] == pytest.approx((end[0], (end[1] + end[3]) / 2), abs=0.2)
        assert all(left[0] < right[0] for left, right in itertools.pairwise(points))


def test_nothing_overlaps_and_all_is_inside(drawn):
    _, parts = drawn
    edge = 0.0
    for part in parts:
        left, top, width, height = map(float, part.get("viewBox").split())
        assert (left, top) == (edge, 0)
        assert (part.get("width"), part.get("height")) == (f"{width:g}", f"{height:g}")
        edge = left + width
        found = boxes(part)
        for x, y, right, bottom in found.values():
            assert left <= x < right <= left + width
            assert top <= y < bottom <= height
        for one, other in itertools.combinations(found.values(), 2):
            apart = max(one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])
            assert apart >= drawing.ABOVE - 0.2
    all_boxes = [box for part in parts for box in boxes(part).values()]
    for line in (line for part in parts for line in part.iter(f"{SVG}path") if line.get("data-used")):
        for (x, y), (right, _) in numbers(line.get("d"))[1]:
            assert [box for box in all_boxes if box[0] < right and box[2] > x and box[1] - 2 < y < box[3] + 2] == []


def test_boxes_come_in_reading_order_and_parts_have_names(drawn):
    _, parts = drawn
    for part in parts:
        corners = [box[:2] for box in boxes(part).values()]
        assert corners == sorted(corners)
        assert part.get("role") == "group"
        assert "What rests on what" in part.get("aria-label")


def test_the_whole_book_fits_two_pages_of_paper():
    parts = [etree.fromstring(part) for part in drawings(LISTED, address)]
    assert len(parts) == 2
    for part in parts:
        width, height = map(float, part.get("viewBox").split()[2:])
        scale = min(1, 162 / 25.4 * 96 / width, 235 / 25.4 * 96 / height)  # as print.css and graph.css say
        assert 13 * scale * 72 / 96 >= 7, "letters of less than seven points"


def graphs():
    """Small graphs without circles, by chance."""
    for seed in range(40):
        chance = random.Random(seed)
        nodes = [f"n{number}" for number in range(chance.randint(1, 5))]
        pairs = list(itertools.combinations(nodes, 2))
        chance.shuffle(nodes)
        yield nodes, [pair for pair in pairs if chance.random() < 0.4]


def test_layers_make_all_edges_together_as_short_as_can_be():
    """Against all ways to give up to five nodes layers."""
    for nodes, edges in graphs():
        found = layout.layout(nodes, edges, 10, 2)

        def length(layer, edges=edges):
            return sum(layer[head] - layer[tail] for tail, head in edges)

        ways = (dict(zip(nodes, way, strict=True)) for way in itertools.product(range(len(nodes)), repeat=len(nodes)))
        right = [length(way) for way in ways if all(way[head] > way[tail] for tail, head in edges)]
        assert all(found.layer[head] > found.layer[tail] for tail, head in edges)
        assert length(found.layer) == min(right)


def test_crossings_are_counted():
    for seed in range(50):
        chance = random.Random(seed)
        columns = [[(f"{place}.{rank}", place) for rank in range(4)] for place in range(3)]
        links = [(one, other) for left, right in itertools.pairwise(columns) for one in left for other in right]
        links = [link for link in links if chance.random() < 0.5]
        rank = {point: place for column in columns for place, point in enumerate(column)}
        slow = sum(
            one[0][1] == other[0][1] and (rank[one[0]] - rank[other[0]]) * (rank[one[1]] - rank[other[1]]) < 0
            for one, other in itertools.combinations(links, 2)
        )
        assert layout._crossings(columns, links) == slow


def test_the_order_has_fewer_crossings_than_that_of_the_list():
    nodes = [one.anchor for one in LISTED]
    edges = [(used, one.anchor) for one in LISTED for used in one.uses]
    layer = layout._layers(nodes, edges)
    columns = [[(node, place) for node in nodes if layer[node] == place] for place in range(max(layer.values()) + 1)]
    short = [((tail, layer[tail]), (head, layer[head])) for tail, head in edges if layer[head] == layer[tail] + 1]
    assert layout._crossings(layout._ordered(columns, short), short) < 0.5 * layout._crossings(columns, short)


def test_what_a_statement_says_has_no_tex_left():
    assert [text for one in LISTED if set(text := words(one.says)) & set("$\\{}_")] == []
    assert words(r"no student beats $\sqrt{SA/n}$ or $\sqrt n$ for $\delta$") == "no student beats √(SA/n) or √n for δ"


@pytest.mark.parametrize(
    ("checked", "letter"),
    [
        (("proof", "exact", "simulation"), "E"),
        (("proof", "symbolic"), "E"),
        (("proof", "simulation"), "S"),
        (("proof",), "P"),
        (("exact", "simulation"), "C"),
        (("definition",), "D"),
        (("definition", "exact"), "D"),
    ],
)
def test_a_letter_says_how_a_statement_is_checked(checked, letter):
    assert kind(Statement("Lemma 1", "x", "lem-1", "first", checked, ())).letter == letter
    assert len({found.letter for found in KINDS}) == len({found.color for found in KINDS}) == len(KINDS)


def test_names_are_numbers_or_words_and_long_ones_are_cut():
    def made(item):
        return Statement(item, "x", "lem-1", "first", ("proof",), (), ours=True)

    assert [name(made(item)) for item in ("Lemma E.5", "Lemma (one letter)", "Figure 1 (a)")] == [
        "Lemma E.5",
        "one letter",
        "Figure 1 (a)",
    ]
    (part,) = drawings([made("Lemma (a name of very many words & more of them)")], address)
    lines = [line.text for line in etree.fromstring(part).iter(f"{SVG}tspan")]
    assert lines == ["a name of very", "many words & …"]
