"""Where log lines go: to stderr, readable on a terminal, JSON elsewhere."""

import contextlib
import logging
import sys
from typing import TextIO, cast

import structlog


class Unfailing:
    """Writes to a stream; what cannot be written, as to a file on a full disk, is given up.

    Calls, and the thread that writes for them, must not end because nobody can be told of it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def log_to_stderr(*, least: int = logging.INFO) -> None:
    """``least``: the lowest level that is shown."""
    is_terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if is_terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        # Asked for at each line: whoever redirects stderr and closes it later gets no lines then.
        logger_factory=lambda *_: structlog.WriteLogger(cast(TextIO, Unfailing(sys.stderr))),
    )
