"""Calls between users: ringing, talking, holding, transferring, and every other end."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.talking import talk

from callwright.calls.record import CallResult, Direction
from callwright.domains.directory.model import Answering
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.kernel.target import Target, ToUser
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Answer, Decline
from callwright.testing.builders import contoso_snapshot
from callwright.testing.world import World, play


def answering(user: str, **changes: object) -> Snapshot:
    """The demo organisation with other answering settings for one user."""
    demo = contoso_snapshot()
    known = demo.users[UserId(user)]
    settings = Answering(**{"unanswered_after_s": 20, **changes})  # type: ignore[arg-type]
    return replace(demo, users={**demo.users, known.id: replace(known, answering=settings)})


def test_two_users_talk_and_hear_each_other() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        assert rung.shown == ("Alice Adams", "+14255550101")
        await call.ringing()
        assert call.provisionals == [180]
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        await rung.until_hears("alice")
        await asyncio.sleep(10)
        call.hang_up()
        await rung.ended()
        record = await world.record()
        assert (record.result, record.sip_status) == (CallResult.ANSWERED, 200)
        assert record.direction is Direction.INTERNAL
        assert (record.caller_user, record.callee_user) == ("alice", "bob")
        assert record.duration_s == pytest.approx(10, abs=1)
        assert record.charge is None

    play(scene)


def test_the_called_side_may_hang_up() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made, taken = await talk(world, alice, bob)
        taken.hang_up()
        await made.ended()
        assert made.end is not None
        assert made.end.method == "BYE"
        assert (await world.record()).result is CallResult.ANSWERED

    play(scene)


def test_phones_of_different_codecs_and_transports_understand_each_other() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice", transport="tcp", codecs=("PCMA",), algorithm="MD5")
        bob = await world.phone("bob", codecs=("PCMU",))
        made, taken = await talk(world, alice, bob)
        await made.until_hears("bob")
        await taken.until_hears("alice")
        assert made.audio.agreed is not None
        assert made.audio.agreed.codec == "PCMA"

    play(scene)


@pytest.mark.row(79)
def test_a_declined_call_ends_with_603_and_nobody_rings_again() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        second = await world.phone("bob", name="bob-2")
        call = await alice.dial("102")
        rung, rung_too = await bob.rings(), await second.rings()
        rung.decline(603)
        assert await call.ended() == 603
        assert await rung_too.ended() == 487
        await bob.stays_quiet(60)
        record = await world.record()
        assert (record.reason, record.sip_status) == (Reason.CALLEE_DECLINED, 603)
        assert record.result is CallResult.REJECTED

    play(scene)


def test_a_busy_phone_makes_the_caller_hear_busy() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Decline(486)
        call = await alice.dial("102")
        assert await call.ended() == 486
        assert (await world.record()).result is CallResult.BUSY

    play(scene)


def test_the_other_phones_are_told_that_the_call_was_completed_elsewhere() -> None:
    """chan-sccp#349, monster-ui-callflows#249: they showed a missed call."""

    async def scene(world: World) -> None:
        alice, desk = await world.phone("alice"), await world.phone("bob", name="desk")
        mobile = await world.phone("bob", name="mobile")
        call = await alice.dial("102")
        at_desk, on_mobile = await desk.rings(), await mobile.rings()
        at_desk.answer()
        await call.answered()
        assert await on_mobile.ended() == 487
        assert on_mobile.end is not None
        assert on_mobile.end.method == "CANCEL"
        assert "cause=200" in (on_mobile.end.header("Reason") or "")
        await call.until_hears("desk")

    play(scene)


def test_a_caller_who_gives_up_stops_the_ringing() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        call.hang_up()
        assert await rung.ended(within_s=1) == 487
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.MISSED, Reason.CALLER_CANCELLED)

    play(scene)


def test_a_number_that_leads_nowhere_is_refused() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await alice.dial("199")
        assert await call.ended() == 403
        assert (await world.record()).reason is Reason.NO_ROUTE

    play(scene)


def test_a_call_without_an_offer_is_answered_with_one() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer()
        call = await alice.dial("102", without_offer=True)
        await call.answered()
        await call.until_hears("bob")
        assert "alice" in (await bob.rings()).hears()

    play(scene)


# -- hold ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
def test_who_is_held_hears_music_and_then_the_other_again(direction: str) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made, taken = await talk(world, alice, bob)
        await made.hold(direction)
        await taken.until_hears("music")
        assert made.hears() == frozenset()
        await asyncio.sleep(200)  # longer than the music: it begins anew
        await taken.until_hears("music")
        await made.resume()
        await taken.until_hears("alice")
        await made.until_hears("bob")

    play(scene)


