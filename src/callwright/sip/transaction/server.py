"""Server transactions: RFC 3261 §17.2, with the Accepted state of RFC 6026."""

from collections.abc import Sequence
from typing import Protocol

from callwright.sip.flow import Flow
from callwright.sip.identity.session_id import SessionIds
from callwright.sip.message import Request, encode, make_response
from callwright.sip.transaction.layer import MergeKey, ServerKey, TransactionLayer
from callwright.sip.transaction.response_path import opened_anew
from callwright.sip.transaction.timers import Backoff

PROCEEDING = 0
COMPLETED = 1
CONFIRMED = 2
ACCEPTED = 3
TERMINATED = 4


class ServerTransaction:
    """A request that came in and waits for one final response.

    ``respond`` may be called at any time: after the end, or for a second final response, it does
    nothing.
    """

    __slots__ = (
        "_key",
        "_layer",
        "_merge_key",
        "_response",
        "_state",
        "flow",
        "ids",
        "request",
        "to_tag",
    )

    def __init__(
        self,
        layer: TransactionLayer,
        key: ServerKey,
        request: Request,
        flow: Flow,
        merge_key: MergeKey | None = None,
    ) -> None:
        self.request = request
        self.flow = flow
        """What it came on, or the way to where its sender is now."""
        self.to_tag: str | None = None
        """Our tag in the responses; made with the first one when nobody set it."""
        self.ids: SessionIds | None = None
        """What its responses name the conversation (RFC 7989)."""
        self._layer = layer
        self._key = key
        self._merge_key = merge_key
        self._state = PROCEEDING
        self._response = b""
        layer.servers[key] = self
        if merge_key is not None:
            layer.merged[merge_key] = self

    @property
    def has_final(self) -> bool:
        """A final response was sent, or nobody waits for one any longer."""
        return self._state != PROCEEDING

    def respond(
        self,
        status: int,
        reason: str | None = None,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str | None = None,
    ) -> None:
        """Sends a response on the flow of the request, with a To tag of ours (RFC 3261 §8.2.6)."""
        if self._state != PROCEEDING:
            return
        if self.to_tag is None and status != 100:
            self.to_tag = self._layer.new_token()
        if self.ids is not None:
            headers = (*headers, self.ids.header)
        response = make_response(
            self.request,
            status,
            reason,
            headers=(*headers, ("Server", self._layer.user_agent)),
            body=body,
            content_type=content_type,
            to_tag=self.to_tag if status != 100 else None,
        )
        self._response = encode(response)
        if status >= 200:
            self._complete(status)
        self._layer.transmit(self.flow, self._response)

    def receive_again(self) -> None:
        """Answers a retransmission with what was answered before."""
        self._layer.counters["retransmissions_received"] += 1
        if self._response:
            self._layer.transmit(self.flow, self._response)

    def lose_flow(self) -> None:
        """The connection is gone: from now on responses open another one (RFC 3261 §18.2.2)."""
        self.flow = opened_anew(self.flow, self.request.top_via)

    def drop_request(self) -> None:
        """Nobody reads the request any more; copies of it are still answered. For what comes in
        thousands: over UDP a transaction lingers for 32 seconds."""
        del self.request

    def wait_for_owner(self) -> None:
        """Bounds the wait for a response that the owner did not give at once."""
        if self._state == PROCEEDING:
            self._layer.long.add(self, PROCEEDING)

    def expire(self, state: int) -> None:
        if state == self._state:
            self._forget()

    def _complete(self, status: int) -> None:
        if self.flow.is_reliable:
            self._forget()
        else:
            self._state = COMPLETED
            self._layer.long.add(self, COMPLETED)

    def _forget(self) -> None:
        self._state = TERMINATED
        self._layer.servers.pop(self._key, None)
        if self._merge_key is not None:
            self._layer.merged.pop(self._merge_key, None)


class InviteServerUser(Protocol):
    """The session that answers the INVITE."""

    def on_cancel(self, request: Request) -> None:
        """The CANCEL was answered; what happens to the INVITE is the user's decision."""
        ...


class InviteServerTransaction(ServerTransaction):
    """An INVITE: refusals are repeated until their ACK comes, a 2xx is its session's affair."""

    __slots__ = ("_backoff", "user")

    def __init__(
        self,
        layer: TransactionLayer,
        key: ServerKey,
        request: Request,
        flow: Flow,
        merge_key: MergeKey | None = None,
    ) -> None:
        super().__init__(layer, key, request, flow, merge_key)
        self._backoff: Backoff | None = None
        self.user: InviteServerUser | None = None

    @property
    def awaits_ack(self) -> bool:
        """A refusal was sent: the next ACK with this branch belongs here."""
        return self._state in (COMPLETED, CONFIRMED)

    def receive_ack(self) -> None:
        """The ACK for a refusal; timer I absorbs its copies."""
        if self._state != COMPLETED:
            return
        self._stop_sending()
        if self.flow.is_reliable:
            self._forget()
        else:
            self._state = CONFIRMED
            self._layer.brief.add(self, CONFIRMED)

    def expire(self, state: int) -> None:
        if state == PROCEEDING and state == self._state:
            self.respond(500)
        else:
            super().expire(state)

    def receive_again(self) -> None:
        if self._state in (PROCEEDING, COMPLETED):
            super().receive_again()
        else:
            self._layer.counters["retransmissions_received"] += 1

    @property
    def last_response(self) -> bytes:
        """The newest response as it was sent."""
        return self._response

    def retransmit(self) -> None:
        """Sends the last response once more: the session repeats its 2xx with it."""
        self.repeat(self._response)

    def repeat(self, response: bytes) -> None:
        """Sends a response once more: a reliable one that a later one may have followed."""
        self._layer.counters["retransmissions_sent"] += 1
        self._layer.transmit(self.flow, response)

    def _complete(self, status: int) -> None:
        layer = self._layer
        if status < 300:
            self._state = ACCEPTED
            layer.long.add(self, ACCEPTED)
            return
        self._state = COMPLETED
        if self.flow.is_reliable:
            layer.long.add(self, COMPLETED)
        else:
            self._backoff = Backoff(layer.first_shots, send=self.retransmit, give_up=self._forget)

    def _forget(self) -> None:
        super()._forget()
        self.user = None

    def _stop_sending(self) -> None:
        if self._backoff is not None:
            self._backoff.stop()
            self._backoff = None
