"""Follows one call from decision to decision, as the voice apps would; for `explain`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from callwright.domains.attendants.interpreter import advance
from callwright.domains.attendants.model import Menu
from callwright.domains.attendants.rules import decide_flow
from callwright.domains.attendants.session import Turn, begin
from callwright.domains.attendants.turns import Ask, Leave, Outcome, Refused
from callwright.domains.directory.model import Group
from callwright.domains.queues.model import CallQueue, ExceptionAction
from callwright.domains.queues.rules import Door, decide_door, waited_too_long
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import ResourceAccountId
from callwright.kernel.limits.calls import FORWARDS_MAX
from callwright.kernel.limits.queues import GROUP_RUNG_MAX
from callwright.kernel.prompt import Prompt
from callwright.kernel.reason import Reason
from callwright.kernel.target import Disconnect, Target, ToVoicemail
from callwright.routing.answering import (
    Forward,
    Ring,
    Silence,
    decide_call,
)
from callwright.routing.attending import (
    delegate_of,
    is_chain_too_long,
    may_fail_over,
    may_take,
    menu_steps,
    ringing_delegates,
    stands_in,
    with_priority,
)
from callwright.routing.groups import member_bar, nobody_answered
from callwright.routing.passage import Passage
from callwright.routing.people import SearchedPeople
from callwright.routing.queueing import door_steps, greeting_steps, waiting_steps
from callwright.routing.request import (
    ActAsAgent,
    Destination,
    Gateway,
    JoinQueue,
    LeaveVoicemail,
    ListenToVoicemail,
    LiveState,
    PlaceEmergency,
    PlaceOutbound,
    PlayAnnouncement,
    Refuse,
    RingGroup,
    RingUser,
    StartAttendant,
    Supervise,
    SwitchSchedule,
)
from callwright.routing.rights import offered, staffed
from callwright.routing.route import FORWARDED_TOO_OFTEN, route_target
from callwright.routing.scripted_caller import ScriptedCaller
from callwright.routing.snapshot import Snapshot
from callwright.routing.wording import onward_text, prompt_text, target_text


@dataclass(frozen=True, slots=True)
class Way:
    """How a call ends."""

    text: str
    """``rings bob (20 s), then voicemail of bob``."""
    refused: Reason | None = None
    """Set where nothing took the call."""


def refusal(reason: Reason) -> Way:
    return Way(f"refused: {reason.code} ({reason.sip_status})", reason)


class Walk:
    """Follows one call from decision to decision, as the voice apps would."""

    def __init__(
        self,
        snapshot: Snapshot,
        now: datetime,
        live: LiveState,
        caller: ScriptedCaller | None = None,
    ) -> None:
        """``caller``: who presses keys in menus; None: menus are shown, and nothing is chosen."""
        self.steps: list[Step] = []
        self._snapshot = snapshot
        self._now = now
        self._live = live
        self._caller = caller
        self._hops = 0

    def follow(self, decision: Decision[Destination], passage: Passage) -> Way:
        """Adds the steps and returns the outcome; ``passage`` is how far the call has come."""
        self.steps += decision.steps
        match decision.value:
            case RingUser() as ring:
                return self._ring(ring, passage)
            case RingGroup(group=group):
                return self._ring_group(self._snapshot.groups[group], passage)
            case PlayAnnouncement(prompt=prompt):
                return Way(f"plays {prompt_text(prompt)} once, then the call ends")
            case StartAttendant() as start:
                return self._attend(start, passage)
            case JoinQueue() as join:
                return self._queue(join, passage)
            case LeaveVoicemail(mailbox=mailbox):
                return Way(f"voicemail of {mailbox}")
            case ListenToVoicemail(user=user):
                return Way(f"{user} listens to the messages of {user}")
            case Supervise(agent=agent):
                return Way(f"joins a call of {agent}, as the supervisor's policy allows it then")
            case ActAsAgent(user=user, act=act, reason=reason):
                because = "" if reason is None else f" ({reason})"
                return Way(f"{user} {act.told}{because}, and hears so")
            case SwitchSchedule(code=code):
                name = self._snapshot.schedule_switches[code].schedule.name
                return Way(f"switches schedule {name}, and says how it stands then")
            case PlaceOutbound(number=number, calling=calling, gateways=gateways):
                return Way(f"calls {number} through {_chain(gateways)}, showing {calling}")
            case PlaceEmergency(dial_string=dial_string, gateways=gateways):
                shown = gateways[0].calling
                through = _chain(gateways)
                return Way(f"emergency call to {dial_string} through {through}, showing {shown}")
            case Refuse(reason=reason):
                return refusal(reason)

    def _send_to(self, target: Target, passage: Passage) -> Way:
        self._hops += 1
        if self._hops > FORWARDS_MAX:
            return self.follow(FORWARDED_TOO_OFTEN, passage)
        return self.follow(self._route(target, passage), passage)

    def _route(self, target: Target, passage: Passage) -> Decision[Destination]:
        payer = passage.on_behalf()
        return route_target(self._snapshot, target, payer, now=self._now, live=self._live)

    # -- people ----------------------------------------------------------------------------------

    def _ring(self, ring: RingUser, passage: Passage) -> Way:
        decision = decide_call(self._snapshot, ring)
        self.steps += decision.steps
        match decision.value:
            case Forward(target=target, by=by):
                return self._send_to(target, passage.forwarded_by(by))
            case Ring(user=rung, for_s=for_s, then=then, otherwise=reason):
                after = self._after(then, passage.forwarded_by(rung), reason)
                return Way(f"rings {rung} ({for_s:g} s), then {after}")
            case Silence(user=undisturbed, then=then, otherwise=reason):
                after = self._after(then, passage.forwarded_by(undisturbed), reason)
                return Way(f"rings nobody, {after}")
            case Refuse(reason=reason):
                return refusal(reason)

    def _after(
        self, then: Target, passage: Passage, otherwise: Reason = Reason.NOT_ANSWERED
    ) -> str:
        """What follows when nobody answers."""
        match then:
            case Disconnect() if otherwise is Reason.CALLEE_BUSY:
                return "the caller hears busy"
            case Disconnect():
                return "the call ends"
            case ToVoicemail():
                return target_text(then)
            case _:
                return self._send_to(then, passage).text

    def _ring_group(self, group: Group, passage: Passage) -> Way:
        """Of a group that nobody may be rung of it is known what follows."""
        if passage.through_app() is None:
            return refusal(Reason.LOOP)
        rung, ring = 0, group.ring
        for member in group.members[:GROUP_RUNG_MAX]:
            bar = member_bar(
                self._snapshot,
                member,
                passage.caller,
                self._now,
                is_from_outside=passage.caller is None,
            )
            rung += bar is None
            if bar is not None:
                self._note(f"{member} is not rung", bar)
        if rung:
            after = self._after(ring.then, passage)
            return Way(f"rings group {group.id} ({ring.order.value}, {ring.for_s} s), {after}")
        self.steps.append(nobody_answered(group, 0))
        if isinstance(ring.then, Disconnect):
            return refusal(Reason.NOT_ANSWERED)
        return self._send_to(ring.then, passage)

    # -- attendants ------------------------------------------------------------------------------

    def _attend(self, start: StartAttendant, passage: Passage) -> Way:
        attendant = self._snapshot.attendants[start.attendant]
        inside = passage.through_app(start.via)
        if inside is None:
            return refusal(Reason.LOOP)
        heard = f"{self._ring_delegates(start.via, passage)}attendant {attendant.id}"
        decision = decide_flow(attendant, self._now)
        flow, barred = offered(self._snapshot, decision.value, self._now)
        self.steps += (*decision.steps, *barred)
        if flow.greeting is not None:
            heard += f" plays {prompt_text(flow.greeting)}"
        if isinstance(flow.then, Menu) and self._caller is None:
            if flow.greeting is not None:
                self._hears(flow.greeting, "greeting of this flow")
            self.steps += menu_steps(attendant, flow.then)
            return Way(f"{heard}, then offers a menu")
        turn = begin(attendant, flow, SearchedPeople(self._snapshot, attendant))
        way = self._run(turn, start.priority, inside)
        return Way(f"{heard}, then {way.text}")  # it answered, however that ends

    def _ring_delegates(self, via: ResourceAccountId | None, passage: Passage) -> str:
        """Returns what of the outcome comes before the attendant."""
        account = None if via is None else self._snapshot.resource_accounts.get(via)
        if account is None:
            return ""
        rung = ringing_delegates(self._snapshot, account, passage.caller, self._now)
        self.steps += rung.steps
        for delegate in rung.value:
            self._note(f"{delegate} rings", delegate_of(account))
        names = ", ".join(rung.value)
        return f"rings {names} ({account.delegates_ring_s} s), then " if names else ""

    def _run(self, turn: Turn, priority: int, passage: Passage) -> Way:
        """Lets the scripted caller hear the attendant out; `apps.auto_attendant` does the same
        with a real one."""
        caller = self._caller or ScriptedCaller(())
        while True:
            self.steps += turn.steps
            match turn.effect:
                case Ask() as ask:
                    for prompt in ask.prompts:
                        self._hears(prompt, f"{ask.place.value} of {turn.session.attendant.id}")
                    turn = advance(turn.session, caller.answer(ask))
                case Leave(target=target, outcome=outcome) if target is not None:
                    way = self._leave_for(with_priority(target, priority), outcome, passage)
                    if isinstance(way, Way):
                        return way
                    turn = advance(turn.session, way)
                case Leave():
                    return Way("the call ends")

    def _leave_for(self, target: Target, outcome: Outcome, passage: Passage) -> Way | Refused:
        decision = self._route(target, passage)
        self._hops += 1
        is_too_long = is_chain_too_long(decision.value, passage.apps_passed)
        if self._hops > FORWARDS_MAX or is_too_long:
            self._note("the caller is sent no further", "the chain of attendants is too long")
            return refusal(Reason.LOOP)
        allowance = may_take(self._snapshot, decision.value, outcome, self._now)
        if allowance.reason is not None:
            self.steps += decision.steps
            return Refused(f"{allowance.because} ({allowance.reason.code})")
        way = self.follow(decision, passage)
        if way.refused is None or not may_fail_over(decision.value):
            return way
        status = way.refused.sip_status
        return Refused(f"it was refused with {status}") if stands_in(status) else way

    # -- queues ----------------------------------------------------------------------------------

    def _queue(self, join: JoinQueue, passage: Passage) -> Way:
        """Nobody is known to wait before, and agents who may take calls are taken to be there."""
        queue, barred = staffed(self._snapshot, self._snapshot.queues[join.queue], self._now)
        self.steps += barred
        inside = passage.through_app(join.via)
        if inside is None:
            return refusal(Reason.LOOP)
        self.steps += door_steps(queue)
        door = decide_door(queue, 0, is_staffed=bool(queue.agents))
        self.steps += door.steps
        match door.value:
            case Door.FULL:
                return self._send_away(queue.overflow, refusal(Reason.QUEUE_OVERFLOW), inside)
            case Door.DESERTED if queue.no_agents is not None:
                return self._send_away(queue.no_agents, refusal(Reason.QUEUE_NO_AGENTS), inside)
            case _:
                return self._wait(queue, inside)

    def _wait(self, queue: CallQueue, passage: Passage) -> Way:
        self.steps += greeting_steps(queue)
        agents = ", ".join(queue.agents) or "nobody"
        limit = f"after {queue.timeout_s} s"
        if queue.timeout_s:
            self.steps += waiting_steps(queue, passage.account, passage.calling)
        if queue.timeout_s and queue.agents:
            because = f"{queue.routing.value} routing"
            self._note(f"agents {agents} ring for {queue.alert_s} s at a time", because)
            self._note(f"{limit} {onward_text(queue.timeout.to)}", "the queue's limit")
        else:
            self.steps.append(waited_too_long(queue))
        way = self._send_away(queue.timeout, Way("the call ends"), passage)
        waits = f"waits in queue {queue.id} for {agents} ({queue.routing.value})"
        return Way(f"{waits}, {limit} {way.text}")

    def _send_away(self, action: ExceptionAction, end: Way, passage: Passage) -> Way:
        """``end``: what becomes of the caller where the queue ends the call."""
        if action.prompt is not None:
            self._hears(action.prompt, f"then {onward_text(action.to)}")
        if isinstance(action.to, Disconnect):
            return end
        return self._send_to(action.to, passage)

    def _hears(self, prompt: Prompt, because: str) -> None:
        self._note(f"the caller hears {prompt_text(prompt)}", because)

    def _note(self, what: str, because: str) -> None:
        self.steps.append(Step(what, because))


def _chain(gateways: Iterable[Gateway]) -> str:
    return ", then ".join(gateway.sbc for gateway in gateways)
