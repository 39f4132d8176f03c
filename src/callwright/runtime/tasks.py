"""The one place that starts tasks: each has a name and an owner, and ends with its owner."""

import asyncio
from collections.abc import Callable, Coroutine


class Tasks:
    """Owns what it spawned: keeps it, reports what went wrong, cancels it at the end."""

    def __init__(self, on_failure: Callable[[str, BaseException], None]) -> None:
        """``on_failure(name, error)`` hears of every task that ended with an exception."""
        self._on_failure = on_failure
        self._running: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[object, object, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def __len__(self) -> int:
        return len(self._running)

    async def close(self) -> None:
        """Cancels what still runs and waits for its end."""
        while self._running:
            waiting = tuple(self._running)
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_failure(task.get_name(), error)
