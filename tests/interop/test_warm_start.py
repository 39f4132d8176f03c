"""What is forked for a test: each who asks is told of it, and it is gone when its test is."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.interop.process import ROOT, STOP_S, wait_until
from tests.interop.warm_start import Started

A_TEST = """
import sys
from tests.interop.warm_start import Started
server = Started(sys.argv[1:])
print(server.pid, flush=True)
for line in server.stdout:
    print(line, end="", flush=True)
"""


@contextmanager
def started(*words: str) -> Iterator[Started]:
    run = Started(words)
    with run.stdout, run.stderr:
        yield run


def test_a_server_does_not_outlive_its_killed_test(tmp_path: Path) -> None:
    serve = ("serve", "--data", str(tmp_path), "--sip", "127.0.0.1:0", "--http", "127.0.0.1:0")
    words = [sys.executable, "-c", A_TEST, *serve]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as test:
        assert test.stdout is not None
        pid = test.stdout.readline().strip()
        # It writes nothing after that, so no broken pipe ends it.
        assert any(line.startswith("sign in: ") for line in test.stdout)
        test.kill()
    wait_until(lambda: not Path("/proc", pid).exists(), "the end of the server", STOP_S)


def test_threads_that_wait_are_all_told_how_it_ended() -> None:
    with started("--version") as run, ThreadPoolExecutor(4) as waiting:
        ends = [waiting.submit(run.wait, STOP_S) for _ in range(4)]
        assert [end.result() for end in ends] == [0] * 4


def test_what_has_ended_may_be_signalled() -> None:
    """Above all while that has not been told yet."""
    for _ in range(20):
        with started("--version") as run:
            while run.poll() is None:
                run.kill()
