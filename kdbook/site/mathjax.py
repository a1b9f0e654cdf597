"""A Sphinx extension: the part of MathJax that pages and decks load, copied into the book from its package.

What is kept is the one bundle that pages begin with, its fonts, and what its menu and rare macros fetch later: the
other renderer, extensions of TeX, and what the menu's accessibility needs.  Rules of speech are JSON files, which a
page that was opened from disk may not read; here they are scripts, small ones as they are compressed.
"""

from __future__ import annotations

import base64
import gzip
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # who only asks where MathJax lies needs no Sphinx
    from sphinx.application import Sphinx

PACKAGE = "sphinx-mathjax-offline"
FOLDER = "mathjax"
"""The folder of the copy in ``_static``."""
BUNDLE = "tex-chtml.js"
FOLDERS = {
    "output/chtml/fonts/woff-v2": ".woff",
    "input/tex/extensions": ".js",  # macros that the bundle loads when they occur
    "a11y": ".js",
}
"""Folders of which all files with a suffix are copied."""
FILES = (
    BUNDLE,
    "output/svg.js",  # the menu's other renderer
    "output/svg/fonts/tex.js",
    "input/mml.js",  # what is spoken is made from MathML
)
NOT_ASKED_FOR = ("input/tex/extensions/all-packages.js",)
"""Files of ``FOLDERS`` that only other bundles load."""
RULES, SPEECH = "sre/mathmaps", "a11y/sre.js"
ADDED = """
/* Added by the book. Rules of speech are scripts, which a page may load from disk, too. */
SREfeature.custom = (name) =>
  new Promise((go, fail) => {
    const script = document.createElement("script");
    script.src = `${SREfeature.json}/${name}.js`;
    script.onload = () => {
      const bytes = Uint8Array.from(atob(window.speechRules[name]), (c) => c.charCodeAt(0));
      delete window.speechRules[name];
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      new Response(stream).text().then(go, fail);
    };
    script.onerror = fail;
    document.head.append(script);
  });
/* MathJax 3.2.2 takes all formulas away and puts none back when its menu asks for speech before the rules are there. */
{
  const menu = MathJax._.ui?.menu?.Menu?.Menu?.prototype;
  const rerender = menu?.rerender;
  if (rerender) {
    menu.rerender = function (start) {
      MathJax._.mathjax.mathjax.handleRetriesFor(() => rerender.call(this, start));
    };
  }
}
"""


def copy(target: Path) -> None:
    """Write MathJax into a folder.

    Parameters
    ----------
    target : Path
        The folder; what it holds already and is the same stays untouched.
    """
    source = files(PACKAGE) / "static/mathjax"
    wanted = {name: _at(source, name).read_bytes() for name in FILES}
    for folder, suffix in FOLDERS.items():
        for file in _at(source, folder).iterdir():
            if file.name.endswith(suffix) and f"{folder}/{file.name}" not in NOT_ASKED_FOR:
                wanted[f"{folder}/{file.name}"] = file.read_bytes()
    wanted[SPEECH] += ADDED.encode()
    for file in _at(source, RULES).iterdir():
        name = file.name.removesuffix(".json")
        wanted[f"{RULES}/{name}.js"] = _script(name, file.read_bytes())
    for name, data in wanted.items():
        path = target / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _at(folder: Traversable, name: str) -> Traversable:
    return folder.joinpath(*name.split("/"))


def _script(name: str, rules: bytes) -> bytes:
    packed = gzip.compress(rules, compresslevel=6, mtime=0)  # the highest level takes four times as long for 5 %
    data = base64.b64encode(packed).decode()
    return f'(window.speechRules ??= {{}})[{json.dumps(name)}] = "{data}";\n'.encode()


def _copy(app: Sphinx, error: Exception | None) -> None:
    if error is None and app.builder.format == "html":
        copy(Path(app.outdir) / "_static" / FOLDER)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.config.mathjax_path = f"{FOLDER}/{BUNDLE}"
    app.connect("build-finished", _copy)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
