"""Subscriptions that peers hold with us, and the NOTIFYs they get (RFC 6665)."""

from collections.abc import Callable, Sequence
from typing import Protocol

from callwright.kernel.clock import Timer
from callwright.kernel.limits.subscriptions import (
    NOTIFY_FAILURES_MAX,
    NOTIFY_RETRY_S,
    SUBSCRIPTION_EXPIRES_S_MAX,
    SUBSCRIPTION_LOOK_S,
)
from callwright.sip.dialog import Dialog, DialogUser, contact_text, current_flow, reopened
from callwright.sip.events.package import same_event
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response
from callwright.sip.transaction.client import ClientTransaction
from callwright.sip.transaction.layer import TransactionLayer
from callwright.sip.transaction.server import ServerTransaction

SUBSCRIPTION_GONE = frozenset({404, 405, 408, 410, 480, 481, 489, 501, 604})
"""Answers to a NOTIFY after which nobody listens any more (RFC 6665 §4.2.2, RFC 5057 §5.1)."""

Body = bytes | Callable[[], bytes]
"""What a NOTIFY says; a function is asked when the NOTIFY leaves."""


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
    that wait only the newest is kept. One that the peer answers with an error is sent again, a few
    times, so that the last state arrives.
    """

    __slots__ = (
        "_dialog",
        "_dialogs",
        "_event",
        "_expires_at_s",
        "_failures",
        "_granted_s",
        "_interval_s",
        "_is_busy",
        "_is_final",
        "_layer",
        "_listener",
        "_max_s",
        "_min_s",
        "_pause",
        "_quiet_until_s",
        "_reason",
        "_said",
        "_said_on",
        "_timer",
        "_waiting",
        "flow",
        "is_over",
        "phone",
    )

    def __init__(
        self,
        layer: TransactionLayer,
        dialogs: dict[str, DialogUser],
        transaction: ServerTransaction,
        *,
        expires_s: int,
        listener: SubscriptionListener,
        min_s: int = 0,
        max_s: int = SUBSCRIPTION_EXPIRES_S_MAX,
        interval_s: float = 0.0,
    ) -> None:
        """Answers ``transaction`` 200; 0 seconds fetch the state once.

        ``min_s`` and ``max_s`` bound what a refresh may ask for; ``interval_s`` lies between two
        NOTIFYs at least.
        """
        request = transaction.request
        local_tag = layer.new_token()
        self.flow = transaction.flow
        self.phone = ""
        """Which phone of its user holds it, as ``Binding.phone`` says; "": none that is known."""
        self.is_over = False
        self._layer = layer
        self._dialogs = dialogs
        self._listener = listener
        self._dialog = Dialog.of_server(request, local_tag)
        self._event = request.header("Event") or "presence"
        self._granted_s = expires_s
        self._min_s = min_s
        self._max_s = max_s
        self._interval_s = interval_s
        self._quiet_until_s = 0.0
        self._expires_at_s = 0.0
        self._timer: Timer | None = None
        self._pause: Timer | None = None
        self._failures = 0
        self._is_busy = False
        self._is_final = False
        self._reason = ""
        """Why it ended, once it did."""
        self._waiting: tuple[Body, str | None] | None = None
        self._said: tuple[Body, str | None] | None = None
        """What the NOTIFY under way tells."""
        self._said_on = self.flow
        dialogs[local_tag] = self
        transaction.to_tag = local_tag
        self._answer(transaction, expires_s, timer_s=expires_s or SUBSCRIPTION_LOOK_S)

    def notify(self, body: Body, content_type: str, *, at_once: bool = False) -> None:
        """Sends the state, or keeps it until the NOTIFY under way is answered and the interval is
        over; ``at_once`` passes over the interval."""
        if self.is_over or self._is_final:
            return
        if self._expires_at_s > self._layer.clock.monotonic():
            if at_once:
                self._quiet_until_s = 0.0
            self._waiting = (body, content_type)
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
        elif not same_event(request.header("Event") or self._event, self._event):
            transaction.respond(481, "This dialog has an other subscription")
        else:
            self._refresh(transaction)

    def receive_ack(self, request: Request, flow: Flow) -> None:
        """There is no INVITE in this dialog."""

    def lose_flow(self, flow: Flow) -> None:
        """The next NOTIFY finds out whether there is an other way to the peer."""
        if self.flow == flow and flow.is_reliable:
            self.flow = reopened(flow, self._dialog.target)

    def follow(self, flows: Sequence[Flow]) -> None:
        """The phone's flows are others now, the newest first."""
        self.flow = current_flow(self._dialog, self.flow, flows)
        if self._failures and self._pause is not None:
            self._pause.cancel()
            self._resume()

    # -- inside -----------------------------------------------------------------------------------

    def _refresh(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        wanted_s = request.expires
        if wanted_s is not None and 0 < wanted_s < self._min_s:
            transaction.respond(423, headers=(("Min-Expires", str(self._min_s)),))
            return
        self.flow = transaction.flow
        self._dialog.refresh_target(request)
        expires_s = min(self._granted_s if wanted_s is None else wanted_s, self._max_s)
        self._answer(transaction, expires_s, timer_s=expires_s)
        if expires_s:
            self._listener.on_refreshed(self, request)

    def _answer(self, transaction: ServerTransaction, expires_s: int, *, timer_s: float) -> None:
        clock = self._layer.clock
        self._granted_s = expires_s or self._granted_s
        transaction.respond(
            200, headers=(("Expires", str(expires_s)), ("Contact", contact_text(self.flow)))
        )
        if self._timer is not None:
            self._timer.cancel()
        self._expires_at_s = clock.monotonic() + expires_s
        self._timer = clock.call_later(timer_s, self._expire)

    def _expire(self) -> None:
        self._timer = None
        if not self.is_over and not self._is_final:
            self._close(b"", None, "timeout")
            self._listener.on_ended(self)

    def _close(self, body: Body, content_type: str | None, reason: str) -> None:
        """Sends the last NOTIFY; the dialog lives until it is answered."""
        self._is_final = True
        self._reason = reason
        self._stop_timers()
        self._waiting = (body, content_type)
        self._send()

    def _send(self) -> None:
        if self._is_busy or self._waiting is None:
            return
        now_s = self._layer.clock.monotonic()
        if now_s < self._quiet_until_s and not self._is_final:
            if self._pause is None:
                wait_s = self._quiet_until_s - now_s
                self._pause = self._layer.clock.call_later(wait_s, self._resume)
            return
        (body, content_type), self._waiting = self._waiting, None
        self._said = (body, content_type)
        self._said_on = self.flow
        self._is_busy = True
        self._quiet_until_s = now_s + self._interval_s
        if self._is_final:
            state = f"terminated;reason={self._reason}"
        else:
            state = f"active;expires={max(round(self._expires_at_s - now_s), 1)}"
        branch = self._layer.new_branch()
        request = self._dialog.make_request(
            "NOTIFY",
            flow=self.flow,
            branch=branch,
            cseq=self._dialog.next_cseq(),
            contact=contact_text(self.flow),
            headers=(("Event", self._event), ("Subscription-State", state)),
            body=body if isinstance(body, bytes) else body(),
            content_type=content_type,
        )
        ClientTransaction(self._layer, request, branch, self.flow, self._receive_response)

    def _resume(self) -> None:
        self._pause = None
        self._quiet_until_s = 0.0
        self._send()

    def _receive_response(self, response: Response) -> None:
        self._is_busy = False
        if self.is_over:
            return
        said, self._said = self._said, None
        if response.is_local and self.flow != self._said_on:
            self._waiting = self._waiting or said  # the peer is elsewhere, and did not hear it
            self._quiet_until_s = 0.0
            self._send()
            return
        self._failures = 0 if response.status < 300 else self._failures + 1
        # A phone that is silent is gone (RFC 6665 §4.2.2). One whose connection broke comes back.
        may_return = bool(self.phone) and response.status == 503
        is_gone = (
            (response.is_local and not may_return)
            or response.status in SUBSCRIPTION_GONE
            or self._failures > NOTIFY_FAILURES_MAX
        )
        if is_gone or (self._is_final and self._waiting is None):
            self._forget()
            if is_gone and not self._is_final:
                self._listener.on_ended(self)
            return
        if self._failures:
            self._waiting = self._waiting or said
            self._quiet_until_s = self._layer.clock.monotonic() + NOTIFY_RETRY_S
        self._send()

    def _forget(self) -> None:
        self.is_over = True
        self._waiting = None
        self._stop_timers()
        self._dialogs.pop(self._dialog.local_tag, None)

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._pause):
            if timer is not None:
                timer.cancel()
        self._timer = self._pause = None
