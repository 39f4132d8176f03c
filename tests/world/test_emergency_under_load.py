"""An emergency call is placed whatever else is wrong (design §5)."""

import asyncio
from dataclasses import replace

import pytest

from callwright.calls import live_calls
from callwright.calls.record import CallResult
from callwright.domains.pstn.model import DialPlan
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Ignore
from callwright.testing.builders import contoso_snapshot, translation
from callwright.testing.world import World, play


def test_the_last_ports_are_kept_for_it() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(1)
        taken = []
        while world.ports.free_count > 8:
            taken.append(world.ports.take())
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(1)
        ordinary = await alice.dial("102")
        assert await ordinary.ended() == 503
        assert (await world.record()).reason is Reason.OVERLOADED
        urgent = await alice.dial("911")
        await urgent.answered()
        await urgent.until_hears("911")
        urgent.hang_up()
        await world.record(2)
        for port in taken:
            world.ports.give_back(port)

    play(scene)


def test_a_gateway_that_says_trying_and_no_more_is_passed_over() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Ignore()
        world.carrier("sbc2").reaction = Answer(1)
        alice = await world.phone("alice")
        call = await alice.dial("911")
        began_s = world.clock.monotonic()
        await call.answered(within_s=30)
        assert world.clock.monotonic() - began_s < 15
        call.hang_up()
        assert (await world.record()).gateway == "sbc2"

    play(scene)


def test_a_stopping_node_lets_it_go_on() -> None:
    async def scene(world: World) -> None:
        world.carrier("sbc1").reaction = Answer(1)
        alice = await world.phone("alice")
        call = await alice.dial("911")
        await call.answered()
        stopping = asyncio.ensure_future(world.node.stop(10))
        await asyncio.sleep(300)
        await call.until_hears("911")
        call.hang_up()
        await stopping
        assert (await world.record()).result is CallResult.ANSWERED

    play(scene)


def test_the_call_back_rings_whoever_called_before_any_forward() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Answer(1)
        carol, bob = await world.phone("carol"), await world.phone("bob")
        call = await carol.dial("911")
        await call.answered()
        call.hang_up()
        await world.record()
        back = carrier.call("+14255550119", calling="911")
        await carol.rings()
        assert bob.calls == []
        back.hang_up()
        await world.record(2)

    play(scene)


@pytest.mark.parametrize(
    "dialled", ["911", "0911", "9-1-1", "urn:service:sos", "URN:service:SOS.fire"]
)
def test_a_stopping_node_still_places_it(dialled: str) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice, bob, carol = [await world.phone(name) for name in ("alice", "bob", "carol")]
        bob.reaction = Answer(1)
        running = await alice.dial("102")
        await running.answered()
        stopping = asyncio.ensure_future(world.node.stop(10))
        await asyncio.sleep(0.1)
        ordinary = await carol.dial("102")
        assert await ordinary.ended() == 503
        urgent = await carol.dial(dialled)
        await urgent.answered()
        await urgent.until_hears("911")
        assert carrier.invites[0].parsed_uri.user == "911"
        urgent.hang_up()
        await stopping

    play(scene, organisation=dialled_with_a_zero())


def dialled_with_a_zero() -> Snapshot:
    """People who dial a zero for an outside line dial it for help, too."""
    demo = contoso_snapshot()
    rules = (*demo.dial_plans["default"].rules, translation(r"^0(911)$", "$1", "zero"))
    return replace(demo, dial_plans={"default": DialPlan("default", rules)})


def test_a_node_without_a_free_slot_places_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_calls, "CALLS_MAX", 1)

    async def scene(world: World) -> None:
        world.carrier("sbc1")
        alice, bob, carol = [await world.phone(name) for name in ("alice", "bob", "carol")]
        running = await alice.dial("102")
        await bob.rings()
        ordinary = await carol.dial("102")
        assert await ordinary.ended() == 503
        urgent = await carol.dial("0911")
        await urgent.answered()
        running.hang_up()
        urgent.hang_up()

    play(scene, organisation=dialled_with_a_zero())


def test_help_that_is_asked_for_by_its_name_comes() -> None:
    """RFC 5031: the phone knows no number."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        phone = await world.phone("dave", register=False)
        call = await phone.dial("urn:service:sos")
        await call.answered()
        [invite] = carrier.invites
        assert invite.parsed_uri.user == "911"
        call.hang_up()
        record = await world.record()
        assert (record.caller_user, record.callee) == ("dave", "911")
        other = await phone.dial("urn:service:counseling")
        assert await other.ended() == 416

    play(scene)
