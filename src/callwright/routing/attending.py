"""What attendants of calls and of `explain` share beside their sessions."""

from datetime import datetime

from callwright.domains.attendants.model import Announce, AutoAttendant, Broken, Menu, Operator
from callwright.domains.attendants.turns import Outcome
from callwright.domains.directory.model import User
from callwright.domains.numbers.model import ResourceAccount
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.attendants import ATTENDANT_CHAIN_MAX
from callwright.kernel.target import Target, ToAttendant, ToQueue
from callwright.routing.answering import decide_call
from callwright.routing.request import (
    Destination,
    JoinQueue,
    PlaceOutbound,
    Refuse,
    RingUser,
    StartAttendant,
)
from callwright.routing.rights import Allowance, may_serve_callers
from callwright.routing.snapshot import Snapshot
from callwright.routing.wording import prompt_text, target_text

_REACHED = frozenset({480, 486, 487, 600, 603})


def with_priority(target: Target, priority: int) -> Target:
    """A call that came with a priority takes it along, unless the target says another one."""
    match target:
        case ToQueue(queue=queue, own_priority=None):
            return ToQueue(queue, priority)
        case ToAttendant(attendant=attendant, own_priority=None):
            return ToAttendant(attendant, priority)
        case _:
            return target


def may_take(
    snapshot: Snapshot, destination: Destination, outcome: Outcome, now: datetime
) -> Allowance:
    """Whether the place itself takes the call that an attendant sends there, as its configuration
    is and as far as can be known before it is tried: it may be gone, or not to be called (row 166).
    """
    match destination:
        case Refuse(reason=reason):
            return Allowance(reason, reason.text)
        case RingUser() as ring:
            plan = decide_call(snapshot, ring).value
            if isinstance(plan, Refuse):
                return Allowance(plan.reason, plan.reason.text)
            if outcome is not Outcome.FOUND:
                return may_serve_callers(snapshot, snapshot.users[ring.user], now)
    return Allowance(None, "nothing is known that bars it")


def is_chain_too_long(destination: Destination, passed: int) -> bool:
    """Whether one more attendant or queue is one too many after so many (row 186)."""
    is_app = isinstance(destination, StartAttendant | JoinQueue)
    return is_app and passed >= ATTENDANT_CHAIN_MAX


def may_fail_over(destination: Destination) -> bool:
    """Whether the attendant stays responsible until somebody took the call: queues and other
    attendants have operators and exceptions of their own."""
    return isinstance(destination, RingUser | PlaceOutbound)


def stands_in(status: int) -> bool:
    """Whether the operator stands in for a target that refused with this SIP status; whoever is
    busy, does not answer or declines was reached (SPEC 6.7)."""
    return status not in _REACHED


def ringing_delegates(
    snapshot: Snapshot, account: ResourceAccount, caller: UserId | None, now: datetime
) -> Decision[tuple[UserId, ...]]:
    """Those of the account's delegates who ring for ``caller`` now (SPEC 6.12), and why others do
    not."""
    rung: list[UserId] = []
    steps: list[Step] = []
    for delegate in account.delegates:
        user = snapshot.users.get(delegate)
        bar = None if user is None else _delegate_bar(snapshot, user, caller, now)
        if bar is not None:
            steps.append(Step(f"{delegate} is not rung", bar))
        elif user is not None:
            rung.append(delegate)
    return Decision(tuple(rung), tuple(steps))


def _delegate_bar(
    snapshot: Snapshot, user: User, caller: UserId | None, now: datetime
) -> str | None:
    if user.id == caller:
        return "who calls is not rung"
    allowance = may_serve_callers(snapshot, user, now)
    if not allowance.is_given:
        return allowance.because
    return "do not disturb" if user.answering.do_not_disturb else None


def delegate_of(account: ResourceAccount) -> str:
    """Why a delegate rings."""
    return f"a delegate of {account.id}, for {account.delegates_ring_s} s"


def menu_steps(attendant: AutoAttendant, menu: Menu) -> tuple[Step, ...]:
    """What each key is for, in the file's order."""
    because = f"menu of {attendant.id}"
    steps = [Step(f"key {key}: {_meaning(attendant, menu, key)}", because) for key in menu.keys]
    if menu.search is not None:
        steps.append(Step(f"the directory is searched {menu.search.value}", because))
    return tuple(steps)


def _meaning(attendant: AutoAttendant, menu: Menu, key: str) -> str:
    match menu.keys[key]:
        case Announce(prompt=prompt):
            return f"{prompt_text(prompt)} is heard, then the menu again"
        case Operator() | Broken() if attendant.operator is None:
            return "nothing, for there is no operator"
        case Operator() | Broken():
            assert attendant.operator is not None, "the case above"
            return f"the operator, {target_text(attendant.operator)}"
        case target:
            return target_text(target)
