"""An archive holds all that it says, is the same each time, and is verified without git in a folder of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from time import gmtime

import pytest

from kdbook.archive import checksums
from tests.mini import kdcore, made_once

pytestmark = pytest.mark.usefixtures("each_chapter_once")

NAME = "a-small-book-1.5.0"
IDENTITY = ["-c", "user.name=A", "-c", "user.email=a@b.c"]


def git(folder, *arguments):
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture(scope="module")
def book(small_book, tmp_path_factory):
    """The small book in a repository, with a file that can be executed, and its archive."""
    with made_once(tmp_path_factory, "archived-book") as (folder, empty):
        root = folder / "book"
        if empty:
            shutil.copytree(small_book, root)
            (root / ".gitignore").write_text("/_build/\n")
            (root / "run").write_text("#!/bin/sh\n")
            (root / "run").chmod(0o755)
            git(root, "init", "-q")
            git(root, "add", "-A")
            git(root, "commit", "-q", "-m", "all", "--date", "2026-02-03T04:05:06Z")
            result = kdcore(root, "archive")
            assert result.returncode == 0, result.stdout + result.stderr
            (folder / "said.txt").write_text(result.stdout + result.stderr)
    return root


@pytest.fixture(scope="module")
def packed(book):
    return book / "_build" / "archive" / f"{NAME}.zip"


@pytest.fixture(scope="module")
def files(packed):
    """What the archive holds, by name without the folder at its top."""
    with zipfile.ZipFile(packed) as archive:
        found = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    assert {name.partition("/")[0] for name in found} == {NAME}
    return {name.partition("/")[2]: data for name, data in found.items()}


@pytest.fixture
def unpacked(packed, tmp_path):
    """The archive in a folder that holds nothing else."""
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "empty")
    return tmp_path / "empty" / NAME


@pytest.fixture
def copy(book, tmp_path):
    return shutil.copytree(book, tmp_path / "copy")


def test_it_holds_pages_chapters_records_wheel_and_sources(book, files):
    assert {"README.md", "ro-crate-metadata.json", "SHA256SUMS", "manifest.json", "html/index.html"} <= set(files)
    assert files["manifest.json"] == (book / "_build" / "manifest.json").read_bytes()
    assert files["executed/second/figures/fig-line.csv"].decode().split() == ["x,y", "1,3", "2,4"]
    cells = json.loads(files["executed/first/notebook.ipynb"])["cells"]
    assert any("n is 3" in str(cell.get("outputs")) for cell in cells)
    tracked = git(book, "ls-files").split()
    assert {name.removeprefix("source/") for name in files if name.startswith("source/")} == set(tracked)
    assert all(files[f"source/{name}"] == (book / name).read_bytes() for name in tracked)
    (wheel,) = [name for name in files if name.endswith(".whl")]
    assert files[wheel][:2] == b"PK"


def test_it_holds_no_path_of_the_machine_and_nothing_hidden_from_pages(book, files):
    places = {str(book).encode(), str(Path.home()).encode()}
    assert [name for name, data in files.items() for place in places if name != "manifest.json" and place in data] == []
    assert not any("/." in name for name in files if name.startswith("html/"))


def test_its_checksums_are_those_of_all_other_files(files):
    lines = [line.split("  ", 1) for line in files["SHA256SUMS"].decode().splitlines()]
    found = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "SHA256SUMS"}
    assert {name: digest for digest, name in lines} == found


def test_the_same_book_gives_the_same_bytes(book, packed, tmp_path):
    again = tmp_path / "again.zip"
    (book / "_build" / "html" / "index.html").touch()
    assert kdcore(book, "archive", "-o", str(again)).returncode == 0
    assert again.read_bytes() == packed.read_bytes()
    committed = int(git(book, "log", "-1", "--format=%ct"))
    with zipfile.ZipFile(packed) as archive:
        (time,) = {entry.date_time for entry in archive.infolist()}
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert time == gmtime(committed // 2 * 2)[:6]  # a zip file counts in steps of two seconds
    assert {name for name, mode in modes.items() if mode & 0o100} == {f"{NAME}/source/run"}


def test_it_is_verified_from_its_own_folder_without_git(unpacked, monkeypatch):
    monkeypatch.setenv("PATH", "")
    before = set(unpacked.parent.rglob("*"))
    result = kdcore(unpacked, "verify", ".")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "all files are those of the archive" in result.stdout
    assert "2 stored chapters compared with their record, 2 of them run again" in result.stdout
    assert set(unpacked.parent.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "spoil", "said"),
    [
        ("executed/second/figures/fig-line.csv", lambda path: path.write_text("x,y\n1,3\n2,5\n"), "was changed"),
        ("source/book/index.md", Path.unlink, "is missing"),
    ],
)
def test_what_was_changed_since_is_named_before_anything_runs(unpacked, tmp_path, name, spoil, said):
    spoil(unpacked / name)
    result = kdcore(tmp_path, "verify", str(unpacked))
    assert result.returncode == 1
    assert f"{name} {said}" in result.stdout
    assert "NOT verified: 1 difference\n" in result.stdout
    assert "run again" not in result.stdout


def test_a_number_that_was_forged_with_its_checksum_is_found(unpacked):
    path = unpacked / "executed" / "second" / "figures" / "fig-line.csv"
    path.write_text("x,y\n1,3\n2,5\n")
    names = [line.split("  ", 1)[1] for line in (unpacked / "SHA256SUMS").read_text().splitlines()]
    (unpacked / "SHA256SUMS").write_bytes(checksums.write({name: (unpacked / name).read_bytes() for name in names}))
    result = kdcore(unpacked, "verify", ".")
    assert result.returncode == 1
    assert "second: fig-line.csv" in result.stdout


def test_a_line_that_is_no_checksum_is_a_difference(unpacked):
    with (unpacked / "SHA256SUMS").open("a") as file:
        file.write("nonsense\n")
    assert "is no checksum: 'nonsense'" in kdcore(unpacked, "verify", ".").stdout


def test_its_description_names_what_is_there_and_refers_to_nothing_else(files):
    crate = json.loads(files["ro-crate-metadata.json"])
    assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])
    about = entities["ro-crate-metadata.json"]
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = entities[about["about"]["@id"]]
    assert root["datePublished"] == "2026-02-03"
    assert {"name", "description", "license", "author", "hasPart"} <= set(root)
    for entity in crate["@graph"]:
        if "File" in entity["@type"]:
            assert entity["@id"] in files
        elif entity["@type"] == "Dataset" and entity is not root:
            assert any(name.startswith(entity["@id"]) for name in files)
    assert set(referred(crate["@graph"])) - set(entities) == {"https://w3id.org/ro/crate/1.1"}
    assert {part["@id"] for part in root["hasPart"]} >= {"html/", "source/", "executed/first/notebook.ipynb"}


def referred(value):
    """Yield each id that something refers to."""
    if isinstance(value, list):
        for one in value:
            yield from referred(one)
    elif isinstance(value, dict):
        if set(value) == {"@id"}:
            yield value["@id"]
        for one in value.values():
            yield from referred(one)


def test_changes_that_are_not_committed_are_told(copy, tmp_path):
    (copy / "more.txt").write_text("more")
    result = kdcore(copy, "archive", "-o", str(tmp_path / "dirty.zip"))
    assert result.returncode == 0, result.stderr
    assert "changes that are not committed" in result.stderr
    with zipfile.ZipFile(tmp_path / "dirty.zip") as archive:
        for name in ("README.md", "ro-crate-metadata.json"):
            assert "changes that are not in source/" in archive.read(f"{NAME}/{name}").decode()
        assert f"{NAME}/source/more.txt" not in archive.namelist()


def test_a_book_that_is_not_built_from_its_sources_is_refused(copy):
    page = copy / "book" / "index.md"
    page.write_text(page.read_text() + "\nMore.\n")
    result = kdcore(copy, "archive")
    assert result.returncode == 1
    assert "run 'make book'" in result.stderr
    assert "the pages are not those" in result.stderr
    chapter = copy / "book" / "first.ipynb"
    chapter.write_text(chapter.read_text().replace("n is", "n was"))
    assert "first: code or parameters have changed since it ran" in kdcore(copy, "archive").stderr


def test_a_folder_without_a_repository_is_refused(copy):
    shutil.rmtree(copy / ".git")
    assert (
        "an archive holds the sources as git has them, and here there are none: no repo"
        in kdcore(copy, "archive").stderr
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["archive", "-o", "book.tar"], "--output must name one that ends in .zip, got book.tar"),
        (["verify", "book"], "book is not an unpacked archive: there is no SHA256SUMS in it"),
    ],
)
def test_wrong_names_are_refused(copy, arguments, said):
    result = kdcore(copy, *arguments)
    assert result.returncode == 1
    assert said in result.stderr
