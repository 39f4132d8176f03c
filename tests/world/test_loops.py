"""A call that comes back to us again and again ends (SPEC 2.4: 510482)."""

import asyncio
from dataclasses import replace

import pytest

from callwright.domains.directory.model import Answering
from callwright.kernel.e164 import E164
from callwright.kernel.ids import UserId
from callwright.kernel.limits.signalling import HOPS_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToExternal
from callwright.sip.session.session import InviteSession
from callwright.testing.agent import Ring
from callwright.testing.builders import contoso_snapshot
from callwright.testing.carriers import SimulatedCarrier
from callwright.testing.world import World, play

FRIEND = "+12065550199"
ALICE = "+14255550101"


def call_with_hops(carrier: SimulatedCarrier, number: str, hops: int) -> None:
    carrier.start_call(
        number,
        tone="loop",
        from_=f"<sip:2065550123@{carrier.host.ip}>",
        contact_user="2065550123",
        headers=(("Max-Forwards", str(hops)),),
    )


def test_a_forward_that_the_carrier_brings_back_uses_up_its_hops() -> None:
    """Alice forwards to a number that the carrier, which counts no hop itself, sends to Alice."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.reaction = Ring()
        hops: list[int] = []
        take_call = carrier.on_invite

        def bring_back(session: InviteSession) -> None:
            left = session.request.max_forwards
            assert left is not None
            hops.append(left)
            take_call(session)
            call_with_hops(carrier, ALICE, left)

        carrier.on_invite = bring_back  # type: ignore[method-assign]
        call_with_hops(carrier, ALICE, HOPS_MAX)
        await asyncio.sleep(30)
        assert hops == list(range(HOPS_MAX - 1, 0, -1))
        refused = [record for record in world.journal.records if record.reason is Reason.LOOP]
        assert [record.sip_status for record in refused] == [500]
        assert refused[0].steps[-1].because == "Max-Forwards is used up"

    demo = contoso_snapshot()
    alice = demo.users[UserId("alice")]
    away = Answering(forward_to=ToExternal(E164(FRIEND)))
    users = {**demo.users, alice.id: replace(alice, answering=away)}
    play(scene, organisation=replace(demo, users=users))


@pytest.mark.parametrize(("sent", "arrives"), [(70, 69), (2, 1), (255, 69)])
def test_a_phone_is_told_how_many_hops_are_left(sent: int, arrives: int) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102", headers=(("Max-Forwards", str(sent)),))
        rung = await bob.rings()
        assert rung.session.request.max_forwards == arrives
        call.hang_up()

    play(scene)


def test_with_the_last_hop_nobody_is_rung_but_an_attendant_answers() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        alice = await world.phone("alice")
        call = await alice.dial("102", headers=(("Max-Forwards", "1"),))
        assert await call.ended() == Reason.LOOP.sip_status
        assert bob.calls == []
        call = await alice.dial("main-line", headers=(("Max-Forwards", "1"),))
        await call.answered()
        call.hang_up()

    play(scene)


def test_an_emergency_call_has_hops_enough() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice = await world.phone("alice")
        call = await alice.dial("911", headers=(("Max-Forwards", "1"),))
        await call.answered()
        assert carrier.invites[0].max_forwards == HOPS_MAX
        call.hang_up()

    play(scene)
