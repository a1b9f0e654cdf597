"""Questions that check themselves: the directive in a small Sphinx project, and the book's pages in a browser."""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePath

import numpy as np
import pytest
from bs4 import BeautifulSoup

import kdcore as kd
from kdbook.course.questions.worded import mathml
from kdbook.printing import document
from kdbook.project import Project
from tests import warm
from tests.book.browser import Visit, without_scripts
from tests.formulas import skeleton

PROJECT = Project.find()
PAGES = [page for page in PROJECT.pages() if page.startswith("quiz-")]
BLOCK = re.compile(r"^```\{quiz\} (.*?)^```$", re.MULTILINE | re.DOTALL)  # Markdown allows no ` in the first line
CONF = """\
extensions = ["myst_parser", "kdbook.sphinx_ext.quiz"]
myst_enable_extensions = ["dollarmath"]
html_theme = "sphinx_book_theme"
"""


def quiz(*answers, title="Why $A$?", options=":name: quiz-a\n", stem=""):
    return f"```{{quiz}} {title}\n{options}\n{stem}\n" + "\n".join(answers) + "\n```\n"


def answer(mark, text, feedback="Because."):
    return f"- {mark} {text}\n" + (f"  > {feedback}\n" if feedback else "")


WRONG, RIGHT = answer("[ ]", "one"), answer("[x]", "two")
GOOD = quiz(
    answer("[ ]", "$a_1$ first", "It *is* $y$: {ref}`here <other>`.\n  >\n  > More."),
    answer("[x]", "the {ref}`right <other>` one"),
    stem="A stem with\n\n$$z=1$$\n",
)
PAGE = f"""\
# Page

See {{ref}}`the question <quiz-a>`.

(other)=
## Other

{GOOD}
{quiz(RIGHT, WRONG, RIGHT, options=":name: quiz-b" + chr(10) + ":several:" + chr(10))}
"""


def build(root, builder="html", **pages):
    """Build pages with Sphinx; return the folder of what it made and the warnings."""
    root.mkdir(exist_ok=True)
    (root / "conf.py").write_text(CONF)
    for name, page in pages.items():
        (root / f"{name}.md").write_text(page)
    result = warm.sphinx("-q", "-N", "-b", builder, str(root), str(root / builder))
    assert result.returncode == 0, result.stderr
    return root / builder, result.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    made, warnings = build(tmp_path_factory.mktemp("quiz") / "book", index=PAGE)
    assert warnings == ""
    return made, BeautifulSoup((made / "index.html").read_text(), "html.parser")


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """A small book whose first page has no question and the others one that is refused: the folder, what was said."""
    pages = {name: f"---\norphan: true\n---\n# Page\n\n{page}" for name, (page, _) in REFUSED.items()}
    made, warnings = build(tmp_path_factory.mktemp("refused") / "book", index="# Page\n\nText.\n", **pages)
    said = {}
    for part in re.split(r"^(?=/\S*\.md:)", warnings, flags=re.MULTILINE)[1:]:
        name = PurePath(part.partition(".md:")[0]).name
        said[name] = said.get(name, "") + part
    return made, said


def test_a_question_is_a_fieldset_with_its_answers_and_a_closed_fold(built):
    whole = built[1].select_one("fieldset#quiz-a")
    assert whole.legend.get_text() == r"Question 1. Why \(A\)?"
    assert r"\[z=1\]" in whole.get_text()
    answers = whole.select("ol.quiz-answers > li > span.quiz-text")
    assert [item.get_text() for item in answers] == [r"\(a_1\) first", "the right one"]
    assert answers[1].a["href"] == "#other"
    fold = whole.details
    assert "open" not in fold.attrs
    reasons = fold.select("ol > li")
    assert [" ".join(item.get_text().split()) for item in reasons] == [
        r"Not right. It is \(y\): here. More.",
        "Right. Because.",
    ]
    assert ["data-right" in item.attrs for item in reasons] == [False, True]
    assert reasons[0].a["href"] == "#other"


