"""One call with one peer: what sessions that we began and that a peer began have in common.

``UasSession`` and ``UacSession`` add how a session comes about (RFC 3261 §13); here is what happens
once it stands: hang-up, offers, transfers and other requests inside its dialog (§12.2, §14, §15).
"""

from collections.abc import Callable

from callwright.sip.credentials import Keyring
from callwright.sip.dialog import Dialog, DialogUser, Headers, contact_text
from callwright.sip.flow import Flow
from callwright.sip.identity.session_id import SessionIds
from callwright.sip.message import Message, Request, Response
from callwright.sip.methods import ALLOW, SUPPORTED
from callwright.sip.session.dialog_end import DialogEnd
from callwright.sip.session.expiry import SessionExpiry
from callwright.sip.session.listener import EndCause, InviteListener
from callwright.sip.session.refer import ReferNotifier
from callwright.sip.session.reoffer import OfferExchange
from callwright.sip.session.state import SessionState
from callwright.sip.transaction.layer import TransactionLayer, local_response
from callwright.sip.transaction.server import InviteServerTransaction, ServerTransaction
from callwright.sip.transaction.timers import Backoff

__all__ = ["SDP", "InviteSession", "ReferNotifier", "SessionState"]

SDP = "application/sdp"
DIALOG_GONE = frozenset({408, 481})
"""Responses to a request inside a dialog that mean its end (RFC 3261 §12.2.1.2)."""


