"""Starts `callwright` without its imports, which take longer than all else that a start does.

One process imports them, once for each test run; whatever is started is forked from it, and from
there on what the installed program is: a process with pipes, signals and an exit status.
"""

import atexit
import gc
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

from typer.main import get_command

PROGRAM = "callwright"
IMPORTED = ("callwright.cli.serve", "alembic.command")
MESSAGE_BYTES_MAX = 1 << 17
NUMBER = struct.Struct("i")


class Started:
    """What `subprocess.Popen` is for a program with text in its pipes, as far as tests need it."""

    def __init__(self, words: Sequence[str | Path]) -> None:
        """``words`` follow the program."""
        out, their_out = os.pipe()
        err, their_err = os.pipe()
        self._end, their_end = socket.socketpair()
        asked = {"words": [str(word) for word in words], "place": str(Path.cwd())}
        message = json.dumps({**asked, "surroundings": dict(os.environ)}).encode()
        given = [their_out, their_err, their_end.detach()]
        socket.send_fds(_parent(), [message], given)
        for fd in given:
            os.close(fd)
        self.stdout: IO[str] = os.fdopen(out)
        self.stderr: IO[str] = os.fdopen(err)
        self.args = words
        self.pid = self._number()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            self._end.settimeout(timeout)
            try:
                self.returncode = self._number()
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(list(self.args), timeout or 0) from None
            self._end.close()
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _number(self) -> int:
        """The process id at first, then how it ended."""
        octets = self._end.recv(NUMBER.size)
        assert octets, f"{PROGRAM} was not started"
        number: int = NUMBER.unpack(octets)[0]
        return number


@cache
def _parent() -> socket.socket:
    """Where it is asked; it ends when this socket closes. Of one thread, or it should not fork."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            start_new_session=True,
        )

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _fork_whom_it_is_asked_for(control: socket.socket) -> bytes | None:
    """Returns in each that was started, with what was asked; and at the end, with nothing."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, fds, _, _ = socket.recv_fds(control, MESSAGE_BYTES_MAX, 3)
        if not message:
            return None
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _fork_and_tell(*fds)
            return message
        for fd in fds:
            os.close(fd)


def _fork_and_tell(out: int, err: int, end: int) -> None:
    """Returns in the child only; its parent tells how it ended."""
    child = os.fork()
    if child == 0:
        os.dup2(out, 1)
        os.dup2(err, 2)
        for fd in (out, err, end):
            os.close(fd)
        return
    os.close(out)
    os.close(err)
    os.write(end, NUMBER.pack(child))
    _, status = os.waitpid(child, 0)
    os.write(end, NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _main() -> None:
    for name in IMPORTED:
        import_module(name)
    from callwright.api.parts import routers
    from callwright.cli.entry import end_quietly_on_signals
    from callwright.cli.main import app

    command = get_command(app)
    list(routers())  # imports them all
    atexit.register(gc.freeze)  # memory that goes back to the system need not be tidied first
    message = _fork_whom_it_is_asked_for(socket.socket(fileno=int(sys.argv[1])))
    if message is None:
        return
    asked = json.loads(message)
    os.chdir(asked["place"])
    os.environ.clear()
    os.environ.update(asked["surroundings"])
    sys.argv = [PROGRAM, *asked["words"]]
    end_quietly_on_signals(sys.argv[1:])
    command(prog_name=PROGRAM)


if __name__ == "__main__":
    _main()
