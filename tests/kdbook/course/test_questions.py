"""`kdcore quiz`: every question of the book in every format, read back by other rules; and what is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

from kdbook.commands.teaching import quiz as command
from kdbook.course.questions.export import FORMATS, export
from kdbook.course.questions.outside import Outside
from kdbook.course.questions.read import chosen, read_questions
from kdbook.course.questions.worded import delimited, mathml, worded
from kdbook.markup.elsewhere import Elsewhere, Place
from kdbook.markup.labels import Labels, works
from kdbook.project import BookError, Project
from tests.formulas import skeleton
from tests.kdbook.course import questions_written as written
from tests.mini import kdcore, write_book

PROJECT = Project.find()
SOURCES = written.sources(PROJECT.book)
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("qti_item.rng")))
AWKWARD = """\
# Asked

## First

```{quiz} Is $\\{a:b\\}=\\nu\\sim1$, or a=~#{}:?
:name: quiz-awkward

Look at

    x = {1: "#"}

    y ~= \\n

$$
\\frac12<\\frac1{2}
$$

- [ ] // No: [html] 50%
  > Because *no*.
  >
  > - one
  > - **two**
- [x] $x^12$ & a<2
  > It is {ref}`there <quiz-plain>`, see [](first.ipynb).
```

```{quiz} Which?
:name: quiz-plain

- [x] This
  > See {prf:ref}`thm-x`.
- [ ] That
  > No.
- [ ] Neither
  > No.
```
"""
SEVERAL = """\
```{quiz} Which ones?
:name: quiz-several
:several:

- [x] One
  > Yes.
- [x] Two
  > Yes.
- [ ] Three
  > No.
- [x] Four
  > Yes.
```
"""


@pytest.fixture(scope="module")
def whole():
    return Elsewhere.of(PROJECT, own=())


@pytest.fixture(scope="module")
def questions(whole):
    return read_questions(PROJECT, whole)


@pytest.fixture(scope="module")
def files(whole, questions):
    labels = Labels(whole.names, whole.pages, works(PROJECT.book / "references.bib"))
    return {form: export(PROJECT, Outside(labels, whole), questions, form) for form in FORMATS}


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small book with awkward questions, whose parts nobody has to count."""
    root = write_book(tmp_path / "small")
    (root / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: first\n- file: asked\n")
    (root / "book" / "second.ipynb").unlink()
    (root / "book" / "asked.md").write_text(AWKWARD.replace("{prf:ref}`thm-x`", "[](first.ipynb)") + SEVERAL)
    for name in ("css", "js"):
        (root / "book" / "_static" / name).mkdir(parents=True)
        (root / "book" / "_static" / name / f"quiz.{name}").write_text("/* here */")
    monkeypatch.setattr(command, "labels", lambda project: Labels.of(project, {}))
    return root


def asked_and_answered(found, right_alone=False):
    """Compare what was read with the pages of the book: all questions, in order, with answers, marks and feedback."""
    assert [one.name for one in found] == list(SOURCES)
    for one in found:
        asks, several, answers = SOURCES[one.name]
        assert written.said(one.asks, asks), one
        assert len(one.answers) == len(answers)
        n_right = sum(mark == "x" for mark, _, _ in answers)
        worth = {"x": 1 / n_right, " ": -1 / (len(answers) - n_right) if several else 0}
        for (text, share, feedback), (mark, wanted, why) in zip(one.answers, answers, strict=True):
            assert (share > 0) == (mark == "x"), one.name
            assert right_alone or share == pytest.approx(worth[mark], abs=1e-5)
            assert written.said(text, wanted), (one.name, text)
            assert written.said(feedback, why), (one.name, feedback)


def test_the_book_has_as_many_questions_as_its_pages_say(questions):
    assert [question.label for question in questions] == list(SOURCES)
    assert len(SOURCES) == 8 + 14 + 17 + 9
    assert [question.label for question in questions if question.several] == ["quiz-who-escapes"]


def test_gift_says_what_the_book_says_with_its_formulas_and_code(files):
    text = files["gift"].decode()
    found, categories = written.gift(text)
    asked_and_answered(found)
    for one in found:
        asks, _, answers = SOURCES[one.name]
        parts = [(one.asks, asks)]
        for (text_read, _, feedback), (_, wanted, why) in zip(one.answers, answers, strict=True):
            parts += [(text_read, wanted), (feedback, why)]
        for read, source in parts:
            assert written.formulas(read, r"\\\(", r"\\\)") == written.formulas(source), one.name
    assert categories[0] == "The limits of knowledge transfer/Are you ready?/Probability and averages"
    assert len(categories) == len(set(categories)) == 21
    assert text.startswith("// The limits of knowledge transfer: an executable companion, ")
    assert "CC BY 4.0" in text.split("\n")[0]


def test_qti_says_what_the_book_says_and_is_what_the_standard_wants(files):
    parts, found = written.qti(files["qti"])
    asked_and_answered(found)
    items = {name: tree for name, tree in parts.items() if name.startswith("items/")}
    assert len(items) == len(SOURCES)
    for name, tree in items.items():
        assert SCHEMA.validate(tree), (name, SCHEMA.error_log.last_error)
        assert name == f"items/{tree.get('identifier')}.xml"
    manifest = parts["imsmanifest.xml"]
    ns = {"p": "http://www.imsglobal.org/xsd/imscp_v1p1"}
    resources = manifest.findall(".//p:resource", ns)
    assert {one.get("href") for one in resources} == set(parts) - {"imsmanifest.xml"}
    assert all(one.find("p:file", ns).get("href") == one.get("href") for one in resources)
    kinds = {one.get("href"): one.get("type") for one in resources}
    assert kinds.pop("test.xml") == "imsqti_test_xmlv2p1"
    assert set(kinds.values()) == {"imsqti_item_xmlv2p1"}
    needed = {one.get("identifierref") for one in manifest.iter("{*}dependency")}
    assert needed == {one.get("identifier") for one in resources} - {"resource-questions"}
    assert manifest.findtext(".//p:schema", namespaces=ns) == "QTIv2.1 Package"
    assert "CC BY 4.0" in "".join(manifest.itertext())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('identifier="quiz-no-rho" ', ""),
        ("<prompt>", "<prompt><p>x</p>"),
        ('showHide="show"', 'showHide="maybe"'),
        ('maxChoices="1"', 'maxChoices="one"'),
        ("<correctResponse><value>C</value></correctResponse>", ""),
    ],
)
def test_the_schema_refuses_what_the_standard_does(files, old, new):
    parts, _ = written.qti(files["qti"])
    text = etree.tostring(parts["items/quiz-no-rho.xml"], encoding="unicode")
    assert old in text
    assert not SCHEMA.validate(etree.fromstring(text.replace(old, new)))


