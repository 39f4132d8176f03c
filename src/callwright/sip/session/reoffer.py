"""Offers in a session: re-INVITE and UPDATE of the peer, our re-INVITE (RFC 3261 §14, RFC 3311).

Our refreshes of the session, too (RFC 4028 §7.4): they are UPDATEs or re-INVITEs like others. What
changes a peer's display goes with a refresh.
"""

from typing import TYPE_CHECKING
from zlib import crc32

from callwright.kernel.clock import Timer
from callwright.kernel.limits.signalling import REOFFER_ATTEMPTS_MAX
from callwright.sip.dialog import Headers
from callwright.sip.message import Request, Response
from callwright.sip.methods import ALLOW, SUPPORTED
from callwright.sip.screening import screen_offer
from callwright.sip.session.expiry import answer_refresh, take_refreshed
from callwright.sip.session.sent_offer import SDP, SentOffer
from callwright.sip.session.state import SessionState
from callwright.sip.transaction.server import InviteServerTransaction, ServerTransaction

if TYPE_CHECKING:
    from callwright.sip.session.session import InviteSession

RETRY_AFTER_S_MAX = 10
"""RFC 3261 §14.2."""
_SAID_AGAIN = (405, 422, 491, 501)
"""Refusals of a refresh that are about its method, its timer or its moment."""


