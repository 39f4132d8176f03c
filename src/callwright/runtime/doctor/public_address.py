"""Which address of ours the world sees, and is it the one that peers are told?"""

import socket
from contextlib import suppress
from dataclasses import dataclass

from callwright.kernel.addresses import HostPort
from callwright.runtime.advertising import (
    WILDCARDS,
    AdvertisedAddresses,
    interface_to_peer,
    is_public,
)
from callwright.runtime.doctor.exchange import located, udp_socket
from callwright.runtime.doctor.finding import Finding, Verdict
from callwright.runtime.doctor.listeners import is_loopback
from callwright.runtime.doctor.stun import seen_from

CHECK = "public address"
TOLD_CHECK = "advertised address"
SOMEBODY_PUBLIC = {False: "192.0.2.1", True: "2001:db8::1"}
"""By whether it is IPv6: an address that nobody has (RFC 5737 §3, RFC 3849 §2)."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """What one STUN server says."""

    server: HostPort
    seen: HostPort | None = None
    problem: str = ""
    """Why there is no answer, when we know."""


@dataclass(frozen=True, slots=True)
class PublicSeen:
    asked_from: HostPort
    """The socket: its address, and the port that a NAT would keep."""
    is_sip_port: bool
    """False: the port of SIP is taken by the server that runs."""
    told: str
    """What public peers are told."""
    is_told_own: bool
    """Whether an interface of this machine has that address."""
    mappings: tuple[Mapping, ...] = ()


async def observe(
    bind: HostPort, advertised: AdvertisedAddresses, servers: tuple[HostPort, ...]
) -> PublicSeen:
    """Asks every server from one socket, on the port of SIP where that is free."""
    somebody = SOMEBODY_PUBLIC[":" in bind.host]
    told = advertised.for_peer(somebody, bind.host)
    is_sip_port = True
    try:
        sender = udp_socket(bind)
    except OSError:
        is_sip_port = False
        sender = udp_socket(HostPort(bind.host, 0))
    with sender:
        answers = [await _mapping(sender, bind.host, server) for server in servers]
        port = sender.getsockname()[1]
    own = interface_to_peer(somebody) if bind.host in WILDCARDS else bind.host
    mappings = tuple(answer for answer in answers if answer is not None)
    return PublicSeen(HostPort(own, port), is_sip_port, told, _is_own(told), mappings)


def judge_told(seen: PublicSeen) -> Finding:
    """What peers are told, before anybody outside is asked."""

    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        return Finding(TOLD_CHECK, str(seen.asked_from.host), verdict, reason, remedy)

    if is_loopback(seen.told):
        return found(
            Verdict.NOT_TRIED, "only this machine reaches the server", "see the bound address"
        )
    if not is_public(seen.told):
        return found(
            Verdict.WARNING,
            f"peers with a public address are told {seen.told}, which they cannot reach",
            "fine within a private network; else name the public address with --advertise",
        )
    if seen.is_told_own:
        return found(Verdict.OK, f"{seen.told} is public and this machine's own")
    return found(Verdict.OK, f"peers are told {seen.told}, which a 1:1 NAT has to map to us")


def judge(seen: PublicSeen) -> Finding:
    """What peers are told, against what STUN servers see."""

    def found(verdict: Verdict, reason: str, remedy: str = "") -> Finding:
        return Finding(CHECK, str(seen.asked_from), verdict, reason, remedy)

    if not seen.mappings:
        return found(
            Verdict.NOT_TRIED,
            "nobody outside was asked",
            "name a STUN server with --stun HOST; two of them also show the kind of NAT",
        )
    if is_loopback(seen.asked_from.host) and all(one.problem for one in seen.mappings):
        return found(
            Verdict.NOT_TRIED, "only this machine reaches the server", "see the bound address"
        )
    mapped = [mapping.seen for mapping in seen.mappings if mapping.seen is not None]
    if not mapped:
        silent = "; ".join(
            f"{mapping.server}: {mapping.problem or 'no answer'}" for mapping in seen.mappings
        )
        return found(
            Verdict.FAILED,
            f"no STUN server answered ({silent})",
            "let UDP out in the firewall, or name another server with --stun",
        )
    public = mapped[0]
    if any(other.host != public.host for other in mapped):
        return found(
            Verdict.FAILED,
            f"each peer sees another address: {', '.join(sorted({one.host for one in mapped}))}",
            "give this server one public address: a 1:1 NAT, or one of its own",
        )
    if public.host != seen.told:
        return found(
            Verdict.FAILED,
            f"packets leave from {public.host}, but peers are told {seen.told}",
            f"serve with --advertise {public.host}",
        )
    if any(other.port != public.port for other in mapped):
        return found(
            Verdict.WARNING,
            f"the NAT shows each peer another port of {public.host} (symmetric)",
            "map the ports of SIP and RTP 1:1 to this machine",
        )
    if public.port != seen.asked_from.port:
        return found(
            Verdict.WARNING,
            f"the NAT makes port {public.port} of {seen.asked_from.port}",
            "map the ports of SIP and RTP 1:1 to this machine",
        )
    if public.host == seen.asked_from.host:
        return found(Verdict.OK, f"the world sees {public}: no NAT")
    return found(Verdict.OK, f"1:1 NAT: the world sees {public}, and that is what peers are told")


async def _mapping(sender: socket.socket, like: str, server: HostPort) -> Mapping | None:
    """None: the server has no address of our family, so it is not for us."""
    try:
        address = await located(server, like)
        return Mapping(server, await seen_from(sender, address))
    except socket.gaierror as error:
        if error.errno in (socket.EAI_ADDRFAMILY, socket.EAI_NODATA):
            return None
        return Mapping(server, problem=str(error.strerror))
    except OSError as error:
        return Mapping(server, problem=error.strerror or str(error))


def _is_own(address: str) -> bool:
    with suppress(OSError):
        udp_socket(HostPort(address, 0)).close()
        return True
    return False
