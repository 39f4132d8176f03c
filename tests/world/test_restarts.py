"""Peers that crash in the middle of a call and come back without knowing it; ACKs that get lost."""

import asyncio
import re

import pytest

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.testing.agent import Answer, Ring
from callwright.testing.ladder import assert_ladder
from callwright.testing.network import Conditions
from callwright.testing.storm import HEAVY, LIGHT
from callwright.testing.world import World, play

SEATTLE = "+12065550199"
BAD = pytest.mark.parametrize("conditions", [LIGHT, HEAVY], ids=["5 %", "20 %"])


@BAD
def test_a_phone_that_restarted_answers_481_to_the_bye_and_can_be_called_again(
    conditions: Conditions,
) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        world.network.conditions = conditions
        bob.reaction = Answer(1)
        call = await alice.dial("102")
        await call.answered()
        bob.restart()
        await asyncio.sleep(40)
        world.recorder.clear()
        call.hang_up()
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.NORMAL)
        await asyncio.sleep(40)
        told = [p.data for p in world.recorder.passages if p.sender == "bob"]
        assert any(data.startswith(b"SIP/2.0 481 ") for data in told)
        again = await alice.dial("102")
        await again.answered()
        invites = [c.session.request.call_id for c in bob.calls]
        assert len(set(invites)) == len(invites) == 2
        again.hang_up()
        await world.record(2)

    play(scene)


def test_a_phone_that_restarted_takes_the_place_of_its_former_registration() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        before = re.findall(rb"(?m)^Call-ID: (.*)\r$", _registers(world, "bob"))
        bob.restart()
        await asyncio.sleep(5)
        after = re.findall(rb"(?m)^Call-ID: (.*)\r$", _registers(world, "bob"))
        assert len(set(after)) == len(set(before)) + 1
        bob.reaction = Answer(1)
        call = await alice.dial("102")
        await call.answered()
        assert len(bob.calls) == 1, "one phone rings once"
        call.hang_up()

    play(scene)


def test_a_phone_that_restarted_while_it_rang_is_not_waited_for() -> None:
    """What it answers to the CANCEL, 481, ends nothing; the INVITE is given up after 64*T1."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Ring()
        call = await alice.dial("102")
        await bob.rings()
        bob.restart()
        await asyncio.sleep(2)
        call.hang_up()
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.MISSED, Reason.CALLER_CANCELLED)
        await asyncio.sleep(0.1)
        assert_ladder(
            world.recorder,
            """
            node -> bob CANCEL
            bob -> node 481 CANCEL
            """,
            between=("node", "bob"),
            since_s=world.clock.monotonic() - 0.5,
        )

    play(scene)


@BAD
def test_a_carrier_that_restarted_takes_and_brings_calls_again(conditions: Conditions) -> None:
    async def scene(world: World) -> None:
        alice, carrier = await world.phone("alice"), world.carrier("sbc1")
        world.network.conditions = conditions
        out = await alice.dial(SEATTLE)
        await out.answered()
        carrier.restart()
        alice.reaction = Answer(1)
        back = carrier.call("+14255550101", calling="+12065550123")
        await back.answered()
        again = await alice.dial(SEATTLE)
        await again.answered()
        for call in (out, back, again):
            call.hang_up()
        for nth in (1, 2, 3):
            record = await world.record(nth)
            assert (record.result, record.reason) == (CallResult.ANSWERED, Reason.NORMAL)

    play(scene)


def test_a_caller_that_crashed_is_noticed_by_its_next_request_being_refused() -> None:
    """The other side hangs up; the BYE to the crashed one meets 481, and that is the end."""

    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        bob.reaction = Answer(1)
        call = await alice.dial("102")
        await call.answered()
        alice.restart()
        bob.calls[0].hang_up()
        record = await world.record()
        assert record.result is CallResult.ANSWERED
        await asyncio.sleep(1)
        assert world.node.endpoint.session_count == 0

    play(scene)


@pytest.mark.parametrize("who", ["user", "voicemail"])
def test_an_answer_without_an_ack_ends_after_32_seconds_and_the_record_says_why(who: str) -> None:
    """rustpbx#280: calls were silent and ended after 32 s, and nothing said why (SPEC 2.4)."""

    async def scene(world: World) -> None:
        carrier = world.carrier("sbc1")
        if who == "user":
            (await world.phone("bob")).reaction = Answer(1)
        world.network.loses = lambda passage: passage.data.startswith(b"ACK ")
        began_s = world.clock.monotonic()
        call = carrier.call("+14255550102", calling="+12065550123")
        await call.answered()
        answered_s = world.clock.monotonic() - began_s
        record = await world.record()
        assert record.reason is Reason.NO_ACK
        assert record.result in (CallResult.ANSWERED, CallResult.VOICEMAIL)
        await asyncio.sleep(1)
        lasted_s = (record.ended_at - record.started_at).total_seconds()
        assert 31.9 <= lasted_s - answered_s <= 33
        assert_ladder(
            world.recorder,
            """
            ...
            node -> sbc1 BYE
            sbc1 -> node 200 BYE
            """,
            between=("node", "sbc1"),
            without=("OPTIONS",),
            since_s=began_s + answered_s + 31.9,
        )

    play(scene)


def _registers(world: World, sender: str) -> bytes:
    passages = world.recorder.passages
    return b"".join(
        p.data for p in passages if p.sender == sender and p.data.startswith(b"REGISTER ")
    )
