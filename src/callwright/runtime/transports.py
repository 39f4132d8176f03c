"""The node's sockets as one: what comes in, and which way a flow goes out."""

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock
from callwright.runtime.advertising import AdvertisedAddresses
from callwright.runtime.backlog import Backlog
from callwright.runtime.stream_framing import WebSocketFraming
from callwright.runtime.streams import StreamKind, StreamTransport
from callwright.runtime.tasks import Tasks
from callwright.runtime.udp import LOCAL_ADDRESSES_MAX, UdpTransport
from callwright.sip.flow import Flow

PORT_ATTEMPTS = 20
"""With port 0 the system picks a UDP port; TCP must get the same one."""


@dataclass(frozen=True, slots=True)
class TlsContexts:
    """How connections are secured in either direction."""

    accepting: ssl.SSLContext | None
    """None: nobody connects to us with TLS."""
    opening: ssl.SSLContext


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a node listens; each ``sip`` address takes both UDP and TCP."""

    sip: tuple[HostPort, ...]
    tls: tuple[HostPort, ...] = ()
    ws: tuple[HostPort, ...] = ()
    wss: tuple[HostPort, ...] = ()
    origins: tuple[str, ...] | None = None
    """Pages that may connect by WebSocket; None: any."""
    advertised: AdvertisedAddresses = field(default_factory=AdvertisedAddresses)


class Transports:
    """Every socket that SIP comes in by."""

    def __init__(
        self,
        listening: Listening,
        security: TlsContexts | None,
        clock: Clock,
        tasks: Tasks,
        *,
        receive: Callable[[Flow, bytes], None],
        failed: Callable[[Flow], None],
        backlog: Backlog | None = None,
        is_trunk: Callable[[Flow], bool] = lambda flow: False,
    ) -> None:
        self._backlog = backlog
        self._listening = listening
        self._local_host = listening.advertised.for_peer
        self._receive = receive
        self._udp: list[UdpTransport] = []
        self._udp_of: dict[HostPort, UdpTransport] = {}
        """By what peers are told: an answer leaves from where its request came in."""
        self._heard_by: dict[tuple[HostPort, HostPort], UdpTransport] = {}
        """By what a peer was told and its address: sockets may share what their peers are told."""
        numbers = count(1)
        self._streams = {
            kind.name: StreamTransport(
                kind, clock, tasks, receive, failed, self._local_host, numbers, is_trunk
            )
            for kind in _kinds(listening, security)
        }

    @classmethod
    async def open(
        cls,
        listening: Listening,
        security: TlsContexts | None,
        clock: Clock,
        tasks: Tasks,
        *,
        receive: Callable[[Flow, bytes], None],
        failed: Callable[[Flow], None],
        backlog: Backlog | None = None,
        is_trunk: Callable[[Flow], bool] = lambda flow: False,
    ) -> "Transports":
        """``is_trunk(flow)``: an SBC sends from there.

        Raises OSError, with the address as its file name, when one is taken or not ours.
        """
        transports = cls(
            listening,
            security,
            clock,
            tasks,
            receive=receive,
            failed=failed,
            backlog=backlog,
            is_trunk=is_trunk,
        )
        try:
            for name, bind in transports._wanted():
                try:
                    await transports._listen(name, bind)
                except OSError as error:
                    error.filename = f"{name} {bind}"
                    raise
        except OSError:
            await transports.close()
            raise
        return transports

    @property
    def address(self) -> HostPort:
        """Where SIP over UDP and TCP is taken first."""
        return self._udp[0].address

    def addresses(self, transport: str) -> tuple[HostPort, ...]:
        """Where a transport listens, with the ports that the system chose."""
        if transport == "udp":
            return tuple(udp.address for udp in self._udp)
        stream = self._streams.get(transport)
        return () if stream is None else stream.addresses

    @property
    def connection_count(self) -> int:
        return sum(stream.connection_count for stream in self._streams.values())

    @property
    def refused(self) -> int:
        """Connections turned away because there were too many."""
        return sum(stream.refused for stream in self._streams.values())

    def flow_to(self, transport: str, remote: HostPort, server_name: str | None = None) -> Flow:
        """The flow that reaches ``remote``; its certificate has to speak for ``server_name``."""
        if transport != "udp":
            return self._streams[transport].flow_to(remote, server_name)
        udp = self._udp_for(remote)
        flow = udp.flow_to(remote)
        self._udp_of.setdefault(flow.local, udp)
        return flow

    def transmit(self, flow: Flow, data: bytes) -> None:
        if flow.transport != "udp":
            self._streams[flow.transport].send(flow, data)
        elif len(self._udp) == 1:
            self._udp[0].send(flow, data)
        else:
            udp = self._heard_by.get((flow.local, flow.remote)) or self._udp_of.get(flow.local)
            (udp or self._udp_for(flow.remote)).send(flow, data)

    async def close(self) -> None:
        for udp in self._udp:
            udp.close()
        for stream in self._streams.values():
            await stream.close()

    # -- inside ------------------------------------------------------------------------------------

    def _udp_for(self, remote: HostPort) -> UdpTransport:
        """The first socket of the peer's family."""
        is_v6 = ":" in remote.host
        family = (udp for udp in self._udp if (":" in udp.address.host) == is_v6)
        return next(family, self._udp[0])

    def _wanted(self) -> Iterator[tuple[str, HostPort]]:
        for name in ("sip", "tls", "ws", "wss"):
            for bind in getattr(self._listening, name):
                yield name, bind

    async def _listen(self, name: str, bind: HostPort) -> None:
        if name != "sip":
            await self._streams[name].listen(bind)
            return
        for attempt in range(1, PORT_ATTEMPTS + 1):
            udp = UdpTransport(bind, self._receive_datagram, self._local_host, self._backlog)
            try:
                await self._streams["tcp"].listen(udp.address)
            except OSError:
                udp.close()
                if bind.port != 0 or attempt == PORT_ATTEMPTS:
                    raise
            else:
                self._udp.append(udp)
                return

    def _receive_datagram(self, udp: UdpTransport, flow: Flow, data: bytes) -> None:
        if len(self._udp) > 1:
            self._udp_of.setdefault(flow.local, udp)
            if self._udp_of[flow.local] is not udp or (flow.local, flow.remote) in self._heard_by:
                if len(self._heard_by) >= LOCAL_ADDRESSES_MAX:
                    self._heard_by.clear()
                self._heard_by[flow.local, flow.remote] = udp
        self._receive(flow, data)


def _kinds(listening: Listening, security: TlsContexts | None) -> Iterator[StreamKind]:
    web = partial(WebSocketFraming, listening.origins)
    yield StreamKind("tcp")
    yield StreamKind("ws", web, can_open=False)
    if security is None:
        return
    accepting = security.accepting
    yield StreamKind("tls", accepts_with=accepting, opens_with=security.opening)
    yield StreamKind("wss", web, accepts_with=accepting, can_open=False)
