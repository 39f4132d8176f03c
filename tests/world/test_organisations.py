"""Two organisations on one system: the same names and numbers, and nothing in common (ADR 0026)."""

import asyncio
from dataclasses import replace

import pytest

from callwright.calls.record import CallResult
from callwright.domains.numbers.model import NumberKind, NumberRange, NumberSource
from callwright.domains.numbers.rules import Inventory
from callwright.domains.pstn.model import TrunkLogin
from callwright.kernel.e164 import E164
from callwright.kernel.ids import OrganisationId, SbcId, UserId
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Ignore
from callwright.testing.builders import contoso_snapshot, contoso_users
from callwright.testing.network import PERFECT, ROUGH, Conditions, Fate
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play_together

DOMAINS = ("contoso.test", "fabrikam.test")
OUTSIDE = "+12065550199"
BOBS_NUMBER = "+14255550102"


def fabrikam_snapshot(**overrides: object) -> Snapshot:
    """Contoso's twin: every name, extension and number is the same, and every password another."""
    users = {
        key: replace(user, sip_password=f"fabrikam-{key}") for key, user in contoso_users().items()
    }
    twin = {
        "organisation": OrganisationId("fabrikam.test"),
        "name": "Fabrikam",
        "domain": "fabrikam.test",
        "users": users,
    }
    return contoso_snapshot(**(twin | overrides))


def play_twins(scene: object, *, seed: int = 0, conditions: Conditions = PERFECT) -> None:
    organisations = [contoso_snapshot(), fabrikam_snapshot()]
    play_together(scene, organisations, seed=seed, conditions=conditions)  # type: ignore[arg-type]


async def phone(world: World, user: str, **options: object) -> SimulatedPhone:
    """Named after its organisation, too, so that each has a tone of its own."""
    name = f"{user} of {world.snapshot.name}"
    return await world.phone(user, name=name, **options)  # type: ignore[arg-type]


async def people(world: World, *users: str) -> list[SimulatedPhone]:
    return [await phone(world, user) for user in users]


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


# -- what is shared, and told apart ----------------------------------------------------------------


def number_range(first: str, last: str) -> Inventory:
    return Inventory(
        (NumberRange(E164(first), E164(last), NumberKind.USER, NumberSource.DIRECT_ROUTING),)
    )


def test_a_carrier_that_both_log_in_to_is_told_apart_by_the_number() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        login = TrunkLogin("fabrikam", "secret")
        shared = replace(contoso.snapshot.sbcs[SbcId("sbc1")], credentials=login)
        bobs_new_number = E164("+15035550102")
        users = {
            key: replace(user, number=bobs_new_number if key == UserId("bob") else None)
            for key, user in fabrikam.snapshot.users.items()
        }
        await fabrikam.node.use(
            fabrikam_snapshot(
                users=users,
                resource_accounts={},
                inventory=number_range("+15035550100", "+15035550199"),
                sbcs={shared.id: shared},
            )
        )
        fabrikam.site.reception.look_again()
        bobs = [await phone(world, "bob") for world in (contoso, fabrikam)]
        carrier = contoso.carrier("sbc1")
        for bob, number in zip(bobs, (BOBS_NUMBER, bobs_new_number), strict=True):
            call = carrier.call(number, calling="2065550123")
            rung = await bob.rings()
            call.hang_up()
            await rung.ended()
        refused = carrier.call("+19995550100", calling="2065550123")
        assert await refused.settled() == 404
        for bob in bobs:
            await bob.stays_quiet(for_s=1)

    play_twins(scene)


def test_who_guesses_at_one_is_no_news_in_the_other() -> None:
    """A house with phones of both behind one address: what is blocked is blocked in one."""

    async def scene(contoso: World, fabrikam: World) -> None:
        house = contoso.nat()
        guesser = await contoso.phone(
            "alice", name="guesser", nat=house, password="wrong", register=False
        )
        tries = []
        for _ in range(40):
            await asyncio.sleep(0.2)
            tries.append(asyncio.ensure_future(guesser.try_register()))
        await asyncio.wait(tries, timeout=40)
        assert contoso.node.shield.block_count == 1
        assert fabrikam.node.shield.block_count == 0
        assert not fabrikam.node.shield.take_changes()[0]
        alice = await phone(fabrikam, "alice", nat=house)
        bob = await phone(fabrikam, "bob")
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.answered()

    play_twins(scene)