class InviteSession(DialogEnd):
    """An INVITE, the dialog it begins, and their end. Never raises for what the network did.

    A method that does not fit the state does nothing: peers hang up while one thinks.
    """

    __slots__ = (
        "_ack_wait",
        "_ack_wait_cseq",
        "_bye_headers",
        "_contact_user",
        "_dialogs",
        "_due_ack",
        "_offers",
        "expiry",
        "has_agreed_early",
        "ids",
        "listener",
        "local_sdp",
        "local_tag",
        "phone",
        "request",
    )

    role: str
    """``uas`` or ``uac``."""

    def __init__(
        self,
        layer: TransactionLayer,
        dialogs: dict[str, DialogUser],
        request: Request,
        flow: Flow,
        *,
        local_tag: str,
        contact_user: str = "",
    ) -> None:
        self.layer = layer
        self.request = request
        """The initial INVITE."""
        self.flow = flow
        """Where the peer is; follows its newest request, and a phone's registrations."""
        self.phone = ""
        """Which phone of its user the peer is, as ``Binding.phone`` says; "": none."""
        self.listener: InviteListener | None = None
        self.state = SessionState.SETTING_UP
        self.local_tag = local_tag
        self.dialog: Dialog | None = None
        self.ids: SessionIds | None = None
        self.keyring: Keyring | None = None
        """Answers the peer's challenges; None: they are refusals."""
        self.expiry: SessionExpiry | None = None
        """The session timer that runs (RFC 4028); None: none was agreed."""
        self.has_agreed_early = False
        """Offer and answer were exchanged before the 2xx, with a PRACK (RFC 3262 §5)."""
        self.local_sdp = b""
        """The newest description of ours that the peer has."""
        self._contact_user = contact_user
        self._dialogs = dialogs
        self._offers: OfferExchange | None = None
        self._ack_wait: Backoff | None = None
        self._ack_wait_cseq = 0
        self._due_ack: Callable[[bytes], None] | None = None
        self._bye_headers: Headers = ()
        dialogs[local_tag] = self

    # -- what the owner may do in any session -----------------------------------------------------

    def provisional(
        self, status: int, *, reason: str | None = None, headers: Headers = (), body: bytes = b""
    ) -> None:
        """101 to 199 to the caller; a body is an early answer. Only sessions that a peer began."""

    def answer(self, body: bytes, *, headers: Headers = ()) -> None:
        """200 with an answer, or with our offer if the INVITE had none. Only sessions that a peer
        began."""

    def refuse(self, status: int, reason: str | None = None, *, headers: Headers = ()) -> None:
        """300 to 699. Only sessions that a peer began."""

    def hang_up(self, status: int = 480, *, headers: Headers = ()) -> None:
        """Ends the session in any state: refuses with ``status``, cancels, or says BYE.

        ``headers`` go into the CANCEL or BYE, and into the refusal. May be called twice.
        """
        if self.state is SessionState.SETTING_UP:
            self._abandon(status, headers)
        elif self.state is SessionState.ANSWERED:
            self.state = SessionState.ENDING
            if self._ack_wait is not None and self._ack_wait_cseq == self.request.cseq[0]:
                self._bye_headers = headers  # RFC 3261 §15: no BYE before the ACK
            else:
                self._send_bye(headers)

    def bye(self, *, headers: Headers = ()) -> None:
        """``hang_up`` for a session that was answered."""
        self.hang_up(headers=headers)

    def acknowledge(self, body: bytes) -> None:
        """The ACK with our answer, inside ``on_answered`` for an INVITE without an offer; or the
        PRACK, inside ``on_provisional``."""
        due, self._due_ack = self._due_ack, None
        if due is not None:
            due(body)

    def reoffer(self, body: bytes) -> None:
        """Sends a re-INVITE, or keeps the newest until the exchange under way is over."""
        if self.state is SessionState.ANSWERED:
            self.offers.offer(body)

    def answer_offer(self, body: bytes) -> None:
        """200 to what ``on_offer`` announced; after an offerless re-INVITE ``body`` is our offer,
        and the answer comes with ``on_acknowledged``."""
        if self._offers is not None:
            self._offers.answer(body)

    def refuse_offer(self, status: int) -> None:
        """Refuses what ``on_offer`` announced; the session goes on as before."""
        if self._offers is not None:
            self._offers.refuse(status)

    def refer(
        self,
        refer_to: str,
        *,
        headers: Headers = (),
        on_response: Callable[[Response], None] | None = None,
    ) -> None:
        """Asks the peer to call ``refer_to`` (text of a name-addr; RFC 3515); NOTIFYs about it come
        with ``on_request``."""
        self.send_request(
            "REFER",
            headers=(("Contact", self.contact), ("Refer-To", refer_to), *headers),
            on_response=on_response,
        )

    def accept_refer(self, transaction: ServerTransaction) -> ReferNotifier:
        """202, and a NOTIFY that says 100 (RFC 3515 §2.4.4); the notifier says the rest."""
        return ReferNotifier(self, transaction)

    def send_request(
        self,
        method: str,
        *,
        headers: Headers = (),
        body: bytes = b"",
        content_type: str | None = None,
        on_response: Callable[[Response], None] | None = None,
    ) -> None:
        """INFO and the like inside the dialog; reports the final response, real or local.

        Without a dialog the answer is a local 481, at once. 408, 481 and silence end the session.
        """

        def receive(response: Response) -> None:
            if on_response is not None:
                on_response(response)
            if response.status in DIALOG_GONE:
                self.lose_dialog()

        if self.state in (SessionState.SETTING_UP, SessionState.ANSWERED) and self.dialog:
            self.send_in_dialog(
                method, headers=headers, body=body, content_type=content_type, on_response=receive
            )
        elif on_response is not None:
            on_response(local_response(self.request, 481))

    @property
    def contact(self) -> str:
        """Text of our Contact, as this peer can reach it."""
        return contact_text(self.flow, self._contact_user)

    @property
    def remote_user_agent(self) -> str | None:
        """What the peer calls itself, where it said so."""
        return self.request.header("User-Agent") if self.role == "uas" else None

    @property
    def awaits_ack(self) -> bool:
        """A 2xx of ours is not acknowledged yet."""
        return self._ack_wait is not None

    @property
    def offers(self) -> OfferExchange:
        if self._offers is None:
            self._offers = OfferExchange(self)
        return self._offers

    # -- what the network brings (DialogUser) -----------------------------------------------------

    def receive_request(self, transaction: ServerTransaction) -> None:
        """A request with our tag in To; checks that the rest of the dialog fits, too."""
        request = transaction.request
        if not self.is_named(request.call_id, request.from_tag):
            transaction.respond(481)
            return
        if self.dialog is not None and not self.dialog.accept_order(request):
            transaction.respond(500, "CSeq out of order")
            return
        self.flow = transaction.flow
        transaction.ids = self.ids
        method = request.method
        if method == "BYE":
            self._receive_bye(transaction)
        elif method == "PRACK":
            self._receive_prack(transaction)
        elif self.state in (SessionState.ENDING, SessionState.ENDED):
            transaction.respond(481)
        elif method in ("INVITE", "UPDATE"):
            self._receive_offer(transaction)
        elif method == "OPTIONS":
            transaction.respond(200, headers=(ALLOW, SUPPORTED, ("Accept", SDP)))
        elif self.listener is None:
            transaction.respond(480)
        elif method == "REFER" and self.state is SessionState.ANSWERED:
            self.listener.on_refer(self, transaction)
        else:
            self.listener.on_request(self, transaction)

    def receive_ack(self, request: Request, flow: Flow) -> None:
        """The ACK of a 2xx; one that is not awaited is a copy."""
        if (
            self._ack_wait is None
            or request.cseq[0] != self._ack_wait_cseq
            or not self.is_named(request.call_id, request.from_tag)
        ):
            self.layer.counters["retransmissions_received"] += 1
            return
        self.flow = flow
        self.stop_ack_wait()
        if self.state is SessionState.ENDING:
            self._send_bye(self._bye_headers)
            return
        if self.listener is not None:
            self.listener.on_acknowledged(self, request)
        if self._offers is not None:
            self._offers.resume()

    # -- for the parts of a session ---------------------------------------------------------------

    def await_ack(self, transaction: InviteServerTransaction) -> None:
        """Repeats the 2xx just sent until its ACK comes (RFC 3261 §13.3.1.4), over TCP, too."""
        self.stop_ack_wait()
        self._ack_wait_cseq = transaction.request.cseq[0]
        self._ack_wait = Backoff(
            self.layer.first_shots, send=transaction.retransmit, give_up=self._miss_ack
        )

    def stop_ack_wait(self) -> None:
        if self._ack_wait is not None:
            self._ack_wait.stop()
            self._ack_wait = None

    def owe_ack(self, send: Callable[[bytes], None] | None) -> None:
        """A 2xx brought an offer: its ACK is sent by ``acknowledge``, or before anything else."""
        self._due_ack = send

    def refresh_target(self, message: Message) -> None:
        """The peer may have moved (RFC 3261 §12.2)."""
        assert self.dialog is not None
        self.dialog.refresh_target(message)

    def lose_dialog(self, cause: EndCause = EndCause.TIMEOUT) -> None:
        """The peer does not know the dialog any longer, or is silent (RFC 3261 §12.2.1.2)."""
        self._end(cause)

    # -- inside -----------------------------------------------------------------------------------

    def _abandon(self, status: int, headers: Headers) -> None:
        raise NotImplementedError

    def _receive_early_bye(self, transaction: ServerTransaction) -> None:
        raise NotImplementedError

    def _receive_early_offer(self, transaction: ServerTransaction) -> None:
        raise NotImplementedError

    def _receive_prack(self, transaction: ServerTransaction) -> None:
        transaction.respond(481)  # it is for who sends provisional responses

    def is_named(self, call_id: str, remote_tag: str | None) -> bool:
        """Whether Call-ID and the peer's tag are this dialog's; the peer may have no tag yet."""
        if self.dialog is None:
            return self.request.call_id == call_id
        return self.dialog.is_between(call_id, remote_tag)

    def _receive_bye(self, transaction: ServerTransaction) -> None:
        if self.state is SessionState.SETTING_UP:
            self._receive_early_bye(transaction)
            return
        transaction.respond(200)
        if self.state is SessionState.ANSWERED:
            self._finish()
            if self.listener is not None:
                self.listener.on_ended(self, EndCause.BYE, transaction.request)
        elif self._ack_wait is not None:
            self._finish()  # our BYE waited for an ACK that need not come any longer

    def _receive_offer(self, transaction: ServerTransaction) -> None:
        if self.state is SessionState.ANSWERED:
            self.offers.receive(transaction)
        else:
            self._receive_early_offer(transaction)

    def _miss_ack(self) -> None:
        self._ack_wait = None
        if self.state is SessionState.ENDING:
            self._send_bye(self._bye_headers)
        else:
            self._end(EndCause.NO_ACK)

    def _end(self, cause: EndCause) -> None:
        """Ends an answered session for a reason of our own, with a BYE that may still arrive."""
        if self.state is not SessionState.ANSWERED:
            return
        self.state = SessionState.ENDING
        self._send_bye(())
        if self.listener is not None:
            self.listener.on_ended(self, cause, None)

    def _send_bye(self, headers: Headers) -> None:
        self.acknowledge(b"")
        self._stop_parts()
        self.send_in_dialog("BYE", headers=headers, on_response=lambda _: self._finish())

    def _finish(self) -> None:
        """Forgets the session: from now on requests for its dialog are answered 481."""
        self.state = SessionState.ENDED
        self._stop_parts()
        self._dialogs.pop(self.local_tag, None)

    def _stop_parts(self) -> None:
        self.stop_ack_wait()
        if self.expiry is not None:
            self.expiry.stop()
        if self._offers is not None:
            self._offers.close()
