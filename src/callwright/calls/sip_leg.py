"""The adapter between legs and SIP: the only file of call control that knows signalling.

An offer is answered for each side on its own (the media engine stands between the parties), so a
re-INVITE of one party never reaches the other: hold, resume and codec changes are local.
"""

from collections.abc import Callable, Sequence

from callwright.calls.leg import Failure, Leg, LegState, Party, Text, TransferRequest
from callwright.calls.media_leg import MediaLeg, MediaRoom
from callwright.calls.ports import MediaPeer
from callwright.calls.signalled_keys import SignalledKeys
from callwright.calls.sip_audio import AudioAgreement, Ends, offer_or_none
from callwright.calls.sip_referral import Notifier, answer_subscribe, read_refer
from callwright.calls.sip_refusal import failure_of, why
from callwright.calls.sip_requests import KeyRequests, receive_text, send_text
from callwright.kernel.limits.media import MEDIA_TIMEOUT_HOLD_S, MEDIA_TIMEOUT_S
from callwright.kernel.limits.signalling import HOPS_MAX
from callwright.kernel.reason import Reason
from callwright.sip.dtmf_relay import key_of
from callwright.sip.flow import Flow
from callwright.sip.identity.early_media import early_media_is_open
from callwright.sip.identity.reason import is_answered_elsewhere, last_words
from callwright.sip.message import Request, Response
from callwright.sip.methods import ALLOW
from callwright.sip.sdp import Encryption, Proposal, SessionDescription
from callwright.sip.session.listener import EndCause
from callwright.sip.session.reliable import reliability
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction

ENDED_FOR = {EndCause.BYE: Reason.NORMAL, EndCause.NO_ACK: Reason.NO_ACK}
"""What the record says of an end; every other cause means that the peer is silent."""


