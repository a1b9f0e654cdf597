"""The book on paper: one PDF of all pages, one page of results, and what is said when there is no Chromium."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys

import pypdf
import pytest

import kdcore as kd
from kdbook.printing import chromium, document, pdf, pdf_file
from kdbook.project import BookError, Project
from tests.mini import kdcore, write_book

PROJECT = Project.find()
A4 = (595.28, 841.89)  # points; Chromium rounds to whole pixels

needs_chromium = pytest.mark.usefixtures("chromium_there")

SUMMARY = "# Summary sheet\n\n" + "Everything on one page: $a^2+b^2=c^2$, and see [the first](first.ipynb).\n"


@pytest.fixture(scope="module")
def printed(tmp_path_factory, each_chapter_once):
    root = write_book(tmp_path_factory.mktemp("paper"))
    (root / "book" / "summary.md").write_text(SUMMARY)
    (root / "book" / "pages.yml").write_text("summary: summary\n")
    second = root / "book" / "second.ipynb"
    second.write_text(
        second.read_text().replace('"# Second"', '"# Second\\n\\nBack [to where it began](first.ipynb)."')
    )
    (root / "book" / "index.md").write_text(
        "# Title\n\nMathematics: $x^2$ and\n\n$$\\frac{\\alpha}{\\beta}=1$$\n\nSee [](second.ipynb).\n"
    )
    (root / "book" / "_static" / "css").mkdir(parents=True)
    shutil.copy(PROJECT.book / "_static" / "css" / "print.css", root / "book" / "_static" / "css")
    with (root / "_toc.yml").open("a") as toc:
        toc.write("  - file: summary\n")
    built = kdcore(root, "build")
    assert built.returncode == 0, built.stdout + built.stderr
    result = kdcore(root, "pdf")
    assert result.returncode == 0, result.stdout + result.stderr
    return root


def words(reader):
    return " ".join("".join(page.extract_text() for page in reader.pages).split())


@needs_chromium
def test_the_book_has_every_page_and_no_markup_of_mathematics(printed):
    root = printed
    text = words(pypdf.PdfReader(root / "_build" / "pdf" / "knowledge-transfer.pdf"))
    for part in ("A small book", "Contents", "First", "n is 3", "Second", "Mathematics", "Everything on one page"):
        assert part in text
    assert re.findall(r"\\\(|\\\[|\\frac|\\alpha|\$\$", text) == []


@needs_chromium
def test_pages_are_a4_and_chapters_begin_where_the_contents_say(printed):
    root = printed
    path = root / "_build" / "pdf" / "knowledge-transfer.pdf"
    reader = pypdf.PdfReader(path)
    for page in reader.pages:
        assert (page.mediabox.width, page.mediabox.height) == pytest.approx(A4, abs=1)
    assert pdf_file.page_count(path.read_bytes()) == len(reader.pages)
    places = pdf_file.destinations(path.read_bytes())
    contents = reader.pages[1].extract_text()
    for page, title in (("first", "First"), ("second", "Second")):
        number = places[document.anchor(page)]
        assert title in reader.pages[number - 1].extract_text()
        assert re.search(rf"{title}\s*{number}\b", contents), contents


@needs_chromium
def test_some_chapters_are_printed_with_contents_of_their_own_and_links_to_others_are_text(printed):
    before = (printed / "_build" / "pdf" / "knowledge-transfer.pdf").read_bytes()
    result = kdcore(printed, "pdf", "--only", "second")
    assert result.returncode == 0, result.stderr
    path = printed / "_build" / "pdf-chapters" / "second.pdf"
    assert f"Open {path} (" in result.stdout
    reader = pypdf.PdfReader(path)
    contents = reader.pages[1].extract_text()
    number = pdf_file.destinations(path.read_bytes())[document.anchor("second")]
    assert re.search(rf"Second\s*{number}\b", contents)
    assert "First" not in contents
    assert "Second" in reader.pages[number - 1].extract_text()
    assert "to where it began" in words(reader)
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert {str(link["/Dest"]).removeprefix("/") for link in links if "/Dest" in link} == {document.anchor("second")}
    assert not [link for link in links if "/A" in link]
    assert (printed / "_build" / "pdf" / "knowledge-transfer.pdf").read_bytes() == before


def test_a_chapter_that_is_not_there_is_named_before_anything_is_printed(small_book):
    result = kdcore(small_book, "pdf", "--only", "first,secnd")
    assert result.returncode == 1
    assert "no chapter 'secnd' (did you mean second?)" in result.stderr


@needs_chromium
def test_every_link_leads_to_a_page_of_the_document(printed):
    root = printed
    reader = pypdf.PdfReader(root / "_build" / "pdf" / "knowledge-transfer.pdf")
    known = set(reader.named_destinations)
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    internal = [str(link["/Dest"]) for link in links if "/Dest" in link]
    assert len(internal) >= 6  # the contents, one in the title page's text, one in the summary
    assert {name.removeprefix("/") for name in internal} <= {name.removeprefix("/") for name in known}
    outside = [str(link["/A"].get_object().get("/URI", "")) for link in links if "/A" in link]
    assert [address for address in outside if address.startswith("file:")] == []


@needs_chromium
def test_the_summary_is_one_page(printed):
    root = printed
    reader = pypdf.PdfReader(root / "_build" / "pdf" / "summary.pdf")
    assert len(reader.pages) == 1
    assert "Everything on one page" in words(reader)


@needs_chromium
def test_nothing_is_printed_twice_and_the_clock_is_not_in_the_file(printed):
    root = printed
    path = root / "_build" / "pdf" / "knowledge-transfer.pdf"
    before = path.stat().st_mtime_ns
    assert "Nothing changed" in kdcore(root, "pdf").stdout
    assert path.stat().st_mtime_ns == before
    assert set(re.findall(rb"/(?:CreationDate|ModDate) \(D:(\d{14})", path.read_bytes())) == {b"20200101000000"}


def test_without_chromium_one_line_says_how_to_install_it(tmp_path):
    root = write_book(tmp_path / "book")
    environment = {key: value for key, value in os.environ.items() if key != chromium.VARIABLE} | {"PATH": ""}
    result = subprocess.run(
        [sys.executable, "-m", "kdcore", "pdf"], cwd=root, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "apt-get install chromium" in result.stderr


@pytest.mark.parametrize("missing", [["pypdf"], ["playwright", "pypdf"]])
def test_without_the_extra_one_line_says_how_to_install_it(monkeypatch, missing):
    monkeypatch.setattr(chromium, "find_spec", lambda name: None if name in missing else object())
    with pytest.raises(BookError, match=rf"needs {' and '.join(missing)}: pip install 'kdcore\[pdf\]'$"):
        chromium.require()


def test_only_the_command_that_prints_imports_the_extra():
    code = "import sys, kdbook.commands; print({'playwright', 'pypdf'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


def test_a_program_that_is_no_browser_is_one_line():
    with pytest.raises(BookError, match=r"^Chromium did not start: [^\n]+$"), chromium.running(sys.executable):
        pass


@needs_chromium
def test_a_script_that_fails_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf, "_TYPESET", "nothing.here")
    (tmp_path / "page.html").write_text("<!DOCTYPE html><main class='kd-book'></main>")
    with pytest.raises(BookError, match=r"^Chromium could not print the book .*nothing is not defined$"):
        pdf._printed(chromium.find(), tmp_path / "page.html")


@needs_chromium
def test_a_formula_that_is_not_typeset_is_named(tmp_path):
    (tmp_path / "page.html").write_text('<!DOCTYPE html><main class="kd-book"><span class="math">x^2</span></main>')
    with pytest.raises(BookError, match=r"^1 formulas were not typeset, the first of them 'x\^2'$"):
        pdf._printed(chromium.find(), tmp_path / "page.html")


def small_pdf(**metadata):
    writer = pypdf.PdfWriter()
    for _ in range(3):
        writer.add_blank_page(100, 100)
    writer.add_named_destination("page--é.x", 2)
    writer.add_metadata(metadata)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_pages_places_and_dates_are_read_from_any_pdf():
    made = small_pdf(**{"/CreationDate": "D:20260102030405+00'00'", "/Title": "T"})
    assert pdf_file.page_count(made) == 3
    assert pdf_file.destinations(made) == {"page--é.x": 3}
    dated = pdf_file.with_date(made, "20200101000000")
    assert len(dated) == len(made)
    assert dict(pypdf.PdfReader(io.BytesIO(dated)).metadata) == {
        "/Producer": "pypdf",
        "/CreationDate": "D:20200101000000+00'00'",
        "/Title": "T",
    }
    assert pdf_file.with_date(small_pdf(), "20200101000000") == small_pdf()


@pytest.mark.parametrize(
    "metadata",
    [
        {"/ModDate": "yesterday"},
        {"/ModDate": "D:2026"},
        {"/ModDate": "D:20260102030405", "/Title": "20260102030405"},
    ],
)
def test_a_date_that_cannot_be_told_from_the_rest_is_refused(metadata):
    with pytest.raises(BookError, match=f"the date of the PDF cannot be set: it says {metadata['/ModDate']}"):
        pdf_file.with_date(small_pdf(**metadata), "20200101000000")


@needs_chromium
def test_without_a_book_the_command_says_what_to_run(tmp_path):
    result = kdcore(write_book(tmp_path / "book"), "pdf")
    assert result.returncode == 1
    assert "run 'make book'" in result.stderr


def test_anchors_of_two_pages_do_not_meet(tmp_path):
    for page, other in (("one", "two"), ("two", "one")):
        (tmp_path / f"{page}.html").write_text(
            f'<html><body><article class="bd-article"><section id="{page}"><h1>{page}</h1>'
            f'<h2 id="exercises">E</h2><a href="#exercises">here</a> <a href="{other}.html#exercises">there</a> '
            f'<a href="genindex.html">index</a><svg><a href="genindex.html"><path></path></a>'
            f'<g clip-path="url(#c)"></g><use href="#c"></use></svg>'
            f'<i id="c"></i></section></article></body></html>'
        )
    text = document.document(tmp_path, ["one", "two"], "T", "")
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]+)"', text) + re.findall(r"url\(#([^)]+)\)", text)
    assert len(targets) == 8
    assert set(targets) <= set(ids)
    assert "genindex" not in text
    assert text.count("<g><path></path></g>") == 2  # a link in a drawing stays a part of it


def constants():
    return (PROJECT.book / "summary.md").read_text(encoding="utf-8")


def test_the_constants_on_the_sheet_are_those_of_kdcore():
    bounds = kd.bounds
    row = re.search(r"\| \*\*Printed constant\*\* (.*)", constants())[1]
    big = 10**9  # where S (A - 1) / (n + 1) is S A / n, and so on, to many digits
    printed = [
        float(bounds.theorem_3_1(n_inputs=1, n_labels=2, n_samples=big)) * (big / 2) ** 0.5,
        float(bounds.theorem_4_1(n_inputs=1, n_labels=10**6 + 1, n_samples=big)) * (big + 1) / 10**6,
        float(bounds.theorem_5_1(n_inputs=2, n_labels=2, n_samples=big)) * (big + 1),
    ]
    assert re.findall(r"0\.\d+", row) == [f"{value:.4f}" for value in printed]
    row = re.search(r"\| \*\*Best constant\*\* (.*)", constants())[1]
    best = [
        bounds.hard_sharp_constant(n_labels=2) * 2**0.5,  # without its factor sqrt(1 - 1/A)
        bounds.uniform_fill_constant().value,
        float(bounds.soft_minimax(n_inputs=2, n_labels=10**9, n_samples=big)) * big,
    ]
    assert re.findall(r"0\.\d+", row) == [f"{value:.4f}" for value in best]


def test_the_example_on_the_sheet_is_computed_by_kdcore():
    bounds, sizes, delta = kd.bounds, {"n_inputs": 10, "n_labels": 10, "n_samples": 10_000}, 0.05
    rows = {
        "Lower bound": [bounds.theorem_3_1(**sizes), bounds.theorem_4_1(**sizes), bounds.theorem_5_1(**sizes)],
        "Upper bound on average": [
            bounds.theorem_3_2(**sizes),
            bounds.theorem_4_4(**sizes),
            bounds.theorem_5_2(**sizes),
        ],
        "Upper bound with confidence": [
            bounds.theorem_3_2(**sizes, delta=delta),
            bounds.joint_missing_mass(**sizes, delta=delta),
            bounds.theorem_5_2(**sizes, delta=delta),
        ],
    }
    for name, values in rows.items():
        row = re.search(rf"\| {name} \|(.*)", constants())[1]
        assert re.findall(r"0\.\d+", row) == [f"{float(value):.5f}" for value in values], name


def test_the_plateau_on_the_sheet_is_the_limit_on_instance_0():
    teacher = kd.instance_0(n_inputs=100, n_labels=25)
    limit = kd.bounds.lemma_4_2(teacher.pi)
    risk = float((teacher.rho * abs(limit - teacher.pi).sum(axis=1) / 2).sum())
    assert re.search(r"it stays at \$(0\.\d+)\$", constants())[1] == f"{risk:.4f}"
