"""The benches that send calls through a node in one process still get each of them through."""

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, BENCH / words[0], *words[1:]],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip


def test_every_call_has_its_record() -> None:
    done = run("one_call.py", "--calls", "3")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("µs of CPU for each of 3 calls\n")


@pytest.mark.parametrize("words", [("queue",), ("menu",), ("queue", "--kept")])
def test_callers_of_services_come_and_go(words: tuple[str, ...]) -> None:
    done = run("service_calls.py", *words, "--rounds", "1")
    assert done.returncode == 0, done.stderr
    assert "µs of CPU for each call" in done.stdout


def test_no_round_measures_nothing_and_says_so() -> None:
    done = run("service_calls.py", "queue", "--rounds", "0")
    assert (done.returncode, "--rounds: at least one" in done.stderr) == (2, True)
