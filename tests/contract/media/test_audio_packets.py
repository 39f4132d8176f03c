"""Transcoding under what networks and phones do to packets: their times, loss, order, comfort
noise, another codec without a word."""

import random
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from tests.contract.media.call_stage import CallStage
from tests.contract.media.rtp_end import RtpPacket
from tests.contract.media.sound_phone import (
    COMFORT_NOISE,
    FORMATS,
    G722,
    OPUS,
    PCMA,
    PCMU,
    TONE_RMS,
    Hope,
    Phone,
    Sound,
)

from callwright.media.remote import AudioFormat, Codec, Suite

PTIMES_MS = (10, 20, 30, 40, 50, 60)
STATIONARY_S = 1.5
NOISE_LEVEL = 40
"""In -dBov: about 330 of 32,767."""


@pytest.fixture
def calls(tmp_path: Path) -> CallStage:
    return CallStage(tmp_path)


@pytest.mark.parametrize("audio", FORMATS, ids=lambda audio: audio.codec.name)
def test_any_packet_time_meets_any_other(calls: CallStage, audio: AudioFormat) -> None:
    async def scene() -> None:
        pairs = []
        for place, (one_ms, other_ms) in enumerate(product(PTIMES_MS, (10, 30, 60))):
            other = FORMATS[(place + place // len(FORMATS)) % len(FORMATS)]
            one = await calls.phone(f"{audio.codec.name} of {one_ms} ms", audio, ptime_ms=one_ms)
            two = await calls.phone(
                f"{other.codec.name} of {other_ms} ms", other, ptime_ms=other_ms
            )
            pairs.append((one, two))
        calls.call(*pairs)
        await calls.until_talking(pairs)

    calls.run(scene())


def test_packets_have_the_length_that_was_agreed(calls: CallStage) -> None:
    async def scene(ptime_ms: int) -> None:
        alice, wire = await calls.wired(f"{ptime_ms} ms", PCMU, ptime_ms=ptime_ms)
        bob = await calls.phone("bob", OPUS)
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        packets = rtp_of(wire.from_engine)
        assert {len(packet.payload) for packet in packets} == {8 * ptime_ms}
        steps = np.diff([packet.timestamp for packet in packets[2:]]) % (1 << 32)
        assert set(steps) == {8 * ptime_ms}

    calls.run_together(map(scene, PTIMES_MS))


def test_loss_is_concealed_when_it_is_played_out(calls: CallStage) -> None:
    """5 % of the packets are lost: the tone stays there, in every tenth of a second."""

    async def scene(audio: AudioFormat, other: AudioFormat) -> None:
        alice, wire = await calls.wired(audio.codec.name, audio, Suite.AES_CM_128_HMAC_SHA1_80)
        bob = await calls.phone(f"{other.codec.name} that hears {audio.codec.name}", other)
        dice = random.Random(7)
        wire.to_engine = lambda datagram: [] if dice.random() < 0.05 else [datagram]
        calls.call((alice, bob))
        await calls.until([Hope(alice, bob)])
        await calls.elapse(0.5)
        bob.forget()
        await calls.elapse(STATIONARY_S + 0.7)
        assert gaps(bob, alice) <= 1, bob.name
        assert calls.counted(alice).packets_lost > 0

    pairs = product(FORMATS, (G722, OPUS))
    calls.run_together(scene(one, other) for one, other in pairs if one is not other)


def test_doubled_and_swapped_packets_are_put_in_order(calls: CallStage) -> None:
    async def scene(audio: AudioFormat) -> None:
        alice, wire = await calls.wired(audio.codec.name, audio)
        bob = await calls.phone(
            f"one who hears {audio.codec.name}", G722 if audio is not G722 else PCMU
        )
        kept: list[bytes] = []

        def shuffle(datagram: bytes) -> list[bytes]:
            kept.append(datagram)
            if len(kept) < 3:
                return []
            first, second, third = kept
            kept.clear()
            return [second, first, first, third]

        wire.to_engine = shuffle
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        await calls.elapse(0.5)
        bob.forget()
        await calls.elapse(STATIONARY_S + 0.7)
        assert gaps(bob, alice) == 0, bob.name

    calls.run_together(map(scene, FORMATS))


def test_comfort_noise_is_heard_as_noise(calls: CallStage) -> None:
    """RFC 3389: one packet says how loud the pause is, until the next one."""

    async def scene(other: AudioFormat) -> None:
        alice, wire = await calls.wired("alice", PCMA, comfort_noise_payload_type=COMFORT_NOISE)
        accepted = COMFORT_NOISE if other.clock_hz == 8_000 else None
        bob = await calls.phone(other.codec.name, other, comfort_noise_payload_type=accepted)
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        wire.to_engine = noise_instead
        bob.forget()
        await calls.elapse(0.8)
        samples, rate_hz = bob.all_heard()
        sound = Sound.of(samples[-rate_hz // 4 :], rate_hz)
        assert 60 < sound.rms < 1_200, f"{bob.name} hears {sound}"
        assert sound.purity < 0.5, f"{bob.name} hears no noise, but {sound}"
        wire.to_engine = lambda datagram: [datagram]
        bob.forget()
        await calls.until_talking([(alice, bob)])

    calls.run_together(map(scene, FORMATS))


def test_a_phone_changes_codec_without_a_word(calls: CallStage) -> None:
    """It may send whatever was agreed on (RFC 3264 §8.3.2)."""

    async def scene(other: AudioFormat) -> None:
        alice = await calls.phone("alice", PCMA)
        alice.tell_engine(accepts=(PCMU, G722))
        bob = await calls.phone(other.codec.name, other)
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        for audio in (PCMU, G722, PCMA):
            alice.tell_phone(format=audio, accepts=(PCMA,))
            bob.forget()
            await calls.until_talking([(alice, bob)])

    calls.run_together(map(scene, FORMATS))


def test_linear_audio_for_applications(calls: CallStage) -> None:
    async def scene(rate_hz: int, audio: AudioFormat) -> None:
        application = await calls.phone(f"L16/{rate_hz}", AudioFormat(Codec.L16, 96, rate_hz))
        bob = await calls.phone(audio.codec.name, audio)
        calls.call((application, bob))
        await calls.until_talking([(application, bob)])

    calls.run_together(scene(*each) for each in product((8_000, 16_000), FORMATS))


def rtp_of(datagrams: list[bytes]) -> list[RtpPacket]:
    return [RtpPacket.parse(each, 0.0) for each in datagrams if not 200 <= each[1] <= 207]


def noise_instead(datagram: bytes) -> list[bytes]:
    """Of every tenth packet there is only the level of a noise in it, of the others nothing."""
    if 200 <= datagram[1] <= 207:
        return [datagram]
    if int.from_bytes(datagram[2:4]) % 10:
        return []
    return [bytes([0x80, COMFORT_NOISE]) + datagram[2:12] + bytes([NOISE_LEVEL])]


def gaps(ear: Phone, voice: Phone) -> int:
    """Tenths of a second in which the tone was not heard, or not as loud as it should be."""
    samples, rate_hz = ear.all_heard()
    window = rate_hz // 10
    end = min(len(samples), round(STATIONARY_S * rate_hz))
    assert end > rate_hz, "more than a second was recorded"
    sounds = [Sound.of(samples[at : at + window], rate_hz) for at in range(0, end - window, window)]
    is_there = [
        abs(sound.frequency_hz - voice.frequency_hz) <= 20 and sound.rms > TONE_RMS / 3
        for sound in sounds
    ]
    return is_there.count(False)
