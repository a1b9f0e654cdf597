"""The lock files: they hold what pyproject.toml asks for, agree, and the book's holds nothing that only others need."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
BOOK = ROOT / "requirements.txt"
FILES = {"book": BOOK} | {extra: ROOT / "requirements" / f"{extra}.txt" for extra in EXTRAS if extra != "book"}


@pytest.fixture(scope="module")
def lock():
    """The script that writes them."""
    spec = importlib.util.spec_from_file_location("lock", ROOT / "scripts" / "lock.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pins(path):
    """Return the requirements of a lock file without the files that it includes, each with its number of hashes."""
    found = []
    text = re.sub(r" *\\\n *", " ", path.read_text())
    for line in text.splitlines():
        if line and not line.startswith(("#", "-", " ")):
            pin, *hashes = line.split(" --hash=sha256:")
            found.append((Requirement(pin), len(hashes)))
    return found


def names(path):
    return {canonicalize_name(pin.name) for pin, _ in pins(path)}


PIP = ROOT / "requirements" / "pip.txt"


def test_the_pip_that_installs_is_pinned_alone():
    assert names(PIP) == {"pip"}


@pytest.mark.parametrize("path", [*FILES.values(), PIP], ids=[*FILES, "pip"])
def test_everything_is_pinned_with_hashes(path):
    if path != BOOK and not pins(path):  # all that it asks for is the book's, too
        assert {canonicalize_name(Requirement(need).name) for need in EXTRAS[path.stem]} <= names(BOOK)
    for pin, n_hashes in pins(path):
        (version,) = pin.specifier
        assert version.operator == "==", pin
        assert n_hashes > 0, pin
    text = path.read_text()
    assert "/tmp" not in text
    assert "://" not in text


def test_files_agree_on_every_version():
    versions = {}
    for path in FILES.values():
        for pin, _ in pins(path):
            versions.setdefault(canonicalize_name(pin.name), {}).setdefault(str(pin.specifier), []).append(path.name)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_other_files_begin_with_the_books():
    for extra, path in FILES.items():
        options = [line for line in path.read_text().splitlines() if line.startswith("-")]
        assert options == ([] if extra == "book" else ["-r ../requirements.txt"])


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_file_holds_what_its_extra_asks_for(extra):
    found = {canonicalize_name(pin.name): pin for path in (BOOK, FILES[extra]) for pin, _ in pins(path)}
    for text in [*PROJECT["dependencies"], *EXTRAS[extra]]:
        asked = Requirement(text)
        if asked.name != PROJECT["name"]:
            (pin,) = found[canonicalize_name(asked.name)].specifier
            assert asked.specifier.contains(pin.version, prereleases=True), asked


def test_the_book_needs_nothing_that_is_for_tests_or_other_extras():
    heavy = {"pyarrow", "playwright", "mypy", "pytest", "hypothesis", "ruff", "notebook", "jupyterlab", "distributed"}
    assert heavy & names(BOOK) == set()
    assert heavy <= names(FILES["dev"])


def test_the_file_of_dev_holds_all_extras():
    everything = names(BOOK) | names(FILES["dev"])
    for path in FILES.values():
        assert names(path) <= everything


OLD = """\
# by hand
-r other.txt
a==1 \\
    --hash=sha256:00 \\
    --hash=sha256:01
    # via b
b[c]==2 ; python_version < "4" \\
    --hash=sha256:02
    # via
    #   -c all.txt
    #   kdcore
"""


def test_blocks_are_requirements_with_their_lines(lock):
    found = lock.blocks(OLD)
    assert list(found) == ["a==1", 'b[c]==2 ; python_version < "4"']
    assert found["a==1"] == "a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via b\n"
    assert "all.txt" not in found['b[c]==2 ; python_version < "4"']
    assert "kdcore" in found['b[c]==2 ; python_version < "4"']


def test_a_file_holds_only_what_the_book_has_not(lock):
    assert lock.split("a==1 \\\n    --hash=sha256:00\n", OLD) == lock.blocks(OLD)['b[c]==2 ; python_version < "4"']
    assert lock.split(OLD, OLD) == ""
