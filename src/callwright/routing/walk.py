"""Follows one call from decision to decision, as the voice apps would; for `explain`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from callwright.domains.attendants.interpreter import advance
from callwright.domains.attendants.model import Menu
from callwright.domains.attendants.rules import decide_flow
from callwright.domains.attendants.session import Turn, begin
from callwright.domains.attendants.turns import Ask, Leave, Outcome, Refused
from callwright.domains.queues.model import CallQueue
from callwright.kernel.decision import Decision, Step
from callwright.kernel.ids import ResourceAccountId, UserId
from callwright.kernel.limits.attendants import ATTENDANT_CHAIN_MAX
from callwright.kernel.limits.calls import FORWARDS_MAX
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
from callwright.routing.people import SearchedPeople
from callwright.routing.request import (
    ActAsAgent,
    Destination,
    Gateway,
    JoinQueue,
    LeaveVoicemail,
    ListenToVoicemail,
    LiveState,
    OnBehalf,
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
from callwright.routing.route import route_target
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
        *,
        calling: str,
        user: UserId | None = None,
        caller: ScriptedCaller | None = None,
    ) -> None:
        """``user``: who calls, if a user does. ``caller``: who presses keys in menus; None: menus
        are shown, and nothing is chosen."""
        self.steps: list[Step] = []
        self.calling = calling
        self._snapshot = snapshot
        self._now = now
        self._live = live
        self._caller = caller
        self._user = user
        self._hops = 0
        self._apps_passed = 0

    def follow(self, decision: Decision[Destination], payer: OnBehalf) -> Way:
        """Adds the steps and returns the outcome; ``payer`` answers for where it goes next."""
        self.steps += decision.steps
        match decision.value:
            case RingUser() as ring:
                return self._ring(ring)
            case RingGroup(group=group):
                rung = self._snapshot.groups[group].ring
                after = self._after(rung.then, payer)
                return Way(f"rings group {group} ({rung.order.value}, {rung.for_s} s), {after}")
            case PlayAnnouncement(prompt=prompt):
                return Way(f"plays {prompt_text(prompt)} once, then the call ends")
            case StartAttendant(via=via) as start:
                return self._attend(start, self._through(payer, via))
            case JoinQueue(queue=queue, via=via):
                return self._queue(self._snapshot.queues[queue], self._through(payer, via))
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

    def _send_to(self, target: Target, payer: OnBehalf) -> Way:
        self._hops += 1
        if self._hops > FORWARDS_MAX:
            self._note(f"the call is refused: {Reason.LOOP.code}", Reason.LOOP.text)
            return refusal(Reason.LOOP)
        decision = route_target(self._snapshot, target, payer, now=self._now, live=self._live)
        return self.follow(decision, payer)

    def _ring(self, ring: RingUser) -> Way:
        decision = decide_call(self._snapshot, ring)
        self.steps += decision.steps
        match decision.value:
            case Forward(target=target, by=by):
                return self._send_to(target, OnBehalf(by, None, self.calling))
            case Ring(user=rung, for_s=for_s, then=then, otherwise=reason):
                after = self._after(then, OnBehalf(rung, None, self.calling), reason)
                return Way(f"rings {rung} ({for_s:g} s), then {after}")
            case Silence(user=undisturbed, then=then, otherwise=reason):
                after = self._after(then, OnBehalf(undisturbed, None, self.calling), reason)
                return Way(f"rings nobody, {after}")
            case Refuse(reason=reason):
                return refusal(reason)

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
                return self._send_to(then, payer).text

    def _attend(self, start: StartAttendant, payer: OnBehalf) -> Way:
        attendant = self._snapshot.attendants[start.attendant]
        account = None if start.via is None else self._snapshot.resource_accounts.get(start.via)
        if not self._enters():
            return refusal(Reason.LOOP)
        if account is not None:
            rung = ringing_delegates(self._snapshot, account, self._user, self._now)
            self.steps += rung.steps
            for delegate in rung.value:
                self._note(f"{delegate} rings", delegate_of(account))
        decision = decide_flow(attendant, self._now)
        flow, barred = offered(self._snapshot, decision.value, self._now)
        self.steps += (*decision.steps, *barred)
        people = SearchedPeople(self._snapshot, attendant)
        turn = begin(attendant, flow, people)
        heard = f"attendant {attendant.id}"
        if flow.greeting is not None:
            heard += f" plays {prompt_text(flow.greeting)}"
        if isinstance(flow.then, Menu) and self._caller is None:
            if flow.greeting is not None:
                self._hears(flow.greeting, "greeting of this flow")
            self.steps += menu_steps(attendant, flow.then)
            return Way(f"{heard}, then offers a menu")
        way = self._run(turn, start.priority, payer)
        return Way(f"{heard}, then {way.text}")  # it answered, however that ends

    def _run(self, turn: Turn, priority: int, payer: OnBehalf) -> Way:
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
                    way = self._leave_for(with_priority(target, priority), outcome, payer)
                    if isinstance(way, Way):
                        return way
                    turn = advance(turn.session, way)
                case Leave():
                    return Way("the call ends")

    def _leave_for(self, target: Target, outcome: Outcome, payer: OnBehalf) -> Way | Refused:
        decision = route_target(self._snapshot, target, payer, now=self._now, live=self._live)
        self._hops += 1
        is_too_long = is_chain_too_long(decision.value, self._apps_passed)
        if self._hops > FORWARDS_MAX or is_too_long:
            self._note("the caller is sent no further", "the chain of attendants is too long")
            return refusal(Reason.LOOP)
        allowance = may_take(self._snapshot, decision.value, outcome, self._now)
        if allowance.reason is not None:
            self.steps += decision.steps
            return Refused(f"{allowance.because} ({allowance.reason.code})")
        way = self.follow(decision, payer)
        if way.refused is None or not may_fail_over(decision.value):
            return way
        status = way.refused.sip_status
        return Refused(f"it was refused with {status}") if stands_in(status) else way

    def _enters(self) -> bool:
        """One more attendant or queue; False when the chain is too long (row 186)."""
        self._apps_passed += 1
        return self._apps_passed <= ATTENDANT_CHAIN_MAX

    def _hears(self, prompt: Prompt, because: str) -> None:
        self._note(f"the caller hears {prompt_text(prompt)}", because)

    def _queue(self, written: CallQueue, payer: OnBehalf) -> Way:
        if not self._enters():
            return refusal(Reason.LOOP)
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
        return Way(f"{waits}, after {queue.timeout_s} s {after}")

    def _through(self, payer: OnBehalf, via: ResourceAccountId | None) -> OnBehalf:
        """The first resource account of the way pays for what leaves (SPEC 4.3)."""
        is_first = payer.resource_account is None
        return OnBehalf(None, via, self.calling) if via is not None and is_first else payer

    def _note(self, what: str, because: str) -> None:
        self.steps.append(Step(what, because))


def _chain(gateways: Iterable[Gateway]) -> str:
    return ", then ".join(gateway.sbc for gateway in gateways)
