"""Traced messages to a Homer server: HEP, version 3, over UDP.

A packet is ``HEP3``, its length, and chunks of (vendor, type, length, value). What is sent here is
of the general vendor 0 only.
"""

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from callwright.kernel.addresses import HostPort
from callwright.storage.capture_file import TCP, UDP, read_address
from callwright.storage.trace import TracedMessage, TraceLink

MAGIC = b"HEP3"
HEADER_BYTES = 6
PROTOCOL_SIP = 1
FAMILY_V4, FAMILY_V6 = 2, 10
"""As Linux numbers them, whatever runs here."""
PACKET_BYTES_MAX = 65_507
_CHUNK = struct.Struct("!HHH")

IP_FAMILY, IP_PROTOCOL = 0x01, 0x02
SOURCE_V4, TARGET_V4, SOURCE_V6, TARGET_V6 = 0x03, 0x04, 0x05, 0x06
SOURCE_PORT, TARGET_PORT = 0x07, 0x08
SECONDS, MICROSECONDS = 0x09, 0x0A
PROTOCOL, CAPTURE_ID, PASSWORD, PAYLOAD, CORRELATION = 0x0B, 0x0C, 0x0E, 0x0F, 0x11


@dataclass(frozen=True, slots=True)
class HepSettings:
    """Which server, and what we are there."""

    server: HostPort
    """An address or a name."""
    capture_id: int = 2_001
    password: str = field(default="", repr=False)
    """"" for a server that asks for none; HEP sends it in the clear."""


class HepSender:
    """Sends and never waits; what the network does not take is lost (``TraceSink``)."""

    def __init__(self, settings: HepSettings) -> None:
        self.lost = 0
        """Packets that the system did not take."""
        self._settings = settings
        self._socket: socket.socket | None = None

    def write(self, links: Sequence[TraceLink], messages: Sequence[TracedMessage]) -> None:
        """Raises OSError for a server whose name is not known."""
        if self._socket is None:
            self._socket = self._open()
        for message in messages:
            try:
                self._socket.send(encode(message, self._settings))
            except OSError:  # full, or an ICMP error of an earlier one
                self.lost += 1

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _open(self) -> socket.socket:
        server = self._settings.server
        family, kind, _, _, place = socket.getaddrinfo(*server, type=socket.SOCK_DGRAM)[0]
        opened = socket.socket(family, kind)
        opened.setblocking(False)
        try:
            opened.connect(place)
        except OSError:
            opened.close()
            raise
        return opened


def encode(message: TracedMessage, settings: HepSettings) -> bytes:
    """One packet; a message that does not fit into a datagram is cut."""
    flow = message.flow
    source, target = (flow.local, flow.remote) if message.is_sent else (flow.remote, flow.local)
    here, there = read_address(source.host), read_address(target.host)
    is_v6 = 6 in (here.version, there.version)
    seconds, micros = divmod(message.at_us, 1_000_000)
    chunks = [
        _chunk(IP_FAMILY, bytes([FAMILY_V6 if is_v6 else FAMILY_V4])),
        _chunk(IP_PROTOCOL, bytes([TCP if flow.is_reliable else UDP])),
        _chunk(SOURCE_V6 if is_v6 else SOURCE_V4, here.packed.rjust(16 if is_v6 else 4, b"\0")),
        _chunk(TARGET_V6 if is_v6 else TARGET_V4, there.packed.rjust(16 if is_v6 else 4, b"\0")),
        _chunk(SOURCE_PORT, source.port.to_bytes(2, "big")),
        _chunk(TARGET_PORT, target.port.to_bytes(2, "big")),
        _chunk(SECONDS, seconds.to_bytes(4, "big")),
        _chunk(MICROSECONDS, micros.to_bytes(4, "big")),
        _chunk(PROTOCOL, bytes([PROTOCOL_SIP])),
        _chunk(CAPTURE_ID, settings.capture_id.to_bytes(4, "big")),
    ]
    if settings.password:
        chunks.append(_chunk(PASSWORD, settings.password.encode()))
    if message.call:
        chunks.append(_chunk(CORRELATION, message.call.encode()))
    room = PACKET_BYTES_MAX - HEADER_BYTES - _CHUNK.size - sum(map(len, chunks))
    chunks.append(_chunk(PAYLOAD, message.data[:room]))
    body = b"".join(chunks)
    return MAGIC + (HEADER_BYTES + len(body)).to_bytes(2, "big") + body


def _chunk(kind: int, value: bytes) -> bytes:
    return _CHUNK.pack(0, kind, _CHUNK.size + len(value)) + value
