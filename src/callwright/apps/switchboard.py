"""Brings a call to where routing decided, and keeps bringing it on as rules and keys ask."""

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
from callwright.apps.board import Board
from callwright.apps.call_queue import visit as queue_visit
from callwright.apps.delivery import Delivery
from callwright.apps.payment import Unpaid
from callwright.apps.voicemail import deposit, listening
from callwright.calls.call import Call
from callwright.calls.leg import Leg
from callwright.calls.metering import Meter
from callwright.domains.credits.model import Rate
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
class Switchboard(Board):
    """Knows every app by the destination that it serves."""

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

    async def converse(self, delivery: Delivery, peer: Leg, *, slip_s: float = 0.0) -> bool:
        """Lets the party talk to whoever answered, through any number of transfers. False: the
        peer left within ``slip_s``, and the party is still there."""
        delivery.reached()
        return await transfer.converse(self, delivery, peer, slip_s=slip_s)

    async def _pays_own_leg(self, delivery: Delivery, rate: Rate | None) -> bool:
        """The organisation pays for the caller's leg (toll-free); False: it cannot."""
        payment = await self.pay_for(delivery, rate)
        if isinstance(payment, Meter):
            delivery.call.pay(delivery.call.caller, payment)
        return payment is not Unpaid.REFUSED
