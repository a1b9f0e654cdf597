"""For all tests: property tests draw the same examples on every run; the rendered book and a browser are made once."""

from __future__ import annotations

import json
import os

import pytest
from filelock import FileLock
from hypothesis import settings

from kdbook.project import Project
from tests.book import browser as chromium
from tests.mini import kdcore

settings.register_profile("kdcore", derandomize=True, deadline=None, database=None)
settings.load_profile("kdcore")


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """The folder of the rendered book, built if it is not up to date: by one worker, for all."""
    project = Project.find()
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    done = shared / "book.json"
    with FileLock(shared / "book.lock"):
        if not done.exists():
            result = kdcore(project.root, "build", "--strict")
            done.write_text(json.dumps([result.returncode, result.stdout + result.stderr]), encoding="utf-8")
    returncode, said = json.loads(done.read_text(encoding="utf-8"))
    assert returncode == 0, said
    return project.html


@pytest.fixture(scope="session")
def chromium_there():
    """Skip the test where there is no Chromium; where ``CI`` is set, fail it."""
    chromium.chromium()


@pytest.fixture(scope="module")
def browser():
    """Chromium, or a skipped test where there is none; where ``CI`` is set, a failed one.

    For one module at a time: while Playwright runs, nothing else in the process can run an event loop.
    """
    with chromium.running() as running:
        yield running


@pytest.fixture(scope="module")
def tab(browser):
    """One page for all tests of a module, which go from address to address in it."""
    context = browser.new_context()
    yield chromium.Tab(context.new_page())
    context.close()
