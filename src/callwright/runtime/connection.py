"""One connection of a stream transport, from its first byte to its last."""

import asyncio
import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from callwright.kernel.addresses import HostPort
from callwright.kernel.clock import Timer
from callwright.kernel.limits.signalling import (
    SIP_TCP_FIRST_REQUEST_S,
    SIP_TCP_IDLE_S,
    SIP_TCP_PARTIAL_MESSAGE_S,
    SIP_TCP_UNPROVEN_IDLE_S,
)
from callwright.runtime.certificates import names_of
from callwright.sip.certificate_names import speaks_for
from callwright.sip.flow import Flow
from callwright.sip.framing import KEEP_ALIVE, PONG, FramingError, Ping
from callwright.sip.glance import shows_business
from callwright.sip.message import Request
from callwright.sip.parser import ParseError, parse

if TYPE_CHECKING:
    from callwright.runtime.streams import StreamTransport

log = structlog.get_logger("callwright.connections")

UNSENT_BYTES_MAX = 1024 * 1024
"""A peer that does not read is cut off."""


class Connection(asyncio.Protocol):
    """Sends what was given before it was open; is closed when it idles, breaks the framing, keeps
    a message unfinished (slow loris), or is opened to us and asks nothing. Who has proven nothing
    may not idle for long."""

    flow: Flow

    def __init__(
        self, owner: "StreamTransport", flow: Flow | None, *, has_place: bool = False
    ) -> None:
        """``flow`` None: the peer opened it; ``has_place``: it was counted already."""
        self._owner = owner
        self.has_place = has_place
        self._framing = owner.kind.framing()
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self._unsent_bytes = 0
        self._deadline: Timer | None = None
        self._is_partial = False
        self.is_ending = False
        self.lent_to: HostPort | None = None
        """Where the peer listens, if it lets us reach that over its connection."""
        self._heard_at_s = 0.0
        self.is_accepted = flow is None
        self._is_proven = not self.is_accepted
        self._has_pinged = False
        self._has_asked = not self.is_accepted
        self._first_request: Timer | None = None
        if flow is not None:
            self.flow = flow

    def send(self, message: bytes) -> None:
        if self._transport is None:
            self._unsent_bytes += len(message)
            if self._unsent_bytes <= UNSENT_BYTES_MAX:
                self._unsent.append(message)
            return
        if message == KEEP_ALIVE:
            self._has_pinged = True
        if not self._is_proven and shows_business(message):
            self._is_proven = True
            self._owner.proven(self.flow)
        self._write(self._framing.wrap(message))

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        """Says no more and hears no more, but lets the peer read what was said to it.

        To close with bytes unread would reset the connection and take the last answer with it.
        """
        self.is_ending = True
        self._owner.ending(self)
        if self._transport is not None:
            if self._transport.can_write_eof():
                self._transport.write_eof()
            else:
                self._transport.close()  # TLS says goodbye by itself
        self._is_partial = True
        self._watch(SIP_TCP_PARTIAL_MESSAGE_S)

    def tell_why_not(self, error: Exception) -> None:
        """The connection could not be opened; a certificate that is not trusted needs a person."""
        if isinstance(error, ssl.SSLError):
            log.warning("no TLS with a peer", peer=str(self.flow.remote), why=str(error))

    # -- asyncio.Protocol --------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self.is_accepted and not self._admitted(transport):
            transport.abort()
            return
        for message in self._unsent:
            transport.write(self._framing.wrap(message))
        self._unsent.clear()
        self._heard_at_s = self._owner.clock.monotonic()
        self._watch(self._idle_s)

    def data_received(self, data: bytes) -> None:
        if self.is_ending:
            return
        self._heard_at_s = self._owner.clock.monotonic()
        try:
            frames: list[bytes | Ping] = self._framing.feed(data)
        except FramingError as error:
            self._write(self._framing.reply())
            self._take(error.frames)
            self.end()
            return
        self._write(self._framing.reply())
        if self._framing.page != self.flow.page:
            self.flow = replace(self.flow, page=self._framing.page)
        self._take(frames)
        has_partial = self._framing.has_partial
        if has_partial != self._is_partial or (has_partial and frames):
            self._is_partial = has_partial  # with frames it is another one than before
            self._watch(SIP_TCP_PARTIAL_MESSAGE_S if has_partial else self._idle_s)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._deadline, self._first_request):
            if timer is not None:
                timer.cancel()
        if hasattr(self, "flow"):
            self._owner.lost(self)

    # -- inside ------------------------------------------------------------------------------------

    def _admitted(self, transport: asyncio.Transport) -> bool:
        remote, local = (transport.get_extra_info(name)[:2] for name in ("peername", "sockname"))
        secured = transport.get_extra_info("ssl_object")
        names = () if secured is None else names_of(secured.getpeercert())
        flow = self._owner.admit(self, HostPort(*local), HostPort(*remote), names)
        if flow is None:
            return False
        self.flow = flow
        self._first_request = self._owner.clock.call_later(SIP_TCP_FIRST_REQUEST_S, self._hurry)
        return True

    def _write(self, data: bytes) -> None:
        if self._transport is None or not data:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self.cut()

    def _take(self, frames: "list[bytes | Ping] | tuple[bytes | Ping, ...]") -> None:
        for frame in frames:
            if isinstance(frame, Ping):
                if not self._has_pinged:  # else these are two pongs: a stream joins what it carries
                    self.send(PONG)
                continue
            if not self._has_asked:
                self._note_first(frame)
            self._owner.receive(self.flow, frame)

    def _note_first(self, frame: bytes) -> None:
        """A first request proves that SIP is spoken, and may lend us the connection."""
        try:
            message = parse(frame)
        except ParseError:
            return
        if not isinstance(message, Request):
            return
        self._has_asked = True
        via = message.top_via
        if via.parameter("alias") is None:
            return
        flow = self.flow
        # RFC 5923 §5, §6: nobody may lend what leads to somebody else, and only a certificate
        # proves who it is. Behind one NAT an address is many hosts'.
        if speaks_for(flow.peer_names, via.host) and via.port is not None:
            self.lent_to = HostPort(self.flow.remote.host, via.port)
            self._owner.lend(self.flow, self.lent_to)

    @property
    def _idle_s(self) -> float:
        return SIP_TCP_IDLE_S if self._is_proven else SIP_TCP_UNPROVEN_IDLE_S

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
        limit_s = SIP_TCP_IDLE_S if self._owner.is_trunk(self.flow) else self._idle_s
        if self._is_partial or quiet_s >= limit_s:
            self.cut()
        else:
            self._watch(limit_s - quiet_s)
