"""The repository's address is one setting: buttons and install lines follow it, and are absent without it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from kdbook.downloads import first_cell
from kdbook.project import BookError, Project
from kdbook.site.buttons import repository, with_buttons
from tests.mini import kdcore, write_book

ROOT = Path(__file__).parents[3]


def test_without_an_address_there_is_no_button(tmp_path):
    root = write_book(tmp_path / "book")
    assert repository(Project(root)) == ""
    config = (root / "_config.yml").read_text()
    assert with_buttons(config, "") == config
    empty = config + 'repository:\n  url: ""\n'
    assert yaml.safe_load(with_buttons(empty, "")) == yaml.safe_load(config)


@pytest.mark.usefixtures("each_chapter_once")
def test_with_an_address_pages_lead_to_it(tmp_path):
    root = write_book(tmp_path / "book")
    with (root / "_config.yml").open("a") as config:
        config.write("repository:\n  url: https://github.com/example/book/\n")
    assert repository(Project(root)) == "https://github.com/example/book"
    assert kdcore(root, "build").returncode == 0
    page = (root / "_build" / "html" / "second.html").read_text()
    for link in (
        "https://github.com/example/book",
        "https://mybinder.org/v2/gh/example/book/main?urlpath=lab/tree/book/second.ipynb",
        "https://colab.research.google.com/github/example/book/blob/main/book/second.ipynb",
        "https://github.com/example/book/issues/new",
    ):
        assert f'href="{link}' in page, link
    downloaded = (root / "_build" / "html" / "_sources" / "second.ipynb").read_text()
    assert "git+https://github.com/example/book" in downloaded


@pytest.mark.parametrize("address", ["http://example.org", "git@example.org:book", "book"])
def test_an_address_that_is_none_is_refused(tmp_path, address):
    root = write_book(tmp_path / "book")
    with (root / "_config.yml").open("a") as config:
        config.write(f"repository:\n  url: {address}\n")
    with pytest.raises(BookError, match=re.escape(f"must begin with https://, got {address!r}")):
        repository(Project(root))


def test_colab_is_offered_for_github_alone():
    buttons = yaml.safe_load(with_buttons("title: x", "https://gitlab.com/example/book"))["launch_buttons"]
    assert "colab_url" not in buttons
    assert buttons["binderhub_url"] == "https://mybinder.org"


def test_the_first_cell_installs_what_a_chapter_needs():
    assert '%pip install "kdcore[book] @ git+https://github.com/a/b"' in first_cell("https://github.com/a/b").source
    assert ".whl[book]" in first_cell("").source
    assert first_cell("").metadata["tags"] == ["remove-cell"]


def test_the_files_of_the_ecosystem_are_there_and_name_no_address():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "book.yml").read_text())
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    commands = "\n".join(step.get("run", "") for step in steps)
    assert ".ci/run" in commands
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in steps if "uses" in step)
    docker = (ROOT / "Dockerfile").read_text()
    assert "requirements.txt" in docker
    assert "kdcore" in docker
    for path in (ROOT / ".binder").iterdir():
        assert path.name in ("requirements.txt", "runtime.txt", "postBuild", "apt.txt")
    assert "-r ../requirements.txt" in (ROOT / ".binder" / "requirements.txt").read_text()
