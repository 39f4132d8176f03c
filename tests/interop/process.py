"""`callwright serve` as a process, and the command line as a person uses it beside it."""

import asyncio
import contextlib
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import IO, Any, TypeVar

import yaml
from tests.interop.warm_start import READY_S, Started
from typer.testing import CliRunner

from callwright.cli.main import app
from callwright.kernel.addresses import HostPort

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "src/callwright/examples/contoso.yaml"
COMMAND = Path(sys.executable).with_name("callwright")
LOOPBACK = "127.0.0.1"
RTP_PORTS = 1_000
STOP_S = 20.0
COMMAND_S = 30.0
POLL_S = 0.02
FIXED_PORTS = range(6_100, 9_500, 2)
_fixed_ports = cycle([*FIXED_PORTS[os.getpid() % 800 :], *FIXED_PORTS[: os.getpid() % 800]])

Organisation = dict[str, Any]
T = TypeVar("T")

_stdout_is_taken = threading.Lock()
"""The runner replaces this process's stdout while a command writes."""

_claims: list[socket.socket] = []
"""Names of the machine that other test runs meet when they would take the same port."""


class Command:
    """What one run of `callwright` did."""

    def __init__(self, words: tuple[str, ...], code: int, stdout: str, stderr: str) -> None:
        self.words, self.code, self.stdout, self.stderr = words, code, stdout, stderr

    @property
    def json(self) -> Any:
        assert self.code == 0, f"callwright {' '.join(self.words)}: {self.stderr}"
        return json.loads(self.stdout)


def installed(*words: str | Path) -> Command:
    """Runs the installed program."""
    texts = tuple(map(str, words))
    run = subprocess.run([COMMAND, *texts], capture_output=True, text=True, timeout=COMMAND_S)
    return Command(texts, run.returncode, run.stdout, run.stderr)


def callwright(*words: str | Path) -> Command:
    """The same, in a process that need not import it first."""
    run = Started(words)
    with run.stdout, run.stderr, ThreadPoolExecutor(2) as readers:
        stdout, stderr = readers.submit(run.stdout.read), readers.submit(run.stderr.read)
        try:
            code = run.wait(COMMAND_S)
        finally:
            run.kill()
    return Command(tuple(map(str, words)), code, stdout.result(), stderr.result())


def callwright_inside(*words: str | Path) -> Command:
    """The same command line without a process of its own: for tests that ask often."""
    texts = tuple(map(str, words))
    with _stdout_is_taken:
        result = CliRunner().invoke(app, list(texts))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Command(texts, result.exit_code, result.stdout, result.stderr)


