"""What callers get at numbers that nobody has (SPEC 3.10)."""

import asyncio
from itertools import groupby

import pytest
from tests.world.edited_file import edited

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

NOBODYS = "+14255550118"
CALLER = "+12065550123"
WELCOME = "say: Welcome to Contoso."
SORRY = "say: This number is not in use."
SAYS_SORRY = "announcement: {say: This number is not in use.}"
SECTION = "\nresource_accounts:\n"


def treated(*treatments: str) -> Snapshot:
    lines = "".join(f"  {text}\n" for text in treatments)
    return edited((SECTION, f"\nunassigned_numbers:\n{lines}{SECTION}"))


def sorry(covered: str) -> Snapshot:
    """Callers of a pattern or range hear that nobody has the number."""
    return treated(f"sorry: {{{covered}, priority: 1, {SAYS_SORRY}}}")


def call_nobody(world: World, number: str = NOBODYS) -> PhoneCall:
    return world.carrier("sbc1").call(number, calling=CALLER)


@pytest.mark.row(31)
def test_the_announcement_is_heard_once_and_the_call_ends() -> None:
    async def scene(world: World) -> None:
        call = call_nobody(world)
        await call.answered()
        began_s = world.clock.monotonic()
        heard = await call.listen(60)
        assert await call.ended() == 200
        is_sorry = [SORRY in sources for sources in heard]
        assert [said for said, _ in groupby(is_sorry)].count(True) == 1
        assert world.clock.monotonic() - began_s < 61
        record = await world.record()
        assert record.result is CallResult.ANSWERED
        assert (record.reason, record.via) == (Reason.NUMBER_ANNOUNCED, "sorry")

    play(scene, organisation=sorry(r"pattern: '^\+1425555011\d$'"))


@pytest.mark.row(32)
@pytest.mark.parametrize("to", ["{auto_attendant: reception}", "{resource_account: main-line}"])
def test_a_number_that_nobody_has_leads_to_the_attendant(to: str) -> None:
    async def scene(world: World) -> None:
        call = call_nobody(world)
        await call.answered()
        await call.until_hears(WELCOME)

    play(scene, organisation=treated(f"all: {{pattern: '^\\+1425', priority: 1, to: {to}}}"))


def test_it_may_lead_to_a_user_and_to_a_queue() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call_nobody(world, "+14255550118")
        first = await bob.rings()
        first.decline()
        await asyncio.sleep(1)
        call_nobody(world, "+14255550117")
        assert (await bob.rings(within_s=30)).shown[0].startswith("sales")

    play(
        scene,
        organisation=treated(
            'one: {range: "+14255550118..+14255550118", priority: 1, to: {user: bob}}',
            'two: {range: "+14255550117..+14255550117", priority: 2, to: {call_queue: sales}}',
        ),
    )


@pytest.mark.row(33)
def test_of_two_treatments_the_lower_priority_wins() -> None:
    async def scene(world: World) -> None:
        call = call_nobody(world)
        await call.answered()
        await call.until_hears(WELCOME)

    play(
        scene,
        organisation=treated(
            f"second: {{pattern: '^\\+1425555', priority: 20, {SAYS_SORRY}}}",
            "first: {pattern: '0118$', priority: 10, to: {auto_attendant: reception}}",
            f'third: {{range: "+14255550100..+14255550199", priority: 30, {SAYS_SORRY}}}',
        ),
    )


@pytest.mark.row(34)
def test_a_number_inside_the_range_that_somebody_has_rings_its_owner() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = call_nobody(world, "+14255550102")
        (await bob.rings()).answer()
        await call.until_hears("bob")
        call.hang_up()
        service = call_nobody(world, "+14255550150")
        await service.until_hears(WELCOME)

    play(scene, organisation=sorry('range: "+14255550100..+14255550199"'))


@pytest.mark.row(35)
def test_a_call_to_outside_that_a_treatment_covers_does_not_leave() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        call = await alice.dial("2065550199")
        await call.answered()
        await call.until_hears(SORRY)
        assert await call.ended(within_s=60) == 200
        assert carrier.invites == []
        other = await alice.dial("2065550200")
        await other.answered()
        assert len(carrier.invites) == 1

    play(
        scene,
        organisation=sorry(r"pattern: '^\+12065550199$'"),
    )


def test_a_colleague_who_dials_a_number_that_nobody_has_is_treated_too() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = await alice.dial(NOBODYS)
        await call.until_hears(SORRY)

    play(scene, organisation=sorry("pattern: '0118$'"))


def test_a_caller_who_hangs_up_while_it_is_said_leaves_nothing_behind() -> None:
    async def scene(world: World) -> None:
        call = call_nobody(world)
        await call.until_hears(SORRY)
        call.hang_up()
        assert (await world.record()).result is CallResult.ANSWERED

    play(scene, organisation=sorry("pattern: '0118$'"))


@pytest.mark.parametrize(("balance", "is_heard"), [("50.00", True), ("0", False)])
def test_a_toll_free_number_that_nobody_has_is_paid_for(balance: str, is_heard: bool) -> None:
    async def scene(world: World) -> None:
        call = call_nobody(world, "+18005550100")
        if is_heard:
            await call.until_hears(SORRY)
            call.hang_up()
            charge = (await world.record()).charge
            assert charge is not None
            assert charge.micros > 0
        else:
            assert await call.ended() == 403
            assert (await world.record()).reason is Reason.CREDITS_EXHAUSTED

    organisation = edited(
        ('freephone, number: "+18005550100",', "freephone,"),
        ('opening_balance: "50.00"', f'opening_balance: "{balance}"'),
        (
            SECTION,
            f"\nunassigned_numbers:\n  n8: {{pattern: '800', priority: 1, {SAYS_SORRY}}}{SECTION}",
        ),
    )
    play(scene, organisation=organisation)
