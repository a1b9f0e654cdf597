"""Chromium without a window, driven by Playwright: it typesets a page and prints it.

The browser is the system's own, so that nothing is downloaded when the package is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from kdbook.project import BookError
from kdcore._workers import variable

if TYPE_CHECKING:
    from playwright.sync_api import Browser

VARIABLE = "KDCORE_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
"""Where macOS and Windows have it, which put it on no PATH."""
TELLS_VERSION = os.name != "nt"
"""Whether the program prints its version when it is asked: on Windows it opens a window."""
EXTRA = ("playwright", "pypdf")
"""The packages that printing needs beyond those of the book: what the extra ``pdf`` installs."""
_START = 60_000.0
"""Milliseconds that Chromium has to start."""
_OPTIONS = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--allow-file-access-from-files",
    "--font-render-hinting=none",
)


def require() -> None:
    """Say how to install the packages that print, where one is missing.

    Raises
    ------
    BookError
        If the extra ``pdf`` is not installed.
    """
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        raise BookError(f"to print, kdcore needs {' and '.join(missing)}: pip install 'kdcore[pdf]'")


def find() -> str:
    """Return the program: the environment's ``KDCORE_CHROMIUM``, or the first of the usual names and places.

    Raises
    ------
    BookError
        If there is none; the message says how to install it.
    """
    named = variable(VARIABLE)
    if named is not None:
        found = shutil.which(named)
        if found is None:
            raise BookError(f"{VARIABLE} names no program: {named!r}")
        return found
    for name in (*NAMES, *PLACES):
        if found := shutil.which(name):
            return found
    raise BookError(
        "this needs Chromium or Chrome: install one (Debian and Ubuntu: apt-get install chromium), "
        f"or set {VARIABLE} to the path of the program"
    )


def version(program: str) -> str:
    """Return what the program says of its version, on which what is printed depends; or when its file was made."""
    if not TELLS_VERSION:
        return f"{Path(program).name} of {os.stat(program).st_mtime_ns}"
    said = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", errors="replace")
    return said.stdout.strip()


@contextmanager
def running(program: str) -> Iterator[Browser]:
    """Run the browser.

    Raises
    ------
    BookError
        If it does not start.
    """
    from playwright.sync_api import Error, sync_playwright

    sandbox = not hasattr(os, "geteuid") or os.geteuid() != 0  # Chromium has none for root
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=program, chromium_sandbox=sandbox, args=list(_OPTIONS), timeout=_START
            )
        except Error as error:
            raise BookError(f"Chromium did not start: {_said(error.message)}") from None
        try:
            yield browser
        finally:
            browser.close()


def _said(message: str) -> str:
    """Return what the program itself said last, or the first line of Playwright's message."""
    lines = message.splitlines()
    said = [line.partition("[err]")[2].strip() for line in lines if "[err]" in line]
    return next((line for line in reversed(said) if line), lines[0] if lines else "it gave no reason")
