"""How mailboxes answer: rules, greetings, languages, policies, limits (SPEC 8.9)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.world.contoso_scene import File, contoso
from tests.world.test_voicemail import GREETING, reach_beep

from callwright.calls.record import CallResult
from callwright.kernel.reason import Reason
from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.world import World, play

AWAY = "say: Alice Adams is out of the office. Please leave a message after the tone."
LATER = "say: Alice Adams is not available. Please call again later."
TO_BOB = {"transfer_to": {"user": "bob"}}


def with_mailbox(policy: dict[str, Any] | None = None, **settings: Any) -> Snapshot:
    """Alice's mailbox, and the policy of everybody."""

    def change(file: File) -> None:
        file["users"]["alice"]["voicemail"] |= settings
        if policy is not None:
            file["policies"] = {"voicemail": {"default": policy}}

    return contoso(change)


async def call_alice(world: World) -> tuple[SimulatedPhone, PhoneCall]:
    """Erin calls; no phone of Alice is on."""
    erin = await world.phone("erin")
    call = await erin.dial("101")
    call.hush()
    return erin, call


@pytest.mark.row(244)
def test_declining_ends_the_call_without_an_answer() -> None:
    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        assert await call.ended() == 603
        assert (await world.record()).reason is Reason.CALLEE_DECLINED
        assert world.mailboxes.stored == []

    play(scene, organisation=with_mailbox(answer="decline"))


@pytest.mark.row(244)
def test_the_prompt_alone_is_heard_and_nothing_recorded() -> None:
    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.until_hears(LATER)
        await call.ended(within_s=10)
        assert (await world.record()).result is CallResult.VOICEMAIL
        assert world.mailboxes.stored == []

    play(scene, organisation=with_mailbox(answer="prompt"))


@pytest.mark.row(244)
@pytest.mark.parametrize("rule", ["prompt-or-transfer", "voicemail-or-transfer"])
def test_a_key_leads_on_to_somebody_else(rule: str) -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        _, call = await call_alice(world)
        await call.answered()
        await call.press("0")
        rung = await bob.rings()
        rung.answer()
        await call.until_hears("bob")
        call.hang_up()
        record = await world.record()
        assert (record.result, record.callee_user) == (CallResult.ANSWERED, "bob")
        assert world.mailboxes.stored == []

    play(scene, organisation=with_mailbox(answer=rule, **TO_BOB))


