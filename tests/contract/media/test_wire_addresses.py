"""Where packets may come from and where they go: symmetric RTP (RFC 4961) with a latch."""

import pytest
from tests.contract.media.native_stage import NativeStage
from tests.contract.media.rtp_end import UdpEnd
from tests.contract.media.rtp_party import RtpParty

PACKET = bytes([0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]) + bytes([0xFF]) * 160


async def received(stage: NativeStage, party: RtpParty) -> tuple[int, int]:
    statistics = await stage.settled(party)
    return statistics.packets_received, statistics.packets_rejected


async def arrives_at(end: UdpEnd, nth: int = 1) -> None:
    await end.until(lambda: len(end.datagrams) >= nth)


def test_audio_goes_where_signalled_until_something_arrives(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice")
        elsewhere = await native.udp_end()
        native.engine.tone(alice.leg, 440, 0, 1)
        await arrives_at(alice.rtp, 5)
        elsewhere.send(PACKET, alice.port)
        await arrives_at(elsewhere, 5)
        seen = len(alice.rtp.datagrams)
        await arrives_at(elsewhere, 15)
        assert len(alice.rtp.datagrams) == seen

    native.run(scene())


def test_strangers_are_counted_and_not_heard(native: NativeStage) -> None:
    async def scene() -> None:
        alice, bob = await native.party("alice"), await native.party("bob")
        native.engine.bridge(alice.leg, bob.leg)
        stranger = await native.udp_end("127.0.0.2")
        for _ in range(10):
            stranger.send(PACKET, alice.port)
        alice.talk()
        await bob.until_hears("alice")
        assert (await received(native, alice))[1] == 10
        assert stranger.datagrams == []

    native.run(scene())


def test_a_second_port_is_a_stranger_while_the_first_one_speaks(native: NativeStage) -> None:
    async def scene() -> None:
        alice, bob = await native.party("alice"), await native.party("bob")
        native.engine.bridge(alice.leg, bob.leg)
        alice.talk()
        await bob.until_hears("alice")
        second = await native.udp_end()
        second.send(PACKET, alice.port)
        await native.elapse(0.1)
        assert (await received(native, alice))[1] == 1

    native.run(scene())


def test_another_port_is_taken_when_the_first_one_fell_silent(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice", rtp_port=9)  # nobody is there
        one, other = await native.udp_end(), await native.udp_end()
        one.send(PACKET, alice.port)
        await native.elapse(1.0)
        other.send(PACKET, alice.port)
        assert await received(native, alice) == (1, 1)
        await native.elapse(1.0)
        other.send(PACKET, alice.port)
        native.engine.tone(alice.leg, 440, 100, 1)
        await arrives_at(other)
        assert await received(native, alice) == (2, 1)

    native.run(scene())


def test_the_address_of_the_signalling_is_accepted_too(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice", ip="127.0.0.9", also_accept="127.0.0.3")
        behind_nat = await native.udp_end("127.0.0.3")
        behind_nat.send(PACKET, alice.port)
        native.engine.tone(alice.leg, 440, 200, 1)
        await arrives_at(behind_nat)
        assert await received(native, alice) == (1, 0)

    native.run(scene())


def test_a_changed_address_latches_anew(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice")
        native.engine.tone(alice.leg, 440, 0, 1)
        alice.talk()
        await arrives_at(alice.rtp, 5)
        alice.stop_packets()
        moved = await native.udp_end("127.0.0.4")
        alice.change(ip="127.0.0.4", rtp_port=moved.port)
        await arrives_at(moved, 3)
        moved.send(PACKET, alice.port)
        alice.rtp.send(PACKET, alice.port)
        await arrives_at(moved, 10)
        assert (await received(native, alice))[1] == 1

    native.run(scene())


def test_hold_and_resume_keep_the_latch(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice", rtp_port=9)
        phone = await native.udp_end()
        phone.send(PACKET, alice.port)
        alice.change(send=False)
        alice.change(send=True)
        native.engine.tone(alice.leg, 440, 200, 1)
        await arrives_at(phone)

    native.run(scene())


@pytest.mark.parametrize("changes", [{"ip": "0.0.0.0"}, {"rtp_port": 0}])
def test_nowhere_is_sent_nothing(native: NativeStage, changes: dict[str, object]) -> None:
    async def scene() -> None:
        alice = await native.party("alice", **changes)
        native.engine.tone(alice.leg, 440, 100, 1)
        await native.elapse(0.2)
        statistics = native.engine.statistics(alice.leg)
        assert statistics is not None
        assert statistics.packets_sent == 0

    native.run(scene())


def test_an_address_that_is_none_changes_nothing(native: NativeStage) -> None:
    async def scene() -> None:
        alice = await native.party("alice")
        alice.change(ip="phone.example.com")
        assert native.engine.ignored_commands == 1
        native.engine.tone(alice.leg, 440, 100, 1)
        await arrives_at(alice.rtp)

    native.run(scene())
