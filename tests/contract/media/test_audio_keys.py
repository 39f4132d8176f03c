"""Keys between legs whose codecs, clocks and ways to send keys differ."""

from collections.abc import Coroutine
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tests.contract.media.call_stage import CallStage
from tests.contract.media.sound_phone import FORMATS, G722, OPUS, PCMA, PCMU

from callwright.media.remote import AudioFormat

KEYS = "0123456789*#ABCD"
EVENTS, TONES = 101, None
"""How a phone sends keys: the number of its telephone-event, or none."""


@pytest.fixture
def calls(tmp_path: Path) -> CallStage:
    return CallStage(tmp_path)


def test_events_pass_whatever_the_clocks_are(calls: CallStage) -> None:
    """Opus has events of 48,000 Hz, the others of 8,000 Hz (RFC 4733 §2.1)."""
    pairs = product(FORMATS, repeat=2)
    calls.run_together(keys_pass(calls, (one, EVENTS), (other, EVENTS)) for one, other in pairs)


def test_tones_become_events_and_events_become_tones(calls: CallStage) -> None:
    """The one side has no telephone events, the other does."""
    pairs = product(FORMATS, repeat=2)
    calls.run_together(keys_pass(calls, (one, TONES), (other, EVENTS)) for one, other in pairs)


def test_tones_pass_where_neither_side_has_events(calls: CallStage) -> None:
    pairs = [(PCMU, PCMU), (PCMU, PCMA), (PCMA, G722), (G722, OPUS), (OPUS, OPUS)]
    calls.run_together(keys_pass(calls, (one, TONES), (other, TONES)) for one, other in pairs)


def test_every_key_is_heard_as_a_tone(calls: CallStage) -> None:
    async def scene(audio: AudioFormat) -> None:
        alice = await calls.phone(audio.codec.name, audio, dtmf_payload_type=TONES)
        alice.hush()
        alice.press(KEYS)
        calls.engine.send_dtmf(alice.leg, KEYS)
        await calls.until_keys(alice, KEYS)
        await calls.until_noticed(alice, KEYS)

    calls.run_together(map(scene, FORMATS))


def test_what_is_no_key_is_none(calls: CallStage) -> None:
    """Pure tones, from lowest to highest, while every leg listens for keys."""

    async def scene(audio: AudioFormat) -> None:
        alice = await calls.phone(audio.codec.name, audio, dtmf_payload_type=TONES)
        bob = await calls.phone("bob", PCMU, dtmf_payload_type=TONES)
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        for frequency_hz in range(600, 1_700, 50):
            calls.phones.tone(alice.own_leg, frequency_hz, 60, 1)
            await calls.elapse(0.06)
        assert calls.keys_from(alice) + calls.keys_from(bob) == ""

    calls.run_together(map(scene, FORMATS))


def keys_pass(
    calls: CallStage, one: tuple[AudioFormat, int | None], other: tuple[AudioFormat, int | None]
) -> Coroutine[Any, Any, None]:
    """Each is told to the other once and in order, and by the engine, both ways."""

    async def scene() -> None:
        alice = await calls.phone(one[0].codec.name, one[0], dtmf_payload_type=one[1])
        bob = await calls.phone(other[0].codec.name, other[0], dtmf_payload_type=other[1])
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        alice.press("159#")
        await calls.until_noticed(alice, "159#")
        await calls.until_keys(bob, "159#")
        bob.press("0*")
        await calls.until_noticed(bob, "0*")
        await calls.until_keys(alice, "0*")
        alice.forget()
        bob.forget()
        await calls.until_talking([(alice, bob)])
        assert (calls.keys_from(alice), calls.keys_from(bob)) == ("159#", "0*")
        assert (calls.keys_at(alice), calls.keys_at(bob)) == ("0*", "159#")

    return scene()
