"""What would happen to a call and why, by the very functions that real calls run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from callwright.domains.directory.rules import find_user
from callwright.kernel.decision import Step
from callwright.kernel.reason import Reason
from callwright.routing.identify import caller_address
from callwright.routing.normalise import (
    apply_dial_plan,
    is_diallable,
    to_e164,
    without_separators,
)
from callwright.routing.passage import Passage
from callwright.routing.policies import dial_plan
from callwright.routing.request import (
    CallRequest,
    FromPage,
    FromSbc,
    FromUser,
    LiveState,
    Origin,
)
from callwright.routing.route import route_call
from callwright.routing.scripted_caller import Act, ScriptedCaller
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail
from callwright.routing.walk import Walk, refusal

FOREIGN_NUMBER_DIGITS_MIN = 7
"""Fewer digits that are nobody's extension are a mistake, not a caller from outside."""


@dataclass(frozen=True, slots=True)
class Explanation:
    steps: tuple[Step, ...]
    outcome: str
    """One sentence: ``rings bob (20 s), then voicemail of bob``."""

    def as_json(self) -> dict[str, object]:
        """``{"steps": [{"what", "because"}], "outcome"}``, the form of ``explain --json``."""
        steps = [{"what": step.what, "because": step.because} for step in self.steps]
        return {"steps": steps, "outcome": self.outcome}


def explain(
    snapshot: Snapshot,
    *,
    caller: str,
    dialled: str,
    at: datetime,
    live: LiveState | None = None,
    acts: Sequence[Act] | None = None,
) -> Explanation:
    """Follows a call from ``caller`` (name, extension, number or web page) that dials ``dialled``
    at ``at``.

    ``acts`` are what the caller does in menus, one act after each prompt, and silence when they
    are over; None: a menu is shown, and the outcome is that it is offered.
    A naive ``at`` is wall time in the organisation's zone. Without a known balance the wallet is
    taken to hold the opening balance.
    """
    now = (at if at.tzinfo is not None else at.replace(tzinfo=snapshot.zone)).astimezone(UTC)
    live = live or LiveState()
    trail = Trail()
    origin = _identify(snapshot, caller, trail)
    if origin is None:
        stranger = trail.refuse(Reason.SOURCE_UNKNOWN, f"nobody here is known as {caller}")
        return Explanation(stranger.steps, refusal(Reason.SOURCE_UNKNOWN).text)
    if snapshot.credits is not None and live.available is None:
        live = replace(live, available=snapshot.credits.opening_balance)
    scripted = None if acts is None else ScriptedCaller(acts)
    calling = caller_address(snapshot, origin)
    user = origin.user if isinstance(origin, FromUser) else None
    walk = Walk(snapshot, now, live, scripted)
    walk.steps += trail.decide(origin).steps
    first = route_call(snapshot, CallRequest(origin, dialled), now=now, live=live)
    way = walk.follow(first, Passage(calling, user))
    return Explanation(tuple(walk.steps), way.text)


def _identify(snapshot: Snapshot, caller: str, trail: Trail) -> Origin | None:
    if "://" in caller:
        trail.note(f"a visitor of {caller} calls", "the caller is a web page")
        return FromPage(caller)
    digits = without_separators(caller)
    for address in (caller, digits):
        user = find_user(address, users=snapshot.users, by_extension=snapshot.user_by_extension)
        if user is not None:
            trail.note(f"{user} calls", f"{address} names a user of {snapshot.name}")
            return FromUser(user)
    if not is_diallable(digits) or len(digits.removeprefix("+")) < FOREIGN_NUMBER_DIGITS_MIN:
        return None
    planned = apply_dial_plan(dial_plan(snapshot, None), digits, Trail())
    number = to_e164(snapshot.country, planned, Trail())
    owner = None if number is None else snapshot.user_by_number.get(number)
    if owner is not None:
        trail.note(f"{owner} calls", f"{number} is the user's number")
        return FromUser(owner)
    sbc = next(iter(snapshot.sbcs), None)
    if sbc is None:
        return None
    trail.note(f"{digits} calls through {sbc}", "the number is no user's; this is the first SBC")
    return FromSbc(sbc, digits)
