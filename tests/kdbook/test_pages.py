"""What the book knows about its pages: read, checked, and refused with the entry that is wrong."""

from __future__ import annotations

import pytest

from kdbook import pages
from kdbook.project import BookError, Project
from tests.mini import write_book

PROJECT = Project.find()


@pytest.fixture
def book(tmp_path):
    return Project(write_book(tmp_path))


def test_a_book_without_the_file_has_nothing_set(book):
    assert pages.of(book) == pages.Pages()
    assert pages.of(book).icon_data == ""


def test_entries_are_read(book):
    (book.book / pages.FILE).write_text("summary: first\nworkshops: [second]\nicon: fig-line\n")
    assert pages.of(book) == pages.Pages(summary="first", workshops=("second",), icon="fig-line")
    assert pages.of(book).icon_data == "fig-line.csv"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sumary: first", "unknown entry 'sumary': allowed are bibliography, summary, statement_map, workshops"),
        ("summary: third", "summary names the page 'third', which _toc.yml has not: index, first, second"),
        ("no_uses: [first, third]", "no_uses names the page 'third'"),
        ("workshops: first", r"workshops must be a list of names, got 'first'"),
        ("workshops: [1]", r"workshops must be a list of names, got \[1\]"),
        ("summary: [first]", r"summary must be one name, got \['first'\]"),
        ("summary", "must map entries to pages, as in 'summary: summary', got 'summary'"),
        ("summary: [", "cannot read .*pages.yml"),
    ],
)
def test_what_is_wrong_is_named(book, text, words):
    (book.book / pages.FILE).write_text(text)
    with pytest.raises(BookError, match=words):
        pages.of(book)


def test_the_books_own_file_is_right_and_its_icon_is_a_figure_of_a_chapter():
    known = pages.of(PROJECT)
    assert known.icon_data
    assert any(f'"{known.icon}"' in path.read_text().replace('\\"', '"') for path in PROJECT.book.glob("*.ipynb"))
    assert known.workshops == ("workshop-1", "workshop-2")
