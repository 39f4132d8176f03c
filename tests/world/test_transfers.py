"""Attended and semi-attended transfers, and phones that take over calls (RFC 5589, RFC 3891)."""

import asyncio

import pytest
from tests.world.talking import phones, talk

from callwright.calls.record import CallResult
from callwright.kernel.ids import UserId
from callwright.testing.agent import Answer
from callwright.testing.network import Conditions
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

OUTSIDE = "+12065550199"
ABROAD = "+442071838750"


@pytest.mark.row(73)
def test_an_attended_transfer_joins_the_two_others() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_alice = await talk(world, bob, alice)
        await at_alice.hold()
        to_dave, at_dave = await talk(world, alice, dave)
        await to_dave.hold()
        assert await at_alice.transfer_to(to_dave) == 200
        await from_bob.until_hears("dave")
        await at_dave.until_hears("bob")
        assert await at_alice.ended() == 200
        assert await to_dave.ended() == 200
        await asyncio.sleep(20)
        assert world.node.calls.is_engaged(UserId("bob"))
        assert not world.node.calls.is_engaged(UserId("alice"))
        from_bob.hang_up()
        await at_dave.ended()
        first, second = await world.record(1), await world.record(2)
        both = {(r.caller_user, r.callee_user): r for r in (first, second)}
        for record in both.values():
            assert record.result is CallResult.ANSWERED
            assert record.duration_s is not None
            assert record.duration_s >= 20
        assert set(both) == {("bob", "alice"), ("alice", "dave")}
        assert any("joins the call" in step.what for step in both["bob", "alice"].steps)
        assert any("leaves it to" in step.what for step in both["alice", "dave"].steps)

    play(scene)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("leaves", ["transferee", "target", "transferor"])
def test_joined_calls_end_together_over_a_bad_network(seed: int, leaves: str) -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_alice = await talk(world, bob, alice)
        to_dave, at_dave = await talk(world, alice, dave)
        transfer = asyncio.ensure_future(at_alice.transfer_to(to_dave))
        if leaves == "transferor":  # many phones say BYE to both, right after the 202
            to_dave.hang_up()
            at_alice.hang_up()
        elif leaves == "transferee":
            from_bob.hang_up()
        else:
            at_dave.hang_up()
        await asyncio.wait({transfer}, timeout=60)
        transfer.cancel()
        await asyncio.sleep(40)  # what was lost has been repeated by now
        for call in (from_bob, at_alice, to_dave, at_dave):
            if not call.is_over:
                call.hang_up()
        await world.record(2, within_s=200)

    play(scene, seed=seed, conditions=Conditions(loss=0.2))


def test_whoever_was_joined_may_transfer_again() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        from_bob, at_alice = await talk(world, bob, alice)
        to_dave, at_dave = await talk(world, alice, dave)
        assert await at_alice.transfer_to(to_dave) == 200
        await at_dave.until_hears("bob")

        to_erin, at_erin = await talk(world, dave, erin)
        assert await at_dave.transfer_to(to_erin) == 200
        await from_bob.until_hears("erin")
        await at_erin.until_hears("bob")
        await at_dave.ended()

        from_bob.hang_up()
        await at_erin.ended()
        await world.record(3)

    play(scene)


def test_a_joined_party_is_transferred_blindly() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        from_bob, at_alice = await talk(world, bob, alice)
        to_dave, at_dave = await talk(world, alice, dave)
        assert await at_alice.transfer_to(to_dave) == 200
        await at_dave.until_hears("bob")
        erin.reaction = Answer()
        assert await at_dave.transfer("105") == 200
        await from_bob.until_hears("erin")
        await at_dave.ended()
        (at_erin,) = erin.calls
        await at_erin.until_hears("bob")
        at_erin.hang_up()
        await from_bob.ended()
        await world.record(2)

    play(scene)


def test_a_party_outside_is_joined_and_paid_for_to_the_end() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        carrier = world.carrier("sbc1")
        from_bob, at_alice = await talk(world, bob, alice)
        abroad = await alice.dial(ABROAD)
        there = await carrier.rings()
        there.answer()
        await abroad.answered()
        assert await at_alice.transfer_to(abroad) == 200
        await from_bob.until_hears(ABROAD)
        await asyncio.sleep(150)
        from_bob.hang_up()
        await there.ended()
        records = [await world.record(1), await world.record(2)]
        (paid,) = [record for record in records if record.charge]
        assert paid.caller_user == "alice"
        assert str(paid.charge) == "0.07"  # 0.01 to connect, three minutes at 0.02

    play(scene)


def test_a_target_that_still_rings_rings_for_the_party_that_stays() -> None:
    """linphone-desktop#706: the target of a transfer saw the transferor, or nobody."""

    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        from_bob, at_alice = await talk(world, bob, alice)
        to_dave = await alice.dial("104")
        await dave.rings()
        await to_dave.ringing()
        transfer = asyncio.ensure_future(at_alice.transfer_to(to_dave))
        await to_dave.ended()
        again = await dave.rings()
        await from_bob.until_hears("ringback")
        assert again.shown[1] == "+14255550102"
        again.answer()
        assert await transfer == 200
        await from_bob.until_hears("dave")
        await again.until_hears("bob")
        await at_alice.ended()
        again.hang_up()
        await from_bob.ended()

    play(scene)


