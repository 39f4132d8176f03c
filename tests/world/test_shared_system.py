"""What two organisations on one system share, and how each is told what is its own (ADR 0026)."""

import asyncio
from dataclasses import replace

from tests.world.twins import (
    BOBS_NUMBER,
    fabrikam_snapshot,
    number_range,
    people,
    phone,
    play_twins,
)

from callwright.domains.pstn.model import TrunkLogin
from callwright.kernel.e164 import E164
from callwright.kernel.ids import SbcId, UserId
from callwright.testing.agent import Ignore
from callwright.testing.network import Fate
from callwright.testing.world import World


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
        assert len(fabrikam.mailboxes.stored) == 1
        assert not contoso.mailboxes.stored

    play_twins(scene)
