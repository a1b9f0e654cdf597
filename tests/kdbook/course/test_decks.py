"""Decks: what counts as a slide, what slides may show, and a small book with one deck."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from kdbook.course import deck_files, decks
from kdbook.course.deck_parts import Book
from kdbook.execution import notebooks
from kdbook.markup import html
from kdbook.markup.plain import Directive
from kdbook.project import BookError
from tests import committed
from tests.committed import DECKS, PROJECT
from tests.mini import kdcore, write_book

NUMBERED = ("The paper", "Beyond the paper", "Your own teacher")
PAGES = {page for part, pages in PROJECT.parts() if part in NUMBERED for page in pages}
CHAPTERS = [chapter for chapter in committed.CHAPTERS if chapter.name in PAGES]


def slide(text, kind="slide", tags=("slide", "remove-cell")):
    return new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}, "tags": list(tags)})


def made_of(*cells):
    return decks.deck("chapter", "Title", new_notebook(cells=list(cells)))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_every_chapter_has_a_deck(chapter):
    assert decks.deck(chapter.name, chapter.title, notebooks.read(chapter.path)) is not None


@pytest.mark.parametrize("made", DECKS, ids=lambda made: made.name)
def test_every_slide_has_notes_that_say_how_long_it_takes(made):
    notes = 0
    for cell in [*made.cells, slide("")]:
        kind = decks.slide_type(cell)
        if kind in ("slide", "subslide"):
            assert notes or cell is made.cells[0], f"no notes before {cell.source[:60]!r}"
            notes = 0
        elif kind == "notes":
            assert re.match(r"\*\*\d+(\.5)? min\.\*\* \S", cell.source), cell.source[:60]
            notes += 1


@pytest.mark.parametrize("made", DECKS, ids=lambda made: made.name)
def test_what_only_slides_show_is_hidden_from_pages(made):
    for cell in made.cells:
        tags = cell.metadata.get("tags", [])
        assert ("slide" in tags) == ("remove-cell" in tags), cell.source[:60]


@pytest.mark.parametrize(("name", "minutes"), [("overview", 10), ("seminar-hour", 60)])
def test_the_talks_take_as_long_as_their_titles_say(name, minutes):
    assert next(made for made in DECKS if made.name == name).minutes == minutes


def test_a_deck_counts_its_slides_and_minutes():
    notes = [slide("**2 min.** Say this.", "notes"), slide("**1.5 min.** And 3 min. of that.", "notes")]
    made = made_of(
        new_markdown_cell("# Title"),
        slide("## One"),
        notes[0],
        slide("x", "fragment"),
        slide("y", "subslide"),
        notes[1],
    )
    assert (made.n_slides, made.minutes) == (2, 3.5)


def test_a_notebook_without_slides_has_no_deck():
    assert made_of(new_markdown_cell("# Title")) is None


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([new_markdown_cell("lost", metadata={"tags": ["slide"]})], "'lost'"),
        ([slide("## One"), slide("lost", "slides")], "'lost'"),
        ([slide("early", "notes"), slide("## One")], "must have the slide_type 'slide', not 'notes'"),
    ],
)
def test_cells_that_would_not_be_shown_are_refused(cells, message):
    with pytest.raises(BookError, match=message):
        made_of(*cells)


FIGURE = "```{figure} figures/fig-%s.svg\n:name: fig-%s\n```"


def test_the_title_slide_shows_the_figure_that_is_named_or_the_first_of_the_chapter_or_of_the_slides():
    title = slide("# Title", tags=())
    show = slide("```{show} fig-c\n```")
    steps = f"````{{stepped-figure}}\n:name: fig-s\n\n{FIGURE % ('s-1', 's-1')}\n````"
    page = new_markdown_cell(f"{FIGURE % ('file', 'label')}\n\n{steps}")
    assert made_of(title, show).pictures == ("fig-c",)
    assert made_of(title, page, show).pictures == ("fig-file", "fig-s", "fig-c")
    named = slide("# Title", tags=())
    named.metadata["slideshow"]["picture"] = "fig-d"
    assert made_of(named, page).pictures[0] == "fig-d"


def test_a_live_figure_that_no_slide_shows_gets_one_before_the_last():
    live = new_markdown_cell(f"````{{live}} waves\n{FIGURE % ('a', 'a')}\n````")
    cells = [slide("# Title", tags=()), slide("## One"), slide("**1 min.** So.", "notes"), slide("## Take away")]
    made = made_of(*cells, live)
    assert [cell.source.partition("\n")[0] for cell in made.cells][3:] == [
        "## Live: what happens if …?",
        "**2 min.** Let the room say what to change and what will happen. Then change it.",
        "## Take away",
    ]
    assert "```{show} fig-a\n:live:\n```" in made.cells[3].source
    cells[1] = slide("## One\n\n```{show} fig-a\n:live:\n```")
    assert made_of(*cells, live).n_slides == 3


def test_items_with_a_plus_appear_one_at_a_time_and_nothing_else_does():
    text = "+ one\n  + two\n- three\n\n$$\nx\n+ y\n$$\n\n```python\n+ z\n```\n\n1 + 1\n+ four"
    marked = deck_files._with_steps(text)
    assert marked.count("step") == 3
    assert "$$\nx\n+ y\n$$" in marked
    assert "```python\n+ z\n```" in marked
    assert "- three" in marked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<ul><li>STEPone</li><li>two</li></ul>\n", '<ul><li class="fragment">one</li><li>two</li></ul>\n'),
        ("<ol>\n<li>\n<p>STEP$a &lt; b$</p>\n</li></ol>", '<ol>\n<li class="fragment">\n<p>$a &lt; b$</p>\n</li></ol>'),
        ("<ul><li>out<ul><li>STEPin</li></ul></li></ul>", '<ul><li>out<ul><li class="fragment">in</li></ul></li></ul>'),
        ("<p>a<br/>b</p>", "<p>a<br/>b</p>"),
    ],
)
def test_marked_items_are_fragments_and_their_marks_go(text, expected):
    assert deck_files._as_fragments(text.replace("STEP", deck_files._STEP)) == expected


BOOK = Book(
    pages={
        "first": '<div class="proof theorem admonition" id="thm-a"><p class="admonition-title">Theorem</p>'
        '<section><p>By <a href="#eq">(1)</a>.</p></section><p class="uses">Used in: x</p></div>'
        '<div class="math" id="equation-eq-a">\\[x\\]</div>'
    },
    figures={
        f"fig-{name}.svg": f'<svg viewBox="0 0 9 9"><text>{name}</text></svg>'.encode()
        for name in ("a", "s1", "s2", "s3")
    },
    alternatives={"fig-a": "A drawing"},
    frames={"fig-s": ("fig-s1", "fig-s2", "fig-s3")},
    live={"fig-a": "waves", "fig-s": "tides"},
)


def shown(label, **options):
    return BOOK.element(Directive("show", label, options, ""), set())


def test_a_statement_is_shown_without_what_only_a_page_needs():
    text = shown("thm-a")
    assert "By (1)." in text
    assert not re.search(r"<section|<a |Used in|admonition\"| id=", text)


def test_an_equation_and_a_figure_are_shown():
    assert "\\[x\\]" in shown("eq-a")
    assert 'aria-label="A drawing"' in shown("fig-a")
    assert re.search(
        r'class="beside" style="--deck-figure: 300px; --deck-width: 40%"', shown("fig-a", height="300", beside="40%")
    )


def test_a_caption_is_shown_without_its_downloads_and_ends_with_a_full_stop():
    page = (
        '<figure id="fig-a"><figcaption><span class="caption-number">Fig. 1</span><span class="caption-text">It '
        '<em>rises</em>. <a class="download" href="a.svg">SVG</a>, <a class="download" href="a.csv">CSV</a></span>'
        "</figcaption></figure>"
    )
    book = Book({"first": page}, BOOK.figures, {}, {})
    text = book.element(Directive("show", "fig-a", {"caption": ""}, ""), set())
    assert text.endswith("</svg><figcaption>It <em>rises</em>.</figcaption></figure>")


def test_a_part_may_be_shown_twice():
    assert shown("thm-a") == shown("thm-a")


def test_the_frames_of_a_stepped_figure_replace_each_other():
    kinds = re.findall(r'<figure class="fragment ([\w-]*)" data-fragment-index="(\d)">', shown("fig-s"))
    assert kinds == [("fade-out", "0"), ("current-visible", "0"), ("", "1")]


def test_a_live_figure_stands_around_its_still_picture_or_the_middle_one_of_several():
    for label, name, drawing in (("fig-a", "waves", "a"), ("fig-s", "tides", "s2")):
        (box,) = html.piece(shown(label, live="")).xpath(".//div[@data-live]")
        assert (box.get("class"), box.get("data-live")) == ("live", name)
        assert [text.text for text in box.xpath("./figure//text")] == [drawing]


def test_a_picture_of_a_title_slide_that_nobody_draws_is_named():
    title = slide("# Title\n\nWords.", tags=())
    maker = deck_files._Maker(PROJECT, None, BOOK, None)
    for name, box in (("fig-a", "fig-a\n:beside:"), ("fig-s", "fig-s2\n:beside:")):
        title.metadata["slideshow"]["picture"] = name
        assert f"# Title\n\n```{{show}} {box}" in maker._with_picture(made_of(title))
    title.metadata["slideshow"]["picture"] = "fig-b"
    with pytest.raises(BookError, match="the picture 'fig-b', which no chapter draws"):
        maker._with_picture(made_of(title))


@pytest.mark.parametrize(
    ("label", "options", "message"),
    [
        ("thm-a", {"live": ""}, "no live figure of the book's chapters: these are fig-a, fig-s"),
        ("thm-b", {}, "no such part .near: thm-a"),
        ("fig-a", {"size": "3"}, "takes the options"),
        ("fig-a", {"caption": ""}, "no caption"),
    ],
)
def test_what_the_book_has_not_is_named(label, options, message):
    with pytest.raises(BookError, match=message):
        shown(label, **options)


@pytest.fixture(scope="module")
def small(tmp_path_factory, each_chapter_once):
    """A small book, built: the second chapter has slides and a live figure, the first shows a figure of the second."""
    root = write_book(tmp_path_factory.mktemp("deck"))
    shutil.copytree(PROJECT.book / decks.TEMPLATE, root / "book" / decks.TEMPLATE)
    config = root / "_config.yml"
    config.write_text(config.read_text().replace("kdbook.site.mathjax", "kdbook.site.pages"))
    for name in ("css/live.css", "js/live.js", "js/maths.js"):
        (root / "book/_static" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT.book / "_static" / name, root / "book/_static" / name)
    (root / "book/_static/live").mkdir()
    (root / "book/_static/live/waves.js").write_text('kdLive.define("waves", {controls: []});')
    path = root / "book" / "first.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata["slideshow"] = {"slide_type": "slide", "picture": "fig-line"}
    notebook.cells[-1].metadata["slideshow"] = {"slide_type": "fragment"}
    nbformat.write(notebook, path)
    path = root / "book" / "second.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells[0].metadata["slideshow"] = {"slide_type": "slide"}
    figure = "```{figure} figures/fig-line.svg\n:name: fig-line\n:alt: A line.\nIt rises.\n```"
    notebook.cells.append(new_markdown_cell(f"````{{live}} waves\n\n{figure}\n````"))
    notebook.cells += [slide("## Only on slides\n\n```{show} fig-line\n```\n"), slide("**2 min.** Psst.", "notes")]
    nbformat.write(notebook, path)
    result = kdcore(root, "build")
    assert result.returncode == 0, result.stdout + result.stderr
    return root


def test_the_page_leads_to_its_deck_and_does_not_show_its_slides(small):
    page = (small / "_build/html/second.html").read_text()
    assert '<p class="under-title"><a href="slides/second.html">Slides</a>: 3, about 4 minutes</p>' in page
    assert "Only on slides" not in page
    assert "under-title" not in (small / "_build/html/index.html").read_text()


def test_the_deck_holds_the_figure_and_the_notes(small):
    deck = (small / "_build/html/slides/second.html").read_text()
    assert "Only on slides" in deck
    assert 'aria-label="A line."' in deck
    assert re.search(r'<aside class="notes">.*Psst\..*</aside>', deck, re.DOTALL)
    assert not re.search(r"https?://(?!www\.w3\.org)", deck)
    assert (small / "_build/html/slides/reveal/reveal.js").is_file()


def test_the_command_lists_the_decks(small):
    result = kdcore(small, "slides")
    assert result.returncode == 0
    lines = (r"\S+slides/first\.html +1 slides, +0 min  First\n", r"\S+slides/second\.html +3 slides, +4 min  Second\n")
    assert re.fullmatch("".join(lines), result.stdout)
    assert re.fullmatch(lines[1], kdcore(small, "slides", "second").stdout)


def test_the_title_slide_shows_the_picture_and_the_live_figure_has_its_scripts(small):
    for name in ("first", "second"):
        deck = html.page((small / f"_build/html/slides/{name}.html").read_text())
        assert deck.xpath("//section[.//h1]//*[@role='img']/@aria-label") == ["A line."]
    (box,) = deck.xpath("//*[@data-live]")
    assert box.get("data-live") == "waves"
    scripts = deck.xpath("//script/@src")
    assert scripts.index("js/maths.js") < scripts.index("js/live.js") < scripts.index("live/waves.js")


def test_a_deck_with_other_parameters_can_be_copied_and_says_which_figures_do_not_follow(small, tmp_path):
    result = kdcore(small, "slides", "first", "-p", "n", "7", "-o", str(tmp_path / "talk"))
    assert result.returncode == 0, result.stderr
    assert "fig-line is of the chapter 'Second' and does not follow n" in result.stdout
    folder = tmp_path / "talk" / "slides"
    deck = html.page((folder / "first.html").read_text())
    assert "n is 7" in deck.text_content()
    assert "A small book · First · n = 7" in deck.text_content()
    loaded = deck.xpath("//script/@src | //link/@href")
    assert len(loaded) >= 6
    assert [name for name in loaded if not (folder / name).is_file()] == []
    assert deck.xpath("//a/@href") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["secnd", "-p", "n", "7"], "did you mean second?"),
        (["second", "-p", "m", "7"], "no parameter 'm'"),
        (["second", "-p", "n", "0"], "n must be >= 1, got 0"),
        (["-p", "n", "7"], "need a chapter"),
    ],
)
def test_what_is_wrong_is_said_before_a_chapter_runs(small, arguments, message):
    result = kdcore(small, "slides", *arguments)
    assert result.returncode == 1
    assert message in result.stderr


def test_a_page_that_is_built_alone_leads_to_no_deck(small):
    assert kdcore(small, "run", "second", "--html").returncode == 0
    (page,) = (small / "_build").glob("run*/**/second.html")
    assert "under-title" not in page.read_text()


def test_a_slide_that_shows_nothing_known_stops_the_build(small):
    path = small / "book" / "second.ipynb"
    before = path.read_text()
    path.write_text(before.replace("{show} fig-line", "{show} fig-lime"))
    result = kdcore(small, "build")
    path.write_text(before)
    assert result.returncode == 1
    assert "slides of second: {show} fig-lime: the book has no such part (near: fig-line)" in result.stderr


def test_without_a_build_the_command_says_what_to_do(tmp_path):
    write_book(tmp_path)
    result = kdcore(tmp_path, "slides")
    assert result.returncode == 1
    assert "make book" in result.stderr
