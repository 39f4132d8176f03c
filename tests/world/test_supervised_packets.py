"""Supervision with the real engine's core: what is heard are packets, and none is late."""

import asyncio
import itertools
import struct
from collections.abc import Awaitable, Callable

import pytest
from tests.world.supervision_scene import CUSTOMER, hear, join, served, supervised
from tests.world.test_core_media import is_rtp

from callwright.testing.network import Passage
from callwright.testing.phone_call import PhoneCall
from callwright.testing.rtp_media import RtpMedia
from callwright.testing.world import World, play

LATE_S = 0.045
"""A packet of 20 ms may come a tick later while the engine begins to mix; no ear notices that."""


def play_packets(scene: Callable[[World], Awaitable[None]]) -> None:
    play(scene, organisation=supervised(), media=RtpMedia)


@pytest.mark.row(281)
def test_packets_lead_each_mode_to_who_may_hear_it() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        dave = await join(world, talk)
        await hear(talk.customer, "alice")
        await hear(talk.agent, CUSTOMER)
        await dave.press("5")
        await hear(talk.agent, CUSTOMER, "dave")
        await hear(talk.customer, "alice")
        await dave.press("6")
        await hear(talk.customer, "alice", "dave")
        await hear(dave, "alice", CUSTOMER)
        await dave.press("4")
        await hear(talk.customer, "alice")
        await hear(talk.agent, CUSTOMER)
        await dave.press("7")
        await hear(talk.customer, "dave")
        await hear(dave, CUSTOMER)

    play_packets(scene)


def test_no_gap_is_heard_when_a_supervisor_comes_or_goes() -> None:
    async def scene(world: World) -> None:
        talk = await served(world)
        await asyncio.sleep(1)
        begin = len(world.recorder.passages)
        ears = [asyncio.ensure_future(call.listen(4)) for call in (talk.customer, talk.agent)]
        dave = await join(world, talk)
        await asyncio.sleep(2)
        dave.hang_up()
        await asyncio.sleep(2)
        heard = {name for ear in ears for sources in await ear for name in sources}
        assert heard == {"alice", CUSTOMER}  # not one packet of who only listens
        passages = world.recorder.passages[begin:]
        for call in (talk.customer, talk.agent):
            sent = rtp_to(call, passages)
            gaps_s = [
                after.sent_at_s - before.sent_at_s for before, after in itertools.pairwise(sent)
            ]
            assert max(gaps_s) < LATE_S
            sources = {struct.unpack("!I", passage.data[8:12])[0] for passage in sent}
            assert len(sources) == 1  # one stream: a phone has nothing to learn anew
            numbers = [struct.unpack("!H", passage.data[2:4])[0] for passage in sent]
            steps = [(b - a) % 65_536 for a, b in itertools.pairwise(numbers)]
            assert set(steps) == {1}

    play_packets(scene)


def rtp_to(call: PhoneCall, passages: list[Passage]) -> list[Passage]:
    host, port = call.agent.host.ip, call.audio.handset.port
    return [
        passage
        for passage in passages
        if is_rtp(passage) and (passage.destination.host, passage.destination.port) == (host, port)
    ]
