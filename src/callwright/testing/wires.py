"""SIP transports on the simulated network: a UDP port and a TCP port of the same number."""

from collections.abc import Callable
from itertools import count

from callwright.kernel.addresses import HostPort
from callwright.sip.flow import Flow
from callwright.sip.framing import PONG, FramingError, Ping, StreamFramer
from callwright.testing.network import Host
from callwright.testing.streams import Stream, connect, listen

TCP_CONNECTIONS_MAX = 4_096


class SipWire:
    """What sockets are to a real node: gives each message with its flow, and sends."""

    def __init__(
        self,
        host: Host,
        port: int,
        *,
        receive: Callable[[Flow, bytes], None],
        failed: Callable[[Flow], None],
    ) -> None:
        self.host = host
        self.address = HostPort(host.ip, port)
        self.is_deaf = False
        """True: everything that arrives is dropped, nothing is answered."""
        self.page: str | None = None
        """The web page whose connections these are."""
        self._receive = receive
        self._failed = failed
        self._datagrams = host.bind(port, self._datagram)
        self._connections: dict[int, _Connection] = {}
        self._numbers = count(1)
        listen(host, port, self._accept)

    def flow_to(self, transport: str, remote: HostPort, server_name: str | None = None) -> Flow:
        """The flow that reaches ``remote``: over TCP the open connection, or a new one. TLS and
        WebSocket are TCP by another name: nobody has certificates here."""
        if transport == "udp":
            return Flow("udp", self.address, remote)
        for connection in self._connections.values():
            if connection.flow.remote == remote:
                return connection.flow
        return self._connect(transport, remote).flow

    def transmit(self, flow: Flow, data: bytes) -> None:
        if flow.transport == "udp":
            self._datagrams.send(flow.remote, data)
            return
        connection = self._connections.get(flow.connection or 0)
        if connection is None and flow.connection is None:
            connection = self._connections.get(
                self.flow_to(flow.transport, flow.remote).connection or 0
            )
        if connection is None:
            self.host.network.loop.call_soon(self._failed, flow)
        else:
            connection.stream.send(data)

    def cut_connections(self) -> None:
        """Breaks every TCP connection of this host."""
        for connection in tuple(self._connections.values()):
            connection.stream.cut()

    @property
    def connection_count(self) -> int:
        return len(self._connections)

    def close(self) -> None:
        self.is_deaf = True
        self._datagrams.close()
        self.host.listeners.pop(self.address.port, None)
        for connection in tuple(self._connections.values()):
            connection.stream.close()
        self._connections.clear()

    # -- inside ------------------------------------------------------------------------------------

    def _datagram(self, source: HostPort, data: bytes) -> None:
        if not self.is_deaf:
            self._receive(Flow("udp", self.address, source), data)

    def _accept(self, stream: Stream) -> "_Connection":
        return self._keep(stream)

    def _connect(self, transport: str, remote: HostPort) -> "_Connection":
        stream = connect(self.host, remote, None, transport, self.page)
        connection = self._keep(stream)
        stream.owner = connection
        return connection

    def _keep(self, stream: Stream) -> "_Connection":
        number = next(self._numbers)
        assert len(self._connections) < TCP_CONNECTIONS_MAX, "too many connections in this world"
        flow = Flow(stream.transport, self.address, stream.remote, number, page=stream.page)
        self._connections[number] = _Connection(self, stream, flow)
        return self._connections[number]

    def take(self, flow: Flow, message: bytes) -> None:
        if not self.is_deaf:
            self._receive(flow, message)

    def lost(self, flow: Flow) -> None:
        if self._connections.pop(flow.connection or 0, None) is not None:
            self._failed(flow)


class _Connection:
    """One TCP connection, cut into messages (``StreamOwner``)."""

    def __init__(self, wire: SipWire, stream: Stream, flow: Flow) -> None:
        self.stream = stream
        self.flow = flow
        self._wire = wire
        self._framer = StreamFramer()

    def on_connected(self, stream: Stream) -> None:
        """What waited is sent by the stream itself."""

    def on_data(self, stream: Stream, data: bytes) -> None:
        try:
            frames = self._framer.feed(data)
        except FramingError:
            stream.close()
            self._wire.lost(self.flow)
            return
        for frame in frames:
            if isinstance(frame, Ping):
                stream.send(PONG)
            else:
                self._wire.take(self.flow, frame)

    def on_closed(self, stream: Stream) -> None:
        self._wire.lost(self.flow)
