"""Sessions that we began (RFC 3261 §13.2), with the answers of all forks."""

from callwright.kernel.limits import FORKED_ANSWERS_MAX
from callwright.sip.dialog import Dialog, DialogUser, Headers
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, encode, make_response
from callwright.sip.session.session import SDP, InviteSession, SessionState
from callwright.sip.transaction.client import ClientTransaction, InviteClientTransaction
from callwright.sip.transaction.layer import TransactionLayer
from callwright.sip.transaction.server import ServerTransaction


class UacSession(InviteSession):
    __slots__ = ("_ack", "_forks", "_transaction", "_user_agent")

    role = "uac"

    def __init__(
        self,
        layer: TransactionLayer,
        dialogs: dict[str, DialogUser],
        request: Request,
        flow: Flow,
        *,
        local_tag: str,
        contact_user: str,
    ) -> None:
        super().__init__(
            layer, dialogs, request, flow, local_tag=local_tag, contact_user=contact_user
        )
        self._ack = b""
        self._forks: dict[str | None, bytes] = {}
        self._user_agent: str | None = None
        self._transaction: InviteClientTransaction | None = None

    def send(self, branch: str) -> None:
        """Sends the INVITE, whose Via carries ``branch``."""
        self._transaction = InviteClientTransaction(
            self.layer, self.request, branch, self.flow, self
        )

    @property
    def remote_user_agent(self) -> str | None:
        return self._user_agent

    # -- responses to the INVITE (InviteClientUser) -----------------------------------------------

    def on_invite_provisional(self, response: Response, flow: Flow) -> None:
        if self.state is SessionState.SETTING_UP and self.listener is not None:
            self.listener.on_provisional(self, response)

    def on_invite_success(self, response: Response, flow: Flow) -> None:
        self._transaction = None
        if self.state is SessionState.SETTING_UP:
            self._take_answer(response, flow)
        elif self.dialog is not None and self.dialog.remote_tag == response.to_tag:
            self.layer.counters["retransmissions_received"] += 1
            if self._ack:
                self.layer.transmit(self.flow, self._ack)
        else:
            self._reject_fork(response, flow)
            if self.dialog is None and self.state is SessionState.ENDING:
                self._finish()  # the answer crossed our CANCEL

    def on_invite_failure(self, response: Response, flow: Flow) -> None:
        self._transaction = None
        if self.state is SessionState.SETTING_UP:
            self._finish()
            if self.listener is not None:
                self.listener.on_failed(self, response)
        elif self.dialog is None and self.state is SessionState.ENDING:
            self._finish()

    # -- inside -----------------------------------------------------------------------------------

    def _take_answer(self, response: Response, flow: Flow) -> None:
        self.flow = flow
        self.dialog = Dialog.of_client(self.request, self.local_tag, response)
        self.state = SessionState.ANSWERED
        self._user_agent = response.header("Server") or response.header("User-Agent")
        if self.request.body:
            self._acknowledge(b"")
        else:
            self.owe_ack(self._acknowledge)
        if self.listener is not None:
            self.listener.on_answered(self, response)
        self.acknowledge(b"")

    def _acknowledge(self, body: bytes) -> None:
        assert self.dialog is not None
        self._ack = self._make_ack(self.dialog, self.flow, body)
        self.layer.transmit(self.flow, self._ack)

    def _make_ack(self, dialog: Dialog, flow: Flow, body: bytes) -> bytes:
        """The ACK of a 2xx: a request of its own, outside any transaction (§13.2.2.4)."""
        ack = dialog.make_request(
            "ACK",
            flow=flow,
            branch=self.layer.new_branch(),
            cseq=self.request.cseq[0],
            body=body,
            content_type=SDP if body else None,
        )
        return encode(ack)

    def _reject_fork(self, response: Response, flow: Flow) -> None:
        """An answer that nobody wants any longer: ACK, and BYE at once (§13.2.2.4)."""
        tag = response.to_tag
        ack = self._forks.get(tag)
        if ack is not None:
            self.layer.counters["retransmissions_received"] += 1
            self.layer.transmit(flow, ack)
            return
        if len(self._forks) >= FORKED_ANSWERS_MAX:
            return
        dialog = Dialog.of_client(self.request, self.local_tag, response)
        self._forks[tag] = ack = self._make_ack(dialog, flow, b"")
        self.layer.transmit(flow, ack)
        branch = self.layer.new_branch()
        bye = dialog.make_request("BYE", flow=flow, branch=branch, cseq=dialog.next_cseq())
        ClientTransaction(self.layer, bye, branch, flow, None)

    def _abandon(self, status: int, headers: Headers) -> None:
        self.state = SessionState.ENDING
        if self._transaction is not None:
            self._transaction.cancel(headers)

    def _receive_early_bye(self, transaction: ServerTransaction) -> None:
        """The called side answered and left, and its 2xx is late or lost."""
        transaction.respond(200)
        self._abandon(480, ())
        if self.listener is not None:
            self.listener.on_failed(self, make_response(self.request, 480))