def test_the_page_says_what_the_book_says_and_needs_nothing_else(files):
    html = files["html"].decode()
    soup, found = written.page(html)
    asked_and_answered(found, right_alone=True)
    assert [one["id"] for one in soup.select("fieldset[data-several]")] == ["quiz-who-escapes"]
    assert not soup.select("link, img, iframe, script[src], [href^='http:']")
    assert "url(" not in html
    assert "import " not in "".join(style.get_text() for style in soup.select("style"))
    assert [one.get_text() for one in soup.select("h2")] == [
        "Are you ready?",
        "Questions on the paper",
        "Questions beyond the paper",
        "Questions about your own teacher",
    ]
    assert "CC BY 4.0" in soup.footer.get_text()


def test_the_page_works_by_keyboard_is_accessible_and_prints_its_answers_at_the_end(tab, files, tmp_path):
    (tmp_path / "page.html").write_bytes(files["html"])
    with tab.without_errors() as go:
        page = go(tmp_path / "page.html")
        question = page.locator("#quiz-start-unseen")
        question.locator("input").first.focus()
        for key in ("ArrowDown", "ArrowDown", "Space"):
            page.keyboard.press(key)
        assert question.locator(".quiz-said .quiz-reason").inner_text().startswith("Right.")
        assert page.locator(".quiz-points").inner_text() == "1 of 48 right at the first try, 47 not answered yet."
        page.locator("#quiz-start-tv .quiz-label math").nth(1).click()
        assert page.locator("#quiz-start-tv .quiz-said .quiz-reason").inner_text().startswith("Not right.")
        assert tab.overflow(390) <= 0
        assert tab.violations() == []
        page.emulate_media(color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 30)"
        assert tab.violations(colours_alone=True) == []
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".quiz-paper > li").count() == 48
        assert page.locator("fieldset .quiz-reason").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")


