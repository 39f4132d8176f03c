"""One re-INVITE of ours in a session, and the ACK of its 2xx (RFC 3261 §14.1)."""

from typing import TYPE_CHECKING

from callwright.kernel.clock import Timer
from callwright.kernel.limits.signalling import AUTHENTICATION_ATTEMPTS_MAX
from callwright.sip.credentials import proofs_in
from callwright.sip.dialog import Headers
from callwright.sip.flow import Flow
from callwright.sip.message import Request, Response, encode
from callwright.sip.methods import ALLOW, SUPPORTED
from callwright.sip.session.proven_request import CHALLENGES, again
from callwright.sip.transaction.client import InviteClientTransaction
from callwright.sip.transaction.timers import GIVE_UP_S

if TYPE_CHECKING:
    from callwright.sip.session.reoffer import OfferExchange
    from callwright.sip.session.session import InviteSession

SDP = "application/sdp"


class SentOffer:
    """The transaction's user (``InviteClientUser``); tells the exchange how it ended."""

    __slots__ = (
        "_ack",
        "_cseq",
        "_exchange",
        "_is_done",
        "_proofs",
        "_request",
        "_session",
        "_timer",
        "_transaction",
        "body",
        "flow",
        "is_refresh",
        "news",
    )

    def __init__(
        self,
        exchange: "OfferExchange",
        session: "InviteSession",
        body: bytes,
        *,
        is_refresh: bool = False,
        news: Headers = (),
    ) -> None:
        self.body = body
        self.is_refresh = is_refresh
        """Says nothing new of the audio; the owner does not hear when it fails."""
        self.news = news
        """What it tells besides."""
        self.flow = session.flow
        """Where the peer was when it was sent."""
        self._exchange = exchange
        self._session = session
        self._cseq = 0
        self._ack = b""
        self._is_done = False
        self._proofs = 1
        self._request: Request | None = None
        self._timer: Timer | None = None
        self._transaction: InviteClientTransaction | None = None

    def send(self) -> None:
        session = self._session
        dialog = session.dialog
        assert dialog is not None
        branch = session.layer.new_branch()
        self._cseq = dialog.next_cseq()
        request = dialog.make_request(
            "INVITE",
            flow=session.flow,
            branch=branch,
            cseq=self._cseq,
            contact=session.contact,
            headers=(
                ALLOW,
                SUPPORTED,
                *(session.expiry.headers() if session.expiry is not None else ()),
                ("User-Agent", session.layer.user_agent),
                *self.news,
            ),
            body=self.body,
            content_type=SDP if self.body else None,
        )
        if session.keyring is not None:
            request.headers += session.keyring.proofs("INVITE", request.uri)
        self._transmit(request, branch)

    def _transmit(self, request: Request, branch: str) -> None:
        session = self._session
        self._request = request
        self._transaction = InviteClientTransaction(
            session.layer, request, branch, session.flow, self
        )

    def another(self) -> "SentOffer":
        """The same offer, to be sent to where the peer is now."""
        return SentOffer(
            self._exchange, self._session, self.body, is_refresh=self.is_refresh, news=self.news
        )

    def stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def on_invite_provisional(self, response: Response, flow: Flow) -> None:
        """The peer thinks; it may not do so for ever, because meanwhile no offer can be made."""
        if self._timer is None and not self._is_done:
            self._timer = self._session.layer.clock.call_later(GIVE_UP_S, self._give_up)

    def on_invite_success(self, response: Response, flow: Flow) -> None:
        if self._is_done:
            if self._ack:
                self._session.layer.transmit(self._session.flow, self._ack)
            return
        self._is_done = True
        self.stop_timer()
        if self.body:
            self._acknowledge(b"")
            self._exchange.succeed(self.body, response)
        else:
            self._session.owe_ack(self._acknowledge)
            self._exchange.succeed(self.body, response)
            self._session.acknowledge(b"")
        self._exchange.resume()

    def on_invite_failure(self, response: Response, flow: Flow) -> None:
        if self._is_done or (response.status in CHALLENGES and self._prove(response)):
            return
        self._is_done = True
        self.stop_timer()
        self._exchange.fail(self, response)

    def _prove(self, response: Response) -> bool:
        """Sends the re-INVITE again with the proof that was asked for (RFC 3261 §22.2)."""
        session, request = self._session, self._request
        keyring, dialog = session.keyring, session.dialog
        if keyring is None or dialog is None or request is None:
            return False
        if self._proofs >= AUTHENTICATION_ATTEMPTS_MAX:
            return False
        proofs = keyring.answer(request, response)
        if proofs is None:
            return False
        self._proofs += 1
        branch = session.layer.new_branch()
        self._cseq = dialog.next_cseq()
        self._transmit(again(request, session.flow, branch, self._cseq, proofs), branch)
        return True

    def _acknowledge(self, body: bytes) -> None:
        session = self._session
        assert session.dialog is not None
        session.local_sdp = body or session.local_sdp
        ack = session.dialog.make_request(
            "ACK",
            flow=session.flow,
            branch=session.layer.new_branch(),
            cseq=self._cseq,
            headers=() if self._request is None else proofs_in(self._request),
            body=body,
            content_type=SDP if body else None,
        )
        self._ack = encode(ack)
        session.layer.transmit(session.flow, self._ack)

    def _give_up(self) -> None:
        self._timer = None
        if self._transaction is not None:
            self._transaction.cancel(())
