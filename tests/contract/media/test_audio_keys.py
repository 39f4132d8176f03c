"""Keys between legs whose codecs, clocks and ways to send keys differ."""

from pathlib import Path

import pytest
from tests.contract.media.call_stage import CallStage
from tests.contract.media.sound_phone import FORMATS, G722, OPUS, PCMA, PCMU, Phone

from callwright.media.remote import AudioFormat

KEYS = "0123456789*#ABCD"
SOME_KEYS = "159#"


@pytest.fixture
def calls(tmp_path: Path) -> CallStage:
    return CallStage(tmp_path)


def id_of(audio: AudioFormat) -> str:
    return audio.codec.name


async def assert_keys_pass(calls: CallStage, alice: Phone, bob: Phone) -> None:
    """Each is told to the other once and in order, and by the engine, both ways."""
    calls.call((alice, bob))
    await calls.until_talking([(alice, bob)])
    alice.press(SOME_KEYS)
    await calls.until_keys(bob, SOME_KEYS)
    bob.press("0*")
    await calls.until_keys(alice, "0*")
    assert (calls.keys_from(alice), calls.keys_from(bob)) == (SOME_KEYS, "0*")
    assert (calls.keys_at(alice), calls.keys_at(bob)) == ("0*", SOME_KEYS)
    alice.forget()
    bob.forget()
    await calls.until_talking([(alice, bob)])


@pytest.mark.parametrize("audio", FORMATS, ids=id_of)
@pytest.mark.parametrize("other", FORMATS, ids=id_of)
def test_events_pass_whatever_the_clocks_are(
    calls: CallStage, audio: AudioFormat, other: AudioFormat
) -> None:
    """Opus has events of 48,000 Hz, the others of 8,000 Hz (RFC 4733 §2.1)."""

    async def scene() -> None:
        alice = await calls.phone("alice", audio)
        bob = await calls.phone("bob", other)
        await assert_keys_pass(calls, alice, bob)

    calls.run(scene())


@pytest.mark.parametrize("audio", FORMATS, ids=id_of)
@pytest.mark.parametrize("other", [PCMU, OPUS], ids=id_of)
def test_tones_become_events_and_events_become_tones(
    calls: CallStage, audio: AudioFormat, other: AudioFormat
) -> None:
    """The one side has no telephone events, the other does."""

    async def scene() -> None:
        alice = await calls.phone("alice", audio, dtmf_payload_type=None)
        bob = await calls.phone("bob", other)
        await assert_keys_pass(calls, alice, bob)

    calls.run(scene())


@pytest.mark.parametrize(
    ("audio", "other"), [(PCMU, PCMU), (PCMU, PCMA), (PCMA, G722), (G722, OPUS)]
)
def test_tones_pass_where_neither_side_has_events(
    calls: CallStage, audio: AudioFormat, other: AudioFormat
) -> None:
    async def scene() -> None:
        alice = await calls.phone("alice", audio, dtmf_payload_type=None)
        bob = await calls.phone("bob", other, dtmf_payload_type=None)
        await assert_keys_pass(calls, alice, bob)

    calls.run(scene())


@pytest.mark.parametrize("audio", FORMATS, ids=id_of)
def test_every_key_is_heard_as_a_tone(calls: CallStage, audio: AudioFormat) -> None:
    async def scene() -> None:
        alice = await calls.phone("alice", audio, dtmf_payload_type=None)
        alice.hush()
        alice.press(KEYS)
        calls.engine.send_dtmf(alice.leg, KEYS)
        await calls.until_keys(alice, KEYS)
        await calls.until_noticed(alice, KEYS)

    calls.run(scene())


@pytest.mark.parametrize("audio", FORMATS, ids=id_of)
def test_a_voice_is_no_key(calls: CallStage, audio: AudioFormat) -> None:
    """Two voices that are not the two tones of a key, at once."""

    async def scene() -> None:
        alice = await calls.phone("alice", audio, dtmf_payload_type=None)
        bob = await calls.phone("bob", PCMU, dtmf_payload_type=None)
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        await calls.elapse(0.5)
        assert calls.keys_from(alice) + calls.keys_from(bob) == ""

    calls.run(scene())
