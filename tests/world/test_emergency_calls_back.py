"""The emergency centre calls back whoever called for help, whatever a trunk's limits say."""

import asyncio

import pytest
from tests.world.trunk_scene import FRIEND, with_sbc

from callwright.domains.pstn.model import TrunkRegistration
from callwright.kernel.addresses import HostPort
from callwright.kernel.e164 import E164
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.carriers import SimulatedCarrier
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

ELIN = "+14255550119"
"""Of the place that is assumed for who has none."""


async def after_a_call_for_help(world: World) -> tuple[SimulatedCarrier, SimulatedPhone]:
    carrier, alice = world.carrier("sbc1"), await world.phone("alice")
    alice.reaction = Answer()
    call = await alice.dial("911")
    await call.answered()
    call.hang_up()
    await world.record()
    assert world.node.callbacks.live() == {E164(ELIN): "alice"}
    return carrier, alice


async def one_call_out(world: World) -> None:
    bob = await world.phone("bob")
    call = await bob.dial(FRIEND)
    await call.answered()


LIMITS = {"of calls": {"max_calls": 1}, "of new calls": {"max_calls_per_s": 0.1}}


@pytest.mark.parametrize("limit", list(LIMITS.values()), ids=list(LIMITS))
def test_no_limit_of_the_trunk_refuses_it(limit: dict[str, float]) -> None:
    async def scene(world: World) -> None:
        carrier, alice = await after_a_call_for_help(world)
        await one_call_out(world)
        ordinary = carrier.call("+14255550101", calling="+12065550123")
        second = carrier.call("+14255550101", calling="+12065550123")
        assert 503 in (await ordinary.settled(), await second.settled())
        back = carrier.call(ELIN, calling="911")
        await back.answered()
        assert any(call.is_answered for call in alice.calls)

    play(scene, organisation=with_sbc("sbc1", **limit))


def test_a_full_node_takes_it_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(world: World) -> None:
        carrier, _ = await after_a_call_for_help(world)
        monkeypatch.setattr("callwright.calls.live_calls.CALLS_MAX", 0)
        bob = await world.phone("bob")
        assert await carrier.call("+14255550101", calling="911").settled() == 503
        inside = await bob.dial(ELIN)
        assert await inside.settled() == 503, "who is no trunk asks after nobody"
        back = carrier.call(ELIN, calling="911")
        assert await back.settled() == 200

    play(scene)


def test_a_stranger_is_not_let_in_by_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene(world: World) -> None:
        await after_a_call_for_help(world)
        monkeypatch.setattr("callwright.calls.live_calls.CALLS_MAX", 0)
        mallory = await world.phone("bob", name="mallory", password="wrong", register=False)
        call = await mallory.dial(ELIN)
        assert await call.settled() in (403, 503)

    play(scene)


def by_registration() -> Snapshot:
    wanted = TrunkRegistration("trunk", "+14255550100", HostPort("198.51.100.1", 5080))
    return with_sbc("sbc1", max_calls=1, registration=wanted)


def test_a_carrier_that_names_the_number_in_to() -> None:
    async def scene(world: World) -> None:
        carrier, _ = await after_a_call_for_help(world)
        await one_call_out(world)
        carrier.to = f"<sip:{ELIN}@carrier.test>"
        back = carrier.call("+14255550100", calling="911")
        assert await back.settled() == 200

    play(scene, organisation=by_registration())


def test_after_an_hour_it_is_a_call_like_others() -> None:
    async def scene(world: World) -> None:
        carrier, _ = await after_a_call_for_help(world)
        await asyncio.sleep(3_700)
        await one_call_out(world)
        assert await carrier.call(ELIN, calling="911").settled() == 503

    play(scene, organisation=with_sbc("sbc1", max_calls=1))
