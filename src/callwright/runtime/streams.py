"""SIP over TCP: accepted and opened connections, cut into messages."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import count

from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock, Timer
from callwright.kernel.limits import (
    SIP_TCP_CONNECTIONS_MAX,
    SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX,
    SIP_TCP_FIRST_REQUEST_S,
    SIP_TCP_IDLE_S,
    SIP_TCP_PARTIAL_MESSAGE_S,
)
from callwright.runtime.tasks import Tasks
from callwright.runtime.udp import local_host
from callwright.sip.flow import Flow
from callwright.sip.framing import PONG, FramingError, Ping, StreamFramer
from callwright.sip.message import Request
from callwright.sip.parser import ParseError, parse

CONNECT_S = 5.0
UNSENT_BYTES_MAX = 1024 * 1024
"""A peer that does not read is cut off."""


class TcpTransport:
    """Owns every connection; a flow names its connection by number."""

    def __init__(
        self,
        clock: Clock,
        tasks: Tasks,
        receive: Callable[[Flow, bytes], None],
        failed: Callable[[Flow], None],
    ) -> None:
        self.clock = clock
        self.receive = receive
        self.refused = 0
        """Connections turned away because there were too many."""
        self._tasks = tasks
        self._failed = failed
        self._numbers = count(1)
        self._connections: dict[int, Connection] = {}
        self._opened: dict[HostPort, int] = {}
        self._visitors: Counter[str] = Counter()
        """Connections that others opened, by address; those we open ourselves always have room."""
        self._server: asyncio.Server | None = None

    async def listen(self, bind: HostPort) -> HostPort:
        """Raises OSError when the address is taken or not ours."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accepted, bind.host, bind.port)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.address = HostPort(host, port)
        return self.address

    def flow_to(self, remote: HostPort) -> Flow:
        """The open connection to ``remote``, or one that is being opened from now on."""
        number = self._opened.get(remote)
        if number is not None and number in self._connections:
            return self._connections[number].flow
        local = HostPort(local_host(self.address, remote), self.address.port)
        number = next(self._numbers)
        connection = Connection(self, Flow("tcp", local, remote, number))
        self._connections[number] = connection
        self._opened[remote] = number
        self._tasks.spawn(self._open(connection), f"connect to {remote}")
        return connection.flow

    def send(self, flow: Flow, data: bytes) -> None:
        """A flow without a connection asks for one; a flow whose connection broke has failed."""
        if flow.connection is None:
            flow = self.flow_to(flow.remote)
        connection = self._connections.get(flow.connection or 0)
        if connection is None or connection.is_ending:
            self.clock.call_later(0.0, lambda: self._failed(flow))
        else:
            connection.send(data)

    def lost(self, connection: "Connection") -> None:
        flow = connection.flow
        if self._connections.pop(flow.connection or 0, None) is None:
            return
        if self._opened.get(flow.remote) == flow.connection:
            del self._opened[flow.remote]
        if connection.is_accepted:
            self._visitors[flow.remote.host] -= 1
            if not self._visitors[flow.remote.host]:
                del self._visitors[flow.remote.host]
        self._failed(flow)

    def ending(self, connection: "Connection") -> None:
        """What is sent to this peer from now on needs another connection."""
        flow = connection.flow
        if self._opened.get(flow.remote) == flow.connection:
            del self._opened[flow.remote]

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections.values()):
            connection.cut()
        if self._server is not None:
            await self._server.wait_closed()

    def admit(self, connection: "Connection", remote: HostPort) -> Flow | None:
        """Numbers an accepted connection; None when there are too many, or too many from there."""
        if (
            self._visitors.total() >= SIP_TCP_CONNECTIONS_MAX
            or self._visitors[remote.host] >= SIP_TCP_CONNECTIONS_PER_ADDRESS_MAX
        ):
            self.refused += 1
            return None
        self._visitors[remote.host] += 1
        number = next(self._numbers)
        self._connections[number] = connection
        local = HostPort(local_host(self.address, remote), self.address.port)
        return Flow("tcp", local, remote, number)

    def _accepted(self) -> asyncio.Protocol:
        return Connection(self, None)

    async def _open(self, connection: "Connection") -> None:
        loop = asyncio.get_running_loop()
        remote = connection.flow.remote
        try:
            async with asyncio.timeout(CONNECT_S):
                await loop.create_connection(lambda: connection, remote.host, remote.port)
        except OSError:  # TimeoutError is one
            self.lost(connection)


