"""Transfers and take-overs at bad moments, or by people who claim what is not so."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from callwright.calls.call import owner_of
from callwright.calls.fork import Fork
from callwright.calls.leg import Leg
from callwright.calls.record import CallResult, Direction
from callwright.calls.sip_leg import SipLeg
from callwright.kernel.ids import SbcId, UserId
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.sip.message import Request
from callwright.testing.agent import Answer, Decline
from callwright.testing.builders import contoso_snapshot
from callwright.testing.phone_audio import PhoneAudio
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

PRIVATE = ("Privacy", "id")
G729_ONLY = b"""v=0\r
o=- 1 1 IN IP4 10.0.0.1\r
s=-\r
c=IN IP4 10.0.0.1\r
t=0 0\r
m=audio 40000 RTP/AVP 18\r
"""
ABROAD = "+442079460958"
RECEPTION = "+14255550150"


async def phones(world: World, *users: str) -> list[SimulatedPhone]:
    return [await world.phone(user) for user in users]


async def ringing_at(
    caller: SimulatedPhone, bob: SimulatedPhone, *headers: tuple[str, str]
) -> tuple[PhoneCall, PhoneCall]:
    call = await caller.dial("102", headers=headers)
    rung = await bob.rings()
    rung.ring()
    await call.ringing()
    return call, rung


# -- bad moments -----------------------------------------------------------------------------------


@pytest.mark.parametrize("hangs_up", ["before", "after"])
def test_a_caller_who_gives_up_as_he_is_picked_up_leaves_nobody_alone(hangs_up: str) -> None:
    """CANCEL and the INVITE that takes the call over arrive in the same instant."""

    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        mobile = await world.phone("bob", name="mobile")
        call, rung = await ringing_at(alice, bob)
        if hangs_up == "before":
            call.hang_up()
        moved = await mobile.dial("102", headers=(("Replaces", rung.replaces),))
        if hangs_up == "after":
            call.hang_up()
        await moved.ended()
        await rung.ended()
        await world.record(2)

    play(scene)


def test_who_picks_up_a_caller_without_a_codec_in_common_is_hung_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The caller's offer is looked at before anybody rings; whoever passes is looked at again."""

    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        mobile = await world.phone("bob", name="mobile")
        with monkeypatch.context() as patch:
            patch.setattr(PhoneAudio, "offer", lambda *_: G729_ONLY)
            patch.setattr(PhoneAudio, "takes", lambda *_: True)
            patch.setattr(SipLeg, "objection", lambda *_: None)
            call, rung = await ringing_at(alice, bob)
        moved = await mobile.dial("102", headers=(("Replaces", rung.replaces),))
        assert await call.ended() == 488
        await moved.ended()

    play(scene)


def test_a_transferor_is_hung_up_when_whoever_picked_his_party_up_is_ended_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """dave, whom alice joined with bob, sends bob on to erin. Her second phone picks up what rings
    at the first, and is ended before bob's call knows of it."""
    pick_up = Fork.pick_up

    async def scene(world: World) -> None:
        def pick_up_and_end(fork: Fork, leg: Leg) -> bool:
            taker = owner_of(leg)
            assert taker is not None
            asyncio.get_running_loop().call_soon(taker.end, Reason.SHUTTING_DOWN)
            return pick_up(fork, leg)

        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        mobile = await world.phone("erin", name="mobile")
        from_alice, at_bob = await ringing_at(alice, bob)
        at_bob.answer()
        await from_alice.answered()
        to_dave = await alice.dial("104")
        at_dave = await dave.rings()
        at_dave.answer()
        await to_dave.answered()
        assert await from_alice.transfer_to(to_dave) == 200
        await at_dave.until_hears("bob")
        at_dave.session.refer("<sip:105@contoso.test>")
        rung = await erin.rings()
        rung.ring()
        monkeypatch.setattr(Fork, "pick_up", pick_up_and_end)
        taken = await mobile.dial("105", headers=(("Replaces", rung.replaces),))
        await taken.ended()
        await at_bob.ended()
        await at_dave.ended()
        await rung.ended()

    play(scene)


