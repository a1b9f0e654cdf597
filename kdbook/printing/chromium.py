"""Chromium without a window, driven through its DevTools protocol: it typesets a page and prints it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

from kdbook.project import BookError
from kdcore._workers import variable

VARIABLE = "KDCORE_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PAPER = {"paperWidth": 210 / 25.4, "paperHeight": 297 / 25.4}
"""A4, for pages whose style sheets do not say."""
_START = 60.0
"""Seconds that Chromium has to start."""

_LOADED = """document.readyState === "complete" || new Promise((go) => addEventListener("load", () => go(true)))"""


def find() -> str:
    """Return the program: the environment's ``KDCORE_CHROMIUM``, or the first of the usual names on PATH.

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
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise BookError(
        f"this needs Chromium or Chrome: apt-get install chromium, or set {VARIABLE} to the path of the program"
    )


def version(program: str) -> str:
    """Return what the program says of its version; what is printed depends on it."""
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()


class Page:
    """One page in the browser.

    Parameters
    ----------
    connection : WebSocketClientConnection
        To the page's end of the DevTools protocol.
    """

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        number = next(self._numbers)
        await self._connection.write_message(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            text = await self._connection.read_message()
            if text is None:
                raise BookError("Chromium ended before the book was printed: is there enough memory?")
            answer = json.loads(text)
            if answer.get("id") == number:
                if "error" in answer:
                    raise BookError(f"Chromium refuses {method}: {answer['error'].get('message')}")
                return dict(answer["result"])

    async def evaluate(self, script: str) -> Any:
        """Return the value of an expression; a promise is waited for."""
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BookError(f"a script failed while the book was printed: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    async def pdf(self, *, draft: bool = False) -> bytes:
        """Print the page as it stands, on the paper that its style sheets name: tagged and with an outline, or a draft.

        A draft has the same lines on the same pages, and is made faster.
        """
        answer = await self.call(
            "Page.printToPDF",
            printBackground=True,
            preferCSSPageSize=True,
            generateTaggedPDF=not draft,
            generateDocumentOutline=not draft,
            transferMode="ReturnAsStream",
            **PAPER,
        )
        parts: list[bytes] = []
        while True:
            part = await self.call("IO.read", handle=answer["stream"], size=1 << 20)
            parts.append(
                base64.b64decode(part["data"]) if part.get("base64Encoded") else part["data"].encode("latin-1")
            )
            if part["eof"]:
                return b"".join(parts)


@asynccontextmanager
async def opened(program: str, path: Path) -> AsyncIterator[Page]:
    """Start the browser, open a file in it, and end it afterwards.

    Raises
    ------
    BookError
        If the browser does not start.
    """
    with tempfile.TemporaryDirectory(prefix="kdcore-chromium-", ignore_cleanup_errors=True) as profile:
        options = [
            "--headless",
            "--remote-debugging-port=0",
            f"--user-data-dir={profile}",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--allow-file-access-from-files",
            "--font-render-hinting=none",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--no-sandbox")  # Chromium has none for root; it opens only what this book made
        log = Path(profile) / "log"
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                program, *options, "about:blank", stdout=asyncio.subprocess.DEVNULL, stderr=errors
            )
        try:
            connection = await _connect(Path(profile), process, log)
            try:
                page = Page(connection)
                await page.call("Page.navigate", url=path.as_uri())
                await page.evaluate(_LOADED)
                yield page
            finally:
                connection.close()
        finally:
            if process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _connect(profile: Path, process: asyncio.subprocess.Process, log: Path) -> WebSocketClientConnection:
    """Return a connection to the browser's one page, once it is there."""
    from tornado.httpclient import AsyncHTTPClient

    end = asyncio.get_running_loop().time() + _START
    port_file = profile / "DevToolsActivePort"
    while asyncio.get_running_loop().time() < end and process.returncode is None:
        lines = port_file.read_text().split() if port_file.is_file() else []
        if len(lines) == 2:
            answer = await AsyncHTTPClient().fetch(f"http://127.0.0.1:{lines[0]}/json/list")
            pages = [page for page in json.loads(answer.body) if page["type"] == "page"]
            if pages:
                return await websocket_connect(pages[0]["webSocketDebuggerUrl"], max_message_size=1 << 28)
        await asyncio.sleep(0.05)
    said = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    raise BookError("Chromium did not start" + (f": {said[-1]}" if said else ""))
