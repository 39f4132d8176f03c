"""Who is not to be disturbed: no phone rings, and the call goes where unanswered ones go."""

import asyncio

import pytest
from tests.world.edited_file import edited

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.world import World, play

CALLER = "+12065550123"
UNANSWERED = "      unanswered: {after_s: 5, to: voicemail}\n"
GREETING = "say: Alice Adams is not available. Please leave a message after the tone."


def undisturbed(answering: str = UNANSWERED, *edits: tuple[str, str]) -> Snapshot:
    """Alice does not want to be disturbed."""
    return edited((UNANSWERED, f"      do_not_disturb: true\n{answering}"), *edits)


@pytest.mark.row(227)
@pytest.mark.parametrize("from_outside", [True, False])
def test_no_phone_rings_and_the_caller_leaves_a_message(from_outside: bool) -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        if from_outside:
            call = world.carrier("sbc1").call("+14255550101", calling=CALLER)
        else:
            call = await bob.dial("101")
        await call.until_hears(GREETING, within_s=3)
        assert alice.calls == []
        call.hang_up()
        record = await world.record()
        assert (record.result, record.callee_user) == (CallResult.VOICEMAIL, "alice")

    play(scene, organisation=undisturbed())


def test_unanswered_calls_go_where_they_always_go() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        world.carrier("sbc1").call("+14255550101", calling=CALLER)
        await bob.rings(within_s=3)
        assert alice.calls == []

    play(scene, organisation=undisturbed("      unanswered: {after_s: 5, to: {user: bob}}\n"))


def test_other_calls_are_refused_to_whom_nobody_may_disturb_and_who_has_no_voicemail() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await bob.dial("101")
        assert await call.ended() == 480
        assert alice.calls == []
        assert (await world.record()).reason is Reason.DO_NOT_DISTURB

    no_voicemail = (
        'voicemail: {email: alice@contoso.test, pin: "2468"}',
        "voicemail: {enabled: false}",
    )
    play(scene, organisation=undisturbed("", no_voicemail))


def test_an_agent_who_is_not_to_be_disturbed_gets_no_calls_of_a_queue() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = world.carrier("sbc1").call("+14255550151", calling=CALLER)
        await bob.rings(within_s=30)
        await asyncio.sleep(40)
        assert alice.calls == []
        call.hang_up()

    play(scene, organisation=undisturbed())
