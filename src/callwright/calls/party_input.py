"""Keys that a party pressed and phrases it said, until a voice app asks for them."""

import asyncio

from callwright.kernel.phrases import Heard

KEYS_KEPT_MAX = 64
"""Keys pressed and not yet asked for; more are dropped, oldest first."""
HEARD_KEPT_MAX = 8
"""Utterances, likewise."""


class PartyInput:
    """Of one leg; true while something waits to be taken. One waits at a time."""

    __slots__ = ("_heard", "_keys", "_waiter")

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._heard: list[Heard] = []
        self._waiter: asyncio.Future[None] | None = None

    def __bool__(self) -> bool:
        return bool(self._keys or self._heard)

    def press(self, key: str) -> None:
        self._keys.append(key)
        del self._keys[:-KEYS_KEPT_MAX]
        self.wake()

    def hear(self, heard: Heard) -> None:
        self._heard.append(heard)
        del self._heard[:-HEARD_KEPT_MAX]
        self.wake()

    def take_key(self) -> str | None:
        return self._keys.pop(0) if self._keys else None

    def take(self) -> str | Heard | None:
        """Keys come first: they are certain."""
        if self._keys:
            return self._keys.pop(0)
        return self._heard.pop(0) if self._heard else None

    @property
    def has_key(self) -> bool:
        return bool(self._keys)

    def forget(self) -> None:
        self._keys.clear()
        self._heard.clear()

    def forget_heard(self) -> None:
        """Its phrases are no longer asked for."""
        self._heard.clear()

    async def wait(self, within_s: float | None) -> None:
        """Until something comes, or the time is over."""
        arrival, timer = self.arrival(), None
        if within_s is not None:
            timer = arrival.get_loop().call_later(within_s, be_over, arrival)
        try:
            await arrival
        finally:
            self.no_longer_awaited()
            if timer is not None:
                timer.cancel()

    def arrival(self) -> asyncio.Future[None]:
        """Done with what comes next, or when the leg is closed."""
        self._waiter = asyncio.get_running_loop().create_future()
        return self._waiter

    def no_longer_awaited(self) -> None:
        self._waiter = None

    def wake(self) -> None:
        if self._waiter is not None:
            be_over(self._waiter)


def be_over(wait: asyncio.Future[None]) -> None:
    """Whoever waits goes on; what it waited for, or the time for it, may have come before."""
    if not wait.done():
        wait.set_result(None)
