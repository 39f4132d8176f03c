"""Softphones and carriers of a running server; each speaks a tone of its own."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tests.interop.process import ServerProcess

from callwright.kernel.addresses import HostPort
from callwright.testing.agent_call import AgentCall
from callwright.testing.softphone import Softphone, softphone

TONES_HZ = {"alice": 500, "bob": 700, "carol": 900, "dave": 1_100, "erin": 1_300, "carrier": 1_700}
"""Far enough apart, and from what prompts and music hold, to be told from each other."""
OUTSIDE = "+12065550199"
"""A number of somebody out there."""


def play(scene: Coroutine[Any, Any, None]) -> None:
    """Runs a scene with real phones; nothing in it takes longer than a test may."""
    asyncio.run(asyncio.wait_for(scene, 55))


@asynccontextmanager
async def phone(
    server: ServerProcess, user: str, *, tone_hz: int | None = None, transport: str = "udp"
) -> AsyncIterator[Softphone]:
    """A registered phone, which leaves at the end."""
    async with unregistered(server, user, tone_hz=tone_hz, transport=transport) as device:
        assert await device.register() == 200
        yield device
        for call in device.calls:
            if not call.is_over:
                call.hang_up()
        assert await device.register(expires_s=0) == 200


@asynccontextmanager
async def unregistered(
    server: ServerProcess,
    user: str,
    *,
    password: str | None = None,
    tone_hz: int | None = None,
    transport: str = "udp",
) -> AsyncIterator[Softphone]:
    async with softphone(
        user,
        server.sip,
        tone_hz=tone_hz or TONES_HZ.get(user, 2_100),
        password=f"{user}-secret" if password is None else password,
        transport=transport,
    ) as device:
        yield device


class Carrier:
    """An SBC at its address: calls in with any number, and is called."""

    def __init__(self, device: Softphone, server: HostPort) -> None:
        self.device = device
        self._server = server

    async def dial(self, number: str, *, calling: str = OUTSIDE) -> AgentCall:
        return await self.device.dial(
            f"sip:{number}@{self._server}", from_=f"<sip:{calling}@{self.device.flow.local}>"
        )

    async def rings(self, *, within_s: float = 5.0) -> AgentCall:
        return await self.device.rings(within_s=within_s)


@asynccontextmanager
async def carrier(
    server: ServerProcess, at: HostPort | None = None, *, tone_hz: int = TONES_HZ["carrier"]
) -> AsyncIterator[Carrier]:
    """The first SBC, unless another address is named."""
    bind = at or server.sbc1
    async with softphone("sbc", server.sip, tone_hz=tone_hz, bind=bind) as device:
        yield Carrier(device, server.sip)


async def talk(one: AgentCall, two: AgentCall) -> None:
    """Proves audio both ways: each hears the tone of the other and not its own."""
    first, second = line(one), line(two)
    await first.until_hears(second.frequency_hz, none_of=[first.frequency_hz])
    await second.until_hears(first.frequency_hz, none_of=[second.frequency_hz])


def line(call: AgentCall) -> Any:
    """The audio of a softphone's call (a ``ToneLine``)."""
    return call.audio
