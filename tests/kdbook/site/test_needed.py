"""What is left out of a rendered book: files of `_static` that no page loads, and nothing else."""

from __future__ import annotations

from kdbook.site.needed import unused

PAGE = """\
<html><head>
<link rel="stylesheet" href="_static/look.css?v=12">
<meta property="og:image" content="https://example.org/book/_static/card.png">
</head><body>
<img src="_static/images/a%20b.svg"><a href="_static/paper.pdf#page=2">paper</a> <a href="data.csv">data</a>
<p>The file _static/mentioned.js is not loaded by this text, nor is <a href="https://example.org/other.js">that</a>.</p>
<script src="_static/look.js"></script>
</body></html>
"""
DECK = """\
<html><body>
<script src="../_static/mathjax/start.js"></script><script src="../_static/deck.js"></script>
</body></html>
"""
KEPT = {
    "look.css": '@import "more.css"; a { background: url("images/plus.png") }',
    "more.css": "@font-face { src: url(fonts/a.woff2) format('woff2'), url(fonts/a.ttf) } a { x: url(fonts/b.ttf?#x) }",
    "look.js": "load(`${folder}later.js`);\n//# sourceMappingURL=look.js.map",
    "later.js": "go()",
    "deck.js": "",
    "card.png": "",
    "paper.pdf": "",
    "images/plus.png": "",
    "images/a b.svg": "",
    "fonts/a.woff2": "",
    "fonts/b.ttf": "",
    "mathjax/start.js": "",
    "mathjax/fetched.js": "",
}
LEFT_OUT = {
    "look.js.map": "",
    "fonts/a.ttf": "",
    "mentioned.js": "",
    "macros.html": '<script src="_static/idle.js">',
    "idle.js": "",
}


def test_what_pages_styles_and_scripts_name_is_kept(tmp_path):
    for name, text in (KEPT | LEFT_OUT).items():
        path = tmp_path / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, text in (("index.html", PAGE), ("slides/deck.html", DECK), ("data.csv", ""), ("look.js", "")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert {path.relative_to(tmp_path / "_static").as_posix() for path in unused(tmp_path)} == set(LEFT_OUT)


def test_a_folder_without_static_files(tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    assert unused(tmp_path) == set()
