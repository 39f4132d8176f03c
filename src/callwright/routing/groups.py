"""Who of a group that is a target may be rung."""

from datetime import datetime

from callwright.domains.directory.model import Group
from callwright.kernel.decision import Step
from callwright.kernel.ids import UserId
from callwright.routing.rights import may_call, may_serve_callers
from callwright.routing.snapshot import Snapshot


def nobody_answered(group: Group, rung_count: int) -> Step:
    return Step(f"nobody of {group.id} answered", f"{rung_count} of the group were rung")


def member_bar(
    snapshot: Snapshot,
    member: UserId,
    caller: UserId | None,
    now: datetime,
    *,
    is_from_outside: bool,
) -> str | None:
    """Why the member is not rung, whatever the phones do; None: nothing stands against it.

    Only for callers from outside a licence is needed (SPEC 1.3).
    """
    if member == caller:
        return "who calls is not rung"
    user = snapshot.users[member]
    right = may_serve_callers(snapshot, user, now) if is_from_outside else may_call(snapshot, user)
    return None if right.is_given else right.because
