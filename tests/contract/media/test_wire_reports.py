"""RTCP reports (RFC 3550 §6) and what is learned from them."""

import asyncio
import struct

import pytest
from tests.contract.media.rtp_stage import Wire
from tests.contract.media.voices import tone

SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, BYE, EXTENDED_REPORT = 200, 201, 202, 203, 207


def packets_of(compound: bytes) -> dict[int, bytes]:
    """Each packet of a compound one by its type; lengths must add up."""
    packets = {}
    while compound:
        assert compound[0] >> 6 == 2
        kind, words = struct.unpack_from("!xBH", compound)
        packets[kind] = compound[: 4 + words * 4]
        compound = compound[4 + words * 4 :]
    return packets


def test_reports_tell_what_was_sent_and_lost_and_give_the_round_trip(wire: Wire) -> None:
    async def scene() -> None:
        alice, bob = await wire.party("alice"), await wire.party("bob")
        wire.engine.bridge(alice.leg, bob.leg)
        alice.talk()
        bob.talk()
        await asyncio.sleep(0.5)
        for lost in range(5):
            alice.send_audio(tone(440, 0.02), lost=lost < 4)
        await alice.rtcp.until(lambda: len(alice.rtcp.datagrams) == 1, within_s=6)
        packets = packets_of(alice.rtcp.datagrams[0][0])
        assert list(packets) == [SENDER_REPORT, DESCRIPTION, EXTENDED_REPORT]
        report = packets[SENDER_REPORT]
        ssrc, ntp, timestamp, sent, octets = struct.unpack_from("!IQIII", report, 4)
        assert ssrc == alice.rtp.packets[0].ssrc
        assert sent == pytest.approx(len(alice.rtp.packets), abs=3)
        assert octets == sent * 160
        newest = alice.rtp.packets[-1].timestamp
        assert abs((timestamp - newest + 0x80000000) % 0x100000000 - 0x80000000) < 800
        source, loss = struct.unpack_from("!II", report, 28)
        assert source == alice.ssrc
        assert loss & 0xFFFFFF == 4
        assert wire.statistics(alice).round_trip_ms is None

        echo = struct.pack("!IIIIII", ssrc, 0, 0, 0, (ntp >> 16) & 0xFFFFFFFF, 0)
        answer = struct.pack("!BBHI", 0x81, RECEIVER_REPORT, 7, alice.ssrc) + echo
        await asyncio.sleep(0.2)
        alice.rtcp.send(answer, alice.port + 1)
        elapsed_ms = (asyncio.get_running_loop().time() - alice.rtcp.datagrams[0][2]) * 1_000
        await asyncio.sleep(0.1)
        round_trip_ms = wire.statistics(alice).round_trip_ms
        assert round_trip_ms is not None
        assert elapsed_ms - 5 <= round_trip_ms <= elapsed_ms + 150

    wire.run(scene())


def test_a_stream_says_good_bye(wire: Wire) -> None:
    async def scene() -> None:
        alice = await wire.party("alice")
        wire.engine.tone(alice.leg, 440, 0, 1)
        await alice.until_hears("440 Hz")
        wire.engine.close_leg(alice.leg)
        await alice.rtcp.until(lambda: len(alice.rtcp.datagrams) == 1)
        packets = packets_of(alice.rtcp.datagrams[0][0])
        assert packets[BYE][4:] == struct.pack("!I", alice.rtp.packets[0].ssrc)

    wire.run(scene())


def test_a_leg_that_never_spoke_is_quiet(wire: Wire) -> None:
    async def scene() -> None:
        alice, bob = await wire.party("alice"), await wire.party("bob")
        wire.engine.close_leg(alice.leg)
        wire.engine.tone(bob.leg, 440, 0, 1)
        await bob.until_hears("440 Hz")
        assert alice.rtcp.datagrams == []

    wire.run(scene())
