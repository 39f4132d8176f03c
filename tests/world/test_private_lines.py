"""Private and alternate lines: who rings, how, and whatever rules the owner has (SPEC 3.7, 3.8)."""

import asyncio
from dataclasses import replace

import pytest
from tests.world.edited_file import edited

from callwright.calls.record import CallResult
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.agent import Redirect
from callwright.testing.phone_call import PhoneCall
from callwright.testing.world import World, play

PRIVATE, ALTERNATE = "+14255550111", "+14255550112"
ALICE_NUMBER = "+14255550101"
CALLER = "+12065550123"
FRIEND = "+12065550199"
UNANSWERED = "      unanswered: {after_s: 5, to: voicemail}\n"
GREETING = "say: Alice Adams is not available. Please leave a message after the tone."


def alice_with(lines: str = "", *, answering: str = UNANSWERED) -> Snapshot:
    """Alice has a private line, and further settings of hers."""
    own = f'    number: "{ALICE_NUMBER}"\n'
    return edited((own, f'{own}    private_line: "{PRIVATE}"\n{lines}'), (UNANSWERED, answering))


def without_voicemail(answering: str = "      intercom: false\n") -> Snapshot:
    own = f'    number: "{ALICE_NUMBER}"\n'
    return edited(
        (own, f'{own}    private_line: "{PRIVATE}"\n'),
        (UNANSWERED, answering),
        ('voicemail: {email: alice@contoso.test, pin: "2468"}', "voicemail: {enabled: false}"),
    )


def call_private_line(world: World) -> PhoneCall:
    return world.carrier("sbc1").call(PRIVATE, calling=CALLER, name="Jane Doe")


@pytest.mark.row(23)
def test_the_owner_rings_with_a_tone_of_its_own_although_calls_are_forwarded() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = call_private_line(world)
        rung = await alice.rings()
        invite = rung.session.request
        assert "alert-private" in (invite.header("Alert-Info") or "")
        assert rung.shown == ("Private line: Jane Doe", CALLER)
        rung.answer()
        await call.until_hears("alice")
        assert bob.calls == []
        call.hang_up()
        record = await world.record()
        assert (record.callee_user, record.via) == ("alice", "private line")
        ordinary = world.carrier("sbc1").call(ALICE_NUMBER, calling=CALLER)
        assert "alert-external" in ((await bob.rings()).session.request.header("Alert-Info") or "")
        ordinary.hang_up()

    forwarding = "      forward: {to: {user: bob}}\n"
    play(scene, organisation=alice_with(answering=forwarding))


def test_a_forward_that_was_set_on_the_phone_is_ignored_too() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        alice.reaction = Redirect(("<sip:bob@contoso.test>",))
        call = call_private_line(world)
        await call.until_hears(GREETING, within_s=10)
        assert bob.calls == []

    play(scene, organisation=alice_with())


def test_unanswered_the_private_line_goes_to_voicemail_and_nowhere_else() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = call_private_line(world)
        await call.until_hears(GREETING, within_s=10)
        assert bob.calls == []

    elsewhere = "      unanswered: {after_s: 5, to: {user: bob}}\n"
    play(scene, organisation=alice_with(answering=elsewhere))


@pytest.mark.row(24)
def test_do_not_disturb_sends_the_private_line_to_voicemail_in_silence() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_private_line(world)
        await call.until_hears(GREETING, within_s=5)
        assert alice.calls == []
        call.hang_up()
        record = await world.record()
        assert record.result is CallResult.VOICEMAIL

    play(scene, organisation=alice_with(answering=f"      do_not_disturb: true\n{UNANSWERED}"))


@pytest.mark.row(25)
def test_without_voicemail_the_caller_hears_busy_after_a_minute() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        began_s = world.clock.monotonic()
        call = call_private_line(world)
        rung = await alice.rings()
        assert await call.ended(within_s=70) == 486
        assert world.clock.monotonic() - began_s == pytest.approx(60, abs=1)
        assert rung.is_over
        record = await world.record()
        assert (record.result, record.reason) == (CallResult.BUSY, Reason.CALLEE_BUSY)

    play(scene, organisation=without_voicemail())


def test_do_not_disturb_without_voicemail_is_busy_at_once() -> None:
    async def scene(world: World) -> None:
        alice = await world.phone("alice")
        call = call_private_line(world)
        assert await call.ended(within_s=2) == 486
        assert alice.calls == []

    play(scene, organisation=without_voicemail("      do_not_disturb: true\n"))


@pytest.mark.row(26)
@pytest.mark.parametrize(
    "field", ["P-Preferred-Identity", "P-Asserted-Identity", "Remote-Party-ID"]
)
def test_the_owner_cannot_call_with_the_private_line(field: str) -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        wish = (field, f"<sip:{PRIVATE}@contoso.test>")
        call = await alice.dial(FRIEND, headers=(wish,))
        await call.answered()
        [invite] = carrier.invites
        assert invite.from_.uri.user == ALICE_NUMBER
        assert not [value for _, value in invite.headers if PRIVATE in value]

    play(scene, organisation=alice_with())


def test_the_private_line_outlives_the_own_number_and_is_still_not_shown() -> None:
    async def scene(world: World) -> None:
        carrier, alice = world.carrier("sbc1"), await world.phone("alice")
        call = call_private_line(world)
        (await alice.rings()).decline()
        await call.ended()
        out = await alice.dial(FRIEND)
        await out.answered()
        assert carrier.invites[-1].from_.uri.user == "+14255550150"

    demo = alice_with()
    alice = replace(demo.users[UserId("alice")], number=None)
    lines = {line: user for line, user in demo.user_by_number.items() if user != alice.id}
    users = {**demo.users, alice.id: alice}
    play(scene, organisation=replace(demo, users=users, user_by_number=lines))


def test_a_colleague_who_dials_the_private_line_rings_it() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await bob.dial(PRIVATE)
        rung = await alice.rings()
        assert rung.shown == ("Private line: Bob Brown", "+14255550102")
        call.hang_up()

    play(scene, organisation=alice_with(answering="      forward: {to: {user: carol}}\n"))


def test_an_alternate_number_rings_as_rules_say() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = world.carrier("sbc1").call(ALTERNATE, calling=CALLER)
        rung = await alice.rings()
        assert "alert-external" in (rung.session.request.header("Alert-Info") or "")
        call.hang_up()
        await asyncio.sleep(1)
        inside = await bob.dial(ALTERNATE)
        await alice.rings()
        inside.hang_up()

    play(scene, organisation=alice_with(f'    alternate_numbers: ["{ALTERNATE}"]\n'))
