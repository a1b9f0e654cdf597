"""The book's copy of MathJax: what is in it, and that rules of speech are unchanged."""

from __future__ import annotations

import base64
import gzip
import json
import re
from importlib.resources import files

import pytest

from kdbook.site import mathjax

PACKAGE = files("sphinx-mathjax-offline") / "static" / "mathjax"


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mathjax")
    mathjax.copy(folder)
    return folder


def test_there_is_one_bundle_and_all_fonts_that_it_has(copy):
    assert [path.name for path in copy.glob("*") if path.is_file()] == ["tex-chtml.js"]
    fonts = {path.name for path in (copy / "output/chtml/fonts/woff-v2").iterdir()}
    named = set(re.findall(r"%%URL%%/(MathJax_[\w-]+\.woff)", (copy / "tex-chtml.js").read_text()))
    assert len(named) > 20
    assert named <= fonts


def test_all_that_the_bundle_fetches_is_there(copy):
    """Extensions by their names in the bundle's table of macros, and the components that its menu names."""
    script = (copy / "tex-chtml.js").read_text()
    table = re.search(r"autoload:\(0,\w+\.expandable\)\(\{(.*?)\}\)", script)
    extensions = re.findall(r"(\w+):\[", table[1])
    assert {"bussproofs", "cancel", "mhchem", "verb"} <= set(extensions)
    for name in extensions:
        assert (copy / "input/tex/extensions" / f"{name.lower()}.js").is_file(), name
    for name in ("complexity", "explorer", "semantic-enrich", "sre", "assistive-mml"):
        assert (copy / "a11y" / f"{name}.js").is_file()
    for name in ("input/mml.js", "output/svg.js", "output/svg/fonts/tex.js"):
        assert (copy / name).is_file()


def test_files_are_those_of_the_package_but_for_an_addition(copy):
    for path in copy.rglob("*"):
        name = path.relative_to(copy).as_posix()
        if path.is_file() and not name.startswith("sre/"):
            original = PACKAGE.joinpath(*name.split("/")).read_bytes()
            added = path.read_bytes().removeprefix(original).decode()
            assert added == (mathjax.ADDED if name == "a11y/sre.js" else ""), name


def test_rules_of_speech_are_those_of_the_package_in_every_language(copy):
    rules = {path.stem: path.read_text() for path in (copy / "sre/mathmaps").iterdir()}
    originals = {path.name.removesuffix(".json"): path for path in (PACKAGE / "sre" / "mathmaps").iterdir()}
    assert rules.keys() == originals.keys()
    assert {"base", "en", "nemeth"} <= rules.keys()
    for name, script in rules.items():
        match = re.fullmatch(r'\(window\.speechRules \?\?= \{\}\)\["(\w+)"\] = "([\w+/=]+)";\n', script)
        assert match[1] == name
        assert json.loads(gzip.decompress(base64.b64decode(match[2]))) == json.loads(originals[name].read_text())


def test_it_is_small_and_the_same_each_time(copy, tmp_path):
    assert sum(path.stat().st_size for path in copy.rglob("*") if path.is_file()) < 5e6
    mathjax.copy(tmp_path)
    for path in copy.rglob("*.js"):
        assert (tmp_path / path.relative_to(copy)).read_bytes() == path.read_bytes()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    mathjax.copy(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
