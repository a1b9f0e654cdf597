"""`kdcore verify` finds what was changed by hand, wherever it was changed, and what no longer comes out."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdbook.execution import chapters, notebooks, records
from kdbook.execution.verify import RELATIVE_TOLERANCE, compare_text
from tests import warm
from tests.mini import FIGURE, kdcore, write_book, write_chapter

pytestmark = pytest.mark.usefixtures("each_chapter_once")


@pytest.fixture(scope="module")
def book(tmp_path_factory, each_chapter_once):
    root = write_book(tmp_path_factory.mktemp("verified"))
    write_chapter(root / "book" / "first.ipynb", "First", "print('the mean is', n / 7)\nprint('and', 0.25)")
    write_chapter(root / "book" / "second.ipynb", "Second", FIGURE, "n * 2")
    assert kdcore(root, "build", "--no-render", "--set", "first.n=5").returncode == 0
    return root


@pytest.fixture
def copy(book, tmp_path):
    """The book with its build, to spoil."""
    return shutil.copytree(book, tmp_path / "copy")


def stored(root, chapter):
    return root / "_build" / "executed" / chapter / "notebook.ipynb"


def manifest(root):
    return root / "_build" / "manifest.json"


def spoil(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1, (path, old, text.count(old))
    path.write_text(text.replace(old, new))


def record_again(root, chapter):
    """Do what a careful forger would: make the hashes fit what is stored now."""
    notebook = notebooks.read(stored(root, chapter))
    figures = records.read_figures(stored(root, chapter).parent)
    notebook.metadata["kdcore"]["outputs"] = records.output_hashes(notebook, figures)
    stored(root, chapter).write_text(notebooks.to_text(notebook))
    everything = json.loads(manifest(root).read_text())
    everything["chapters"][chapter] = json.loads(json.dumps(notebook.metadata["kdcore"]))
    manifest(root).write_text(json.dumps(everything))


def complaints(root, *arguments):
    result = kdcore(root, "verify", *arguments)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "NOT verified" in result.stdout, result.stdout + result.stderr
    return result.stdout


def test_an_untouched_book_is_verified_with_its_own_parameters(book, monkeypatch):
    monkeypatch.setattr(chapters, "ProcessPoolExecutor", warm.pool)  # which runs them again indeed
    before = {path: path.read_bytes() for path in (book / "_build").rglob("*") if path.is_file()}
    result = kdcore(book, "verify")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "2 stored chapters compared with their record, 2 of them run again" in result.stdout
    assert "verified: no number differs" in result.stdout
    after = {path: path.read_bytes() for path in (book / "_build").rglob("*") if path.is_file()}
    assert before == after


def test_a_sample_runs_as_many_chapters_again_as_it_says(book):
    result = kdcore(book, "verify", "--sample", "1")
    assert result.returncode == 0
    assert "2 stored chapters compared with their record, 1 of them run again" in result.stdout
    result = kdcore(book, "verify", "--only", "second")
    assert "done    second" in result.stdout
    assert "done    first" not in result.stdout


def test_one_digit_of_an_output_is_found(copy):
    spoil(stored(copy, "first"), "0.7142857142857143", "0.7142857142857144")
    assert "first: outputs of its cells were changed since it ran" in complaints(copy, "--sample", "1")


def test_one_digit_that_the_record_was_made_to_fit_is_found_by_running_again(copy):
    spoil(stored(copy, "first"), "0.7142857142857143", "0.7152857142857143")
    record_again(copy, "first")
    found = complaints(copy)
    assert "first: what cell In [2] prints: 1 of 2 numbers differ, most 0.715286 stored and 0.714286 now" in found


def test_one_digit_of_a_figures_data_is_found(copy):
    spoil(copy / "_build" / "executed" / "second" / "figures" / "fig-line.csv", "2,4", "2,5")
    found = complaints(copy)
    assert "second: fig-line.csv was changed since it ran" in found
    assert "second: fig-line.csv: 1 of 4 numbers differ, most 5 stored and 4 now (by 2.0e-01 of it)" in found


def test_a_changed_picture_a_missing_and_an_added_file_are_found(copy):
    figures = copy / "_build" / "executed" / "second" / "figures"
    (figures / "fig-line.svg").write_text((figures / "fig-line.svg").read_text() + "<!-- -->")
    (figures / "fig-line.csv").unlink()
    (figures / "fig-new.csv").write_text("x\n1\n")
    found = complaints(copy, "--only", "first")
    for what in ("fig-line.svg was changed", "fig-line.csv is missing", "fig-new.csv was added"):
        assert f"second: {what}" in found


def test_a_parameter_changed_in_the_manifest_is_found(copy):
    everything = json.loads(manifest(copy).read_text())
    everything["chapters"]["first"]["parameters"]["n"] = 6
    manifest(copy).write_text(json.dumps(everything))
    found = complaints(copy)
    assert "first: the manifest says parameters = {'n': 6}, the notebook {'n': 5}" in found
    assert "first: what cell In [2] prints: 1 of 2 numbers differ" in found


def test_a_parameter_changed_everywhere_is_found_by_running_again(copy):
    notebook = notebooks.read(stored(copy, "first"))
    notebook.metadata["kdcore"]["parameters"]["n"] = 6
    stored(copy, "first").write_text(notebooks.to_text(notebook))
    record_again(copy, "first")
    found = complaints(copy)
    assert "first: what cell In [2] prints: 1 of 2 numbers differ, most 0.714286 stored and 0.857143 now" in found


def test_a_table_as_readers_see_it_is_compared_too(copy):
    write_chapter(copy / "book" / "second.ipynb", "Second", "import pandas as pd", "pd.DataFrame({'x': [n / 7]})")
    assert kdcore(copy, "build", "--no-render", "--set", "first.n=5").returncode == 0
    spoil(stored(copy, "second"), "<td>0.428571</td>", "<td>0.528571</td>")
    record_again(copy, "second")
    assert "second: what cell In [3] prints: 1 of" in complaints(copy)


def test_a_picture_that_the_record_was_made_to_fit_is_compared(copy):
    picture = copy / "_build" / "executed" / "second" / "figures" / "fig-line.svg"
    picture.write_text(picture.read_text().replace("</svg>", "<text>wrong</text></svg>"))
    record_again(copy, "second")
    assert "second: fig-line.svg: the text differs" in complaints(copy)


@pytest.mark.parametrize("key", ["values", "seed"])
def test_what_the_page_says_of_parameters_is_compared(copy, key):
    notebook = notebooks.read(stored(copy, "first"))
    notebook.metadata["kdcore"][key] = {"n": 99_999} if key == "values" else 77
    stored(copy, "first").write_text(notebooks.to_text(notebook))
    record_again(copy, "first")
    assert f"first: the record says {key} = " in complaints(copy)


def test_chapters_taken_out_of_the_manifest_are_named(copy):
    everything = json.loads(manifest(copy).read_text())
    del everything["chapters"]["first"]
    manifest(copy).write_text(json.dumps(everything))
    assert "first: stored, but not in the manifest" in complaints(copy)
    everything["chapters"] = {}
    manifest(copy).write_text(json.dumps(everything))
    assert "second: stored, but not in the manifest" in complaints(copy)
    shutil.rmtree(copy / "_build" / "executed")
    (copy / "_build" / "executed").mkdir()
    assert "nothing is stored" in complaints(copy)


def test_a_build_of_another_chapter_does_not_hide_what_was_changed(copy):
    spoil(stored(copy, "first"), "0.7142857142857143", "0.7142857142857144")
    result = kdcore(copy, "build", "--no-render", "--only", "second")
    assert "first: outputs of its cells were changed since it ran: its page shows the committed" in result.stdout
    assert "first: outputs of its cells were changed" in complaints(copy, "--only", "second")


@pytest.mark.parametrize("parameters", [None, [], {"n": "many"}, {"m": 3}, {"n": 0}])
def test_recorded_parameters_that_cannot_be_are_a_difference(copy, parameters):
    everything = json.loads(manifest(copy).read_text())
    if parameters is None:
        del everything["chapters"]["first"]["parameters"]
    else:
        everything["chapters"]["first"]["parameters"] = parameters
    manifest(copy).write_text(json.dumps(everything))
    found = complaints(copy)
    assert "first: cannot run again as recorded: chapter 'first'" in found
    assert "1 of them run again" in found


def test_a_truncated_notebook_and_a_binary_csv_are_differences(copy):
    stored(copy, "first").write_text("{")
    (copy / "_build" / "executed" / "second" / "figures" / "fig-line.csv").write_bytes(b"\xff\x00")
    record_again(copy, "second")
    found = complaints(copy, "--only", "first,second")
    assert "first: " in found
    assert "is not a readable notebook" in found
    assert "second: fig-line.csv: the text differs" in found


def test_changed_code_is_said_and_not_compared(copy):
    write_chapter(copy / "book" / "second.ipynb", "Second", "n * 3")
    assert "second: the code of the chapter has changed since" in complaints(copy)


def test_a_manifest_elsewhere_is_compared_with_what_lies_beside_it(book, tmp_path):
    shutil.copytree(book / "_build" / "executed", tmp_path / "other" / "executed")
    shutil.copy(manifest(book), tmp_path / "other")
    assert kdcore(book, "verify", str(tmp_path / "other" / "manifest.json")).returncode == 0
    shutil.copy(manifest(book), tmp_path)
    result = kdcore(book, "verify", str(tmp_path / "manifest.json"))
    assert result.stderr.startswith(f"kdcore: {tmp_path} has no folder executed/")
    shutil.rmtree(tmp_path / "other" / "executed" / "first")
    result = kdcore(book, "verify", str(tmp_path / "other" / "manifest.json"))
    assert result.returncode == 1
    assert "first: " in result.stdout
    assert "is not a readable notebook" in result.stdout


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "build the book first"),
        ('{"format": 1, "chapters": ["a"]}', "are not records"),
        ("{", "is not a manifest"),
        ("[]", "is not a manifest"),
        ('{"a": 1}', "is not"),
    ],
)
def test_what_is_no_manifest_is_one_line(copy, text, complaint):
    if text is None:
        manifest(copy).unlink()
    else:
        manifest(copy).write_text(text)
    result = kdcore(copy, "verify")
    assert result.returncode == 1
    assert complaint in result.stderr
    assert len(result.stderr.splitlines()) == 1


@given(st.floats(1e-9, 1e9), st.floats(-1e-3, 1e-3))
def test_numbers_are_compared_with_the_stated_tolerance(number, change):
    other = number * (1 + change)
    same = abs(other - number) <= max(RELATIVE_TOLERANCE * max(number, other), 1e-14)
    if abs(abs(change) - RELATIVE_TOLERANCE) > 1e-12:  # at the edge rounding decides
        assert (compare_text(f"risk {number!r}", f"risk {other!r}") is None) == same


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("a 1.0 b", "a 1.0 b", None),
        ("a 1.0 b", "a 1.00 b", None),
        ("x  −2", "x −2", None),
        ("a 1 b", "a 1 c", "the text differs: stored 'a 1 b', now 'a 1 c'"),
        ("1 2", "1 2 3", "the text differs"),
        ("n = −2", "n = 2", "1 of 1 numbers differ, most -2 stored and 2 now (by 2.0e+00 of it)"),
        ("1e-15", "0", None),
        ("1_000", "1000", None),
        ("3.1e-25", "3.2e-25", None),
    ],
)
def test_texts_are_compared_number_by_number(old, new, found):
    result = compare_text(old, new)
    assert result == found if found is None else result is not None and result.startswith(found)


def test_a_chapter_in_place_of_the_manifest_is_told_the_option(copy):
    result = kdcore(copy, "verify", "first")
    assert (result.returncode, result.stderr) == (
        1,
        "kdcore: MANIFEST is a file; to run one chapter again: kdcore verify --only first\n",
    )


def test_a_chapter_that_fails_when_it_is_verified_leaves_its_copy_where_the_message_says(copy):
    write_chapter(copy / "book" / "second.ipynb", "Second", "print('before')", "1 / 0")
    result = kdcore(copy, "verify", "--only", "second")
    assert result.returncode == 1
    (named,) = [word for word in result.stderr.split() if word.endswith("second.ipynb")]
    assert named == str(copy / "_build" / "failed" / "second.ipynb")
    assert "before" in (copy / "_build" / "failed" / "second.ipynb").read_text()
