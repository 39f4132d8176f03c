"""What is a source, how failures are counted over hours, and how long a block lasts. No clock."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from callwright.kernel.limits.shield import SHIELD_BLOCK_S

Limit: TypeAlias = tuple[int, float]
"""How many, in how many seconds."""
ADDRESSES_CACHED = 4_096
"""To read an address takes longer than all the rest."""


@lru_cache(ADDRESSES_CACHED)
def source_of(host: str) -> str:
    """The smallest network that one owner has whole: an IPv4 address, an IPv6 /64.

    What is no address is a source of its own by its name.
    """
    return _around(host, 32, 64)


@lru_cache(ADDRESSES_CACHED)
def network_of(host: str) -> str:
    """Where guesses from changing addresses come from: a /24, for IPv6 a /48."""
    return _around(host, 24, 48)


def read_network(text: str) -> str:
    """An address or CIDR as a person writes it, in one form; an IPv6 address means its /64.

    Raises ValueError.
    """
    if "/" not in text:
        return source_of(str(ip_address(text.strip("[]"))))
    return str(ip_network(text, strict=False))


class SlidingCount:
    """How often something happened in the last ``window_s`` seconds, about.

    Two numbers, not a list: the window before the current one counts by the share of it that is
    still inside. It never forgets all at once, as a fixed window would.
    """

    __slots__ = ("_before", "_now", "_since_s", "_window_s")

    def __init__(self, window_s: float, now_s: float) -> None:
        self._window_s = window_s
        self._since_s = now_s
        self._now = 0
        self._before = 0

    def add(self, now_s: float) -> float:
        """Counts one more; returns how many there are now."""
        self._move_to(now_s)
        self._now += 1
        return self.value(now_s)

    def value(self, now_s: float) -> float:
        self._move_to(now_s)
        left = 1 - (now_s - self._since_s) / self._window_s
        return self._now + self._before * left

    def _move_to(self, now_s: float) -> None:
        passed = int((now_s - self._since_s) / self._window_s)
        if passed > 0:
            self._before = self._now if passed == 1 else 0
            self._now = 0
            self._since_s += passed * self._window_s


def block_span_s(offences: int) -> float:
    """How long a network is blocked the nth time: 1 is the first."""
    return SHIELD_BLOCK_S[min(max(offences, 1), len(SHIELD_BLOCK_S)) - 1]


def is_loopback(host: str) -> bool:
    """Who sits on this machine needs no SIP to do harm; a proxy there speaks for many."""
    address = _address(host)
    return address is not None and address.is_loopback


def _around(host: str, v4_bits: int, v6_bits: int) -> str:
    address = _address(host)
    if address is None:
        return host
    bits = v4_bits if isinstance(address, IPv4Address) else v6_bits
    return str(ip_network((address, bits), strict=False))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def is_within(host: str, network: str) -> bool:
    """Whether an address lies in a network; what is no address equals its own name only."""
    address = _address(host)
    if address is None:
        return host == network
    try:
        around = ip_network(network)
    except ValueError:
        return False
    if isinstance(around, IPv6Network) != isinstance(address, IPv6Address):
        return False
    return address in around


def overlap(one: str, other: str) -> bool:
    """Whether two networks have an address in common."""
    try:
        first, second = ip_network(one), ip_network(other)
    except ValueError:
        return one == other
    if isinstance(first, IPv6Network) or isinstance(second, IPv6Network):
        both = isinstance(first, IPv6Network) and isinstance(second, IPv6Network)
        return both and first.overlaps(second)
    return first.overlaps(second)
