"""Legs that share a pair of ports: each hears its own peer, and nobody else's."""

import struct

from tests.contract.media.native_stage import NativeStage

from callwright.media.events import LegClosed

AUDIO = struct.pack("!BBHII", 0x80, 0, 1, 160, 77) + bytes(160)


def test_legs_on_one_port_hear_their_own_peers(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice")
        bob = await native.party("bob", beside=alice)
        carol, dave = await native.party("carol"), await native.party("dave")
        native.engine.bridge(alice.leg, carol.leg)
        native.engine.bridge(bob.leg, dave.leg)
        for party in (alice, bob, carol, dave):
            party.talk()
        await carol.until_hears("alice")
        await dave.until_hears("bob")
        await alice.until_hears("carol")
        await bob.until_hears("dave")
        alice.stop_packets()
        await native.elapse(0.1)
        native.engine.close_leg(alice.leg)
        await native.event(LegClosed)
        await dave.until_hears("bob")
        await bob.until_hears("dave")
        assert (await native.settled(bob)).packets_rejected == 0

    native.run(scene())


def test_a_port_stays_open_until_its_last_leg_is_closed(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice")
        bob = await native.party("bob", beside=alice)
        native.engine.close_leg(alice.leg)
        native.engine.close_leg(bob.leg)
        await native.event(LegClosed, nth=2)
        again = await native.udp_end(port=alice.port)
        assert again is not None

    native.run(scene())


def test_an_unknown_address_becomes_the_only_leg_that_may_expect_it(native: NativeStage) -> None:
    async def scene() -> None:
        heard = await native.party("heard")
        waiting = await native.party("waiting", beside=heard, rtp_port=9)  # behind a NAT
        heard.talk()
        await native.elapse(0.2)
        behind_nat = await native.udp_end()
        behind_nat.send(AUDIO, heard.port)
        native.engine.tone(waiting.leg, 440, 200, 1)
        await behind_nat.until(lambda: len(behind_nat.datagrams) >= 1)
        assert (await native.settled(waiting)).packets_received == 1

    native.run(scene())


def test_an_address_that_two_legs_may_expect_is_nobodys(native: NativeStage) -> None:
    async def scene() -> None:
        one = await native.party("one", rtp_port=9)
        other = await native.party("other", beside=one, rtp_port=11)
        stranger = await native.udp_end()
        stranger.send(AUDIO, one.port)
        assert (await native.settled(one)).packets_received == 0
        assert (await native.settled(other)).packets_received == 0

    native.run(scene())
