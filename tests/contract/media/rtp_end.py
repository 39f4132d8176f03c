"""RTP packets and UDP ports of the world outside."""

import asyncio
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from callwright.kernel.addresses import HostPort
from callwright.testing.network import Host

PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class RtpPacket:
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    at_s: float = 0.0

    def to_bytes(self) -> bytes:
        second = self.marker << 7 | self.payload_type
        head = (0x80, second, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc)
        return struct.pack("!BBHII", *head) + self.payload

    @classmethod
    def parse(cls, datagram: bytes, at_s: float) -> "RtpPacket":
        first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", datagram)
        assert first == 0x80, "we write version 2 and nothing optional"
        payload = datagram[12:]
        return cls(second & 127, second >> 7 == 1, sequence, timestamp, ssrc, payload, at_s)


class RtpEnd(ABC):
    """A UDP port of the world outside that keeps what arrives."""

    ip: str
    port: int

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._changed = asyncio.Event()
        self.datagrams: list[tuple[bytes, tuple[str, int], float]] = []
        self.on_datagram: Callable[[bytes], None] | None = None
        """Told of each one as it comes."""

    @abstractmethod
    def send(self, data: bytes, port: int) -> None:
        """To a port of the engine."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.datagrams.append((data, addr, self._loop.time()))
        self._changed.set()
        if self.on_datagram is not None:
            self.on_datagram(data)

    async def until(self, is_true: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
        async with asyncio.timeout(within_s):
            while not is_true():
                self._changed.clear()
                await self._changed.wait()

    @property
    def packets(self) -> list[RtpPacket]:
        return [RtpPacket.parse(data, at_s) for data, _, at_s in self.datagrams]


class UdpEnd(RtpEnd, asyncio.DatagramProtocol):
    """On a socket of this machine."""

    @classmethod
    async def open(cls, ip: str = "127.0.0.1", port: int = 0) -> "UdpEnd":
        loop = asyncio.get_running_loop()
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        bound.bind((ip, port))
        _, end = await loop.create_datagram_endpoint(lambda: cls(loop), sock=bound)
        return end

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)
        self.ip, self.port = transport.get_extra_info("sockname")

    def send(self, data: bytes, port: int) -> None:
        self.transport.sendto(data, ("127.0.0.1", port))


class SimulatedEnd(RtpEnd):
    """On a host of the simulated network."""

    def __init__(self, host: Host, engine_ip: str) -> None:
        super().__init__(host.network.loop)
        self.ip, self.port = host.ip, host.ephemeral_port()
        self._engine_ip = engine_ip
        self._socket = host.bind(self.port, self._came)

    def send(self, data: bytes, port: int) -> None:
        self._socket.send(HostPort(self._engine_ip, port), data)

    def _came(self, source: HostPort, data: bytes) -> None:
        self.datagram_received(data, (source.host, source.port))
