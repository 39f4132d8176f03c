"""Brings a call to where routing decided, and keeps bringing it on as rules and keys ask."""

from collections.abc import Callable
from dataclasses import dataclass

from callwright.apps import (
    agent_code,
    announcement,
    gateway,
    person,
    ring_group,
    schedule_switch,
    supervision,
    takeover,
    transfer,
)
from callwright.apps.auto_attendant import visit as attendant_visit
from callwright.apps.call_queue import visit as queue_visit
from callwright.apps.call_queue.agent_acts import AgentActs
from callwright.apps.call_queue.callback_desk import CallbackDesk
from callwright.apps.call_queue.floor import Floor
from callwright.apps.delivery import Delivery
from callwright.apps.payment import Unpaid
from callwright.apps.queue_services import RecordingStore
from callwright.apps.schedule_services import ScheduleDesk
from callwright.apps.services import Alarms, Reach
from callwright.apps.supervision import Supervisions
from callwright.apps.voicemail import deposit, listening
from callwright.apps.voicemail.services import VoicemailStore
from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.metering import Meter, Wallet, WalletUnavailable
from callwright.domains.credits.model import Rate
from callwright.kernel.clock import Clock
from callwright.kernel.decision import Decision, Step
from callwright.kernel.reason import Reason
from callwright.kernel.target import Target
from callwright.routing.request import (
    ActAsAgent,
    CallRequest,
    Destination,
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
from callwright.routing.route import FORWARDED_TOO_OFTEN, route_call, route_target
from callwright.routing.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Switchboard:
    """Holds what apps need; has no state of its own."""

    clock: Clock
    reach: Reach
    wallet: Wallet
    messages: VoicemailStore
    alarms: Alarms
    floor: Floor
    agents: AgentActs
    callbacks: CallbackDesk
    recordings: RecordingStore
    supervisions: Supervisions
    schedules: ScheduleDesk
    live: Callable[[], LiveState]

    async def start(self, call: Call, snapshot: Snapshot, request: CallRequest) -> None:
        """The script of a new call."""
        decision = route_call(snapshot, request, now=self.clock.utc(), live=self.live())
        history = call.caller.party.introduction.history
        await self.deliver(Delivery(call, call.caller, snapshot, history=history), decision)

    async def take_over(self, call: Call, snapshot: Snapshot, replaced: Leg) -> None:
        """The script of a call that takes another leg's place."""
        await takeover.take_over(self, Delivery(call, call.caller, snapshot), replaced)

    async def send_to(self, delivery: Delivery, target: Target) -> None:
        """Brings the party to a rule's or a key's target."""
        if not delivery.call.hop():
            delivery.call.note(*FORWARDED_TOO_OFTEN.steps)
            self.give_up(delivery, Reason.LOOP)
            return
        decision = route_target(
            delivery.snapshot,
            target,
            delivery.on_behalf(),
            now=self.clock.utc(),
            live=self.live(),
        )
        await self.deliver(delivery, decision)

    async def deliver(self, delivery: Delivery, decision: Decision[Destination]) -> None:
        call = delivery.call
        call.note(*decision.steps)
        match decision.value:
            case RingUser() | JoinQueue() | PlaceOutbound() if not call.caller.hops_left:
                call.note(Step("the call goes no further", "Max-Forwards is used up"))
                self.give_up(delivery, Reason.LOOP)
            case RingUser() as ring:
                if await self._pays_own_leg(delivery, ring.rate):
                    await person.ring(self, delivery, ring)
            case RingGroup() as group:
                await ring_group.ring(self, delivery, group)
            case StartAttendant() as start:
                if await self._pays_own_leg(delivery, start.rate):
                    await attendant_visit.enter(self, delivery, start)
            case JoinQueue() as join:
                if await self._pays_own_leg(delivery, join.rate):
                    await queue_visit.enter(self, delivery, join)
            case PlayAnnouncement() as heard:
                if await self._pays_own_leg(delivery, heard.rate):
                    await announcement.play(self, delivery, heard)
            case LeaveVoicemail() as wanted:
                await deposit.take_message(self, delivery, wanted)
            case ListenToVoicemail() as wanted:
                await listening.listen(self, delivery, wanted)
            case Supervise() as wanted:
                await supervision.run(self, delivery, wanted)
            case ActAsAgent() as wanted:
                await agent_code.run(self, delivery, wanted)
            case SwitchSchedule() as wanted:
                await schedule_switch.run(self, delivery, wanted)
            case PlaceOutbound() as outbound:
                await gateway.place(self, delivery, outbound)
            case PlaceEmergency() as emergency:
                await gateway.place_emergency(self, delivery, emergency)
            case Refuse(reason=reason, number=number):
                if number is not None:
                    call.story.leaves_for(number)
                self.give_up(delivery, reason)

    def give_up(self, delivery: Delivery, reason: Reason, *, status: int | None = None) -> None:
        """Ends the party's way: refused before an answer, hung up after it."""
        if delivery.fallback is None or not delivery.fallback(status or reason.sip_status):
            delivery.call.refuse(delivery.leg, reason, status=status)

    async def converse(self, delivery: Delivery, peer: Leg, *, slip_s: float = 0.0) -> bool:
        """Lets the party talk to whoever answered, through any number of transfers. False: the
        peer left within ``slip_s``, and the party is still there."""
        delivery.reached()
        return await transfer.converse(self, delivery, peer, slip_s=slip_s)

    async def pay_for(self, delivery: Delivery, rate: Rate | None) -> Meter | Unpaid:
        """Reserves the start of a paid call; gives up when the balance is too small, or cannot be
        asked: paid talk is never free."""
        if rate is None or rate.is_free:
            return Unpaid.FREE
        call = delivery.call
        meter = Meter(
            f"{call.id}/{len(call.meters)}",
            rate,
            self.wallet,
            self.clock,
            spawn=call.spawn,
            cut=lambda: call.end(Reason.CREDITS_EXHAUSTED),
        )
        call.meters.append(meter)
        try:
            if await meter.open():
                return meter
        except WalletUnavailable:
            self.give_up(delivery, Reason.CREDITS_UNAVAILABLE)
        else:
            self.give_up(delivery, Reason.CREDITS_EXHAUSTED)
        return Unpaid.REFUSED

    async def _pays_own_leg(self, delivery: Delivery, rate: Rate | None) -> bool:
        """The organisation pays for the caller's leg (toll-free); False: it cannot."""
        payment = await self.pay_for(delivery, rate)
        if isinstance(payment, Meter):
            delivery.call.pay(delivery.call.caller, payment)
        return payment is not Unpaid.REFUSED
