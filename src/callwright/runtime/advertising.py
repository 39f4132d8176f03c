"""Which address of ours a peer is told: the one at which it reaches us."""

import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import structlog

log = structlog.get_logger("callwright.advertising")

WILDCARDS = ("0.0.0.0", "::")
EVERYWHERE = ("0.0.0.0/0", "::/0")
_PRIVATE = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
        *("127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),  # RFC 6598: behind a provider's NAT
        *("::1/128", "fe80::/10", "fc00::/7"),
    )
)
"""Not reachable from elsewhere."""


@dataclass(frozen=True, slots=True)
class Advertisement:
    """Peers within ``network`` reach us at ``address``."""

    network: IPv4Network | IPv6Network
    address: str

    @classmethod
    def parse(cls, text: str) -> "Advertisement":
        """Reads ``NETWORK=ADDRESS``, or ``ADDRESS`` for peers with a public address.

        Raises ValueError when it is neither, or of two families.
        """
        network_text, _, address_text = text.rpartition("=")
        try:
            address = ip_address(address_text)
            network = ip_network(network_text or EVERYWHERE[address.version == 6])
        except ValueError:
            raise ValueError(
                f"{text!r} is not ADDRESS or NETWORK=ADDRESS, such as 203.0.113.10"
                " or 10.0.0.0/8=10.0.0.5"
            ) from None
        if network.version != address.version:
            raise ValueError(f"{text!r} mixes IPv4 and IPv6")
        return cls(network, str(address))


class AdvertisedAddresses:
    """What was configured, then the interface that reaches the peer.

    A configured address without a network is for peers that are public; private ones are told the
    interface (RFC 1918, unless a network names them).
    """

    def __init__(
        self,
        configured: tuple[Advertisement, ...] = (),
        *,
        interface_to: "Callable[[str], str] | None" = None,
        told_private: "Callable[[str, str], None] | None" = None,
    ) -> None:
        """``interface_to(peer)`` is the local address that packets to the peer leave from;
        ``told_private(peer, told)`` is called once when a public peer is told a private one."""
        self._configured = sorted(configured, key=lambda one: -one.network.prefixlen)
        self._interface_to = interface_to or interface_to_peer
        self._told_private = told_private
        self.hidden = 0
        """How often a public peer was told a private address, because we knew no other."""

    def for_peer(self, peer: str, bound: str) -> str:
        """``bound`` is where we listen; a wildcard stands for every interface."""
        remote = ip_address(peer)
        is_outside = is_public(peer)
        for one in self._configured:
            is_for_public = one.network.prefixlen == 0
            if one.network.version == remote.version and remote in one.network:
                if is_for_public and not is_outside:
                    break
                return one.address
        own = self._interface_to(peer) if bound in WILDCARDS else bound
        if is_outside and not is_public(own):
            self.hidden += 1
            if self.hidden == 1 and self._told_private is not None:
                self._told_private(peer, own)
        return own


def warn_of_private(peer: str, told: str) -> None:
    """For an administrator's log."""
    log.warning(
        "a public peer is told a private address; give the public one with --advertise",
        peer=peer,
        told=told,
    )


def is_public(ip: str) -> bool:
    """Whether the address is reachable from elsewhere, as far as it can tell."""
    address = ip_address(ip)
    return not any(address in network for network in _PRIVATE)


def interface_to_peer(peer: str) -> str:
    """The kernel's choice; no packet is sent."""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((peer, 9))
        return str(probe.getsockname()[0])
    return "::1" if family == socket.AF_INET6 else "127.0.0.1"
