"""Signals: the first one asks politely, the second one does not, and a start can be given up."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from callwright.runtime.ending import Ending, ending_on_signals

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Server:
    """Serves in the current task, as ``callwright serve`` does."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        """The next thing that it waits for."""
        self.story: list[str] = []
        self.end_wanted = asyncio.Event()

    async def serve(self, *, starts: bool) -> None:
        with ending_on_signals() as ending:
            try:
                if not starts:
                    await self._wait_for_ever("starting")
                ending.begin(self.end_wanted)
                self._go_on("serving")
                await self.end_wanted.wait()
                await self._wait_for_ever("draining")
            finally:
                self.story.append("closed")
        self.story.append("given up" if ending.was_given_up else "ended")

    async def _wait_for_ever(self, what: str) -> None:
        self._go_on(what)
        await asyncio.Event().wait()

    def _go_on(self, what: str) -> None:
        self.story.append(what)
        self.reached.set()

    async def comes_to(self, what: str) -> None:
        while what not in self.story:
            self.reached.clear()
            await self.reached.wait()


def play(scene: Callable[[Server], Awaitable[None]], *, starts: bool = True) -> list[str]:
    async def main() -> list[str]:
        server = Server()
        scening = asyncio.ensure_future(scene(server))
        async with asyncio.timeout(10):
            await server.serve(starts=starts)
            await scening
        return server.story

    return asyncio.run(main())


@pytest.mark.parametrize("number", SIGNALS)
def test_a_start_is_given_up_at_the_first_signal(number: int) -> None:
    async def scene(server: Server) -> None:
        await server.comes_to("starting")
        os.kill(os.getpid(), number)

    assert play(scene, starts=False) == ["starting", "closed", "given up"]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_second_signal_ends_what_the_first_one_asked_for(number: int) -> None:
    async def scene(server: Server) -> None:
        await server.comes_to("serving")
        os.kill(os.getpid(), signal.SIGTERM)
        await server.comes_to("draining")
        os.kill(os.getpid(), number)

    assert play(scene) == ["serving", "draining", "closed", "given up"]


def test_who_asks_without_a_signal_can_still_be_hurried_by_one() -> None:
    async def scene(server: Server) -> None:
        await server.comes_to("serving")
        server.end_wanted.set()
        await server.comes_to("draining")
        os.kill(os.getpid(), signal.SIGTERM)

    assert play(scene)[-1] == "given up"


def test_a_cancellation_from_elsewhere_is_not_swallowed() -> None:
    async def main() -> None:
        serving = asyncio.ensure_future(Server().serve(starts=True))
        await asyncio.sleep(0)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving

    asyncio.run(main())


def test_signals_do_afterwards_what_they_did_before() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]

    async def main() -> Ending:
        with ending_on_signals() as ending:
            pass
        return ending

    assert not asyncio.run(main()).was_given_up
    assert [signal.getsignal(number) for number in SIGNALS] == before