class ServerProcess:
    """A running server; `start` returns when it said ``ready``."""

    sip: HostPort
    second_sip: HostPort
    """The last one of those that were named; ``sip`` is the first."""
    http: HostPort
    places: dict[str, HostPort]
    """Where it listens, by ``sip``, ``tls``, ``ws``, ``wss`` and ``http``; the first of each."""

    def __init__(self, data: Path, organisation: Path | None, sbcs: tuple[HostPort, ...]) -> None:
        self.data = data
        self.organisation = organisation
        self.sbcs = sbcs
        self.ready_line = ""
        self.log: list[str] = []
        self.within: tuple[str, ...] = ()
        """What starts the command, in surroundings of its own; has to become it in the end."""
        self._process: Started | subprocess.Popen[str] | None = None
        self._readers: list[threading.Thread] = []
        self._ports: PortRange | None = None

    @property
    def sbc1(self) -> HostPort:
        return self.sbcs[0]

    @property
    def sbc2(self) -> HostPort:
        return self.sbcs[1]

    # -- life --------------------------------------------------------------------------------------

    def start(self, *, sip: HostPort | None = None, options: Sequence[str | Path] = ()) -> None:
        """``sip``: where it listens; else anywhere. ``options``: further ones of `serve`."""
        org: list[str | Path] = [] if self.organisation is None else ["--org", self.organisation]
        self._release_ports()
        self._ports = PortRange(RTP_PORTS)
        words = [
            "serve", *org, "--data", self.data,
            "--sip", str(sip or f"{LOOPBACK}:0"),
            "--http", f"{LOOPBACK}:0", "--rtp", f"{self._ports.low}-{self._ports.high}", *options,
        ]  # fmt: skip
        self._process = self._started(words)
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        said: queue.Queue[str | None] = queue.Queue()
        self._readers.clear()
        self._follow(self._process.stdout, said.put, at_end=lambda: said.put(None))
        self._follow(self._process.stderr, self.log.append)
        self.ready_line = self._first_line(said)
        ready, *pairs = self.ready_line.split(" ")
        assert ready == "ready", f"the server said {self.ready_line!r}; its log: {self.log_text}"
        told = [pair.split("=", 1) for pair in pairs]
        self.places = {
            name: HostPort.parse(text) for name, text in reversed(told) if name != "organisation"
        }
        self.sip, self.http = self.places["sip"], self.places["http"]
        self.second_sip = HostPort.parse([text for name, text in told if name == "sip"][-1])

    def _started(self, words: Sequence[str | Path]) -> "Started | subprocess.Popen[str]":
        if not self.within:
            return Started(words)
        return subprocess.Popen(
            [*self.within, COMMAND, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def reload_certificates(self) -> None:
        self.signal(signal.SIGHUP)

    def wait(self, *, within_s: float = STOP_S) -> int:
        """The exit status; everything that was written has been read."""
        assert self._process is not None
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"no end within {within_s:g} s: {self.log_text}") from None
        for reader in self._readers:
            reader.join(5)
        self._release_ports()
        return code

    def stop(self) -> None:
        """Ends it as an administrator would, and looks whether anything went wrong inside."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self.signal()
        code = self.wait()
        self._process = None
        assert code == 0, f"exit status {code}: {self.log_text}"
        self.assert_well()

    def kill(self) -> None:
        """As a power cut would."""
        self.signal(signal.SIGKILL)
        self.wait()
        self._process = None

    def assert_well(self) -> None:
        text = self.log_text
        for word in ("Traceback", "defect", "a task failed", '"level": "error"'):
            assert word not in text, text

    @property
    def log_text(self) -> str:
        return "".join(self.log)

    # -- what it tells -----------------------------------------------------------------------------

    def ask(self, path: str) -> tuple[int, str]:
        """GET over HTTP."""
        try:
            with urllib.request.urlopen(f"http://{self.http}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metric(self, name: str) -> float:
        """A value without labels, by its full name."""
        _, text = self.ask("/metrics")
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        assert found, f"no {name} in: {text}"
        return float(found[1])

    def run(self, *words: str | Path) -> Command:
        """A command on this server's data, as a process."""
        return callwright(*words, "--data", self.data)

    def look(self, *words: str | Path) -> Any:
        """What a reading command with --json says of this server's data."""
        return callwright_inside(*words, "--json", "--data", self.data).json

    def apply(self, organisation: Organisation) -> None:
        file = self.data.with_suffix(".applied.yaml")
        file.write_text(yaml.safe_dump(organisation, sort_keys=False))
        command = callwright_inside("apply", file, "--data", self.data)
        assert command.code == 0, command.stderr

    def records(self, **wanted: object) -> list[dict[str, Any]]:
        """Call records with these values, the newest first."""
        return [
            record
            for record in self.look("calls")
            if all(record[key] == value for key, value in wanted.items())
        ]

    async def record(self, *, within_s: float = 5.0, **wanted: object) -> dict[str, Any]:
        """The newest record with these values, as soon as there is one."""
        found = await until(lambda: self.records(**wanted), f"a record with {wanted}", within_s)
        return found[0]

    def messages(self, mailbox: str) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.look("voicemail", "list", "--mailbox", mailbox)
        return messages

    # -- inside ------------------------------------------------------------------------------------

    def _release_ports(self) -> None:
        if self._ports is not None:
            self._ports.release()
            self._ports = None

    def _follow(
        self,
        stream: IO[str],
        take: Callable[[str], object],
        at_end: Callable[[], object] = lambda: None,
    ) -> None:
        def read() -> None:
            with stream:
                for line in stream:
                    take(line)
            at_end()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self._readers.append(reader)

    def _first_line(self, said: "queue.Queue[str | None]") -> str:
        with contextlib.suppress(queue.Empty):
            line = said.get(timeout=READY_S)
            if line is not None:
                return line.rstrip("\n")
        self.kill()
        raise AssertionError(f"the server did not get ready: {self.log_text}")


def wait_until(look: Callable[[], T], what: str, within_s: float = 5.0) -> T:
    """`until` for tests without a loop."""
    return asyncio.run(until(look, what, within_s))


async def until(look: Callable[[], T], what: str, within_s: float = 5.0) -> T:
    """Asks again and again until there is something; for what gives no event of its own."""
    deadline = time.monotonic() + within_s
    while True:
        found = await asyncio.to_thread(look)
        if found:
            return found
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        await asyncio.sleep(POLL_S)


def contoso(*sbcs: HostPort) -> Organisation:
    """The example organisation with SBCs at these places instead of its own."""
    text = CONTOSO.read_text()
    for old, new in zip(("127.0.0.1:5080", "127.0.0.1:5090"), sbcs, strict=True):
        assert text.count(old) == 1
        text = text.replace(old, str(new))
    organisation: Organisation = yaml.safe_load(text)
    return organisation


def free_address() -> HostPort:
    """An address of loopback that nobody listens at, by UDP or TCP, and that nobody is given by
    chance: it lies below the ports that the kernel and the load tools take, and is this process's
    to its end."""
    for _ in FIXED_PORTS:
        port = next(_fixed_ports)
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0callwright test port {port}")
        except OSError:
            claim.close()
            continue
        if _is_free(port) and _is_free(port, socket.SOCK_STREAM):
            _claims.append(claim)
            return HostPort(LOOPBACK, port)
        claim.close()
    raise AssertionError("no free port")


class PortRange:
    """UDP ports for audio, below those the kernel hands out, held against other test runs.

    They are bound one by one, when there are calls; so that nobody else takes them for free
    meanwhile, the last one is kept bound. The first is even, so the last can serve no audio alone.
    """

    def __init__(self, count: int, *, above: int = 10_000) -> None:
        lows = range(above, 31_000 - count, count)
        start = os.getpid() % len(lows)
        for low in (*lows[start:], *lows[:start]):
            claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                claim.bind((LOOPBACK, low + count - 1))
            except OSError:
                claim.close()
                continue
            if all(map(_is_free, range(low, low + count - 1, 7))):
                self.low, self.high, self._claim = low, low + count - 2, claim
                return
            claim.close()
        raise AssertionError("no free ports")

    def release(self) -> None:
        self._claim.close()


def _is_free(port: int, kind: int = socket.SOCK_DGRAM) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
