"""News for people never stands in the way of a call."""

import contextlib
from collections.abc import Iterator

import structlog

log = structlog.get_logger("callwright.telling")


@contextlib.contextmanager
def telling(what: str) -> Iterator[None]:
    """Whatever goes wrong inside is logged and ends here; a log that fails is not heard of."""
    try:
        yield
    except Exception as error:
        with contextlib.suppress(Exception):
            log.error("somebody was not told", of=what, exc_info=error)
