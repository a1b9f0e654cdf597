"""What every committed chapter must be; test_outputs.py compares its printed numbers with those of the build."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib

import nbformat
import pytest
import yaml

from kdbook.execution import notebooks
from kdbook.markup.elements import Link
from kdbook.markup.myst import elements
from kdbook.project import Project

PROJECT = Project.find()
CHAPTERS = PROJECT.chapters()
TEACHING = dict(PROJECT.parts())["Teaching"]


@pytest.fixture(params=CHAPTERS, ids=lambda chapter: chapter.name)
def chapter(request):
    return request.param


def test_the_book_has_chapters():
    assert {"setting", "hard-labels"} <= {chapter.name for chapter in CHAPTERS}


def test_chapters_are_in_normal_form(chapter):
    text = chapter.path.read_text(encoding="utf-8")
    assert text == notebooks.to_text(notebooks.normalise(notebooks.read(chapter.path))), "run 'kdcore normalise'"


def test_the_notebooks_are_the_listed_chapters():
    assert {path.name for path in PROJECT.book.glob("*.ipynb")} == {chapter.path.name for chapter in CHAPTERS}


def test_what_files_outside_the_book_name_is_there():
    tool = tomllib.loads((PROJECT.root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    named = tool["pytest"]["ini_options"]["testpaths"]
    for path in PROJECT.root.glob("*.md"):
        links = [e.content.address for e in elements(path.read_text(encoding="utf-8")) if isinstance(e.content, Link)]
        named += [link.partition("#")[0] for link in links if "://" not in link]
    assert [name for name in named if not (PROJECT.root / name).exists()] == []


def test_chapters_were_executed(chapter):
    """Without outputs nothing would be compared."""
    code = [cell for cell in notebooks.read(chapter.path).cells if cell.cell_type == "code"]
    printed = [output for cell in code for output in cell.outputs if output.output_type in ("stream", "execute_result")]
    assert len(printed) >= (1 if chapter.name in TEACHING else 4)


def test_one_parameters_cell_with_a_comment_each(chapter):
    cells = [c for c in notebooks.read(chapter.path).cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1
    assert cells[0].cell_type == "code"
    lines = cells[0].source.splitlines()
    for node in ast.parse(cells[0].source).body:
        assert isinstance(node, ast.Assign | ast.AnnAssign), "parameters are assignments"
        assert re.search(r"  # \S", lines[node.end_lineno - 1]), f"no comment: {lines[node.end_lineno - 1]}"


def test_profiles_set_parameters_that_exist():
    profiles = yaml.safe_load((PROJECT.book / "profiles.yml").read_text())
    assert {"quick", "paper"} <= set(profiles)
    for settings in profiles.values():
        for name, values in (settings or {}).items():
            notebook = nbformat.read(PROJECT.book / f"{name}.ipynb", as_version=4)
            source = next(c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
            assigned = {t.id for n in ast.parse(source).body if isinstance(n, ast.Assign) for t in n.targets}
            annotated = {n.target.id for n in ast.parse(source).body if isinstance(n, ast.AnnAssign)}
            assert set(values) <= assigned | annotated, name


def test_each_saved_figure_is_shown_with_caption_alternative_text_and_downloads(chapter):
    cells = notebooks.read(chapter.path).cells
    saved = re.findall(r'figures\.save\(\w+, "([^"]+)"', "\n".join(c.source for c in cells if c.cell_type == "code"))
    prose = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    assert saved or chapter.name == "errata" or chapter.name in TEACHING
    for name in saved:
        box = re.search(rf"```\{{figure\}} figures/{name}\.svg\n(.*?)```", prose, re.DOTALL)
        assert box, f"{name} is not shown"
        assert f":name: {name}" in box.group(1)
        assert len(re.search(r":alt: (.*)", box.group(1)).group(1)) > 40
        for ending in ("svg", "csv"):
            assert f"<figures/{name}.{ending}>`" in box.group(1)


def test_each_stepped_figure_is_shown_with_all_its_frames(chapter):
    cells = notebooks.read(chapter.path).cells
    names = set(re.findall(r'figures\.save\(\w+, f"([\w-]+)-\{', "\n".join(c.source for c in cells)))
    prose = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    assert names == set(re.findall(r"````\{stepped-figure\}\n:name: (\S+)", prose))
    for name in names:
        frames = re.findall(rf"```\{{figure\}} figures/{name}-(\d+)\.svg\n:alt: (.*)\n", prose)
        assert [int(place) for place, _ in frames] == list(range(1, len(frames) + 1))
        assert 4 <= len(frames) <= 8
        assert all(len(alternative) > 40 for _, alternative in frames)


def nbval(notebook):
    """Compare a notebook with a fresh run, in a process of its own; return pytest's exit status."""
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    environment = os.environ | {"MPLBACKEND": "Agg"}
    return subprocess.run([*command, notebook], capture_output=True, cwd=notebook.parent, env=environment).returncode


def test_nbval_finds_one_changed_digit_in_the_normal_form(tmp_path):
    path = tmp_path / "chapter.ipynb"
    cell = nbformat.v4.new_code_cell("print(1 / 7)", outputs=[stdout(f"{1 / 7}\n")])
    text = notebooks.to_text(notebooks.normalise(nbformat.v4.new_notebook(cells=[cell])))
    path.write_text(text)
    assert nbval(path) == pytest.ExitCode.OK
    path.write_text(text.replace("0.142857", "0.142856"))
    assert nbval(path) == pytest.ExitCode.TESTS_FAILED


def stdout(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)
