"""What comes in by SIP outside a dialog: calls, registrations, subscriptions, questions."""

from collections.abc import Callable

from callwright.apps.switchboard import Switchboard
from callwright.calls.call import Call, Story
from callwright.calls.leg import Party
from callwright.calls.live_calls import LiveCalls, Script
from callwright.calls.media_leg import MediaRoom
from callwright.calls.record import Direction
from callwright.calls.sip_leg import SipLeg
from callwright.domains.emergency.rules import is_emergency
from callwright.kernel.clock import Clock
from callwright.kernel.reason import Reason
from callwright.routing.identify import caller_address
from callwright.routing.normalise import without_separators
from callwright.routing.request import CallRequest, FromSbc, FromUser
from callwright.routing.snapshot import Snapshot
from callwright.runtime.callers import Callers, Challenge, Stranger, calling_number
from callwright.runtime.message_waiting import MESSAGE_SUMMARY, MessageWaiting
from callwright.runtime.registration import Registration
from callwright.sip.message import Request
from callwright.sip.session.session import InviteSession
from callwright.sip.transaction.server import ServerTransaction
from callwright.sip.uri import UriError

RETRY_AFTER_S = "5"
ACCEPT = ("Accept", "application/sdp")
ALLOW = (
    "Allow",
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, REFER, UPDATE, INFO",
)


class FrontDesk:
    """Receives (``EndpointOwner``): finds out who calls and starts the call."""

    def __init__(
        self,
        clock: Clock,
        calls: LiveCalls,
        board: Switchboard,
        room: MediaRoom,
        callers: Callers,
        registration: Registration,
        lamps: MessageWaiting,
        *,
        snapshot: Callable[[], Snapshot | None],
    ) -> None:
        self.is_closing = False
        self._clock = clock
        self._calls = calls
        self._board = board
        self._room = room
        self._callers = callers
        self._registration = registration
        self._lamps = lamps
        self._snapshot = snapshot

    # -- EndpointOwner ---------------------------------------------------------------------------

    def on_invite(self, session: InviteSession) -> None:
        snapshot = self._snapshot()
        if snapshot is None or self.is_closing:
            self._turn_away(session, Reason.SHUTTING_DOWN)
            return
        try:
            dialled = dialled_of(session.request)
        except UriError as error:
            session.refuse(416 if "scheme" in str(error) else 400)
            return
        if self._calls.is_full and not is_emergency(
            snapshot.emergency, without_separators(dialled)
        ):
            self._turn_away(session, Reason.OVERLOADED)
            return
        match self._callers.caller(snapshot, session.request, session.flow):
            case Challenge() as challenge:
                session.refuse(401, headers=challenge.headers)
            case Stranger():
                self._refuse_stranger(snapshot, session, dialled)
            case origin:
                self._start(snapshot, session, CallRequest(origin, dialled))

    def on_request(self, transaction: ServerTransaction) -> None:
        snapshot = self._snapshot()
        method = transaction.request.method
        if snapshot is None:
            transaction.respond(503, headers=(("Retry-After", RETRY_AFTER_S),))
        elif method == "REGISTER":
            self._registration.handle(snapshot, transaction)
        elif method == "OPTIONS":
            transaction.respond(200, headers=(ALLOW, ACCEPT))
        elif method == "SUBSCRIBE":
            self._subscribe(snapshot, transaction)
        elif method in ("NOTIFY", "INFO", "UPDATE", "BYE", "PRACK"):
            transaction.respond(481)
        else:
            transaction.respond(405, headers=(ALLOW,))

    # -- calls -----------------------------------------------------------------------------------

    def _start(self, snapshot: Snapshot, session: InviteSession, request: CallRequest) -> None:
        party = _party(snapshot, request, session.request)
        leg = SipLeg(party, self._room, session.flow.local.host, session)
        story = Story(
            caller=party.address,
            callee=request.dialled,
            direction=Direction.INBOUND if party.gateway is not None else Direction.INTERNAL,
            started_at=self._clock.utc(),
            caller_user=party.user,
            gateway=party.gateway,
        )
        self._calls.start(leg, story, lambda call: self._board.start(call, snapshot, request))

    def _turn_away(self, session: InviteSession, reason: Reason) -> None:
        session.refuse(reason.sip_status, headers=(("Retry-After", RETRY_AFTER_S),))

    def _refuse_stranger(self, snapshot: Snapshot, session: InviteSession, dialled: str) -> None:
        """Rings nobody and leaves a record, so that an administrator sees who knocks."""
        party = Party(calling_number(session.request) or session.flow.remote.host)
        leg = SipLeg(party, self._room, session.flow.local.host, session)
        story = Story(
            caller=party.address,
            callee=dialled,
            direction=Direction.INBOUND,
            started_at=self._clock.utc(),
        )
        self._calls.start(leg, story, _refusal(Reason.SOURCE_UNKNOWN))

    # -- subscriptions ---------------------------------------------------------------------------

    def _subscribe(self, snapshot: Snapshot, transaction: ServerTransaction) -> None:
        event = (transaction.request.header("Event") or "").partition(";")[0].strip().lower()
        if event != MESSAGE_SUMMARY:
            transaction.respond(489, headers=(("Allow-Events", MESSAGE_SUMMARY),))
            return
        match self._callers.user(snapshot, transaction.request):
            case Challenge() as challenge:
                transaction.respond(401, headers=challenge.headers)
            case Stranger():
                transaction.respond(
                    401, headers=self._callers.challenge(snapshot, transaction.request).headers
                )
            case user:
                self._lamps.subscribe(transaction, user)


def dialled_of(request: Request) -> str:
    """The user part of the Request-URI; a URI without one names its host. Raises UriError."""
    uri = request.parsed_uri
    return uri.user or uri.host


def _party(snapshot: Snapshot, request: CallRequest, message: Request) -> Party:
    match request.origin:
        case FromUser(user=user):
            known = snapshot.users[user]
            return Party(caller_address(snapshot, request.origin), known.name, user=user)
        case FromSbc(sbc=sbc) as origin:
            name = message.from_.display or None
            return Party(caller_address(snapshot, origin), name, gateway=sbc)
        case other:
            raise TypeError(f"{other} is no caller on the wire")


def _refusal(reason: Reason) -> Script:
    async def refuse(call: Call) -> None:
        call.refuse(call.caller, reason)

    return refuse
