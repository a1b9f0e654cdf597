"""Styles and scripts of pages joined: nothing that a page uses is lost, each keeps its order and what it refers to."""

from __future__ import annotations

import re

import pytest
import tinycss2
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.styles import get_style_by_name
from pygments.token import Token

from kdbook.site.lighter import code, files, styles

WORDS = {"html", "p", "a", "used", "anchor", "made-", "table"}


def joined(tmp_path, text, whole=(), name="look.css"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return styles.join([path], tmp_path, set(whole), WORDS).strip()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (".used { color: red; } .gone { color: red }", ".used{color: red}"),
        (".used.gone, #anchor .used, .gone > p { x: y }", "#anchor .used{x: y}"),
        ("video, p:hover::before, dialog.used { x: y }", "p:hover::before{x: y}"),
        (".used:not(.gone), :is(.gone, .used) p { x: y }", ".used:not(.gone),:is(.gone, .used) p{x: y}"),
        (".made-up, .m-x { x: y }", ".made-up{x: y}"),
        ("@media (width > 9px) { .gone { x: y } .used { x: y } }", "@media (width > 9px){.used{x: y}}"),
        ("@media print { .gone { x: y } }", ""),
        ("@supports (x: y) { @media print { .used { x: y } } }", "@supports (x: y){@media print{.used{x: y}}}"),
        ("@keyframes k { 0%, 96% { x: 1 } 100% { x: 0 } }", "@keyframes k{0%,96% {x: 1} 100% {x: 0}}"),
        ('@page :first { @top-right { content: "a  b" } }', '@page :first{@top-right {content: "a  b"}}'),
        ('@charset "utf-8"; /* said */ .used { --empty: ; x: y }', ".used{--empty: ;x: y}"),
        ('@property --x { syntax: "<number>"; inherits: false }', '@property --x{syntax: "<number>";inherits: false}'),
        (".used { x: calc(1px + 2px)  a ,  b }", ".used{x: calc(1px + 2px) a,b}"),
        ('.used { content: "a  /* b */ ; c" }', '.used{content: "a  /* b */ ; c"}'),
    ],
)
def test_rules_stay_of_which_pages_have_something(tmp_path, text, kept):
    made = joined(tmp_path, text)
    assert re.sub(r"\s*([,;{}>:])\s*", r"\1", made) == re.sub(r"\s*([,;{}>:])\s*", r"\1", kept)
    assert len(made) <= len(text)


def test_a_sheet_that_is_short_stays_as_it_is(tmp_path):
    text = "@media print { .used > p, .used ~ a { x: calc(1px + -2px) !important; background: url(a.png) } }"
    once = joined(tmp_path, text)
    assert joined(tmp_path, once) == once
    sheets = [tinycss2.parse_stylesheet(css, skip_whitespace=True)[0].content for css in (text, once)]
    tokens = [[token.serialize() for token in _flat(sheet) if token.type != "whitespace"] for sheet in sheets]
    assert tokens[0] == tokens[1]


def _flat(tokens):
    for token in tokens:
        if token.type == "{} block":
            yield from _flat(token.content)
        else:
            yield token


def test_a_sheet_of_the_books_own_stays_whole(tmp_path):
    assert joined(tmp_path, ".gone { x: y }", whole=[tmp_path / "look.css"]) == ".gone{x: y}"


def test_imports_stand_in_their_place_and_addresses_are_seen_from_the_new_place(tmp_path):
    (tmp_path / "base.css").write_text(".used { background: url(minus.png) }")
    text = """@import url("../base.css"); @import "../base.css";
    .used { a: url(img/x.png?v=1#y); b: url("../up.png"); c: url(data:image/png;base64,AA==); d: url(#shape);
            e: url(https://host/z) }"""
    made = joined(tmp_path, text, name="styles/look.css")
    assert made.count(".used{background: url(minus.png)}") == 2
    addresses = re.findall(r"url\(\"?([^\")]*)\"?\)", made)[2:]
    assert addresses == ["styles/img/x.png?v=1#y", "up.png", "data:image/png;base64,AA==", "#shape", "https://host/z"]


@pytest.mark.parametrize("text", ['@import "https://host/x.css";', '@import "x.css" print;'])
def test_what_is_not_of_the_book_is_not_imported(tmp_path, text):
    with pytest.raises(ValueError, match="a joined style sheet may import files of the book alone, got"):
        joined(tmp_path, text)


