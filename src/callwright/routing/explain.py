"""What would happen to a call and why, by the very functions that real calls run."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from callwright.domains.attendants.model import Announce, AutoAttendant, Menu, Operator
from callwright.domains.attendants.rules import decide_flow
from callwright.domains.directory.rules import find_user
from callwright.domains.queues.model import CallQueue
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.limits import FORWARDS_MAX
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect, Target, ToVoicemail
from callwright.routing.answering import (
    Forward,
    Ring,
    Silence,
    decide_call,
)
from callwright.routing.identify import caller_address
from callwright.routing.normalise import (
    apply_dial_plan,
    is_diallable,
    to_e164,
    without_separators,
)
from callwright.routing.policies import dial_plan
from callwright.routing.request import (
    CallRequest,
    Destination,
    FromSbc,
    FromUser,
    Gateway,
    JoinQueue,
    LeaveVoicemail,
    LiveState,
    OnBehalf,
    Origin,
    PlaceEmergency,
    PlaceOutbound,
    PlayAnnouncement,
    Refuse,
    RingUser,
    StartAttendant,
    Supervise,
)
from callwright.routing.rights import offered, staffed
from callwright.routing.route import route_call, route_target
from callwright.routing.snapshot import Snapshot
from callwright.routing.trail import Trail
from callwright.routing.wording import onward_text, prompt_text, target_text

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
    snapshot: Snapshot, *, caller: str, dialled: str, at: datetime, live: LiveState | None = None
) -> Explanation:
    """Follows a call from ``caller`` (name, extension or number) that dials ``dialled`` at ``at``.

    A naive ``at`` is wall time in the organisation's zone. Without a known balance the wallet is
    taken to hold the opening balance.
    """
    now = (at if at.tzinfo is not None else at.replace(tzinfo=snapshot.zone)).astimezone(UTC)
    live = live or LiveState()
    trail = Trail()
    origin = _identify(snapshot, caller, trail)
    if origin is None:
        refusal = trail.refuse(Reason.SOURCE_UNKNOWN, f"nobody here is known as {caller}")
        return Explanation(refusal.steps, _refusal_text(Reason.SOURCE_UNKNOWN))
    if snapshot.credits is not None and live.available is None:
        live = replace(live, available=snapshot.credits.opening_balance)
    walk = _Walk(snapshot, now, live, calling=caller_address(snapshot, origin))
    walk.steps += trail.decide(origin).steps
    first = route_call(snapshot, CallRequest(origin, dialled), now=now, live=live)
    user = origin.user if isinstance(origin, FromUser) else None
    outcome = walk.follow(first, OnBehalf(user, None, walk.calling))
    return Explanation(tuple(walk.steps), outcome)


def _identify(snapshot: Snapshot, caller: str, trail: Trail) -> Origin | None:
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


class _Walk:
    """Follows one call from decision to decision, as the voice apps would."""

    def __init__(self, snapshot: Snapshot, now: datetime, live: LiveState, *, calling: str) -> None:
        self.steps: list[Step] = []
        self.calling = calling
        self._snapshot = snapshot
        self._now = now
        self._live = live
        self._hops = 0

    def follow(self, decision: Decision[Destination], payer: OnBehalf) -> str:
        """Adds the steps and returns the outcome; ``payer`` answers for where it goes next."""
        self.steps += decision.steps
        match decision.value:
            case RingUser() as ring:
                return self._ring(ring)
            case PlayAnnouncement(prompt=prompt):
                return f"plays {prompt_text(prompt)} once, then the call ends"
            case StartAttendant(attendant=attendant, via=via):
                payer = self._through(payer, via)
                return self._attend(self._snapshot.attendants[attendant], payer)
            case JoinQueue(queue=queue, via=via):
                return self._queue(self._snapshot.queues[queue], self._through(payer, via))
            case LeaveVoicemail(mailbox=mailbox):
                return f"voicemail of {mailbox}"
            case Supervise(agent=agent):
                return f"joins a call of {agent}, as the supervisor's policy allows it then"
            case PlaceOutbound(number=number, calling=calling, gateways=gateways):
                return f"calls {number} through {_chain(gateways)}, showing {calling}"
            case PlaceEmergency(dial_string=dial_string, gateways=gateways):
                shown = gateways[0].calling
                return (
                    f"emergency call to {dial_string} through {_chain(gateways)}, showing {shown}"
                )
            case Refuse(reason=reason):
                return _refusal_text(reason)

    def _send_to(self, target: Target, payer: OnBehalf) -> str:
        self._hops += 1
        if self._hops > FORWARDS_MAX:
            self._note(f"the call is refused: {Reason.LOOP.code}", Reason.LOOP.text)
            return _refusal_text(Reason.LOOP)
        decision = route_target(self._snapshot, target, payer, now=self._now, live=self._live)
        return self.follow(decision, payer)

    def _ring(self, ring: RingUser) -> str:
        decision = decide_call(self._snapshot, ring)
        self.steps += decision.steps
        match decision.value:
            case Forward(target=target, by=by):
                return self._send_to(target, OnBehalf(by, None, self.calling))
            case Ring(user=rung, for_s=for_s, then=then, otherwise=reason):
                after = self._after(then, OnBehalf(rung, None, self.calling), reason)
                return f"rings {rung} ({for_s:g} s), then {after}"
            case Silence(user=undisturbed, then=then, otherwise=reason):
                after = self._after(then, OnBehalf(undisturbed, None, self.calling), reason)
                return f"rings nobody, {after}"
            case Refuse(reason=reason):
                return _refusal_text(reason)

    def _after(self, then: Target, payer: OnBehalf, otherwise: Reason = Reason.NOT_ANSWERED) -> str:
        """What follows when nobody answers, or a greeting is over."""
        match then:
            case Disconnect() if otherwise is Reason.CALLEE_BUSY:
                return "the caller hears busy"
            case Disconnect():
                return "the call ends"
            case ToVoicemail():
                return target_text(then)
            case _:
                return self._send_to(then, payer)

    def _attend(self, attendant: AutoAttendant, payer: OnBehalf) -> str:
        decision = decide_flow(attendant, self._now)
        flow, barred = offered(self._snapshot, decision.value, self._now)
        self.steps += (*decision.steps, *barred)
        heard = f"attendant {attendant.id}"
        if flow.greeting is not None:
            heard += f" plays {prompt_text(flow.greeting)}"
            self._note(f"the caller hears {prompt_text(flow.greeting)}", "greeting of this flow")
        if isinstance(flow.then, Menu):
            self._show_menu(attendant, flow.then)
            return f"{heard}, then offers a menu"
        then = attendant.operator if isinstance(flow.then, Operator) else flow.then
        return f"{heard}, then {self._after(then or Disconnect(), payer)}"

    def _show_menu(self, attendant: AutoAttendant, menu: Menu) -> None:
        because = f"menu of {attendant.id}"
        for key, option in menu.keys.items():
            match option:
                case Announce(prompt=prompt):
                    meaning = f"{prompt_text(prompt)} is heard, then the menu again"
                case Operator() if attendant.operator is None:
                    meaning = "nothing, for there is no operator"
                case Operator():
                    assert attendant.operator is not None
                    meaning = f"the operator, {target_text(attendant.operator)}"
                case target:
                    meaning = target_text(target)
            self._note(f"key {key}: {meaning}", because)
        if menu.directory_by_extension:
            self._note("an extension leads to its user", f"directory of the {because}")

    def _queue(self, written: CallQueue, payer: OnBehalf) -> str:
        queue, barred = staffed(self._snapshot, written, self._now)
        self.steps += barred
        agents = ", ".join(queue.agents) or "nobody"
        self._note(
            f"at most {queue.max_waiting} callers wait in queue {queue.id}",
            f"with one more, {onward_text(queue.overflow.to)}",
        )
        if queue.greeting is not None:
            self._note(f"the caller hears {prompt_text(queue.greeting)}", "greeting of the queue")
        self._note(
            f"agents {agents} ring for {queue.alert_s} s at a time",
            f"{queue.routing.value} routing",
        )
        self._note(
            f"after {queue.timeout_s} s {onward_text(queue.timeout.to)}", "the queue's limit"
        )
        after = self._after(queue.timeout.to, payer)
        waits = f"waits in queue {queue.id} for {agents} ({queue.routing.value})"
        return f"{waits}, after {queue.timeout_s} s {after}"

    def _through(self, payer: OnBehalf, via: ResourceAccountId | None) -> OnBehalf:
        """The first resource account of the way pays for what leaves (SPEC 4.3)."""
        return payer if via is None else OnBehalf(None, via, self.calling)

    def _note(self, what: str, because: str) -> None:
        self.steps.append(Step(what, because))


def _chain(gateways: Iterable[Gateway]) -> str:
    return ", then ".join(gateway.sbc for gateway in gateways)


def _refusal_text(reason: Reason) -> str:
    return f"refused: {reason.code} ({reason.sip_status})"