def test_chapters_and_pages_choose_questions(questions):
    about = {question.label: question.about for question in questions}
    assert about["quiz-mass-risk"] == ("missing-mass",)  # by its section, though it leads elsewhere, too
    assert about["quiz-who-escapes"] == ("reweighting",)  # by what it leads to
    assert about["quiz-nats-rate"] == ("in-nats",)  # by its section, which the title begins with

    def names(*arguments):
        return [question.label for question in chosen(questions, *arguments)]

    assert names(["quiz-start"]) == [name for name in SOURCES if name.startswith("quiz-start")]
    assert names(["squared-logits"], ["quiz-xi", "quiz-no-rho"]) == ["quiz-no-rho", "quiz-one-run", "quiz-xi"]
    assert names() == list(SOURCES)
    with pytest.raises(BookError, match=r"no question 'quiz-bud' \(near: quiz-buddies"):
        names([], ["quiz-bud"])
    with pytest.raises(BookError, match="no question is about classroom; there are some on quiz-start, missing-mass"):
        names(["classroom"])


def test_awkward_text_comes_back_as_it_was(small):
    path = small.parent / "out.gift"
    assert kdcore(small, "quiz", "-o", str(path)).returncode == 0
    (awkward, plain, several), _ = written.gift(path.read_text(encoding="utf-8"))
    assert awkward.asks.startswith("Is \\(\\{a:b\\}=\\nu\\sim1\\), or a=~#{}:?Look at")
    assert 'x = {1: "#"}\n\ny ~= \\n' in awkward.asks
    assert "\\[\\frac12<\\frac1{2}\\]" in awkward.asks
    assert [answer[0] for answer in awkward.answers] == ["// No: [html] 50%", "\\(x^12\\) & a<2"]
    assert awkward.answers[0][2].split() == ["Because", "no.", "one", "two"]
    assert awkward.answers[1][2] == "It is there (a question in Asked), see First."
    assert plain.answers[0][2] == "See First."
    assert [answer[1] for answer in several.answers] == pytest.approx([1 / 3, 1 / 3, -1, 1 / 3], abs=1e-5)
    path = small.parent / "out.zip"
    assert kdcore(small, "quiz", "-o", str(path)).returncode == 0
    parts, (awkward, _, _) = written.qti(path.read_bytes())
    assert all(SCHEMA.validate(tree) for name, tree in parts.items() if name.startswith("items/"))
    assert 'x = {1: "#"}\n\ny ~= \\n' in awkward.asks


@pytest.mark.parametrize(
    ("tex", "read"),
    [
        (r"\frac12e", "mfrac[1|2]e"),
        (r"\frac1{10}", "mfrac[1|10]"),
        (r"\frac{a}23", "mfrac[a|2]3"),
        (r"x^12", "msup[x|1]2"),
        (r"\sqrt12", "msqrt[1]2"),
        (r"(0,1)", "(0,1)"),
        (r"|X|", "|X|"),
    ],
)
def test_digits_are_read_as_tex_does(tex, read):
    assert skeleton(mathml(tex, False)) == read
    assert "<mn>0,1</mn>" not in mathml(tex, False)


def test_a_formula_that_cannot_be_written_is_named():
    with pytest.raises(BookError, match=r"the formula '\\\\frac1' cannot be written"):
        mathml(r"\frac1", False)