HEAD = """<html><head><title>A page</title>
<link href="_static/styles/theme.css" rel="stylesheet" />
<link rel="stylesheet" type="text/css" href="_static/book.css?v=1" />{styles}
<script defer src="_static/late.js"></script>
<script src="_static/documentation_options.js?v=2"></script>
<script src="_static/tools.js?v=3"></script>
<script>SETTINGS.page = "<b>";</script>
<script>window.MathJax = {{}}</script>
<script defer="defer" src="_static/mathjax/tex-chtml.js"></script>
<script src="_static/book.js"></script>{scripts}
<link rel="icon" href="_static/icon.svg"/></head>
<body class="used"><p id="anchor">A <a href="x">b</a></p>
<pre>&lt;link rel="stylesheet" href="_static/book.css"&gt;</pre></body></html>
"""
FILES = {
    "styles/theme.css": ".used { background: url(x.png) } .gone { x: y }",
    "book.css": ".later-in-a-script { x: y }",
    "only/first/own.css": ".own { x: y }",
    "late.js": '"use strict";\nfirst()',
    "documentation_options.js": "const SETTINGS = {};\n",
    "tools.js": '"use strict";\nSETTINGS.x = 1 // no line after it',
    "book.js": "if (window.MathJax) document.body.className = 'made'",
    "only/first/own.js": "own()",
    "mathjax/tex-chtml.js": "typeset()",
}


@pytest.fixture
def book(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    own = {
        "styles": '\n<link rel="stylesheet" type="text/css" href="_static/only/first/own.css" />',
        "scripts": '\n<script src="_static/only/first/own.js"></script>',
    }
    (tmp_path / "first.html").write_text(HEAD.format(**own))
    (tmp_path / "second.html").write_text(HEAD.format(styles="", scripts=""))
    (tmp_path / "slides").mkdir()
    (tmp_path / "slides" / "deck.html").write_text(HEAD.format(styles="", scripts=""))
    files.join(tmp_path)
    return tmp_path


def test_pages_load_one_file_of_each_kind_and_their_own_after_it(book):
    head = (book / "first.html").read_text().partition("</head>")[0]
    loaded = re.findall(r'(?:href|src)="(_static/[^"?]*)', head)
    assert loaded == [
        "_static/pages.css",
        "_static/only/first/own.css",
        "_static/pages-later.js",
        "_static/mathjax/tex-chtml.js",
        "_static/pages.js",
        "_static/only/first/own.js",
        "_static/icon.svg",
    ]
    second = (book / "second.html").read_text()
    assert "own." not in second
    assert '<script defer src="_static/pages-later.js?v=' in second
    assert second.partition("<body")[2] == HEAD.partition("<body")[2]
    assert (book / "slides" / "deck.html").read_text() == HEAD.format(styles="", scripts="")


def test_scripts_run_in_their_order_and_are_not_all_strict(book):
    text = (book / "second.html").read_text()
    places = [text.index(part) for part in ("const SETTINGS = {};", "SETTINGS.page", "window.MathJax =", "pages.js?")]
    assert places == sorted(places)
    script = (book / "_static" / "pages.js").read_text()
    assert script.startswith(";\n")
    assert script.index("SETTINGS.x = 1 // no line after it\n;\n") < script.index("document.body.className")
    assert "const SETTINGS" not in script


def test_rules_for_what_scripts_make_stay_and_what_was_joined_goes(book):
    assert (book / "_static" / "pages.css").read_text() == (
        '.used{background: url("styles/x.png")}\n.later-in-a-script{x: y}\n'
    )
    left = {path.relative_to(book / "_static").as_posix() for path in (book / "_static").rglob("*") if path.is_file()}
    alone = {name for name in FILES if name.startswith(("only/", "mathjax/"))}
    assert left == {"pages.css", "pages.js", "pages-later.js"} | alone


def test_the_address_changes_with_what_was_joined(book):
    def version():
        return re.search(r"pages\.css\?v=(\w{8})", (book / "first.html").read_text())[1]

    before = version()
    for page in ("first.html", "second.html"):  # as a later build writes them
        (book / page).write_text(HEAD.format(styles="", scripts=""))
    for name, text in FILES.items():
        (book / "_static" / name).write_text(text.replace("x: y", "x: z"))
    files.join(book)
    assert version() != before


def test_words_without_a_tag_look_like_plain_text_in_both_styles_of_the_theme():
    for name in ("a11y-high-contrast-light", "a11y-high-contrast-dark"):
        style = get_style_by_name(name)
        for kind in code.PLAIN:
            look = style.style_for_token(kind)
            assert not any(look[key] for key in ("bold", "italic", "underline", "bgcolor", "border")), (name, kind)
            assert look["color"] == style.style_for_token(Token.Name)["color"], (name, kind)


def test_code_keeps_its_text_and_the_tags_of_words_with_a_colour():
    source = "def risk(n):\n    return kd.rate(n, 'a') + 2  # why\n"
    texts = [highlight(source, PythonLexer(), formatter) for formatter in (HtmlFormatter(), code.Formatter())]
    plain, light = texts
    assert re.sub("<[^>]*>", "", light) == re.sub("<[^>]*>", "", plain)
    left_out = {"n", "p", "w", "nn", "nx"}
    kinds = [set(re.findall(r'<span class="(\w+)">', text)) for text in texts]
    assert kinds[1] == kinds[0] - left_out
    assert {"k", "nf", "s1", "mi", "o", "c1"} <= kinds[1]
    assert len(light) < 0.75 * len(plain)
