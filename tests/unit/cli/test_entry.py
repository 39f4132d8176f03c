"""The program's first moments: a signal ends it in a line, whatever it is doing."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import callwright

CONTOSO = Path(callwright.__file__).parent / "examples" / "contoso.yaml"
BUSY = """
import sys
from callwright.cli.entry import end_quietly_on_signals
end_quietly_on_signals(sys.argv[1:])
print("busy", flush=True)
while True:
    pass
"""
Process = subprocess.Popen[str]


def start(*words: object) -> Process:
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def running() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("command", "is_server"), [("serve", True), ("calls", False)])
def test_a_signal_ends_what_has_not_begun_yet(
    running: list[Process], number: signal.Signals, command: str, is_server: bool
) -> None:
    process = start("-c", BUSY, command)
    running.append(process)
    assert process.stdout is not None
    assert process.stdout.readline() == "busy\n"
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    assert told == f"callwright: ended by {number.name}\n"
    assert process.returncode == (0 if is_server else 128 + number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_starting_ends_without_a_trace(
    running: list[Process], tmp_path: Path, number: signal.Signals
) -> None:
    """As soon as there is something of its data; what it does then differs from run to run."""
    data = tmp_path / "data"
    process = start(
        "-c", "from callwright.cli.entry import main; main()", "serve", "--org", CONTOSO,
        "--data", data, "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0",
    )  # fmt: skip
    running.append(process)
    while not data.exists():
        assert process.poll() is None
    process.send_signal(number)
    _, told = process.communicate(timeout=40)
    assert "Traceback" not in told
    assert process.returncode == 0
