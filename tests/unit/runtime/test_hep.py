"""HEP packets, read by a decoder of their own."""

import socket
import struct

from callwright.kernel.addresses import HostPort
from callwright.runtime.hep import HepSender, HepSettings, encode
from callwright.sip.flow import Flow
from callwright.storage.trace import TracedMessage

NODE, PHONE = HostPort("192.0.2.1", 5060), HostPort("10.0.0.1", 5062)
BYE = b"BYE sip:bob@example.test SIP/2.0\r\nCall-ID: a\r\n\r\n"
SERVER = HostPort("127.0.0.1", 9060)


def chunks_of(packet: bytes) -> dict[int, bytes]:
    assert packet[:4] == b"HEP3"
    assert int.from_bytes(packet[4:6]) == len(packet)
    found: dict[int, bytes] = {}
    at = 6
    while at < len(packet):
        vendor, kind, length = struct.unpack_from("!HHH", packet, at)
        assert vendor == 0
        found[kind] = packet[at + 6 : at + length]
        at += length
    return found


def message(flow: Flow, *, is_sent: bool = False, call: str = "call_1") -> TracedMessage:
    return TracedMessage(1_700_000_000_000_123, is_sent, flow, b"a", BYE, call)


def test_a_packet_says_who_what_and_when() -> None:
    packet = encode(message(Flow("udp", NODE, PHONE)), HepSettings(SERVER, 7, "hush"))
    chunks = chunks_of(packet)
    assert (chunks[0x01], chunks[0x02], chunks[0x0B]) == (b"\x02", b"\x11", b"\x01")
    assert (chunks[0x03], chunks[0x04]) == (bytes([10, 0, 0, 1]), bytes([192, 0, 2, 1]))
    assert (chunks[0x07], chunks[0x08]) == (struct.pack("!H", 5062), struct.pack("!H", 5060))
    assert struct.unpack("!II", chunks[0x09] + chunks[0x0A]) == (1_700_000_000, 123)
    assert (chunks[0x0C], chunks[0x0E]) == (b"\0\0\0\x07", b"hush")
    assert (chunks[0x0F], chunks[0x11]) == (BYE, b"call_1")


def test_without_a_password_and_a_call_there_are_no_such_chunks() -> None:
    packet = encode(message(Flow("udp", NODE, PHONE), call=""), HepSettings(SERVER))
    assert not {0x0E, 0x11} & chunks_of(packet).keys()


def test_what_is_sent_over_ipv6_and_a_stream() -> None:
    flow = Flow("tls", HostPort("2001:db8::1", 5061), HostPort("2001:db8::2", 40_000), 1)
    chunks = chunks_of(encode(message(flow, is_sent=True), HepSettings(SERVER)))
    assert (chunks[0x01], chunks[0x02]) == (b"\x0a", b"\x06")
    assert (chunks[0x05][-1], chunks[0x06][-1], len(chunks[0x05])) == (1, 2, 16)
    assert not {0x03, 0x04} & chunks.keys()


def test_a_message_too_long_for_a_datagram_is_cut() -> None:
    long = TracedMessage(0, True, Flow("tcp", NODE, PHONE, 1), b"a", b"x" * 65_535)
    packet = encode(long, HepSettings(SERVER))
    assert len(packet) <= 65_507
    assert len(chunks_of(packet)[0x0F]) > 65_000


def test_a_server_gets_them_and_one_that_is_away_harms_nobody() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        address = HostPort(*server.getsockname())
        sender = HepSender(HepSettings(address))
        sender.write([], [message(Flow("udp", NODE, PHONE))])
        assert chunks_of(server.recv(65_535))[0x0F] == BYE
    for _ in range(3):
        sender.write([], [message(Flow("udp", NODE, PHONE))])
    sender.close()


def test_the_password_is_in_no_log() -> None:
    assert "hush" not in repr(HepSettings(SERVER, 7, "hush"))
