"""SRTP as peers notice it: with the agreed keys audio passes, with anything else it does not."""

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.media.call_stage import CallStage
from tests.contract.media.relay_wire import RelayWire
from tests.contract.media.sound_phone import G722, OPUS, PCMA, PCMU, Hope

from callwright.media.events import Protected
from callwright.media.remote import Dtls, Sdes, Suite

OTHER_FINGERPRINT = ":".join(["AB"] * 32)
TAG_BYTES = {
    Suite.AES_CM_128_HMAC_SHA1_80: 10,
    Suite.AES_CM_128_HMAC_SHA1_32: 4,
    Suite.AEAD_AES_128_GCM: 16,
    Suite.AEAD_AES_256_GCM: 16,
}
"""RFC 3711 §5.2 and RFC 4568 §6.2; RFC 7714 §14.2."""
RTP_HEADER_BYTES, FRAME_BYTES = 12, 160


@pytest.fixture
def calls(tmp_path: Path) -> CallStage:
    return CallStage(tmp_path)


def is_rtp(datagram: bytes) -> bool:
    return datagram[0] >> 6 == 2 and not 200 <= datagram[1] <= 207


def rtp_of(datagrams: list[bytes]) -> list[bytes]:
    return [datagram for datagram in datagrams if is_rtp(datagram)]


def is_enciphered(datagrams: list[bytes], clear: list[bytes]) -> bool:
    """No payload of the one list begins as one of the other does."""
    seen = {beginning(datagram) for datagram in clear}
    return seen.isdisjoint(beginning(datagram) for datagram in datagrams)


def beginning(datagram: bytes) -> bytes:
    """Of the payload."""
    return datagram[RTP_HEADER_BYTES : RTP_HEADER_BYTES + 16]


def test_each_suite_hides_the_payload_and_adds_its_tag(calls: CallStage) -> None:
    async def scene(suite: Suite) -> None:
        alice, wire = await calls.wired(suite.name, PCMU, suite)
        bob, clear = await calls.wired("bob", PCMU)
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        for hidden, plain in (
            (wire.from_phone, clear.from_engine),
            (wire.from_engine, clear.from_phone),
        ):
            hidden, plain = rtp_of(hidden), rtp_of(plain)
            length = RTP_HEADER_BYTES + FRAME_BYTES
            assert {len(datagram) for datagram in hidden} == {length + TAG_BYTES[suite]}
            assert {len(datagram) for datagram in plain} == {length}
            assert is_enciphered(hidden, plain)

    calls.run_together(map(scene, Suite))


def test_a_handshake_is_told_and_then_both_hear(calls: CallStage) -> None:
    async def scene(phone_begins: bool) -> None:
        alice = await calls.phone("alice", PCMA, "dtls", phone_begins=phone_begins)
        bob = await calls.phone("bob", G722)
        calls.call((alice, bob))
        await calls.until_protected(alice, Protected.ESTABLISHED)
        await calls.until_talking([(alice, bob)])

    calls.run_together(map(scene, (True, False)))


def test_a_handshake_survives_lost_datagrams(calls: CallStage) -> None:
    async def scene() -> None:
        alice, wire = await calls.wired("alice", PCMU)
        bob = await calls.phone("bob", PCMU)
        lost = iter(range(3))
        wire.to_engine = wire.to_phone = lambda datagram: (
            [] if 20 <= datagram[0] <= 63 and next(lost, None) is not None else [datagram]
        )
        alice.protect("dtls")
        alice.agree()
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        assert next(lost, None) is None, "some were lost indeed"

    calls.run(scene())


def test_another_certificate_is_refused_and_nobody_hears(calls: CallStage) -> None:
    async def scene(phone_begins: bool) -> None:
        alice = calls.new_phone("alice")
        alice.protect("dtls", phone_begins=phone_begins)
        theirs = alice.remote.protection
        assert isinstance(theirs, Dtls)
        alice.remote = replace(
            alice.remote, protection=replace(theirs, fingerprint=OTHER_FINGERPRINT)
        )
        alice.agree()
        alice.talk()
        alice.listen()
        bob, wire = await calls.wired("bob", PCMU)
        calls.call((alice, bob))
        await calls.until_protected(alice, Protected.FAILED)
        await calls.until_silent([alice, bob])
        assert rtp_of(wire.from_engine) == []
        assert calls.counted(alice).packets_sent == 0

    calls.run_together(map(scene, (True, False)))


def test_wrong_keys_are_silence_and_are_counted(calls: CallStage) -> None:
    async def scene(suite: Suite) -> None:
        alice = await calls.phone("alice", PCMU, suite)
        bob, wire = await calls.wired("bob", PCMA)
        agreed = alice.remote.protection
        assert isinstance(agreed, Sdes)
        other = os.urandom(len(agreed.remote_key))
        alice.tell_engine(protection=replace(agreed, remote_key=other))
        before = calls.counted(alice).packets_rejected
        calls.call((alice, bob))
        await calls.until([Hope(bob, None), Hope(alice, bob)])
        assert rtp_of(wire.from_engine) == []
        await calls.elapse(0.2)
        assert calls.counted(alice).packets_rejected > before + 5
        alice.tell_engine(protection=agreed)
        bob.forget()
        await calls.until_talking([(alice, bob)])

    calls.run_together(map(scene, Suite))


