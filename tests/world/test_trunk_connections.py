"""A registration with a carrier is worth the way that leads back to us (RFC 5626 §4.4, §4.5)."""

import asyncio
from itertools import pairwise

import pytest
from tests.world.test_trunks import LOGIN, ON_SBC1
from tests.world.trunk_scene import with_sbc

from callwright.kernel.limits.trunks import TRUNK_KEEP_ALIVE_S, TRUNK_RECONNECT_S
from callwright.routing.snapshot import Snapshot
from callwright.testing.carriers import SimulatedCarrier
from callwright.testing.world import World, play


def registered(transport: str) -> Snapshot:
    return with_sbc(
        "sbc1",
        credentials=LOGIN,
        transport=transport,
        registration=ON_SBC1,
        send_options=False,
    )


def keep_alives(world: World, carrier: SimulatedCarrier) -> list[tuple[float, bytes]]:
    return [
        (passage.sent_at_s, passage.data)
        for passage in world.recorder.passages
        if passage.receiver == carrier.name and not passage.data.strip()
    ]


def test_a_broken_connection_has_us_register_at_once() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        gate = carrier.challenges(LOGIN.username, LOGIN.password)
        await asyncio.sleep(60)
        assert (gate.registrations, world.node.trunks.unregistered_count) == (1, 0)
        carrier.wire.cut_connections()
        await asyncio.sleep(0.1)
        assert world.node.trunks.unregistered_count == 1
        await asyncio.sleep(TRUNK_RECONNECT_S + 1)
        assert (gate.registrations, world.node.trunks.unregistered_count) == (2, 0)

    play(scene, organisation=registered("tcp"))


def test_a_registrar_that_breaks_every_connection_is_asked_ever_less() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        gate = carrier.challenges(LOGIN.username, LOGIN.password)
        known = 0
        for _ in range(3_600):
            await asyncio.sleep(1)
            if gate.registrations != known:
                known = gate.registrations
                carrier.wire.cut_connections()
        assert 3 <= known <= 12, "30 s, doubled each time"

    play(scene, organisation=registered("tcp"))


@pytest.mark.parametrize(("transport", "ping"), [("udp", b"\r\n"), ("tcp", b"\r\n\r\n")])
def test_the_way_back_is_kept_open(transport: str, ping: bytes) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.challenges(LOGIN.username, LOGIN.password)
        await asyncio.sleep(600)
        sent = [(at_s, data) for at_s, data in keep_alives(world, carrier) if data == ping]
        gaps = [after[0] - before[0] for before, after in pairwise(sent)]
        assert len(sent) >= 600 / TRUNK_KEEP_ALIVE_S - 1
        assert all(0.79 * TRUNK_KEEP_ALIVE_S <= gap <= TRUNK_KEEP_ALIVE_S for gap in gaps)

    play(scene, organisation=registered(transport))


def test_nothing_keeps_open_what_was_refused_or_given_back() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.challenges(LOGIN.username, "another")
        await asyncio.sleep(300)
        assert keep_alives(world, carrier) == []

    play(scene, organisation=registered("udp"))

    async def leaving(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.challenges(LOGIN.username, LOGIN.password)
        await asyncio.sleep(60)
        world.node.trunks.leave()
        count = len(keep_alives(world, carrier))
        await asyncio.sleep(300)
        assert len(keep_alives(world, carrier)) == count

    play(leaving, organisation=registered("udp"))
