"""Sessions that we began (RFC 3261 §13.2), with the answers of all forks."""

from collections.abc import Sequence
from functools import partial

from callwright.kernel.limits.signalling import (
    AUTHENTICATION_ATTEMPTS_MAX,
    FORKED_ANSWERS_MAX,
    SESSION_INTERVAL_ATTEMPTS_MAX,
)
from callwright.sip.credentials import Keyring, proofs_in
from callwright.sip.dialog import Dialog, DialogUser, Headers
from callwright.sip.flow import Flow
from callwright.sip.message import Message, Request, Response, encode, make_response
from callwright.sip.session.expiry import lengthen, take_refreshed
from callwright.sip.session.proven_request import CHALLENGES, again, send_proven
from callwright.sip.session.reliable import EarlyDialog, rack, reliable_number
from callwright.sip.session.session import SDP, InviteSession, SessionState
from callwright.sip.transaction.client import InviteClientTransaction
from callwright.sip.transaction.layer import TransactionLayer
from callwright.sip.transaction.server import ServerTransaction


class UacSession(InviteSession):
    __slots__ = ("_ack", "_attempts", "_early", "_forks", "_proofs", "_transaction", "_user_agent")

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
        keyring: Keyring | None = None,
    ) -> None:
        super().__init__(
            layer, dialogs, request, flow, local_tag=local_tag, contact_user=contact_user
        )
        self.local_sdp = request.body
        self._ack = b""
        self._attempts = 1
        self._proofs = 1
        self.keyring = keyring
        if keyring is not None:
            request.headers += keyring.proofs("INVITE", request.uri)
        self._early: dict[str | None, EarlyDialog] = {}
        self._forks: dict[str | None, bytes] = {}
        self._user_agent: str | None = None
        self._transaction: InviteClientTransaction | None = None

    def send(self, branch: str) -> None:
        """Sends the INVITE, whose Via carries ``branch``."""
        self._transaction = InviteClientTransaction(
            self.layer, self.request, branch, self.flow, self
        )

    def follow(self, flows: Sequence[Flow]) -> None:
        """A phone that rings hears there, too, that the caller left."""
        super().follow(flows)
        if self._transaction is not None:
            self._transaction.move(self.flow)

    @property
    def remote_user_agent(self) -> str | None:
        return self._user_agent

    def refresh_target(self, message: Message) -> None:
        dialog = self.dialog
        if dialog is None and message.from_tag in self._early:
            dialog = self._early[message.from_tag].dialog
        if dialog is not None:
            dialog.refresh_target(message)

    # -- responses to the INVITE (InviteClientUser) -----------------------------------------------

    def on_invite_provisional(self, response: Response, flow: Flow) -> None:
        if self.state is not SessionState.SETTING_UP or self.listener is None:
            return
        if self.ids is not None:
            self.ids.learn(response)
        number = reliable_number(response)
        if number is not None and not self._take_reliable(response, number, flow):
            return
        self.listener.on_provisional(self, response)
        self.acknowledge(b"")

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
            if response.status == 422 and self._try_longer(response):
                return
            if response.status in CHALLENGES and self._prove(response):
                return
            self._finish()
            if self.listener is not None:
                self.listener.on_failed(self, response)
        elif self.dialog is None and self.state is SessionState.ENDING:
            self._finish()

    # -- inside -----------------------------------------------------------------------------------

    def _take_answer(self, response: Response, flow: Flow) -> None:
        self.flow = flow
        self.dialog = self._confirmed(response)
        self.state = SessionState.ANSWERED
        if self.ids is not None:
            self.ids.learn(response)
        self._user_agent = response.header("Server") or response.header("User-Agent")
        early = self._early.get(response.to_tag)
        self.has_agreed_early = early is not None and early.is_agreed
        take_refreshed(self, response)
        if self.request.body or self.has_agreed_early:
            self._acknowledge(b"")
        else:
            self.owe_ack(self._acknowledge)
        if self.listener is not None:
            self.listener.on_answered(self, response)
        self.acknowledge(b"")

    def _confirmed(self, response: Response) -> Dialog:
        """The dialog of a 2xx; its early one, where there was one, has used up numbers."""
        dialog = Dialog.of_client(self.request, self.local_tag, response)
        early = self._early.get(response.to_tag)
        if early is not None:
            dialog.local_cseq = early.dialog.local_cseq
        dialog.ids = self.ids
        return dialog

    def _acknowledge(self, body: bytes) -> None:
        assert self.dialog is not None
        self.local_sdp = body or self.local_sdp
        self._ack = self._make_ack(self.dialog, self.flow, body)
        self.layer.transmit(self.flow, self._ack)

    def _make_ack(self, dialog: Dialog, flow: Flow, body: bytes) -> bytes:
        """The ACK of a 2xx: a request of its own, outside any transaction (§13.2.2.4)."""
        ack = dialog.make_request(
            "ACK",
            flow=flow,
            branch=self.layer.new_branch(),
            cseq=self.request.cseq[0],
            headers=() if self.keyring is None else proofs_in(self.request),
            body=body,
            content_type=SDP if body else None,
        )
        return encode(ack)

    def _take_reliable(self, response: Response, number: int, flow: Flow) -> bool:
        """Acknowledges the next one of its fork (RFC 3262 §4); False: a copy, or out of order."""
        early = self._early.get(response.to_tag)
        if early is None:
            if len(self._early) >= FORKED_ANSWERS_MAX:
                return False
            dialog = Dialog.of_client(self.request, self.local_tag, response)
            dialog.ids = self.ids
            early = self._early[response.to_tag] = EarlyDialog(dialog, number)
        elif number != early.rseq + 1:
            self.layer.counters["retransmissions_received"] += number == early.rseq
            return False
        early.rseq = number
        if response.body and not self.request.body and not early.is_agreed:
            self.owe_ack(partial(self._send_prack, early, flow))
        else:
            early.is_agreed = early.is_agreed or bool(response.body)
            self._send_prack(early, flow, b"")
        return True

    def _send_prack(self, early: EarlyDialog, flow: Flow, body: bytes) -> None:
        """PRACK, with our answer when the response brought an offer (RFC 3262 §5)."""
        if body:
            early.is_agreed = True
            self.local_sdp = body
        branch = self.layer.new_branch()
        prack = early.dialog.make_request(
            "PRACK",
            flow=flow,
            branch=branch,
            cseq=early.dialog.next_cseq(),
            headers=(rack(early.rseq, self.request),),
            body=body,
            content_type=SDP if body else None,
        )
        send_proven(self, early.dialog, prack, branch, flow, None)

    def _try_longer(self, response: Response) -> bool:
        """Sends the INVITE again as a 422 asks (RFC 4028 §7.3), in the same call (§8.1.3.5)."""
        headers = lengthen(self.request, response)
        if headers is None or self._attempts >= SESSION_INTERVAL_ATTEMPTS_MAX:
            return False
        self._attempts += 1
        proofs = [] if self.keyring is None else self.keyring.proofs("INVITE", self.request.uri)
        self._send_again(headers, proofs)
        return True

    def _prove(self, response: Response) -> bool:
        """Sends the INVITE again with the proof that was asked for (§22.2)."""
        if self.keyring is None or self._proofs >= AUTHENTICATION_ATTEMPTS_MAX:
            return False
        proofs = self.keyring.answer(self.request, response)
        if proofs is None:
            return False
        self._proofs += 1
        self._send_again((), proofs)
        return True

    def _send_again(self, headers: Headers, proofs: Headers) -> None:
        """In the same call (§8.1.3.5); ``headers`` replace those of their name."""
        self._early.clear()
        branch, cseq = self.layer.new_branch(), self.request.cseq[0] + 1
        self.request = again(self.request, self.flow, branch, cseq, proofs)
        for name, value in headers:
            self.request.set_header(name, value)
        self.send(branch)

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
        dialog = self._confirmed(response)
        self._forks[tag] = ack = self._make_ack(dialog, flow, b"")
        self.layer.transmit(flow, ack)
        branch = self.layer.new_branch()
        bye = dialog.make_request("BYE", flow=flow, branch=branch, cseq=dialog.next_cseq())
        send_proven(self, dialog, bye, branch, flow, None)

    def _abandon(self, status: int, headers: Headers) -> None:
        self.state = SessionState.ENDING
        self.owe_ack(None)  # a CANCEL needs no PRACK before it
        if self._transaction is not None:
            named = headers if self.ids is None else (*headers, self.ids.header)
            self._transaction.cancel(named)

    def _receive_early_offer(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        early = self._early.get(request.from_tag)
        is_agreed = early is not None and early.is_agreed
        if request.method == "UPDATE" and (is_agreed or not request.body):
            self.offers.receive(transaction)
        else:
            transaction.respond(491)  # our own offer, in the INVITE, has no answer yet

    def _receive_early_bye(self, transaction: ServerTransaction) -> None:
        """The called side answered and left, and its 2xx is late or lost."""
        transaction.respond(200)
        self._abandon(480, ())
        if self.listener is not None:
            self.listener.on_failed(self, make_response(self.request, 480))
