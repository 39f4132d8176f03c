"""A database that ends the process, as a power cut would, at one chosen point of its work."""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from callwright.storage.database import Database


class TrappedDatabase(Database):
    """Counts the points of all its transactions; unarmed it is an ordinary database."""

    def arm(self, at: int, tell: Callable[..., None]) -> None:
        """The process is killed at the point number ``at``, the first one is 1, having told which
        kind it is."""
        points = itertools.count(1)

        def pass_by(point: str) -> None:
            if next(points) == at:
                tell("trap", point)
                os.kill(os.getpid(), signal.SIGKILL)

        self._pass_by = pass_by
        event.listen(self._engine, "after_cursor_execute", self._executed)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        self._pass_by("before-begin")
        with super().writing() as connection:
            self._pass_by("after-begin")
            yield connection
            self._pass_by("before-commit")
        self._pass_by("after-commit")

    def _executed(self, connection: Connection, cursor: Any, statement: str, *rest: object) -> None:
        """Within a transaction; readers leave nothing half done."""
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            self._pass_by("within")

    @staticmethod
    def _pass_by(point: str) -> None: ...
