"""Where a peer is: one word for a UDP path and a connection."""

from dataclasses import dataclass, field

from callwright.kernel.addresses import HostPort

WEB = frozenset({"ws", "wss"})
SECURE = frozenset({"tls", "wss"})


@dataclass(frozen=True, slots=True)
class Flow:
    """The path between us and one peer, as the shell that owns the sockets names it."""

    transport: str
    """``udp``, ``tcp``, ``tls``, ``ws`` or ``wss``."""
    local: HostPort
    """Where this peer can reach us; it stands in Via and Contact."""
    remote: HostPort
    """Where datagrams come from and go to: behind a NAT the NAT's address (RFC 3581)."""
    connection: int | None = None
    """Number of the connection; None for UDP or a connection that is still to be opened."""
    peer_names: tuple[str, ...] = field(default=(), compare=False)
    """Host names that the peer's certificate proved, or has to prove (RFC 5922)."""

    page: str | None = field(default=None, compare=False)
    """The page that opened a WebSocket, as the browser says: ``https://www.contoso.com``. A program
    that is no browser says what it likes (RFC 6454 §7)."""

    is_reliable: bool = field(init=False, repr=False, compare=False)
    """A connection, on which nothing is lost. Kept, for each message asks twice."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_reliable", self.transport != "udp")

    @property
    def is_secure(self) -> bool:
        return self.transport in SECURE

    @property
    def is_web(self) -> bool:
        """A WebSocket: frames its messages itself, and only the peer can open it (RFC 7118)."""
        return self.transport in WEB
