"""The adapter between legs and SIP: the only file of call control that knows signalling.

An offer is answered for each side on its own (the media engine stands between the parties), so a
re-INVITE of one party never reaches the other: hold, resume and codec changes are local.
"""

from functools import cached_property
from itertools import count

from callwright.calls.leg import (
    Failure,
    Leg,
    LegState,
    Party,
    TransferRequest,
)
from callwright.calls.media_leg import MediaLeg, MediaRoom
from callwright.kernel.limits import HOPS_MAX, MEDIA_TIMEOUT_HOLD_S, MEDIA_TIMEOUT_S
from callwright.kernel.plain_text import plain, plain_address
from callwright.kernel.reason import Reason
from callwright.media.engine import Codec, RemoteMedia
from callwright.sip.dialog import contact_uri
from callwright.sip.dtmf_relay import key_of
from callwright.sip.message import Request, Response
from callwright.sip.sdp import (
    AgreedAudio,
    LocalAudio,
    SdpError,
    SessionDescription,
    agree,
    answer,
    format_offer,
    parse_sdp,
    says_the_same,
)
from callwright.sip.session.listener import EndCause
from callwright.sip.session.session import InviteSession, ReferNotifier
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import UriError, parse_name_addr

CODECS = tuple(codec.name for codec in Codec)
DTMF_PAYLOAD_TYPE = 101
_SESSION_IDS = count(1)

ANSWERED_ELSEWHERE = ("Reason", 'SIP;cause=200;text="Call completed elsewhere"')
"""Keeps a missed-call entry off the phones that lost (RFC 3326; SPEC 2.4; row 78)."""


ENDED_FOR = {EndCause.BYE: Reason.NORMAL, EndCause.NO_ACK: Reason.NO_ACK}
"""What the record says of an end; every other cause means that the peer is silent."""


