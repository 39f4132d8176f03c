"""Messages: left, kept, shown by lamp and mail (SPEC 8.9)."""

import asyncio
import wave

import numpy as np
import pytest

from callwright.calls.record import CallResult
from callwright.domains.voicemail.model import KeptMessage
from callwright.kernel.prompt import Prompt
from callwright.kernel.reason import Reason
from callwright.media.library import LoadedPrompt
from callwright.routing.snapshot import Snapshot
from callwright.testing.phone_call import PhoneCall
from callwright.testing.phones import SimulatedPhone
from callwright.testing.prompts import SimulatedPrompts
from callwright.testing.world import World, play

GREETING = "say: Alice Adams is not available. Please leave a message after the tone."


async def reach_beep(caller: SimulatedPhone, extension: str = "101") -> PhoneCall:
    call = await caller.dial(extension)
    call.hush()
    await call.answered()
    await call.until_hears("beep", within_s=30)
    await call.until_hears()
    return call


def test_an_unanswered_call_is_asked_for_a_message_which_is_kept_and_shown() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        call = await bob.dial("101")
        call.hush()
        rung = await alice.rings()
        await call.answered(within_s=5.5)
        assert await rung.ended() == 487
        await call.until_hears(GREETING)
        await call.until_hears("beep")
        await call.until_hears()
        await call.talk_for(4)
        call.hang_up()
        record = await world.record()
        assert record.result is CallResult.VOICEMAIL
        [message] = world.mailboxes.of("alice")
        assert (message.caller, message.caller_name) == ("+14255550102", "Bob Brown")
        assert message.duration_s == pytest.approx(4, abs=0.7)
        assert world.postbox.voicemails == [message]
        await alice.until_lamp(1)

    play(scene)


def test_a_message_that_cannot_be_written_is_told_to_caller_owner_and_administrator() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        world.mailboxes.is_disk_full = True
        call = await bob.dial("101")
        await call.answered()
        await call.until_hears(
            "say: Sorry, your message could not be recorded. Goodbye.", within_s=30
        )
        await call.ended(within_s=10)
        assert world.postbox.failed_recordings == ["alice"]
        assert world.mailboxes.of("alice") == []
        world.mailboxes.is_disk_full = False
        call = await reach_beep(bob)
        await call.talk_for(3)
        await call.ended(within_s=6)
        assert len(world.mailboxes.of("alice")) == 1

    play(scene)


def test_a_message_that_cannot_be_kept_is_told_like_one_that_cannot_be_written() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        call = await reach_beep(await world.phone("bob"))
        world.mailboxes.refuses_messages = True
        await call.talk_for(3)
        await call.press("#")
        await call.until_hears("say: Sorry, your message could not be recorded. Goodbye.")
        await call.ended(within_s=10)
        assert world.postbox.failed_recordings == ["alice"]
        assert (await world.record()).reason is Reason.NORMAL

    play(scene)


def test_the_recording_holds_the_callers_voice() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        frequency_hz = call.audio.handset.frequency_hz
        await call.talk_for(3)
        call.hang_up()
        await world.record()
        [message] = world.mailboxes.of("alice")
        with wave.open(str(message.path), "rb") as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8_000, 2, 1)
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)
        spectrum = np.abs(np.fft.rfft(samples.astype(float)))
        strongest_hz = np.argmax(spectrum) * 8_000 / len(samples)
        assert strongest_hz == pytest.approx(frequency_hz, abs=3)

    play(scene)


def test_silence_ends_the_message_and_the_call() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        await call.talk_for(3)
        await call.ended(within_s=6)
        [message] = world.mailboxes.of("alice")
        assert message.duration_s == pytest.approx(3, abs=0.5)

    play(scene)


def test_the_hash_key_ends_the_message() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        await call.talk_for(2)
        await call.press("#")
        await call.ended(within_s=1)
        assert len(world.mailboxes.of("alice")) == 1

    play(scene)


def test_a_message_has_a_greatest_length() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        call.talk()
        await call.ended(within_s=301)
        [message] = world.mailboxes.of("alice")
        assert message.duration_s == pytest.approx(300, abs=0.1)

    play(scene)


