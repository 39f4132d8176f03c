"""Telephone events packet by packet (RFC 4733)."""

import struct
from itertools import pairwise

from tests.contract.media.rtp_end import RtpPacket
from tests.contract.media.rtp_stage import Wire

from callwright.media.events import DtmfReceived


def durations(packets: list[RtpPacket]) -> list[tuple[int, bool, int]]:
    """Code, end bit and duration of each."""
    read = [struct.unpack("!BBH", packet.payload) for packet in packets]
    return [(code, bool(flags & 0x80), duration) for code, flags, duration in read]


def test_a_key_grows_and_ends_three_times(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        wire.engine.send_dtmf(alice.leg, "#")
        await alice.rtp.until(lambda: len(alice.events) == 7)
        growing = [(11, False, 160 * step) for step in range(1, 5)]
        assert durations(alice.events) == growing + [(11, True, 800)] * 3
        assert [packet.marker for packet in alice.events] == [True] + [False] * 6
        assert len({packet.timestamp for packet in alice.events}) == 1

    wire.run(scene())


def test_keys_lie_fifty_milliseconds_apart(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        wire.engine.send_dtmf(alice.leg, "12", duration_ms=80)
        await alice.rtp.until(lambda: len(alice.events) == 12)
        last_of_first, first_of_second = alice.events[5], alice.events[6]
        step = (first_of_second.timestamp - last_of_first.timestamp) & 0xFFFFFFFF
        assert step >= 640 + 400, "the second key begins after the first one and the pause"

    wire.run(scene())


def test_audio_is_silent_during_a_key(wire: Wire) -> None:
    async def scene() -> None:
        alice, bob = await wire.party("alice"), await wire.party("bob")
        wire.engine.bridge(alice.leg, bob.leg)
        bob.talk()
        await alice.until_hears("bob")
        wire.engine.send_dtmf(alice.leg, "1")
        await alice.rtp.until(lambda: len(alice.events) == 7)
        await alice.rtp.until(lambda: alice.rtp.packets[-1] in alice.audio)
        kinds = [packet.payload_type for packet in alice.rtp.packets]
        first = kinds.index(101)
        assert kinds[first : first + 7] == [101] * 7
        sequences = [packet.sequence for packet in alice.rtp.packets]
        assert all((b - a) & 0xFFFF == 1 for a, b in pairwise(sequences))

    wire.run(scene())


def test_the_payload_type_of_each_side_is_used(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice", dtmf_payload_type=96)
        bob = await wire.party("bob")
        wire.engine.bridge(alice.leg, bob.leg)
        await alice.press("5")
        await bob.rtp.until(lambda: len(bob.events) == 7)
        growing = [(5, False, 160 * step) for step in range(1, 5)]
        assert durations(bob.events) == growing + [(5, True, 800)] * 3
        assert len({packet.timestamp for packet in bob.events}) == 1
        wire.engine.send_dtmf(alice.leg, "1")
        await alice.rtp.until(lambda: len(alice.rtp.packets) == 7)
        assert {packet.payload_type for packet in alice.rtp.packets} == {96}

    wire.run(scene())


def test_a_key_is_heard_from_its_last_packet_alone(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        alice.send_event("9", duration=800, end=True)
        alice.send_event("9", duration=800, end=True)
        alice.timestamp += 2_000
        alice.send_event("A", duration=160, end=False, first=True)
        await wire.event(DtmfReceived, nth=2)
        assert [event.digit for event in wire.events] == ["9", "A"]

    wire.run(scene())


def test_other_events_and_unagreed_types_are_no_keys(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        alice.send_packet(101, struct.pack("!BBH", 16, 10, 160))  # flash
        alice.send_packet(101, b"\x01")
        alice.send_packet(96, struct.pack("!BBH", 3, 10, 160))
        alice.timestamp += 4_000
        await alice.press("0")
        await wire.event(DtmfReceived)
        assert wire.events == [DtmfReceived(alice.leg, "0")]

    wire.run(scene())