def test_a_caller_in_a_queue_is_put_into_it_for_the_party_that_stays() -> None:
    async def scene(world: World) -> None:
        alice, dave, erin = await phones(world, "alice", "dave", "erin")
        from_dave, at_erin = await talk(world, dave, erin)
        to_queue = await erin.dial("+14255550151")
        await to_queue.answered()
        transfer = asyncio.ensure_future(at_erin.transfer_to(to_queue))
        await to_queue.ended()
        rung = await alice.rings()
        rung.answer()
        assert await transfer == 200
        await from_dave.until_hears("alice")

    play(scene)


def test_nobody_joins_what_is_not_theirs() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave, erin = await phones(world, "alice", "bob", "dave", "erin")
        from_bob, at_alice = await talk(world, bob, alice)
        from_dave, at_erin = await talk(world, dave, erin)
        assert await at_alice.transfer_to(from_dave) == 403
        await from_bob.until_hears("alice")
        await at_erin.until_hears("dave")
        at_erin.hang_up()
        await from_dave.ended()
        assert await at_alice.transfer_to(from_dave) == 481
        await from_bob.until_hears("alice")

    play(scene)


def test_an_emergency_call_is_not_given_away() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        carrier = world.carrier("sbc1")
        help_ = await alice.dial("911")
        there = await carrier.rings()
        there.answer()
        await help_.answered()
        from_bob, at_alice = await talk(world, bob, alice)
        assert await at_alice.transfer_to(help_) == 403
        await help_.until_hears("911")
        await from_bob.until_hears("alice")

    play(scene)


# -- Replaces in an INVITE -------------------------------------------------------------------------


def test_a_second_phone_takes_over_the_talk_of_the_first() -> None:
    async def scene(world: World) -> None:
        desk, mobile = await world.phone("alice"), await world.phone("alice", name="mobile")
        bob = await world.phone("bob")
        made, taken = await talk(world, desk, bob)
        moved = await mobile.dial("101", headers=(("Replaces", made.replaces),))
        await moved.answered()
        await moved.until_hears("bob")
        await taken.until_hears("mobile")
        await made.ended()
        taken.hang_up()
        await moved.ended()

    play(scene)


def test_a_second_phone_picks_up_what_rings_at_the_first() -> None:
    async def scene(world: World) -> None:
        bob, desk = await phones(world, "bob", "alice")
        call = await bob.dial("101")
        ringing = await desk.rings()
        mobile = await world.phone("alice", name="mobile")
        taken = await mobile.dial("101", headers=(("Replaces", ringing.replaces),))
        await taken.answered()
        await call.answered()
        await call.until_hears("mobile")
        await taken.until_hears("bob")
        await ringing.ended()
        assert ringing.end is not None
        assert "Call completed elsewhere" in (ringing.end.header("Reason") or "")
        call.hang_up()
        await taken.ended()

    play(scene)


def test_tags_the_other_way_round_name_the_same_call() -> None:
    async def scene(world: World) -> None:
        desk, mobile = await world.phone("alice"), await world.phone("alice", name="mobile")
        bob = await world.phone("bob")
        made, taken = await talk(world, desk, bob)
        call_id, to_tag, from_tag = made.replaces.split(";")
        turned = ";".join(
            (call_id, from_tag.replace("from-tag", "to-tag"), to_tag.replace("to-tag", "from-tag"))
        )
        moved = await mobile.dial("101", headers=(("Replaces", turned),))
        await moved.answered()
        await taken.until_hears("mobile")
        await made.ended()

    play(scene)


def test_what_may_not_be_replaced() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        made, _ = await talk(world, alice, bob)

        async def told(phone: SimulatedPhone, replaces: str) -> int:
            return await (await phone.dial("101", headers=(("Replaces", replaces),))).ended()

        assert await told(dave, made.replaces) == 481
        assert await told(alice, "nothing;to-tag=1;from-tag=2") == 481
        assert await told(alice, "no tags") == 400
        assert await told(alice, f"{made.replaces};early-only") == 486
        ringing = await dave.dial("102")
        waiting = await bob.rings()
        assert await told(dave, ringing.replaces) == 481, "we did not begin that dialog"
        await made.until_hears("bob")
        waiting.answer()
        ringing.hang_up()

    play(scene)


@pytest.mark.row(62)
def test_a_trunk_replaces_nothing() -> None:
    async def scene(world: World) -> None:
        alice, bob = await phones(world, "alice", "bob")
        made, _ = await talk(world, alice, bob)
        carrier = world.carrier("sbc1")
        call = carrier.call("+14255550101", calling=OUTSIDE, headers=(("Replaces", made.replaces),))
        assert await call.ended() == 403
        await made.until_hears("bob")

    play(scene)


# -- without news ----------------------------------------------------------------------------------


def test_a_transferor_who_wants_no_news_gets_none() -> None:
    async def scene(world: World) -> None:
        alice, bob, dave = await phones(world, "alice", "bob", "dave")
        made, taken = await talk(world, alice, bob)
        dave.reaction = Answer()
        answered = await taken.transfer_silently("104")
        assert answered.status == 202
        assert answered.header("Refer-Sub") == "false"
        await made.until_hears("dave")
        await taken.ended()
        assert taken.transfer_statuses == []

    play(scene)
