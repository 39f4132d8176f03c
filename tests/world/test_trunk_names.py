"""SBCs that are known by a name (RFC 3263)."""

import asyncio

import pytest
from tests.world.trunk_scene import calls_out, steps, with_sbc

from callwright.kernel.addresses import HostPort
from callwright.routing.snapshot import Snapshot
from callwright.sip.location import Naptr, Srv
from callwright.testing.agent import Answer, Decline, Ignore
from callwright.testing.carriers import SimulatedCarrier
from callwright.testing.world import World, play

NAME = "sip.carrier.test"


def named(transport: str = "udp", port: int = 0, **fields: object) -> Snapshot:
    return with_sbc("sbc1", address=HostPort(NAME, port), transport=transport, **fields)


def zone_of_two(world: World) -> tuple[SimulatedCarrier, SimulatedCarrier]:
    """Two servers by SRV, the second one for when the first does not work."""
    servers = (Srv(10, 0, 5_060, "a.carrier.test"), Srv(20, 0, 5_070, "b.carrier.test"))
    world.zone.srv(f"_sip._udp.{NAME}", *servers)
    world.zone.address("a.carrier.test", "203.0.113.11")
    world.zone.address("b.carrier.test", "203.0.113.12")
    return (
        world.carrier("sbc1", ip="203.0.113.11", port=5_060),
        world.carrier("sbc1", ip="203.0.113.12", port=5_070),
    )


def test_an_sbc_with_a_name_is_found_by_srv_and_known_by_its_addresses() -> None:
    async def scene(world: World) -> None:
        first, second = zone_of_two(world)
        bob = await world.phone("bob")
        bob.reaction = Answer()
        await world.use(named())
        await asyncio.sleep(1)
        assert await calls_out(world) == 200
        assert (len(first.invites), len(second.invites)) == (1, 0)
        assert first.invites[0].parsed_uri.host == NAME
        for carrier in (first, second):
            call = carrier.call("4255550102", calling="2065550123")
            await call.answered()
            call.hang_up()
        stranger = world.carrier("sbc1", ip="203.0.113.13")
        assert await stranger.call("4255550102", calling="2065550123").ended() == 401

    play(scene)


@pytest.mark.parametrize("trouble", ["silent", "503"])
def test_the_next_address_of_a_name_takes_the_call(trouble: str) -> None:
    async def scene(world: World) -> None:
        first, second = zone_of_two(world)
        await world.use(named())
        await asyncio.sleep(1)
        if trouble == "silent":
            first.is_silent = True
        else:
            first.reaction = Decline(503)
        began_s = world.clock.monotonic()
        assert await calls_out(world) == 200
        assert world.clock.monotonic() - began_s < 10, "inside the failover time of the SBC"
        assert len(second.invites) == 1
        record = await world.record()
        assert record.gateway == "sbc1"
        assert "sbc1 is tried at its next address" in steps(world)
        began_s = world.clock.monotonic()
        assert await calls_out(world) == 200
        if trouble == "silent":
            waited_s = world.clock.monotonic() - began_s
            assert waited_s < 3, "what was silent is tried last for a while"

    play(scene)


def test_retry_after_is_honoured() -> None:
    async def scene(world: World) -> None:
        first, second = zone_of_two(world)
        await world.use(named())
        await asyncio.sleep(1)
        first.reaction = Decline(503, headers=(("Retry-After", "120"),))
        await calls_out(world)
        first.reaction = Answer()
        await calls_out(world)
        assert len(first.invites) == 1
        await asyncio.sleep(121)
        await calls_out(world)
        assert (len(first.invites), len(second.invites)) == (2, 2)

    play(scene)


def test_naptr_chooses_the_transport() -> None:
    async def scene(world: World) -> None:
        world.zone.naptr(NAME, Naptr(1, 1, "s", "SIP+D2T", f"_sip._tcp.{NAME}"))
        world.zone.srv(f"_sip._tcp.{NAME}", Srv(0, 0, 5_080, "a.carrier.test"))
        world.zone.address("a.carrier.test", "203.0.113.11")
        carrier = world.carrier("sbc1", ip="203.0.113.11", port=5_080, transport="tcp")
        await world.use(named(""))
        await asyncio.sleep(1)
        assert await calls_out(world) == 200
        [invite] = carrier.invites
        assert "TCP" in (invite.header("Via") or "")

    play(scene)


def test_a_name_that_moves_is_followed_and_one_that_is_lost_keeps_its_address() -> None:
    async def scene(world: World) -> None:
        world.zone.address(NAME, "203.0.113.11", ttl_s=30)
        old = world.carrier("sbc1", ip="203.0.113.11", port=5_060)
        new = world.carrier("sbc1", ip="203.0.113.12", port=5_060)
        await world.use(named(port=5_060))
        await asyncio.sleep(1)
        await calls_out(world)
        world.zone.is_down = True
        await asyncio.sleep(300)
        await calls_out(world)
        assert len(old.invites) == 2
        world.zone.is_down = False
        world.zone.address(NAME, "203.0.113.12", ttl_s=30)
        await asyncio.sleep(31)
        await calls_out(world)
        assert (len(old.invites), len(new.invites)) == (2, 1)

    play(scene)


def test_a_name_without_an_address_is_passed_over() -> None:
    async def scene(world: World) -> None:
        assert await calls_out(world) == 408
        await world.record()
        assert "its name is not resolved" in steps(world)

    play(scene, organisation=named())


def test_an_ignored_trunk_says_so() -> None:
    """Ignore: 100 and no more; the time of the whole SBC is shared by its addresses."""

    async def scene(world: World) -> None:
        first, second = zone_of_two(world)
        first.reaction = second.reaction = Ignore()
        await world.use(named(failover_after_s=4.0))
        await asyncio.sleep(1)
        assert await calls_out(world) == 408

    play(scene)