def test_with_an_address_references_are_links():
    labels = Labels({"thm-x": "Theorem 1"}, {"first": "First"}, {})
    places = {"thm-x": Place("first", "thm-x", "Theorem 1")}
    text = "See {prf:ref}`the bound <thm-x>` in [](first.ipynb), not [there](first.ipynb)."
    words = Outside(labels, Elsewhere("", {"first": "First"}, places))
    assert words.markdown(text) == "See the bound (Theorem 1) in *First*, not there (*First*)."
    linked = Outside(labels, Elsewhere("https://example.org/", {"first": "First"}, places))
    assert linked.markdown(text) == (
        "See [the bound](https://example.org/first.html#thm-x) in [*First*](https://example.org/first.html), "
        "not [there](https://example.org/first.html)."
    )


def test_without_options_the_questions_are_listed(small):
    told = kdcore(small, "quiz")
    assert told.returncode == 0
    lines = told.stdout.splitlines()
    assert lines[0] == "Asked (asked): First"
    assert lines[1].split()[:2] == ["quiz-awkward", "Is"]
    assert lines[1].endswith("[first]")
    assert lines[-1].startswith("3 questions; after each the chapters that it is about. next: 'kdcore quiz -o FILE'")


@pytest.mark.parametrize("ending", ["gift", "txt", "zip", "html"])
def test_the_ending_says_the_format_and_an_old_file_is_replaced(small, ending):
    path = small.parent / f"out.{ending}"
    path.write_text("old")
    told = kdcore(small, "quiz", "--question", "quiz-plain", "-o", str(path))
    assert told.returncode == 0, told.stderr
    form = {"txt": "gift", "zip": "qti"}.get(ending, ending)
    assert told.stdout == f"wrote {path}: 1 question of 3, with feedback, as {form}\n"
    first = path.read_bytes()
    assert first != b"old"
    assert kdcore(small, "quiz", "--question", "quiz-plain", "-o", str(path)).returncode == 0
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "gift"], "--format gift needs -o FILE, a .gift or .txt file"),
        (["-o", "x.pdf"], "--output must end in .gift or .txt or .zip or .html, got x.pdf"),
        (["--format", "qti", "-o", "x.gift"], "--output must end in .zip, got x.gift"),
        (["-o", "nowhere/x.gift"], "the folder nowhere does not exist"),
        (["--question", "quiz-plan"], "no question 'quiz-plan' (near: quiz-plain"),
        (["--question", "quiz-plain,"], "--question needs names, separated by commas"),
        (["--only", "third"], "no chapter 'third'"),
    ],
)
def test_what_cannot_be_is_refused(small, arguments, said):
    result = kdcore(small, "quiz", *arguments)
    assert result.returncode == 1
    assert said in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- [x] This", "- This", "answer A is not one paragraph after '[ ] ' or '[x] ' and its feedback after '> '"),
        ("- [ ] That", "- [x] That", "it has 2 right answers"),
        ("- [x] This", "- [ ] This", "it has 0 right answers"),
        ("- [ ] That", "- [ ] ![](x.png)", "it shows a picture, which cannot be taken along"),
        ("That", "<b>That</b>", "it holds HTML, which platforms may not show: write Markdown"),
        ("thm-x", "thm-y", "a reference leads to 'thm-y'"),
    ],
)
def test_a_question_that_cannot_be_written_is_named(old, new, said):
    body = "- [x] This\n  > See {prf:ref}`thm-x`.\n- [ ] That\n  > No.\n".replace(old, new)
    question = SimpleNamespace(label="quiz-a", page="asked", asks="Which?", body=body, several=False)
    outside = Outside(Labels({"thm-x": "Theorem 1"}, {}, {}), Elsewhere())
    with pytest.raises(BookError, match="page asked, question quiz-a: ") as refused:
        worded(question, outside, delimited)
    assert said in str(refused.value)


def test_names_must_be_there_and_differ(small):
    page = small / "book" / "asked.md"
    page.write_text(page.read_text().replace(":name: quiz-several", ":name: quiz-plain"))
    assert "the question quiz-plain has the name of another one" in kdcore(small, "quiz").stderr
    page.write_text("# Asked\n")
    assert "the book has no questions" in kdcore(small, "quiz").stderr
