"""Can a server listen where it is told to, or does it already?"""

import errno
import os
import socket
from dataclasses import dataclass
from ipaddress import ip_address

from callwright.kernel.addresses import HostPort
from callwright.runtime.advertising import WILDCARDS
from callwright.runtime.doctor.exchange import udp_socket
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.sip_question import options
from callwright.runtime.transports import Listening

CHECK = "bound address"
_OPTION = {"udp": "--sip", "tcp": "--sip"}
"""By transport; the others are called like theirs."""


@dataclass(frozen=True, slots=True)
class ListenerSeen:
    """What happened when we tried to listen."""

    transport: str
    """``udp``, ``tcp``, ``tls``, ``ws``, ``wss`` or ``http``."""
    bind: HostPort
    error: int | None = None
    """The number of the system's error; None: nothing hinders."""
    is_ours: bool = False
    """A Callwright answers there."""

    @property
    def option(self) -> str:
        return _OPTION.get(self.transport, f"--{self.transport}")


async def observe(listening: Listening, http: HostPort) -> tuple[ListenerSeen, ...]:
    """Tries each address, and lets go of it at once."""
    udp = [await _udp(bind) for bind in listening.sip]
    others = [("tcp", bind) for bind in listening.sip]
    for name in ("tls", "ws", "wss"):
        others += [(name, bind) for bind in getattr(listening, name)]
    others.append(("http", http))
    is_running = any(seen.is_ours for seen in udp)
    return *udp, *(_tcp(name, bind, is_running=is_running) for name, bind in others)


def judge(seen: ListenerSeen) -> Finding:
    subject = f"{seen.transport} {seen.bind}"

    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        return Finding(CHECK, subject, verdict, reason, remedy)

    match seen.error:
        case errno.EADDRINUSE if not seen.is_ours:
            kind = "u" if seen.transport == "udp" else "t"
            return found(
                Verdict.FAILED,
                "another program listens there",
                f"end it (`ss -{kind}lpn 'sport = :{seen.bind.port}'` names it), or choose"
                f" another port with {seen.option}",
            )
        case errno.EADDRNOTAVAIL:
            return found(
                Verdict.FAILED,
                "the address is not one of this machine",
                f"give one that `ip address` shows with {seen.option}; a public address that a NAT"
                " maps to this machine belongs to --advertise",
            )
        case errno.EACCES:
            return found(
                Verdict.FAILED,
                "only root may listen there",
                f"choose a port from 1024 on with {seen.option}",
            )
        case int(error) if error != errno.EADDRINUSE:
            return found(Verdict.FAILED, os.strerror(error), f"choose another with {seen.option}")
    reason = "the running server listens there" if seen.error else "free"
    if is_loopback(seen.bind.host) and seen.transport != "http":
        return found(
            Verdict.WARNING,
            f"{reason}, but only this machine reaches it",
            f"for phones elsewhere name an address of the network with {seen.option}",
        )
    return found(Verdict.OK, reason)


def is_loopback(host: str) -> bool:
    return ip_address(host.partition("%")[0]).is_loopback


def own_address(host: str) -> str:
    """``host``; of this machine's any address that is surely up where it stands for all."""
    return ("::1" if ":" in host else "127.0.0.1") if host in WILDCARDS else host


async def _udp(bind: HostPort) -> ListenerSeen:
    try:
        udp_socket(bind).close()
    except OSError as error:
        is_ours = error.errno == errno.EADDRINUSE and await _answers_as_ours(bind)
        return ListenerSeen("udp", bind, error.errno, is_ours)
    return ListenerSeen("udp", bind)


async def _answers_as_ours(bind: HostPort) -> bool:
    host = own_address(bind.host)
    try:
        with udp_socket(HostPort(host, 0)) as sender:
            answer = await options(sender, HostPort(host, bind.port), tries=2)
    except OSError:
        return False
    return answer is not None and answer.is_ours


def _tcp(transport: str, bind: HostPort, *, is_running: bool) -> ListenerSeen:
    """A running server's own ports are known by its SIP port."""
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio's servers do
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            probe.bind(bind)
            probe.listen(1)
        except OSError as error:
            return ListenerSeen(transport, bind, error.errno, is_running)
    return ListenerSeen(transport, bind)