class Connection(asyncio.Protocol):
    """One connection. Sends what was given before it was open; is closed when it idles, breaks
    the framing, keeps a message unfinished (slow loris), or is opened to us and asks nothing."""

    flow: Flow

    def __init__(self, owner: TcpTransport, flow: Flow | None) -> None:
        self._owner = owner
        self._framer = StreamFramer()
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._deadline: Timer | None = None
        self._is_partial = False
        self.is_ending = False
        self._heard_at_s = 0.0
        self.is_accepted = flow is None
        self._has_asked = not self.is_accepted
        self._first_request: Timer | None = None
        if flow is not None:
            self.flow = flow

    def send(self, data: bytes) -> None:
        if self._transport is None:
            self._unsent_bytes += len(data)
            if self._unsent_bytes <= UNSENT_BYTES_MAX:
                self._unsent.append(data)
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self.cut()

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        """Says no more and hears no more, but lets the peer read what was said to it.

        To close with bytes unread would reset the connection and take the last answer with it.
        """
        self.is_ending = True
        self._owner.ending(self)
        if self._transport is not None and self._transport.can_write_eof():
            self._transport.write_eof()
        self._is_partial = True
        self._watch(SIP_TCP_PARTIAL_MESSAGE_S)

    # -- asyncio.Protocol --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not hasattr(self, "flow"):
            host, port = transport.get_extra_info("peername")[:2]
            flow = self._owner.admit(self, HostPort(host, port))
            if flow is None:
                transport.abort()
                return
            self.flow = flow
            self._first_request = self._owner.clock.call_later(SIP_TCP_FIRST_REQUEST_S, self._hurry)
        for data in self._unsent:
            transport.write(data)
        self._unsent.clear()
        self._heard_at_s = self._owner.clock.monotonic()
        self._watch(SIP_TCP_IDLE_S)

    def data_received(self, data: bytes) -> None:
        if self.is_ending:
            return
        self._heard_at_s = self._owner.clock.monotonic()
        try:
            frames: list[bytes | Ping] = self._framer.feed(data)
        except FramingError as error:
            self._take(error.frames)
            self.end()
            return
        self._take(frames)
        if self._framer.has_partial != self._is_partial:
            self._is_partial = not self._is_partial
            self._watch(SIP_TCP_PARTIAL_MESSAGE_S if self._is_partial else SIP_TCP_IDLE_S)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._deadline, self._first_request):
            if timer is not None:
                timer.cancel()
        if hasattr(self, "flow"):
            self._owner.lost(self)

    def _take(self, frames: "list[bytes | Ping] | tuple[bytes | Ping, ...]") -> None:
        for frame in frames:
            if isinstance(frame, Ping):
                self.send(PONG)
            else:
                self._has_asked = self._has_asked or _is_request(frame)
                self._owner.receive(self.flow, frame)

    def _watch(self, limit_s: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._owner.clock.call_later(limit_s, self._expired)

    def _hurry(self) -> None:
        if not self._has_asked:
            self.cut()

    def _expired(self) -> None:
        """A message unfinished is cut; an idle connection only if nothing came meanwhile."""
        quiet_s = self._owner.clock.monotonic() - self._heard_at_s
        if self._is_partial or quiet_s >= SIP_TCP_IDLE_S:
            self.cut()
        else:
            self._watch(SIP_TCP_IDLE_S - quiet_s)


def _is_request(frame: bytes) -> bool:
    try:
        return isinstance(parse(frame), Request)
    except ParseError:
        return False