def test_both_may_hold_at_once() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made, taken = await talk(world, alice, bob)
        await made.hold()
        await taken.hold()
        await made.resume()
        assert taken.hears() == frozenset()
        await made.until_hears("music")
        await taken.resume()
        await made.until_hears("bob")
        await taken.until_hears("alice")

    play(scene)


# -- forwarding ------------------------------------------------------------------------------------


def test_an_immediate_forward_rings_the_target_only() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = [await world.phone(user) for user in ("alice", "bob", "carol")]
        call = await alice.dial("103")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await call.until_hears("bob")
        assert carol.calls == []

    play(scene)


@pytest.mark.row(82)
def test_forwards_in_a_circle_end() -> None:
    demo = answering("bob", forward_to=ToUser(UserId("carol")))

    async def scene(world: World) -> None:
        alice, bob, carol = [await world.phone(user) for user in ("alice", "bob", "carol")]
        call = await alice.dial("102")
        await call.ended(within_s=5)
        record = await world.record()
        assert record.reason is Reason.LOOP
        assert (bob.calls, carol.calls) == ([], [])
        assert call.status == record.sip_status == record.reason.sip_status

    play(scene, organisation=demo)


@pytest.mark.row(198)
@pytest.mark.parametrize("delay_s", [5, 10, 15, 20, 30, 40, 50, 60])
def test_each_answering_delay_is_honoured(delay_s: int) -> None:
    target: Target = ToUser(UserId("bob"))
    demo = answering("alice", unanswered_after_s=delay_s, unanswered_to=target)

    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        call = await dave.dial("101")
        rung = await alice.rings()
        began_s = world.clock.monotonic()
        await bob.rings(within_s=delay_s + 1)
        assert world.clock.monotonic() - began_s == pytest.approx(delay_s, abs=0.1)
        assert await rung.ended() == 487
        assert not call.is_over

    play(scene, organisation=demo)


def test_a_user_without_a_phone_is_passed_over_at_once() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await alice.dial("102")
        await call.answered(within_s=1)
        await call.until_hears(
            "say: Bob Brown is not available. Please leave a message after the tone."
        )

    play(scene)


# -- transfer --------------------------------------------------------------------------------------


@pytest.mark.row(219)
def test_a_blind_transfer_joins_the_others_and_lets_the_transferor_go() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        made, taken = await talk(world, alice, bob)
        transferring = asyncio.get_running_loop().create_task(taken.transfer("104"))
        rung = await dave.rings()
        await made.until_hears("ringback")
        rung.answer()
        assert await transferring == 200
        await taken.ended()
        await made.until_hears("dave")
        await rung.until_hears("alice")

    play(scene)


def test_the_caller_may_transfer_the_called() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        made, taken = await talk(world, alice, bob)
        dave.reaction = Answer()
        assert await made.transfer("104") == 200
        await made.ended()
        await taken.until_hears("dave")

    play(scene)


def test_a_refused_transfer_brings_the_party_back() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        made, taken = await talk(world, alice, bob)
        dave.reaction = Decline(486)
        status = await taken.transfer("104")
        assert status >= 400
        await made.until_hears("bob")
        await taken.until_hears("alice")

    play(scene)


def test_a_transfer_may_end_in_voicemail() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = [await world.phone(user) for user in ("alice", "bob", "dave")]
        made, taken = await talk(world, dave, bob)
        transferring = asyncio.get_running_loop().create_task(taken.transfer("101"))
        await alice.rings()
        assert await transferring == 200
        await made.until_hears("beep", within_s=30)
        await made.talk_for(3)
        made.hang_up()
        await world.record()
        assert [message.mailbox for message in world.mailboxes.stored] == ["alice"]

    play(scene)


# -- phones that misbehave -------------------------------------------------------------------------


def test_a_phone_that_lost_power_is_missed_in_the_end() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made, _ = await talk(world, alice, bob)
        bob.vanish()
        await made.ended(within_s=700)
        await world.record()

    play(scene)


def test_a_phone_that_lost_power_while_it_rang_sends_the_caller_to_voicemail() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.vanish()
        call = await alice.dial("102")
        await call.answered(within_s=40)
        await call.until_hears("beep", within_s=30)

    play(scene)


def test_who_hangs_up_right_after_the_answer_leaves_nothing_behind() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        rung.hang_up()
        await call.ended(within_s=60)

    play(scene)


@pytest.mark.parametrize("step_s", [0.0, 0.003, 0.008, 0.012, 0.018, 0.022, 0.03, 0.1, 1.0, 1.02])
def test_a_caller_may_leave_at_any_step(step_s: float) -> None:
    """Before the challenge, while it rings, as it is answered: nothing is left behind."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(after_s=0.99)
        call = await alice.dial("102")
        await asyncio.sleep(step_s)
        call.hang_up()
        await asyncio.sleep(40)
        assert all(taken.is_over for taken in bob.calls)

    play(scene)