def test_a_key_skips_the_greeting() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await bob.dial("101")
        await call.answered()
        await call.until_hears(GREETING)
        await call.press("1")
        await call.until_hears("beep", within_s=0.5)

    play(scene)


def test_who_hangs_up_before_the_beep_leaves_nothing() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await bob.dial("101")
        await call.answered()
        await asyncio.sleep(1)
        call.hang_up()
        await world.record()
        assert world.mailboxes.stored == []

    play(scene)


def test_a_phone_that_vanishes_while_it_records_keeps_what_it_said() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        call.talk()
        await asyncio.sleep(10)
        bob.vanish()
        await world.record(within_s=900)
        [message] = world.mailboxes.of("alice")
        assert message.duration_s == pytest.approx(10, abs=0.5)

    play(scene)


@pytest.mark.row(243)
def test_the_lamp_goes_on_with_a_message_and_off_when_it_was_heard() -> None:
    async def scene(world: World) -> None:
        alice, bob = await world.phone("alice"), await world.phone("bob")
        alice.watch_lamp()
        await alice.until_lamp(0)
        call = await reach_beep(bob)
        await call.talk_for(2)
        call.hang_up()
        await alice.until_lamp(1)
        world.mailboxes.mark_heard(world.mailboxes.stored[0])
        world.node.lamps.tell(world.mailboxes.stored[0].mailbox)  # type: ignore[arg-type]
        await alice.until_lamp(0, 1)

    play(scene)


def test_the_lamp_lights_when_a_phone_comes_back() -> None:
    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        await call.talk_for(2)
        call.hang_up()
        await world.record()
        alice = await world.phone("alice")
        await alice.until_lamp(1)

    play(scene)


def test_a_hang_up_right_after_the_beep_leaves_no_file() -> None:
    async def scene(world: World) -> None:
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        folder = world.mailboxes.new_path("alice").parent  # type: ignore[arg-type]
        call.hang_up()
        await world.record()
        assert world.mailboxes.stored == []
        assert list(folder.glob("alice-*.wav")) == []

    play(scene)


def test_a_message_is_kept_when_nobody_can_be_told_of_it() -> None:
    async def scene(world: World) -> None:
        def fail(snapshot: Snapshot, message: KeptMessage) -> None:
            raise ValueError("a name that cannot be mailed")

        world.postbox.voicemail_arrived = fail  # type: ignore[method-assign]
        await world.phone("alice")
        bob = await world.phone("bob")
        call = await reach_beep(bob)
        await call.talk_for(2)
        call.hang_up()
        assert (await world.record()).result is CallResult.VOICEMAIL
        assert len(world.mailboxes.stored) == 1

    play(scene)


def test_a_callers_name_that_is_no_utf_8_is_kept_readable() -> None:
    """A carrier that writes Latin-1."""

    async def scene(world: World) -> None:
        await world.phone("alice")
        carrier = world.carrier("sbc1")
        call = carrier.call("+14255550101", calling="+12065550101", name="Jos\udce9")
        await call.answered()
        await call.until_hears("beep", within_s=30)
        await call.talk_for(3)
        call.hang_up()
        assert (await world.record()).result is CallResult.VOICEMAIL
        [message] = world.mailboxes.of("alice")
        assert message.caller_name is not None
        assert message.caller_name.startswith("Jos")
        message.caller_name.encode()

    play(scene)


def test_a_key_pressed_while_the_greeting_is_rendered_skips_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetch = SimulatedPrompts.fetch

    async def fetch_slowly(prompts: SimulatedPrompts, prompt: Prompt) -> LoadedPrompt | None:
        await asyncio.sleep(2)
        return await fetch(prompts, prompt)

    monkeypatch.setattr(SimulatedPrompts, "fetch", fetch_slowly)

    async def scene(world: World) -> None:
        bob = await world.phone("bob")
        call = await bob.dial("101")
        call.hush()
        await call.answered()
        await call.press("#")
        await call.until_hears("beep", within_s=2.5)

    play(scene)