@pytest.mark.parametrize("dialled", ["911", RECEPTION])
def test_what_cannot_be_taken_over_is_refused_and_not_answered(dialled: str) -> None:
    """A call for help is nobody else's, and an attendant's menu is no talk (RFC 3891 §3)."""

    async def scene(world: World) -> None:
        alice, mobile = await world.phone("alice"), await world.phone("alice", name="mobile")
        world.carrier("sbc1").reaction = Answer()
        call = await alice.dial(dialled)
        await call.answered()
        taking = await mobile.dial("101", headers=(("Replaces", call.replaces),))
        assert await taking.ended() == 481
        assert not taking.is_answered
        assert not call.is_over
        record = await world.record(1)
        assert record.answered_at is None
        assert record.result is CallResult.FAILED
        assert record.sip_status == 481

    play(scene)


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("<sip:104@contoso.test>", (("Refer-To", "<sip:105@contoso.test>"),)),
        ("<sip:104@contoso.test;method=BYE>", ()),
        ("<sip:104@contoso.test;method=SUBSCRIBE>", ()),
    ],
)
def test_what_asks_for_two_things_or_for_no_call_is_no_transfer(
    target: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """RFC 3515 §2.1, §2.4.1."""

    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        call, rung = await ringing_at(alice, bob)
        rung.answer()
        await call.answered()
        statuses: list[int] = []
        call.session.refer(
            target,
            headers=headers,
            on_response=lambda response: statuses.append(response.status),
        )
        await dave.stays_quiet(5)
        assert statuses == [400]
        await rung.until_hears("alice")

    play(scene)


@pytest.mark.parametrize("number", [ABROAD, "911"])
def test_a_record_does_not_name_a_target_that_nobody_reached(number: str) -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        for sbc in ("sbc1", "sbc2"):
            world.carrier(sbc).reaction = Decline(486)
        call, rung = await ringing_at(alice, bob)
        rung.answer()
        await call.answered()
        assert await rung.transfer(number) == 486
        await rung.until_hears("alice")
        call.hang_up()
        record = await world.record(1)
        assert record.callee == "102"
        assert record.direction is Direction.INTERNAL
        assert record.gateway is None
        assert record.result is CallResult.ANSWERED

    play(scene)


def test_a_call_that_is_being_transferred_cannot_be_joined() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        to_bob, at_bob = await ringing_at(alice, bob)
        at_bob.answer()
        await to_bob.answered()
        to_dave = await alice.dial("104")
        at_dave = await dave.rings()
        at_dave.answer()
        await to_dave.answered()
        to_dave.session.refer("<sip:105@contoso.test>")
        rung = await erin.rings()
        rung.ring()
        assert await to_bob.transfer_to(to_dave) == 481
        await to_bob.until_hears("bob")
        assert not to_dave.is_over
        rung.answer()
        await at_dave.until_hears("erin")
        await to_dave.ended()

    play(scene)


def test_a_joined_transferor_changes_nothing_of_what_the_party_on_its_way_hears() -> None:
    """dave, whom alice joined with bob, sends bob on to erin and plays with his hold key."""

    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        to_bob, at_bob = await ringing_at(alice, bob)
        at_bob.answer()
        await to_bob.answered()
        to_dave = await alice.dial("104")
        at_dave = await dave.rings()
        at_dave.answer()
        await to_dave.answered()
        assert await to_bob.transfer_to(to_dave) == 200
        await at_dave.until_hears("bob")
        await at_dave.hold()
        at_dave.session.refer("<sip:105@contoso.test>")
        rung = await erin.rings()
        rung.ring()
        await at_bob.until_hears("ringback")
        await at_dave.resume()
        await asyncio.sleep(1)
        assert at_bob.hears() == {"ringback"}
        await at_dave.hold()
        await asyncio.sleep(1)
        assert at_bob.hears() == {"ringback"}
        rung.decline(486)
        await at_bob.until_hears("music")
        await at_dave.resume()
        await at_bob.until_hears("dave")

    play(scene)


def test_of_two_joined_parties_who_transfer_each_other_at_once_one_may() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        to_bob, at_bob = await ringing_at(alice, bob)
        at_bob.answer()
        await to_bob.answered()
        to_dave = await alice.dial("104")
        at_dave = await dave.rings()
        at_dave.answer()
        await to_dave.answered()
        assert await to_bob.transfer_to(to_dave) == 200
        await at_dave.until_hears("bob")
        at_dave.session.refer("<sip:105@contoso.test>")
        at_bob.session.refer("<sip:199@contoso.test>")
        rung = await erin.rings()
        await asyncio.sleep(1)
        assert at_bob.transfer_statuses == [100, 603]
        rung.answer()
        await at_bob.until_hears("erin")
        await rung.until_hears("bob")
        await at_dave.ended()

    play(scene)


# -- who is said to have transferred ---------------------------------------------------------------


async def transferred(
    world: World, claim: str, *, headers: tuple[tuple[str, str], ...] = ()
) -> Request:
    """alice calls bob and transfers him to dave; the INVITE that dave got."""
    alice, bob, dave = await phones(world, "alice", "bob", "dave")
    call = await alice.dial("102", headers=headers)
    (await bob.rings()).answer()
    await call.answered()
    call.session.refer("<sip:104@contoso.test>", headers=(("Referred-By", claim),))
    return (await dave.rings()).session.request


@pytest.mark.parametrize(
    "claim",
    [
        "<sip:erin@contoso.test>",
        '"The boss" <tel:+19005550000>',
        "<sip:alice@contoso.test?Subject=a%0D%0AX-Evil:1>",
    ],
)
def test_a_transferor_is_named_as_proven_whatever_its_phone_claims(claim: str) -> None:
    async def scene(world: World) -> None:
        invite = await transferred(world, claim)
        assert invite.header("Referred-By") == "<sip:alice@contoso.test>"

    play(scene)


def test_a_transferor_who_stays_unknown_is_not_told_to_the_target() -> None:
    async def scene(world: World) -> None:
        invite = await transferred(world, "<sip:alice@contoso.test>", headers=(PRIVATE,))
        told = [value for _, value in invite.headers if "alice" in value.lower()]
        assert told == []

    play(scene)


def with_sbc(**fields: Any) -> Snapshot:
    demo = contoso_snapshot()
    sbc = replace(demo.sbcs[SbcId("sbc1")], **fields)
    return replace(demo, sbcs={**demo.sbcs, sbc.id: sbc})


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, None),
        ({"trusted": True}, "<sip:erin@contoso.test>"),
        ({"forward_call_history": True}, "<sip:erin@contoso.test>"),
    ],
)
def test_a_trunk_is_believed_who_transferred_only_where_it_is_told_to(
    fields: dict[str, Any], told: str | None
) -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        carrier = world.carrier("sbc1")
        number = world.snapshot.users[UserId("alice")].number
        assert number is not None
        call = carrier.call(number, calling="+12065550123")
        (await alice.rings()).answer()
        await call.answered()
        call.session.refer(
            "<sip:102@contoso.test>", headers=(("Referred-By", "<sip:erin@contoso.test?a=b>"),)
        )
        invite = (await bob.rings()).session.request
        assert invite.header("Referred-By") == told

    play(scene, organisation=with_sbc(**fields))


# -- what a lamp gives away ------------------------------------------------------------------------


def test_the_lamp_of_a_hidden_caller_does_not_say_whom_it_calls() -> None:
    """Else whoever is called looks at the lamps of all colleagues to learn who it is."""

    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        lamp, own = bob.watch("dialog", "alice"), alice.watch("dialog", "alice")
        await lamp.until_lit("terminated")
        await own.until_lit("terminated")
        call, rung = await ringing_at(alice, bob, PRIVATE)
        await lamp.until_lit("early")
        assert "Bob" not in lamp.body
        rung.answer()
        await call.answered()
        await lamp.until_lit("confirmed")
        await own.until_lit("confirmed")
        assert "Bob" not in lamp.body
        assert "Bob" in own.body

    play(scene)


def test_a_sender_of_a_text_who_stays_unknown_is_not_shown() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        assert (await alice.send_text("102", "Guess who", headers=(PRIVATE,))).status == 200
        (request,) = [request for request in bob.requests if request.method == "MESSAGE"]
        assert request.from_.uri.host == "anonymous.invalid"
        assert request.header("Privacy") == "id"
        told = [value for _, value in request.headers if "lice" in value or "0101" in value]
        assert told == []

    play(scene)
