"""Runs of sipp with the scenarios beside this file; what it sent and received can be read."""

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from tests.interop.process import LOOPBACK, free_address

from callwright.kernel.addresses import HostPort

PROGRAM = shutil.which("sipp")
SCENARIOS = Path(__file__).with_name("scenarios")
LISTENS_S = 5.0
HEADING = re.compile(r"^-{20,} [^\n]*\n\w+ message (sent|received) [^\n]*\n\n", re.MULTILINE)

needs_sipp = pytest.mark.skipif(
    PROGRAM is None, reason="sipp is not installed (Debian: sip-tester); see make test"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it went over the wire."""

    is_received: bool
    text: str

    @property
    def start(self) -> str:
        return self.text.partition("\r\n")[0]

    def header(self, name: str) -> str | None:
        """The first value under the full name."""
        found = re.search(rf"^{re.escape(name)}: *(.*?)\r?$", self.text, re.MULTILINE | re.I)
        return None if found is None else found[1]


class Sipp:
    """One process."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, at: HostPort) -> None:
        self.at = at
        self._process = process
        self._log = log

    def wait(self, *, within_s: float = 30.0) -> "Sipp":
        """Returns when all calls went as the scenario says; AssertionError when one did not."""
        try:
            code = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(f"sipp did not end; {self._why()}") from None
        assert code == 0, f"sipp ended with {code}; {self._why()}"
        return self

    async def done(self, *, within_s: float = 30.0) -> "Sipp":
        return await asyncio.to_thread(self.wait, within_s=within_s)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def messages(self) -> list[Message]:
        file = self._log.with_suffix(".messages")
        if not file.exists():
            return []
        _, *parts = HEADING.split(file.read_bytes().decode(errors="replace"))
        return [
            Message(way == "received", text.strip("\n"))
            for way, text in zip(parts[::2], parts[1::2], strict=True)
        ]

    def received(self, start: str) -> list[Message]:
        """Messages that arrived whose first line begins so: ``INVITE``, ``SIP/2.0 401``."""
        return [m for m in self.messages() if m.is_received and m.start.startswith(start)]

    def _why(self) -> str:
        errors = self._log.with_suffix(".errors")
        text = errors.read_text(errors="replace") if errors.exists() else ""
        ladder = "\n".join(f"{'<-' if m.is_received else '->'} {m.start}" for m in self.messages())
        return f"messages:\n{ladder}\nerrors:\n{text[-4_000:]}"


class SippRunner:
    """Starts runs in a directory; ends those that are left over."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = count()
        self._runs: list[Sipp] = []

    def start(
        self,
        scenario: str,
        *,
        server: HostPort,
        at: HostPort | None = None,
        to: str = "nobody",
        calling: str = "+12065550199",
        password: str = "",
        calls: int = 1,
        rate: int = 100,
        traces: bool = True,
        more: tuple[str, ...] = (),
        **blanks: int,
    ) -> Sipp:
        """``blanks`` fill the scenario's ``{{name}}``; one that waits for calls listens when
        this returns."""
        at = at or free_address()
        log = self._directory / f"{scenario}{next(self._numbers)}"
        file = self._filled(scenario, log, blanks)
        assert PROGRAM is not None
        words: list[str | Path] = [
            PROGRAM, str(server), "-sf", file, "-i", at.host, "-p", str(at.port), "-mi", LOOPBACK,
            "-mp", str(_media_port()), "-s", to, "-key", "caller", calling, "-au", calling,
            "-ap", password or f"{calling}-secret", "-m", str(calls), "-r", str(rate),
            "-l", str(calls), "-nostdin", "-trace_err", "-error_file",
            log.with_suffix(".errors"), *more,
        ]  # fmt: skip
        if traces:
            words += ["-trace_msg", "-message_file", log.with_suffix(".messages")]
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        run = Sipp(process, log, at)
        self._runs.append(run)
        self._wait_until_it_listens(run, process)
        return run

    def close(self) -> None:
        for run in self._runs:
            run.stop()

    def _filled(self, scenario: str, log: Path, blanks: dict[str, int]) -> Path:
        text = (SCENARIOS / f"{scenario}.xml").read_text()
        for name, value in blanks.items():
            assert f"{{{{{name}}}}}" in text, f"{scenario} has no blank {name}"
            text = text.replace(f"{{{{{name}}}}}", str(value))
        body = text.partition("<scenario")[2]
        assert "{{" not in body, f"{scenario} has blanks left"
        file = log.with_suffix(".xml")
        file.write_text(text)
        return file

    def _wait_until_it_listens(self, run: Sipp, process: "subprocess.Popen[bytes]") -> None:
        wanted = f":{run.at.port:04X} "
        deadline = time.monotonic() + LISTENS_S
        while not _is_bound(wanted) and process.poll() is None:
            assert time.monotonic() < deadline, f"sipp does not listen; {run._why()}"
            time.sleep(0.01)


def _is_bound(place: str) -> bool:
    return any(place in Path(f"/proc/net/{name}").read_text() for name in ("udp", "tcp"))


def _media_port() -> int:
    """sipp takes the one above, too, and wants an even one."""
    return free_address().port & ~1