def test_questions_are_numbered_and_can_be_referred_to(built):
    assert [number.get_text() for number in built[1].select(".quiz-number")] == ["Question 1.", "Question 2."]
    assert built[1].select_one('a[href="#quiz-a"]').get_text() == "the question"
    assert ["data-several" in whole.attrs for whole in built[1].select("fieldset")] == [False, True]


def test_other_writers_keep_every_sentence(tmp_path):
    made, _ = build(tmp_path, "text", index=PAGE)
    text = (made / "index.txt").read_text()
    for part in ("Question 1. Why A?", "a_1 first", "Not right.", "Because."):
        assert part in text


def test_on_paper_the_questions_come_first_and_the_answers_last(built):
    html = document.document(built[0], ["index"], "T", "")
    page = BeautifulSoup(html, "html.parser").select_one("main")
    assert page.select("fieldset details") == []
    text = " ".join(page.get_text(" ").split())
    last = text.index("Question 2. Why")
    end = text.index("Answers Question 1. Not right. It is")
    assert last < end < text.index("Question 2. Right. Because.")
    assert text.count("Because.") == 4


def test_a_page_without_questions_has_no_answers_on_paper(refused):
    assert "Answers" not in document.document(refused[0], ["index"], "T", "")


REFUSED = {
    "title": (quiz(WRONG, RIGHT, title=""), "1 argument"),
    "name": (quiz(WRONG, RIGHT, options=""), 'quiz "Why $A$?" needs a name'),
    "no-list": (quiz("Nothing."), 'quiz "Why $A$?" must end with a list'),
    "one": (quiz(RIGHT), 'quiz "Why $A$?" needs at least two answers, got 1'),
    "none-right": (quiz(WRONG, WRONG), 'quiz "Why $A$?" has no right answer'),
    "none-of-several": (
        quiz(WRONG, WRONG, options=":name: q\n:several:\n"),
        'quiz "Why $A$?" has no right answer',
    ),
    "two": (
        quiz(RIGHT, WRONG, RIGHT),
        "quiz \"Why $A$?\" has 2 right answers: leave one, or add ':several:'",
    ),
    "feedback": (
        quiz(RIGHT, answer("[ ]", "two", "")),
        'quiz "Why $A$?" answer B must be one paragraph, then its feedback',
    ),
    "mark": (quiz(RIGHT, answer("[y]", "two")), 'quiz "Why $A$?" answer B must begin with'),
    "empty": (quiz(RIGHT, "-\n"), 'quiz "Why $A$?" answer B must begin with'),
    "long": (quiz(RIGHT, answer("[ ]", "two\n\n  more")), 'quiz "Why $A$?" answer B must be one paragraph'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_missing_is_named(refused, name):
    made, said = refused
    assert REFUSED[name][1] in said[name]
    assert "<fieldset" not in (made / f"{name}.html").read_text()


def sources():
    """The quizzes of the book, by page: the marks of their answers and the number of feedbacks."""
    found = {}
    for page in PAGES:
        text = (PROJECT.book / f"{page}.md").read_text(encoding="utf-8")
        blocks = BLOCK.findall(text)
        found[page] = [(re.findall(r"^- \[([ x])\]", b, re.MULTILINE), b.count("\n  > ")) for b in blocks]
    return found


def test_the_book_has_its_four_pages_each_the_last_of_its_part():
    toc = (PROJECT.root / "_toc.yml").read_text(encoding="utf-8")
    parts = [re.findall(r"- file: (\S+)", part) for part in toc.split("- caption:")[1:]]
    assert [part[-1] for part in parts if part[-1].startswith("quiz-")] == PAGES
    assert PAGES == ["quiz-start", "quiz-paper", "quiz-beyond", "quiz-teacher"]


def test_every_question_has_an_answer_and_feedback_and_no_place_is_preferred():
    for page, questions in sources().items():
        for marks, feedbacks in questions:
            assert "x" in marks, page
            assert len(marks) == feedbacks, page
        places = [marks.index("x") for marks, _ in questions if marks.count("x") == 1]
        assert set(places) == set(range(4)), page
        assert max(map(places.count, range(4))) <= len(places) / 2, page


def test_no_answer_speaks_of_the_others():
    for page in PAGES:
        text = (PROJECT.book / f"{page}.md").read_text(encoding="utf-8")
        assert not re.search(r"(all|none|both) of the (above|others)", text, re.IGNORECASE), page


def bernoulli_deviation(n):
    return (0.25 / n) ** 0.5


def square_bias(row):
    return kd.exact.ce_ptl_limit(kd.Teacher([1.0], [row]))


def slope(make, grid):
    return kd.fit_rate(grid, [kd.expected_risk(make(n), n, "ce_sgl") for n in grid]).slope


def sticky(n, stay, size=20):
    """The expected missing mass of the inputs where each stays with a probability."""
    return (1 - 1 / size) * (1 - (1 - stay) / size) ** (n - 1)


FAVOURITE, ONE_LABEL = kd.instance_0(100, 25), kd.Teacher([0.1] * 10, [[1.0] + [0.0] * 9] * 10)
INSTANCE_1_GRID = np.geomspace(100, 10_000, 9).round().astype(int).tolist()
ZIPF = kd.Teacher((1 / np.arange(1, 1001)) / (1 / np.arange(1, 1001)).sum(), kd.instance_0(1000, 10).pi)


@cache
def stated():
    """Words of each page that end in a number, and what it should be."""
    return {
        "quiz-start": [
            ("approx0.366", 0.99**100),
            ("to 0.035", bernoulli_deviation(200)),
            ("to 0.016", bernoulli_deviation(1000)),
            ("about $-0.000036", (0.4 - 0.04) / 9900),
        ],
        "quiz-paper": [
            ("risks are 0.446", kd.expected_risk(FAVOURITE, 100_000, "ce_ptl")),
            ("and 0.049", kd.expected_risk(FAVOURITE, 100_000, "ce_sgl")),
            ("Theorem 3.1 gives 0.0038", kd.bounds.theorem_3_1(n_inputs=10, n_labels=10, n_samples=10_000)),
            ("expected risk 0.53", kd.expected_risk(FAVOURITE, 500, "ce_sgl")),
            ("which is $0.0758", kd.bounds.theorem_3_1(n_inputs=100, n_labels=25, n_samples=625)),
            ("approx0.085", np.exp(-0.5) / 16 * 5**0.5),
            ("approx0.56", 5**0.5 / 4),
            ("slope $-1.00", -slope(lambda n: kd.instance_2(10, 11, n), [1000 * 2**k for k in range(6)])),
            ("$\\xi$ is 0.1", kd.bounds.vertex_distance(kd.instance_2(10, 11, 1000).pi)),
            ("of $m_0$ is 0.396", kd.expected_missing_mass(FAVOURITE.joint, 1000)),
            ("of the risk 0.0026", kd.expected_risk(FAVOURITE, 1000, "sel_ptl")),
            ("approx0.303", np.exp(-0.5) / 2),
            ("is small, 0.020", square_bias([0.26, 0.26, 0.24, 0.24])),
            ("the bias is 0.092", square_bias([0.6, 0.4])),
            ("at most 0.0405", 110 / (np.e * 1000)),
            ("gives 0.143", kd.bounds.joint_missing_mass(n_inputs=10, n_labels=11, n_samples=1000, delta=0.05)),
            ("goes from 0.00165", kd.bounds.soft_minimax(n_inputs=10, n_labels=2, n_samples=1000)),
            ("to 0.00331", kd.bounds.soft_minimax(n_inputs=10, n_labels=1000, n_samples=1000)),
            ("have slope $-0.5079", -slope(lambda n: kd.instance_1(10, 10, n), INSTANCE_1_GRID)),
            ("missing mass is 0.0064", sticky(1000, 0.9)),
            ("draws, 0.0059", sticky(100, 0.0)),
        ],
        "quiz-beyond": [
            ("orders this loses 11.5", 11.5),
            ("in all it loses 13.0", (11 + 2 + 2 + 3 + 8) / 2),
            ("It loses 9.0", (9 + 0 + 4 + 5) / 2),
            ("This loses 18.0", (24 - 6) * 2 / 2),
            ("stays at about 0.96", kd.bounds.top_k_only_bias(n_labels=50_000, k=20).value),
            ("- [x] 0.80", kd.bounds.top_k_only_bias(n_labels=100, k=20, renormalised=True).value),
            ("- [ ] 0.38", (10 - 20**0.5) / (10 + 20**0.5)),
            ("at most $0.29204", kd.bounds.partial_kl_constant()),
            ("that is 0.100", 10 * 10 / 1001),
            ("approx0.092", 1 / (4 * np.e)),
            ("sharp 0.154", kd.bounds.uniform_fill_constant().value),
            ("factor of 1.68", kd.bounds.uniform_fill_constant().value * 4 * np.e),
            ("has 0.314", kd.expected_risk(ONE_LABEL, 10, "ce_ful")),
            ("They are 0.314", kd.expected_risk(ONE_LABEL, 10, "ce_ptl")),
            ("at most 44", 400 / 9),
            ("says that 0.0037", 100**100 / 101**101),
            ("rho$ decides what is drawn. 0.0077", kd.expected_risk(ZIPF, 10_000, "ce_ful")),
            ("and 0.00002", kd.expected_risk(kd.instance_0(1000, 10), 10_000, "ce_ful")),
            ("has mass 0.00013", ZIPF.rho.min()),
            ("expected 1.3", 10_000 * ZIPF.rho.min()),
        ],
        "quiz-teacher": [
            ("error of about 0.025", 1 / (2 * 400**0.5)),
            ("Up to 0.025", 1 / (2 * 400**0.5)),
            ("9999\\approx8099", 0.81 * ((100_000 - 1) // 10)),
        ],
    }


@pytest.mark.parametrize("name", PAGES)
def test_numbers_are_those_of_kdcore(name):
    text = (PROJECT.book / f"{name}.md").read_text(encoding="utf-8")
    for words, value in stated()[name]:
        assert words in text
        digits = re.search(r"[\d.]+$", words)[0]
        assert f"{float(value):.{len(digits.partition('.')[2])}f}" == digits, words


def test_counting_overtakes_where_it_is_said():
    for n, counting_wins in ((1165, False), (1166, True)):
        risks = [kd.expected_risk(FAVOURITE, n, learner) for learner in ("ce_sgl", "ce_ptl")]
        assert (risks[0] < risks[1]) == counting_wins


@pytest.fixture
def visit(tab, html):
    """Open a page of the book; afterwards the console must be clean."""
    with tab.without_errors() as go:
        yield lambda name, **how: go(html / f"{name}.html", **how)


def score(page):
    return page.locator(".quiz-points").inner_text()


def shown(question):
    return question.locator(".quiz-said .quiz-reason")


def rights(html, name):
    """For each question of a page, whether each answer is right."""
    soup = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    return [["data-right" in item.attrs for item in one.select(".quiz-reasons > li")] for one in soup.select(".quiz")]


SIZES = """() => [...document.querySelectorAll(".quiz-label, .quiz-button")].map((e) => {
    const box = e.getBoundingClientRect();
    return [Math.min(box.width, box.height), e.textContent.slice(0, 40)];
})"""


# What MathJax has read: the exports of `kdcore quiz` must say the same.
FORMULAS = """() => [...MathJax.startup.document.math].map((one) =>
    [one.math, MathJax.startup.toMML(one.root).replaceAll("&nbsp;", " ")])"""


def answers_can_be_read_and_tapped(tab, page, name):
    """Formulas are typeset, also where they are not shown, and MathML says the same; what one taps is large enough."""
    assert tab.untypeset() == []
    read = page.evaluate(FORMULAS)
    assert [tex for tex, read_by_mathjax in read if skeleton(mathml(tex, False)) != skeleton(read_by_mathjax)] == []
    assert len(read) > 10
    assert page.locator(".quiz-label mjx-container[tabindex]").count() == 0
    for width in (390, 1300):
        page.set_viewport_size({"width": width, "height": 900})
        sizes = page.evaluate(SIZES)
        assert len(sizes) > sum(len(marks) for marks, _ in sources()[name])
        assert [one for one in sizes if one[0] < 44] == [], width


# Answers all questions by clicks on what lies over the middle of an answer, each in the order told; where several are
# right, those, and then the button. Returns of each question what it said of each tap: whether it was the answer that
# lay there, what it says, how many say something; of one with several answers, what is said of the whole.
ANSWER = """([orders, rights]) => [...document.querySelectorAll("fieldset.quiz")].map((question, place) => {
    const tap = (one) => {
        one.scrollIntoView({block: "center", behavior: "instant"});
        const box = one.getBoundingClientRect();
        const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        there?.click();
        return one.contains(there);
    };
    const labels = [...question.querySelectorAll(".quiz-label")];
    const said = () => question.querySelectorAll(".quiz-said .quiz-reason").length;
    const taps = orders[place].map((index) => {
        const isTapped = tap(labels[index]);
        return [isTapped, labels[index].nextElementSibling.innerText, said()];
    });
    if (rights[place] === 1) return taps;
    const button = [...question.querySelectorAll("button")].find((one) => one.innerText.trim() === "Check");
    const isTapped = taps.every(([one]) => one) && tap(button);
    return [isTapped, question.querySelector(".quiz-whole").innerText, said()];
})"""


@pytest.mark.parametrize("name", PAGES)
def test_each_answer_says_right_or_wrong_and_why_and_the_first_try_counts(tab, visit, html, name):
    page = visit(name)
    answers_can_be_read_and_tapped(tab, page, name)
    key = rights(html, name)
    assert len(key) == len(sources()[name])
    assert score(page) == f"0 of {len(key)} right at the first try, {len(key)} not answered yet."
    orders = [
        [index for index, is_right in enumerate(right) if is_right]
        if sum(right) > 1
        else sorted(range(len(right)), key=lambda index: right[index] != (place % 2 == 0))
        for place, right in enumerate(key)
    ]
    answered = page.evaluate(ANSWER, [orders, [sum(right) for right in key]])
    for order, right, heard in zip(orders, key, answered, strict=True):
        if sum(right) > 1:
            assert heard == [True, "Right: these, and no others.", sum(right)]
            continue
        for index, (is_tapped, said, count) in zip(order, heard, strict=True):
            assert is_tapped
            assert count == 1
            assert said.startswith("Right." if right[index] else "Not right."), said
            assert len(said) > 60, said
    first = sum(right[order[0]] for order, right in zip(orders, key, strict=True))
    assert score(page) == f"{first} of {len(key)} right at the first try."
    assert 0 < first < len(key)


def test_tapping_a_formula_chooses_its_answer(visit):
    page = visit("quiz-start")
    label = page.locator("#quiz-start-jensen .quiz-label").nth(1)
    label.locator("mjx-container").click()
    assert label.locator("input").is_checked()


def test_by_keyboard_arrows_move_and_space_answers(visit):
    page = visit("quiz-start")
    question = page.locator("#quiz-start-unseen")
    question.locator("input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert shown(question).count() == 0
    page.keyboard.press("Space")
    assert shown(question).inner_text().startswith("Right.")
    assert score(page).startswith("1 of 8")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert shown(question).inner_text().startswith("Not right.")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.matches('#quiz-start-unseen li:last-child input')")
    outline = page.evaluate("getComputedStyle(document.activeElement.closest('label')).outlineStyle")
    assert outline == "solid"
    while not page.evaluate("document.activeElement.matches('#quiz-start-deviation input')"):
        page.keyboard.press("Tab")  # over the links of the feedback
        assert page.evaluate("document.activeElement.closest('fieldset.quiz') !== null")


def test_several_answers_wait_for_the_check(visit):
    page = visit("quiz-paper")
    question = page.locator("#quiz-who-escapes")
    check, verdict = question.get_by_role("button", name="Check"), question.locator(".quiz-whole")
    check.click()
    assert verdict.inner_text() == "Choose at least one answer."
    question.locator(".quiz-label").nth(0).click()
    assert shown(question).count() == 0
    check.click()
    assert verdict.inner_text() == "Not right: 1 right answer is missing."
    question.locator(".quiz-label").nth(1).click()
    assert (verdict.inner_text(), shown(question).count()) == ("", 0)
    check.click()
    assert verdict.inner_text() == "Not right, and 1 right answer is missing."
    question.locator(".quiz-label").nth(3).click()
    check.click()
    assert verdict.inner_text() == "Not right: you chose too many."
    question.locator(".quiz-label").nth(1).click()
    check.click()
    assert verdict.inner_text() == "Right: these, and no others."
    assert score(page).startswith("0 of 14")


def test_feedback_is_in_a_live_region_that_was_there_before(visit):
    page = visit("quiz-start")
    region = page.locator("#quiz-start-unseen .quiz-said").nth(2)
    assert region.get_attribute("aria-live") == "polite"
    assert region.text_content() == ""
    page.locator("#quiz-start-unseen .quiz-label").nth(2).click()
    assert region.text_content().startswith("Right.")


def test_state_survives_a_reload_and_can_be_forgotten(visit):
    page = visit("quiz-start")
    page.locator("#quiz-start-unseen .quiz-label").nth(0).click()
    page.reload()
    question = page.locator("#quiz-start-unseen")
    assert shown(question).inner_text().startswith("Not right.")
    assert score(page) == "0 of 8 right at the first try, 7 not answered yet."
    page.get_by_role("button", name="Start again").click()
    assert shown(question).count() == 0
    assert question.locator("input:checked").count() == 0
    assert page.evaluate("document.activeElement.matches('#quiz-start-unseen input')")
    question.locator(".quiz-label").nth(2).click()
    assert score(page).startswith("1 of 8")


def test_a_browser_that_refuses_a_store_is_no_obstacle(browser, html):
    page = browser.new_context().new_page()
    errors = Visit(page).errors
    page.add_init_script("""for (const name of ["getItem", "setItem"]) {
        const was = Storage.prototype[name];
        Storage.prototype[name] = function (key, ...rest) {
            if (key.startsWith("kd-quiz")) throw new DOMException("no", "SecurityError");
            return was.call(this, key, ...rest);
        };
    }""")
    page.goto((html / "quiz-start.html").as_uri())
    page.locator("#quiz-start-unseen .quiz-label").nth(2).click()
    assert score(page).startswith("1 of 8")
    page.context.close()
    assert errors == []


def test_without_scripts_the_answers_are_in_a_fold(browser, html):
    with without_scripts(browser, html / "quiz-start.html") as page:
        question = page.locator("#quiz-start-unseen")
        assert question.locator("ol.quiz-answers > li").nth(2).is_visible()
        assert not question.locator(".quiz-reasons").is_visible()
        question.locator("summary").click()
        assert "Right." in question.locator(".quiz-reasons > li").nth(2).inner_text()


def test_in_print_the_answers_are_a_list_at_the_end(visit):
    page = visit("quiz-start")
    page.locator("#quiz-start-unseen .quiz-label").nth(0).click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".quiz-paper > li").count() == 8
    assert page.locator(".quiz-paper .quiz-reason:visible").count() == 32
    assert page.locator("fieldset .quiz-reason").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert shown(page.locator("#quiz-start-unseen")).inner_text().startswith("Not right.")
    assert page.locator(".quiz-paper > li").count() == 0


def test_feedback_is_accessible_too(tab, visit):
    page = visit("quiz-paper", motion="reduce")
    for question in page.locator("fieldset.quiz").all()[:4]:
        question.locator(".quiz-label").nth(1).click()
    page.get_by_role("button", name="Check").click()
    assert tab.overflow(390) <= 0
    assert tab.violations() == []
    tab.change_scheme("dark")
    assert tab.violations(colours_alone=True) == []
