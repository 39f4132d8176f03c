"""What attendants of calls and of `explain` share beside their sessions."""

from callwright.domains.attendants.model import Announce, AutoAttendant, Broken, Menu, Operator
from callwright.domains.numbers.model import ResourceAccount
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import UserId
from callwright.kernel.limits.attendants import ATTENDANT_CHAIN_MAX
from callwright.kernel.limits.queues import CALL_PRIORITY_DEFAULT
from callwright.kernel.reason import Reason
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
from callwright.routing.snapshot import Snapshot
from callwright.routing.wording import prompt_text, target_text

_REACHED = frozenset({480, 486, 487, 600, 603})


def with_priority(target: Target, priority: int) -> Target:
    """A call that came with a priority takes it along, unless the target says another one."""
    match target:
        case ToQueue(queue=queue, priority=own) if own == CALL_PRIORITY_DEFAULT:
            return ToQueue(queue, priority)
        case ToAttendant(attendant=attendant, priority=own) if own == CALL_PRIORITY_DEFAULT:
            return ToAttendant(attendant, priority)
        case _:
            return target


def barred_target(snapshot: Snapshot, decision: Decision[Destination]) -> Reason | None:
    """Why the chosen place itself does not take the call, as its configuration is: it is gone, or
    may not be called (row 166). None: it does, as far as can be known before it is tried."""
    match decision.value:
        case Refuse(reason=reason):
            return reason
        case RingUser() as ring:
            plan = decide_call(snapshot, ring).value
            if isinstance(plan, Refuse):
                return plan.reason
    return None


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
    snapshot: Snapshot, account: ResourceAccount, caller: UserId | None
) -> tuple[UserId, ...]:
    """Those of the account's delegates who may be disturbed now (SPEC 6.12); who calls is not
    rung."""
    known = (snapshot.users.get(user) for user in account.delegates)
    return tuple(
        user.id
        for user in known
        if user is not None
        and user.id != caller
        and user.is_enabled
        and not user.answering.do_not_disturb
    )


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
