"""Busy lamps: what a phone that watches a colleague shows (RFC 4235)."""

import asyncio
import re

import pytest
from tests.world.lamp_scene import IDLE, NS, document, lit, people

from callwright.kernel.ids import UserId
from callwright.testing.agent import Answer, Decline
from callwright.testing.network import Conditions
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

STORM = Conditions(loss=0.2, jitter_s=0.05, duplication=0.05)


@pytest.mark.parametrize("named", ["bob", "102", "+14255550102"])
def test_the_lamp_follows_a_colleagues_call(named: str) -> None:
    """ivozprovider#536, #569, #1280: there were no lamps, and somebody left for that."""

    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        lamp = await lit(world, carol, named)
        call = await alice.dial("102")
        rung = await bob.rings()
        await lamp.until_lit("early")
        dialog = document(lamp.told[-1]).find("d:dialog", NS)
        assert dialog is not None
        assert dialog.get("direction") == "recipient"
        shown = dialog.find("d:remote/d:identity", NS)
        assert shown is not None
        assert (shown.get("display"), shown.text) == (
            "Alice Adams",
            "sip:+14255550101@contoso.test",
        )
        rung.answer()
        await call.answered()
        await lamp.until_lit("confirmed")
        call.hang_up()
        await rung.ended()
        await lamp.until_lit(IDLE)
        entities = {document(notify).get("entity") for notify in lamp.told}
        assert entities == {"sip:bob@contoso.test"}
        versions = [document(notify).get("version") for notify in lamp.told]
        assert versions == [str(number) for number in range(len(versions))]

    play(scene)


def test_calls_that_the_watched_user_makes_are_shown_too() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        lamp = await lit(world, carol)
        call = await bob.dial("101")
        (await alice.rings()).answer()
        await call.answered()
        await lamp.until_lit("confirmed")
        assert 'direction="initiator"' in lamp.body
        call.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


def test_both_phones_of_a_user_ring_in_one_document() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        other = await world.phone("bob", name="bob's mobile")
        lamp = await lit(world, carol)
        call = await alice.dial("102")
        rung = await bob.rings()
        await other.rings()
        await lamp.until_lit("early", "early")
        ids = re.findall(r'<dialog id="(\w+)"', lamp.body)
        assert len(set(ids)) == 2
        rung.answer()
        await call.answered()
        await lamp.until_lit("confirmed")
        assert re.findall(r'<dialog id="(\w+)"', lamp.body)[0] in ids
        call.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


def test_a_call_that_nobody_answers_leaves_the_lamp_dark() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        lamp = await lit(world, carol)
        bob.reaction = Decline(486)
        await alice.dial("102")
        await world.record()
        await lamp.until_lit(IDLE)

    play(scene)


def test_a_caller_who_stays_unknown_is_not_told_to_watchers() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        lamp = await lit(world, carol)
        call = await alice.dial("102", headers=[("Privacy", "id")])
        await bob.rings()
        await lamp.until_lit("early")
        assert "Alice" not in lamp.body
        assert "5550101" not in lamp.body
        assert "sip:anonymous@anonymous.invalid" in lamp.body
        call.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


def test_whom_a_colleague_calls_outside_is_nobody_elses_business() -> None:
    async def scene(world: World) -> None:
        alice, _, carol = await people(world)
        world.carrier("sbc1").reaction = Answer(1)
        lamp, own = await lit(world, carol, "alice"), await lit(world, alice, "alice")
        call = await alice.dial("+12065550199")
        await call.answered()
        await lamp.until_lit("confirmed")
        await own.until_lit("confirmed")
        assert "12065550199" not in lamp.body
        assert "12065550199" in own.body
        call.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


