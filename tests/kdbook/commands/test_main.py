"""The command line: help, refusals, the preview, the normal form; that it starts as a process, too."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import kdcore as kd
from tests.mini import kdcore, kdcore_process, write_book


def test_help_and_version(tmp_path):
    result = kdcore(tmp_path, "--help")
    assert result.returncode == 0
    for command in ("build", "serve", "new-chapter", "normalise"):
        assert command in result.stdout
    for run in (kdcore_process, kdcore):
        assert run(tmp_path, "--version").stdout.strip() == f"kdcore {kd.__version__}"


@pytest.mark.parametrize(("arguments", "status"), [(["bake"], 2), (["build"], 1)])
def test_a_process_prints_and_ends_as_the_function_does(tmp_path, arguments, status):
    processed, called = kdcore_process(tmp_path, *arguments), kdcore(tmp_path, *arguments)
    assert processed.returncode == called.returncode == status
    assert (processed.stdout, processed.stderr) == (called.stdout, called.stderr)
    assert processed.stderr != ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "required: COMMAND"),
        (["bake"], "invalid choice: 'bake'"),
        (["build", "--jobs", "0"], "must be at least 1, got 0"),
        (["serve", "--port", "99999"], "must lie between 1 and 65535, got 99999"),
    ],
)
def test_wrong_usage_exits_with_2(tmp_path, arguments, complaint):
    result = kdcore(tmp_path, *arguments)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["build", "serve"])
def test_outside_a_book_is_one_line(tmp_path, command):
    result = kdcore(tmp_path, command)
    assert result.returncode == 1
    assert result.stderr.startswith("kdcore: no book here")
    assert len(result.stderr.splitlines()) == 1


def test_serve_needs_a_book(tmp_path):
    result = kdcore(write_book(tmp_path / "book"), "serve")
    assert result.returncode == 1
    assert "run 'make book'" in result.stderr


def test_serve_prints_its_address_and_steps_over_a_taken_port(tmp_path):
    root = write_book(tmp_path / "book")
    (root / "_build" / "html").mkdir(parents=True)
    (root / "_build" / "html" / "index.html").write_text("hello")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "kdcore", "serve", "--port", str(port)]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            try:
                address = process.stdout.readline().split()[4]
                assert not address.endswith(f":{port}/")
                with urllib.request.urlopen(address, timeout=10) as answer:
                    assert answer.read() == b"hello"
            finally:
                process.kill()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    root = write_book(tmp_path / "book")
    (root / "_build").write_text("a file where a folder should be")
    result = kdcore(root, "build")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "_build" in result.stderr


def noisy_notebook():
    """A notebook with everything that a run leaves: counts, timings, images, warnings."""
    outputs = [
        new_output("stream", name="stdout", text="ke"),
        new_output("stream", name="stdout", text="pt\n"),
        new_output("stream", name="stderr", text="a warning\n"),
        new_output("display_data", data={"text/plain": "<Figure>", "image/png": "aGk="}, metadata={"image/png": {}}),
        new_output("execute_result", data={"text/plain": "1"}, execution_count=7),
    ]
    metadata = {"tags": ["hide-input"], "papermill": {"duration": 1.5}, "execution": {"iopub.status.busy": "now"}}
    cell = new_code_cell("1", execution_count=7, outputs=outputs, metadata=metadata)
    return new_notebook(cells=[cell], metadata={"papermill": {"duration": 2.0}, "widgets": {}})


def test_normalise_strips_images_and_timings_renumbers_and_keeps_text(tmp_path):
    path = tmp_path / "noisy.ipynb"
    nbformat.write(noisy_notebook(), path)
    check = kdcore(tmp_path, "normalise", "--check", str(path))
    assert check.returncode == 1
    assert "not in normal form" in check.stdout
    assert kdcore_process(tmp_path, "normalise", str(path)).returncode == 0
    assert kdcore(tmp_path, "normalise", "--check", str(path)).returncode == 0
    notebook = nbformat.read(path, as_version=4)
    cell = notebook.cells[0]
    assert cell.execution_count == 1
    assert cell.metadata == {"tags": ["hide-input"]}
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [output.output_type for output in cell.outputs] == ["stream", "display_data", "execute_result"]
    assert cell.outputs[0].text == "kept\n"
    assert cell.outputs[1].data == {"text/plain": "<Figure>"}
    assert cell.outputs[2].execution_count == 1
    assert os.stat(path).st_mode & 0o777 == 0o644


@pytest.mark.parametrize("value", ["-1e3", "-3", "-.5", "-inf"])
def test_a_negative_value_is_no_option(tmp_path, value):
    """Argparse takes -1e3 for an option; here it reaches the chapter, whose parameter refuses it."""
    root = write_book(tmp_path / "book")
    result = kdcore(root, "run", "first", "-p", "n", value, "--timeout", "5")
    assert result.returncode == 1
    assert "n must be" in result.stderr
    assert kdcore(root, "run", "first", "-p", "n", "--html").returncode != 0
