"""`kdcore doctor`: what each extra asks for, read from metadata, what is there, and the line that installs the rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from kdbook import extras
from kdbook.commands import doctor, main
from kdbook.project import BookError
from tests.mini import write_book

ROOT = Path(__file__).parents[3]
METADATA = """\
Metadata-Version: 2.1
Name: {name}
Version: {version}
"""
NEEDS = """\
Requires-Dist: numpy>=2
Requires-Dist: no-such-package; sys_platform == "no-such-system"
Provides-Extra: book
Requires-Dist: papermill>=2; extra == "book"
Requires-Dist: no-such-renderer<3,>=2; extra == "book"
Requires-Dist: numpy<99; extra == "book"
Provides-Extra: distributed
Requires-Dist: An_Old-Package>=2; extra == "distributed"
Requires-Dist: no-such-pipe; sys_platform == "no-such-system" and extra == "distributed"
Provides-Extra: paint
Requires-Dist: kdcore[distributed]; extra == "paint"
Requires-Dist: no-such-brush[soft]; extra == "paint"
Provides-Extra: dev
Requires-Dist: kdcore[dev,paint]; extra == "dev"
Requires-Dist: pytest; extra == "dev"
"""


@pytest.fixture
def metadata(tmp_path, monkeypatch):
    """A kdcore with other extras, and an old package that one of them asks for."""
    site = tmp_path / "site"
    for name, version, needs in (("kdcore", "9.9", NEEDS), ("an-old-package", "1.5", "")):
        folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(METADATA.format(name=name, version=version) + needs)
    monkeypatch.syspath_prepend(site)


@pytest.mark.usefixtures("metadata")
def test_extras_are_those_of_the_metadata():
    none, book, distributed, paint, dev = extras.extras()
    assert none == extras.Extra("", (f"numpy {np.__version__}",), ())
    assert book.name == "book"
    assert book.missing == ("no-such-renderer<3,>=2",)
    assert [found.split()[0] for found in book.found] == ["papermill", "numpy"]
    assert distributed == extras.Extra("distributed", (), ("An_Old-Package>=2 (1.5 is installed)",))
    assert paint.missing == (*distributed.missing, "no-such-brush")
    assert dev == extras.Extra("dev", (f"pytest {pytest.__version__}",), paint.missing)


def test_without_metadata_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(extras, "PACKAGE", "no-such-package")
    with pytest.raises(BookError, match="no-such-package is not installed"):
        extras.extras()
    found = {finding.feature: finding for finding in doctor.examine(tmp_path)}
    assert found["kdcore"].cure == "pip install -e '.[book]'"
    assert found["kdcore"].needed


@pytest.mark.usefixtures("metadata")
def test_doctor_says_what_is_missing_and_the_line_that_installs_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {finding.feature: finding for finding in doctor.examine(tmp_path)}
    assert found["kdcore[book]"].cure == f"{sys.executable} -m pip install 'kdcore[book]'"
    assert "no no-such-renderer" in found["kdcore[book]"].what
    assert "no papermill" not in found["kdcore[book]"].what
    assert found["kdcore[distributed]"].cure == f"{sys.executable} -m pip install 'kdcore[distributed]'"
    assert (found["kdcore[book]"].needed, found["kdcore[distributed]"].needed) == (True, False)
    assert found["kdcore[distributed]"].use == doctor.EXTRAS["distributed"]
    assert found["kdcore[paint]"].use
    assert (
        found["PDF, browser tests"].cure == "install Chromium or Chrome (Debian and Ubuntu: apt-get install chromium)"
    )
    assert found["provenance"].cure == "install git (Debian and Ubuntu: apt-get install git)"
    assert found["checkout"].cure is not None
    assert found["kdcore"].cure is None
    assert main(["--project", str(tmp_path), "doctor"]) == 1
    report = capsys.readouterr().out
    needed, optional = report.split("Optional:")
    assert re.search(r"MISSING +kdcore\[book\] +" + re.escape(doctor.EXTRAS["book"]), needed)
    assert re.search(r"absent +kdcore\[distributed\]", optional)
    assert "An_Old-Package>=2 (1.5 is installed)" in optional
    assert f"-> {found['kdcore[book]'].cure}" in needed
    assert "cannot be built yet" in report


@pytest.mark.usefixtures("metadata")
def test_in_the_environment_of_a_checkout_the_lock_is_used(monkeypatch, tmp_path):
    root = write_book(tmp_path / "book")
    (root / "scripts").mkdir()
    script = root / "scripts" / "bootstrap.py"
    script.touch()
    monkeypatch.setattr(sys, "prefix", str(root / ".venv"))
    found = {finding.feature: finding for finding in doctor.examine(root)}
    assert found["kdcore[distributed]"].cure == f"{sys.executable} {script} distributed"


def test_every_extra_has_a_line_and_no_line_is_left_over():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(doctor.EXTRAS) == {"", *project["optional-dependencies"]}


def test_doctor_finds_what_this_machine_has():
    result = subprocess.run([sys.executable, "-m", "kdcore", "doctor"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
    assert "The book can be built." in result.stdout
    assert re.search(rf"^ +numpy {re.escape(np.__version__)}", result.stdout, re.MULTILINE)
    assert max(map(len, result.stdout.splitlines())) <= 120


def test_doctor_finds_a_folder_that_cannot_be_written(monkeypatch, tmp_path):
    root = write_book(tmp_path / "book")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = {finding.feature: finding for finding in doctor.examine_folder(root)}
    assert found["checkout"].cure == f"chmod u+w {root / '_build'}"


WITHOUT = """\
import sys
for name in ("nbformat", "tornado", "yaml", "ipykernel", "sphinx", "nbconvert", "nbclient", "papermill"):
    sys.modules[name] = None
from kdbook.commands import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["doctor"], 1, "Needed for the book:"),
        (["build", "--strict", "--jobs", "2"], 1, "'kdcore build' needs nbformat, which is not installed: "),
        (["sweep", "--instance", "2", "--inputs", "10", "--labels", "11", "--samples", "99"], 0, "sel_ptl,10,11,99,"),
        (["--help"], 0, "(needs what 'kdcore doctor' lists)"),
    ],
)
def test_without_the_books_packages_a_command_says_what_it_lacks(tmp_path, arguments, status, said):
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == status, result.stderr
    assert said in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_an_import_that_fails_within_kdcore_is_no_missing_package(monkeypatch):
    monkeypatch.setattr("kdbook.commands.COMMANDS", ("no_such_command",))
    with pytest.raises(ModuleNotFoundError, match="no_such_command"):
        main(["--help"])
