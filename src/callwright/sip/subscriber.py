"""Subscriptions that we hold with a peer (RFC 6665 §4.1): the phone's side of a lamp."""

from collections.abc import Callable, Sequence
from typing import Protocol

from callwright.kernel.clock import Timer
from callwright.sip.dialog import Dialog, DialogUser, contact_text
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, make_request
from callwright.sip.transaction.client import ClientTransaction
from callwright.sip.transaction.layer import TransactionLayer, via_text
from callwright.sip.transaction.server import ServerTransaction

REFRESH_SHARE = 0.8
"""When a subscription is renewed, as a share of its life."""
FINAL_NOTIFY_S = 32.0
"""How long the last NOTIFY of a subscription that ends is waited for (timer N, RFC 6665 §4.1.2)."""


class SubscriberListener(Protocol):
    """Hears the state; every method may call back into the subscriber."""

    def on_notify(self, subscriber: "Subscriber", request: Request) -> None:
        """A NOTIFY, which was answered 200."""
        ...

    def on_over(self, subscriber: "Subscriber", response: Response | None) -> None:
        """Refused (``response`` says how), terminated by the peer, or ended as we wanted."""
        ...


class Subscriber:
    """One subscription; renews itself until ``unsubscribe``."""

    __slots__ = (
        "_call_id",
        "_cseq",
        "_dialog",
        "_dialogs",
        "_event",
        "_expires_s",
        "_from",
        "_headers",
        "_is_over",
        "_layer",
        "_listener",
        "_local_tag",
        "_request",
        "_timer",
        "_to",
        "_uri",
        "flow",
    )

    def __init__(
        self,
        layer: TransactionLayer,
        dialogs: dict[str, DialogUser],
        *,
        flow: Flow,
        uri: str,
        from_: str,
        to: str,
        event: str,
        expires_s: int,
        listener: SubscriberListener,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Sends the SUBSCRIBE; ``headers`` go into each one."""
        self.flow = flow
        self._layer = layer
        self._dialogs = dialogs
        self._uri = uri
        self._event = event
        self._expires_s = expires_s
        self._listener = listener
        self._headers = headers
        self._local_tag = layer.new_token()
        self._from = f"{from_};tag={self._local_tag}"
        self._to = to
        self._call_id = layer.new_token()
        self._cseq = 0
        self._dialog: Dialog | None = None
        self._request: Request | None = None
        self._timer: Timer | None = None
        self._is_over = False
        dialogs[self._local_tag] = self
        self._subscribe()

    def unsubscribe(self) -> None:
        """Ends it; the peer's last NOTIFY is still taken, then ``on_over`` follows."""
        if not self._is_over:
            self._expires_s = 0
            self._subscribe()

    # -- what the network brings (DialogUser) -----------------------------------------------------

    def receive_request(self, transaction: ServerTransaction) -> None:
        """A NOTIFY; one that overtook the 200 to our SUBSCRIBE begins the dialog, too."""
        request = transaction.request
        if request.method != "NOTIFY" or not self._is_ours(request):
            transaction.respond(481)
            return
        if self._dialog is not None and not self._dialog.accept_order(request):
            transaction.respond(500, "CSeq out of order")
            return
        self.flow = transaction.flow
        transaction.respond(200)
        state = (request.header("Subscription-State") or "").lower()
        is_last = state.startswith("terminated")
        if is_last:
            self._forget()
        self._listener.on_notify(self, request)
        if is_last:
            self._listener.on_over(self, None)

    def receive_ack(self, request: Request, flow: Flow) -> None:
        """There is no INVITE in this dialog."""

    def lose_flow(self, flow: Flow) -> None:
        """The next SUBSCRIBE opens a connection."""
        if self.flow == flow and flow.is_reliable:
            self.flow = Flow(flow.transport, flow.local, flow.remote)

    # -- inside -----------------------------------------------------------------------------------

    def _is_ours(self, request: Request) -> bool:
        if self._dialog is not None:
            return self._dialog.is_between(request.call_id, request.from_tag)
        return request.call_id == self._call_id

    def _subscribe(self) -> None:
        self._stop_timer()
        headers = (
            ("Event", self._event),
            ("Expires", str(self._expires_s)),
            ("User-Agent", self._layer.user_agent),
            *self._headers,
        )
        branch = self._layer.new_branch()
        contact = contact_text(self.flow)
        self._cseq += 1
        if self._dialog is not None:
            request = self._dialog.make_request(
                "SUBSCRIBE",
                flow=self.flow,
                branch=branch,
                cseq=self._cseq,
                contact=contact,
                headers=headers,
            )
        else:
            request = make_request(
                "SUBSCRIBE",
                self._uri,
                via=via_text(self.flow, branch),
                from_=self._from,
                to=self._to,
                call_id=self._call_id,
                cseq=self._cseq,
                contact=contact,
                headers=headers,
            )
        self._request = request
        ClientTransaction(self._layer, request, branch, self.flow, self._receive_response)

    def _receive_response(self, response: Response) -> None:
        if self._is_over:
            return
        if response.status >= 300:
            self._forget()
            self._listener.on_over(self, response)
            return
        if self._dialog is None and self._request is not None:
            self._dialog = Dialog.of_client(self._request, self._local_tag, response)
        if self._expires_s == 0:
            self._set_timer(FINAL_NOTIFY_S, self._stop_waiting)
        else:
            granted_s = self._expires_s if response.expires is None else response.expires
            self._set_timer(granted_s * REFRESH_SHARE, self._subscribe)

    def _set_timer(self, delay_s: float, callback: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self._layer.clock.call_later(delay_s, callback)

    def _stop_waiting(self) -> None:
        self._timer = None
        self._forget()
        self._listener.on_over(self, None)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _forget(self) -> None:
        self._is_over = True
        self._stop_timer()
        self._dialogs.pop(self._local_tag, None)