class OfferExchange:
    """At most one offer in either direction at a time, and one of ours that waits for its turn."""

    __slots__ = (
        "_attempts",
        "_glare_timer",
        "_incoming",
        "_is_closed",
        "_is_updating",
        "_news",
        "_outgoing",
        "_sent_offer_in_2xx",
        "_session",
        "_waiting",
    )

    def __init__(self, session: "InviteSession") -> None:
        self._session = session
        self._incoming: ServerTransaction | None = None
        self._outgoing: SentOffer | None = None
        self._waiting: bytes | None = None
        self._attempts = 0
        self._glare_timer: Timer | None = None
        self._sent_offer_in_2xx = (
            session.role == "uas" and not session.request.body and not session.has_agreed_early
        )
        self._is_closed = False
        self._is_updating = False
        """An UPDATE of ours that only refreshes waits for its answer."""
        self._news: Headers = ()
        """What the next refresh tells besides, which is due for its sake."""

    # -- the peer's offers ------------------------------------------------------------------------

    def receive(self, transaction: ServerTransaction) -> None:
        """A re-INVITE or UPDATE of the peer, or a PRACK with an offer."""
        session = self._session
        if self._outgoing is not None or (session.awaits_ack and self._sent_offer_in_2xx):
            transaction.respond(491)  # RFC 3261 §14.2: an offer of ours has no answer yet
            return
        if self._is_deciding:
            seconds = int(_chance(session) * (RETRY_AFTER_S_MAX + 1))
            transaction.respond(500, headers=(("Retry-After", str(seconds)),))
            return
        request = transaction.request
        refusal = screen_offer(request)
        if refusal is not None:
            transaction.respond(refusal.status, headers=refusal.headers)
            return
        session.refresh_target(request)
        if isinstance(transaction, InviteServerTransaction):
            session.stop_ack_wait()  # who sends a new INVITE has seen our 2xx (§14.1)
            transaction.user = self
        elif not request.body:
            transaction.respond(200, headers=self._success_headers(request))
            return
        if session.listener is None:
            transaction.respond(488)
            return
        self._incoming = transaction
        session.listener.on_offer(session, request)

    def answer(self, body: bytes) -> None:
        transaction, self._incoming = self._incoming, None
        if transaction is None:
            return
        session = self._session
        session.local_sdp = body
        transaction.respond(
            200, headers=self._success_headers(transaction.request), body=body, content_type=SDP
        )
        if isinstance(transaction, InviteServerTransaction):
            self._sent_offer_in_2xx = not transaction.request.body
            session.await_ack(transaction)
        self.resume()

    def refuse(self, status: int) -> None:
        transaction, self._incoming = self._incoming, None
        if transaction is not None:
            transaction.respond(status if status >= 300 else 488)
            self.resume()

    def on_cancel(self, request: Request) -> None:
        """The peer took its re-INVITE back (``InviteServerUser``)."""
        self.refuse(487)

    def _success_headers(self, request: Request) -> Headers:
        session = self._session
        return (("Contact", session.contact), ALLOW, SUPPORTED, *answer_refresh(session, request))

    @property
    def _is_deciding(self) -> bool:
        """The listener has an offer of the peer before it, and the peer still waits."""
        return self._incoming is not None and not self._incoming.has_final

    # -- our offers -------------------------------------------------------------------------------

    def offer(self, body: bytes) -> None:
        """Sends ``body`` in a re-INVITE when nothing else is under way; a newer one replaces it."""
        self._waiting = body
        self._attempts = 0
        self.resume()

    def tell(self, news: Headers) -> None:
        """Lets the peer have header fields with an UPDATE or re-INVITE that changes nothing else;
        newer ones replace those that still wait."""
        if self._session.state is SessionState.ANSWERED:
            self._news = news
            self._attempts = 0
            self.resume()

    def resume(self) -> None:
        """Sends the offer or the refresh that waits, if its time has come."""
        session = self._session
        expiry = session.expiry
        if (
            (self._waiting is None and not self._news and not (expiry and expiry.is_due))
            or self._is_closed
            or self._is_updating
            or self._outgoing is not None
            or self._is_deciding
            or self._glare_timer is not None
            or session.awaits_ack
        ):
            return
        if self._waiting is not None:
            body, self._waiting = self._waiting, None
            self._attempts += 1
            self._outgoing = SentOffer(self, session, body)
            self._outgoing.send()
        else:
            self._refresh()

    def close(self) -> None:
        """The session is over: the peer's pending INVITE gets its 487, nothing of ours follows."""
        if self._is_closed:
            return
        self._is_closed = True
        self._waiting = None
        if self._glare_timer is not None:
            self._glare_timer.cancel()
            self._glare_timer = None
        if self._outgoing is not None:
            self._outgoing.stop_timer()
        self.refuse(487)

    def succeed(self, body: bytes, response: Response) -> None:
        """Our offer has its answer."""
        self._outgoing = None
        if self._is_closed:
            return
        session = self._session
        session.local_sdp = body or session.local_sdp
        session.refresh_target(response)
        take_refreshed(session, response)
        if session.listener is not None:
            session.listener.on_reoffer_answered(session, response)

    def fail(self, sent: SentOffer, response: Response) -> None:
        """Our offer was refused; after glare it is tried again (RFC 3261 §14.1)."""
        self._outgoing = None
        if self._is_closed:
            return
        session = self._session
        if response.is_local and session.flow != sent.flow:  # the peer moved, and did not hear it
            self._outgoing = sent.another()
            self._outgoing.send()
        elif response.status in (408, 481):
            session.lose_dialog()
        elif sent.is_refresh:
            self._fail_refresh(response, sent.news)
        elif response.status == 491 and self._attempts < REOFFER_ATTEMPTS_MAX:
            if self._waiting is None:
                self._waiting = sent.body
            wait_s = _glare_wait_s(session)
            self._glare_timer = session.layer.clock.call_later(wait_s, self._retry)
        elif response.status == 422 and session.expiry and session.expiry.raise_least(response):
            if self._waiting is None:
                self._waiting = sent.body
            self.resume()
        else:
            if session.listener is not None:
                session.listener.on_reoffer_failed(session, response)
            self.resume()

    def _refresh(self) -> None:
        session, expiry = self._session, self._session.expiry
        news, self._news = self._news, ()
        self._attempts += 1 if news else 0
        if expiry is not None:
            expiry.is_due = False
        if expiry is not None and expiry.can_update:
            self._is_updating = True
            session.send_in_dialog(
                "UPDATE",
                headers=(("Contact", session.contact), ALLOW, SUPPORTED, *expiry.headers(), *news),
                on_response=lambda response: self._receive_update_response(response, news),
            )
        else:
            self._outgoing = SentOffer(self, session, session.local_sdp, is_refresh=True, news=news)
            self._outgoing.send()

    def _receive_update_response(self, response: Response, news: Headers) -> None:
        self._is_updating = False
        if self._is_closed:
            return
        session = self._session
        if response.status < 300:
            session.refresh_target(response)
            take_refreshed(session, response)
            self.resume()
        elif response.status in (408, 481):
            session.lose_dialog()
        else:
            self._fail_refresh(response, news)

    def _fail_refresh(self, response: Response, news: Headers) -> None:
        """The session timer tries again by itself, news do with it or after glare."""
        session = self._session
        if news and response.status in _SAID_AGAIN and self._attempts < REOFFER_ATTEMPTS_MAX:
            self._news = self._news or news
        if response.status == 491 and self._news:
            wait_s = _glare_wait_s(session)
            self._glare_timer = session.layer.clock.call_later(wait_s, self._retry)
        elif session.expiry is not None:
            session.expiry.fail(response)
        self.resume()

    def _retry(self) -> None:
        self._glare_timer = None
        self.resume()


def _glare_wait_s(session: "InviteSession") -> float:
    """RFC 3261 §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other side up to 2 s."""
    hundredths = (
        int(_chance(session) * 191) + 210 if session.role == "uac" else int(_chance(session) * 201)
    )
    return hundredths / 100


def _chance(session: "InviteSession") -> float:
    """From 0 to less than 1, as random as the tokens that we are given."""
    return crc32(session.layer.new_token().encode()) / 2**32
