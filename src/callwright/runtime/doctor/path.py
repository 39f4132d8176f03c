"""How large a datagram gets to a peer, and do fragments arrive?"""

import socket
from contextlib import suppress
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.runtime.doctor.exchange import located, udp_socket
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.sip_question import options

CHECK = "path MTU"
FRAGMENTS_CHECK = "fragments"
SIP_PORT = 5_060
UDP_MESSAGE_BYTES_MAX = 1_300
"""Where SIP has to change to TCP when the path is not known (RFC 3261 §18.1.1)."""
UDP_MESSAGE_MARGIN_BYTES = 200
"""What SIP leaves of a known path for the answer, which is larger (RFC 3261 §18.1.1)."""
ETHERNET_BYTES = 1_500
LARGE_BYTES_MAX = 8_000
"""Enough to be cut on every path but loopback's and jumbo frames'."""
SHRINKS_MAX = 4
"""Routers that may answer one after the other that a packet was too large."""
_IP_HEADERS_BYTES = {socket.AF_INET: 28, socket.AF_INET6: 48}
"""With that of UDP."""
_DISCOVER = {
    socket.AF_INET: (socket.IPPROTO_IP, 10),
    socket.AF_INET6: (socket.IPPROTO_IPV6, 23),
}
_MTU = {socket.AF_INET: (socket.IPPROTO_IP, 14), socket.AF_INET6: (socket.IPPROTO_IPV6, 24)}
_MAY_CUT, _MAY_NOT_CUT = 0, 2
"""Options of Linux that Python does not name: IP_MTU_DISCOVER, IP_MTU and their values."""


@dataclass(frozen=True, slots=True)
class PathSeen:
    peer: HostPort
    problem: str = ""
    """Why nothing was sent."""
    mtu: int | None = None
    """Octets of the largest packet that no router refused; None: not known."""
    answers: bool = False
    """Whether the peer answered a small OPTIONS."""
    large_bytes: int = 0
    large_is_cut: bool = False
    """Whether the large OPTIONS had to be cut."""
    answers_large: bool = False


async def observe(peer: HostPort, host: str) -> PathSeen:
    """Asks the peer small and large OPTIONS from ``host``."""
    try:
        address = await located(peer, host)
        with udp_socket(HostPort(host, 0)) as sender:
            return await _look(sender, peer, address)
    except OSError as error:
        return PathSeen(peer, problem=error.strerror or str(error))


async def _look(sender: socket.socket, peer: HostPort, address: HostPort) -> PathSeen:
    answers = await options(sender, address) is not None
    mtu = await _path_mtu(sender, address)
    large_bytes = min((mtu or ETHERNET_BYTES) + UDP_MESSAGE_MARGIN_BYTES, LARGE_BYTES_MAX)
    _discover(sender, _MAY_CUT)
    answers_large = answers and await options(sender, address, size=large_bytes) is not None
    is_cut = mtu is not None and large_bytes + _IP_HEADERS_BYTES[sender.family] > mtu
    return PathSeen(
        peer, "", mtu, answers, large_bytes, large_is_cut=is_cut, answers_large=answers_large
    )


async def _path_mtu(sender: socket.socket, address: HostPort) -> int | None:
    """The kernel's, after routers had a chance to say that a packet was too large."""
    known = _route_mtu(sender, address)
    for _ in range(SHRINKS_MAX):
        if known is None or known > ETHERNET_BYTES * 10:
            return known
        _discover(sender, _MAY_NOT_CUT)
        size = known - _IP_HEADERS_BYTES[sender.family]
        with suppress(OSError):  # too large for what a router said a moment before
            await options(sender, address, size=size, tries=1)
        now = _route_mtu(sender, address)
        if now == known:
            return known
        known = now
    return known


def _route_mtu(sender: socket.socket, address: HostPort) -> int | None:
    """No packet is sent."""
    with suppress(OSError), socket.socket(sender.family, socket.SOCK_DGRAM) as probe:
        _discover(probe, _MAY_NOT_CUT)
        probe.connect(address)
        return probe.getsockopt(*_MTU[probe.family])
    return None


def _discover(on: socket.socket, how: int) -> None:
    level, option = _DISCOVER[on.family]
    with suppress(OSError):
        on.setsockopt(level, option, how)


def judge(seen: PathSeen) -> Finding:
    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        return Finding(CHECK, str(seen.peer), verdict, reason, remedy)

    if seen.problem:
        return found(
            Verdict.FAILED, f"not reached: {seen.problem}", "mend the name, the route or --peer"
        )
    if seen.mtu is None:
        return found(Verdict.NOT_TRIED, "this system does not tell the size of a path")
    room = seen.mtu - UDP_MESSAGE_MARGIN_BYTES
    if room < UDP_MESSAGE_BYTES_MAX:
        return found(
            Verdict.WARNING,
            f"packets of {seen.mtu} octets; SIP messages above {room} would be cut",
            "let this peer use TCP or TLS; look for a tunnel on the way",
        )
    return found(Verdict.OK, f"packets of {seen.mtu} octets get through")


def judge_fragments(seen: PathSeen) -> Finding:
    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        return Finding(FRAGMENTS_CHECK, str(seen.peer), verdict, reason, remedy)

    if not seen.answers:
        return found(
            Verdict.NOT_TRIED,
            "the peer answers no OPTIONS over UDP",
            "see that it is on, takes SIP over UDP and is not shut off by a firewall",
        )
    size = f"a SIP message of {seen.large_bytes} octets"
    if not seen.answers_large:
        return found(
            Verdict.FAILED,
            f"{size} is lost on the way, a small one is answered",
            "let this peer use TCP or TLS; or let fragments pass in the firewalls between",
        )
    return found(Verdict.OK, f"{size} is answered{', cut or not' * (not seen.large_is_cut)}")


def judge_size(largest_bytes: int | None, what: str = "") -> Finding:
    """Whether what we say over UDP may be cut on its way; ``what`` names the largest message."""
    check, subject = "SIP over UDP", what or "-"
    if largest_bytes is None:
        return Finding(check, subject, Verdict.NOT_TRIED, "there was no call to measure")
    if largest_bytes > UDP_MESSAGE_BYTES_MAX:
        return Finding(
            check,
            subject,
            Verdict.WARNING,
            f"{largest_bytes:,} octets: above {UDP_MESSAGE_BYTES_MAX:,} it may be cut, and lost",
            "let phones and carriers use TCP or TLS, or offer fewer codecs",
        )
    return Finding(
        check,
        subject,
        Verdict.OK,
        f"{largest_bytes:,} octets, within the {UDP_MESSAGE_BYTES_MAX:,} that need no fragments",
    )
