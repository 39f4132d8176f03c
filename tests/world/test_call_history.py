"""Where a call was before, and why a party left: History-Info, Diversion, Reason (ADR 0017)."""

from dataclasses import replace
from typing import Any

import pytest

from callwright.domains.directory.model import Answering
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.target import ToExternal
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer
from callwright.testing.builders import contoso_snapshot
from callwright.testing.world import World, play

FRIEND = "+12065550199"
OUTSIDE = "+12065550123"


def with_sbc(demo: Snapshot | None = None, **fields: Any) -> Snapshot:
    demo = demo or contoso_snapshot()
    sbc = replace(demo.sbcs[SbcId("sbc1")], **fields)
    return replace(demo, sbcs={**demo.sbcs, sbc.id: sbc})


def with_user(key: str, answering: Answering) -> Snapshot:
    demo = contoso_snapshot()
    changed = replace(demo.users[UserId(key)], answering=answering)
    return replace(demo, users={**demo.users, changed.id: changed})


def forwarding(**fields: Any) -> Snapshot:
    """Bob forwards everything to a friend outside."""
    demo = with_user("bob", Answering(forward_to=ToExternal(E164(FRIEND))))
    return with_sbc(demo, **fields)


@pytest.mark.row(75)
def test_a_forwarded_call_says_where_it_was() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.call("+14255550102", calling=OUTSIDE)
        await carrier.rings()
        [invite] = carrier.invites
        history = invite.header_values("History-Info")
        assert history == [
            "<sip:+14255550102@192.0.2.1;user=phone"
            "?Reason=SIP%3Bcause%3D302%3Btext%3D%22Moved%20Temporarily%22>;index=1",
            f"<sip:{FRIEND}@192.0.2.1;user=phone>;index=1.1;mp=1",
        ]
        assert invite.header("Diversion") is None

    play(scene, organisation=forwarding(forward_call_history=True))


@pytest.mark.row(75)
def test_each_forward_has_an_index_and_a_cause() -> None:
    """Carol forwards to Bob, who does not answer, and whose calls then go outside."""

    async def scene(world: World) -> None:
        await world.phone("bob")
        carrier = world.carrier("sbc1")
        carrier.call("+14255550103", calling=OUTSIDE)
        await carrier.rings()
        [invite] = carrier.invites
        history = invite.header_values("History-Info")
        assert [value.partition(">;")[2] for value in history] == [
            "index=1",
            "index=1.1;mp=1",
            "index=1.1.1;mp=1.1",
        ]
        causes = [value.partition("cause%3D")[2][:3] for value in history]
        assert causes == ["302", "408", ""]
        assert "+14255550103@" in history[0]
        assert "+14255550102@" in history[1]

    demo = with_user("bob", Answering(unanswered_to=ToExternal(E164(FRIEND)), unanswered_after_s=5))
    play(scene, organisation=with_sbc(demo, forward_call_history=True))


def test_a_carrier_that_wants_diversion_gets_that_instead() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        carrier.call("+14255550102", calling=OUTSIDE)
        await carrier.rings()
        [invite] = carrier.invites
        assert invite.header_values("Diversion") == [
            "<sip:+14255550102@192.0.2.1;user=phone>;reason=unconditional;counter=1"
        ]
        assert invite.header("History-Info") is None

    play(scene, organisation=forwarding(forward_call_history=True, diversion=True))


@pytest.mark.parametrize("keeps", [True, False])
def test_history_that_comes_in_is_kept_where_the_trunk_is_told_to(keeps: bool) -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        came = (
            "<sip:+12065550001@far?Reason=SIP%3Bcause%3D486>;index=1, "
            "<sip:+14255550102@far>;index=1.1;mp=1"
        )
        carrier.call("+14255550102", calling=OUTSIDE, headers=(("History-Info", came),))
        await carrier.rings()
        [invite] = carrier.invites
        history = invite.header_values("History-Info")
        if keeps:
            assert ["+12065550001@" in history[0], "cause%3D486" in history[0]] == [True, True]
            assert "+14255550102@" in history[1]
            assert FRIEND in history[2]
            assert "far" not in "".join(history)
        else:
            assert history == []

    play(scene, organisation=forwarding(forward_call_history=keeps))


@pytest.mark.row(76)
def test_a_transferred_call_has_no_history() -> None:
    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(after_s=1)
        call = await alice.dial("103")
        await call.answered()
        there = await bob.rings()
        assert await there.transfer(FRIEND) == 200
        [invite] = carrier.invites
        assert invite.header("History-Info") is None
        assert invite.header("Diversion") is None
        call.hang_up()

    play(scene, organisation=with_sbc(forward_call_history=True))


# -- why a party left ------------------------------------------------------------------------------


def test_the_reason_of_the_far_end_is_in_the_record() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        bob.reaction = Answer(after_s=1)
        call = world.carrier("sbc1").call("+14255550102", calling=OUTSIDE)
        await call.answered()
        call.session.bye(headers=(("Reason", 'Q.850;cause=16;text="Terminated"'),))
        record = await world.record()
        assert any("Q.850;cause=16" in step.because for step in record.steps)

    play(scene)


@pytest.mark.row(78)
def test_a_call_that_another_system_answered_is_not_a_missed_one() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        carrier = world.carrier("sbc1")
        carrier.call("+14255550102", calling=OUTSIDE)
        rung = await bob.rings()
        reason = ("Reason", 'SIP;cause=200;text="Call completed elsewhere"')
        carrier.calls[0].session.hang_up(headers=(reason,))
        await rung.ended()
        assert rung.end is not None
        assert rung.end.header("Reason") == reason[1]  # the phone lists no missed call
        record = await world.record()
        assert (record.sip_status, record.reason.sub_code) == (487, 540200)

    play(scene)
