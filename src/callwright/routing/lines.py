"""Who is called on a number of ours, and what callers get where nobody is (SPEC 3.2, 3.7-3.10)."""

from dataclasses import dataclass
from datetime import datetime

from callwright.domains.credits.model import Rate
from callwright.domains.licences.model import SKUS_WITH, Right
from callwright.domains.numbers.model import ResourceAccount
from callwright.domains.numbers.unassigned import (
    Announcement,
    ToAccount,
    UnassignedTreatment,
    treatment_bar,
    treatments_of,
)
from callwright.kernel.decision import Decision
from callwright.kernel.e164 import LineNumber
from callwright.kernel.ids import UserId
from callwright.kernel.reason import Reason
from callwright.kernel.target import ToAttendant, ToQueue, ToUser
from callwright.kernel.value import value
from callwright.routing.request import (
    Destination,
    JoinQueue,
    PlayAnnouncement,
    RingUser,
    StartAttendant,
)
from callwright.routing.services import start_service
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail


@value
class UserLine:
    user: UserId
    is_private: bool = False


def find_holder(
    snapshot: Snapshot, line: LineNumber, trail: Trail
) -> UserLine | ResourceAccount | None:
    """Returns who has the line, or else who has its number alone (row 21); None: nobody."""
    base = line.base
    holder = _holder_at(snapshot, line)
    if holder is None and line.extension is not None:
        trail.note(f"{base} is tried", f"nobody has the extension {line.extension} of it")
        holder = _holder_at(snapshot, base)
    if holder is not None:
        return holder
    owner = snapshot.user_by_private_line.get(base)
    return None if owner is None else UserLine(owner, is_private=True)


def _holder_at(snapshot: Snapshot, address: str) -> UserLine | ResourceAccount | None:
    user = snapshot.user_by_number.get(address)
    if user is not None:
        return UserLine(user)
    account = snapshot.resource_account_by_number.get(address)
    return None if account is None else snapshot.resource_accounts[account]


@dataclass(frozen=True, slots=True)
class Trial:
    """What callers of a number would get of the treatments."""

    holder: str | None
    """Who has the number, so that no treatment applies; None: nobody."""
    covering: tuple[UnassignedTreatment, ...]
    """The one that counts first."""
    bar: str | None
    """Why none of them applies all the same."""

    @property
    def applied(self) -> UnassignedTreatment | None:
        if self.holder is not None or self.bar is not None:
            return None
        return self.covering[0] if self.covering else None


def try_unassigned(snapshot: Snapshot, line: LineNumber) -> Trial:
    """Tries a number without a call (SPEC 3.10)."""
    name: str | None = None
    match find_holder(snapshot, line, Trail()):
        case UserLine(user=user):
            name = user
        case ResourceAccount(id=account):
            name = f"resource account {account}"
    covering = treatments_of(snapshot.unassigned, line.base)
    return Trial(name, covering, _bar(snapshot, line) if covering else None)


def _bar(snapshot: Snapshot, line: LineNumber) -> str | None:
    return treatment_bar(
        snapshot.inventory.find(line.base),
        has_credits=snapshot.credits is not None,
        accounts=sum(
            not account.licences.isdisjoint(SKUS_WITH[Right.ANSWER_AS_SERVICE])
            for account in snapshot.resource_accounts.values()
        ),
    )


def find_treatment(
    snapshot: Snapshot, line: LineNumber, trail: Trail
) -> UnassignedTreatment | None:
    """Returns what covers a number that nobody has, the lowest priority first (row 33); None:
    there is no treatment of it."""
    number = line.base
    covering = treatments_of(snapshot.unassigned, number)
    if not covering:
        return None
    first = covering[0]
    bar = _bar(snapshot, line)
    if bar is not None:
        trail.note(f"treatment {first.name} is not applied", bar)
        return None
    others = ", ".join(f"{t.name} ({t.priority})" for t in covering[1:])
    because = f"{first.covered_text} covers {number}, priority {first.priority}"
    because += f", before {others}" if others else ""
    trail.note(f"treatment {first.name} applies", because)
    return first


def treat(
    snapshot: Snapshot,
    treatment: UnassignedTreatment,
    line: LineNumber,
    *,
    now: datetime,
    trail: Trail,
    rate: Rate | None = None,
) -> Decision[Destination]:
    """Brings a call to a number that nobody has where the treatment says (rows 31, 32, 35)."""
    because = f"treatment {treatment.name}"
    match treatment.action:
        case Announcement(prompt=prompt):
            trail.note("the caller hears an announcement, once", because)
            return trail.decide(PlayAnnouncement(treatment.name, prompt, rate))
        case ToAccount(account=account) if account in snapshot.resource_accounts:
            known = snapshot.resource_accounts[account]
            return start_service(snapshot, known, now=now, trail=trail, rate=rate)
        case ToUser(user=user) if user in snapshot.users:
            trail.note(f"the call goes to {user}", because)
            return trail.decide(RingUser(user, line.base, rate=rate))
        case ToQueue(queue=queue, priority=priority) if queue in snapshot.queues:
            trail.note(f"the call goes to queue {queue}", because)
            return trail.decide(JoinQueue(queue, None, rate, priority))
        case ToAttendant(attendant=attendant, priority=priority) if (
            attendant in snapshot.attendants
        ):
            trail.note(f"the call goes to attendant {attendant}", because)
            return trail.decide(StartAttendant(attendant, None, rate, priority))
        case gone:
            return trail.refuse(Reason.NUMBER_UNKNOWN, f"{gone} does not exist any longer")
