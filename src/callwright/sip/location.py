"""Where a SIP server is (RFC 3263), without I/O: questions for the DNS come out, records go in.

``locate`` is a generator. Whoever runs it answers each ``Question``; what it returns does not
change until the records expire. ``in_order`` then chooses anew for each use (RFC 2782).
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import ip_address
from typing import NamedTuple

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.destinations import LOCATION_TARGETS_MAX

ANY = ""
"""No transport is wished for: the DNS says which."""
_PORTS = {"udp": 5_060, "tcp": 5_060, "tls": 5_061}
_NAPTR_SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
_SRV_NAMES = {"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}
_BY_DEFAULT = ("udp", "tcp", "tls")
"""In the order that is tried where no NAPTR says another (RFC 3263 §4.1)."""


class Wish(NamedTuple):
    """What is known of a server before anybody was asked."""

    host: str
    """A name or an address."""
    port: int = 0
    """0: none was written, so the DNS may say it."""
    transport: str = ANY
    """``udp``, ``tcp``, ``tls`` or ``ANY``."""

    @property
    def is_numeric(self) -> bool:
        return is_numeric(self.host)


class Kind(Enum):
    NAPTR = "NAPTR"
    SRV = "SRV"
    ADDRESS = "address"
    """A and AAAA together."""


class Question(NamedTuple):
    name: str
    kind: Kind


class Naptr(NamedTuple):
    """RFC 3403; only terminal ``s`` rules are of use to SIP."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class Srv(NamedTuple):
    """RFC 2782."""

    priority: int
    weight: int
    port: int
    target: str


Records = Sequence[Naptr | Srv | str]
"""The answer to a question, of its kind; addresses are text."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address that a request can be sent to."""

    transport: str
    address: HostPort
    server_name: str | None = None
    """What a TLS certificate must speak for (RFC 5922 §4); None: the address itself."""
    rank: tuple[int, ...] = ()
    """The lowest ones are to be tried first."""
    weight: int = 0
    """Share among those of equal rank (RFC 2782)."""

    def __str__(self) -> str:
        return f"{self.transport}:{self.address}"


Location = tuple[Target, ...]
_Service = tuple[tuple[int, ...], str, str]
"""Rank, transport and the name of its SRV records."""


def is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def locate(
    wish: Wish, *, transports: Iterable[str] = _BY_DEFAULT
) -> Generator[Question, Records, Location]:
    """Asks as far as needed and returns every address, at most ``LOCATION_TARGETS_MAX``.

    ``transports`` are those that we speak, the preferred one first. Nothing: the name has no
    address, or offers no transport that we speak.
    """
    name = None if wish.is_numeric else wish.host.rstrip(".").lower()
    if name is None:
        transport = wish.transport or "udp"
        port = wish.port or _PORTS.get(transport, 5_060)
        return (Target(transport, HostPort(str(ip_address(wish.host)), port)),)
    if wish.port:
        transport = wish.transport or "udp"
        return (yield from _addresses(name, name, wish.port, transport, ()))
    services: list[_Service] = []
    if not wish.transport:
        services = yield from _services(name, tuple(transports))
    elif wish.transport in _SRV_NAMES:
        services = [((), wish.transport, _SRV_NAMES[wish.transport] + name)]
    found: list[Target] = []
    for rank, transport, service in services:
        found += yield from _servers(name, service, transport, rank)
    if found:
        return tuple(found[:LOCATION_TARGETS_MAX])
    transport = wish.transport or "udp"
    return (yield from _addresses(name, name, _PORTS.get(transport, 5_060), transport, ()))


def in_order(location: Sequence[Target], chance: Callable[[], float]) -> list[Target]:
    """The order to try: by rank, and inside a rank by weight and luck (RFC 2782, "Weight").

    ``chance`` returns numbers from 0 to less than 1.
    """
    if len(location) < 2:
        return list(location)
    order: list[Target] = []
    for rank in sorted({target.rank for target in location}):
        # Those of weight 0 first, so that they have a very small chance beside others.
        group = sorted((t for t in location if t.rank == rank), key=lambda t: t.weight > 0)
        while len(group) > 1:
            drawn = chance() * sum(target.weight for target in group)
            running = 0
            for target in group:
                running += target.weight
                if running >= drawn:
                    break
            order.append(target)
            group.remove(target)
        order += group
    return order


def _services(name: str, spoken: tuple[str, ...]) -> Generator[Question, Records, list[_Service]]:
    """What the domain offers and we speak (RFC 3263 §4.1)."""
    services: list[_Service] = []
    for record in (yield Question(name, Kind.NAPTR)):
        if isinstance(record, Naptr) and record.flags.lower() == "s":
            transport = _NAPTR_SERVICES.get(record.service.upper(), "")
            service = record.replacement.rstrip(".").lower()
            if service and transport in spoken:
                services.append(((record.order, record.preference), transport, service))
    if services:
        return sorted(services)
    return [((place,), kind, _SRV_NAMES[kind] + name) for place, kind in enumerate(spoken)]


def _servers(
    name: str, service: str, transport: str, rank: tuple[int, ...]
) -> Generator[Question, Records, list[Target]]:
    """The addresses behind one SRV name; a target of "." says that there is no such service."""
    targets: list[Target] = []
    for record in (yield Question(service, Kind.SRV)):
        if isinstance(record, Srv) and record.target.strip("."):
            server = record.target.rstrip(".").lower()
            place = (*rank, record.priority)
            targets += yield from _addresses(
                server, name, record.port, transport, place, record.weight
            )
            if len(targets) >= LOCATION_TARGETS_MAX:
                break
    return targets


def _addresses(
    server: str,
    name: str,
    port: int,
    transport: str,
    rank: tuple[int, ...],
    weight: int = 0,
) -> Generator[Question, Records, Location]:
    """``name`` is what was asked for in the first place: a certificate has to speak for it, not
    for what an unsigned DNS answer made of it (RFC 5922 §4)."""
    addresses = yield Question(server, Kind.ADDRESS)
    return tuple(
        Target(transport, HostPort(text, port), name, rank, weight)
        for text in addresses
        if isinstance(text, str) and is_numeric(text)
    )
