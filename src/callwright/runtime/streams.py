"""SIP over streams: connections that were accepted and opened, by one kind of transport."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from callwright.domains.shield.rules import source_of
from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock
from callwright.kernel.limits.signalling import (
    SIP_TCP_CONNECTIONS_MAX,
    SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX,
)
from callwright.runtime.connection import Connection
from callwright.runtime.handshake import Handshake
from callwright.runtime.stream_framing import SipFraming, StreamFraming
from callwright.runtime.tasks import Tasks
from callwright.sip.certificate_names import speaks_for
from callwright.sip.flow import Flow

CONNECT_S = 5.0
_PORTS = {"tcp": 5_060, "tls": 5_061, "ws": 80, "wss": 443}
"""Named where we listen nowhere: the peer has to use the connection that there is."""
LocalHost = Callable[[str, str], str]
"""From a peer's address and the one we listen at to the one that the peer is told."""


@dataclass(frozen=True, slots=True)
class StreamKind:
    """What makes a connection tcp, tls, ws or wss."""

    name: str
    framing: Callable[[], StreamFraming] = SipFraming
    """Made for each connection."""
    accepts_with: ssl.SSLContext | None = None
    opens_with: ssl.SSLContext | None = None
    can_open: bool = True
    """False: browsers connect to us, and nobody can connect to them."""


@dataclass(slots=True)
class _Listener:
    server: asyncio.Server
    address: HostPort


