"""Keep-alives over UDP: STUN on the SIP port (RFC 5626 §8), and our own pings to phones that a NAT
box hides (RFC 4787 §4.3)."""

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv6Address

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.registrations import NAT_KEEP_ALIVE_SLOTS
from callwright.sip.flow import Flow

STUN_HEADER_BYTES = 20
STUN_BYTES_MAX = 548
"""RFC 8489 §6.1: what fits every path unfragmented."""
_COOKIE = b"\x21\x12\xa4\x42"
_BINDING_REQUEST = b"\x00\x01"
_BINDING_SUCCESS = b"\x01\x01"
_XOR_MAPPED_ADDRESS = b"\x00\x20"
_IPV4, _IPV6 = 1, 2


def answer_to_stun(data: bytes, remote: HostPort) -> bytes | None:
    """The answer to a STUN binding request: where it came from (RFC 8489 §14.2).

    None: it is none, and nothing may be said. A request's attributes are not needed, so they are
    not read; the length alone has to be right.
    """
    if not is_stun(data) or data[:2] != _BINDING_REQUEST:
        return None
    address = _octets(remote.host)
    if address is None:
        return None
    mask = data[4:STUN_HEADER_BYTES]
    port = (remote.port ^ int.from_bytes(mask[:2], "big")).to_bytes(2, "big")
    hidden = bytes(octet ^ key for octet, key in zip(address, mask, strict=False))
    family = _IPV4 if len(address) == 4 else _IPV6
    value = bytes((0, family)) + port + hidden
    attribute = _XOR_MAPPED_ADDRESS + len(value).to_bytes(2, "big") + value
    return _BINDING_SUCCESS + len(attribute).to_bytes(2, "big") + mask + attribute


def is_stun(data: bytes) -> bool:
    """A whole STUN message: no SIP message begins with an octet below 4 (RFC 8489 §6)."""
    return (
        STUN_HEADER_BYTES <= len(data) <= STUN_BYTES_MAX
        and data[0] < 4
        and data[4:8] == _COOKIE
        and int.from_bytes(data[2:4], "big") == len(data) - STUN_HEADER_BYTES
    )


def _octets(host: str) -> bytes | None:
    if ":" in host:
        return _ipv6_octets(host.partition("%")[0])
    parts = host.split(".")
    if len(parts) != 4 or not all(part.isdecimal() and int(part) < 256 for part in parts):
        return None
    return bytes(int(part) for part in parts)


def _ipv6_octets(host: str) -> bytes | None:
    try:
        return IPv6Address(host).packed
    except ValueError:
        return None


class Pinholes:
    """The UDP paths through NAT boxes that phones are reached by, dealt into slots so that each
    turn of the wheel serves as many."""

    __slots__ = ("_count", "_slots")

    def __init__(self, slots: int = NAT_KEEP_ALIVE_SLOTS) -> None:
        self._slots: list[Counter[Flow]] = [Counter() for _ in range(slots)]
        """How many bindings need the flow; none at zero."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, flow: Flow) -> bool:
        return flow in self._slot_of(flow)

    def add(self, flow: Flow) -> None:
        slot = self._slot_of(flow)
        if flow not in slot:
            self._count += 1
        slot[flow] += 1

    def discard(self, flow: Flow) -> None:
        slot = self._slot_of(flow)
        if flow not in slot:
            return
        slot[flow] -= 1
        if not slot[flow]:
            del slot[flow]
            self._count -= 1

    def slot(self, number: int) -> Iterable[Flow]:
        """The flows whose turn it is; ``number`` goes round."""
        return self._slots[number % len(self._slots)]

    def _slot_of(self, flow: Flow) -> Counter[Flow]:
        # By address, so that a phone keeps its turn when it registers again, and no two runs of
        # a simulation differ: the hash of text is another one in each process.
        remote = flow.remote
        return self._slots[(remote.port + sum(map(ord, remote.host))) % len(self._slots)]
