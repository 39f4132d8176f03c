"""A phone as a process of its own, so that it can live in a network namespace.

Reads one command a line, as JSON: ``["dial", "102"]``; answers each with one line of JSON, null or
the text of what went wrong.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

from callwright.kernel.addresses import HostPort
from callwright.testing.agent_call import AgentCall
from callwright.testing.softphone import Softphone, softphone
from callwright.testing.tone_line import ToneLine

PORT = 5_060


class Remote:
    """What can be asked of the phone; one call at a time."""

    def __init__(self, phone: Softphone) -> None:
        self._phone = phone
        self._call: AgentCall | None = None
        self.verbs: dict[str, Callable[..., Awaitable[None]]] = {
            "register": self.register,
            "dial": self.dial,
            "pick_up": self.pick_up,
            "answered": self.answered,
            "hears": self.hears,
            "hold": self.hold,
            "resume": self.resume,
            "hang_up": self.hang_up,
            "is_hung_up": self.is_hung_up,
        }

    async def register(self) -> None:
        status = await self._phone.register()
        assert status == 200, f"REGISTER was answered {status}"

    async def dial(self, target: str) -> None:
        self._call = await self._phone.dial(target)

    async def pick_up(self) -> None:
        self._call = await self._phone.rings()
        self._call.answer()

    async def answered(self) -> None:
        await self.call.answered()

    async def hears(self, tone_hz: int) -> None:
        """From now on: what was heard before is forgotten."""
        line = self.call.audio
        assert isinstance(line, ToneLine)
        line.forget()
        await line.until_hears(tone_hz, none_of=[line.frequency_hz])

    async def hold(self) -> None:
        await self.call.hold()

    async def resume(self) -> None:
        await self.call.resume()

    async def hang_up(self) -> None:
        self.call.hang_up()

    async def is_hung_up(self) -> None:
        await self.call.ended()

    @property
    def call(self) -> AgentCall:
        assert self._call is not None, "there is no call"
        return self._call


async def main(user: str, own_ip: str, server: str, tone_hz: str) -> None:
    async with softphone(
        user,
        HostPort.parse(server),
        tone_hz=int(tone_hz),
        password=f"{user}-secret",
        bind=HostPort(own_ip, PORT),
    ) as phone:
        remote = Remote(phone)
        while line := await asyncio.to_thread(sys.stdin.readline):
            verb, *words = json.loads(line)
            try:
                await remote.verbs[verb](*words)
            except (AssertionError, TimeoutError) as error:
                print(json.dumps(f"{user}: {verb}: {error or type(error).__name__}"), flush=True)
            else:
                print("null", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