@dataclass(slots=True)
class StreamTransport:
    """Owns every connection of its kind; a flow names its connection by number."""

    kind: StreamKind
    clock: Clock
    tasks: Tasks
    receive: Callable[[Flow, bytes], None]
    failed: Callable[[Flow], None]
    local_host: LocalHost
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    """Of connections; shared by the transports of a node."""
    is_trunk: Callable[[Flow], bool] = lambda flow: False
    """Whether an SBC sends from there: it has business here before it says so."""
    refused: int = field(default=0, init=False)
    """Connections turned away or closed because there were too many."""
    _listeners: list[_Listener] = field(default_factory=list, init=False)
    _connections: dict[int, Connection] = field(default_factory=dict, init=False)
    _opened: dict[tuple[HostPort, str], int] = field(default_factory=dict, init=False)
    """Connections that we opened, by place and the name that had to be proven there, or ""."""
    _lent: dict[HostPort, int] = field(default_factory=dict, init=False)
    """Connections that a peer opened and lets us use to reach a place (RFC 5923)."""
    shaking: dict[Handshake, None] = field(default_factory=dict, init=False)
    """Connections that others opened and that are not secured yet, the oldest first."""
    _visitors: Counter[str] = field(default_factory=Counter, init=False)
    """Connections that others opened, by source; those we open ourselves always have room."""
    _unproven: dict[int, Connection] = field(default_factory=dict, init=False)
    """Connections that others opened and have proven nothing on, the oldest first."""

    async def listen(self, bind: HostPort) -> HostPort:
        """Raises OSError when the address is taken or not ours."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._accepted, bind.host, bind.port)
        host, port = server.sockets[0].getsockname()[:2]
        self._listeners.append(_Listener(server, HostPort(host, port)))
        return self._listeners[-1].address

    @property
    def address(self) -> HostPort:
        """Where it listens first."""
        return self._listeners[0].address

    @property
    def addresses(self) -> tuple[HostPort, ...]:
        return tuple(listener.address for listener in self._listeners)

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    def flow_to(self, remote: HostPort, server_name: str | None = None) -> Flow:
        """The open connection to ``remote``, or one that is being opened from now on.

        ``server_name`` is what its certificate must speak for; without one, its address.
        """
        if self.kind.opens_with is None:
            server_name = None  # nobody proves a name without TLS
        place = (remote, server_name or "")
        for number in (self._opened.get(place), self._lent.get(remote)):
            if number is not None and number in self._connections:
                flow = self._connections[number].flow
                if server_name is None or speaks_for(flow.peer_names, server_name):
                    return flow
        names = () if server_name is None else (server_name,)
        flow = Flow(self.kind.name, self._local(remote), remote, next(self.numbers), names)
        if not self.kind.can_open:
            return flow
        connection = Connection(self, flow)
        self._connections[flow.connection or 0] = connection
        self._opened[place] = flow.connection or 0
        self.tasks.spawn(self._open(connection), f"connect to {remote}")
        return flow

    def send(self, flow: Flow, data: bytes) -> None:
        """A flow without a connection asks for one; a flow whose connection broke has failed."""
        number = flow.connection
        if number is None:
            number = self.flow_to(flow.remote, next(iter(flow.peer_names), None)).connection
        connection = self._connections.get(number or 0)
        if connection is None or connection.is_ending:
            self.clock.call_later(0.0, lambda: self.failed(flow))
        else:
            connection.send(data)

    def admit(
        self, connection: Connection, local: HostPort, remote: HostPort, names: tuple[str, ...]
    ) -> Flow | None:
        """Numbers an accepted connection; None when there are too many, or too many from there."""
        if not connection.has_place and not self.take_place(remote.host):
            return None
        number = next(self.numbers)
        self._connections[number] = self._unproven[number] = connection
        told = HostPort(self.local_host(remote.host, local.host), local.port)
        return Flow(self.kind.name, told, remote, number, names)

    def take_place(self, host: str) -> bool:
        """Counts one more visitor; False: there are too many, or too many from there."""
        source = source_of(host)  # a host has 2**64 IPv6 addresses to connect from
        is_greedy = self._visitors[source] >= SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX
        if is_greedy or not self._has_room():
            self.refused += 1
            return False
        self._visitors[source] += 1
        return True

    def give_place_back(self, host: str) -> None:
        source = source_of(host)
        self._visitors[source] -= 1
        if not self._visitors[source]:
            del self._visitors[source]

    def proven(self, flow: Flow) -> None:
        """The peer has business here; nobody takes its place."""
        self._unproven.pop(flow.connection or 0, None)

    def lend(self, flow: Flow, place: HostPort) -> None:
        """The peer lets us send over its connection what goes to ``place`` (RFC 5923 §5)."""
        if flow.connection is not None:
            self._lent.setdefault(place, flow.connection)

    def lost(self, connection: Connection) -> None:
        flow = connection.flow
        if self._connections.pop(flow.connection or 0, None) is None:
            return
        self.proven(flow)
        self.ending(connection)
        if connection.is_accepted:
            self.give_place_back(flow.remote.host)
        self.failed(flow)

    def ending(self, connection: Connection) -> None:
        """What is sent to this peer from now on needs another connection."""
        flow = connection.flow
        place = (flow.remote, next(iter(flow.peer_names), ""))
        if self._opened.get(place) == flow.connection:
            del self._opened[place]
        lent_to = connection.lent_to
        if lent_to is not None and self._lent.get(lent_to) == flow.connection:
            del self._lent[lent_to]

    async def close(self) -> None:
        for listener in self._listeners:
            listener.server.close()
        for connection in tuple(self._connections.values()):
            connection.cut()
        for handshake in tuple(self.shaking):
            handshake.cut()
        for listener in self._listeners:
            await listener.server.wait_closed()

    def _has_room(self) -> bool:
        """When all places are taken, whoever has held one longest without a proof makes room."""
        if self._visitors.total() < SIP_TCP_CONNECTIONS_MAX:
            return True
        waiting = (one for one in self._unproven.values() if not self.is_trunk(one.flow))
        oldest = next(waiting, None)
        handshake = next(iter(self.shaking), None)
        if oldest is not None:
            oldest.cut()
            self.lost(oldest)
        elif handshake is not None:
            handshake.make_room()
        else:
            return False
        self.refused += 1
        return True

    def _accepted(self) -> asyncio.Protocol:
        context = self.kind.accepts_with
        return Connection(self, None) if context is None else Handshake(self, context)

    def _local(self, remote: HostPort) -> HostPort:
        """Where we listen for connections of the peer's family, as the peer is told it."""
        is_v6 = ":" in remote.host
        bound = next(
            (one.address for one in self._listeners if (":" in one.address.host) == is_v6),
            HostPort("::" if is_v6 else "0.0.0.0", 0),
        )
        return HostPort(
            self.local_host(remote.host, bound.host), bound.port or _PORTS[self.kind.name]
        )

    async def _open(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        flow = connection.flow
        context = self.kind.opens_with
        name = next(iter(flow.peer_names), flow.remote.host)
        try:
            async with asyncio.timeout(CONNECT_S):
                await loop.create_connection(
                    lambda: connection,
                    flow.remote.host,
                    flow.remote.port,
                    ssl=context,
                    server_hostname=None if context is None else name,
                )
        except (OSError, ssl.SSLError) as error:  # TimeoutError is an OSError
            connection.tell_why_not(error)
            self.lost(connection)
