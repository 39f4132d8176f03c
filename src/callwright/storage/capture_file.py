"""Traced messages as a PCAP, which Wireshark and `tcpdump -r` read.

Only the messages were kept, so the headers around them are made: Ethernet without meaning, IP, and
UDP or TCP. A TCP segment holds one message. What came over TLS or a WebSocket stands there in the
clear and with our port as 5060, for otherwise it would be taken for what it is not any longer.
"""

import struct
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

from callwright.kernel.addresses import HostPort
from callwright.storage.trace import TracedMessage

MAGIC_MICROSECONDS = 0xA1B2C3D4
LINK_TYPE_ETHERNET = 1
SNAPSHOT_BYTES = 262_144
SIP_PORT = 5_060
_ETHERNET = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01"
UDP, TCP = 17, 6
UDP_PAYLOAD_MAX = 65_535 - 20 - 8
TCP_PAYLOAD_MAX = 65_535 - 20 - 20
_PUSH_ACK = 0x18
_WINDOW = 65_535
_UNKNOWN = IPv4Address(0)

Address = IPv4Address | IPv6Address


def capture(messages: Iterable[TracedMessage]) -> Iterator[bytes]:
    """Yields the file in pieces: its header, then a packet for each message."""
    yield struct.pack(
        "<IHHiIII", MAGIC_MICROSECONDS, 2, 4, 0, 0, SNAPSHOT_BYTES, LINK_TYPE_ETHERNET
    )
    streams: dict[tuple[object, ...], int] = {}
    """Octets so far in one direction of a connection."""
    for message in messages:
        packet = _packet(message, streams)
        seconds, micros = divmod(message.at_us, 1_000_000)
        yield struct.pack("<IIII", seconds, micros, len(packet), len(packet))
        yield packet


def _packet(message: TracedMessage, streams: dict[tuple[object, ...], int]) -> bytes:
    flow = message.flow
    near, far = flow.local, flow.remote
    if flow.is_secure or flow.is_web:
        near = HostPort(near.host, SIP_PORT)
    source, target = (near, far) if message.is_sent else (far, near)
    ends = read_address(source.host), read_address(target.host)
    if ends[0].version != ends[1].version:
        ends = _mapped(ends[0]), _mapped(ends[1])
    ports = struct.pack("!HH", source.port, target.port)
    if flow.is_reliable:
        here, there = (flow.transport, source, target), (flow.transport, target, source)
        sequence, acknowledged = streams.get(here, 0), streams.get(there, 0)
        payload = message.data[:TCP_PAYLOAD_MAX]
        streams[here] = sequence + len(payload)
        segment = ports + struct.pack(
            "!IIBBHHH",
            (sequence + 1) & 0xFFFF_FFFF,
            (acknowledged + 1) & 0xFFFF_FFFF,
            5 << 4,
            _PUSH_ACK,
            _WINDOW,
            0,
            0,
        )
        return _framed(*ends, TCP, segment + payload, check_sum_at=16)
    payload = message.data[:UDP_PAYLOAD_MAX]
    return _framed(
        *ends, UDP, ports + struct.pack("!HH", 8 + len(payload), 0) + payload, check_sum_at=6
    )


def read_address(host: str) -> Address:
    """0.0.0.0 for what is no address."""
    try:
        return ip_address(host)
    except ValueError:
        return _UNKNOWN


def _mapped(address: Address) -> IPv6Address:
    if isinstance(address, IPv6Address):
        return address
    return IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)


def _framed(
    source: Address, target: Address, protocol: int, segment: bytes, *, check_sum_at: int
) -> bytes:
    ends = source.packed + target.packed
    pseudo = ends + struct.pack("!II", len(segment), protocol)
    total = _check_sum(pseudo + segment) or 0xFFFF
    segment = b"".join(
        (segment[:check_sum_at], struct.pack("!H", total), segment[check_sum_at + 2 :])
    )
    if source.version == 6:
        header = struct.pack("!IHBB", 6 << 28, len(segment), protocol, 64) + ends
        return _ETHERNET + b"\x86\xdd" + header + segment
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0x4000, 64, protocol, 0) + ends
    head = head[:10] + struct.pack("!H", _check_sum(head)) + head[12:]
    return _ETHERNET + b"\x08\x00" + head + segment


def _check_sum(octets: bytes) -> int:
    """RFC 1071."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
