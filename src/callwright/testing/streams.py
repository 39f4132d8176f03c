"""TCP on the simulated network: in order, without loss, until somebody closes or cuts it."""

from collections.abc import Callable
from typing import Protocol

from callwright.kernel.addresses import HostPort
from callwright.testing.network import Fate, Host, Route

CONNECT_TIMEOUT_S = 10.0
"""A SYN that nobody answers."""


class StreamOwner(Protocol):
    """What a connection tells the side it belongs to."""

    def on_connected(self, stream: "Stream") -> None: ...

    def on_data(self, stream: "Stream", data: bytes) -> None: ...

    def on_closed(self, stream: "Stream") -> None:
        """The other side closed, the connection was cut, or it never came about."""
        ...


class Stream:
    """One side of a connection. What is sent before it is connected waits."""

    def __init__(
        self,
        host: Host,
        local_port: int,
        owner: StreamOwner | None,
        transport: str = "tcp",
        page: str | None = None,
    ) -> None:
        self.host = host
        self.transport = transport
        """What is spoken over it: ``tcp``, ``tls``, ``ws``, ``wss``."""
        self.page = page
        """The web page that opened it."""
        self.local = HostPort(host.ip, local_port)
        self.remote: HostPort
        self.owner = owner
        self.is_connected = False
        self.is_closed = False
        self._peer: Stream | None = None
        self._waiting: list[bytes] = []
        self._busy_until_s = 0.0
        self._destination: HostPort

    def send(self, data: bytes) -> None:
        """Ignored on a closed connection, like bytes that the kernel took and could not send."""
        if self.is_closed:
            return
        if not self.is_connected:
            self._waiting.append(data)
            return
        network = self.host.network
        route = network.route(self.host, self.local.port, self._destination)
        passage = network.record("tcp", self.host, route, self._destination, data)
        if self._peer is None or not network.is_open(self.host, self._peer.host):
            passage.fate = Fate.BLOCKED
            return
        passage.fate = Fate.DELIVERED
        size = network.conditions.tcp_segment_bytes or len(data)
        for at in range(0, len(data), size):
            self._later(self._peer._receive, data[at : at + size])

    def close(self) -> None:
        """Ends the connection; the other side hears of it after what was sent before."""
        if not self.is_closed:
            self.is_closed = True
            if self._peer is not None:
                self._later(self._peer._end)

    def cut(self) -> None:
        """The connection breaks: both sides hear of it now, bytes on their way are lost."""
        peer = self._peer
        self._end()
        if peer is not None:
            peer._end()

    def attach(self, peer: "Stream", *, remote: HostPort, destination: HostPort) -> None:
        """Joins the two sides: ``remote`` as this side sees it, ``destination`` to send to."""
        self._peer = peer
        self.remote = remote
        self._destination = destination

    def open_up(self) -> None:
        if self.is_closed:
            return
        self.is_connected = True
        if self.owner is not None:
            self.owner.on_connected(self)
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self.send(data)

    def _later(self, action: Callable[..., None], *arguments: object) -> None:
        loop = self.host.network.loop
        arrives_at_s = max(loop.time() + self.host.network.transit_s(), self._busy_until_s)
        self._busy_until_s = arrives_at_s
        loop.call_at(arrives_at_s, action, *arguments)

    def _receive(self, data: bytes) -> None:
        if not self.is_closed and self.owner is not None:
            self.owner.on_data(self, data)

    def _end(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            if self.owner is not None:
                self.owner.on_closed(self)


def listen(host: Host, port: int, accept: Callable[[Stream], StreamOwner]) -> None:
    """Takes connections at a TCP port; ``accept`` names the owner of each. Raises OSError."""
    if port in host.listeners:
        raise OSError(98, f"{host.ip}:{port} is in use")

    def take(stream: object) -> None:
        assert isinstance(stream, Stream)
        stream.owner = accept(stream)

    host.listeners[port] = take


def connect(
    host: Host,
    destination: HostPort,
    owner: StreamOwner | None,
    transport: str = "tcp",
    page: str | None = None,
) -> Stream:
    """Starts a connection and returns at once; the owner hears how it went."""
    network = host.network
    stream = Stream(host, host.ephemeral_port(), owner, transport, page)
    stream.remote = destination
    route = network.route(host, stream.local.port, destination)
    loop = network.loop
    if route.fate is not Fate.ON_ITS_WAY:
        loop.call_later(CONNECT_TIMEOUT_S, stream._end)
        return stream
    loop.call_later(network.transit_s(), _arrive, stream, route, destination)
    return stream


def _arrive(stream: Stream, route: Route, destination: HostPort) -> None:
    """The SYN is there: the listener's side exists now, the caller's one way later."""
    network = stream.host.network
    assert route.host is not None
    take = route.host.listeners.get(route.port)
    if take is None or not network.is_open(stream.host, route.host):
        network.loop.call_later(network.transit_s(), stream._end)
        return
    far = Stream(route.host, route.port, None, stream.transport, stream.page)
    far.attach(stream, remote=route.source, destination=route.source)
    stream.attach(far, remote=destination, destination=destination)
    take(far)
    far.open_up()
    network.loop.call_later(network.transit_s(), stream.open_up)