def test_the_names_of_dialogs_are_for_the_users_own_phones() -> None:
    """Whoever knows them may end the call; a phone takes a call of the other phone with them."""

    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        desk = await world.phone("bob", name="bob's desk", register=False)
        lamp, own = await lit(world, carol), await lit(world, desk)
        call = await alice.dial("102")
        rung = await bob.rings()
        for state in ("early", "confirmed"):
            await lamp.until_lit(state)
            await own.until_lit(state)
            assert "tag=" not in lamp.body
            assert "call-id" not in lamp.body
            dialog = document(own.told[-1]).find("d:dialog", NS)
            assert dialog is not None
            session = rung.session
            assert dialog.get("call-id") == session.request.call_id
            assert dialog.get("local-tag") == session.local_tag
            assert dialog.get("remote-tag") == session.request.from_tag
            if state == "early":
                rung.answer()
                await call.answered()
        call.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


def test_an_other_phone_of_the_user_picks_up_what_the_lamp_shows() -> None:
    async def scene(world: World) -> None:
        alice, bob, _ = await people(world)
        desk = await world.phone("bob", name="bob's desk", register=False)
        own = await lit(world, desk)
        call = await alice.dial("102")
        await bob.rings()
        await own.until_lit("early")
        dialog = document(own.told[-1]).find("d:dialog", NS)
        assert dialog is not None
        ours, theirs = dialog.get("remote-tag"), dialog.get("local-tag")
        replaces = f"{dialog.get('call-id')};to-tag={ours};from-tag={theirs}"
        picked = await desk.dial("101", headers=[("Replaces", replaces)])
        await picked.answered()
        await call.answered()
        await call.until_hears("bob's desk")
        call.hang_up()
        await own.until_lit(IDLE)

    play(scene)


@pytest.mark.parametrize("seed", range(5))
def test_the_last_state_is_right_whatever_the_network_loses(seed: int) -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        lamp = await lit(world, carol)
        for _ in range(3):
            call = await alice.dial("102")
            rung = await bob.rings(within_s=60)
            rung.answer()
            await call.answered(within_s=60)
            await lamp.until_lit("confirmed", within_s=60)
            call.hang_up()
            await rung.ended(within_s=60)
            await lamp.until_lit(IDLE, within_s=60)

    play(scene, seed=seed, conditions=Conditions(loss=0.2))


def test_a_call_that_began_unwatched_is_followed_from_the_first_subscription_on() -> None:
    async def scene(world: World) -> None:
        alice, bob, carol = await people(world)
        call = await alice.dial("102")
        rung = await bob.rings()
        await call.ringing()
        lamp = carol.watch("dialog", "bob")
        await lamp.until_lit("early")
        rung.answer()
        await lamp.until_lit("confirmed")
        rung.hang_up()
        await lamp.until_lit(IDLE)

    play(scene)


@pytest.mark.parametrize("seed", range(20))
def test_lamps_tell_the_truth_after_a_storm(seed: int) -> None:
    async def scene(world: World) -> None:
        random = world.loop.random
        desk = await world.phone("carol")
        people = {name: await world.phone(name) for name in ("alice", "bob", "dave")}
        extensions = {"alice": "101", "bob": "102", "dave": "104"}
        lamps = {name: await lit(world, desk, name) for name in people}
        world.network.conditions = STORM
        for phone in people.values():
            phone.reaction = Answer(0.7)
        calls: list[PhoneCall] = []
        for _ in range(15):
            caller, callee = random.sample(sorted(people), 2)
            calls.append(await people[caller].dial(extensions[callee]))
            await asyncio.sleep(random.uniform(0, 3))
            if random.random() < 0.5:
                random.choice(calls).hang_up()
        await asyncio.sleep(70)
        for name, lamp in lamps.items():
            legs = world.node.calls.legs_of(UserId(name))
            assert all(leg.is_answered for leg in legs)
            assert lamp.states == (["confirmed"] * len(legs) or [IDLE]), name
        for phone in people.values():
            for call in phone.live_calls:
                call.hang_up()
        await asyncio.sleep(70)
        assert [lamp.states for lamp in lamps.values()] == [[IDLE]] * 3

    play(scene, seed=seed)
