"""A STUN client: where the world sees a socket of ours (RFC 8489 §5, §14)."""

import secrets
import socket
from ipaddress import ip_address

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.exchange import ask

STUN_PORT = 3_478
HEADER_BYTES = 20
_COOKIE = b"\x21\x12\xa4\x42"
_BINDING_REQUEST, _BINDING_SUCCESS = b"\x00\x01", b"\x01\x01"
_MAPPED_ADDRESS, _XOR_MAPPED_ADDRESS = 0x0001, 0x0020
_ADDRESS_BYTES = {1: 4, 2: 16}
"""By family."""


async def seen_from(sender: socket.socket, server: HostPort) -> HostPort | None:
    """Our address as ``server`` sees it; None when it does not say. Raises OSError when nothing
    can be sent."""
    transaction = secrets.token_bytes(12)
    answer = await ask(
        sender,
        binding_request(transaction),
        server,
        lambda data: mapped_address(data, transaction) is not None,
    )
    return None if answer is None else mapped_address(answer.data, transaction)


def binding_request(transaction: bytes) -> bytes:
    """``transaction`` has 12 octets."""
    return _BINDING_REQUEST + b"\x00\x00" + _COOKIE + transaction


def mapped_address(data: bytes, transaction: bytes) -> HostPort | None:
    """What a success response to ``transaction`` says; None when it is no such response."""
    head = data[:HEADER_BYTES]
    if len(head) < HEADER_BYTES or head[:2] != _BINDING_SUCCESS:
        return None
    if head[4:] != _COOKIE + transaction:
        return None
    found: HostPort | None = None
    at, end = HEADER_BYTES, min(len(data), HEADER_BYTES + int.from_bytes(head[2:4]))
    while at + 4 <= end:
        kind, length = int.from_bytes(data[at : at + 2]), int.from_bytes(data[at + 2 : at + 4])
        value = data[at + 4 : min(at + 4 + length, end)]
        if kind == _XOR_MAPPED_ADDRESS:
            return _address(value, head[4:])
        if kind == _MAPPED_ADDRESS:
            found = _address(value, bytes(16))
        at += 4 + length + -length % 4
    return found


def _address(value: bytes, mask: bytes) -> HostPort | None:
    if len(value) < 4 or len(value) != 4 + _ADDRESS_BYTES.get(value[1], 0):
        return None
    port = int.from_bytes(value[2:4]) ^ int.from_bytes(mask[:2])
    octets = bytes(octet ^ key for octet, key in zip(value[4:], mask, strict=False))
    return HostPort(str(ip_address(octets)), port)