class SipLeg(Leg):
    """A leg over one INVITE session, incoming or outgoing (``InviteListener``)."""

    __slots__ = (
        "_audio",
        "_awaits_answer",
        "_early",
        "_flow",
        "_initial_offer",
        "_keys",
        "_referral",
        "_room",
        "_said_keys",
        "_silence_s",
        "obeys_early_media",
        "on_session",
        "session",
    )

    def __init__(
        self, party: Party, room: MediaRoom, flow: Flow, session: InviteSession | None = None
    ) -> None:
        super().__init__(party, None)
        self._room = room
        self._flow = flow
        self._audio = AudioAgreement(flow.local.host, room)
        self.obeys_early_media = False
        """The peer is a trusted network: it says whether its early media may be heard."""
        self._awaits_answer = False
        """An offer of ours went out in a response; the answer comes with the ACK or PRACK."""
        self._keys: KeyRequests | None = None
        self._said_keys: SignalledKeys | None = None
        self._referral: Notifier | None = None
        self._silence_s = 0.0
        """How long it may be silent; 0: nobody watches yet."""
        self._early: Response | None = None
        """What the phone said while it rings."""
        self.on_session: Callable[[InviteSession], None] | None = None
        """Told of each further session; whoever watches sets it."""
        self.session: InviteSession
        self._initial_offer: SessionDescription | None = None
        """What the peer's INVITE offers; None: nothing, or nothing readable."""
        if session is not None:
            self.attach(session)

    def attach(self, session: InviteSession) -> None:
        self.session = session
        session.listener = self
        if self.on_session is not None:
            self.on_session(session)
        if session.role == "uas":
            self._read(session.request)

    def _read(self, invite: Request) -> None:
        """What the peer's own INVITE says."""
        self._initial_offer = offer_or_none(invite.body) if invite.body else None
        hops = invite.max_forwards
        if hops is not None:
            self.hops_left = max(min(hops, HOPS_MAX) - 1, 0)

    # -- what call control asks -----------------------------------------------------------------

    def codecs(self) -> tuple[str, ...]:
        return self._audio.codecs(self._initial_offer)

    @property
    def peer_tag(self) -> str | None:
        """The peer's tag in our dialog; None: it did not say anything yet."""
        dialog = self.session.dialog
        if dialog is not None:
            return dialog.remote_tag
        return None if self._early is None else self._early.to_tag

    def demand(self, encryption: Encryption) -> None:
        """What is taken of this peer's wishes; ``OPTIONAL`` at first."""
        self._audio.demand(encryption)

    def propose(self, proposal: Proposal) -> None:
        """How a peer that offers nothing is offered audio; ``PLAIN`` at first."""
        self._audio.proposal = proposal

    def objection(self) -> Reason | None:
        """Why the offer of the peer's INVITE cannot be answered; None: it can, or there is none."""
        return self._audio.objection(self._initial_offer) if self.session.request.body else None

    def first_offer(self, codecs: tuple[str, ...], proposal: Proposal = Proposal.PLAIN) -> bytes:
        """The body of an outgoing INVITE."""
        self._audio.offered, self._audio.proposal = codecs, proposal
        return self._audio.make_offer(self.media)

    @property
    def hears(self) -> bool:
        return self.is_answered or self._audio.agreed is not None

    @property
    def has_keys_in_audio(self) -> bool:
        agreed = self._audio.agreed
        return agreed is not None and agreed.dtmf_payload_type is not None

    def send_key(self, key: str) -> None:
        if self.has_keys_in_audio:
            self.media.send_key(key)
            return
        if self._keys is None:
            self._keys = KeyRequests(self.session)
        self._keys.send(key)

    def send_text(self, text: Text) -> None:
        send_text(self.session, text)

    def ring(self) -> None:
        if self.state is LegState.SETTING_UP:
            self.state = LegState.RINGING
        if self.state is LegState.RINGING and self._audio.agreed is None:
            # RFC 3262 §5: who offers nothing and wants 18x acknowledged gets our offer in the first
            offers = not self.session.request.body and reliability(self.session.request)
            self.session.provisional(180, body=self._offer_early() if offers else b"")

    def answer_early(self, prefer: tuple[str, ...] = ()) -> bool:
        if self._audio.agreed is None:
            if not self.session.request.body:
                return self._ask_early()
            if not self._answer_initial_offer(prefer):
                return False
            self.state = LegState.RINGING
            self.session.provisional(183, body=self._audio.local_sdp)
        return True

    def answer(self, prefer: tuple[str, ...] = ()) -> bool:
        if self.state is LegState.ANSWERED:
            return True
        if self.state is LegState.ENDED:
            return False
        if self.session.request.body:
            if self._audio.agreed is None and not self._answer_initial_offer(prefer):
                self.hang_up(self.objection() or Reason.MEDIA_UNACCEPTABLE)
                return False
        elif self._audio.agreed is None:
            self._awaits_answer = True
            self._audio.make_offer(self.media)
        self.state = LegState.ANSWERED
        self._watch_silence()
        self.session.answer(self._audio.local_sdp)
        return True

    def hang_up(self, reason: Reason, *, status: int | None = None) -> None:
        if self.state is LegState.ENDED:
            return
        self.mark_ended()
        status = status or reason.sip_status
        if status < 400:  # a redirection of the called side is none of the caller's
            status = reason.sip_status
        self.session.hang_up(status, headers=why(reason, status))

    def mark_ended(self) -> None:
        super().mark_ended()
        # Leg and session refer to each other: what is over goes without the garbage collector.
        self.session.listener = None

    def _open_media(self) -> MediaLeg:
        room, flow = self._room, self._flow
        take = room.open_for_emergency if self.is_emergency else room.open
        # The audio of browsers begins with checks.
        is_certain = self.party.gateway is not None or flow.is_web
        media = take(flow.local.host, MediaPeer(flow.remote.host, is_certain))
        media.on_lost = self._on_media_lost
        return media

    # -- what the session tells (InviteListener) -------------------------------------------------

    def on_provisional(self, session: InviteSession, response: Response) -> None:
        if self.state is LegState.ENDED or self.observer is None:
            return
        if response.status == 100:
            self.observer.leg_trying(self)
            return
        self._early = response
        early = self._audio.take_early_answer(response.body, response.to_tag, self._ends)
        if self.obeys_early_media:
            is_open = early_media_is_open(response)
            early = early if is_open is None else is_open and self._audio.agreed is not None
        if self.state is LegState.SETTING_UP:
            self.state = LegState.RINGING
        if early:
            self.observer.leg_early_media(self)
        else:
            self.observer.leg_ringing(self)

    def on_answered(self, session: InviteSession, response: Response) -> None:
        self._early = None
        if self.state is LegState.ENDED:
            session.bye()
            return
        if not self._audio.take_final_answer(response.body, response.to_tag, self._ends):
            self._fail(Failure(488, "Not Acceptable Here"))
            session.bye()
            return
        self.state = LegState.ANSWERED
        self._watch_silence()
        if self.observer is not None:
            self.observer.leg_answered(self)

    def on_failed(self, session: InviteSession, response: Response) -> None:
        if self.state is not LegState.ENDED:
            self._fail(failure_of(response))

    def on_cancelled(self, session: InviteSession, request: Request) -> None:
        self.last_words = last_words(request)
        if self.last_words is not None and is_answered_elsewhere(request):
            self.ended_for = Reason.COMPLETED_ELSEWHERE
        self._leave()

    def on_acknowledged(self, session: InviteSession, request: Request) -> None:
        is_answer = self._awaits_answer and bool(request.body)
        self._awaits_answer = False
        if not is_answer or self.state is LegState.ENDED:
            return
        if not self._take_answer(request.body) and self._audio.agreed is None:
            self.ended_for = Reason.MEDIA_UNACCEPTABLE
            session.hang_up(488)
            self._leave()

    def on_offer(self, session: InviteSession, request: Request) -> None:
        if not request.body:
            self._awaits_answer = True
            session.answer_offer(self._audio.make_offer(self.media))
            return
        offer = offer_or_none(request.body)
        body = None if offer is None else self._audio.answer(offer, self.codecs(), self._ends)
        if offer is None or body is None:
            session.refuse_offer(488)
            return
        self._audio.forget_early_answer(request.from_tag)
        session.answer_offer(body)
        self._note_hold(offer.is_hold)

    def on_reoffer_answered(self, session: InviteSession, response: Response) -> None:
        self._take_answer(response.body)

    def on_reoffer_failed(self, session: InviteSession, response: Response) -> None:
        """A refused offer of ours changes nothing (RFC 3261 §14.1)."""

    def on_refer(self, session: InviteSession, transaction: ServerTransaction) -> None:
        if self.observer is None or self.state is not LegState.ANSWERED:
            transaction.respond(603)
            return
        try:
            wish = read_refer(transaction.request)
        except ValueError as error:
            transaction.respond(400, str(error))
            return
        notifier = Notifier(session, transaction)
        if self._referral is None or self._referral.is_finished:
            self._referral = notifier
        asked = TransferRequest(
            self, wish.dialled, notifier, replaces=wish.replaces, referred_by=wish.referred_by
        )
        self.observer.leg_transfer(self, asked)

    def on_request(self, session: InviteSession, transaction: ServerTransaction) -> None:
        method, observer = transaction.request.method, self.observer
        if method == "MESSAGE":
            text = receive_text(transaction, is_read=observer is not None)
            if text is not None and observer is not None:
                observer.leg_text(self, text)
        elif method == "INFO":
            transaction.respond(200)
            self._receive_key(transaction.request)
        elif method == "SUBSCRIBE":
            answer_subscribe(session, transaction, self._referral)
        else:
            transaction.respond(405, headers=(ALLOW,))

    def _receive_key(self, request: Request) -> None:
        key = key_of(request)
        if key is None or self._audio.agreed is None:
            return
        if self.has_keys_in_audio:
            self._said_keys = self._said_keys or SignalledKeys(self.media, self.session.layer.clock)
            self._said_keys.press(key)
        else:
            self.media.press(key)

    def on_ended(self, session: InviteSession, cause: EndCause, request: Request | None) -> None:
        self.ended_for = ENDED_FOR.get(cause, Reason.PEER_LOST)
        self.last_words = None if request is None else last_words(request)
        self._leave()

    # -- offers and answers ------------------------------------------------------------------------

    def follow(self, flows: Sequence[Flow]) -> None:
        """Its phone registered from elsewhere, and its audio may come from there, too."""
        self.session.follow(flows)
        if self._audio.agreed is not None:
            self._audio.follow(self._ends)

    @property
    def _ends(self) -> Ends:
        return Ends(self.media, self.session.flow.remote.host)

    def _offer_early(self) -> bytes:
        """Our offer before the answer, to a caller who acknowledges it with its own."""
        self._awaits_answer = True
        return self._audio.make_offer(self.media)

    def _ask_early(self) -> bool:
        """Audio before the answer for a caller who offered nothing: its PRACK brings the answer."""
        if reliability(self.session.request) is None:
            return False
        if not self._audio.local_sdp:
            self.state = LegState.RINGING
            self.session.provisional(183, body=self._offer_early())
        return True

    def _answer_initial_offer(self, prefer: tuple[str, ...]) -> bool:
        offer = self._initial_offer
        if offer is None:
            return False
        order = (*prefer, *(c for c in self.codecs() if c not in prefer))
        if self._audio.answer(offer, order, self._ends) is None:
            return False
        self.is_holding = offer.is_hold
        return True

    def _take_answer(self, body: bytes) -> bool:
        """The peer's answer to an offer of ours; in a call it holds with it, or resumes."""
        is_taken = self._audio.take_answer(body, self._ends)
        if is_taken and self.state is LegState.ANSWERED:
            self._note_hold(self._audio.is_held)
        return is_taken

    # -- ends ----------------------------------------------------------------------------------

    def _note_hold(self, held: bool) -> None:
        is_news, self.is_holding = held != self.is_holding, held
        self._watch_silence()
        if is_news and self.observer is not None:
            self.observer.leg_hold(self, held)

    def _watch_silence(self) -> None:
        """A party that holds, or only listens, need not send more than reports (RFC 3264 §5.1)."""
        is_quiet = self.is_holding or self._audio.is_mute
        limit_s = MEDIA_TIMEOUT_HOLD_S if is_quiet else MEDIA_TIMEOUT_S
        if limit_s != self._silence_s and self.state is LegState.ANSWERED:
            self._silence_s = limit_s
            self.media.watch_silence(limit_s)

    def _on_media_lost(self, reason: Reason) -> None:
        """A phone that vanished without a BYE, or cannot be understood: its leg ends, nobody is
        left alone with it."""
        if self.state is LegState.ANSWERED:
            self.ended_for = reason
            self.session.bye()
            self._leave()

    def _fail(self, failure: Failure) -> None:
        self.mark_ended()
        if self.observer is not None:
            self.observer.leg_failed(self, failure)

    def _leave(self) -> None:
        if self.state is not LegState.ENDED:
            self.mark_ended()
            if self.observer is not None:
                self.observer.leg_ended(self)
