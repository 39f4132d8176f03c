"""Client transactions: RFC 3261 §17.1, with the Accepted state of RFC 6026."""

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from callwright.sip.dialog import reopened
from callwright.sip.flow import Flow
from callwright.sip.location import is_numeric
from callwright.sip.message import MAX_FORWARDS, Request, Response, encode
from callwright.sip.transaction.layer import TransactionLayer, local_response
from callwright.sip.transaction.timers import Backoff
from callwright.sip.uri import UriError, parse_uri

CALLING = 0
PROCEEDING = 1
COMPLETED = 2
ACCEPTED = 3
TERMINATED = 4
OVERDUE = 5
"""An INVITE that was given up and whose peer may still turn up: it must not ring for nobody."""

_SAME_HOP = frozenset({"Via", "Route", "From", "Call-ID"})
"""What an ACK for a refusal and a CANCEL repeat of the INVITE (RFC 3261 §9.1, §17.1.1.3)."""


class ClientTransaction:
    """Any request but INVITE and ACK; reports the final response, real or local, once."""

    __slots__ = ("_backoff", "_data", "_key", "_layer", "_on_response", "_state", "flow", "request")

    def __init__(
        self,
        layer: TransactionLayer,
        request: Request,
        branch: str,
        flow: Flow,
        on_response: Callable[[Response], None] | None,
    ) -> None:
        """Sends at once; ``branch`` is the one in the request's Via."""
        self.request = request
        self.flow = flow
        self._layer = layer
        self._key = f"{branch} {request.method}"
        self._on_response = on_response
        self._state = CALLING
        self._data = encode(request)
        self._backoff: Backoff | None = None
        layer.clients[self._key] = self
        if flow.is_reliable:
            layer.long.add(self, CALLING)
        else:
            self._backoff = Backoff(layer.first_shots, send=self._resend, give_up=self._time_out)
        layer.transmit(flow, self._data)

    def receive(self, response: Response, flow: Flow) -> None:
        """Takes a response that the branch says is for this transaction."""
        if self._state >= COMPLETED:
            self._layer.counters["retransmissions_received"] += 1
            return
        if response.status < 200:
            if self._backoff is not None:
                self._backoff.slow_down()
            return
        self._finish(response, linger=not self.flow.is_reliable)

    def lose_flow(self) -> None:
        """Ends it with a response of our own, unless there was a real one."""
        self._fail(503)

    def expire(self, state: int) -> None:
        if state == CALLING:
            self._time_out()
        elif state == self._state:
            self._forget()

    def _finish(self, response: Response, *, linger: bool) -> None:
        self._state = COMPLETED
        self._data = b""
        if self._backoff is not None:
            self._backoff.stop()
            self._backoff = None
        if linger:
            self._layer.brief.add(self, COMPLETED)
        else:
            self._forget()
        on_response, self._on_response = self._on_response, None
        if on_response is not None:
            on_response(response)

    def _fail(self, status: int) -> None:
        if self._state < COMPLETED:
            self._finish(local_response(self.request, status), linger=False)

    def _time_out(self) -> None:
        self._fail(408)

    def _resend(self) -> None:
        self._layer.counters["retransmissions_sent"] += 1
        self._layer.transmit(self.flow, self._data)

    def _forget(self) -> None:
        self._state = TERMINATED
        self._layer.clients.pop(self._key, None)


class InviteClientUser(Protocol):
    """The session that sent the INVITE."""

    def on_invite_provisional(self, response: Response, flow: Flow) -> None: ...

    def on_invite_success(self, response: Response, flow: Flow) -> None:
        """Each 2xx, retransmitted ones and those of other forks included; the user sends ACKs."""
        ...

    def on_invite_failure(self, response: Response, flow: Flow) -> None:
        """Once; the ACK is already on its way. A local response says that nobody answered."""
        ...


