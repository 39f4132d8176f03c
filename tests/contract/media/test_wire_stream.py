"""The one stream that a leg sends: numbers that go on, packets on schedule (RFC 3550 §5.1)."""

import asyncio
import time
from itertools import pairwise

import numpy as np
import pytest
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.rtp_end import RtpPacket
from tests.contract.media.rtp_party import RtpParty
from tests.contract.media.rtp_stage import Wire
from tests.contract.media.voices import LAWS, PCMA, PCMU, Samples, decode, encode

from callwright.media.events import DtmfReceived, PlayFinished
from callwright.media.remote import AudioFormat, Codec

FRAME = 160


def assert_continuous(packets: list[RtpPacket]) -> None:
    """One source, no gap in the sequence, time that never goes back."""
    assert len({packet.ssrc for packet in packets}) == 1
    for before, after in pairwise(packets):
        assert after.sequence == (before.sequence + 1) & 0xFFFF
        step = (after.timestamp - before.timestamp) & 0xFFFFFFFF
        assert step < 80_000, f"from {before.timestamp} to {after.timestamp}"


def noise(samples: int) -> Samples:
    return np.random.default_rng(1).integers(-8_000, 8_000, samples, dtype=np.int16)


def test_packets_pass_a_bridge_undecoded(wire: Wire) -> None:
    async def scene() -> None:
        alice, bob = await wire.party("alice"), await wire.party("bob")
        wire.engine.bridge(alice.leg, bob.leg)
        payloads = [bytes([number]) * FRAME for number in range(0, 250, 10)]
        for payload in payloads:
            alice.send_packet(0, payload)
            alice.sequence += 1
            alice.timestamp += FRAME
        await bob.rtp.until(lambda: len(bob.rtp.packets) == len(payloads))
        packets = bob.rtp.packets
        assert [packet.payload for packet in packets] == payloads
        assert [packet.marker for packet in packets] == [True] + [False] * 24
        assert_continuous(packets)
        assert packets[0].ssrc != alice.ssrc
        steps = {
            (after.timestamp - before.timestamp) & 0xFFFFFFFF for before, after in pairwise(packets)
        }
        assert steps == {FRAME}, "over the wrap, too"

    wire.run(scene())


