"""Records tell of every party whose audio flowed, running calls as well."""

import asyncio

from tests.world.talking import talk

from callwright.kernel.limits.storage import LEG_NOTES_S
from callwright.testing.agent import Answer
from callwright.testing.world import World, play


def test_the_record_has_both_parties_of_a_talk_and_no_phone_that_only_rang() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        await world.phone("bob")  # a second one, which rings along
        made, taken = await talk(world, alice, bob)
        await asyncio.sleep(10)
        taken.hang_up()
        await made.ended()
        record = await world.record()
        assert {(leg.party, leg.user) for leg in record.legs} == {
            ("+14255550101", "alice"),
            ("+14255550102", "bob"),
        }
        assert len(record.legs) == 2
        for leg in record.legs:
            assert leg.codec == "PCMU"
            assert 450 <= leg.statistics.packets_received <= 550
            assert 450 <= leg.statistics.packets_sent <= 550

    play(scene)


def test_a_call_that_was_never_answered_has_no_legs() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await alice.dial("102")
        (await bob.rings()).decline()
        await call.ended()
        assert (await world.record()).legs == ()

    play(scene)


def test_a_running_calls_legs_are_noted_and_the_record_knows_more() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        made, taken = await talk(world, alice, bob)
        await asyncio.sleep(3 * LEG_NOTES_S)
        ((call, noted),) = world.journal.measured.items()
        await asyncio.sleep(LEG_NOTES_S)
        taken.hang_up()
        await made.ended()
        record = await world.record()
        assert call == record.id
        for before, after in zip(noted, record.legs, strict=True):
            assert (before.party, before.number) == (after.party, after.number)
            assert before.statistics.packets_received < after.statistics.packets_received

    play(scene)


def test_a_transferred_call_tells_of_all_three() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        erin = await world.phone("erin")
        erin.reaction = Answer()
        made, taken = await talk(world, alice, bob)
        await asyncio.sleep(2)
        assert await taken.transfer("105") == 200
        await made.until_hears("erin")
        await asyncio.sleep(2)
        made.hang_up()
        record = await world.record()
        assert {leg.user for leg in record.legs} == {"alice", "bob", "erin"}

    play(scene)
