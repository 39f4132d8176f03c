"""Subscriptions that peers hold with us, and the NOTIFYs they get (RFC 6665)."""

from typing import Protocol

from callwright.kernel.clock import Timer
from callwright.sip.dialog import Dialog, DialogUser, contact_text
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response
from callwright.sip.transaction.client import ClientTransaction
from callwright.sip.transaction.layer import TransactionLayer
from callwright.sip.transaction.server import ServerTransaction

SUBSCRIPTION_GONE = frozenset({404, 405, 408, 410, 480, 481, 489, 501, 604})
"""Answers to a NOTIFY after which nobody listens any more (RFC 6665 §4.2.2, RFC 5057 §5.1)."""


class SubscriptionListener(Protocol):
    """The owner of a subscription; every method may call back into it."""

    def on_refreshed(self, subscription: "Subscription", request: Request) -> None:
        """The peer subscribed again and was answered 200; it expects the full state."""
        ...

    def on_ended(self, subscription: "Subscription") -> None:
        """It expired, or the peer unsubscribed or is gone. Not called after ``terminate``."""
        ...


class Subscription:
    """One subscription in a dialog of its own.

    One NOTIFY is under way at a time, so that an old state cannot overtake a new one; of those
    that wait only the newest is kept.
    """

    __slots__ = (
        "_dialog",
        "_dialogs",
        "_event",
        "_expires_at_s",
        "_granted_s",
        "_is_busy",
        "_is_final",
        "_layer",
        "_listener",
        "_timer",
        "_waiting",
        "flow",
        "is_over",
        "request",
    )

    def __init__(
        self,
        layer: TransactionLayer,
        dialogs: dict[str, DialogUser],
        transaction: ServerTransaction,
        *,
        expires_s: int,
        listener: SubscriptionListener,
    ) -> None:
        """Answers ``transaction`` 200; 0 seconds fetch the state once."""
        request = transaction.request
        local_tag = layer.new_token()
        self.request = request
        """The SUBSCRIBE that began it."""
        self.flow = transaction.flow
        self.is_over = False
        self._layer = layer
        self._dialogs = dialogs
        self._listener = listener
        self._dialog = Dialog.of_server(request, local_tag)
        self._event = request.header("Event") or "presence"
        self._granted_s = expires_s
        self._expires_at_s = 0.0
        self._timer: Timer | None = None
        self._is_busy = False
        self._is_final = False
        self._waiting: tuple[bytes, str | None, str] | None = None
        dialogs[local_tag] = self
        transaction.to_tag = local_tag
        self._answer(transaction, expires_s)

    def notify(self, body: bytes, content_type: str) -> None:
        """Sends the state, or keeps it until the NOTIFY under way is answered."""
        if self.is_over or self._is_final:
            return
        left_s = round(self._expires_at_s - self._layer.clock.monotonic())
        if left_s > 0:
            self._waiting = (body, content_type, f"active;expires={left_s}")
            self._send()
        else:  # the one NOTIFY of somebody who only wanted to look (RFC 6665 §4.4.3)
            self._close(body, content_type, "timeout")
            self._listener.on_ended(self)

    def terminate(self, reason: str) -> None:
        """Ends it from our side; ``reason`` is a word of RFC 6665 §4.1.3: ``noresource``, …"""
        if not self.is_over and not self._is_final:
            self._close(b"", None, reason)

    # -- what the network brings (DialogUser) -----------------------------------------------------

    def receive_request(self, transaction: ServerTransaction) -> None:
        """A refresh, or its end with ``Expires: 0``."""
        request = transaction.request
        dialog = self._dialog
        if not dialog.is_between(request.call_id, request.from_tag) or self._is_final:
            transaction.respond(481)
        elif not dialog.accept_order(request):
            transaction.respond(500, "CSeq out of order")
        elif request.method != "SUBSCRIBE":
            transaction.respond(405)
        elif (request.header("Event") or self._event) != self._event:
            transaction.respond(481, "This dialog has an other subscription")
        else:
            self.flow = transaction.flow
            dialog.refresh_target(request)
            wanted_s = request.expires
            expires_s = self._granted_s if wanted_s is None else min(wanted_s, self._granted_s)
            self._answer(transaction, expires_s)
            if expires_s:
                self._listener.on_refreshed(self, request)

    def receive_ack(self, request: Request, flow: Flow) -> None:
        """There is no INVITE in this dialog."""

    def lose_flow(self, flow: Flow) -> None:
        """The next NOTIFY finds out whether there is an other way to the peer."""
        if self.flow == flow and flow.is_reliable:
            self.flow = Flow(flow.transport, flow.local, flow.remote)

    # -- inside -----------------------------------------------------------------------------------

    def _answer(self, transaction: ServerTransaction, expires_s: int) -> None:
        clock = self._layer.clock
        transaction.respond(
            200, headers=(("Expires", str(expires_s)), ("Contact", contact_text(self.flow)))
        )
        if self._timer is not None:
            self._timer.cancel()
        self._expires_at_s = clock.monotonic() + expires_s
        self._timer = clock.call_later(expires_s, self._expire)

    def _expire(self) -> None:
        self._timer = None
        if not self.is_over and not self._is_final:
            self._close(b"", None, "timeout")
            self._listener.on_ended(self)

    def _close(self, body: bytes, content_type: str | None, reason: str) -> None:
        """Sends the last NOTIFY; the dialog lives until it is answered."""
        self._is_final = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting = (body, content_type, f"terminated;reason={reason}")
        self._send()

    def _send(self) -> None:
        if self._is_busy or self._waiting is None:
            return
        (body, content_type, state), self._waiting = self._waiting, None
        self._is_busy = True
        branch = self._layer.new_branch()
        request = self._dialog.make_request(
            "NOTIFY",
            flow=self.flow,
            branch=branch,
            cseq=self._dialog.next_cseq(),
            contact=contact_text(self.flow),
            headers=(("Event", self._event), ("Subscription-State", state)),
            body=body,
            content_type=content_type,
        )
        ClientTransaction(self._layer, request, branch, self.flow, self._receive_response)

    def _receive_response(self, response: Response) -> None:
        self._is_busy = False
        if self.is_over:
            return
        is_gone = response.is_local or response.status in SUBSCRIPTION_GONE
        if is_gone or (self._is_final and self._waiting is None):
            self._forget()
            if is_gone and not self._is_final:
                self._listener.on_ended(self)
        else:
            self._send()

    def _forget(self) -> None:
        self.is_over = True
        self._waiting = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._dialogs.pop(self._dialog.local_tag, None)
