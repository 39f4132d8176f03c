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
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
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
    "--disable-audio-output",
    "--allow-loopback-in-peer-connection",
)
CAPTURE_RATE_HZ = 48_000

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
        """The next report of this name; others that come before it, but errors, are passed over."""
        while True:
            try:
                report = self.reports.get(timeout=within_s)
            except queue.Empty:
                raise AssertionError(f"no {event!r}; the page said {self._heard}") from None
            self._heard.append(report)
            if report["event"] == event:
                return report
            assert report["event"] != "error", f"no {event!r}; the page said {self._heard}"


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


def write_microphone(path: Path, tone_hz: int) -> None:
    """What the fake microphone hears, over and over: a second of a tone."""
    times_s = np.arange(CAPTURE_RATE_HZ) / CAPTURE_RATE_HZ
    samples = (8_000 * np.sin(2 * np.pi * tone_hz * times_s)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(CAPTURE_RATE_HZ)
        file.writeframes(samples.tobytes())


@contextmanager
def open_page(
    directory: Path,
    *,
    tone_hz: int = 0,
    port: int = 0,
    switches: Sequence[str] = (),
    **settings: str,
) -> Iterator[Page]:
    """The phone's page with these settings, until the block ends. It speaks a tone; 0: nothing.

    ``port`` is where the page is served on 127.0.0.1; 0: anywhere."""
    page = Page()
    microphone = directory / "microphone.wav"
    write_microphone(microphone, tone_hz)
    handler = partial(_Handler, page, bundled(HERE / "phone.js"))
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    address = f"http://127.0.0.1:{server.server_address[1]}/?{urlencode(settings)}"
    command = [
        *(PROGRAM, *SWITCHES, *switches, *as_root),
        f"--use-file-for-fake-audio-capture={microphone}",
        f"--user-data-dir={directory}",
        address,
    ]
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
