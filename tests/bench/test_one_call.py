"""The bench that sends calls through a node in one process still gets each of them through."""

import subprocess
import sys
from pathlib import Path

ONE_CALL = Path(__file__).parents[2] / "bench/one_call.py"


def test_every_call_has_its_record() -> None:
    run = subprocess.run(
        [sys.executable, ONE_CALL, "--calls", "3"],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("µs of CPU for each of 3 calls\n")
