"""Two organisations on one system: the same names and numbers, and nothing in common (ADR 0026)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.twins import (
    BOBS_NUMBER,
    fabrikam_snapshot,
    number_range,
    people,
    phone,
    play_twins,
)

from callwright.calls.record import CallResult
from callwright.kernel.ids import UserId
from callwright.testing.network import ROUGH
from callwright.testing.world import World


@pytest.mark.parametrize("dialled", ["102", "bob", BOBS_NUMBER])
def test_each_calls_its_own_bob(dialled: str) -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        rings = []
        for world in (contoso, fabrikam):
            alice, bob = await people(world, "alice", "bob")
            rings.append((world, alice, bob))
        calls = [(await alice.dial(dialled), bob, alice) for _, alice, bob in rings]
        for call, bob, alice in calls:
            rung = await bob.rings()
            rung.answer()
            await call.until_hears(bob.name)
            await rung.until_hears(alice.name)
            await bob.stays_quiet(for_s=1)
        for call, *_ in calls:
            call.hang_up()
        for world, *_ in rings:
            record = await world.record()
            assert (record.caller_user, record.callee_user) == ("alice", "bob")
            assert record.result is CallResult.ANSWERED
            assert len(world.journal.records) == 1
            assert set(world.registrations.bindings) == {"alice", "bob"}

    play_twins(scene)


@pytest.mark.parametrize("seed", range(4))
def test_each_calls_its_own_bob_through_a_bad_network(seed: int) -> None:
    """Copies and late messages find their organisation, too."""

    async def scene(contoso: World, fabrikam: World) -> None:
        for world in (fabrikam, contoso):
            alice, bob = await people(world, "alice", "bob")
            call = await alice.dial("102")
            rung = await bob.rings(within_s=40)
            rung.answer()
            await call.answered(within_s=40)
            call.hang_up()
            await rung.ended(within_s=40)

    play_twins(scene, seed=seed, conditions=ROUGH)


def test_a_caller_gives_up_and_holds_and_presses_keys_in_the_second_one() -> None:
    """CANCEL outside, re-INVITE and INFO inside of a dialog."""

    async def scene(contoso: World, fabrikam: World) -> None:
        alice, bob = await people(fabrikam, "alice", "bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        call.hang_up()
        assert await rung.ended() == 487
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        await call.hold()
        await call.resume()
        rung.hang_up()
        await call.ended()

    play_twins(scene)


def test_a_number_rings_whose_trunk_brings_the_call() -> None:
    """Both have it; each carrier knows only its own customer."""

    async def scene(contoso: World, fabrikam: World) -> None:
        bobs = [await phone(world, "bob") for world in (contoso, fabrikam)]
        for world, bob in zip((contoso, fabrikam), bobs, strict=True):
            call = world.carrier("sbc1").call("4255550102", calling="2065550123")
            rung = await bob.rings()
            rung.answer()
            await call.until_hears(bob.name)
            call.hang_up()
            await rung.ended()
            assert (await world.record()).gateway == "sbc1"
        for bob in bobs:
            await bob.stays_quiet(for_s=1)

    play_twins(scene)


def test_a_call_to_the_other_one_leaves_by_the_own_trunk() -> None:
    """The public number is the only way: it goes out to a carrier, and comes in from one."""

    async def scene(contoso: World, fabrikam: World) -> None:
        users = {
            key: replace(user, number=None) if key == UserId("bob") else user
            for key, user in fabrikam.snapshot.users.items()
        }
        numbers = number_range("+15035550100", "+15035550199")
        await fabrikam.use(fabrikam_snapshot(users=users, inventory=numbers))
        bob, alice = await phone(contoso, "bob"), await phone(fabrikam, "alice")
        call = await alice.dial(BOBS_NUMBER)
        far = await fabrikam.carrier("sbc1").rings()
        await bob.stays_quiet(for_s=1)
        brought = contoso.carrier("sbc1").call(BOBS_NUMBER, calling=far.shown[1])
        rung = await bob.rings()
        assert rung.shown[1] == "+14255550101"
        brought.hang_up()
        call.hang_up()
        await rung.ended()

    play_twins(scene)


# -- no way across ---------------------------------------------------------------------------------


def test_nobody_rings_texts_or_watches_the_other_one() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        bob, alice = await phone(contoso, "bob"), await phone(fabrikam, "alice")
        target = "sip:102@contoso.test"
        call = await alice.dial(target)
        assert await call.settled() in (401, 403)
        answer = await alice.send_text(target, "Hello?")
        assert answer.status in (401, 403)
        for event in ("dialog", "presence", "reg"):
            watch = alice.watch(event, target)
            await watch.until_over()
            assert watch.refused in (401, 403)
            assert not watch.told
        await bob.stays_quiet(for_s=1)
        assert not bob.texts
        alice.domain = "contoso.test"
        assert (await alice.try_register()).status == 401
        assert (await alice.publish(b"<presence/>")).status == 401
        assert set(contoso.registrations.bindings) == {"bob"}

    play_twins(scene)


def test_nobody_takes_a_call_of_the_other_one() -> None:
    """A dialog's names, were they known, are names of nothing in the other organisation."""

    async def scene(contoso: World, fabrikam: World) -> None:
        alice, bob = await people(contoso, "alice", "bob")
        near, far = await phone(fabrikam, "alice"), await phone(fabrikam, "erin")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.ring()
        await call.ringing()
        for thief, target in ((near, "102"), (far, "sip:102@contoso.test")):
            stolen = await thief.dial(target, headers=(("Replaces", rung.replaces),))
            assert await stolen.settled() in (401, 403, 481)
        rung.answer()
        await call.until_hears(bob.name)
        for thief, target in ((near, "102"), (far, "sip:102@contoso.test")):
            for replaces in (rung.replaces, call.replaces):
                stolen = await thief.dial(target, headers=(("Replaces", replaces),))
                assert await stolen.settled() in (401, 403, 481)
        await call.until_hears(bob.name)
        call.hang_up()
        await rung.ended()

    play_twins(scene)


def test_a_transfer_stays_at_home() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        stranger = await phone(contoso, "bob")
        alice, bob, erin = await people(fabrikam, "alice", "bob", "erin")
        call = await alice.dial("105")
        taken = await erin.rings()
        taken.answer()
        await call.answered()
        sent_on = asyncio.ensure_future(taken.transfer("sip:102@contoso.test"))
        rung = await bob.rings()
        rung.answer()
        assert await sent_on == 200
        await call.until_hears(bob.name)
        await stranger.stays_quiet(for_s=1)
        call.hang_up()
        await rung.ended()

    play_twins(scene)


def test_a_transfer_cannot_name_a_call_of_the_other_one() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        alice, bob = await people(contoso, "alice", "bob")
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        mallory, erin = await people(fabrikam, "alice", "erin")
        bait = await mallory.dial("105")
        caught = await erin.rings()
        caught.answer()
        await bait.answered()
        await mallory_transfers(bait, rung.replaces)
        await call.until_hears(bob.name)
        await rung.until_hears(alice.name)
        for each in (call, bait):
            each.hang_up()
        await rung.ended()

    async def mallory_transfers(bait: object, replaces: str) -> None:
        quoted = replaces.replace(";", "%3B").replace("=", "%3D").replace("@", "%40")
        status = await bait.transfer(f"sip:102@contoso.test?Replaces={quoted}")  # type: ignore[attr-defined]
        assert status >= 400

    play_twins(scene)
