"""The capture, read by another reader than the one who wrote it: RFC 791, 768, 9293, 8200."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.storage.capture_file import capture
from callwright.storage.trace import TracedMessage

NODE, PHONE = HostPort("192.0.2.1", 5060), HostPort("10.0.0.1", 5062)
INVITE = b"INVITE sip:bob@example.test SIP/2.0\r\nCall-ID: a\r\n\r\n"
ODD = b"SIP/2.0 100 Trying\r\nCall-ID: a\r\n\r\n!"


@dataclass
class Packet:
    at: tuple[int, int]
    version: int
    protocol: int
    source: tuple[bytes, int]
    target: tuple[bytes, int]
    sequence: int
    payload: bytes


def read(octets: bytes) -> Iterator[Packet]:
    magic, major, minor, _, _, _, link = struct.unpack_from("<IHHiIII", octets)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 1)
    at = 24
    while at < len(octets):
        seconds, micros, stored, length = struct.unpack_from("<IIII", octets, at)
        assert stored == length
        yield dissect(octets[at + 16 : at + 16 + stored], (seconds, micros))
        at += 16 + stored


def dissect(frame: bytes, at: tuple[int, int]) -> Packet:
    kind, packet = frame[12:14], frame[14:]
    if kind == b"\x08\x00":
        version, protocol, ends, rest = 4, packet[9], packet[12:20], packet[20:]
        assert packet[0] == 0x45
        assert int.from_bytes(packet[2:4]) == len(packet)
        assert ones(packet[:20]) == 0xFFFF
    else:
        assert kind == b"\x86\xdd"
        version, protocol, ends, rest = 6, packet[6], packet[8:40], packet[40:]
        assert packet[0] >> 4 == 6
        assert int.from_bytes(packet[4:6]) == len(rest)
    assert ones(ends + struct.pack("!II", len(rest), protocol) + rest) == 0xFFFF, "check sum"
    half = len(ends) // 2
    source_port, target_port = struct.unpack_from("!HH", rest)
    sequence, offset = 0, 8
    if protocol == 6:
        sequence, offset = int.from_bytes(rest[4:8]), (rest[12] >> 4) * 4
    else:
        assert protocol == 17
        assert int.from_bytes(rest[4:6]) == len(rest)
    ends_of = (ends[:half], source_port), (ends[half:], target_port)
    return Packet(at, version, protocol, *ends_of, sequence, rest[offset:])


def ones(octets: bytes) -> int:
    octets += b"\0" * (len(octets) % 2)
    total = sum(int.from_bytes(octets[at : at + 2]) for at in range(0, len(octets), 2))
    while total > 0xFFFF:
        total = total % 0x10000 + total // 0x10000
    return total


def packets(*messages: tuple[bool, Flow, bytes]) -> list[Packet]:
    traced = [
        TracedMessage(1_700_000_000_000_001 + number, is_sent, flow, b"a", data)
        for number, (is_sent, flow, data) in enumerate(messages)
    ]
    return list(read(b"".join(capture(traced))))


def test_datagrams_have_their_ends_and_their_time() -> None:
    flow = Flow("udp", NODE, PHONE)
    first, second = packets((False, flow, INVITE), (True, flow, ODD))
    phone, node = (bytes([10, 0, 0, 1]), 5062), (bytes([192, 0, 2, 1]), 5060)
    assert (first.source, first.target, first.payload) == (phone, node, INVITE)
    assert (second.source, second.target, second.payload) == (node, phone, ODD)
    assert (first.protocol, first.at) == (17, (1_700_000_000, 1))
    assert second.at == (1_700_000_000, 2)


def test_a_stream_counts_its_octets_in_each_direction() -> None:
    flow = Flow("tcp", NODE, PHONE, 3)
    got = packets((False, flow, INVITE), (True, flow, ODD), (False, flow, INVITE))
    assert [packet.protocol for packet in got] == [6, 6, 6]
    assert [packet.sequence for packet in got] == [1, 1, 1 + len(INVITE)]
    assert [packet.payload for packet in got] == [INVITE, ODD, INVITE]


def test_what_was_secured_stands_there_as_sip() -> None:
    flow = Flow("wss", HostPort("192.0.2.1", 8443), PHONE, 3)
    (packet,) = packets((False, flow, INVITE))
    assert packet.target[1] == 5060
    assert packet.payload == INVITE


def test_ipv6_and_names_and_mixed_families() -> None:
    six = HostPort("2001:db8::1", 5060)
    (packet,) = packets((True, Flow("udp", six, HostPort("2001:db8::2", 5060)), INVITE))
    assert (packet.version, packet.source[0][-1], packet.target[0][-1]) == (6, 1, 2)
    (mixed,) = packets((True, Flow("udp", six, PHONE), INVITE))
    assert (mixed.version, mixed.target[0][-4:]) == (6, bytes([10, 0, 0, 1]))
    (named,) = packets((True, Flow("udp", HostPort("pbx.example.test", 5060), PHONE), INVITE))
    assert named.source[0] == bytes(4)


def test_the_largest_message_fits() -> None:
    for transport in ("udp", "tcp"):
        (packet,) = packets((False, Flow(transport, NODE, PHONE), b"x" * 65_535))
        assert len(packet.payload) > 65_000
