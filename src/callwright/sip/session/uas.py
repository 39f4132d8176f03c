"""Sessions that a peer began (RFC 3261 §13.3)."""

from callwright.sip.dialog import Dialog, DialogUser, Headers
from callwright.sip.message import Request
from callwright.sip.methods import ALLOW
from callwright.sip.session.session import SDP, InviteSession, SessionState
from callwright.sip.transaction.layer import TransactionLayer
from callwright.sip.transaction.server import InviteServerTransaction, ServerTransaction


class UasSession(InviteSession):
    __slots__ = ("_transaction",)

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
        self.dialog = Dialog.of_server(request, local_tag)

    def provisional(
        self, status: int, *, reason: str | None = None, headers: Headers = (), body: bytes = b""
    ) -> None:
        if self.state is SessionState.SETTING_UP and 100 < status < 200:
            self._transaction.respond(
                status,
                reason,
                headers=(("Contact", self.contact), *headers),
                body=body,
                content_type=SDP if body else None,
            )

    def answer(self, body: bytes, *, headers: Headers = ()) -> None:
        if self.state is SessionState.SETTING_UP:
            self.state = SessionState.ANSWERED
            self._transaction.respond(
                200,
                headers=(("Contact", self.contact), ALLOW, *headers),
                body=body,
                content_type=SDP if body else None,
            )
            self.await_ack(self._transaction)

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

    def _abandon(self, status: int, headers: Headers) -> None:
        self.refuse(status, headers=headers)

    def _receive_early_bye(self, transaction: ServerTransaction) -> None:
        """A caller may leave an early dialog with a BYE (RFC 3261 §15)."""
        transaction.respond(200)
        self.on_cancel(transaction.request)
