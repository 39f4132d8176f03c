"""The pure core of the native engine on a simulated host: real packets, virtual time.

Its ticks are timers of the virtual loop, its datagrams travel the simulated network. So the code of
production decides who hears whom, through loss, delay and NAT, and a seed repeats exactly; but for
handshakes (DTLS), whose keys are drawn from the system.
"""

import asyncio
from collections.abc import Callable

from callwright.kernel.addresses import HostPort
from callwright.kernel.ids import LegId
from callwright.media import _native
from callwright.media.events import MediaEvent
from callwright.media.native_commands import NativeCommands
from callwright.testing.network import DatagramSocket, Host

SAMPLES_PER_S = 8_000
TICK_SAMPLES = 80
NTP_OFFSET_S = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""
EVENTS_MAX = 65_536
"""More are never there at once."""
A_TOUCH = 1e-6
"""Of a sample: what the loop's floating-point time may lack of a whole one."""


class CoreMedia(NativeCommands):
    """A `MediaEngine` on a host of the simulated network. Events come on the virtual loop."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._loop = host.network.loop
        began_s = int(self._loop.started_at.timestamp()) + NTP_OFFSET_S
        self._core = _native.Core(self._loop.random.getrandbits(64), began_s << 32)
        super().__init__(self._core)
        self._ports: dict[LegId, int] = {}
        self._sockets: dict[int, tuple[DatagramSocket, DatagramSocket]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_settling = False
        self._listener: Callable[[MediaEvent], None] = lambda event: None

    # -- MediaEngine, where it differs -------------------------------------------------------------

    def open_leg(self, leg: LegId, local_ip: str, rtp_port: int) -> None:
        if rtp_port not in self._sockets:
            self._sockets[rtp_port] = self._bind(rtp_port)
        try:
            super().open_leg(leg, local_ip, rtp_port)
        except OSError:
            self._unbind(rtp_port)
            raise
        self._ports[leg] = rtp_port
        self._tick_later()

    def close_leg(self, leg: LegId) -> None:
        super().close_leg(leg)
        self._settle()  # a last report goes out before the ports are free
        port = self._ports.pop(leg, None)
        if port is not None:
            self._unbind(port)

    def on_event(self, listener: Callable[[MediaEvent], None]) -> None:
        self._listener = listener

    def close(self) -> None:
        """Events of the end come before this returns: there is no later."""
        self._order().close()
        self._send()
        self._ports.clear()
        for port in tuple(self._sockets):
            self._unbind(port)
        for event in self._take_events(EVENTS_MAX):
            self._listener(event)

    @property
    def open_legs(self) -> dict[LegId, int]:
        """Their RTP ports, in the order of opening."""
        return dict(self._ports)

    @property
    def open_count(self) -> int:
        return len(self._ports)

    # -- time --------------------------------------------------------------------------------------

    def _order(self) -> _native.Commands:
        self._pass_time()
        if not self._is_settling:
            self._is_settling = True
            self._loop.call_soon(self._settle)
        return self._core

    def _pass_time(self) -> None:
        self._core.pass_time(self._samples())

    def _samples(self) -> int:
        return int(self._loop.time() * SAMPLES_PER_S + A_TOUCH)

    def _tick_later(self) -> None:
        if self._timer is None:
            self._tick_at(self._samples() // TICK_SAMPLES + 1)

    def _tick_at(self, number: int) -> None:
        self._timer = self._loop.call_at(number * TICK_SAMPLES / SAMPLES_PER_S, self._tick, number)

    def _tick(self, number: int) -> None:
        self._timer = None
        if not self._ports:
            return
        self._core.pass_time(number * TICK_SAMPLES)
        self._core.tick()
        self._settle()
        self._tick_at(number + 1)

    # -- what goes in and comes out ----------------------------------------------------------------

    def _receive(self, rtp_port: int, is_rtcp: bool, source: HostPort, data: bytes) -> None:
        self._pass_time()
        self._core.receive(rtp_port, is_rtcp, source.host, source.port, data)
        self._settle()

    def _settle(self) -> None:
        """Sends what is to be sent, tells what happened."""
        self._is_settling = False
        self._send()
        for event in self._take_events(EVENTS_MAX):
            self._loop.call_soon(self._tell, event)

    def _tell(self, event: MediaEvent) -> None:
        self._listener(event)

    def _send(self) -> None:
        for rtp_port, is_rtcp, ip, port, data in self._core.take_datagrams():
            if pair := self._sockets.get(rtp_port):
                pair[is_rtcp].send(HostPort(ip, port), data)

    def _bind(self, rtp_port: int) -> tuple[DatagramSocket, DatagramSocket]:
        def rtp_came(source: HostPort, data: bytes) -> None:
            self._receive(rtp_port, False, source, data)

        def rtcp_came(source: HostPort, data: bytes) -> None:
            self._receive(rtp_port, True, source, data)

        rtp = self.host.bind(rtp_port, rtp_came)
        try:
            return rtp, self.host.bind(rtp_port + 1, rtcp_came)
        except OSError:
            rtp.close()
            raise

    def _unbind(self, rtp_port: int) -> None:
        """Unless another leg is there."""
        if rtp_port not in self._ports.values():
            for socket in self._sockets.pop(rtp_port):
                socket.close()
