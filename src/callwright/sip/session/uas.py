"""Sessions that a peer began (RFC 3261 §13.3)."""

from collections.abc import Sequence

from callwright.sip.dialog import Dialog, DialogUser, Headers
from callwright.sip.flow import Flow
from callwright.sip.identity.session_id import SessionIds
from callwright.sip.message import Request
from callwright.sip.methods import ALLOW, SUPPORTED
from callwright.sip.session.expiry import answer_refresh
from callwright.sip.session.listener import EndCause
from callwright.sip.session.reliable import Provisional, ReliableProvisionals, reliability
from callwright.sip.session.session import SDP, InviteSession, SessionState
from callwright.sip.transaction.layer import TransactionLayer
from callwright.sip.transaction.server import InviteServerTransaction, ServerTransaction


class UasSession(InviteSession):
    __slots__ = ("_held_answer", "_reliable", "_transaction")

    role = "uas"

    def __init__(
        self,
        layer: TransactionLayer,
        dialogs: dict[str, DialogUser],
        transaction: InviteServerTransaction,
    ) -> None:
        request = transaction.request
        local_tag = layer.new_token()
        super().__init__(layer, dialogs, request, transaction.flow, local_tag=local_tag)
        transaction.to_tag = local_tag
        transaction.user = self
        self._transaction = transaction
        self._reliable: ReliableProvisionals | None = None
        self._held_answer: tuple[bytes, Headers] | None = None
        self.dialog = Dialog.of_server(request, local_tag)

    def identify(self, ids: SessionIds) -> None:
        """From now on all that we say names the conversation (RFC 7989)."""
        self.ids = self._transaction.ids = ids
        if self.dialog is not None:
            self.dialog.ids = ids

    def provisional(
        self, status: int, *, reason: str | None = None, headers: Headers = (), body: bytes = b""
    ) -> None:
        """Reliably where the caller requires it, or supports it and the body must arrive."""
        is_due = self.state is SessionState.SETTING_UP and self._held_answer is None
        if not is_due or not 100 < status < 200:
            return
        provisional = Provisional(status, reason, headers, body)
        if self._reliable is None:
            is_required = reliability(self.request)
            if is_required is None or not (is_required or body):
                self.send_provisional(provisional)
                return
            self._reliable = ReliableProvisionals(self, is_required=is_required)
        if not body and not self._reliable.is_required:
            self.send_provisional(provisional)
        elif body or self.request.body or self.has_agreed_early:
            self._reliable.send(provisional)
        # else RFC 3262 §5 wants an offer in the first one: without it the caller hears nothing yet

    def answer(self, body: bytes, *, headers: Headers = ()) -> None:
        if self.state is not SessionState.SETTING_UP or self._held_answer is not None:
            return
        if self._reliable is not None:
            if self._reliable.holds_description:
                self._reliable.forget_waiting()
                self._held_answer = (body, headers)  # RFC 3262 §3: not before its PRACK
                return
            self._reliable.stop()
        self._send_answer(body, headers)

    def refuse(self, status: int, reason: str | None = None, *, headers: Headers = ()) -> None:
        if self.state is SessionState.SETTING_UP:
            self._finish()
            self._transaction.respond(status if status >= 300 else 480, reason, headers=headers)

    def on_cancel(self, request: Request) -> None:
        """A CANCEL that was answered 200 (``InviteServerUser``); late ones change nothing."""
        if self.state is SessionState.SETTING_UP:
            self.refuse(487)
            if self.listener is not None:
                self.listener.on_cancelled(self, request)

    def follow(self, flows: Sequence[Flow]) -> None:
        """A caller who still waits, or whose ACK did not come, gets our responses there, too."""
        former = self.flow
        super().follow(flows)
        if self.flow != former and self.flow.is_reliable == former.is_reliable:
            self._transaction.flow = self.flow

    # -- for the provisional responses ------------------------------------------------------------

    def send_provisional(self, provisional: Provisional, headers: Headers = ()) -> bytes:
        """Sends it once and returns its bytes."""
        body = provisional.body
        self.local_sdp = body or self.local_sdp
        self._transaction.respond(
            provisional.status,
            provisional.reason,
            headers=(("Contact", self.contact), *headers, *provisional.headers),
            body=body,
            content_type=SDP if body else None,
        )
        return self._transaction.last_response

    def resend_provisional(self, data: bytes) -> None:
        self._transaction.repeat(data)

    def miss_prack(self) -> None:
        """64*T1 without the PRACK: the call cannot go on (RFC 3262 §3)."""
        if self.state is SessionState.SETTING_UP:
            self.refuse(504)
            if self.listener is not None:
                self.listener.on_ended(self, EndCause.NO_PRACK, None)

    def expire(self, state: int) -> None:
        """No PRACK can come any longer for what was sent before the end."""
        self._dialogs.pop(self.local_tag, None)

    # -- inside -----------------------------------------------------------------------------------

    def _send_answer(self, body: bytes, headers: Headers) -> None:
        """The 200; what a PRACK completed is not said again (RFC 6337 §2.1)."""
        self.state = SessionState.ANSWERED
        self.local_sdp = body or self.local_sdp
        if self.has_agreed_early:
            body = b""
        self._transaction.respond(
            200,
            headers=(
                ("Contact", self.contact),
                ALLOW,
                SUPPORTED,
                *answer_refresh(self, self.request),
                *headers,
            ),
            body=body,
            content_type=SDP if body else None,
        )
        self.await_ack(self._transaction)

    def _receive_prack(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        reliable = self._reliable
        acknowledged = None if reliable is None else reliable.acknowledge(request)
        if reliable is None or acknowledged is None:
            transaction.respond(481)
            return
        was_offer = bool(acknowledged.body) and not (self.request.body or self.has_agreed_early)
        if acknowledged.body:
            self.has_agreed_early = bool(request.body) or not was_offer
        is_offer = bool(request.body) and self.has_agreed_early and not was_offer
        if is_offer and self.state in (SessionState.SETTING_UP, SessionState.ANSWERED):
            self.offers.receive(transaction)  # §5: the answer goes into its 200
        else:
            transaction.respond(200)
        if was_offer and request.body and self.listener is not None:
            self.listener.on_acknowledged(self, request)
        if self.state is not SessionState.SETTING_UP:
            return
        held, self._held_answer = self._held_answer, None
        if held is None:
            reliable.send_next()
        else:
            self._send_answer(*held)

    def _receive_early_offer(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.method == "UPDATE" and (self.has_agreed_early or not request.body):
            self.offers.receive(transaction)
        else:
            # RFC 3311 §5.2: the offer in the INVITE has no answer yet
            transaction.respond(500, headers=(("Retry-After", "5"),))

    def _abandon(self, status: int, headers: Headers) -> None:
        self.refuse(status, headers=headers)

    def _receive_early_bye(self, transaction: ServerTransaction) -> None:
        """A caller may leave an early dialog with a BYE (RFC 3261 §15)."""
        transaction.respond(200)
        self.on_cancel(transaction.request)

    def _finish(self) -> None:
        super()._finish()
        self._held_answer = None
        if self._reliable is not None:
            self._reliable.stop()
            if self._reliable.is_unacknowledged:  # RFC 3262 §3: its PRACK may be on its way
                self._dialogs[self.local_tag] = self
                self.layer.long.add(self, 0)