class SipLeg(Leg):
    """A leg over one INVITE session, incoming or outgoing (``InviteListener``)."""

    def __init__(
        self, party: Party, room: MediaRoom, sdp_ip: str, session: InviteSession | None = None
    ) -> None:
        super().__init__(party, None)
        self._room = room
        self._sdp_ip = sdp_ip
        self._sdp_version = 0
        self._sdp_session_id = next(_SESSION_IDS)
        self._agreed: AgreedAudio | None = None
        self._local_sdp = b""
        self._offered = CODECS
        self._awaits_answer = False
        """An offer of ours went out in a 2xx; the answer comes with the ACK."""
        self.session: InviteSession
        if session is not None:
            self.attach(session)

    def attach(self, session: InviteSession) -> None:
        self.session = session
        session.listener = self
        hops = session.request.max_forwards if session.role == "uas" else None
        if hops is not None:
            self.hops_left = max(min(hops, HOPS_MAX) - 1, 0)

    # -- what call control asks -----------------------------------------------------------------

    def codecs(self) -> tuple[str, ...]:
        if self._agreed is not None:
            return (self._agreed.codec, *(c for c in CODECS if c != self._agreed.codec))
        offer = self._initial_offer if self.session.role == "uas" else None
        offered = () if offer is None else offer.codec_names()
        return tuple(name for name in offered if name in CODECS) or CODECS

    def first_offer(self, codecs: tuple[str, ...]) -> bytes:
        """The body of an outgoing INVITE."""
        self._offered = codecs
        return self._make_offer()

    @property
    def hears(self) -> bool:
        return self.is_answered or self._agreed is not None

    def ring(self) -> None:
        if self.state is LegState.SETTING_UP:
            self.state = LegState.RINGING
        if self.state is LegState.RINGING and self._agreed is None:
            self.session.provisional(180)

    def answer_early(self, prefer: tuple[str, ...] = ()) -> bool:
        if self._agreed is None:
            if not self.session.request.body or not self._answer_initial_offer(prefer):
                return False
            self.state = LegState.RINGING
            self.session.provisional(183, body=self._local_sdp)
        return True

    def answer(self, prefer: tuple[str, ...] = ()) -> bool:
        if self.state is LegState.ANSWERED:
            return True
        if self.state is LegState.ENDED:
            return False
        if self.session.request.body:
            if self._agreed is None and not self._answer_initial_offer(prefer):
                self.hang_up(Reason.MEDIA_UNACCEPTABLE)
                return False
        else:
            self._awaits_answer = True
            self._make_offer()
        self.state = LegState.ANSWERED
        self.media.watch_silence(MEDIA_TIMEOUT_S)
        self.session.answer(self._local_sdp)
        return True

    def hang_up(self, reason: Reason, *, status: int | None = None) -> None:
        if self.state is LegState.ENDED:
            return
        self.mark_ended()
        status = status or reason.sip_status
        if status < 400:  # a redirection of the called side is none of the caller's
            status = reason.sip_status
        self.session.hang_up(status, headers=_why(reason, status))

    def mark_ended(self) -> None:
        super().mark_ended()
        # Leg and session refer to each other: what is over goes without the garbage collector.
        self.session.listener = None

    def _open_media(self) -> MediaLeg:
        room = self._room
        media = room.open_for_emergency() if self.is_emergency else room.open()
        media.on_silence = self._on_silence
        return media

    # -- what the session tells (InviteListener) -------------------------------------------------

    def on_provisional(self, session: InviteSession, response: Response) -> None:
        if self.state is LegState.ENDED or self.observer is None:
            return
        if response.status == 100:
            self.observer.leg_trying(self)
            return
        early = bool(response.body) and self._apply_answer(response.body)
        if self.state is LegState.SETTING_UP:
            self.state = LegState.RINGING
        if early:
            self.observer.leg_early_media(self)
        else:
            self.observer.leg_ringing(self)

    def on_answered(self, session: InviteSession, response: Response) -> None:
        if self.state is LegState.ENDED:
            session.bye()
            return
        if not self._apply_answer(response.body) and self._agreed is None:
            self._fail(Failure(488, "Not Acceptable Here"))
            session.bye()
            return
        self.state = LegState.ANSWERED
        self.media.watch_silence(MEDIA_TIMEOUT_S)
        if self.observer is not None:
            self.observer.leg_answered(self)

    def on_failed(self, session: InviteSession, response: Response) -> None:
        if self.state is not LegState.ENDED:
            phrase = response.reason
            if response.status < 400:
                phrase = f"{phrase}: {plain(contact_uri(response) or 'nowhere')} was not tried"
            self._fail(Failure(response.status, phrase, is_silence=response.is_local))

    def on_cancelled(self, session: InviteSession, request: Request) -> None:
        self._leave()

    def on_acknowledged(self, session: InviteSession, request: Request) -> None:
        if self._awaits_answer and self.state is LegState.ANSWERED and request.body:
            self._apply_answer(request.body)
        self._awaits_answer = False

    def on_offer(self, session: InviteSession, request: Request) -> None:
        if not request.body:
            self._awaits_answer = True
            session.answer_offer(self._make_offer())
            return
        try:
            offer = parse_sdp(request.body)
        except SdpError:
            session.refuse_offer(488)
            return
        answered = answer(
            offer,
            self._local_audio(),
            codecs=self.codecs(),
            session_id=self._sdp_session_id,
            version=self._sdp_version + 1,
        )
        if answered is None:
            session.refuse_offer(488)
            return
        body, agreed = answered
        session.answer_offer(self._describe(body))
        self._apply(agreed)
        self._note_hold(offer.is_hold)

    def on_reoffer_answered(self, session: InviteSession, response: Response) -> None:
        self._apply_answer(response.body)

    def on_reoffer_failed(self, session: InviteSession, response: Response) -> None:
        """A refused offer of ours changes nothing (RFC 3261 §14.1)."""

    def on_refer(self, session: InviteSession, transaction: ServerTransaction) -> None:
        refer_to = transaction.request.header("Refer-To")
        try:
            target = parse_name_addr(refer_to or "").uri
        except UriError:
            transaction.respond(400, "Refer-To is missing or unreadable")
            return
        if self.observer is None or self.state is not LegState.ANSWERED:
            transaction.respond(603)
            return
        if any(name.lower() == "replaces" for name, _ in target.headers):
            transaction.respond(501, "Attended transfer is not supported")
            return
        notifier = _Notifier(session.accept_refer(transaction))
        dialled = plain_address(target.user or target.host)
        self.observer.leg_transfer(self, TransferRequest(self, dialled, notifier))

    def on_request(self, session: InviteSession, transaction: ServerTransaction) -> None:
        transaction.respond(200 if transaction.request.method == "INFO" else 405)
        key = key_of(transaction.request)
        # A phone that agreed on telephone-event sends the key there as well, or instead.
        if key is not None and self._agreed is not None and self._agreed.dtmf_payload_type is None:
            self.media.press(key)

    def on_ended(self, session: InviteSession, cause: EndCause, request: Request | None) -> None:
        self.ended_for = ENDED_FOR.get(cause, Reason.PEER_LOST)
        self._leave()

    # -- offers and answers ------------------------------------------------------------------------

    @cached_property
    def _initial_offer(self) -> SessionDescription | None:
        """What the peer's INVITE offers; None: nothing, or nothing readable."""
        try:
            return parse_sdp(self.session.request.body)
        except SdpError:
            return None

    def _answer_initial_offer(self, prefer: tuple[str, ...]) -> bool:
        offer = self._initial_offer
        if offer is None:
            return False
        order = (*prefer, *(c for c in self.codecs() if c not in prefer))
        answered = answer(
            offer,
            self._local_audio(),
            codecs=order,
            session_id=self._sdp_session_id,
            version=self._sdp_version + 1,
        )
        if answered is None:
            return False
        body, agreed = answered
        self._describe(body)
        self._apply(agreed)
        self.is_holding = offer.is_hold
        return True

    def _make_offer(self) -> bytes:
        return self._describe(
            format_offer(
                self._local_audio(),
                codecs=self._offered,
                dtmf_payload_type=DTMF_PAYLOAD_TYPE,
                session_id=self._sdp_session_id,
                version=self._sdp_version + 1,
            )
        )

    def _apply_answer(self, body: bytes) -> bool:
        try:
            agreed = agree(parse_sdp(body), codecs=self._offered)
        except SdpError:
            return False
        if agreed is None:
            return False
        self._apply(agreed)
        return True

    def _apply(self, agreed: AgreedAudio) -> None:
        if agreed == self._agreed:
            return
        self._agreed = agreed
        signalled_from = self.session.flow.remote.host
        self.media.connect(
            RemoteMedia(
                ip=agreed.ip,
                rtp_port=agreed.rtp_port,
                rtcp_port=agreed.rtcp_port,
                codec=Codec[agreed.codec],
                dtmf_payload_type=agreed.dtmf_payload_type,
                ptime_ms=agreed.ptime_ms,
                send=agreed.send,
                receive=agreed.receive,
                also_accept=signalled_from if signalled_from != agreed.ip else None,
            )
        )

    def _local_audio(self) -> LocalAudio:
        return LocalAudio(self._sdp_ip, self.media.port)

    def _describe(self, body: bytes) -> bytes:
        """Our description from now on; one that says nothing new keeps text and version."""
        if not says_the_same(body, self._local_sdp):
            self._local_sdp = body
            self._sdp_version += 1
        return self._local_sdp

    # -- ends ----------------------------------------------------------------------------------

    def _note_hold(self, held: bool) -> None:
        if held == self.is_holding:
            return
        self.is_holding = held
        self.media.watch_silence(MEDIA_TIMEOUT_HOLD_S if held else MEDIA_TIMEOUT_S)
        if self.observer is not None:
            self.observer.leg_hold(self, held)

    def _on_silence(self) -> None:
        """A phone that vanished without a BYE: its leg ends, nobody is left alone with it."""
        if self.state is LegState.ANSWERED:
            self.ended_for = Reason.MEDIA_TIMEOUT
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


def _why(reason: Reason, status: int) -> tuple[tuple[str, str], ...]:
    """The Reason header (RFC 3326); an ordinary end needs none."""
    if reason is Reason.COMPLETED_ELSEWHERE:
        return (ANSWERED_ELSEWHERE,)
    if reason in (Reason.NORMAL, Reason.CALLER_CANCELLED):
        return ()
    return (("Reason", f'SIP;cause={status};text="{reason.code}"'),)


class _Notifier:
    """Speaks to the transferor as long as it listens."""

    def __init__(self, refer: ReferNotifier) -> None:
        self._refer = refer
        self._is_finished = False

    def finish(self, status: int, phrase: str) -> None:
        if not self._is_finished:
            self._is_finished = True
            self._refer.notify(status, phrase, final=True)
