"""Work that few may ask for at the same time: it takes a core and memory for seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from callwright.api.problems import Problem


class AtOnce:
    """May be used from any thread; the work runs where it is asked for."""

    def __init__(self, most: int, doing: str, *, retry_after_s: int) -> None:
        """``doing`` completes "2 ... already": ``archives are made``."""
        self._free = BoundedSemaphore(most)
        self._text = f"{most} {doing} already"
        self._retry_after_s = retry_after_s

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises Problem (503), which says when to come back, instead of letting anybody wait."""
        if not self._free.acquire(blocking=False):
            headers = {"Retry-After": str(self._retry_after_s)}
            remedy = f"ask again in {self._retry_after_s} s"
            raise Problem(503, "too-many-at-once", self._text, remedy, headers=headers)
        try:
            yield
        finally:
            self._free.release()
