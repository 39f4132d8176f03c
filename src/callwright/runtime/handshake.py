"""A TCP connection on which TLS is not agreed on yet: counted before it costs much.

Whoever connects and says nothing would otherwise hold the buffers of a TLS connection, and no limit
would know of it.
"""

import asyncio
import ssl
from typing import TYPE_CHECKING

from callwright.kernel.limits.signalling import SIP_TLS_HANDSHAKE_S
from callwright.runtime.connection import Connection

if TYPE_CHECKING:
    from callwright.runtime.streams import StreamTransport


class Handshake(asyncio.Protocol):
    """Makes way for a `Connection` once the peer speaks TLS; what it says at once is kept."""

    def __init__(self, owner: "StreamTransport", context: ssl.SSLContext) -> None:
        self._owner = owner
        self._context = context
        self._transport: asyncio.Transport | None = None
        self._said = bytearray()
        """At most what the TLS layer reads before the task below has its turn."""
        self._host = ""
        self._has_place = False
        self._is_lost = False

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def make_room(self) -> None:
        """Leaves its place to somebody else, at once."""
        self.cut()
        self._give_place_back()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._host = transport.get_extra_info("peername")[0]
        self._has_place = self._owner.take_place(self._host)
        if not self._has_place:
            transport.abort()
            return
        transport.pause_reading()
        self._owner.shaking[self] = None
        self._owner.tasks.spawn(self._secure(transport), f"TLS with {self._host}")

    def data_received(self, data: bytes) -> None:
        self._said += data

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True

    def _give_place_back(self) -> None:
        self._owner.shaking.pop(self, None)
        if self._has_place:
            self._has_place = False
            self._owner.give_place_back(self._host)

    async def _secure(self, transport: asyncio.Transport) -> None:
        secured: asyncio.Transport | None = None
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport,
                self,
                self._context,
                server_side=True,
                ssl_handshake_timeout=SIP_TLS_HANDSHAKE_S,
            )
        except OSError:  # SSLError is one, and what a timeout brings
            transport.abort()
        finally:
            self._owner.shaking.pop(self, None)
            if secured is None or self._is_lost:
                self._give_place_back()
        if secured is None or self._is_lost or not self._has_place:
            transport.abort()
            return
        connection = Connection(self._owner, None, has_place=True)
        secured.set_protocol(connection)
        connection.connection_made(secured)
        if self._said:
            connection.data_received(bytes(self._said))
