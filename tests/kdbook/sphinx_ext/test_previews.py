"""What links lead to, as it is shown on other pages."""

from __future__ import annotations

import pytest

from kdbook.sphinx_ext import previews

PAGE = """<!DOCTYPE html><html><body><article>
<section id="a-section"><h1>Title<a class="headerlink" href="#a-section">#</a></h1>
<div class="proof theorem admonition" id="thm-1"><p class="admonition-title">Theorem</p>
<section id="inner" role="note"><p>By
   <a href="#eq">(1)</a> and <a href="other.html#x">that</a>.</p>
<div class="math" id="eq"><a class="headerlink" href="#eq">#</a>\\[a &lt; b\\]</div>
<pre>for x in y:
    f(<span>  x,
      1</span>)
</pre>
after
it</section><p class="uses">Used in: x</p></div> and more
<dl><dt id="term-one">One<a class="headerlink" href="#term-one">#</a></dt><dt id="term-two">Two</dt>
<dd><p>Meaning<br />of both</p></dd><dt id="term-three">Three</dt><dd>Other</dd></dl>
<table><tr id="sym-x"><td>x</td></tr><tr id="row"><td>no</td></tr></table>
<div class="citation" id="id5" role="doc-biblioentry">Book</div>
<div class="mathematics" id="no-1">no</div><div class="proof">no id</div><p class="proof" id="no-2">no box</p>
</section></article></body></html>"""


@pytest.fixture(scope="module")
def found():
    return previews.targets("page", PAGE)


def test_statements_equations_terms_symbols_and_citations_are_found(found):
    names = ["thm-1", "eq", "term-one", "term-two", "term-three", "sym-x", "id5"]
    assert list(found) == [f"page.html#{name}" for name in names]


def test_a_statement_is_shown_without_what_only_its_page_needs_and_code_keeps_its_lines(found):
    assert found["page.html#thm-1"] == (
        '<div class="proof theorem admonition"><p class="admonition-title">Theorem</p> <section><p>By '
        '<a href="page.html#eq">(1)</a> and <a href="other.html#x">that</a>.</p> '
        '<div class="math">\\[a &lt; b\\]</div> '
        "<pre>for x in y:\n    f(<span>  x,\n      1</span>)\n</pre> after it</section></div>"
    )


def test_a_term_is_shown_with_its_meaning(found):
    assert found["page.html#term-one"] == "<dt>One</dt><dt>Two</dt><dd><p>Meaning<br>of both</p></dd>"
    assert found["page.html#term-two"] == "<dt>Two</dt><dd><p>Meaning<br>of both</p></dd>"
    assert found["page.html#term-three"] == "<dt>Three</dt><dd>Other</dd>"


def test_the_others_are_shown_as_they_are(found):
    assert found["page.html#sym-x"] == "<tr><td>x</td></tr>"
    assert found["page.html#id5"] == '<div class="citation">Book</div>'


def test_a_term_without_a_meaning_is_named():
    with pytest.raises(ValueError, match="a term without what it means: 'Lost'"):
        previews.targets("page", "<dl><dt id='term-x'>Lost</dt></dl>")