def test_packets_in_clear_are_not_heard_on_a_protected_leg(calls: CallStage) -> None:
    async def scene() -> None:
        alice = await calls.phone("alice", PCMU, Suite.AEAD_AES_128_GCM)
        bob = await calls.phone("bob", PCMU)
        alice.tell_phone(protection=None)
        calls.call((alice, bob))
        await calls.until_silent([bob])
        assert calls.counted(alice).packets_rejected > 5

    calls.run(scene())


def test_nothing_is_sent_in_clear_before_the_keys_are_there(calls: CallStage) -> None:
    async def scene() -> None:
        alice, wire = await calls.wired("alice", PCMU)
        bob = await calls.phone("bob", PCMU)
        wire.to_engine = lambda datagram: []
        alice.protect("dtls")
        wire.from_engine.clear()
        alice.agree()
        calls.call((alice, bob))
        await calls.elapse(0.5)
        assert rtp_of(wire.from_engine) == []
        wire.to_engine = lambda datagram: [datagram]
        await calls.until_talking([(alice, bob)])
        assert is_enciphered(rtp_of(wire.from_engine), [bytes(RTP_HEADER_BYTES) + b"\xff" * 16])

    calls.run(scene())


def test_what_is_repeated_or_forged_is_refused(calls: CallStage) -> None:
    async def scene(protection: Suite | str) -> None:
        alice, wire = await calls.wired("alice", PCMU, protection)
        bob, plain = await calls.wired("bob", PCMU)
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        alice.hush()
        await until_stopped(calls, wire)
        heard = len(rtp_of(plain.from_engine))
        before = calls.counted(alice)
        said = rtp_of(wire.from_phone)[-10:]
        bad = [
            *said,
            *[spoiled(datagram) for datagram in said],
            *[renumbered(each) for each in said],
        ]
        for datagram in bad:
            wire.send_to_engine(datagram)
        await calls.elapse(0.3)
        after = calls.counted(alice)
        assert len(rtp_of(plain.from_engine)) == heard
        assert after.packets_received == before.packets_received
        assert after.packets_rejected - before.packets_rejected == len(bad)
        alice.talk()
        bob.forget()
        await calls.until([Hope(bob, alice)])

    calls.run_together(map(scene, (*Suite, "dtls")))


def test_packets_out_of_order_are_authentic_all_the_same(calls: CallStage) -> None:
    async def scene(protection: Suite | str) -> None:
        alice, wire = await calls.wired("alice", PCMU, protection)
        bob = await calls.phone("bob", OPUS)
        kept: list[bytes] = []

        def swap(datagram: bytes) -> list[bytes]:
            if not is_rtp(datagram):
                return [datagram]
            kept.append(datagram)
            return [kept.pop(), kept.pop()] if len(kept) == 2 else []

        wire.to_engine = swap
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        assert calls.counted(alice).packets_rejected == 0

    calls.run_together(map(scene, (*Suite, "dtls")))


def test_new_keys_in_the_middle_of_a_call(calls: CallStage) -> None:
    """A re-INVITE with other keys, then with the same ones again."""

    async def scene() -> None:
        alice = await calls.phone("alice", PCMU, Suite.AES_CM_128_HMAC_SHA1_80)
        bob = await calls.phone("bob", PCMA, "dtls")
        calls.call((alice, bob))
        await calls.until_talking([(alice, bob)])
        for suite in (Suite.AES_CM_128_HMAC_SHA1_80, Suite.AEAD_AES_256_GCM, None, "dtls"):
            alice.protect(suite)
            alice.agree()
            bob.forget()
            await calls.until_talking([(alice, bob)])
            alice.agree()
            bob.forget()
            await calls.until_talking([(alice, bob)])

    calls.run(scene())


async def until_stopped(calls: CallStage, wire: RelayWire) -> None:
    while True:
        said = len(wire.from_phone)
        await calls.elapse(0.1)
        if len(wire.from_phone) == said:
            return


def spoiled(datagram: bytes) -> bytes:
    """One bit of the payload is another."""
    place = RTP_HEADER_BYTES + 8
    return datagram[:place] + bytes([datagram[place] ^ 1]) + datagram[place + 1 :]


def renumbered(datagram: bytes) -> bytes:
    """As if it were one that still has to come."""
    sequence = struct.unpack_from("!H", datagram, 2)[0]
    later = struct.pack("!H", (sequence + 100) & 0xFFFF)
    return datagram[:2] + later + datagram[4:]
