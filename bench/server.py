"""The server under measurement: its start, its end, and what it used meanwhile."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 60.0
END_WITHIN_S = 20.0
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
OUTPUT_SHOWN_CHARS = 3_000


class ServerError(Exception):
    """It did not start; the text holds the end of its output."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process with all its descendants, at one moment."""

    at_s: float
    cpu_s: float
    """User and system time since the start, with that of children that have ended."""
    rss_kb: int
    pss_kb: int
    """What it allocated: a page that it shares with a child counts once, and those of libraries,
    which processes beside it come and go with, not at all."""


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    idle_cpu_per_s: float = 0.0

    def usage(self) -> Usage:
        """Raises ServerError when the server has ended."""
        if not _read(Path(f"/proc/{self.pid}/smaps_rollup")):
            raise ServerError("it ended under load")
        pids = [self.pid, *descendants(self.pid)]
        return Usage(
            time.monotonic(),
            sum(_cpu_s(Path(f"/proc/{pid}"), children=True) for pid in pids),
            _memory(pids, "Rss"),
            _memory(pids, "Pss_Anon"),
        )

    def audio_cpu_s(self) -> float:
        """What the threads that carry packets used so far."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*")
        return sum(_cpu_s(task) for task in tasks if _read(task / "comm").startswith("media-"))

    def cpu_s_between(self, before: Usage, after: Usage) -> float:
        """What the work cost: idling for as long is taken off."""
        idle_s = self.idle_cpu_per_s * (after.at_s - before.at_s)
        return max(0.0, after.cpu_s - before.cpu_s - idle_s)


@contextmanager
def running(command: Sequence[str], *, idle_s: float) -> Iterator[Server]:
    """Starts it, waits for a line ``ready``, watches it idle for ``idle_s``, ends it.

    Raises ServerError when it ends or says nothing.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        output = Path(folder) / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [*on_core(0), *command, "--data", folder], stdout=file, stderr=subprocess.STDOUT
            )
        try:
            _await_ready(process, output)
            yield _watched_idle(Server(process.pid), idle_s)
        finally:
            _end(process)


def on_core(core: int) -> list[str]:
    """Puts a command on a core of its own where there are two."""
    has_two = len(os.sched_getaffinity(0)) >= 2 and shutil.which("taskset")
    return ["taskset", "-c", str(core)] if has_two else []


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in _read(task / "children").split():
            found += [int(child), *descendants(int(child))]
    return found


def _await_ready(process: "subprocess.Popen[bytes]", output: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not re.search(r"^ready", _read(output), re.MULTILINE):
        if process.poll() is not None:
            raise ServerError(f"it ended with {process.returncode}:\n{_end_of(output)}")
        if time.monotonic() > deadline:
            raise ServerError(f"not ready within {READY_WITHIN_S:g} s:\n{_end_of(output)}")
        time.sleep(0.05)


def _watched_idle(server: Server, idle_s: float) -> Server:
    time.sleep(1)  # what starting left to do
    before = server.usage()
    time.sleep(idle_s)
    after = server.usage()
    return Server(server.pid, (after.cpu_s - before.cpu_s) / (after.at_s - before.at_s))


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _cpu_s(process: Path, *, children: bool = False) -> float:
    """Of a process or thread; with that of its children that have ended."""
    fields = _read(process / "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / TICKS_PER_S if fields else 0.0


def _memory(pids: Sequence[int], kind: str) -> int:
    total_kb = 0
    for pid in pids:
        found = re.search(rf"^{kind}:\s+(\d+) kB", _read(Path(f"/proc/{pid}/smaps_rollup")), re.M)
        total_kb += int(found[1]) if found else 0
    return total_kb


def _read(path: Path) -> str:
    """Empty for a process that ended meanwhile."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _end_of(output: Path) -> str:
    return _read(output)[-OUTPUT_SHOWN_CHARS:]
