"""The rendered book and a browser, for all tests of pages."""

from __future__ import annotations

import pytest

from kdbook.project import Project
from tests.book import browser as chromium
from tests.mini import kdcore


@pytest.fixture(scope="session")
def html():
    """The folder of the rendered book, built if it is not up to date."""
    project = Project.find()
    result = kdcore(project.root, "build", "--strict")
    assert result.returncode == 0, result.stdout + result.stderr
    return project.html


@pytest.fixture(scope="session")
def chromium_there():
    """Skip the test where there is no Chromium; where ``CI`` is set, fail it."""
    chromium.chromium()


@pytest.fixture(scope="module")
def browser():
    """Chromium, or a skipped test where there is none; where ``CI`` is set, a failed one.

    For one module at a time: Playwright runs once in a process, and the tests of benchmarks run it, too.
    """
    with chromium.running() as running:
        yield running
