"""Softphones and carriers of a running server; each speaks a tone of its own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from tests.interop.process import POLL_S, ServerProcess

from callwright.cli.civil_time import utc_now
from callwright.kernel.addresses import HostPort
from callwright.storage.database import Database
from callwright.storage.registrations import StoredRegistrations
from callwright.testing.agent_call import AgentCall, Audio
from callwright.testing.softphone import Softphone, softphone
from callwright.testing.tone_line import ToneLine

TONES_HZ = {"alice": 500, "bob": 700, "carol": 900, "dave": 1_100, "erin": 1_300, "carrier": 1_700}
"""Far enough apart, and from what prompts and music hold, to be told from each other."""
AUDIBLE = 100.0
"""Root mean square; digital silence is 0, speech and music are thousands."""
BEEP_HZ, BEEP_SHARE = 1_000, 0.6
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
        with closing_audio(device):
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
        with closing_audio(device):
            yield Carrier(device, server.sip)


@contextmanager
def closing_audio(device: Softphone) -> Iterator[None]:
    """Leaves no socket behind, however the scene ends."""
    opened: list[Audio] = []
    open_audio = device.open_audio

    def open_and_note() -> Audio:
        opened.append(open_audio())
        return opened[-1]

    device.open_audio = open_and_note
    try:
        yield
    finally:
        for audio in opened:
            audio.close()


async def talk(one: AgentCall, two: AgentCall) -> None:
    """Proves audio both ways: each hears the tone of the other and not its own."""
    first, second = line(one), line(two)
    await first.until_hears(second.frequency_hz, none_of=[first.frequency_hz])
    await second.until_hears(first.frequency_hz, none_of=[second.frequency_hz])


def line(call: AgentCall) -> ToneLine:
    assert isinstance(call.audio, ToneLine)
    return call.audio


async def until_sound(call: AgentCall, *, none_of: AgentCall, within_s: float = 5.0) -> None:
    """Something is heard, a voice or music, and not this party's tone."""
    ear, other_hz = line(call), line(none_of).frequency_hz
    await until_true(
        lambda: ear.loudness() > AUDIBLE and not ear.hears(other_hz), "a sound", within_s
    )


async def until_beep(call: AgentCall, *, within_s: float = 10.0) -> None:
    """The loud pure tone after which a voicemail listens; no voice and no music has it."""
    await until_true(lambda: line(call).share(BEEP_HZ) > BEEP_SHARE, "the beep", within_s)


async def until_quiet(call: AgentCall, *, for_s: float = 0.15, within_s: float = 5.0) -> None:
    """Nothing arrives for so long: no prompt, no music. What was heard before is forgotten."""
    deadline = time.monotonic() + within_s
    while True:
        received = line(call).received
        await asyncio.sleep(for_s)
        if line(call).received == received:
            line(call).forget()
            return
        assert time.monotonic() < deadline, f"still not quiet after {within_s:g} s"


async def until_true(condition: Callable[[], bool], what: str, within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while True:
        if condition():
            return
        assert time.monotonic() < deadline, f"{what}: not within {within_s:g} s"
        await asyncio.sleep(POLL_S)


def phones_on_disk(data: Path) -> set[str]:
    """Of an organisation. What a phone was told comes there a moment later
    (docs/reference/durability.md)."""
    with closing(Database.open(data, read_only=True)) as database:
        return {stored.aor for stored in StoredRegistrations(database).load(utc_now())}
