"""For all tests: property tests draw the same examples on every run; the rendered book and a browser are made once."""

from __future__ import annotations

import json
import shutil
from functools import partial

import pytest
from hypothesis import settings

from kdbook.execution import chapters
from kdbook.project import Project
from kdbook.site import jupyter_book
from tests import warm
from tests.book import browser as chromium
from tests.mini import kdcore, kdcore_process, made_once, shared_folder, write_book
from tests.remembered import RememberingPool

settings.register_profile("kdcore", derandomize=True, deadline=None, database=None, max_examples=50)
settings.load_profile("kdcore")


def pytest_collection_modifyitems(items):
    """Let files that need the rendered book come last: it may still be made beside the others, as in ``.ci/run``."""
    waiting = {item.path for item in items if "html" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item.path in waiting)


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    """The folder of the rendered book, built if it is not up to date: by one worker, for all."""
    project = Project.find()
    with made_once(tmp_path_factory, "rendered-book") as (folder, empty):
        if empty:
            result = kdcore(project.root, "build", "--strict")
            (folder / "build.json").write_text(json.dumps([result.returncode, result.stdout + result.stderr]))
        returncode, said = json.loads((folder / "build.json").read_text())
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


@pytest.fixture(scope="session")
def small_book(tmp_path_factory):
    """A small book that was built once, strictly, not to be changed; ``build.txt`` beside it holds what was printed."""
    with made_once(tmp_path_factory, "small-book") as (folder, empty):
        root = folder / "book"
        if empty:
            result = kdcore_process(write_book(root), "build", "--strict", "--jobs", "2")
            assert result.returncode == 0, result.stdout + result.stderr
            (folder / "build.txt").write_text(result.stdout)
    return root


@pytest.fixture
def built(small_book, tmp_path):
    """A copy of the small book with all that its build made."""
    return shutil.copytree(small_book, tmp_path / "book")


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory):
    """The folder of what chapters gave that ran in this run of the tests."""
    return shared_folder(tmp_path_factory) / "outcomes"


@pytest.fixture(scope="module")
def warm_rendering():
    """Let Jupyter Book, in a module that uses this, begin where its imports are done."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jupyter_book, "subprocess", warm.SUBPROCESS)
        yield


@pytest.fixture(scope="module")
def each_chapter_once(outcomes, warm_rendering):
    """Let :func:`tests.mini.kdcore`, in a module that uses this, run each chapter once for all tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(chapters, "ProcessPoolExecutor", partial(RememberingPool, outcomes))
        yield
