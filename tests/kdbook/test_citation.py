"""A page's citation, in words and as BibTeX that another program reads as it was meant."""

from __future__ import annotations

import yaml
from pybtex.database import parse_string

from kdbook import citation
from tests.mini import CITATION

SOURCE = yaml.safe_load(CITATION)


def test_a_page_without_number_commit_or_address_has_none():
    page = citation.Page("glossary", "Glossary")
    assert "".join(citation.words(SOURCE, page)) == (
        "“Glossary.” In: Nobody, A small book, version 1.5.0, 3 February 2026."
    )
    own, _ = citation.bibtex(SOURCE, page)
    assert set(parse_string(own, "bibtex").entries["companion-glossary"].fields) == {
        *("title", "booktitle", "year", "note"),
    }


def test_all_that_is_known_of_a_page_is_in_both():
    page = citation.Page("profit", "Profit & loss: 50 %", "3", "0123456789abcdef", "https://example.org/profit.html")
    assert "".join(citation.words(SOURCE, page)) == (
        "“Profit & loss: 50 %.” Chapter 3 of: Nobody, A small book, version 1.5.0, 3 February 2026, commit "
        "0123456789ab. https://example.org/profit.html"
    )
    own, paper = (parse_string(entry, "bibtex").entries for entry in citation.bibtex(SOURCE, page))
    fields = own["companion-profit"].fields
    assert fields["title"] == r"{Profit \& loss: 50 \%}"
    assert (fields["chapter"], fields["url"]) == ("3", page.address)
    assert fields["note"] == "Version 1.5.0, commit 0123456789ab"
    assert str(own["companion-profit"].persons["author"][0]) == "{Nobody}"
    assert str(paper["doe2025"].persons["author"][0]) == "Doe, Jo"


def test_persons_are_cited_by_name():
    source = SOURCE | {"authors": [{"given-names": "Ada", "family-names": "Roe"}, {"name": "A group"}]}
    assert ": Ada Roe and A group, " in citation.words(source, citation.Page("a", "A"))[0]
    own, _ = citation.bibtex(source, citation.Page("a", "A"))
    persons = parse_string(own, "bibtex").entries["companion-a"].persons["author"]
    assert [str(person) for person in persons] == ["Roe, Ada", "{A group}"]


def test_without_a_file_nothing_is_cited(tmp_path):
    assert citation.read(tmp_path) == {}
