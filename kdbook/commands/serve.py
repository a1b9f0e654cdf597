"""``kdcore serve``: the built book on a local port."""

from __future__ import annotations

import argparse
import functools
import http.server
import os
from pathlib import Path
from typing import Any

from kdbook.project import BookError, Project


def add_serve(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    serve = commands.add_parser("serve", help="preview the built book on a local port")
    serve.add_argument("--port", type=_port, default=8000, metavar="N", help="the port to try first (8000)")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1: this machine alone)")
    serve.set_defaults(run=_serve)


def _port(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"must lie between 1 and 65535, got {number}")
    return number


def _serve(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    if not (project.html / "index.html").is_file():
        raise BookError("there is no book to serve yet: run 'make book' (or 'kdcore build') first")
    handler = functools.partial(_QuietHandler, directory=str(Path(project.html)))
    for port in range(options.port, min(options.port + 20, 65536)):
        try:
            server = _Server((options.host, port), handler)
        except OSError:
            continue
        print(f"Serving the book on http://{options.host}:{port}/ (Ctrl-C stops)", flush=True)
        with server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print()
        return 0
    raise BookError(f"ports {options.port} to {options.port + 19} are all taken: choose another with --port")


class _Server(http.server.ThreadingHTTPServer):
    """Refuses a port that another program serves on; Windows would share it, where ports may be used again at once."""

    allow_reuse_address = os.name != "nt"


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files, of the types that they have, whatever the system's list says, and does not log each request."""

    extensions_map = {  # noqa: RUF012 # the base class has it so
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".css": "text/css",
        ".csv": "text/csv",
        ".html": "text/html",
        ".js": "text/javascript",
        ".json": "application/json",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".woff": "font/woff",
        ".woff2": "font/woff2",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
