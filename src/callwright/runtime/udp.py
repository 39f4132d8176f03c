"""SIP over UDP: one socket, read in batches on the event loop."""

import asyncio
import socket
from collections.abc import Callable

from callwright.kernel.addresses import HostPort
from callwright.kernel.limits.signalling import SIP_MESSAGE_BYTES_MAX
from callwright.runtime.backlog import Backlog
from callwright.sip.flow import Flow

BATCH_MAX = 64
"""Datagrams read in one go, so that a flood does not keep the loop from its timers."""
RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024
LOCAL_ADDRESSES_MAX = 32_768
"""Peers whose flow is remembered, about 300 bytes each."""


class UdpTransport:
    """Gives every datagram to ``receive`` with its flow; what cannot be sent is dropped, as a
    network would, and healed by retransmission."""

    def __init__(
        self,
        bind: HostPort,
        receive: Callable[["UdpTransport", Flow, bytes], None],
        local_host: Callable[[str, str], str],
        backlog: Backlog | None = None,
    ) -> None:
        """``local_host(peer, bound)`` is the address that a peer is told. Raises OSError when the
        address is taken or not ours."""
        family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._socket.bind(bind)
        except OSError:
            self._socket.close()
            raise
        host, port = self._socket.getsockname()[:2]
        self.address = HostPort(host, port)
        self.dropped = 0
        """Datagrams that could not be sent."""
        self._receive = receive
        self._local_host = local_host
        self._backlog = backlog
        self._is_behind = False
        self._flows: dict[tuple[str, int], Flow] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)

    def flow_to(self, remote: HostPort) -> Flow:
        flow = self._flows.get(remote)
        if flow is None:
            local = HostPort(self._local_host(remote.host, self.address.host), self.address.port)
            if len(self._flows) >= LOCAL_ADDRESSES_MAX:
                self._flows.clear()
            flow = self._flows[remote] = Flow("udp", local, remote)
        return flow

    def send(self, flow: Flow, data: bytes) -> None:
        try:
            self._socket.sendto(data, flow.remote)
        except OSError:
            self.dropped += 1

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        receive_from = self._socket.recvfrom
        for _ in range(BATCH_MAX):
            try:
                data, source = receive_from(SIP_MESSAGE_BYTES_MAX)
            except (BlockingIOError, InterruptedError):
                if self._is_behind:
                    self._tell_backlog(is_behind=False)
                return
            except OSError:
                continue  # an ICMP error of an earlier datagram; the next read is clean
            flow = self._flows.get(source[:2])
            self._receive(self, flow or self.flow_to(HostPort(source[0], source[1])), data)
        self._tell_backlog(is_behind=True)

    def _tell_backlog(self, *, is_behind: bool) -> None:
        """A full batch leaves more in the buffer; only an empty one is the end of it."""
        self._is_behind = is_behind
        if self._backlog is not None:
            tell = self._backlog.fell_behind if is_behind else self._backlog.caught_up
            tell(self)