@pytest.mark.parametrize("law", LAWS)
def test_the_other_law_is_transcoded(wire: Wire, law: AudioFormat) -> None:
    async def scene() -> None:
        other = PCMA if law is PCMU else PCMU
        alice = await wire.party("alice", format=law)
        bob = await wire.party("bob", format=other)
        wire.engine.bridge(alice.leg, bob.leg)
        said = np.linspace(-30_000, 30_000, FRAME).astype(np.int16)
        alice.send_audio(said)
        await bob.rtp.until(lambda: len(bob.rtp.packets) == 1)
        packet = bob.rtp.packets[0]
        assert packet.payload_type == other.payload_type
        heard = decode(other.codec, packet.payload).astype(int)
        assert np.all(np.abs(heard - said) <= 40 + np.abs(said.astype(int)) // 12)

    wire.run(scene())


def test_markers_and_gaps_are_passed_on(wire: Wire) -> None:
    async def scene() -> None:
        alice, bob = await wire.party("alice"), await wire.party("bob")
        wire.engine.bridge(alice.leg, bob.leg)
        for number in range(4):
            alice.send_audio(noise(FRAME), lost=number == 2)
        alice.send_packet(0, bytes(FRAME), marker=True)
        await bob.rtp.until(lambda: len(bob.rtp.packets) == 4)
        packets = bob.rtp.packets
        offsets = [(packet.sequence - packets[0].sequence) & 0xFFFF for packet in packets]
        assert offsets == [0, 1, 3, 4]
        assert [packet.marker for packet in packets] == [True, False, False, True]
        assert (await wire.settled(alice)).packets_lost == 1

    wire.run(scene())


@pytest.mark.parametrize(("from_ms", "to_ms"), [(20, 30), (60, 20), (10, 20), (30, 40), (20, 60)])
def test_packet_times_are_changed(wire: Wire, from_ms: int, to_ms: int) -> None:
    async def scene() -> None:
        alice = await wire.party("alice", ptime_ms=from_ms)
        bob = await wire.party("bob", ptime_ms=to_ms)
        wire.engine.bridge(alice.leg, bob.leg)
        said = noise(8 * 240)
        for start in range(0, len(said), 8 * from_ms):
            alice.send_audio(said[start : start + 8 * from_ms])
        await bob.rtp.until(lambda: len(bob.rtp.packets) == 240 // to_ms)
        packets = bob.rtp.packets
        assert {len(packet.payload) for packet in packets} == {8 * to_ms}
        assert_continuous(packets)
        assert b"".join(packet.payload for packet in packets) == encode(Codec.PCMU, said)

    wire.run(scene())


def test_the_stream_goes_on_through_plays_bridges_tones_and_keys(wire: Wire) -> None:
    async def scene() -> None:
        alice, bob, carol = [await wire.party(name) for name in ("alice", "bob", "carol")]
        engine = wire.engine
        engine.play(alice.leg, [wire.prompt("welcome", 0.2)], loop=False, token=1)
        await wire.event(PlayFinished)
        engine.bridge(alice.leg, bob.leg)
        bob.talk()
        await alice.until_hears("bob")
        engine.play(alice.leg, [wire.prompt("music", 9)], loop=True, token=2)
        await alice.until_hears("music")
        engine.send_dtmf(alice.leg, "5")
        await alice.until_digits("5")
        await alice.until_hears("music")
        engine.stop_play(alice.leg)
        await alice.until_hears("bob")
        engine.bridge(carol.leg, alice.leg)
        carol.talk()
        await alice.until_hears("carol")
        engine.tone(alice.leg, 1_500, 100, 3)
        await wire.event(PlayFinished, nth=2)
        await alice.until_hears("carol")
        assert_continuous(alice.rtp.packets)
        assert len(alice.rtp.packets) > 20

    wire.run(scene())


def test_a_play_keeps_to_the_clock(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        wire.engine.tone(alice.leg, 1_000, 1_000, 1)
        await wire.event(PlayFinished)
        packets = alice.rtp.packets
        assert len(packets) == 50
        assert packets[0].marker
        assert not any(packet.marker for packet in packets[1:])
        first = packets[0]
        for number, packet in enumerate(packets):
            assert (packet.timestamp - first.timestamp) & 0xFFFFFFFF == number * FRAME
        assert packets[-1].at_s - first.at_s == pytest.approx(0.98, abs=0.15)

    wire.run(scene())


@pytest.mark.parametrize("ptime_ms", [10, 30, 60])
def test_a_play_uses_the_agreed_packet_time(wire: Wire, ptime_ms: int) -> None:
    async def scene() -> None:
        alice = await wire.party("alice", ptime_ms=ptime_ms)
        wire.engine.tone(alice.leg, 1_000, 600, 1)
        await wire.event(PlayFinished)
        assert [len(packet.payload) for packet in alice.rtp.packets] == [8 * ptime_ms] * (
            600 // ptime_ms
        )
        assert_continuous(alice.rtp.packets)

    wire.run(scene())


def test_a_busy_interpreter_delays_no_audio(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice")
        music = native.prompt("music", 5)
        native.engine.play(alice.leg, [music], loop=False, token=1)
        await alice.until_hears("music")
        before = native.engine.statistics(alice.leg)
        _keep_the_interpreter_busy(0.4)
        after = native.engine.statistics(alice.leg)
        assert before is not None
        assert after is not None
        assert after.packets_sent - before.packets_sent == pytest.approx(20, abs=3)

    native.run(scene())


def _keep_the_interpreter_busy(seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1_000))


def test_two_laws_share_a_prompt(wire: Wire) -> None:
    async def scene() -> None:
        parties: list[RtpParty] = [
            await wire.party(law.codec.name, format=law, ptime_ms=ptime_ms)
            for law in LAWS
            for ptime_ms in (20, 30)
        ]
        music = wire.prompt("music", 0.5)
        for party in parties:
            wire.engine.play(party.leg, [music], loop=False, token=1)
        await asyncio.gather(*(party.until_hears("music") for party in parties))
        await wire.event(PlayFinished, nth=len(parties))

    wire.run(scene())


def test_noise_on_the_ports_harms_nobody(wire: Wire) -> None:
    async def scene() -> None:
        alice, bob = await wire.party("alice"), await wire.party("bob")
        wire.engine.bridge(alice.leg, bob.leg)
        rng = np.random.default_rng(7)
        for _ in range(2_000):
            head = bytes([rng.choice([0x80, 0x90, 0xB0, 0x9F, 0x00]), rng.choice([0, 8, 101, 200])])
            rubbish = head + rng.bytes(int(rng.integers(0, 60)))
            alice.rtp.send(rubbish, alice.port)
            alice.rtp.send(rubbish, alice.port + 1)
        bob.talk()
        await alice.until_hears("bob")
        await bob.press("1")
        await wire.event(DtmfReceived)
        statistics = wire.engine.statistics(alice.leg)
        assert statistics is not None
        assert statistics.packets_rejected > 0

    wire.run(scene())
