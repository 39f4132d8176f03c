"""What the record will say of a caller's stay in an attendant, in the words of SPEC 10.1."""

from dataclasses import dataclass
from datetime import datetime

from callwright.calls.visits import (
    AttendantFlow,
    AttendantResult,
    AttendantVisit,
    SearchMethod,
    TransferAction,
)
from callwright.domains.attendants.session import Session
from callwright.domains.attendants.turns import Leave, Outcome, Place
from callwright.kernel.ids import AutoAttendantId, ResourceAccountId, UserId
from callwright.kernel.target import (
    Disconnect,
    Target,
    ToAttendant,
    ToExternal,
    ToGroup,
    ToQueue,
    ToUser,
    ToVoicemail,
)
from callwright.routing.wording import recorded_target

_RESULTS = {
    Outcome.OPERATOR: AttendantResult.TRANSFERRED_TO_OPERATOR,
    Outcome.FAILOVER: AttendantResult.FAILOVER_TO_OPERATOR,
    Outcome.NO_OPERATOR: AttendantResult.TERMINATED_NO_OPERATOR,
    Outcome.TRANSFER_FAILED: AttendantResult.TERMINATED_TRANSFER_FAILED,
    Outcome.TOO_LONG: AttendantResult.SESSION_TOO_LONG,
}
_FLOWS = {
    Place.GREETING: AttendantFlow.AUTOMATIC_MENU,
    Place.ANNOUNCEMENT: AttendantFlow.ANNOUNCEMENT,
    Place.SEARCH: AttendantFlow.SEARCH,
    Place.SELECTION: AttendantFlow.SELECTION,
    Place.CONFIRMATION: AttendantFlow.SPEECH_CONFIRMATION,
    Place.TRANSFER: AttendantFlow.TRANSFER,
    Place.END: AttendantFlow.TERMINATION,
}


@dataclass(slots=True)
class VisitNotes:
    """Filled in as the visit goes on; ``visit`` tells it as a value at the end."""

    attendant: AutoAttendantId
    account: ResourceAccountId | None
    started_at: datetime
    chain_index: int
    result: AttendantResult = AttendantResult.UNKNOWN
    flow: AttendantFlow = AttendantFlow.AUTOMATIC_MENU
    session: Session | None = None
    transfer: TransferAction | None = None
    target: Target | None = None
    ended_at: datetime | None = None

    def doing(self, place: Place) -> None:
        """The caller is there, and may hang up."""
        is_first = self.chain_index == 1
        menu = AttendantFlow.FIRST_LEVEL_MENU if is_first else AttendantFlow.MAIN_MENU
        self.flow = _FLOWS.get(place, menu)
        self.ended_at = None
        self.target = self.transfer = None

    def leaves(self, leave: Leave, caller: UserId | None, now: datetime) -> None:
        self.ended_at = now
        self.target = leave.target
        self.transfer = None if leave.target is None else _action(leave.target)
        self.result = _RESULTS.get(leave.outcome) or _chosen(leave, caller)
        if leave.target is None:
            self.flow = AttendantFlow.TERMINATION
        elif leave.outcome is Outcome.AUTOMATIC:
            self.flow = AttendantFlow.AUTOMATIC_MENU
        else:
            self.flow = AttendantFlow.TRANSFER

    def is_received(self, user: UserId | None, now: datetime) -> None:
        """Somebody who is rung before the attendant took the call (SPEC 6.12)."""
        self.ended_at, self.flow = now, AttendantFlow.TRANSFER
        self.result = AttendantResult.TRANSFERRED_TO_RECEPTIONIST
        self.target = None if user is None else ToUser(user)
        self.transfer = TransferAction.USER

    def ends(self, result: AttendantResult) -> None:
        """Nobody decided it: the caller left, the chain is too long, there is no audio."""
        if self.ended_at is None:
            self.result = result

    def visit(self, now: datetime) -> AttendantVisit:
        by_voice = None if self.session is None else self.session.searched_by_voice
        return AttendantVisit(
            attendant=self.attendant,
            account=self.account,
            started_at=self.started_at,
            ended_at=self.ended_at or now,
            result=self.result,
            flow=self.flow,
            actions=0 if self.session is None else self.session.actions,
            chain_index=self.chain_index,
            search=_method(by_voice),
            transfer=self.transfer,
            target=None if self.target is None else recorded_target(self.target),
        )


def _method(by_voice: bool | None) -> SearchMethod | None:
    if by_voice is None:
        return None
    return SearchMethod.VOICE if by_voice else SearchMethod.KEYS


def _chosen(leave: Leave, caller: UserId | None) -> AttendantResult:
    match leave.target:
        case None if leave.outcome is Outcome.AUTOMATIC:
            return AttendantResult.TERMINATED_AUTOMATIC_SELECTION
        case None | Disconnect():
            return AttendantResult.SERVICE_TERMINATED
        case ToUser(user=user) if user == caller:
            return AttendantResult.TRANSFERRED_TO_SELF
        case ToUser() | ToGroup():
            return AttendantResult.TRANSFERRED_TO_USER
        case ToQueue():
            return AttendantResult.TRANSFERRED_TO_QUEUE
        case ToVoicemail():
            return AttendantResult.TRANSFERRED_TO_SHARED_VOICEMAIL
        case ToAttendant() | ToExternal():
            return AttendantResult.TRANSFER_IN_PROGRESS


def _action(target: Target) -> TransferAction:
    match target:
        case ToUser() | ToGroup():
            return TransferAction.USER
        case ToQueue():
            return TransferAction.QUEUE
        case ToAttendant():
            return TransferAction.ATTENDANT
        case ToExternal():
            return TransferAction.EXTERNAL
        case ToVoicemail():
            return TransferAction.SHARED_VOICEMAIL
        case Disconnect():
            return TransferAction.UNKNOWN
