"""Live figures: their functions against kdcore's, their controls, and what there is on paper and without scripts."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from scipy import stats

import kdcore as kd
from kdbook import palette
from kdbook.execution import notebooks
from kdbook.markup import myst
from kdbook.project import Project
from kdcore.logs import _anytime
from tests.book.browser import without_scripts

STATIC = Project.find().book / "_static"
STYLE = STATIC / "css" / "live.css"
NAMES = sorted(path.stem for path in (STATIC / "live").glob("*.js"))
ROW = [0.6, 0.2, 0.15, 0.05]
WORDS = {
    "three-rates": "An error of 0.01 takes 3.8 · 10⁶, 38\u202f600 and 3500 samples.",
    "protocols": "After 5 answers the counter is at distance",
    "filling": "After 0 questions the next pair is new with probability 1",
    "squared": "the weigher stays at distance 0.247 from this row",
    "overlap": "The gap that costs most is 0.11, near 0.778 / √N.",
    "buddies": "of 8 pairs were not seen",
    "top-k": "if the drawn number is revealed",
    "nats": "After 60 rolls 3 faces have not come. Counting loses 0.112 in TV and 0.0508 nats.",
    "certificate": "After 0 answers the certificate is 1. Your target 0.1 is not reached yet.",
    "album": "After 50 packets the empty places are asked for with probability 0.0346 on average.",
    "fills": "After 6 answers the labels not drawn have probability 0.396. The matcher is at most so far off, 0.0564;",
    "head-start": "With uneven inputs the top 20 help most at",
    "cards": "over all 24 orders 11.5 on average. Spread evenly, it would be 9.",
}
"""What each figure says at first."""


@pytest.fixture(scope="module")
def page(browser):
    """A page with all live figures and nothing else."""
    opened = browser.new_page(viewport={"width": 700, "height": 900})
    errors = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    boxes = "".join(f'<div class="live" data-live="{name}"><figure>still</figure></div>' for name in NAMES)
    files = ["js/live.js", "js/maths.js", *(f"live/{name}.js" for name in NAMES)]
    scripts = "".join(f"<script>{(STATIC / name).read_text(encoding='utf-8')}</script>" for name in files)
    style = palette.light() + STYLE.read_text(encoding="utf-8")
    opened.set_content(f'<!doctype html><meta charset="utf-8"><style>{style}</style>{boxes}{scripts}')
    yield opened
    opened.close()
    assert errors == []


def value(page, code):
    return page.evaluate(f"() => {code}")


@pytest.mark.parametrize("sizes", [(100, 25, 10_000), (7, 3, 400), (1000, 1000, 10**7), (2, 2, 100)])
def test_the_three_rates_have_their_constants(page, sizes):
    n_inputs, n_labels, n = sizes
    guess = 1 - 1 / n_labels
    constant = kd.bounds.uniform_fill_constant().value
    right = {
        "hard": math.sqrt(n_inputs * (n_labels - 1) / (2 * math.pi * n)),
        "partial": constant * n_inputs * n_labels / n,
        "soft": guess * (n_inputs - 1) / (math.e * n),
    }
    found = value(page, f"kdMaths.worstRisks({n_inputs}, {n_labels}, {n})")
    assert found == pytest.approx({key: min(guess, risk) for key, risk in right.items()}, rel=1e-9)
    needed = value(page, f"kdMaths.samplesFor({n_inputs}, {n_labels}, 0.01)")
    powers = {"hard": 2, "partial": 1, "soft": 1}
    assert needed == pytest.approx({key: n * (risk / 0.01) ** powers[key] for key, risk in right.items()}, rel=1e-9)


@pytest.mark.parametrize("n", [0, 1, 5, 64, 4096])
def test_missing_masses_and_squares_are_those_of_kdcore(page, n):
    for law in (ROW, [1.0], [0.5, 0.5, 0.0], [1e-9, 1 - 1e-9]):
        assert value(page, f"kdMaths.expectedMissingMass({law}, {n})") == pytest.approx(
            kd.expected_missing_mass(law, n), rel=1e-9, abs=1e-300
        )
    assert value(page, f"kdMaths.squared({ROW})") == pytest.approx(kd.bounds.lemma_4_2([ROW])[0], rel=1e-9)


@pytest.mark.parametrize("m", [1, 4, 51, 400])
@pytest.mark.parametrize("gap", [0.0, 0.01, 0.3, 0.9])
def test_two_coins_overlap_as_scipy_says(page, m, gap):
    heads = np.arange(m + 1)
    one, other = (stats.binom.pmf(heads, m, (1 + sign * gap) / 2) for sign in (1, -1))
    common = np.minimum(one, other).sum()
    assert value(page, f"kdMaths.overlap({m}, {gap})") == pytest.approx(common, rel=1e-9)
    assert value(page, f"kdMaths.costOfGap({m}, {gap})") == pytest.approx(gap * common / 2, rel=1e-9, abs=1e-15)


def test_buddies_cost_most_where_lemma_e_5_says(page):
    costs = value(page, "Array.from({length: 400}, (_, i) => kdMaths.costOfBuddies(99, (i + 1) / 1000))")
    assert 1 + int(np.argmax(costs)) == 10  # mass 1 / (n + 1)
    assert 2 * max(costs) == pytest.approx(kd.bounds.lemma_e_5(n_samples=99), rel=1e-9)


@pytest.mark.parametrize("n", [1, 4, 60])
@pytest.mark.parametrize("k", [1, 3])
def test_students_of_top_k_answers_lose_what_kdcore_says(page, n, k):
    rows = [[0.3, 0.3, 0.2, 0.1, 0.1, 0.0], [0.5] + [0.1] * 5, [1 / 6] * 6, [0.4, 0.2, 0.2, 0.2, 0.0, 0.0]]
    for row in rows:
        teacher = kd.Teacher([1.0], [row])
        right = {
            "revealed": kd.expected_risk(teacher, n, kd.top_k_matcher(k)),
            "censored": kd.expected_risk(teacher, n, kd.censored_counter(k)),
            "hidden": kd.expected_risk(teacher, n, kd.top_k_matcher(k, "hidden")),
        }
        for told, risk in right.items():
            found = value(page, f"kdMaths.topKRisk({row}, {k}, {n}, '{told}')")
            assert found == pytest.approx(risk, rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("told", ["revealed", "censored", "hidden"])
def test_answers_to_top_k_and_their_mean_loss_by_enumeration(page, told):
    """All tables of four draws from a row whose probabilities differ, each answered by the figure and by kdcore."""
    teacher, k, mean = kd.Teacher([1.0], [ROW]), 1, 0.0
    student = kd.censored_counter(k) if told == "censored" else kd.top_k_matcher(k, told)
    for counts in itertools.product(range(5), repeat=4):
        if sum(counts) == 4:
            answer = student.fit(kd.reveal(teacher, [counts], student.protocol))
            found, _ = value(page, f"kdMaths.topKAnswer({ROW}, {list(counts)}, {k}, '{told}')")
            assert found == pytest.approx(answer[0].tolist(), abs=1e-12)
            mean += stats.multinomial.pmf(counts, 4, ROW) * kd.conditional_tv(answer, teacher)
    assert value(page, f"kdMaths.topKRisk({ROW}, {k}, 4, '{told}')") == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_the_mass_that_the_top_k_leave_hidden_by_enumeration(page, k):
    """All sequences of three pairs of two inputs and three labels, told by kdcore."""
    rho, row = [0.7, 0.3], [0.5, 0.3, 0.2]
    teacher, mean = kd.Teacher(rho, [row, row]), 0.0
    for cells in itertools.product(range(6), repeat=3):
        counts = np.bincount(cells, minlength=6).reshape(2, 3)
        told = kd.reveal(teacher, counts, kd.TopK(k)).probabilities
        mean += np.prod(teacher.joint.ravel()[list(cells)]) * teacher.joint[np.isnan(told)].sum()
    assert value(page, f"kdMaths.hiddenMass({rho}, {row}, {k}, 3)") == pytest.approx(mean, rel=1e-9)
    if k == 0:
        assert mean == pytest.approx(kd.expected_missing_mass(teacher.joint, 3))


@pytest.mark.parametrize("n", [1, 2, 13, 15, 300, 2000])
@pytest.mark.parametrize("delta", [0.05, 0.2])
def test_a_certificate_is_that_of_kdcore(page, n, delta):
    hidden = np.sort(np.random.default_rng(n).beta(0.3, 3, n))[::-1]
    hidden[:1], hidden[20:][::7] = 1, 0
    add_all = "all.forEach((one) => found.add(one))"
    code = f"([all, delta]) => {{ const found = kdMaths.certificate(delta); {add_all}; return found.bound(); }}"
    found = page.evaluate(code, [hidden.tolist(), delta])
    assert found == pytest.approx(_anytime.curve(hidden, delta).bound[-1], rel=1e-9)


def test_what_spreading_loses_is_the_risk_of_the_matcher(page):
    teacher, drawn = kd.Teacher([1.0], [[*ROW, 0.0]]), [[2, 0, 1, 0, 0]]
    right = kd.conditional_tv(kd.LEARNERS["sel_ptl"].fit(kd.reveal(teacher, drawn, "partial")), teacher)
    assert value(page, "kdMaths.lossOfSpreading([0.2, 0.05, 0])") == pytest.approx(float(right), rel=1e-9)


@pytest.mark.parametrize("answers", [[15, 6, 2, 1], [6, 6, 6, 6], [0, 0, 0, 0], [24, 24, 24, 24], [4, 4, 4, 4]])
def test_answers_on_hidden_cards_cost_what_kdcore_says(page, answers):
    hidden, up = [15, 6, 2, 1], np.array([8, 30, 5, 20, 3, 10])
    orders = value(page, f"kdMaths.orders({hidden})")
    assert sorted(map(tuple, orders)) == sorted(itertools.permutations(hidden))
    student = np.array([[*answers, *(up * (100 - sum(answers)) / up.sum())]]) / 100
    for order in orders:
        right = kd.conditional_tv(student, kd.Teacher([1.0], [np.array([*order, *up]) / 100]))
        assert value(page, f"kdMaths.costOfAnswers({answers}, {order})") == pytest.approx(100 * right)


@pytest.mark.parametrize("counts", [[3, 0, 1, 0], [0, 0, 0, 0], [100, 40, 30, 9]])
def test_pieces_of_kl_add_up_to_what_kdcore_says(page, counts):
    answer = value(page, f"kdMaths.addOne({counts})")
    assert answer == pytest.approx([(count + 1) / (sum(counts) + 4) for count in counts])
    for row in (ROW, [1.0, 0.0, 0.0, 0.0], answer):
        pieces = value(page, f"kdMaths.piecesOfKl({row}, {answer})")
        assert min(pieces) >= 0
        assert sum(pieces) == pytest.approx(float(kd.conditional_kl([answer], kd.Teacher([1.0], [row]))), abs=1e-12)


def test_draws_follow_their_law(page):
    """Shares of 20 000 draws, within five standard errors."""
    page.evaluate("() => { window.next = kdMaths.random(7); }")
    draws = page.evaluate("(row) => Array.from({length: 20000}, () => kdMaths.drawn(row, window.next))", ROW)
    shares = np.bincount(draws, minlength=4) / 20_000
    assert np.all(np.abs(shares - ROW) < 5 * np.sqrt(np.array(ROW) * (1 - np.array(ROW)) / 20_000))


def test_a_figure_below_its_still_picture_says_what_one_can_do(page):
    """Else it looks like a part of the picture, whose caption does not speak of it."""
    cells = [cell.source for chapter in Project.find().chapters() for cell in notebooks.read(chapter.path).cells]
    boxes = [box for source in cells if "{live}" in source for box in myst.directives(source) if box.name == "live"]
    below = {box.argument for box in boxes if "keep" in box.options}
    assert below
    for name in sorted(below):
        assert page.locator(f"[data-live={name}] .live-title").inner_text(), name


def words(page, name):
    return page.locator(f"[data-live={name}] .live-words").inner_text()


def test_every_figure_has_words_to_be_tested():
    assert sorted(WORDS) == NAMES, "WORDS and book/_static/live must name the same figures"


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_draws_and_says_what_it_shows(page, name):
    assert WORDS[name] in words(page, name)
    root = page.locator(f"[data-live={name}]")
    assert root.locator("svg").count() == 1
    assert root.locator("svg *").count() > 10
    assert root.locator("svg").get_attribute("aria-hidden") == "true"  # the words are for those who do not see it
    drawing = root.locator("svg").inner_html()
    assert "NaN" not in drawing
    box = root.locator("svg").bounding_box()
    places = root.locator("svg text").evaluate_all("all => all.map((text) => text.getBoundingClientRect().toJSON())")
    for place in places:
        assert place["left"] >= box["x"] - 1
        assert place["right"] <= box["x"] + box["width"] + 1


@pytest.mark.parametrize("name", NAMES)
def test_each_control_changes_what_is_said_by_keyboard(page, name):
    root = page.locator(f"[data-live={name}]")
    for control in root.locator("input").all():
        label = control.evaluate("input => input.labels[0].textContent.trim()")
        assert label
        before = words(page, name) + root.locator("svg").inner_html()
        control.focus()
        if control.get_attribute("type") == "range":
            page.keyboard.press("PageUp")
            assert control.get_attribute("aria-valuetext")
        elif not control.is_checked():
            page.keyboard.press("Space")
        else:
            continue
        assert words(page, name) + root.locator("svg").inner_html() != before, label
    for button in root.locator("button").all():
        button.press("Enter")
        assert "NaN" not in root.locator("svg").inner_html() + words(page, name)


def test_a_guess_is_answered(page):
    root = page.locator("[data-live=filling]")
    root.get_by_role("button", name="Start again").click()
    root.get_by_role("button", name="Go to 64 questions").click()
    assert "you guessed" in words(page, "filling")


def test_cards_spread_evenly_cost_least(page):
    root = page.locator("[data-live=cards]")
    root.get_by_role("button", name="Spread evenly").click()
    assert "over all 24 orders 9 on average. Nothing does better." in words(page, "cards")


def test_nine_stickers_cost_most_where_one_of_each_is_expected(page):
    root = page.locator("[data-live=album]")
    root.get_by_role("button", name="Each expected once").click()
    said = words(page, "album")
    n = int(re.search(r"After (\d+) packets", said)[1])
    law = [1 / (n + 1)] * 9 + [1 - 9 / (n + 1)]
    mass = float(kd.expected_missing_mass(law, n))
    assert f"probability {mass:.3g} on average" in said
    assert f"can make it is {mass:.3g}" in said


def test_whoever_copies_is_never_further_off_than_what_was_not_drawn_and_whoever_counts_never_nearer(page):
    root = page.locator("[data-live=fills]")
    n = int(re.search(r"After (\d+) answers", words(page, "fills"))[1])
    for fill in ("evenly to all", "to the least likely", "to the likeliest"):
        root.get_by_label(fill).check()
        for _ in range(3):
            root.get_by_role("button", name="Other answers").click()
            counts = root.locator("svg text").evaluate_all(
                "all => all.map(e => e.textContent).filter(t => /×$/.test(t))"
            )
            rest, matcher, counter, weigher = map(float, re.findall(r"\b0\.\d+|\b0\b", words(page, "fills")))
            assert sum(int(count[:-1]) for count in counts) == n
            assert matcher <= rest + 1e-3
            assert min(counter, weigher) >= rest - 1e-3


def test_asking_until_a_target_reaches_it(page):
    root = page.locator("[data-live=certificate]")
    root.get_by_role("button", name="Start again").click()
    root.get_by_role("button", name="Ask until the certificate reaches the target").click()
    assert "The target is reached: you may stop." in words(page, "certificate")


def test_on_paper_and_without_scripts_the_still_picture_is_there(page, browser, tmp_path):
    still = page.locator("[data-live=squared] > figure")
    page.emulate_media(media="print")
    assert not page.locator("[data-live=squared] .live-panel").is_visible()
    assert still.is_visible()
    page.emulate_media(media="screen")
    path = tmp_path / "page.html"
    path.write_text(f'<style>{STYLE.read_text()}</style><div class="live"><figure>still</figure></div>')
    with without_scripts(browser, path) as plain:
        assert plain.locator("figure").is_visible()
