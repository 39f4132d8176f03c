"""Targets that are groups: everybody's phones ring at once, or one person after the other."""

import asyncio
from typing import Any

import pytest
from tests.world.contoso_scene import contoso
from tests.world.queue_scene import CUSTOMER

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Decline
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

MAIN_LINE = "+14255550150"


def leading_to_group(**ring: object) -> Snapshot:
    """The main line's attendant sends every caller to the support team: Alice, Bob and Erin."""

    def edit(file: dict[str, Any]) -> None:
        file["groups"]["support-team"] = {"members": ["alice", "bob", "erin"], "ring": ring}
        file["auto_attendants"]["reception"]["open"] = {"then": {"group": "support-team"}}

    return contoso(edit)


def call_in(world: World) -> PhoneCall:
    return world.carrier("sbc1").call(MAIN_LINE, calling=CUSTOMER)


def test_everybodys_phones_ring_all_of_them_and_the_first_to_answer_has_the_call() -> None:
    """fusionpbx#1540, #2048, #2381: only one of a user's devices rang for a group."""

    async def scene(world: World) -> None:
        alice, mobile = await world.phone("alice"), await world.phone("alice", name="mobile")
        bob = await world.phone("bob")
        call = call_in(world)
        rung = [await phone.rings() for phone in (alice, mobile, bob)]
        assert rung[2].shown[1] == CUSTOMER
        assert "support-team" in rung[2].shown[0]
        rung[1].answer()
        await call.until_hears("mobile")
        for other in (rung[0], rung[2]):
            assert await other.ended() == 487
            assert other.end is not None
            assert "cause=200" in (other.end.header("Reason") or "")
        call.hang_up()
        record = await world.record()
        assert (record.result, record.callee_user) == (CallResult.ANSWERED, "alice")

    play(scene, organisation=leading_to_group())


@pytest.mark.parametrize("order", ["all", "in-order"])
def test_a_caller_whose_first_answer_hangs_up_at_once_goes_to_the_others(order: str) -> None:
    """asterisk#1557: the others were let go before anybody could talk (RFC 3261 §15: no ACK)."""

    async def scene(world: World) -> None:
        alice, mobile = await world.phone("alice"), await world.phone("alice", name="mobile")
        bob = await world.phone("bob")
        call = call_in(world)
        await alice.rings()
        rung = await mobile.rings()
        rung.answer()
        rung.session._send_bye(())
        if order == "all":
            assert await (await bob.rings()).ended() == 487
        (await bob.rings(within_s=1)).answer()
        await call.until_hears("bob")
        call.hang_up()
        record = await world.record()
        assert (record.result, record.callee_user) == (CallResult.ANSWERED, "bob")

    play(scene, organisation=leading_to_group(order=order))


@pytest.mark.parametrize("order", ["all", "in-order"])
def test_who_answers_and_hangs_up_within_a_second_does_not_lose_the_caller(order: str) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_in(world)
        rung = await alice.rings()
        rung.answer()
        await call.until_hears("alice")
        await asyncio.sleep(0.3)
        rung.hang_up()
        if order == "all":
            await (await bob.rings()).ended()
        again = await bob.rings(within_s=1)
        await call.until_hears("ringback", within_s=1)
        again.answer()
        await call.until_hears("bob")
        assert len(alice.calls) == 1
        call.hang_up()
        record = await world.record()
        assert (record.result, record.callee_user) == (CallResult.ANSWERED, "bob")
        assert any(step.what == "alice hung up at once" for step in record.steps)

    play(scene, organisation=leading_to_group(order=order))


@pytest.mark.parametrize(
    ("after_s", "result"), [(0.5, CallResult.VOICEMAIL), (2, CallResult.ANSWERED)]
)
def test_where_nobody_else_is_there_the_call_goes_on_to_where_the_group_says(
    after_s: float, result: CallResult
) -> None:
    """And who hung up later had the call."""

    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_in(world)
        call.hush()
        rung = await alice.rings()
        rung.answer()
        await asyncio.sleep(after_s)
        rung.hang_up()
        if result is CallResult.VOICEMAIL:
            await call.until_hears("beep", within_s=20)
            call.hang_up()
        record = await world.record()
        assert record.result is result

    play(scene, organisation=leading_to_group(then={"voicemail": "support"}))


@pytest.mark.parametrize("both_at_once", [False, True])
def test_a_caller_who_leaves_right_after_a_slip_leaves_nothing_behind(both_at_once: bool) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_in(world)
        rung = await alice.rings()
        rung.answer()
        await call.until_hears("alice")
        rung.hang_up()
        if not both_at_once:
            await asyncio.sleep(0.1)
        call.hang_up()
        await world.record()
        await asyncio.sleep(1)
        assert alice.live_calls == bob.live_calls == []

    play(scene, organisation=leading_to_group())


def test_in_order_one_person_rings_after_the_other() -> None:
    async def scene(world: World) -> None:
        team = [await world.phone(name) for name in ("alice", "bob", "erin")]
        call = call_in(world)
        began = []
        for phone in team:
            rung = await phone.rings(within_s=15)
            began.append(round(world.clock.monotonic()))
            assert sum(len(each.live_calls) for each in team) == 1
            if phone is not team[2]:
                await rung.ended(within_s=11)
        assert [at_s - began[0] for at_s in began] == [0, 10, 20]
        rung.answer()
        await call.until_hears("erin")

    play(scene, organisation=leading_to_group(order="in-order", for_s=10))


@pytest.mark.parametrize("status", [486, 603])
def test_who_declines_stops_nobody_elses_ringing(status: int) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        alice.reaction = Decline(status)
        call = call_in(world)
        rung = await bob.rings()
        await asyncio.sleep(5)
        assert not rung.is_over
        rung.answer()
        await call.until_hears("bob")

    play(scene, organisation=leading_to_group())


def test_nobody_takes_the_call_and_it_goes_where_the_group_says() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        call = call_in(world)
        call.hush()
        await call.until_hears("ringback", within_s=5)
        await call.until_hears("beep", within_s=40)

    play(scene, organisation=leading_to_group(for_s=10, then={"voicemail": "support"}))


def test_without_a_further_place_the_call_ends_unanswered() -> None:
    async def scene(world: World) -> None:
        call = call_in(world)
        await call.ended(within_s=5)
        assert (await world.record()).reason is Reason.NOT_ANSWERED

    play(scene, organisation=leading_to_group())


def test_who_talks_or_is_not_to_be_disturbed_is_not_rung() -> None:
    """fusionpbx#2002: groups rang who was busy."""

    async def scene(world: World) -> None:
        alice, bob, erin = [await world.phone(name) for name in ("alice", "bob", "erin")]
        talk = await alice.dial("103")  # Carol forwards to Bob
        (await bob.rings()).answer()
        await talk.answered()
        call = call_in(world)
        (await erin.rings()).answer()
        await call.until_hears("erin")
        assert len(alice.calls) == 1
        assert len(bob.calls) == 1

    play(scene, organisation=leading_to_group())


@pytest.mark.parametrize("seconds", [0.001, 1.2, 2.05, 2.5, 12.0, 25.0])
def test_a_caller_may_leave_a_group_at_any_step(seconds: float) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_in(world)
        await asyncio.sleep(seconds)
        call.hang_up()
        await world.record()
        await asyncio.sleep(1)
        assert alice.live_calls == bob.live_calls == []

    play(scene, organisation=leading_to_group(order="in-order", for_s=10))
