"""What comes in by SIP outside a dialog and was let in: calls, registrations, subscriptions."""

from callwright.apps.switchboard import Switchboard
from callwright.calls.call import Call, Story
from callwright.calls.leg import Party
from callwright.calls.live_calls import LiveCalls, Script
from callwright.calls.media_leg import MediaRoom
from callwright.calls.record import Direction
from callwright.calls.sip_leg import SipLeg
from callwright.kernel.clock import Clock
from callwright.kernel.plain_text import plain
from callwright.kernel.reason import Reason
from callwright.routing.identify import caller_address
from callwright.routing.request import CallRequest, FromSbc, FromUser
from callwright.routing.snapshot import Snapshot
from callwright.runtime.callers import Stranger, calling_number
from callwright.runtime.front_door import FrontDoor, dialled_of
from callwright.runtime.message_waiting import MessageWaiting
from callwright.runtime.registration import Registration
from callwright.sip.message import Request
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
        lamps: MessageWaiting,
    ) -> None:
        self._clock = clock
        self._calls = calls
        self._board = board
        self._room = room
        self._door = door
        self._registration = registration
        self._lamps = lamps

    # -- EndpointOwner ---------------------------------------------------------------------------

    def on_invite(self, session: InviteSession) -> None:
        guest = self._door.guest(session.request)
        dialled = dialled_of(guest.snapshot, session.request)
        if isinstance(guest.who, Stranger):
            self._refuse_stranger(session, dialled)
        else:
            self._start(guest.snapshot, session, CallRequest(guest.who, dialled))

    def on_request(self, transaction: ServerTransaction) -> None:
        guest = self._door.guest(transaction.request)
        if not isinstance(guest.who, FromUser):
            raise TypeError(f"{guest.who} is no user")
        if transaction.request.method == "REGISTER":
            self._registration.handle(transaction, guest.who.user)
        else:
            self._lamps.subscribe(transaction, guest.who.user)

    # -- calls -----------------------------------------------------------------------------------

    def _start(self, snapshot: Snapshot, session: InviteSession, request: CallRequest) -> None:
        party = _party(snapshot, request, session.request)
        leg = SipLeg(party, self._room, session.flow.local.host, session)
        story = Story(
            caller=party.address,
            callee=plain(request.dialled),
            direction=Direction.INBOUND if party.gateway is not None else Direction.INTERNAL,
            started_at=self._clock.utc(),
            caller_user=party.user,
            gateway=party.gateway,
        )
        self._calls.start(leg, story, lambda call: self._board.start(call, snapshot, request))

    def _refuse_stranger(self, session: InviteSession, dialled: str) -> None:
        """Rings nobody and leaves a record, so that an administrator sees who knocks."""
        party = Party(plain(calling_number(session.request)) or session.flow.remote.host)
        leg = SipLeg(party, self._room, session.flow.local.host, session)
        story = Story(
            caller=party.address,
            callee=plain(dialled),
            direction=Direction.INBOUND,
            started_at=self._clock.utc(),
        )
        self._calls.start(leg, story, _refusal(Reason.SOURCE_UNKNOWN))


def _party(snapshot: Snapshot, request: CallRequest, message: Request) -> Party:
    match request.origin:
        case FromUser(user=user):
            known = snapshot.users[user]
            return Party(caller_address(snapshot, request.origin), known.name, user=user)
        case FromSbc(sbc=sbc) as origin:
            name = plain(message.from_.display) or None
            return Party(caller_address(snapshot, origin), name, gateway=sbc)
        case other:
            raise TypeError(f"{other} is no caller on the wire")


def _refusal(reason: Reason) -> Script:
    async def refuse(call: Call) -> None:
        call.refuse(call.caller, reason)

    return refuse
