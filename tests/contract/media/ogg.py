"""Reads the pages of an Ogg Opus file by their definition (RFC 3533 §6, RFC 7845 §5.1)."""

import struct
from dataclasses import dataclass
from pathlib import Path

LAST = 4


@dataclass(frozen=True, slots=True)
class OggOpus:
    """What the pages promise; a page that is cut off is not among them."""

    channels: int
    duration_ms: float
    packets: int
    is_ended: bool


def read_ogg(path: Path) -> OggOpus:
    content = path.read_bytes()
    at, number, packets, granule, flags, head = 0, 0, 0, 0, 0, b""
    while at + 27 <= len(content):
        magic, version, flags_now, granule_now, _, sequence, crc, segments = struct.unpack_from(
            "<4sBBqIIIB", content, at
        )
        lacing = content[at + 27 : at + 27 + segments]
        end = at + 27 + segments + sum(lacing)
        if end > len(content):
            break
        assert (magic, version, sequence) == (b"OggS", 0, number)
        page = content[at:end]
        assert crc == _checksum(page[:22] + bytes(4) + page[26:])
        if number == 0:
            head = page[27 + segments :]
        elif number > 1:
            packets += sum(octets < 255 for octets in lacing)
        granule, flags = granule_now, flags_now
        at, number = end, number + 1
    assert head.startswith(b"OpusHead\x01")
    (pre_skip,) = struct.unpack_from("<H", head, 10)
    return OggOpus(head[9], max(granule - pre_skip, 0) / 48, packets, bool(flags & LAST))


def _checksum(page: bytes) -> int:
    value = 0
    for octet in page:
        value ^= octet << 24
        for _ in range(8):
            value = (value << 1 ^ (0x104C11DB7 if value >> 31 else 0)) & 0xFFFFFFFF
    return value