@pytest.mark.row(244)
def test_who_presses_nothing_leaves_a_message_or_hears_the_end() -> None:
    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.until_hears("beep", within_s=30)
        await call.talk_for(2)
        call.hang_up()
        await world.record()
        assert len(world.mailboxes.of("alice")) == 1

    async def prompt_only(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.ended(within_s=20)
        assert world.mailboxes.stored == []

    play(scene, organisation=with_mailbox(answer="voicemail-or-transfer", **TO_BOB))
    play(prompt_only, organisation=with_mailbox(answer="prompt-or-transfer", **TO_BOB))


@pytest.mark.row(245)
@pytest.mark.parametrize(
    ("until", "heard"), [(None, AWAY), ("2026-07-02", AWAY), ("2026-07-01", GREETING)]
)
def test_the_out_of_office_greeting_is_heard_until_its_day(until: str | None, heard: str) -> None:
    """It is the evening of 1 July in Redmond when it is 2 July in Greenwich."""
    away = {"active": True} | ({} if until is None else {"until": until})

    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.until_hears(heard)

    evening = datetime(2026, 7, 2, 4, 0, tzinfo=UTC)
    play(scene, organisation=with_mailbox(out_of_office=away), started_at=evening)


@pytest.mark.row(246)
def test_a_mandatory_preamble_is_heard_before_the_beep_whatever_key_is_pressed() -> None:
    policy = {"preamble": {"say": "Calls are recorded."}, "mandatory": True}

    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.until_hears("say: Calls are recorded.")
        await call.press("1")
        await call.until_hears(GREETING)
        await call.press("1")
        await call.until_hears("beep", within_s=0.5)

    play(scene, organisation=with_mailbox(policy))


@pytest.mark.row(246)
def test_a_preamble_that_is_not_mandatory_is_skipped_by_a_key() -> None:
    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.until_hears("say: Calls are recorded.")
        await call.press("1")
        await call.until_hears("beep", within_s=0.5)

    play(scene, organisation=with_mailbox({"preamble": {"say": "Calls are recorded."}}))


@pytest.mark.row(247)
def test_the_greeting_is_said_in_both_languages() -> None:
    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.until_hears(GREETING)
        await call.until_hears(
            "say: Alice Adams ist nicht erreichbar. "
            "Bitte hinterlassen Sie nach dem Ton eine Nachricht."
        )
        await call.until_hears("beep", within_s=20)

    two = {"primary_language": "en-US", "secondary_language": "de-DE"}
    play(scene, organisation=with_mailbox(two))


@pytest.mark.row(242)
def test_the_policy_cuts_a_message_and_a_mailbox_may_only_be_shorter() -> None:
    async def scene(world: World) -> None:
        _, call = await call_alice(world)
        await call.answered()
        await call.until_hears("beep", within_s=30)
        call.talk()
        await call.ended(within_s=62)
        [message] = world.mailboxes.of("alice")
        assert message.duration_s == pytest.approx(60, abs=0.1)

    play(scene, organisation=with_mailbox({"message_s_max": 60}))
    play(scene, organisation=with_mailbox({"message_s_max": 60}, message_s_max=500))
    play(scene, organisation=with_mailbox(message_s_max=60))


@pytest.mark.row(248)
def test_always_means_voicemail_after_thirty_seconds_and_never_means_none() -> None:
    def change(file: File) -> None:
        file["policies"] = {
            "calling": {"default": {"voicemail": "always"}, "never": {"voicemail": "never"}}
        }
        file["users"]["bob"]["policies"] = {"calling": "never"}
        file["users"]["alice"]["answering"]["unanswered"] = {"after_s": 5, "to": {"user": "bob"}}

    async def scene(world: World) -> None:
        await world.phone("alice")
        await world.phone("bob")
        _, call = await call_alice(world)
        begun_s = world.clock.monotonic()
        await call.answered(within_s=31)
        assert world.clock.monotonic() - begun_s == pytest.approx(30, abs=0.5)
        await call.until_hears(GREETING)
        call.hang_up()
        erin = world.phones[-1]
        call = await erin.dial("102")
        assert await call.ended(within_s=40) == 480
        assert (await world.record(2)).reason is Reason.VOICEMAIL_FORBIDDEN

    play(scene, organisation=contoso(change))


def test_a_mailbox_that_is_full_says_so() -> None:
    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        for nth in (1, 2):
            call = await reach_beep(erin)
            await call.talk_for(1)
            call.hang_up()
            await world.record(nth)
        call = await erin.dial("101")
        await call.answered()
        await call.until_hears("say: This mailbox is full. Goodbye.")
        await call.ended()
        assert len(world.mailboxes.of("alice")) == 2

    play(scene, organisation=with_mailbox({"messages_max": 2}))


def test_a_mailbox_with_its_minutes_used_up_is_full() -> None:
    async def scene(world: World) -> None:
        erin = await world.phone("erin")
        call = await reach_beep(erin)
        await call.talk_for(61)
        call.hang_up()
        await world.record()
        call = await erin.dial("101")
        await call.until_hears("say: This mailbox is full. Goodbye.")

    play(scene, organisation=with_mailbox({"minutes_max": 1}))


def test_a_shared_greeting_is_followed_by_instructions_unless_they_are_off() -> None:
    def change(file: File) -> None:
        greeting = {"greeting": {"say": "Support is closed."}}
        file["shared_voicemail"]["support"] |= greeting
        file["shared_voicemail"]["quiet"] = greeting | {"instructions": False}
        file["users"]["alice"]["answering"]["forward"] = {"to": {"voicemail": "support"}}
        file["users"]["bob"]["answering"]["forward"] = {"to": {"voicemail": "quiet"}}

    async def scene(world: World) -> None:
        erin, call = await call_alice(world)
        await call.until_hears("say: Support is closed.")
        await call.until_hears("say: Please leave a message after the tone.")
        call.hang_up()
        call = await erin.dial("102")
        await call.until_hears("say: Support is closed.")
        await call.until_hears("beep", within_s=2)

    play(scene, organisation=contoso(change))
