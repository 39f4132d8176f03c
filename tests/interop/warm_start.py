"""Starts `callwright` without its imports, which take longer than all else that a start does.

One process imports them, once for each test run; whatever is started is forked from it, and from
there on what the installed program is: a process with pipes, signals and an exit status.
"""

import atexit
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

import typer.main

PROGRAM = "callwright"
IMPORTED = ("callwright.cli.serve", "alembic.command")
MESSAGE_BYTES_MAX = 1 << 17
NUMBER = struct.Struct("i")
READY_S = 40.0
"""A machine that does much else imports slowly."""


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
        self.pid = self._number("that it was started", READY_S)
        self.returncode: int | None = None
        self._listening = threading.Lock()

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """It is told once how it ended: of several threads one listens, the others wait for it."""
        has_turn = self._listening.acquire(timeout=-1 if timeout is None else timeout)
        try:
            if not has_turn:
                raise TimeoutError
            if self.returncode is None:
                self.returncode = self._number("how it ended", timeout)
                self._end.close()
            return self.returncode
        except (TimeoutError, BlockingIOError):
            raise subprocess.TimeoutExpired(list(self.args), timeout or 0) from None
        finally:
            if has_turn:
                self._listening.release()

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it ends, and that has not been told yet
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _number(self, what: str, timeout: float | None) -> int:
        """The process id at first, then how it ended."""
        self._end.settimeout(timeout)
        octets = self._end.recv(NUMBER.size)
        assert octets, f"{PROGRAM}: nobody told {what}"
        number: int = NUMBER.unpack(octets)[0]
        return number


@cache
def _parent() -> socket.socket:
    """Where it is asked; it ends when this socket closes. Of one thread, or it should not fork.

    A Ctrl-C at the terminal is for the tests, which end what they started; see `_fork_and_tell`.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            # -P: what lies beside this file hides no module of the same name.
            [sys.executable, "-P", __file__, str(theirs.fileno())],
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


def _fork_whom_it_is_asked_for(control: socket.socket) -> bytes:
    """Returns in each that was started only, with what was asked."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, fds, _, _ = socket.recv_fds(control, MESSAGE_BYTES_MAX, 3)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _fork_and_tell(*fds)
            return message
        for fd in fds:
            os.close(fd)


def _fork_and_tell(out: int, err: int, end: int) -> None:
    """Returns in the child only; its parent tells how it ended, and lets it not outlive whoever
    asked for it: not even one that was killed."""
    child = os.fork()
    if child == 0:
        os.dup2(out, 1)
        os.dup2(err, 2)
        for fd in (out, err, end):
            os.close(fd)
        return
    os.close(out)
    os.close(err)
    with suppress(BrokenPipeError):
        os.write(end, NUMBER.pack(child))
    _await_either(os.pidfd_open(child), end)
    os.kill(child, signal.SIGKILL)  # nothing to one that has ended
    _, status = os.waitpid(child, 0)
    with suppress(BrokenPipeError):
        os.write(end, NUMBER.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _await_either(pidfd: int, end: int) -> None:
    """Returns when the process has ended, or nobody is at the other end any more."""
    either = select.poll()
    either.register(pidfd, select.POLLIN)
    either.register(end, 0)  # a hang-up is told unasked
    either.poll()


def _main() -> None:
    for name in IMPORTED:
        import_module(name)
    from callwright.api.parts import routers
    from callwright.cli.entry import main
    from callwright.cli.main import app

    list(routers())  # imports them all
    # The tree of two hundred commands is made once as well.
    typer.main.get_command = cache(typer.main.get_command)
    typer.main.get_command(app)
    asked = json.loads(_fork_whom_it_is_asked_for(socket.socket(fileno=int(sys.argv[1]))))
    os.chdir(asked["place"])
    os.environ.clear()
    os.environ.update(asked["surroundings"])
    sys.argv = [PROGRAM, *asked["words"]]
    main()


if __name__ == "__main__":
    _main()
