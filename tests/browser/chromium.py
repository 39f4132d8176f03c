"""A page in a headless Chromium, and a small web server that it reports to.

The page says what happens by POST to /report and fetches what it is to do from /command, so nothing
drives the browser from outside.
"""

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

HERE = Path(__file__).parent
BUNDLER = HERE / "node_modules/.bin/esbuild"
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
WITHIN_S = 30.0
SWITCHES = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)

needs_chromium = pytest.mark.skipif(
    not (PROGRAM and BUNDLER.exists()),
    reason="Chromium, or the SIP client of tests/browser/package.json, is not installed",
)
Event = dict[str, Any]


class Page:
    """What the page reported, oldest first, and what it is told."""

    def __init__(self) -> None:
        self.reports: queue.Queue[Event] = queue.Queue()
        self.commands: queue.Queue[Event] = queue.Queue()
        self._heard: list[Event] = []

    def tell(self, verb: str, *words: str) -> None:
        self.commands.put({"verb": verb, "words": words})

    def says(self, event: str, *, within_s: float = WITHIN_S) -> Event:
        """The next report of this name; others that come before it are passed over."""
        while True:
            try:
                report = self.reports.get(timeout=within_s)
            except queue.Empty:
                raise AssertionError(f"no {event!r}; the page said {self._heard}") from None
            self._heard.append(report)
            if report["event"] == event:
                return report


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, page: Page, script: bytes, *arguments: Any) -> None:
        self._page = page
        self._script = script
        super().__init__(*arguments)

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/":
                self._answer("text/html", (HERE / "page.html").read_bytes())
            case "/phone.js":
                self._answer("text/javascript", self._script)
            case "/command":
                command = self._page.commands.get()
                self._answer("application/json", json.dumps(command).encode())
            case _:
                self.send_error(404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._page.reports.put(json.loads(body))
        self._answer("application/json", b"null")

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """The page's own reports say more."""


def bundled(source: Path) -> bytes:
    """The page's script with everything that it imports."""
    command = [BUNDLER, source, "--bundle", "--log-level=warning"]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout


@contextmanager
def open_page(directory: Path, **settings: str) -> Iterator[Page]:
    """The phone's page with these settings, until the block ends."""
    page = Page()
    handler = partial(_Handler, page, bundled(HERE / "phone.js"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    address = f"http://127.0.0.1:{server.server_address[1]}/?{urlencode(settings)}"
    command = [PROGRAM, *SWITCHES, *as_root, f"--user-data-dir={directory}", address]
    with (directory / "chromium.log").open("w") as log:
        browser = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield page
    finally:
        page.tell("stop")
        browser.terminate()
        try:
            browser.wait(10)
        except subprocess.TimeoutExpired:
            browser.kill()
            browser.wait()
        server.shutdown()
        server.server_close()