class InviteClientTransaction:
    """An INVITE, its ACK when it is refused, and its CANCEL."""

    __slots__ = (
        "_ack",
        "_backoff",
        "_branch",
        "_cancel_headers",
        "_data",
        "_key",
        "_layer",
        "_state",
        "_user",
        "flow",
        "request",
    )

    def __init__(
        self,
        layer: TransactionLayer,
        request: Request,
        branch: str,
        flow: Flow,
        user: InviteClientUser,
    ) -> None:
        """Sends at once; ``branch`` is the one in the request's Via."""
        self.request = request
        self.flow = flow
        self._layer = layer
        self._branch = branch
        self._key = f"{branch} INVITE"
        self._user = user
        self._state = CALLING
        self._data = encode(request)
        self._ack = b""
        self._cancel_headers: Sequence[tuple[str, str]] | None = None
        self._backoff: Backoff | None = None
        layer.clients[self._key] = self
        if flow.is_reliable:
            layer.long.add(self, CALLING)
        else:
            self._backoff = Backoff(
                layer.first_shots,
                send=self._resend,
                give_up=self._time_out,
                longest_s=math.inf,
            )
        layer.transmit(flow, self._data)

    @property
    def has_final(self) -> bool:
        return self._state >= COMPLETED

    def cancel(self, headers: Sequence[tuple[str, str]]) -> None:
        """Sends CANCEL as soon as a provisional response was seen (RFC 3261 §9.1); once."""
        if self._cancel_headers is None and self._state < COMPLETED:
            self._cancel_headers = headers
            if self._state == PROCEEDING:
                self._send_cancel(headers)

    def receive(self, response: Response, flow: Flow) -> None:
        """Takes a response that the branch says is for this transaction."""
        if self.flow.connection is None and flow.is_reliable:
            self.flow = flow  # the connection that was opened for us, or that the peer opened
        if response.status < 200:
            self._receive_provisional(response, flow)
        elif response.status < 300:
            self._receive_success(response, flow)
        else:
            self._receive_failure(response, flow)

    def lose_flow(self) -> None:
        """A peer that has answered says the rest over another connection (RFC 3261 §18.2.2); one
        that has not may not even have heard (§17.1.4)."""
        if self._state == CALLING:
            self._give_up(503)
        if self.flow.connection is not None:
            self.move(_same_hop_anew(self.flow, self.request))

    def move(self, flow: Flow) -> None:
        """The peer is there now, and so must be its CANCEL, which may have gone with the way that
        it took. What was sent on a connection and not answered waits for that or fails with it."""
        if self._state == CALLING and self.flow.is_reliable:
            return
        self.flow = flow
        if self._state in (PROCEEDING, OVERDUE) and self._cancel_headers is not None:
            self._send_cancel(self._cancel_headers)

    def expire(self, state: int) -> None:
        if state == self._state:
            if state < COMPLETED:
                self._time_out()
            else:
                self._forget()

    def _receive_provisional(self, response: Response, flow: Flow) -> None:
        if self._state == OVERDUE:
            if self._cancel_headers is None:
                self._cancel_headers = ()
                self._send_cancel(())
            return
        if self._state >= COMPLETED:
            return
        if self._state == CALLING:
            self._state = PROCEEDING
            self._stop_sending()
            if self._cancel_headers is not None:
                self._send_cancel(self._cancel_headers)
        self._user.on_invite_provisional(response, flow)

    def _receive_success(self, response: Response, flow: Flow) -> None:
        if self._state < COMPLETED:
            self._state = ACCEPTED
            self._stop_sending()
            self._layer.long.add(self, ACCEPTED)
        elif self._state not in (ACCEPTED, OVERDUE):
            return
        self._user.on_invite_success(response, flow)

    def _receive_failure(self, response: Response, flow: Flow) -> None:
        if self._state < COMPLETED or self._state == OVERDUE:
            is_news = self._state != OVERDUE
            self._stop_sending()
            to = response.header("To") or ""
            self._ack = encode(self._same_hop("ACK", to))
            self._layer.transmit(self.flow, self._ack)
            if self.flow.is_reliable:
                self._forget()
            else:
                self._state = COMPLETED
                self._layer.long.add(self, COMPLETED)
            if is_news:
                self._user.on_invite_failure(response, flow)
        elif self._state == COMPLETED:
            self._layer.counters["retransmissions_received"] += 1
            self._layer.transmit(self.flow, self._ack)

    def _send_cancel(self, headers: Sequence[tuple[str, str]]) -> None:
        to = self.request.header("To") or ""
        request = self._same_hop("CANCEL", to, headers)
        ClientTransaction(self._layer, request, self._branch, self.flow, None)
        # RFC 3261 §9.1: without a final response by then the INVITE counts as cancelled.
        self._layer.long.add(self, PROCEEDING)

    def _same_hop(self, method: str, to: str, headers: Sequence[tuple[str, str]] = ()) -> Request:
        invite = self.request
        fields = [pair for pair in invite.headers if pair[0] in _SAME_HOP]
        fields += [
            ("To", to),
            ("CSeq", f"{invite.cseq[0]} {method}"),
            ("Max-Forwards", str(MAX_FORWARDS)),
            *headers,
        ]
        return Request(method, invite.uri, fields)

    def _time_out(self) -> None:
        """Timer B, or 64*T1 after a CANCEL."""
        if self._state < COMPLETED:
            self._give_up(408)

    def _give_up(self, status: int) -> None:
        """Ends it with a response of our own. The last copy of the INVITE may just have arrived, so
        what the peer says of it is awaited for 64*T1 more: ringing is cancelled, an answer
        acknowledged and hung up."""
        self._stop_sending()
        self._state = OVERDUE
        self._cancel_headers = None
        self._layer.long.add(self, OVERDUE)
        self._user.on_invite_failure(local_response(self.request, status), self.flow)

    def _resend(self) -> None:
        self._layer.counters["retransmissions_sent"] += 1
        self._layer.transmit(self.flow, self._data)

    def _stop_sending(self) -> None:
        self._data = b""
        if self._backoff is not None:
            self._backoff.stop()
            self._backoff = None

    def _forget(self) -> None:
        self._state = TERMINATED
        self._layer.clients.pop(self._key, None)


def _same_hop_anew(flow: Flow, invite: Request) -> Flow:
    """A new connection to where the INVITE went, for its CANCEL (RFC 3261 §9.1).

    That is where its Route or Request-URI leads. If they name a host and no port, only the DNS
    says which, and the old connection was opened to there.
    """
    route = next(iter(invite.header_values("Route")), "")
    hop = route[route.find("<") + 1 :].partition(">")[0] or invite.uri
    try:
        uri = parse_uri(hop)
    except UriError:
        return reopened(flow, None)
    return reopened(flow, hop if uri.port or is_numeric(uri.host) else None)