def test_what_names_no_organisation_is_for_the_first_and_counted() -> None:
    """Phones that were told an address for a domain stay where they were."""

    async def scene(contoso: World, fabrikam: World) -> None:
        bob = await phone(contoso, "bob")
        alice = await contoso.phone("alice", register=False)
        alice.domain = "192.0.2.1"
        alice._address = "<sip:alice@192.0.2.1>"
        await alice.register()
        call = await alice.dial("102")
        rung = await bob.rings()
        rung.answer()
        await call.answered()
        call.hang_up()
        assert contoso.site.reception.unaddressed > 0
        stranger = await fabrikam.phone("alice", name="stranger", register=False)
        stranger.domain = "192.0.2.1"
        stranger._address = "<sip:alice@nowhere.test>"
        assert (await stranger.try_register()).status == 401
        assert not fabrikam.registrations.bindings

    play_twins(scene)


def test_phones_behind_nat_are_kept_reachable_by_their_own_node() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        for world in (contoso, fabrikam):
            await phone(world, "bob", nat=world.nat(), keeps_alive=False)
        await asyncio.sleep(120)
        for world in (contoso, fabrikam):
            keep_alive = world.node.keep_alive
            assert keep_alive.sent >= 3
            assert keep_alive.answered == keep_alive.sent
        assert not contoso.node.endpoint.counters.get("unmatched_responses")

    play_twins(scene)


def test_only_further_organisations_mark_what_they_send() -> None:
    """One organisation sends what it always sent; nothing else is needed to tell them apart."""

    async def scene(contoso: World, fabrikam: World) -> None:
        for world in (contoso, fabrikam):
            before = len(world.recorder.passages)
            alice, bob = await people(world, "alice", "bob")
            call = await alice.dial("102")
            (await bob.rings()).answer()
            await call.answered()
            call.hang_up()
            await world.record()
            await asyncio.sleep(1)
            sent = [
                passage.data
                for passage in world.recorder.passages[before:]
                if passage.sender == "node" and passage.data.startswith(b"INVITE")
            ]
            assert sent
            for invite in sent:
                via = next(line for line in invite.split(b"\r\n") if line.startswith(b"Via:"))
                assert (b".1;" in via + b";") is (world is fabrikam)

    play_twins(scene)


def test_help_goes_to_the_callers_own_centre() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        erin = await phone(fabrikam, "erin")
        call = await erin.dial("911")
        far = await fabrikam.carrier("sbc1").rings()
        await call.answered()
        assert not contoso.carrier("sbc1").live_calls
        far.hang_up()
        await call.ended()
        assert (await fabrikam.record()).caller_user == "erin"
        assert not contoso.journal.records

    play_twins(scene)


def test_the_other_one_goes_on_when_one_stops() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        alice, bob = await people(contoso, "alice", "bob")
        await fabrikam.node.stop(0.1)
        fabrikam.site.reception.dismiss(fabrikam.number)
        call = await alice.dial("102")
        (await bob.rings()).answer()
        await call.until_hears(bob.name)
        call.hang_up()
        lost = [p for p in contoso.recorder.passages if p.fate is Fate.LOST]
        assert not lost

    play_twins(scene)


def test_a_call_that_nobody_takes_ends_in_the_own_mailbox() -> None:
    async def scene(contoso: World, fabrikam: World) -> None:
        alice, bob = await people(fabrikam, "alice", "bob")
        alice.reaction = Ignore()
        call = await bob.dial("101")
        await call.until_hears("beep", within_s=30)
        await call.talk_for(3)
        call.hang_up()
        await fabrikam.record()
        await asyncio.sleep(2)
        assert len(fabrikam.mailboxes.messages) == 1
        assert not contoso.mailboxes.messages

    play_twins(scene)
