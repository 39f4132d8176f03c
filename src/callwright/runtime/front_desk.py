"""What comes in by SIP outside a dialog and was let in: calls, registrations, subscriptions."""

from callwright.apps.switchboard import Switchboard
from callwright.calls.call import Call
from callwright.calls.leg import Leg, Party
from callwright.calls.live_calls import LiveCalls, Script
from callwright.calls.media_leg import MediaRoom
from callwright.calls.record import Direction
from callwright.calls.sip_leg import SipLeg
from callwright.calls.story import Story
from callwright.domains.pstn.model import Sbc
from callwright.domains.pstn.rules import rewritten
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Step
from callwright.kernel.e164 import E164
from callwright.kernel.plain_text import plain
from callwright.kernel.reason import Reason
from callwright.routing.identify import caller_address
from callwright.routing.inbound import is_emergency_callback
from callwright.routing.normalise import without_separators
from callwright.routing.request import CallRequest, FromPage, FromSbc, FromUser
from callwright.routing.snapshot import Snapshot
from callwright.runtime.attestation import Attestor, Judgement, Verdict
from callwright.runtime.audio_policy import encryption_of, phone_proposals, trunk_proposals
from callwright.runtime.callers import Stranger
from callwright.runtime.events.event_desk import EventDesk
from callwright.runtime.front_door import FrontDoor, dialled_of
from callwright.runtime.introduction import (
    calling_number,
    name_conversation,
    name_from,
    of_gateway,
    of_user,
)
from callwright.runtime.presentation import show_parties
from callwright.runtime.registration import Registration
from callwright.runtime.takeover import find_replaced
from callwright.runtime.text_messages import TextMessages
from callwright.runtime.trunk_logins import TrunkKeyrings
from callwright.runtime.trunks import dialled_by_registration
from callwright.sip.gruu import Device, GruuMint
from callwright.sip.identity.numbers import number_of
from callwright.sip.message import Request
from callwright.sip.screening import Refusal
from callwright.sip.sdp import Encryption
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction


class FrontDesk:
    """Takes who was let in (``EndpointOwner``): starts the call, notes the phone."""

    def __init__(
        self,
        clock: Clock,
        calls: LiveCalls,
        board: Switchboard,
        room: MediaRoom,
        door: FrontDoor,
        registration: Registration,
        events: EventDesk,
        texts: TextMessages,
        attestor: Attestor,
        keyrings: TrunkKeyrings,
        mint: GruuMint,
    ) -> None:
        self._clock = clock
        self._calls = calls
        self._board = board
        self._room = room
        self._door = door
        self._registration = registration
        self._events = events
        self._texts = texts
        self._attestor = attestor
        self._keyrings = keyrings
        self._mint = mint

    # -- EndpointOwner ---------------------------------------------------------------------------

    def on_invite(self, session: InviteSession) -> None:
        guest = self._door.guest(session.request)
        dialled = dialled_of(guest.snapshot, session.request)
        if isinstance(guest.who, FromSbc):
            sbc = guest.snapshot.sbcs[guest.who.sbc]
            dialled = dialled_by_registration(sbc, dialled, session.request)
        device = self._mint.device(session.request.uri)
        if device is not None:
            dialled = device.aor
        replaced = find_replaced(self._board.reach, guest, session.request)
        if isinstance(replaced, Refusal):
            session.refuse(replaced.status, replaced.reason)
        elif isinstance(guest.who, Stranger):
            self._refuse_stranger(session, dialled)
        else:
            request = CallRequest(guest.who, dialled)
            self._start(guest.snapshot, session, request, replaced, device)

    def on_request(self, transaction: ServerTransaction) -> None:
        guest = self._door.guest(transaction.request)
        if not isinstance(guest.who, FromUser):
            raise TypeError(f"{guest.who} is no user")
        if transaction.request.method == "REGISTER":
            self._registration.handle(transaction, guest.who.user)
        elif transaction.request.method == "MESSAGE":
            self._texts.handle(transaction, guest.snapshot, guest.who.user)
        else:
            self._events.handle(transaction, guest.snapshot, guest.who.user)

    # -- calls -----------------------------------------------------------------------------------

    def _start(
        self,
        snapshot: Snapshot,
        session: InviteSession,
        request: CallRequest,
        replaced: Leg | None,
        device: Device | None,
    ) -> None:
        judgement = self._judged(snapshot, session.request, request)
        party = _party(snapshot, request, session.request, judgement)
        leg = SipLeg(party, self._room, session.flow, session)
        leg.names = name_conversation(session)
        if party.gateway is not None:
            sbc = snapshot.sbcs[party.gateway]
            session.keyring = self._keyrings.of(sbc)
            leg.demand(self._encryption_of(snapshot, request, sbc))
            leg.propose(trunk_proposals(sbc)[0])
        else:
            leg.propose(phone_proposals(session.flow.transport)[0])
        if party.user is not None:
            session.phone = self._registration.phone_on(party.user, session.flow)
            show_parties(leg, snapshot, party.user)
        story = Story(
            caller=party.address,
            callee=plain(request.dialled),
            direction=Direction.INBOUND if party.is_from_outside else Direction.INTERNAL,
            started_at=self._clock.utc(),
            caller_user=party.user,
            gateway=party.gateway,
            device=device,
        )
        if judgement is not None:
            story.steps.append(
                Step(f"the calling number: {judgement.verdict.value}", judgement.because)
            )
            if _is_refused(snapshot, judgement):
                refusal = _refusal(Reason.CALLER_UNVERIFIED, judgement.status)
                self._calls.start(leg, story, refusal)
                return
        if party.introduction.is_private:
            story.steps.append(Step("the called party is not told who calls", "the caller asked"))
        objection = leg.objection()
        if objection is not None:
            self._calls.start(leg, story, _refusal(objection))
            return
        if replaced is not None:
            self._calls.start(
                leg, story, lambda call: self._board.take_over(call, snapshot, replaced)
            )
            return
        self._calls.start(leg, story, lambda call: self._board.start(call, snapshot, request))

    def _encryption_of(self, snapshot: Snapshot, request: CallRequest, sbc: Sbc) -> Encryption:
        """An emergency centre that calls back is heard in whichever way it comes."""
        encryption = encryption_of(sbc)
        if encryption is Encryption.OPTIONAL or not isinstance(request.origin, FromSbc):
            return encryption
        is_callback = is_emergency_callback(
            snapshot, request.origin, request.dialled, self._board.live()
        )
        return encryption_of(sbc, is_emergency=is_callback)

    def _judged(
        self, snapshot: Snapshot, message: Request, request: CallRequest
    ) -> Judgement | None:
        """What the signature of a call from outside is worth; None: nobody wants to know."""
        origin = request.origin
        if snapshot.verification is None or not isinstance(origin, FromSbc):
            return None
        sbc, called = snapshot.sbcs[origin.sbc], without_separators(request.dialled)
        return self._attestor.judge(
            message,
            calling={origin.calling, caller_address(snapshot, origin)},
            called={
                called,
                rewritten(sbc.inbound_called, called),
                number_of(message.to.uri),
            },
        )

    def _refuse_stranger(self, session: InviteSession, dialled: str) -> None:
        """Rings nobody and leaves a record, so that an administrator sees who knocks."""
        party = Party(plain(calling_number(session.request)) or session.flow.remote.host)
        leg = SipLeg(party, self._room, session.flow, session)
        story = Story(
            caller=party.address,
            callee=plain(dialled),
            direction=Direction.INBOUND,
            started_at=self._clock.utc(),
        )
        self._calls.start(leg, story, _refusal(Reason.SOURCE_UNKNOWN))


def _party(
    snapshot: Snapshot, request: CallRequest, message: Request, judgement: Judgement | None
) -> Party:
    address = caller_address(snapshot, request.origin)
    match request.origin:
        case FromUser(user=user, is_private=is_private):
            introduction = of_user(message, is_private=is_private)
            name: str | None = snapshot.users[user].name
            return Party(address, name, user=user, introduction=introduction)
        case FromSbc(sbc=sbc, is_private=is_private):
            known = snapshot.sbcs[sbc]
            introduction = of_gateway(
                known,
                message,
                request.dialled,
                is_private=is_private,
                verstat=None if judgement is None else judgement.verdict.value,
            )
            name = _name_of(snapshot, address, judgement) or name_from(known, message)
            return Party(address, name, gateway=sbc, introduction=introduction)
        case FromPage(name=given):
            return Party(address, given, is_visitor=True)
        case other:
            raise TypeError(f"{other} is no caller on the wire")


def _name_of(snapshot: Snapshot, address: str, judgement: Judgement | None) -> str | None:
    """Who has the number by the directory and the contacts (row 30); a number that is proved to be
    somebody else's names nobody."""
    if judgement is not None and judgement.verdict is Verdict.FAILED:
        return None
    number = E164.parse_or_none(address)
    if number is None:
        return None
    colleague = snapshot.user_by_number.get(number)
    known = snapshot.name_by_number.get(number)
    return known if colleague is None else snapshot.users[colleague].name


def _is_refused(snapshot: Snapshot, judgement: Judgement) -> bool:
    """By policy only; without it the verdict is recorded and the call goes on."""
    verification = snapshot.verification
    if verification is None:
        return False
    if judgement.verdict is Verdict.FAILED:
        return verification.reject_failed
    return judgement.verdict is Verdict.ABSENT and verification.required


def _refusal(reason: Reason, status: int | None = None) -> Script:
    async def refuse(call: Call) -> None:
        call.refuse(call.caller, reason, status=status)

    return refuse
