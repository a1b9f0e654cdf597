"""Pages as trees: what is written says what was read, to another parser."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from kdbook.markup import html

PIECES = [
    "",
    "words alone",
    "1 &lt; 2 &amp; 3 &gt; 2, &quot;so&quot;&nbsp;é",
    "<p>one</p>between<p>two</p>after",
    "line<br />line<hr class='x' /><img src='a.svg' alt='' />",
    '<span class="math">\\(a &lt; b\\)</span>, <div class="math">\\[\\begin{split}x &amp;= y\\\\\\end{split}\\]</div>',
    "<pre>  a\n\n    b &lt; c\n</pre>",
    "<details open><summary>s</summary><div></div><i></i></details>",
    '<a title="&quot;q&quot; &lt;t&gt;" href="x.html?a=1&amp;b=2#c">x</a>',
    '<svg><defs></defs><g clip-path="url(#p)"><path d="M 0 0"/><use href="#m" x="1"/></g></svg>tail',
    "<style scoped>a > b { c: d }</style>\n<table><tr><th></th><td> </td></tr></table>\n",
    "<script>if (a < b && c) d();</script>",
    "<dl><dt>a</dt><dt>b</dt><dd><p>c</p></dd></dl>",
    "<p>a <!-- b --> c</p>",
]


def understood(text):
    """What BeautifulSoup sees: elements with their attributes, and every text."""
    found = []
    for node in BeautifulSoup(text, "html.parser").descendants:
        if getattr(node, "attrs", None) is None:
            found.append(str(node))
        else:
            attributes = sorted((k, " ".join(v) if isinstance(v, list) else v) for k, v in node.attrs.items())
            found.append((node.name, attributes))
    return found


@pytest.mark.parametrize("text", PIECES)
def test_a_piece_is_written_as_it_was_read(text):
    assert understood(html.inner(html.piece(text))) == understood(text)


@pytest.mark.parametrize("text", PIECES)
def test_an_element_of_a_page_is_written_without_what_follows_it(text):
    page = html.page(f"<!DOCTYPE html><html><body><article id='a'>{text}</article> after</body></html>")
    (article,) = page.xpath("//*[@id='a']")
    assert understood(html.outer(article)) == understood(f"<article id='a'>{text}</article>")
    assert understood(html.inner(article)) == understood(text)
