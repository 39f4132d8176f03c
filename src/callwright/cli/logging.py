"""Where log lines go: to stderr, readable on a terminal, JSON elsewhere."""

import logging
import sys

import structlog


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
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )
