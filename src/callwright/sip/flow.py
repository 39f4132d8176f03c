"""Where a peer is: one word for a UDP path and a TCP connection."""

from dataclasses import dataclass

from callwright.kernel.addresses import HostPort


@dataclass(frozen=True, slots=True)
class Flow:
    """The path between us and one peer, as the shell that owns the sockets names it."""

    transport: str
    """``udp`` or ``tcp``."""
    local: HostPort
    """Where this peer can reach us; it stands in Via and Contact."""
    remote: HostPort
    """Where datagrams come from and go to: behind a NAT the NAT's address (RFC 3581)."""
    connection: int | None = None
    """Number of the TCP connection; None for UDP or a connection that is still to be opened."""

    @property
    def is_reliable(self) -> bool:
        return self.transport != "udp"
