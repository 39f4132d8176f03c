"""The node's sockets as one: what comes in, and which way a flow goes out."""

from collections.abc import Callable

from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Clock
from callwright.runtime.tasks import Tasks
from callwright.runtime.tcp import TcpTransport
from callwright.runtime.udp import UdpTransport
from callwright.sip.flow import Flow

PORT_ATTEMPTS = 20
"""With port 0 the system picks a UDP port; TCP must get the same one."""


class Transports:
    """UDP and TCP on the same address."""

    def __init__(self, udp: UdpTransport, tcp: TcpTransport) -> None:
        self._udp = udp
        self._tcp = tcp
        self.address = udp.address

    @classmethod
    async def open(
        cls,
        bind: HostPort,
        clock: Clock,
        tasks: Tasks,
        *,
        receive: Callable[[Flow, bytes], None],
        failed: Callable[[Flow], None],
    ) -> "Transports":
        """Raises OSError when the address is taken or not ours."""
        for attempt in range(1, PORT_ATTEMPTS + 1):
            udp = UdpTransport(bind, receive)
            tcp = TcpTransport(clock, tasks, receive, failed)
            try:
                await tcp.listen(udp.address)
            except OSError:
                udp.close()
                if bind.port != 0 or attempt == PORT_ATTEMPTS:
                    raise
            else:
                return cls(udp, tcp)
        raise AssertionError("unreachable")

    def flow_to(self, transport: str, remote: HostPort) -> Flow:
        return self._tcp.flow_to(remote) if transport == "tcp" else self._udp.flow_to(remote)

    def transmit(self, flow: Flow, data: bytes) -> None:
        if flow.transport == "tcp":
            self._tcp.send(flow, data)
        else:
            self._udp.send(flow, data)

    async def close(self) -> None:
        self._udp.close()
        await self._tcp.close()
